/*
 * serve - the filter process.
 *
 *     control thread (the first)        libmilter's threads
 *       orders of the parent              listener, workers: callbacks.c
 *       reloads, sweeps, the end          (and its own signal thread)
 *
 * Signals: libmilter's signal thread waits for SIGHUP, SIGTERM and SIGINT
 * and stops the filter on any of them.  Here the first thread leaves them
 * unblocked and ignored, so that the kernel throws them away before anyone
 * can wait for them; the parent has its own and sends orders.
 *
 * The end: smfi_stop() takes up to five seconds, cuts sessions off and
 * cannot be undone, so it is never called.  To stop accepting, a socket that
 * nobody calls takes the place of the listening one under its number; the
 * listener thread waits on that for good.  Then sessions get time to finish,
 * and the process ends.
 */
#include "daemon/serve.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/callbacks.h"
#include "daemon/privs.h"
#include "daemon/running.h"

enum {
	BACKLOG = 65535,
	SWEEP_MS = 1000,
	DRAIN_LOOK_MS = 20,
	/* a connection just accepted is no session yet for so long */
	DRAIN_QUIET_LOOKS = 5,
	QUIT_FLUSH_MS = 500,
};

/* The number of the descriptor on which libmilter accepts. */
static int milter_fd = -1;
/* smfi_main() has returned, which it never should. */
static atomic_bool milter_ended;
/* To the parent. */
static int control = -1;

/* ---- libmilter ---------------------------------------------------------- */

#ifdef HAVE_MILTER_FD
/* Debian's libmilter takes a descriptor. */
static bool
milter_listen(const struct listener *listener, struct why *why)
{
	char text[32];

	(void)snprintf(text, sizeof text, "fd:%d", listener->fd);
	milter_fd = listener->fd;
	if (smfi_setconn(text) == MI_SUCCESS)
		return true;
	return why_set(why, "libmilter does not take the socket");
}
#else
/*
 * A libmilter that knows no descriptors: let it open a socket of the same
 * family that nobody can find, and put ours under its number.
 */
static bool
milter_listen(const struct listener *listener, struct why *why)
{
	char text[LISTEN_PATH_MAX + 16];
	char *path = text + sizeof "unix:" - 1;
	int number = dup(listener->fd); /* the next that is free */
	int listening = 0;
	socklen_t n = sizeof listening;
	bool ok;

	(void)close(number);
	if (listener->path[0] != '\0')
		(void)snprintf(
		    text, sizeof text, "unix:%s.lib", listener->path);
	else
		(void)snprintf(text, sizeof text, "%s",
		    strncmp(listener->address, "inet6:", 6) == 0
			? "inet6:0@::1"
			: "inet:0@127.0.0.1");
	ok = smfi_setconn(text) == MI_SUCCESS &&
	     smfi_opensocket(true) == MI_SUCCESS;
	if (listener->path[0] != '\0')
		(void)unlink(path);
	if (!ok || number < 0 ||
	    getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) !=
		0 ||
	    listening == 0)
		return why_set(why, "libmilter does not open a socket");
	milter_fd = number;
	if (dup2(listener->fd, number) == number)
		return true;
	return why_set(
	    why, "cannot hand the socket to libmilter: %s", strerror(errno));
}
#endif

static bool
milter_prepare(const struct listener *listener, struct why *why)
{
	if (smfi_register(callbacks) != MI_SUCCESS)
		return why_set(why,
		    "the libmilter of this machine is not the one that this "
		    "program was built for");
	(void)smfi_setbacklog(BACKLOG);
	return milter_listen(listener, why);
}

static void *
milter_main(void *arg)
{
	(void)arg;
	(void)smfi_main();
	atomic_store(&milter_ended, true);
	(void)shutdown(control, SHUT_RD); /* wakes the control thread */
	return NULL;
}

static bool
milter_start(struct why *why)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, milter_main, NULL) != 0)
		return why_set(
		    why, "cannot start a thread: %s", strerror(errno));
	pthread_detach(thread);
	return true;
}

/* No new sessions; those that wait to be accepted are turned away, so that
 * the mail server does not wait for nothing. */
static void
milter_stop_accepting(void)
{
	struct sockaddr unnamed = { .sa_family = AF_UNIX };
	int nobody = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int listening = dup(milter_fd);

	/* without a path, the kernel gives it a name that nobody knows */
	if (nobody >= 0 &&
	    bind(nobody, &unnamed, sizeof unnamed.sa_family) == 0 &&
	    listen(nobody, 1) == 0)
		(void)dup2(nobody, milter_fd);
	if (nobody >= 0)
		(void)close(nobody);
	if (listening >= 0) {
		(void)shutdown(listening, SHUT_RDWR);
		(void)close(listening);
	}
}

/* ---- reload ------------------------------------------------------------- */

/* One log line for each line of the diagnostics. */
static void
diags_log(struct log *log, enum log_level level, const struct diags *diags)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct str rest;
	struct str line;

	if (out == NULL)
		return;
	diags_print(diags, out);
	(void)fclose(out);
	rest = str_of(text, n);
	while (str_split(&rest, '\n', &line))
		if (line.n > 0)
			log_event(log, level, "%.*s", STR_FMT(line));
	free(text);
}

static bool
listen_same(const struct policy *a, const struct policy *b)
{
	return str_eq(a->listen.address, b->listen.address) &&
	       a->listen.mode == b->listen.mode &&
	       str_eq(a->listen.user, b->listen.user) &&
	       str_eq(a->listen.group, b->listen.group) &&
	       str_eq(a->user, b->user) && str_eq(a->group, b->group);
}

