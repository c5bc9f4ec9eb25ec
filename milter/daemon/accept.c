/*
 * accept - libmilter and the listening socket.
 *
 * smfi_stop() takes up to five seconds, cuts sessions off and cannot be
 * undone, so it is never called.  To stop accepting, a socket that nobody
 * calls takes the place of the listening one under its number; the listener
 * thread waits on that for good.
 */
#include "daemon/accept.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/callbacks.h"

enum {
	BACKLOG = 65535,
};

/* The number of the descriptor on which libmilter accepts. */
static int milter_fd = -1;
/* Others have the listening socket, too. */
static bool handed;
/* smfi_main() has returned, which it never should. */
static atomic_bool ended;
static void (*at_end)(void);

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

bool
accept_prepare(const struct listener *listener, struct why *why)
{
	if (smfi_register(callbacks) != MI_SUCCESS)
		return why_set(why,
		    "the libmilter of this machine is not the one that this "
		    "program was built for");
	handed = listener->handed;
	(void)smfi_setbacklog(BACKLOG);
	return milter_listen(listener, why);
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

void
accept_stop(void)
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
	if (listening >= 0 && !handed)
		(void)shutdown(listening, SHUT_RDWR);
	if (listening >= 0)
		(void)close(listening);
}
