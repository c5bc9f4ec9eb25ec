/*
 * play - plays a transcript against a server, offline or live, and compares
 * what it says with what is expected.
 */
#ifndef TOOLS_PLAY_H
#define TOOLS_PLAY_H

#include <stdio.h>

#include "smtp/transcript.h"

/* What a server said. */
struct peer_reply {
	struct str text; /* lines apart by '\n', no CRLF; none: nothing */
	bool knows_rule; /* false: it cannot be told from here */
	struct str rule; /* the deciding rule; none: no rule */
};

/* A server to play against.  Each function is false with *why if it could
 * not be done; replies are borrowed until the next call. */
struct peer {
	bool (*greeting)(
	    void *ctx, struct peer_reply *reply_r, struct why *why);
	/* One line of the client; where `answered` is false, it is part of a
	 * message and there is no reply to wait for. */
	bool (*line)(void *ctx, struct str line, bool answered,
	    struct peer_reply *reply_r, struct why *why);
	/* X: lines. */
	bool (*control)(
	    void *ctx, const struct transcript_line *line, struct why *why);
	/* Writes what is to be shown under the reply just given (log lines),
	 * in lines that begin with '#'. */
	void (*remarks)(void *ctx, FILE *out);
	void *ctx;
};

enum {
	PLAY_TEXT_MAX = 1024
};

/* Where and why a transcript does not hold. */
struct play_failure {
	struct pos pos;
	const struct transcript_line *client; /* the C: line before, or NULL */
	const struct transcript_line *expected; /* the S: line, or NULL */
	struct peer_reply got;                  /* borrowed from the peer */
	struct why why;                         /* where expected is NULL */
};

/*
 * Plays to the end or to the first line that does not hold: then false with
 * *failure_r.  `show` (may be NULL) gets the dialogue as it happens, made
 * safe for a screen, as "C: " and "S: " lines.
 */
bool play(const struct transcript *transcript, const struct peer *peer,
    FILE *show, struct play_failure *failure_r);

/* Whether what stands in {...} is that rule's name, or FILE:LINE with its
 * directory; {} stands for no rule. */
bool play_rule_is(struct str expected, struct str rule);

/*
 * Explains a failure to a human, in lines that begin with '#' (and so are
 * diagnostics of TAP).
 */
void play_explain(const struct play_failure *failure, FILE *out);

#endif
