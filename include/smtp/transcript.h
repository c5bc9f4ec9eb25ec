/*
 * transcript - an SMTP dialogue in a file: S:, C: and X: lines, # comments.
 *
 *     # spoofed sender from outside          the first comment is its name
 *     S: 220                                 the greeting; the code alone
 *     C: XCLIENT ADDR=203.0.113.9 NAME=mail.spam.example
 *     S: 220
 *     C: EHLO mail.spam.example
 *     S: 250                                 the reply's first line ...
 *     S: 250 SIZE                            ... and a later line of it
 *     C: MAIL FROM:<ceo@example.org> SIZE=1000
 *     S: 550 5.7.1 {spoof}                   text prefix, deciding rule
 *     C: QUIT
 *     S: 221
 *
 * One file is one connection.  A line begins in its first column; blank lines
 * and comments may stand anywhere.
 *
 * C: TEXT  One space after the colon is dropped, the rest is sent as it
 *     stands, so "C:" alone is an empty line.
 *
 * S: CODE[ TEXT][ {RULE}]  What the server says to the C: line before, or the
 *     greeting; every C: line outside a message has one, and so has the
 *     greeting.  CODE is compared with every line of the reply, TEXT must be
 *     how the first line goes on behind its code (case counts; whether a
 *     space or a '-' follows the code does not).  RULE is the rule that
 *     decided the reply; {} says that none did.  A rule without a label is
 *     FILE:LINE.
 *     Further S: lines are about later lines of the same reply: each must
 *     match a line behind the one that the S: line before it matched; lines
 *     between them are passed over.
 *
 * X: WHAT  Says what no client can.  Stands before the C: line that it is
 *     about (or before the greeting) and holds to the end.
 *         X: macro {NAME} [VALUE]   the MTA's macro has this value; without
 *                                   one, the MTA sends none
 *         X: now 2026-11-22T10:00   the time stands still there (time zone
 *                                   of the policy)
 *         X: tls VERSION CIPHER BITS
 *         X: refuse ADDRESS CODE [XCODE] [TEXT]   the MTA itself refuses it
 *         X: size 10M               the MTA's own limit (K, M, G)
 *
 * After S: 354 the C: lines up to "C: ." are the message.  They too are sent
 * as they stand: a line of text that begins with a dot is written with two,
 * as a client sends it.
 */
#ifndef SMTP_TRANSCRIPT_H
#define SMTP_TRANSCRIPT_H

#include "base/arena.h"
#include "base/diag.h"
#include "smtp/reply.h"

enum transcript_kind {
	LINE_CLIENT,
	LINE_SERVER,
	LINE_MACRO,
	LINE_NOW,
	LINE_TLS,
	LINE_REFUSE,
	LINE_SIZE,
};

struct transcript_line {
	struct transcript_line *next;
	enum transcript_kind kind;
	struct pos pos;
	bool in_message;   /* client: between 354 and ".": no reply to it */
	struct str text;   /* client: the line; server: what must follow the
	                    * code, may be empty; refuse: the reply; macro: its
	                    * value, none: the MTA sends none */
	unsigned code;     /* server, refuse */
	struct str rule;   /* server: none: any; empty: no rule */
	struct str name;   /* macro: its name as libmilter wants it ("i",
	                    * "{x}"); refuse: the address; tls: version */
	struct str cipher; /* tls */
	unsigned bits;     /* tls */
	int64_t num;       /* size: octets; now: minutes since 1970-01-01T00:00
	                    * of the policy's time zone */
};

struct transcript {
	struct str name; /* the first comment before any line, or the file */
	struct transcript_line *first;
	/* The first X: line, or NULL: a real MTA cannot play those. */
	const struct transcript_line *offline_only;
};

/*
 * Parses the text of `source`; lines live in `arena`, their texts in the
 * source.  False with diagnostics if a line is none of these or stands where
 * it makes no sense.
 */
bool transcript_parse(const struct source *source, struct arena *arena,
    struct diags *diags, struct transcript *transcript_r);

/*
 * What stands behind one "X:", as a line of its own; its texts are borrowed
 * from `what` or live in the arena.  False with *why if it is none.
 */
bool transcript_control(struct str what, struct arena *arena,
    struct transcript_line *line_r, struct why *why);

/*
 * Whether a reply ("250-a\n250 b", no CRLF) is what an S: line and the S:
 * lines right behind it expect; rules are not looked at.  On failure
 * *failed_r is the S: line that does not hold.
 */
bool transcript_matches(const struct transcript_line *expect, struct str reply,
    const struct transcript_line **failed_r);

#endif
