/*
 * offline_int - the inside of the offline MTA; for tools/offline*.c only.
 */
#ifndef TOOLS_OFFLINE_INT_H
#define TOOLS_OFFLINE_INT_H

#include "smtp/param.h"
#include "tools/offline.h"

#define OFFLINE_HOST "mx.example"

/* Postfix's defaults. */
enum {
	OFFLINE_LINE_MAX = 2048,  /* line_length_limit */
	OFFLINE_ERRORS_MAX = 20,  /* smtpd_hard_error_limit */
	OFFLINE_JUNK_MAX = 100,   /* smtpd_junk_command_limit */
	OFFLINE_RCPTS_MAX = 1000, /* smtpd_recipient_limit */
	OFFLINE_CHUNK = 65535,    /* body octets in one milter event */
	OFFLINE_REPLY_MAX = REPLY_LINES_MAX * REPLY_LINE_MAX,
};

/* Who the client is: the connection, or what XCLIENT said. */
struct offline_client {
	struct str name; /* "unknown" where there is none */
	struct str ptr;
	const char *resolve; /* OK, FAIL or TEMP */
	struct str addr;     /* "unknown" where it was taken away */
	struct ip ip;
	struct str port;  /* decimal; "0" where unknown */
	struct str login; /* none: not logged in */
	struct str daemon_addr;
	struct str daemon_port;
};

/* One line of the message, as the queue file has it. */
struct offline_text {
	struct offline_text *next;
	struct str line;
};

struct offline {
	struct policy *policy;
	const struct trace *trace;
	void (*emit)(void *ctx, const struct record *r);
	void *emit_ctx;
	struct arena *arena;   /* client values, latched replies */
	struct arena *message; /* lines of the message under way */
	struct arena *scratch; /* one line of the client */
	struct arena_mark message_mark;
	struct arena_mark scratch_mark;
	struct clock clock;
	struct env env;

	/* X: lines */
	struct transcript_control {
		struct transcript_control *next;
		const struct transcript_line *line;
	} * controls; /* the last one first */
	int64_t now;  /* minutes, where has_now */
	bool has_now;
	uint64_t size_limit; /* 0: none */

	/* connection */
	struct offline_client client;
	struct session *session;
	unsigned sessions; /* begun so far */
	/* A refusal at connect or helo: no more events, and the commands
	 * that ask for it get this reply. */
	struct str latched;
	const struct rule *latched_rule;
	unsigned errors;
	unsigned junk;
	bool closed;

	/* message */
	bool in_mail;
	bool told_mail; /* the milter has a message to abort */
	bool skip;      /* discarded: no more events for it */
	unsigned rcpts;
	struct str sender_raw; /* of this message; in `message` */
	struct str rcpt_raw;   /* of this RCPT, else the first accepted */
	struct str first_rcpt;
	bool smtputf8;
	struct str mail_auth; /* AUTH= of MAIL, decoded */
	char queue_id[16];    /* "" until the MTA has given one */
	unsigned queued;      /* ids given so far */
	bool in_data;
	struct offline_text *text;
	struct offline_text **text_end;
	uint64_t text_size;
	bool too_big;

	/* the reply under way */
	char room[OFFLINE_REPLY_MAX];
	struct buf out;
	const struct rule *rule;
	char macro[OFFLINE_LINE_MAX];
};

/* ---- offline.c ---- */

/* The MTA's own reply; o->rule stays. */
void offline_say(struct offline *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * Evaluates a stage just told to the session.  True if the policy refused:
 * its reply is said.
 */
bool offline_refused(struct offline *o, enum stage stage);
/* Says the latched reply, if there is one. */
bool offline_latched(struct offline *o);
/* A refusal at connect or helo was said: from now on it is latched. */
void offline_latch(struct offline *o);
/* Begins a connection of o->client with the milter, and greets. */
void offline_connect(struct offline *o);
/* The message under way is over, whatever became of it. */
void offline_message_end(struct offline *o);

/* ---- offline_command.c ---- */

/* One command line; false if Postfix counts it as an error. */
bool offline_command(struct offline *o, struct str line);

/* "name:", "name :" -> octets of the name; 0 if it is no header field. */
size_t offline_header_name(struct str line);

/* ---- offline_xclient.c ---- */

/* argv: the attributes; false if one is refused (said). */
bool offline_xclient(struct offline *o, size_t n, const struct str *attributes);

/* ---- offline_data.c ---- */

/* One line behind 354; says the reply when it was the last. */
void offline_data_line(struct offline *o, struct str line);

/* ---- offline_macro.c ---- */

/* struct macro_source.get: what Postfix would send. */
const char *offline_macro(void *ctx, const char *name);

#endif
