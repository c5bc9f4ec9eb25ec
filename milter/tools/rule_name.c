/*
 * rule_name - names of rules, shortened.
 */
#include "tools/rule_name.h"

struct str
policy_directory(const struct policy *policy)
{
	size_t slash = str_rfind(policy->file, '/');

	if (slash == STR_NOWHERE)
		return STR("./");
	return str_sub(policy->file, 0, slash + 1);
}

struct str
name_from(struct str directory, struct str name)
{
	return str_starts(name, directory) ? str_from(name, directory.n) : name;
}

void
rule_put(const struct rule *rule, struct str directory, FILE *out)
{
	struct str file = name_from(directory, rule->file);

	(void)fprintf(out, "%.*s", STR_FMT(name_from(directory, rule->name)));
	/* One without a label is named so already. */
	if (str_find(rule->name, ':') == STR_NOWHERE)
		(void)fprintf(
		    out, " (%.*s:%u)", STR_FMT(file), (unsigned)rule->line);
}
