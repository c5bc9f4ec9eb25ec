/*
 * cmd_status - portreeve status: what the portreeve that runs has done.
 */
#include "tools/ask_status.h"

#include <stdlib.h>
#include <time.h>

static int
show(const struct command *self, const struct ask *ask, bool json)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct why why = { .text = "out of memory" };
	struct status status;
	bool ok =
	    arena != NULL && ask_status(ask, arena, &status, &why) == ASK_OK;

	if (ok && json)
		ok = status_print_json(&status, stdout, &why);
	else if (ok)
		status_print(&status, (int64_t)time(NULL), stdout);
	if (!ok)
		(void)fprintf(
		    stderr, "portreeve %s: %s\n", self->name, why.text);
	arena_free(arena);
	return ok ? EXIT_SUCCESS : STATUS_FAULT;
}

int
cmd_status(const struct command *self, int argc, char **argv)
{
	struct ask ask = { .file = DEFAULT_FILE };
	bool metrics = false;
	bool json = false;
	const struct cmd_option options[] = {
		ASK_OPTIONS(ask),
		{ "--metrics", 0, NULL,
		    "print the numbers as Prometheus reads them", &metrics,
		    NULL },
		{ "--json", 0, NULL, "print them as JSON", &json, NULL },
	};
	int status = options_only(
	    self, options, sizeof options / sizeof options[0], argc, argv);

	if (status >= 0)
		return status;
	if (metrics && json)
		return usage_error(self,
		    "--metrics and --json are two forms of the same; name one");
	if (metrics)
		return ask_daemon(self, &ask, "metrics", stdout);
	return show(self, &ask, json);
}