/* Puts a policy that has loaded in force; takes its reference over. */
static bool
policy_use(struct policy *policy, const struct running *old)
{
	struct log *log = NULL;
	struct why why;

	if (!log_same(policy->logs, old->policy->logs)) {
		log = log_open(policy->logs, &why);
		if (log == NULL) {
			log_event(old->log, LEVEL_ERROR,
			    "not reloaded, the policy in force stays: %s",
			    why.text);
			policy_unref(policy);
			return false;
		}
	}
	if (!running_set(policy, log)) {
		log_event(old->log, LEVEL_ERROR,
		    "not reloaded, the policy in force stays: out of memory");
		log_close(log);
		policy_unref(policy);
		return false;
	}
	log = log != NULL ? log : old->log;
	log_event(log, LEVEL_NOTICE, "reloaded %.*s: %u rules",
	    STR_FMT(policy->file), policy->n_rules);
	if (!listen_same(policy, old->policy))
		log_event(log, LEVEL_WARNING,
		    "a listen, user or group line has changed: that takes "
		    "effect at the next start");
	return true;
}

static bool
reload(const char *file)
{
	struct running *old = running_take();
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy = NULL;
	struct diags diags;
	bool ok = false;

	if (arena != NULL) {
		diags_init(&diags, arena);
		policy = policy_load(file, &diags);
		diags_log(old->log,
		    policy == NULL ? LEVEL_ERROR : LEVEL_WARNING, &diags);
	}
	if (policy == NULL)
		log_event(old->log, LEVEL_ERROR,
		    "not reloaded, the policy in force stays: %s has errors",
		    file);
	else
		ok = policy_use(policy, old);
	arena_free(arena);
	running_release(old);
	running_sweep();
	return ok;
}

/* ---- the life ----------------------------------------------------------- */

/* The next order; 0 where none came within SWEEP_MS. */
static int
order_next(void)
{
	struct pollfd fd = { .fd = control, .events = POLLIN };
	unsigned char order;
	ssize_t n;

	if (poll(&fd, 1, SWEEP_MS) <= 0)
		return 0;
	n = read(control, &order, 1);
	if (n == 1)
		return order;
	return n < 0 && errno == EINTR ? 0 : ORDER_STOP;
}

static void
tell(char news)
{
	(void)send(control, &news, 1, MSG_NOSIGNAL);
}

/* Until all sessions have closed, time is up, or the parent is impatient. */
static void
drain(void)
{
	int64_t end =
	    clock_system.mono_us(clock_system.ctx) + (int64_t)DRAIN_MS * 1000;
	struct pollfd fd = { .fd = control, .events = POLLIN };
	unsigned quiet = 0;
	unsigned char order = 0;

	while (quiet < DRAIN_QUIET_LOOKS && order != ORDER_QUIT &&
	       clock_system.mono_us(clock_system.ctx) < end) {
		quiet = running_sessions() == 0 ? quiet + 1 : 0;
		if (poll(&fd, 1, DRAIN_LOOK_MS) > 0 &&
		    read(control, &order, 1) <= 0)
			fd.fd = -1; /* the parent is gone: poll only waits */
	}
}

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
}

static int
milter_failed(void)
{
	log_event(running_log(), LEVEL_ERROR, "libmilter has stopped");
	(void)log_flush(running_log(), LOG_CLOSE_MS);
	return EXIT_FAILURE;
}

static int
life(const char *file)
{
	for (;;) {
		int order = order_next();

		if (atomic_load(&milter_ended))
			return milter_failed();
		switch (order) {
		case ORDER_RELOAD:
			tell(reload(file) ? NEWS_RELOADED : NEWS_NOT_RELOADED);
			break;
		case ORDER_STOP:
			milter_stop_accepting();
			log_event(running_log(), LEVEL_NOTICE,
			    "stopping; sessions open: %u", running_sessions());
			drain();
			finish(LOG_CLOSE_MS);
			return EXIT_SUCCESS;
		case ORDER_QUIT:
			finish(QUIT_FLUSH_MS);
			return EXIT_SUCCESS;
		default:
			running_sweep();
			break;
		}
	}
}

static void
log_start(struct log *log, const struct policy *policy,
    const struct listener *listener, const char *before)
{
	if (before[0] != '\0')
		log_event(log, LEVEL_ERROR, "%s", before);
	log_event(log, LEVEL_NOTICE,
	    "portreeve %s started: policy %.*s, %u rules, listening on %s",
	    PACKAGE_VERSION, STR_FMT(policy->file), policy->n_rules,
	    listener->address);
	log_event(log, LEVEL_INFO, "for Postfix's main.cf: smtpd_milters = %s",
	    listener->postfix);
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
prepare(struct policy *policy, const struct listener *listener, struct why *why)
{
	struct log *log;

	if (!milter_prepare(listener, why) ||
	    !privileges_drop(policy->user, policy->group, why))
		return false;
	log = log_open(policy->logs, why);
	if (log == NULL)
		return false;
	return running_set(policy, log) || why_set(why, "out of memory");
}

int
serve(struct policy *policy, const struct listener *listener, int parent,
    const char *before)
{
	struct why why = { .text = "out of memory" };
	char *file = strndup(policy->file.p, policy->file.n);
	int status = EXIT_FAILURE;

	control = parent;
	signals_ignore();
	if (file == NULL || !prepare(policy, listener, &why) ||
	    !milter_start(&why)) {
		(void)fprintf(stderr, "portreeve: %s\n", why.text);
	} else {
		log_start(running_log(), policy, listener, before);
		tell(NEWS_UP);
		status = life(file);
	}
	free(file);
	return status;
}
