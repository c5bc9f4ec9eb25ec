/*
 * run - the parent process.
 *
 *     parent ──orders──▶ child (serve.c)       one socket pair
 *        │    ◀──news───
 *        └ signals, the listening socket, the policy last known to be good
 *
 * Two processes, because libmilter takes the signals of its own for itself
 * (SIGHUP would stop it), and so that a filter that dies is started again on
 * the same socket: mail servers that call meanwhile wait in its queue.
 *
 * The parent has one thread, sleeps in poll(), and handles no mail.  It opens
 * the sockets, as root perhaps, and gives that up before the first child.
 */
#include "daemon/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/control.h"
#include "daemon/listen.h"
#include "daemon/notify.h"
#include "daemon/privs.h"
#include "daemon/serve.h"
#include "obs/log.h"

enum {
	KILL_MS = 5000,    /* a child that does not end is killed */
	STEADY_MS = 60000, /* lived so long: its death is no crash loop */
	BREATH_MS = 5000,  /* without a child, systemd hears it from us */
	PAUSE_MIN_MS = 1000,
	PAUSE_MAX_MS = 32000,
};

struct parent {
	struct policy *policy; /* for the next child */
	struct fixed *fixed;
	struct listener listener;
	struct listener control;
	struct listener metrics;
	int signals; /* a signalfd */
	pid_t child; /* 0: none */
	int orders;  /* to the child; -1: none */
	bool was_up; /* some child got as far as that */
	bool stopping;
	bool watched;    /* by systemd's watchdog */
	bool sandbox;    /* for the child */
	int64_t started; /* the child; microseconds */
	int64_t at;      /* stopping: kill then; no child: start then */
	int64_t pause;   /* before the next start */
	unsigned restarts;
	int status;       /* to exit with */
	char before[200]; /* how the last child died; "" */
};

static int64_t
now_ms(void)
{
	return clock_system.mono_us(clock_system.ctx) / 1000;
}

/* ---- the child ---------------------------------------------------------- */

/* In the child: never returns. */
static void
child_main(struct parent *p, int parent)
{
	struct serve_ends ends = {
		.listener = &p->listener,
		.control = p->control.fd,
		.metrics = p->metrics.fd,
		.fixed = p->fixed,
		.restarts = p->restarts,
		.before = p->before,
		.parent = parent,
		.pulse = p->watched,
		.sandbox = p->sandbox,
	};

	(void)close(p->signals);
	(void)close(p->orders);
	exit(serve(p->policy, &ends));
}

static void
child_start(struct parent *p)
{
	int pair[2];

	p->started = now_ms();
	p->child = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
		p->orders = pair[0];
		p->child = fork();
		if (p->child == 0)
			child_main(p, pair[1]);
		(void)close(pair[1]);
	}
	p->before[0] = '\0';
	if (p->child > 0)
		return;
	(void)fprintf(stderr,
	    "portreeve: cannot start the filter process: %s; the next try is "
	    "in %d s\n",
	    strerror(errno), PAUSE_MAX_MS / 1000);
	if (p->orders >= 0)
		(void)close(p->orders);
	p->orders = -1;
	p->child = 0;
	p->at = now_ms() + PAUSE_MAX_MS;
}

/* A child that is gone will be noticed elsewhere. */
static void
order(const struct parent *p, char what)
{
	if (p->orders >= 0)
		(void)send(p->orders, &what, 1, MSG_NOSIGNAL);
}

/* Says how it died, and when the next is to start. */
static void
child_died(struct parent *p, int how)
{
	bool steady = now_ms() - p->started >= STEADY_MS;

	p->pause = steady                        ? 0
		   : p->pause == 0               ? PAUSE_MIN_MS
		   : p->pause * 2 < PAUSE_MAX_MS ? p->pause * 2
						 : PAUSE_MAX_MS;
	p->at = now_ms() + p->pause;
	p->restarts++;
	if (WIFSIGNALED(how))
		(void)snprintf(p->before, sizeof p->before,
		    "the filter process %ld died of signal %d (%s) and was "
		    "started again after %lld s",
		    (long)p->child, WTERMSIG(how), strsignal(WTERMSIG(how)),
		    (long long)p->pause / 1000);
	else
		(void)snprintf(p->before, sizeof p->before,
		    "the filter process %ld ended with status %d and was "
		    "started again after %lld s",
		    (long)p->child, WEXITSTATUS(how),
		    (long long)p->pause / 1000);
	(void)fprintf(stderr,
	    "portreeve: the filter process %ld %s %d; the "
	    "next starts in %lld s\n",
	    (long)p->child,
	    WIFSIGNALED(how) ? "died of signal" : "ended with status",
	    WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how),
	    (long long)p->pause / 1000);
	notify_status("the filter process died; another is started");
}

