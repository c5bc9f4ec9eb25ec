/*
 * offline - an MTA that answers as Postfix 3.7 does, with a policy as its
 * only milter: no sockets, no queue.  Used by `test` and `try`.
 *
 * What differs from a real one, on purpose: XCLIENT is always allowed;
 * addresses and ESMTP parameters are not looked at, so that the policy sees
 * all of them; there is no TLS, no AUTH, no BDAT (CHUNKING is not offered),
 * and no delay.  Its name is mx.example.
 *
 * Like Postfix, it adds a missing Message-Id, Date and From to the mail of a
 * local client (127.0.0.1, before any XCLIENT), and drops Bcc, Content-Length,
 * Resent-Bcc and Return-Path: the policy sees the message after that.
 */
#ifndef TOOLS_OFFLINE_H
#define TOOLS_OFFLINE_H

#include "core/eval.h"
#include "core/record.h"
#include "smtp/transcript.h"

struct offline;

/* What the server says to one line of the client. */
struct offline_reply {
	struct str text;         /* "250-mx.example\n250 SIZE": no CRLF; none
				  * where the server says nothing (in DATA) */
	const struct rule *rule; /* that decided it, or NULL */
	bool closed;             /* the server hung up */
};

/*
 * `emit` (may be NULL) gets every log record; `trace` may be NULL.  Takes a
 * reference to the policy.  NULL when memory is out.
 */
struct offline *offline_new(struct policy *policy, const struct trace *trace,
    void (*emit)(void *ctx, const struct record *r), void *ctx);
void offline_free(struct offline *o);

/* X: lines; they must outlive o.  False with *why where it makes no sense
 * now. */
bool offline_control(
    struct offline *o, const struct transcript_line *line, struct why *why);
/* The greeting: call once, first. */
void offline_greeting(struct offline *o, struct offline_reply *reply_r);
/* One line of the client, without CRLF.  Borrowed until the next call. */
void offline_line(
    struct offline *o, struct str line, struct offline_reply *reply_r);

#endif
