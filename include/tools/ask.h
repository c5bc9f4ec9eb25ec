/*
 * ask - has the portreeve that runs do a command (core/control.h).
 */
#ifndef TOOLS_ASK_H
#define TOOLS_ASK_H

#include <stdio.h>

#include "base/diag.h"
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

enum ask_end {
	ASK_OK,
	ASK_FAULT,  /* it was asked, and says what is wrong */
	ASK_DENIED, /* this user may not ask it */
	ASK_FAILED, /* it could not be asked */
};

/*
 * Sends the request line (without newline) and copies the text of the answer
 * to `out`.  *why is filled where it ends with ASK_DENIED or ASK_FAILED.  It
 * waits ten seconds for an answer; for that of a reload, five minutes.
 */
enum ask_end ask_text(
    const struct ask *ask, const char *request, FILE *out, struct why *why);

/*
 * The same for a subcommand: the text of a fault, and what else is wrong,
 * goes to standard error.  The exit status.
 */
int ask_daemon(const struct command *self, const struct ask *ask,
    const char *request, FILE *out);

#endif
