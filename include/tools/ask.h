/*
 * ask - has the portreeve that runs do a command (core/control.h).
 */
#ifndef TOOLS_ASK_H
#define TOOLS_ASK_H

#include <stdio.h>

#include "tools/tools.h"

/* Options of every subcommand that asks; rows for options_parse(). */
struct ask {
	const char *file;    /* the policy that it runs with; NULL: not named */
	const char *control; /* the socket, "unix:PATH" or PATH; NULL: as the
			      * policy says */
};

#define ASK_OPTIONS(ask)                                                       \
	{ "--config", 'c', "FILE",                                             \
		"the policy that it runs with, instead of " DEFAULT_FILE,      \
		NULL, &(ask).file },                                           \
	{                                                                      \
		"--control", 0, "PATH",                                        \
		    "its control socket, instead of the one of the policy",    \
		    NULL, &(ask).control                                       \
	}

/*
 * Sends the request line (without newline) and copies the text of the answer
 * to `out`, or to standard error if it is a fault.  The exit status.
 */
int ask_daemon(const struct command *self, const struct ask *ask,
    const char *request, FILE *out);

#endif
