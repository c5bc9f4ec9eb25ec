/*
 * session - the facts of one connection, and what its policy has decided so
 * far.
 *
 *   connection ──── helo ──── message ──── event        lifetimes, nested:
 *   │ client, late  │ tags     │ sender, rcpts │ scratch  each mark frees all
 *   └ connect       └ HELO     └ MAIL          └ one call  to its right
 *
 * One per connection; one caller at a time, not always the same thread.
 * The events are told with session_*(), then eval_stage() decides.  A
 * session holds a reference to its policy from begin to end.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "base/clock.h"
#include "lang/policy.h"

struct session;

/* How macros are asked for: NULL where the MTA sends none.  `name` as in
 * struct macro_use.  The text need only live until the next call. */
struct macro_source {
	const char *(*get)(void *ctx, const char *name);
	void *ctx;
};

/* What a session needs from outside. */
struct env {
	const struct clock *clock;
	struct macro_source macros;
};

enum {
	/* Octets that one session may hold; more is treated as no memory. */
	SESSION_MEMORY_MAX = 16 * 1024 * 1024,
};

/*
 * A session of `policy` (a reference is taken).  `id` is for the log and is
 * copied.  NULL when memory is out.
 */
struct session *session_new(struct policy *policy, const struct env *env,
    struct str id);
void session_free(struct session *s);

/*
 * The events.  Each tells what the client did and forgets what the event
 * ends.  Arguments need not outlive the call.  False when the session's
 * memory is out; eval_stage() then gives the on-error verdict of the stage.
 *
 * hostname: as xxfi_connect gives it ("[192.0.2.1]" and "unknown" mean no
 * name); ip.family IP_NONE for a local socket; port 0 for none.
 */
bool session_connect(struct session *s, struct str hostname, struct ip ip,
    unsigned port);
bool session_helo(struct session *s, struct str argument);
/* argv[0] is the path, then ESMTP parameters, NULL at the end. */
bool session_mail(struct session *s, const char *const *argv);
bool session_rcpt(struct session *s, const char *const *argv);
/* The MTA itself refused that recipient (SMFIP_RCPT_REJ): it counts as
 * tried, and nothing is evaluated. */
void session_rcpt_refused(struct session *s);
bool session_data(struct session *s);
/* value as libmilter gives it: folds as "\n" and white space; counted as
 * "name: value\r\n", "\n" as two octets. */
bool session_header(struct session *s, struct str name, struct str value);
bool session_eoh(struct session *s);
/* Counts the body, and looks for what the policy asks of its octets. */
bool session_body(struct session *s, const void *octets, size_t n);
/* The rest of the body does not come, because nobody asks for it any more:
 * its size is not known then. */
void session_body_cut(struct session *s);
/* All of the message is in: nothing is pending any more. */
bool session_eom(struct session *s);
/* The message is over (after end of message, RSET, an abort). */
void session_message_end(struct session *s);
bool session_unknown(struct session *s, struct str line);

/* ---- what the caller reads -------------------------------------------- */

struct str session_id(const struct session *s);
const struct policy *session_policy(const struct session *s);

/* Effects that wait for the end of the message, in order of decision. */
struct added_header {
	struct added_header *next;
	struct str name;
	struct str value;
};
const struct added_header *session_added_headers(const struct session *s);
/* The reason of the first quarantine, or none. */
struct str session_quarantine(const struct session *s);

/* For log lines; none where there is none. */
struct session_view {
	struct str client_name;
	struct ip client_ip;
	struct str helo;       /* as typed */
	bool has_sender;
	struct str sender;     /* normal form, "" for <> */
	struct str rcpt;       /* of the current RCPT; none elsewhere */
	uint64_t recipients;   /* accepted so far */
	bool has_size;
	uint64_t size;         /* counted where it was, else declared */
	struct str queue_id;   /* macro i */
};
void session_view(struct session *s, struct session_view *view_r);

/* Octets that the session's arenas hold. */
size_t session_memory(const struct session *s);
/* For tests: see arena_fail_after. */
void session_fail_after(struct session *s, size_t after);

#endif
