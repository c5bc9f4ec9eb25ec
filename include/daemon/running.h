/*
 * running - the policy in force, and those that older sessions still use.
 *
 *     current ──▶ running 3 ──▶ running 2 ──▶ running 1     older ones go when
 *                  sessions 40   sessions 2    sessions 0   their last session
 *                                                           has closed
 *
 * A reload puts a new one in front.  A session takes the current one at its
 * beginning and gives it back at its end, so none ever sees two policies.
 */
#ifndef DAEMON_RUNNING_H
#define DAEMON_RUNNING_H

#include "daemon/plan.h"
#include "obs/log.h"
#include "obs/metrics.h"

struct running {
	struct running *older;
	struct policy *policy;
	struct log *log; /* may be shared with older ones */
	struct plan plan;
	struct metrics *metrics; /* one of the process */
	struct rule_hits *hits;
	int64_t loaded; /* seconds since 1970 */
	atomic_uint sessions;
	atomic_uint readers; /* of its numbers */
};

/*
 * Makes `policy` the current one.  `log` NULL: the log of the one before.
 * The control thread does that, as well as sweeping and ending; any thread
 * may take and release.
 * Takes over the caller's reference and the log.  False when memory is out
 * (the caller keeps both, and nothing changed).
 */
bool running_set(struct policy *policy, struct log *log);

/* The current one, for a session to use until running_release(); NULL after
 * running_end(). */
struct running *running_take(void);
void running_release(struct running *r);

/* The log and the policy of the current one; for the control thread, until
 * its next running_set() or running_sweep(). */
struct log *running_log(void);
const struct policy *running_policy(void);
/* The same, for as long as the caller wants; it gives the reference back. */
struct policy *running_policy_ref(void);

/*
 * The current one with its numbers of this moment, for a thread that reads
 * them; good until running_let_go(), and no session.  NULL after
 * running_end().
 */
struct running *running_hold(struct metrics_view *view_r);
void running_let_go(struct running *r);

/* Sessions open, on whatever policy. */
unsigned running_sessions(void);

/* Frees older ones that no session uses.  May wait for a log to close. */
void running_sweep(void);

/* No session gets a policy any more.  Frees all and closes the logs if none
 * is open; else false, and they keep what they use. */
bool running_end(void);

#endif
