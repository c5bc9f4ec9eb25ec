/*
 * reply_line - a reply as it stands in a log or on a terminal, taken apart.
 *
 * What is understood, besides "550 5.7.1 text" and "550-5.7.1 first line":
 *
 *     ... status=bounced (host mx.example[203.0.113.9] said: 550 5.1.1 no
 *         (in reply to RCPT TO command))              smtp(8) of Postfix
 *     NOQUEUE: milter-reject: RCPT from a.example[203.0.113.9]: 550 5.7.1
 *         no; from=<> to=<> proto=ESMTP helo=<>       its smtpd(8)
 *     ... dsn=5.1.1, stat=..., reject=550 5.7.1 ...   Sendmail
 *     <<< 550 5.1.1 no                                a bounce, or a tool
 *     Status: 5.1.1                                   a delivery report
 *     ... reject: stage=rcpt rule=x reply="550 ..."   our decision lines
 *
 * with or without time, host and program in front.
 */
#ifndef SMTP_REPLY_LINE_H
#define SMTP_REPLY_LINE_H

#include "base/diag.h"
#include "smtp/reply.h"

enum {
	REPLY_LINE_ROOM = 4096
};

/* Texts are borrowed from the line, but for `text`; none where the line does
 * not say. */
struct reply_line {
	unsigned code;               /* 0: an enhanced code stands alone */
	char xcode[REPLY_XCODE_MAX]; /* "": none */
	struct str text; /* lines apart by '\n'; may be empty; in `room` */
	bool more;       /* it goes on: its last line has a '-' */
	bool others;     /* further lines stand behind it */

	struct str queued;  /* the id that a 250 says it keeps it under */
	struct str logged;  /* the id, or NOQUEUE, that heads a line of a log */
	struct str host;    /* who said it: "mx.example[203.0.113.9]" */
	struct str client;  /* to whom, where our own server said it */
	struct str command; /* to what: "RCPT TO" */
	struct str status;  /* sent, deferred, bounced */
	struct str sender;  /* "<anna@example.net>" */
	struct str recipient;
	struct str rule; /* ours: what decided, and at which stage */
	struct str stage;
	bool observed;      /* ours: it would have been said, and was not */
	struct str session; /* letters, digits and '-' only, as the ids above */

	char room[REPLY_LINE_ROOM]; /* a longer text is cut */
};

/* False with *why where there is neither a code nor an enhanced code. */
bool reply_line_parse(struct str s, struct reply_line *line_r, struct why *why);

#endif
