/*
 * accept - libmilter and the listening socket.
 *
 * smfi_stop() takes up to five seconds, cuts sessions off and cannot be
 * undone, so it is never called.  To stop accepting, for a while or for good,
 * a socket that nobody calls takes the place of the listening one under its
 * number; the listener thread waits on that.
 */
#include "daemon/accept.h"

#include <errno.h>
#include <fcntl.h>
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/callbacks.h"

enum {
	BACKLOG = 65535,
	/* Many times what an event takes: a regex has 32 KiB here, a line of
	 * the log 17. */
	WORKER_STACK = 512 * 1024,
};

/* The number of the descriptor on which libmilter accepts. */
static int milter_fd = -1;
/* smfi_main() has returned, which it never should. */
static atomic_bool ended;
static void (*at_end)(void);

enum gate_is {
	OPEN,
	PAUSED,
	SHUT, /* for good */
};

static struct {
	pthread_mutex_t lock; /* of `is`, and of what stands at milter_fd */
	enum gate_is is;
	int listening; /* the socket under a number of its own */
	int nobody;
	bool handed;           /* others have the listening socket, too */
	unsigned long refused; /* in this pause */
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER };

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

/*
 * libmilter starts and ends workers all the time: under load, one for every
 * third session.  The C library keeps the stacks of ended threads for new ones,
 * but not more than 40 MB of them: five of the usual size.  The others are
 * unmapped, and a new one costs the calls that map it, and a page fault for
 * each page that is touched: in all, a twentieth of what a session costs.
 */
static void
stacks_shrink(void)
{
#ifdef HAVE_PTHREAD_SETATTR_DEFAULT_NP
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, WORKER_STACK) == 0)
		(void)pthread_setattr_default_np(&attr);
	(void)pthread_attr_destroy(&attr);
#endif
}

static void *
milter_main(void *arg)
{
	(void)arg;
	(void)smfi_main();
	atomic_store(&ended, true);
	at_end();
	return NULL;
}

bool
accept_start(void (*when_ended)(void), struct why *why)
{
	pthread_t thread;

	at_end = when_ended;
	stacks_shrink();
	if (pthread_create(&thread, NULL, milter_main, NULL) != 0)
		return why_set(
		    why, "cannot start a thread: %s", strerror(errno));
	pthread_detach(thread);
	return true;
}

bool
accept_ended(void)
{
	return atomic_load(&ended);
}

/* ---- whether it takes connections --------------------------------------- */

/* A socket takes its place in the next call of accept(); one that waits in
 * poll() on what stood there before is woken by what comes there. */
static void
put(int fd)
{
	if (fd >= 0)
		(void)dup2(fd, milter_fd);
}

/* Where nobody calls: without a path, the kernel gives it a name that nobody
 * knows. */
static int
nobody_open(void)
{
	struct sockaddr unnamed = { .sa_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || (bind(fd, &unnamed, sizeof unnamed.sa_family) == 0 &&
			  listen(fd, 1) == 0))
		return fd;
	(void)close(fd);
	return -1;
}

/* Wakes who waits for nobody. */
static void
nobody_call(void)
{
	struct sockaddr_un address;
	socklen_t n = sizeof address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	if (getsockname(gate.nobody, (struct sockaddr *)&address, &n) == 0)
		(void)connect(fd, (const struct sockaddr *)&address, n);
	(void)close(fd);
}

/* Its own descriptors for both, and accept() that never waits: it would go
 * on to wait for one socket with another in its place. */
static bool
gate_make(const struct listener *listener, struct why *why)
{
	gate.handed = listener->handed;
	gate.listening = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0);
	gate.nobody = nobody_open();
	if (gate.listening >= 0 && gate.nobody >= 0 &&
	    fcntl(gate.listening, F_SETFL, O_NONBLOCK) == 0)
		return true;
	return why_set(
	    why, "cannot make a socket for pauses: %s", strerror(errno));
}

void
accept_pause(void)
{
	pthread_mutex_lock(&gate.lock);
	if (gate.is == OPEN) {
		gate.is = PAUSED;
		put(gate.nobody);
	}
	pthread_mutex_unlock(&gate.lock);
}

static enum gate_is
gate_now(void)
{
	enum gate_is is;

	pthread_mutex_lock(&gate.lock);
	is = gate.is;
	pthread_mutex_unlock(&gate.lock);
	return is;
}

bool
accept_is_paused(void)
{
	return gate_now() == PAUSED;
}

bool
accept_is_open(void)
{
	return gate_now() == OPEN;
}

void
accept_refuse(void)
{
	int fd;

	while (accept_is_paused() &&
	       (fd = accept4(gate.listening, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		(void)close(fd);
		gate.refused++;
	}
}

unsigned long
accept_resume(void)
{
	unsigned long refused = gate.refused;

	pthread_mutex_lock(&gate.lock);
	if (gate.is == PAUSED) {
		gate.is = OPEN;
		put(gate.listening);
		nobody_call();
	}
	pthread_mutex_unlock(&gate.lock);
	gate.refused = 0;
	return refused;
}

void
accept_stop(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.is = SHUT;
	put(gate.nobody);
	pthread_mutex_unlock(&gate.lock);
	if (!gate.handed)
		(void)shutdown(gate.listening, SHUT_RDWR);
}

bool
accept_prepare(const struct listener *listener, struct why *why)
{
	if (smfi_register(callbacks) != MI_SUCCESS)
		return why_set(why,
		    "the libmilter of this machine is not the one that this "
		    "program was built for");
	(void)smfi_setbacklog(BACKLOG);
	return gate_make(listener, why) && milter_listen(listener, why);
}