/* ---- what happens ------------------------------------------------------- */

/*
 * The child has a newer policy in force: keep it for the child after it.
 * Should the file have changed again since, the old one will do.
 */
static void
policy_renew(struct parent *p, bool lists_alone)
{
	int64_t now = clock_system.wall(clock_system.ctx);
	char *file = strndup(p->policy->file.p, p->policy->file.n);
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy = NULL;
	struct diags diags;

	if (file != NULL && arena != NULL) {
		diags_init(&diags, arena);
		policy = lists_alone
			     ? policy_renew_lists(p->policy, now, &diags)
			     : policy_reload(file, p->policy, now, &diags);
	}
	if (policy != NULL) {
		policy_unref(p->policy);
		p->policy = policy;
	}
	arena_free(arena);
	free(file);
}

static void
say_ready(const struct parent *p, const char *more)
{
	struct why text;

	(void)why_set(&text, "listening on %s; policy in force: %u rule%s%s",
	    p->listener.address, p->policy->n_rules,
	    p->policy->n_rules == 1 ? "" : "s", more);
	notify_ready(text.text);
}

static void
on_news(struct parent *p)
{
	char news;
	ssize_t n = read(p->orders, &news, 1);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) { /* it ends: SIGCHLD follows */
		(void)close(p->orders);
		p->orders = -1;
		return;
	}
	notify_alive(); /* before the lists are loaded, which may take long */
	switch (news) {
	case NEWS_UP:
		p->was_up = true;
		say_ready(p, "");
		break;
	case NEWS_RELOADING:
		notify_reloading();
		break;
	case NEWS_RELOADED:
	case NEWS_LISTS:
		policy_renew(p, news == NEWS_LISTS);
		say_ready(p, "");
		break;
	case NEWS_NOT_RELOADED:
		say_ready(p, ", and the one in the file has errors");
		break;
	case NEWS_LISTS_NOT_RELOADED:
		say_ready(p, ", and a list file has errors");
		break;
	case NEWS_ALIVE:
	default:
		break;
	}
}

static void
on_terminate(struct parent *p)
{
	if (p->stopping) {
		order(p, ORDER_QUIT);
		p->at = now_ms() + KILL_MS;
		return;
	}
	p->stopping = true;
	p->at = now_ms() + (int64_t)p->policy->drain * 1000 + KILL_MS;
	notify_stopping(p->at - now_ms() + KILL_MS);
	order(p, ORDER_STOP);
}

/* False: the daemon is to end. */
static bool
on_child(struct parent *p)
{
	int how;

	if (p->child <= 0 || waitpid(p->child, &how, WNOHANG) != p->child)
		return true;
	while (p->orders >= 0)
		on_news(p); /* what it said last, then the end */
	if (!p->stopping && p->was_up)
		child_died(p, how);
	p->child = 0;
	if (p->stopping) {
		p->status = WIFEXITED(how) ? WEXITSTATUS(how) : EXIT_FAILURE;
		return false;
	}
	if (!p->was_up)
		p->status = EXIT_FAILURE; /* it has said why */
	return p->was_up;
}

/* False: the daemon is to end. */
static bool
on_signal(struct parent *p)
{
	struct signalfd_siginfo info;

	if (read(p->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return true;
	switch (info.ssi_signo) {
	case SIGHUP:
		if (p->child == 0)
			policy_renew(p, false);
		else if (!p->stopping)
			order(p, ORDER_RELOAD);
		return true;
	case SIGCHLD:
		return on_child(p);
	default:
		on_terminate(p);
		return p->child != 0;
	}
}

/* Time is up: to kill, or to start.  False: the daemon is to end. */
static void
on_time(struct parent *p)
{
	if (p->child > 0) {
		(void)fprintf(stderr,
		    "portreeve: the filter process does not end: killed\n");
		(void)kill(p->child, SIGKILL);
		p->at = now_ms() + KILL_MS;
	} else {
		child_start(p);
	}
}

static int
wait_ms(const struct parent *p)
{
	int64_t left = p->at - now_ms();

	if (p->child > 0 && !p->stopping)
		return -1;
	return left < 0 ? 0 : left < BREATH_MS ? (int)left : BREATH_MS;
}

static void
supervise(struct parent *p)
{
	bool go = true;

	child_start(p);
	while (go) {
		struct pollfd fds[] = {
			{ .fd = p->signals, .events = POLLIN },
			{ .fd = p->orders, .events = POLLIN },
		};
		int n = poll(fds, 2, wait_ms(p));

		if (n == 0 && now_ms() >= p->at)
			on_time(p);
		else if (n == 0)
			notify_alive();
		if (n > 0 && fds[1].revents != 0)
			on_news(p);
		if (n > 0 && fds[0].revents != 0)
			go = on_signal(p);
	}
}

/* ---- start and end ------------------------------------------------------ */

/* Out of descriptors, libmilter's accept() fails in a loop. */
static void
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
signals_take(struct parent *p, struct why *why)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &ours, NULL);
	p->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signals >= 0 ||
	       why_set(why, "cannot wait for signals: %s", strerror(errno));
}

