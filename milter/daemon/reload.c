/*
 * reload - one load at a time.
 *
 * While one is under way, those who ask queue for the next; where some want
 * the policy and some the lists alone, they get the policy.  The thread
 * reads `job.file` and writes the rest of `job`; the control thread looks at
 * that only after it has joined the thread, which says by an eventfd that it
 * is at its end.
 */
#include "daemon/reload.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/loop.h"
#include "daemon/running.h"
#include "daemon/sandbox.h"

enum {
	LOAD_STACK = 8 * 1024 * 1024, /* what the first load had, as a rule */
};

struct waiter {
	reload_done *who;
	void *ctx;
};

struct queue {
	struct waiter waiters[RELOAD_WAITING];
	size_t n;
	bool wanted; /* also where nobody waits */
	enum reload_what what;
};

static struct queue now;  /* of the one that is under way */
static struct queue next; /* of the one after it */
static bool stopped;
static const char too_late[] = "not reloaded: this portreeve is stopping; the "
			       "next one loads the policy as it starts\n";
static const struct fixed *fixed;
static void (*at_begin)(void);
static reload_ended *at_end;

static struct {
	const char *file;
	enum reload_what what;
	pthread_t thread;
	int ended; /* eventfd */
	bool under_way;
	struct policy *old;    /* whose lists can be shared; a reference */
	struct policy *policy; /* NULL: it has errors */
	char *text;            /* diagnostics; NULL: memory was out */
	size_t n;
} job;

/* ---- the thread --------------------------------------------------------- */

static struct policy *
load_what(struct diags *diags)
{
	int64_t wall = clock_system.wall(clock_system.ctx);

	switch (job.what) {
	case RELOAD_POLICY:
		return policy_reload(job.file, job.old, wall, diags);
	case RELOAD_LISTS:
		return policy_renew_lists(job.old, wall, diags);
	}
	return NULL;
}

static void *
load(void *unused)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	FILE *out = open_memstream(&job.text, &job.n);
	const uint64_t one = 1;
	struct diags diags;

	if (arena != NULL) {
		diags_init(&diags, arena);
		job.policy = load_what(&diags);
		if (out != NULL)
			diags_print(&diags, out);
	}
	arena_free(arena);
	if (out != NULL)
		(void)fclose(out);
	if (write(job.ended, &one, sizeof one) < 0)
		abort(); /* an eventfd of 1 takes it */
	return unused;
}

/* Signals are ignored by the process, and waited for by libmilter. */
static bool
thread_start(void)
{
	pthread_attr_t attr;
	sigset_t all;
	sigset_t before;
	bool ok;

	if (pthread_attr_init(&attr) != 0)
		return false;
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_attr_setstacksize(&attr, LOAD_STACK) == 0 &&
	     pthread_create(&job.thread, &attr, load, NULL) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return ok;
}

/* ---- the end of a load -------------------------------------------------- */

/* What there is to say, for the log and for who asked. */
struct report {
	struct log *log;
	FILE *out; /* NULL: memory was out */
	char *text;
	size_t n;
};

static void report_line(struct report *r, enum log_level level, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

static void
report_line(struct report *r, enum log_level level, const char *fmt, ...)
{
	struct why line;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line.text, sizeof line.text, fmt, ap);
	va_end(ap);
	log_event(r->log, level, "%s", line.text);
	if (r->out != NULL)
		(void)fprintf(r->out, "%s\n", line.text);
}

static void
report_diags(struct report *r, enum log_level level, struct str text)
{
	struct str line;

	if (r->out != NULL && text.n > 0)
		(void)fwrite(text.p, 1, text.n, r->out);
	while (str_split(&text, '\n', &line))
		if (line.n > 0)
			log_event(r->log, level, "%.*s", STR_FMT(line));
}

/* Where something was not to be opened: whose fault that can be. */
static void
report_remedy(struct report *r, const char *said)
{
	if (said == NULL || strstr(said, strerror(EACCES)) == NULL)
		return;
	report_line(r, LEVEL_ERROR,
	    "portreeve runs as uid %lu: \"portreeve doctor\", as root, says "
	    "which files that user may not have, and what mends it",
	    (unsigned long)geteuid());
	if (sandbox_remedy() != NULL)
		report_line(r, LEVEL_ERROR, "%s", sandbox_remedy());
}

static void
report_lists(
    struct report *r, const struct policy *policy, const struct policy *old)
{
	char text[WHY_MAX / 2];
	struct buf names = BUF_ON(text);
	const char *before = "";

	for (const struct kept_def *k = policy->kept; k != NULL; k = k->next) {
		if (kept_is_shared(k, old->kept))
			continue;
		buf_printf(&names, "%s%.*s (%zu entr%s)", before,
		    STR_FMT(k->name), kept_size(k),
		    kept_size(k) == 1 ? "y" : "ies");
		before = ", ";
	}
	if (names.n == 0)
		report_line(r, LEVEL_INFO,
		    "list files were written, with nothing new in them");
	else
		report_line(r, LEVEL_NOTICE, "reloaded lists: %s%s",
		    buf_cstr(&names), names.cut ? "..." : "");
}

