/*
 * running - the policy in force.
 *
 * One lock guards the list; a connection takes it once, to read `current`
 * and count itself in, and counts itself out without it.  Only the control
 * thread changes the list (running_set, running_sweep, running_end).
 */
#include "daemon/running.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct running *current; /* and older ones behind it */
static struct metrics *metrics; /* of the process, never freed */
static int64_t started;         /* seconds since 1970 */
static bool ended;

static bool
same_timezone(const struct policy *policy)
{
	struct str now = current == NULL ? STR_NONE : current->policy->timezone;

	return str_eq(policy->timezone, now);
}

/* What is there once. */
static bool
first_time(void)
{
	if (metrics != NULL)
		return true;
	metrics = metrics_new();
	started = clock_system.wall(clock_system.ctx);
	return metrics != NULL;
}

/* Fills in what takes memory; what there is of it goes with the rest. */
static bool
running_fill(struct running *r, struct policy *policy)
{
	r->hits = rule_hits_new(policy, current == NULL ? NULL : current->hits);
	if (r->hits == NULL)
		return false;
	if (!plan_make(policy, log_wants_pass(r->log), &r->plan))
		return false;
	if (same_timezone(policy) || clock_set_timezone(policy->timezone))
		return true;
	plan_free(&r->plan);
	return false;
}

bool
running_set(struct policy *policy, struct log *log)
{
	struct running *r = calloc(1, sizeof *r);

	if (r == NULL || !first_time()) {
		free(r);
		return false;
	}
	r->policy = policy;
	r->log = log != NULL ? log : current->log;
	r->metrics = metrics;
	r->loaded = clock_system.wall(clock_system.ctx);
	atomic_init(&r->sessions, 0);
	if (!running_fill(r, policy)) {
		rule_hits_free(r->hits);
		free(r);
		return false;
	}
	pthread_mutex_lock(&lock);
	r->older = current;
	current = r;
	pthread_mutex_unlock(&lock);
	return true;
}

struct running *
running_take(void)
{
	struct running *r;

	pthread_mutex_lock(&lock);
	r = ended ? NULL : current;
	if (r != NULL)
		atomic_fetch_add(&r->sessions, 1);
	pthread_mutex_unlock(&lock);
	return r;
}

void
running_release(struct running *r)
{
	atomic_fetch_sub(&r->sessions, 1);
}

struct log *
running_log(void)
{
	return current->log;
}

const struct policy *
running_policy(void)
{
	return current->policy;
}

struct policy *
running_policy_ref(void)
{
	return policy_ref(current->policy);
}

struct running *
running_hold(struct metrics_view *view_r)
{
	struct running *r;

	pthread_mutex_lock(&lock);
	r = ended ? NULL : current;
	if (r != NULL)
		atomic_fetch_add(&r->readers, 1);
	pthread_mutex_unlock(&lock);
	if (r == NULL)
		return NULL;
	*view_r = (struct metrics_view){
		.metrics = metrics, .hits = r->hits, .policy = r->policy
	};
	view_r->gauges[METRIC_STARTED] = started;
	view_r->gauges[METRIC_LOADED] = r->loaded;
	view_r->gauges[METRIC_RULES] = r->policy->n_rules;
	view_r->gauges[METRIC_OPEN] = running_sessions();
	view_r->gauges[METRIC_LOG_DROPPED] = (int64_t)log_lost(r->log);
	return r;
}

void
running_let_go(struct running *r)
{
	atomic_fetch_sub(&r->readers, 1);
}

unsigned
running_sessions(void)
{
	unsigned n = 0;

	pthread_mutex_lock(&lock);
	for (const struct running *r = current; r != NULL; r = r->older)
		n += atomic_load(&r->sessions);
	pthread_mutex_unlock(&lock);
	return n;
}

static bool
in_use(const struct running *r)
{
	return atomic_load(&r->sessions) > 0 || atomic_load(&r->readers) > 0;
}

/* Frees one that is out of the list. */
static void
running_free(struct running *r)
{
	bool shared = false;

	for (const struct running *o = current; o != NULL; o = o->older)
		shared = shared || o->log == r->log;
	if (!shared)
		log_close(r->log);
	plan_free(&r->plan);
	rule_hits_free(r->hits);
	policy_unref(r->policy);
	free(r);
}

void
running_sweep(void)
{
	struct running **at;
	struct running *r;

	if (current == NULL)
		return;
	at = &current->older;
	while ((r = *at) != NULL) {
		if (in_use(r)) {
			at = &r->older;
			continue;
		}
		pthread_mutex_lock(&lock);
		*at = r->older;
		pthread_mutex_unlock(&lock);
		running_free(r);
	}
}

bool
running_end(void)
{
	struct running *r;
	bool used = false;

	pthread_mutex_lock(&lock);
	ended = true;
	for (r = current; r != NULL; r = r->older)
		used = used || in_use(r);
	pthread_mutex_unlock(&lock);
	if (used)
		return false;
	while ((r = current) != NULL) {
		current = r->older;
		running_free(r);
	}
	return true;
}
