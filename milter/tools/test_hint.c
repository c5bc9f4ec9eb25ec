/*
 * test_hint - rules that the policy does not have or that decide no reply, and
 * commands that the offline server does not know.
 */
#include "tools/test_hint.h"

#include "lang/names.h"

static const struct {
	const char *command;
	const char *hint;
} commands[] = {
	{ "STARTTLS", "offline there is no STARTTLS; the line \"X: tls TLSv1.3 "
		      "TLS_AES_256_GCM_SHA384 256\" says that the session is "
		      "encrypted" },
	{ "AUTH",
	    "offline there is no AUTH; the client has logged in as joe behind "
	    "\"C: XCLIENT LOGIN=joe\" and \"S: 220\"" },
};

static void
hint_command(struct str line, FILE *out)
{
	struct str word;

	if (!str_word(&line, &word))
		return;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eq_ci(word, str_c(commands[i].command)))
			(void)fprintf(out, "# %s\n", commands[i].hint);
}

static const struct rule *
rule_find(const struct policy *policy, struct str name, struct str *near_r)
{
	int most = NAMES_NEAR;

	for (uint32_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = policy->rules[i];

		if (play_rule_is(name, rule->name))
			return rule;
		if (name_is_near(name, rule->name, &most))
			*near_r = rule->name;
	}
	return NULL;
}

static void
hint_rule(const struct policy *policy, struct str name, FILE *out)
{
	struct str near = STR_NONE;
	const struct rule *rule = rule_find(policy, name, &near);

	if (rule == NULL && str_is_none(near))
		(void)fprintf(out, "# the policy has no rule %.*s\n",
		    STR_FMT(str_sub(name, 0, 100)));
	else if (rule == NULL)
		(void)fprintf(out,
		    "# the policy has no rule %.*s; did you mean %.*s?\n",
		    STR_FMT(str_sub(name, 0, 100)), STR_FMT(near));
	else if (rule->observe || action_is_effect(rule->action) ||
		 rule->action == ACTION_QUARANTINE)
		(void)fprintf(out,
		    "# %.*s (%s%s) decides no reply, so {%.*s} never holds; "
		    "-v shows its line of the log\n",
		    STR_FMT(rule->name), rule->observe ? "observe " : "",
		    action_name(rule->action), STR_FMT(rule->name));
}

void
test_hint(
    const struct policy *policy, const struct play_failure *failure, FILE *out)
{
	const struct transcript_line *expected = failure->expected;

	if (expected == NULL)
		return;
	if (!str_is_none(expected->rule) && expected->rule.n > 0)
		hint_rule(policy, expected->rule, out);
	if (failure->client != NULL)
		hint_command(failure->client->text, out);
}
