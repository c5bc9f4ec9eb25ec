/*
 * load - the MTA's side of the milter protocol, for milterload.
 *
 *     milterload.c    options, the loop over all connections, what came out
 *     load_wire.c     packets: what an event looks like, what was negotiated
 *     load_session.c  one connection: what comes next, what a reply means
 *
 * Events go out as Postfix sends them: each after a packet with the macros of
 * its stage, which comes even if there are none, or if the event itself is not
 * wanted; and those that get no reply wait in the buffer for the next one that
 * does.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event {
	EVENT_NEGOTIATE,
	EVENT_CONNECT,
	EVENT_HELO,
	EVENT_MAIL,
	EVENT_RCPT,
	EVENT_DATA,
	EVENT_HEADER,
	EVENT_EOH,
	EVENT_BODY,
	EVENT_EOM,
	EVENT_QUIT,
	EVENT_COUNT
};

enum {
	CHUNK_MAX = 65535, /* octets of body in one packet */
	REPLIES = 256,     /* by their octet on the wire */
	BUCKETS = 64 * 16, /* see latency_add */
};

/* What each session does. */
struct shape {
	const char *socket; /* path */
	unsigned messages;
	unsigned recipients; /* of a message */
	unsigned headers;
	uint64_t body; /* octets */
	unsigned version;
	unsigned long steps; /* what the MTA offers */
};

struct tally {
	uint64_t sessions; /* ended with QUIT */
	uint64_t errors;   /* ended otherwise */
	uint64_t messages; /* that reached their end */
	uint64_t replies[REPLIES];
	uint64_t body;       /* octets sent */
	uint64_t refused_at; /* most octets of a body that was refused */
	uint64_t latency[BUCKETS];
	uint64_t latency_max; /* microseconds */
};

/* ---- load_wire.c -------------------------------------------------------- */

/* Octets that grow at the end and are taken from the front. */
struct octets {
	char *p;
	size_t n;
	size_t done;
	size_t room;
};

void octets_add(struct octets *o, const void *p, size_t n);

/* Whether the event is sent, and whether a reply comes to it. */
bool event_comes(enum event event, unsigned long steps);
bool event_is_answered(enum event event, unsigned long steps);

/*
 * Adds the event with its macros.  `index` numbers recipients and headers,
 * and is the octets of a chunk of body.  `queued`: the MTA has a queue id.
 */
void event_add(struct octets *out, const struct shape *shape, enum event event,
    size_t index, bool queued);
/* Only the macros, as they come before an event that is not sent. */
void macros_add(struct octets *out, enum event event, bool queued);
void abort_add(struct octets *out);

/*
 * The filter's answer to the negotiation: its steps, and from now on the
 * macros it asked for (the same for all connections).  False: nonsense.
 */
bool negotiated(const char *p, size_t n, unsigned long *steps_r);
/* Prints what was negotiated last. */
void negotiated_print(void);

/* ---- load_session.c ----------------------------------------------------- */

struct load_conn {
	struct load_conn *next; /* in a queue of milterload.c */
	int64_t due;
	int fd;
	bool idle;    /* stops behind HELO */
	bool greeted; /* an idle one did */
	bool wants_out;
	bool waits; /* for the reply to `at` */
	bool queued;
	enum event at;
	size_t index;
	unsigned messages;
	unsigned accepted; /* recipients */
	uint64_t body;     /* octets of it sent */
	size_t chunk;      /* the one under way */
	unsigned long steps;
	int64_t sent; /* when `at` was */
	struct octets out;
	struct octets in;
};

enum progress {
	PROGRESS_WAITS, /* for the filter */
	PROGRESS_REPLY, /* one came in, and the session can go on */
	PROGRESS_IDLE,  /* greeted, and nothing more is to be said */
	PROGRESS_OVER,  /* the session has ended */
};

/* False with errno: the filter does not take the connection (now). */
bool conn_open(struct load_conn *c, const struct shape *shape);
/* Sends what there is to send, until a reply is needed. */
enum progress conn_go(
    struct load_conn *c, const struct shape *shape, struct tally *tally);
/* Reads; one reply at most. */
enum progress conn_read(
    struct load_conn *c, const struct shape *shape, struct tally *tally);

int64_t now_us(void);

#endif
