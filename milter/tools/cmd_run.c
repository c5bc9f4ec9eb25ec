/*
 * cmd_run - portreeve run: the daemon, in the foreground.
 */
#include "tools/tools.h"

#include <stdlib.h>

#include "daemon/run.h"

int
cmd_run(const struct command *self, int argc, char **argv)
{
	const char *file = NULL;
	bool check = false;
	bool no_sandbox = false;
	const struct cmd_option options[] = {
		{ "--config", 'c', "FILE",
		    "the policy, instead of " DEFAULT_FILE, NULL, &file },
		{ "--check", 0, NULL,
		    "only load the policy: status 1 if it has errors", &check,
		    NULL },
		{ "--no-sandbox", 0, NULL,
		    "let the filter process do all that its user may",
		    &no_sandbox, NULL },
	};
	struct policy *policy;
	int status = options_only(
	    self, options, sizeof options / sizeof options[0], argc, argv);

	if (status >= 0)
		return status;
	policy = load_policy(file, NULL);
	if (policy == NULL)
		return STATUS_FAULT;
	if (!check)
		return daemon_run(policy, !no_sandbox);
	policy_unref(policy);
	return EXIT_SUCCESS;
}
