/*
 * command - what can be asked for at the control socket, a row each.
 */
#include "daemon/control.h"

#include <stdlib.h>

#include "daemon/reload.h"
#include "daemon/scrape.h"

static void
answer(void *ctx, bool ok, struct str text)
{
	control_answer(ctx, ok, text);
}

static void
run_reload(struct control_client *client, struct str rest)
{
	const char *why = reload_ask(answer, client);

	(void)rest;
	if (why != NULL)
		control_answer(client, false, str_c(why));
}

/* What a scrape would get: `status` and `top` show it. */
static void
run_metrics(struct control_client *client, struct str rest)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	(void)rest;
	if (out == NULL) {
		control_answer(client, false, STR("out of memory\n"));
		return;
	}
	scrape_print(NULL, out);
	if (fclose(out) == 0)
		control_answer(client, true, str_of(text, n));
	else
		control_answer(client, false, STR("out of memory\n"));
	free(text);
}

const struct control_command control_commands[] = {
	{ "reload", run_reload },
	{ "metrics", run_metrics },
	{ NULL, NULL },
};
