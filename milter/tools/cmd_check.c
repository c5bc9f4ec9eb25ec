/*
 * cmd_check - portreeve check: loads a policy, says what is wrong with it,
 * and on request what it makes a mail server do.
 */
#include "tools/plan.h"
#include "tools/tools.h"

#include <stdio.h>
#include <stdlib.h>

int
cmd_check(const struct command *self, int argc, char **argv)
{
	const char *file = NULL;
	bool plan = false;
	const struct cmd_option options[] = {
		{ "--config", 'c', "FILE",
		    "the policy, instead of " DEFAULT_FILE, NULL, &file },
		{ "--plan", 0, NULL,
		    "tell what is negotiated with the mail server, and why",
		    &plan, NULL },
	};
	struct policy *policy;
	size_t warnings;
	int status = options_only(
	    self, options, sizeof options / sizeof options[0], argc, argv);

	if (status >= 0)
		return status;
	policy = load_policy(file, &warnings);
	if (policy == NULL)
		return STATUS_FAULT;
	(void)printf("%.*s: ok, %u rule%s, %zu warning%s\n",
	    STR_FMT(policy->file), policy->n_rules,
	    policy->n_rules == 1 ? "" : "s", warnings,
	    warnings == 1 ? "" : "s");
	status = EXIT_SUCCESS;
	if (plan) {
		(void)putchar('\n');
		if (!plan_print(policy, stdout)) {
			(void)fputs("portreeve check: no memory\n", stderr);
			status = STATUS_FAULT;
		}
	}
	policy_unref(policy);
	return status;
}
