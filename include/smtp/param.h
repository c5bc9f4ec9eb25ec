/*
 * param - ESMTP parameters of MAIL and RCPT (RFC 5321 4.1.2, 1870, 6152,
 * 6531, 3461, 4954).
 */
#ifndef SMTP_PARAM_H
#define SMTP_PARAM_H

#include "base/arena.h"

/* Absent strings are none; a malformed or repeated parameter is absent. */
struct mail_param {
	bool has_size;
	uint64_t size;   /* SIZE=, octets */
	struct str body; /* "7BIT", "8BITMIME" or "BINARYMIME" */
	bool smtputf8;
	struct str ret;   /* "FULL" or "HDRS" */
	struct str envid; /* xtext decoded */
	struct str auth;  /* xtext decoded, "<>" for none */
	struct str fault; /* first fault, a word such as "bad-size" */
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
 * over behind the path.  Keys without case.  Unknown ones are the MTA's
 * business and pass.  Fault words: bad-size, bad-body, bad-smtputf8,
 * bad-ret, bad-envid, bad-auth, bad-notify, bad-orcpt (malformed) and
 * repeated-size, ... (the same key twice: then it is absent).
 * Decoded strings live in `arena`; the rest is borrowed from argv.
 * False only when the arena failed.
 */
bool mail_param_parse(
    const char *const *argv, struct arena *arena, struct mail_param *param_r);
bool rcpt_param_parse(
    const char *const *argv, struct arena *arena, struct rcpt_param *param_r);

/* xtext (RFC 3461 4) decoded into the arena; none if it is malformed or the
 * arena failed (tell apart with arena_failed). */
struct str xtext_decode(struct str xtext, struct arena *arena);

#endif
