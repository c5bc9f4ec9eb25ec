/*
 * serve - the filter process.
 *
 *     control thread (the first)        libmilter's threads
 *       orders of the parent              listener, workers: callbacks.c
 *       the control socket                (and its own signal thread)
 *       reloads, lists that change, sweeps, the end
 *
 * Signals: libmilter's signal thread waits for SIGHUP, SIGTERM and SIGINT
 * and stops the filter on any of them.  Here the first thread leaves them
 * unblocked and ignored, so that the kernel throws them away before anyone
 * can wait for them; the parent has its own and sends orders.
 *
 * The end: no more connections are taken (accept_stop), sessions get the time
 * of the policy's `drain` to finish, and the process ends.
 */
#include "daemon/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/accept.h"
#include "daemon/control.h"
#include "daemon/descriptors.h"
#include "daemon/loop.h"
#include "daemon/reload.h"
#include "daemon/running.h"
#include "daemon/sandbox.h"
#include "daemon/scrape.h"
#include "daemon/watch.h"
#include "lang/kept.h"

enum {
	SWEEP_MS = 1000,
	DRAIN_LOOK_MS = 20,
	/* a connection just accepted is no session yet for so long */
	DRAIN_QUIET_MS = 100,
	QUIT_FLUSH_MS = 500,
};

static struct {
	int parent;   /* a socket */
	bool pulse;   /* the parent wants to be told that we live */
	int64_t told; /* when it was, last; milliseconds as the others */
	bool draining;
	int64_t drain_until;
	int64_t quiet_since; /* draining: no session is open; 0: one is */
	int status;          /* to exit with; -1: goes on */
} life = { .parent = -1, .status = -1 };

static int64_t
now_ms(void)
{
	return clock_system.mono_us(clock_system.ctx) / 1000;
}

/* ---- the parent --------------------------------------------------------- */

static void
tell(char news)
{
	(void)send(life.parent, &news, 1, MSG_NOSIGNAL);
}

static void
reload_begun(void)
{
	tell(NEWS_RELOADING);
}

static void
reload_over(enum reload_what what, bool ok)
{
	if (ok)
		watch_policy();
	switch (what) {
	case RELOAD_POLICY:
		tell(ok ? NEWS_RELOADED : NEWS_NOT_RELOADED);
		break;
	case RELOAD_LISTS:
		tell(ok ? NEWS_LISTS : NEWS_LISTS_NOT_RELOADED);
		break;
	}
}

/* ---- the end ------------------------------------------------------------ */

/* Logs the end; whatever the log does, this takes no longer than flush_ms or
 * LOG_CLOSE_MS. */
static void
finish(unsigned flush_ms)
{
	struct log *log = running_log();
	unsigned left = running_sessions();

	if (left > 0)
		log_event(
		    log, LEVEL_WARNING, "stopped; sessions cut off: %u", left);
	else
		log_event(log, LEVEL_NOTICE, "stopped");
	if (!running_end())
		(void)log_flush(log, flush_ms);
	life.status = EXIT_SUCCESS;
}

static void
drain_begin(void)
{
	if (life.draining)
		return;
	accept_stop();
	reload_stop();
	log_event(running_log(), LEVEL_NOTICE,
	    "stopping; sessions open: %u; time for them to finish: %u s",
	    running_sessions(), running_policy()->drain);
	life.draining = true;
	life.drain_until = now_ms() + (int64_t)running_policy()->drain * 1000;
}

/* Ends once all sessions have closed, or time is up. */
static void
drain_look(void)
{
	int64_t now = now_ms();

	if (running_sessions() > 0)
		life.quiet_since = 0;
	else if (life.quiet_since == 0)
		life.quiet_since = now;
	if (now >= life.drain_until ||
	    (life.quiet_since != 0 &&
		now - life.quiet_since >= DRAIN_QUIET_MS && !control_busy()))
		finish(LOG_CLOSE_MS);
}

static void
milter_failed(void)
{
	log_event(running_log(), LEVEL_ERROR,
	    "libmilter has stopped by itself: it could not start a thread, or "
	    "take connections; its own words are in syslog");
	(void)log_flush(running_log(), LOG_CLOSE_MS);
	life.status = EXIT_FAILURE;
}

/* ---- the life ----------------------------------------------------------- */

/* Wakes the control thread. */
static void
when_milter_ended(void)
{
	(void)shutdown(life.parent, SHUT_RD);
}