/* For who sits at the terminal, unless the log goes there anyway. */
static void
say_listening(const struct parent *p)
{
	const struct setting_log *log = p->policy->logs;

	for (; log != NULL; log = log->next)
		if (log->target == LOG_TO_STDERR)
			return;
	(void)fprintf(stderr,
	    "portreeve: listening on %s; for Postfix's main.cf: "
	    "smtpd_milters = %s\n",
	    p->listener.address, p->listener.postfix);
}

/* The directory of the usual control socket, where nobody has made it. */
static void
control_directory(struct str user)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() == 0 &&
	    privileges_find(user, STR_NONE, &uid, &gid, NULL) &&
	    mkdir(CONTROL_DIRECTORY, 0755) == 0 &&
	    chown(CONTROL_DIRECTORY, uid, gid) != 0)
		(void)rmdir(CONTROL_DIRECTORY);
}

/*
 * Where the policy names no socket, the usual one is taken, and if that
 * cannot be had, another portreeve of this machine having it perhaps, there
 * is none.
 */
static bool
control_open(struct parent *p, struct why *why)
{
	bool usual = str_is_none(p->policy->control);
	struct setting_listen setting = {
		.address = usual ? STR(CONTROL_ADDRESS) : p->policy->control,
		.mode = 0600,
		.user = p->policy->user,
	};

	if (usual)
		control_directory(p->policy->user);
	if (listener_open(&setting, &p->control, why))
		return true;
	if (usual)
		(void)fprintf(stderr,
		    "portreeve: there is no control socket, so reload with "
		    "SIGHUP, or write control \"unix:PATH\": %s\n",
		    why->text);
	return usual;
}

/* Bound here, so that it outlives a filter process. */
static bool
metrics_open(struct parent *p, struct why *why)
{
	return p->policy->metrics.address.n == 0 ||
	       listener_open(&p->policy->metrics, &p->metrics, why);
}

static bool
listen_open(struct parent *p, struct why *why)
{
	int fd = notify_handed(p->policy->listen.address, why);

	if (fd == HANDED_NONE)
		return listener_open(&p->policy->listen, &p->listener, why);
	if (fd == HANDED_WRONG)
		return false;
	listener_adopt(&p->policy->listen, fd, &p->listener);
	return true;
}

static bool
open_all(struct parent *p, struct why *why)
{
	if (p->policy->listen.address.n == 0)
		return why_set(why,
		    "%.*s does not say where to listen; add a line such as: "
		    "listen \"unix:/var/spool/postfix/portreeve/"
		    "portreeve.sock\" mode 0660 group postfix",
		    STR_FMT(p->policy->file));
	notify_begin();
	descriptors_raise();
	return privileges_can(p->policy->user, p->policy->group, why) &&
	       signals_take(p, why) && listen_open(p, why) &&
	       control_open(p, why) && metrics_open(p, why) &&
	       privileges_drop(p->policy->user, p->policy->group, why);
}

int
daemon_run(struct policy *policy, bool sandbox)
{
	struct parent p = { .policy = policy,
		.watched = notify_has_watchdog(),
		.fixed = fixed_new(policy),
		.sandbox = sandbox,
		.listener.fd = -1,
		.control.fd = -1,
		.metrics.fd = -1,
		.signals = -1,
		.orders = -1 };
	struct why why = { .text = "out of memory" };

	if (p.fixed != NULL && open_all(&p, &why)) {
		say_listening(&p);
		supervise(&p);
	} else {
		(void)fprintf(stderr, "portreeve: %s\n", why.text);
		p.status = EXIT_FAILURE;
	}
	listener_close(&p.metrics);
	listener_close(&p.control);
	listener_close(&p.listener);
	if (p.orders >= 0)
		(void)close(p.orders);
	if (p.signals >= 0)
		(void)close(p.signals);
	policy_unref(p.policy);
	fixed_free(p.fixed);
	return p.status;
}
