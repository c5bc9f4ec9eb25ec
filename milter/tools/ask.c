/*
 * ask - the client of the control socket.
 */
#include "tools/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "core/control.h"

enum {
	ANSWER_S = 300, /* large lists take their time to load */
};

/* ---- where it is -------------------------------------------------------- */

/* False, and said so, if the path does not fit in an address. */
static bool
address_find(
    const struct command *self, const struct ask *ask, struct sockaddr_un *to_r)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct str address = str_c(ask->control);
	struct buf path = BUF_ON(to_r->sun_path);
	bool ok;

	if (str_is_none(address) && arena != NULL)
		address = policy_read_control(ask->file, arena);
	if (str_is_none(address))
		address = STR(CONTROL_ADDRESS);
	if (str_starts(address, STR("unix:")))
		address = str_from(address, 5);
	buf_str_add(&path, address);
	ok = path.n < sizeof to_r->sun_path && !path.cut;
	if (ok)
		(void)buf_cstr(&path);
	else
		(void)fprintf(stderr,
		    "portreeve %s: this is too long for the path of a socket: "
		    "%.*s\n",
		    self->name, STR_FMT(address));
	to_r->sun_family = AF_UNIX;
	arena_free(arena);
	return ok;
}

static void
connect_fault(const struct command *self, const char *path, int error)
{
	const char *what = strerror(error);

	if (error == ENOENT || error == ECONNREFUSED)
		what = "no portreeve runs with it; see its log, and whether it "
		       "runs with this policy (-c FILE)";
	else if (error == EACCES)
		what = "only root and the user that portreeve runs as may ask "
		       "it; try sudo";
	else if (error == EAGAIN)
		what = "it takes no more questions now; try again";
	(void)fprintf(stderr, "portreeve %s: control socket %s: %s\n",
	    self->name, path, what);
}

/* -1, and said so, if it cannot be reached. */
static int
daemon_connect(const struct command *self, const struct sockaddr_un *to)
{
	struct timeval most = { .tv_sec = ANSWER_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == 0 &&
	    connect(fd, (const struct sockaddr *)to, sizeof *to) == 0)
		return fd;
	connect_fault(self, to->sun_path, errno);
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* ---- the answer --------------------------------------------------------- */

/* Up to `size` octets, less only at the end, which is a reset where the
 * daemon did not read all that it was sent. */
static ssize_t
read_all(int fd, char *p, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, p + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && got == 0)
			return -1;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* The exit status. */
static int
answer_copy(const struct command *self, int fd, FILE *good)
{
	char text[4096];
	ssize_t n = read_all(fd, text, sizeof text);
	struct str head = n > 0 ? str_of(text, (size_t)n) : STR("");
	bool ok = str_starts(head, STR(CONTROL_OK));
	FILE *out = ok ? good : stderr;

	if (!ok && !str_starts(head, STR(CONTROL_FAULT))) {
		(void)fprintf(stderr, "portreeve %s: %s\n", self->name,
		    n < 0 && errno == EAGAIN
			? "there is no answer; see the log of the portreeve "
			  "that runs"
			: "the portreeve that runs ended before it answered");
		return STATUS_FAULT;
	}
	head = str_from(head, ok ? strlen(CONTROL_OK) : strlen(CONTROL_FAULT));
	while (head.n > 0) {
		(void)fwrite(head.p, 1, head.n, out);
		n = read_all(fd, text, sizeof text);
		head = n > 0 ? str_of(text, (size_t)n) : STR("");
	}
	return ok && fflush(out) == 0 ? EXIT_SUCCESS : STATUS_FAULT;
}

int
ask_daemon(const struct command *self, const struct ask *ask,
    const char *request, FILE *out)
{
	struct sockaddr_un to = { .sun_path = "" };
	char room[CONTROL_LINE_MAX];
	struct buf line = BUF_ON(room);
	int status = STATUS_FAULT;
	int fd;

	buf_c(&line, request);
	buf_char(&line, '\n');
	if (!address_find(self, ask, &to))
		return STATUS_FAULT;
	fd = daemon_connect(self, &to);
	if (fd < 0)
		return STATUS_FAULT;
	/* What it cannot send, the missing answer tells. */
	if (send(fd, line.p, line.n, MSG_NOSIGNAL) >= 0 || errno == EPIPE)
		status = answer_copy(self, fd, out);
	(void)close(fd);
	return status;
}
