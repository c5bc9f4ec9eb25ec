/*
 * session_int - the inside of a session; for core/ only.
 */
#ifndef CORE_SESSION_INT_H
#define CORE_SESSION_INT_H

#include "core/decision.h"
#include "core/octets.h"
#include "core/session.h"
#include "smtp/param.h"

/* How long something lasts; each ends all that are greater. */
enum scope {
	SCOPE_NONE,
	SCOPE_CONNECTION,
	SCOPE_HELO,
	SCOPE_MESSAGE,
	SCOPE_EVENT,
	SCOPE_COUNT
};

/* How long what a rule of that stage leaves behind lasts. */
enum scope stage_scope(enum stage stage);

enum { QUEUE_ID_MAX = 64 };

/* A late verdict that waits for rcpt. */
struct kept {
	const struct rule *rule; /* NULL: none waits */
	enum outcome outcome;
	enum stage stage;
	struct reply reply;
	struct str reason;
};

/* Late verdicts in the order in which they speak. */
enum { KEPT_CONNECT, KEPT_HELO, KEPT_MAIL, KEPT_COUNT };

struct recipient {
	struct recipient *next;
	struct address address;
	struct rcpt_param param;
	struct str mailer; /* the MTA's, where the policy reads them */
	struct str host;
};

/* One header field whose name the policy reads. */
struct header_value {
	struct header_value *next;
	struct str raw;   /* unfolded */
	struct str value; /* its encoded words decoded */
};

struct header_slot {
	struct header_value *first;
	struct header_value *last;
	uint64_t count;
};

/* A macro fetched in this event. */
struct macro_value {
	struct macro_value *next;
	const char *name;
	struct str value; /* none: the MTA sends none */
};

struct session {
	struct policy *policy;
	struct env env;
	struct str id;
	struct arena *arena;   /* connection, helo and message, nested */
	struct arena *scratch; /* one event */
	unsigned looks;        /* enum look: what the policy asks of octets */
	struct arena_mark at_event;   /* scratch, empty */
	struct arena_mark at_helo;    /* where HELO's part begins */
	struct arena_mark at_message; /* where the message's part begins */
	bool has_helo_mark;
	bool has_message_mark;
	enum scope broken;     /* memory was out in that scope */
	enum scope silent;     /* rules do not apply to its end */

	/* connection */
	struct str client_name;
	struct ip client_ip;
	unsigned client_port;
	uint64_t messages;
	uint64_t rejects;
	uint64_t unknowns;

	/* helo */
	struct str helo_raw;
	struct str helo;
	struct ip helo_ip;
	enum fault helo_fault;

	/* message */
	bool in_message;
	struct address sender;
	struct mail_param mail;
	struct recipient *recipients;
	struct recipient **recipients_end;
	struct recipient *last_rcpt; /* the last accepted one */
	uint64_t accepted;
	uint64_t tried;
	struct header_slot *headers; /* policy->n_headers; NULL until one came */
	uint64_t headers_count;
	uint64_t headers_size;
	uint64_t body_size;
	bool body_cut; /* the rest of it does not come */
	struct octets octets;
	bool all_in;           /* the end of the message was reached */
	bool message_begun;    /* its program has been entered */
	uint32_t message_step; /* where it goes on */
	struct added_header *added;
	struct added_header **added_end;
	struct str quarantine;
	char queue_id[QUEUE_ID_MAX]; /* see session_queue_id */

	/* event */
	enum stage stage;      /* of the evaluation under way */
	struct recipient *rcpt; /* of this RCPT */
	struct str command;
	struct macro_value *macros;

	/* verdicts and effects */
	struct kept kept[KEPT_COUNT];
	uint8_t *tags;         /* enum scope per tag; SCOPE_NONE: not set */
	int64_t score[SCOPE_COUNT];
	uint8_t *memos;        /* enum truth per slot, or MEMO_EMPTY */
	struct regex_room *room;
};

enum { MEMO_EMPTY = 0xff };

/* Notes that memory was out, for `scope` and what is nested in it. */
void session_broken(struct session *s, enum scope scope);

/* A macro, asked for at most once in an event; none if there is none. */
struct str session_macro(struct session *s, const char *name);

/* The queue id of the message, which the MTA may have from any event of it on
 * and then keeps; none until then. */
struct str session_queue_id(struct session *s);

/* The value of a fact in the evaluation under way.  `element` is what any
 * and all stand at, NULL outside them. */
void fact_get(struct session *s, enum fact fact,
    const struct recipient *element, struct value *value_r);

#endif