static void
report_policy(struct report *r, const struct policy *policy)
{
	char text[64];
	struct buf names = BUF_ON(text);

	report_line(r, LEVEL_NOTICE, "reloaded %.*s: %u rule%s",
	    STR_FMT(policy->file), policy->n_rules,
	    policy->n_rules == 1 ? "" : "s");
	if (fixed_waiting(fixed, policy, &names) > 0)
		report_line(r, LEVEL_WARNING,
		    "no longer as at the start: %s; that takes effect at the "
		    "next start: systemctl restart portreeve",
		    buf_cstr(&names));
}

/* Puts a policy that has loaded in force; takes its reference over. */
static bool
policy_use(
    struct policy *policy, const struct running *old, struct report *report)
{
	bool keep = log_same(policy->logs, old->policy->logs);
	struct why why = { .text = "out of memory" };
	struct log *log = keep ? NULL : log_open(policy->logs, &why);

	if ((!keep && log == NULL) || !running_set(policy, log)) {
		report_line(report, LEVEL_ERROR,
		    "not reloaded, the policy in force stays: %s", why.text);
		report_remedy(report, why.text);
		log_close(log);
		policy_unref(policy);
		return false;
	}
	report->log = keep ? old->log : log;
	switch (job.what) {
	case RELOAD_POLICY:
		report_policy(report, policy);
		break;
	case RELOAD_LISTS:
		report_lists(report, policy, old->policy);
		break;
	}
	return true;
}

static bool
use_or_not(struct report *report)
{
	struct running *old = running_take();
	bool ok = false;

	if (old == NULL) { /* the process is at its end */
		policy_unref(job.policy);
		return false;
	}
	report->log = old->log;
	report_diags(report, job.policy == NULL ? LEVEL_ERROR : LEVEL_WARNING,
	    job.text == NULL ? STR("") : str_of(job.text, job.n));
	if (job.policy != NULL)
		ok = policy_use(job.policy, old, report);
	else if (job.what == RELOAD_POLICY)
		report_line(report, LEVEL_ERROR,
		    "not reloaded, the policy in force stays: %s has errors",
		    job.file);
	else
		report_line(report, LEVEL_ERROR,
		    "a list has errors: not reloaded, those in force stay");
	if (job.policy == NULL)
		report_remedy(report, job.text);
	metrics_count(
	    old->metrics, ok ? METRIC_RELOADS : METRIC_RELOAD_FAILURES);
	running_release(old);
	return ok;
}

static void reload_next(void);

static void
tell_all(const struct queue *q, bool ok, struct str text)
{
	for (size_t i = 0; i < q->n; i++)
		q->waiters[i].who(q->waiters[i].ctx, ok, text);
	at_end(q->what, ok);
}

static void
load_ended(void *ctx, int fd, short revents)
{
	struct report report = { .out = NULL };
	uint64_t count;
	bool ok;

	(void)ctx;
	(void)revents;
	if (read(fd, &count, sizeof count) != (ssize_t)sizeof count)
		return;
	(void)pthread_join(job.thread, NULL);
	job.under_way = false;
	policy_unref(job.old);
	report.out = open_memstream(&report.text, &report.n);
	ok = use_or_not(&report);
	job.policy = NULL;
	free(job.text);
	job.text = NULL;
	if (report.out == NULL || fclose(report.out) != 0)
		report.n = 0;
	tell_all(&now, ok, str_of(report.text, report.n));
	free(report.text);
	running_sweep();
	reload_next();
}

/* ---- asking ------------------------------------------------------------- */

/* Begins the load that was asked for. */
static void
reload_next(void)
{
	if (job.under_way || !next.wanted || stopped)
		return;
	now = next;
	next = (struct queue){ .n = 0 };
	job.what = now.what;
	at_begin();
	job.old = running_policy_ref();
	job.under_way = thread_start();
	if (job.under_way)
		return;
	policy_unref(job.old);
	log_event(running_log(), LEVEL_ERROR,
	    "not reloaded, the policy in force stays: cannot start a thread");
	tell_all(&now, false, STR("not reloaded: cannot start a thread\n"));
}

const char *
reload_ask(reload_done *who, void *ctx)
{
	if (stopped)
		return too_late;
	if (who != NULL && next.n == RELOAD_WAITING)
		return "not reloaded: too many wait for a reload already\n";
	next.wanted = true;
	next.what = RELOAD_POLICY;
	if (who != NULL)
		next.waiters[next.n++] = (struct waiter){ who, ctx };
	reload_next();
	return NULL;
}

void
reload_ask_lists(void)
{
	if (!next.wanted)
		next.what = RELOAD_LISTS;
	next.wanted = true;
	reload_next();
}

void
reload_stop(void)
{
	stopped = true;
	for (size_t i = 0; i < next.n; i++)
		next.waiters[i].who(
		    next.waiters[i].ctx, false, str_c(too_late));
	next = (struct queue){ .n = 0 };
}

bool
reload_init(const char *file, const struct fixed *of_start, void (*begun)(void),
    reload_ended *ended)
{
	job.file = file;
	fixed = of_start;
	at_begin = begun;
	at_end = ended;
	job.ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return job.ended >= 0 && loop_add(job.ended, POLLIN, load_ended, NULL);
}
