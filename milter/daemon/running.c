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
static bool ended;

static bool
same_timezone(const struct policy *policy)
{
	struct str now = current == NULL ? STR_NONE : current->policy->timezone;

	return str_eq(policy->timezone, now);
}

bool
running_set(struct policy *policy, struct log *log)
{
	struct running *r = calloc(1, sizeof *r);

	if (r == NULL)
		return false;
	r->policy = policy;
	r->log = log != NULL ? log : current->log;
	atomic_init(&r->sessions, 0);
	if (!plan_make(policy, log_wants_pass(r->log), &r->plan)) {
		free(r);
		return false;
	}
	if (!same_timezone(policy) && !clock_set_timezone(policy->timezone)) {
		plan_free(&r->plan);
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
		if (atomic_load(&r->sessions) > 0) {
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

	pthread_mutex_lock(&lock);
	ended = true;
	pthread_mutex_unlock(&lock);
	if (running_sessions() > 0)
		return false;
	while ((r = current) != NULL) {
		current = r->older;
		running_free(r);
	}
	return true;
}