static void
on_order(void *ctx, int fd, short revents)
{
	unsigned char order;
	ssize_t n = read(fd, &order, 1);

	(void)ctx;
	(void)revents;
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0)
		loop_remove(fd);
	/* The sockets are as good as ever, for the next filter process. */
	if (n <= 0 && accept_ended())
		return;
	if (n <= 0) {           /* the parent is gone */
		control_stop(); /* it is the next parent's */
		order = ORDER_STOP;
	}
	switch (order) {
	case ORDER_RELOAD:
		(void)reload_ask(NULL, NULL);
		break;
	case ORDER_STOP:
		drain_begin();
		break;
	case ORDER_QUIT:
		finish(QUIT_FLUSH_MS);
		break;
	default:
		break;
	}
}

static void
pulse(void)
{
	int64_t now = now_ms();

	if (life.pulse && now - life.told >= SWEEP_MS) {
		tell(NEWS_ALIVE);
		life.told = now;
	}
}

static int
live(void)
{
	while (life.status < 0) {
		pulse();
		loop_turn(
		    descriptors_look(life.draining ? DRAIN_LOOK_MS : SWEEP_MS));
		accept_refuse();
		if (accept_ended())
			milter_failed();
		if (life.status >= 0)
			break;
		control_sweep();
		running_sweep();
		if (life.draining)
			drain_look();
	}
	return life.status;
}

static void
log_start(struct log *log, const struct policy *policy,
    const struct listener *listener, const char *before)
{
	if (before[0] != '\0')
		log_event(log, LEVEL_ERROR, "%s", before);
	log_event(log, LEVEL_NOTICE,
	    "portreeve %s started: policy %.*s, %u rule%s, listening on %s",
	    PACKAGE_VERSION, STR_FMT(policy->file), policy->n_rules,
	    policy->n_rules == 1 ? "" : "s", listener->address);
	log_event(log, LEVEL_INFO, "%s", sandbox_text());
	log_event(log, LEVEL_INFO, "for Postfix's main.cf: smtpd_milters = %s",
	    listener->postfix);
}

/* False, and a line in the log, if this process cannot read the file. */
static bool
may_read(struct log *log, struct str file)
{
	char *path = strndup(file.p, file.n);
	bool ok = path == NULL || access(path, R_OK) == 0;

	if (!ok)
		log_event(log, LEVEL_WARNING,
		    "a reload will fail, for this process runs as uid %lu and "
		    "cannot read %s: %s",
		    (unsigned long)geteuid(), path, strerror(errno));
	free(path);
	return ok;
}

/* Root could read all of it; who we are now will have to.  The first that it
 * cannot is enough to say. */
static void
warn_unreadable(struct log *log, const struct policy *policy)
{
	for (const struct policy_text *t = policy->texts; t != NULL;
	     t = t->next)
		if (!may_read(log, t->name))
			return;
	for (const struct kept_def *k = policy->kept; k != NULL; k = k->next)
		for (uint32_t i = 0; i < k->n_files; i++)
			if (!may_read(log, k->files[i].path))
				return;
}

static void
signals_ignore(void)
{
	static const int ours[] = { SIGHUP, SIGTERM, SIGINT };
	sigset_t none;

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		(void)signal(ours[i], SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* All that must be there before the first connection. */
static bool
prepare(struct policy *policy, const struct serve_ends *ends, struct why *why)
{
	struct log *log;

	if (!accept_prepare(ends->listener, why))
		return false;
	if (ends->sandbox)
		sandbox_enter(policy);
	log = log_open(policy->logs, why);
	if (log == NULL)
		return false;
	return running_set(policy, log) || why_set(why, "out of memory");
}

int
serve(struct policy *policy, const struct serve_ends *ends)
{
	struct why why = { .text = "out of memory" };
	char *file = strndup(policy->file.p, policy->file.n);
	int status = EXIT_FAILURE;

	life.parent = ends->parent;
	life.pulse = ends->pulse;
	scrape_init(ends->restarts, ends->fixed);
	signals_ignore();
	descriptors_init();
	if (file == NULL || !prepare(policy, ends, &why) ||
	    !reload_init(file, ends->fixed, reload_begun, reload_over) ||
	    !loop_add(life.parent, POLLIN, on_order, NULL) ||
	    (ends->metrics >= 0 && !scrape_serve(ends->metrics, &why)) ||
	    !accept_start(when_milter_ended, &why)) {
		(void)fprintf(stderr, "portreeve: %s\n", why.text);
	} else {
		if (ends->control >= 0)
			control_serve(ends->control);
		log_start(running_log(), policy, ends->listener, ends->before);
		warn_unreadable(running_log(), policy);
		watch_policy();
		tell(NEWS_UP);
		status = live();
	}
	free(file);
	return status;
}
