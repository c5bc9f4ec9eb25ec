/*
 * command - what can be asked for at the control socket, a row each.
 */
#include "daemon/control.h"

#include "daemon/reload.h"

static void
answer(void *ctx, bool ok, struct str text)
{
	control_answer(ctx, ok, text);
}

static void
run_reload(struct control_client *client, struct str rest)
{
	(void)rest;
	if (!reload_ask(answer, client))
		control_answer(
		    client, false, STR("too many wait for a reload already\n"));
}

const struct control_command control_commands[] = {
	{ "reload", run_reload },
	{ NULL, NULL },
};
