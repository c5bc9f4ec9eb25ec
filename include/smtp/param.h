/*
 * param - ESMTP parameters of MAIL and RCPT (RFC 5321 4.1.2): those of
 * RFC 1870, 2852, 3461, 4865, 4954, 6152, 6531, 6533, 6710 and 8689.
 */
#ifndef SMTP_PARAM_H
#define SMTP_PARAM_H

#include "base/arena.h"
#include "base/buf.h"

enum hold {
	HOLD_NONE,
	HOLD_FOR,   /* mail_param.hold is seconds from now */
	HOLD_UNTIL, /* seconds since 1970 UTC */
};

/* Absent strings are none; a parameter with a fault is absent. */
struct mail_param {
	bool has_size;
	uint64_t size;   /* SIZE=, octets; INT64_MAX where it is more */
	struct str body; /* "7BIT", "8BITMIME" or "BINARYMIME" */
	bool smtputf8;
	struct str ret;     /* "FULL" or "HDRS" */
	struct str envid;   /* xtext decoded */
	struct str auth;    /* xtext decoded, "<>" for none */
	int64_t by;         /* BY=, seconds; below 0: it is overdue */
	struct str by_mode; /* "R" (return) or "N" (notify); none: no BY= */
	enum hold hold_kind;
	int64_t hold; /* HOLDFOR= or HOLDUNTIL= */
	bool has_priority;
	int priority; /* MT-PRIORITY=, -9 to 9 */
	bool requiretls;
	struct str fault; /* the first, a word such as "bad-size" */
};

struct rcpt_param {
	struct str notify; /* "NEVER" or of "SUCCESS,FAILURE,DELAY", in order */
	struct str orcpt;  /* "rfc822;user@dom": type ; xtext-decoded address */
	struct str fault;
};

/* Parameters are at most this long each; longer is a fault. */
enum {
	PARAM_MAX = 1024
};

/*
 * argv: NULL-terminated "KEY" or "KEY=value" words, as libmilter hands them
 * over behind the path.  Keys without case.  Those that param.def does not
 * have are the MTA's business and pass.  Fault words, by the first word of
 * the command that has one: bad-size (malformed), repeated-size (the same
 * key again), misplaced-size (it belongs to the other command), ...; and
 * conflicting-hold (HOLDFOR and HOLDUNTIL).  A parameter with a fault is as
 * if it had not been given.
 * Decoded strings live in `arena`; the rest is borrowed from argv.
 * False only when the arena failed.
 */
bool mail_param_parse(
    const char *const *argv, struct arena *arena, struct mail_param *param_r);
bool rcpt_param_parse(
    const char *const *argv, struct arena *arena, struct rcpt_param *param_r);

/*
 * All fault words, by index: the word (a C string, for ever) and the
 * sentence that explains it; NULL behind the last.  `sentence` may be NULL.
 */
const char *param_fault(size_t i, struct buf *sentence);

/* xtext (RFC 3461 4) decoded into the arena; none if it is malformed or the
 * arena failed (tell apart with arena_failed). */
struct str xtext_decode(struct str xtext, struct arena *arena);

#endif
