/*
 * cmd_try - portreeve try: plays a mail server for who types, or for a
 * dialogue in a file.
 */
#include "tools/tools.h"
#include "tools/try.h"

int
cmd_try(const struct command *self, int argc, char **argv)
{
	struct try_how how = { .file = NULL };
	const struct cmd_option options[] = {
		{ .name = "--config",
		    .letter = 'c',
		    .value = "FILE",
		    .help = "the policy, instead of " DEFAULT_FILE,
		    .text_r = &how.file },
		{ .name = "--verbose",
		    .letter = 'v',
		    .help = "show under each reply which rules were tried, "
			    "and why it fell",
		    .flag_r = &how.verbose },
		{ .name = "--transcript",
		    .help = "print what portreeve test reads, with the rules "
			    "that decided",
		    .flag_r = &how.transcript },
	};
	struct policy *policy;
	int status = options_parse(
	    self, options, sizeof options / sizeof options[0], &argc, argv);

	if (status >= 0)
		return status;
	if (argc > 1)
		return usage_error(self,
		    "\"%s\" is one word too many; a dialogue is read from "
		    "standard input: portreeve try%s%s < %s",
		    argv[1], how.file == NULL ? "" : " -c ",
		    how.file == NULL ? "" : how.file, argv[1]);
	policy = load_policy(how.file, NULL);
	if (policy == NULL)
		return STATUS_FAULT;
	return try_run(policy, &how, stdin, stdout);
}
