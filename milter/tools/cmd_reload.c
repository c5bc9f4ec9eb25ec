/*
 * cmd_reload - portreeve reload: has the daemon load its policy again.
 */
#include "tools/ask.h"

int
cmd_reload(const struct command *self, int argc, char **argv)
{
	struct ask ask = { .file = NULL };
	const struct cmd_option options[] = { ASK_OPTIONS(ask) };
	int status = options_only(
	    self, options, sizeof options / sizeof options[0], argc, argv);

	if (status >= 0)
		return status;
	return ask_daemon(self, &ask, "reload", stdout);
}
