/*
 * control - serves the control socket (core/control.h), in the control
 * thread.
 *
 *     connected ─line─▶ asked ─answer─▶ answered ─all written─▶ closed
 *         └─ CONTROL_MS ─────▶ closed      └─ CONTROL_MS ─▶ closed
 *
 * Nobody can hold it up: nothing blocks, a client has CONTROL_MS to say its
 * line and as long to take what it is told, and there are CONTROL_CLIENTS at
 * most; others wait in the socket's queue.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stdbool.h>

#include "base/str.h"

enum {
	CONTROL_CLIENTS = 8,
	CONTROL_MS = 5000,
};

struct control_client;

/* One command: a row of the table in command.c. */
struct control_command {
	const char *name; /* the first word of the line */
	/* `rest` is what stands behind it, valid during the call.  Answers
	 * the client, now or later. */
	void (*run)(struct control_client *client, struct str rest);
};

/* Ends with a row without a name. */
extern const struct control_command control_commands[];

/* What the client is told.  Once for each client that a command was run for;
 * the text is copied. */
void control_answer(struct control_client *client, bool ok, struct str text);

/* Takes clients of the listening socket `fd` from now on. */
void control_serve(int fd);
/* Takes none any more, in whatever process. */
void control_stop(void);
/* Whether some client has not been told all yet. */
bool control_busy(void);
/* Sends away clients whose time is up; at every turn of the loop. */
void control_sweep(void);

#endif
