/*
 * notify - by libsystemd, or not at all.
 */
#include "daemon/notify.h"

#include <stdlib.h>

#ifdef HAVE_LIBSYSTEMD

#include <inttypes.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/buf.h"

void
notify_begin(void)
{
}

void
notify_ready(const char *status)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void
notify_status(const char *status)
{
	(void)sd_notifyf(0, "STATUS=%s", status);
}

void
notify_reloading(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void
notify_stopping(int64_t ms)
{
	(void)sd_notifyf(0,
	    "STOPPING=1\nSTATUS=sessions that are open finish\n"
	    "EXTEND_TIMEOUT_USEC=%" PRId64,
	    ms * 1000);
}

bool
notify_has_watchdog(void)
{
	return sd_watchdog_enabled(0, NULL) > 0;
}

void
notify_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

/* Whether fd listens there; of an inet socket, the port decides. */
static bool
is_at(int fd, struct str address)
{
	char text[256];
	struct buf b = BUF_ON(text);
	int family = str_starts(address, STR("inet6:")) ? AF_INET6 : AF_INET;
	size_t colon = str_find(address, ':');
	uint64_t port;

	if (str_starts(address, STR("unix:"))) {
		buf_str_add(&b, str_from(address, 5));
		return sd_is_socket_unix(fd, SOCK_STREAM, 1, buf_cstr(&b), 0) >
		       0;
	}
	address = str_from(address, colon + 1);
	return str_to_u64(str_sub(address, 0, str_find(address, '@')), &port) &&
	       port <= UINT16_MAX &&
	       sd_is_socket_inet(fd, family, SOCK_STREAM, 1, (uint16_t)port) >
		   0;
}

int
notify_handed(struct str address, struct why *why)
{
	int n = sd_listen_fds(0);

	for (int i = 0; i < n; i++)
		if (is_at(SD_LISTEN_FDS_START + i, address))
			return SD_LISTEN_FDS_START + i;
	if (n <= 0)
		return HANDED_NONE;
	(void)why_set(why,
	    "systemd hands over a socket, but not the one that the policy "
	    "listens on: write the path of \"%.*s\" behind ListenStream= in "
	    "portreeve.socket, or disable that",
	    STR_FMT(address));
	return HANDED_WRONG;
}

#else

static const char remedy[] =
    "this portreeve was built without libsystemd: build it with "
    "./configure --with-libsystemd";

void
notify_begin(void)
{
	if (getenv("NOTIFY_SOCKET") != NULL)
		(void)fprintf(stderr,
		    "portreeve: systemd waits to be told when the start is "
		    "over, and %s, or write Type=exec, and no WatchdogSec=, "
		    "in portreeve.service\n",
		    remedy);
}

void
notify_ready(const char *status)
{
	(void)status;
}

void
notify_status(const char *status)
{
	(void)status;
}

void
notify_reloading(void)
{
}

void
notify_stopping(int64_t ms)
{
	(void)ms;
}

bool
notify_has_watchdog(void)
{
	return false;
}

void
notify_alive(void)
{
}

int
notify_handed(struct str address, struct why *why)
{
	(void)address;
	if (getenv("LISTEN_FDS") == NULL)
		return HANDED_NONE;
	(void)why_set(why,
	    "systemd hands over a socket, and %s, or disable portreeve.socket",
	    remedy);
	return HANDED_WRONG;
}

#endif
