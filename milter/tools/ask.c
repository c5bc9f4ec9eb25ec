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
	ANSWER_S = 10,  /* numbers are there at once */
	RELOAD_S = 300, /* large lists take their time to load */
};

/* ---- where it is -------------------------------------------------------- */

/* False with *why if the path does not fit in an address. */
static bool
address_find(const struct ask *ask, struct sockaddr_un *to_r, struct why *why)
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
		(void)why_set(why,
		    "this is too long for the path of a socket: %.*s",
		    STR_FMT(address));
	to_r->sun_family = AF_UNIX;
	arena_free(arena);
	return ok;
}

/* "; x.conf cannot be read (...), so that this is the usual one", or "" */
static const char *
unread(const struct ask *ask, struct buf *out)
{
	if (ask->control == NULL && ask->file != NULL &&
	    access(ask->file, R_OK) != 0)
		buf_printf(out,
		    "; %s cannot be read (%s), so that this is the usual "
		    "socket (--control names another)",
		    ask->file, strerror(errno));
	return buf_cstr(out);
}

static bool
connect_fault(
    const struct ask *ask, const char *path, int error, struct why *why)
{
	char room[400];
	struct buf more = BUF_ON(room);
	const char *what = strerror(error);

	if (error == ENOENT || error == ECONNREFUSED)
		what = "no portreeve runs with it; see its log, and whether it "
		       "runs with this policy (-c FILE)";
	else if (error == EACCES)
		what = "only root and the user that portreeve runs as may ask "
		       "it; try sudo";
	else if (error == EAGAIN)
		what = "it takes no more questions now; try again";
	return why_set(
	    why, "control socket %s: %s%s", path, what, unread(ask, &more));
}

/* -1 with *why and the end it is if it cannot be reached. */
static int
daemon_connect(const struct ask *ask, const struct sockaddr_un *to,
    unsigned seconds, struct why *why, enum ask_end *end_r)
{
	struct timeval most = { .tv_sec = seconds };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == 0 &&
	    connect(fd, (const struct sockaddr *)to, sizeof *to) == 0)
		return fd;
	*end_r = errno == EACCES ? ASK_DENIED : ASK_FAILED;
	(void)connect_fault(ask, to->sun_path, errno, why);
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

static bool
no_answer(unsigned seconds, bool late, struct why *why)
{
	if (!late)
		return why_set(
		    why, "the portreeve that runs ended before it answered");
	return why_set(why,
	    "there is no answer within %u s: the filter process hangs, or has "
	    "died and is about to be started again; see its log",
	    seconds);
}

static enum ask_end
answer_copy(int fd, unsigned seconds, FILE *out, struct why *why)
{
	char text[4096];
	ssize_t n = read_all(fd, text, sizeof text);
	struct str head = n > 0 ? str_of(text, (size_t)n) : STR("");
	bool ok = str_starts(head, STR(CONTROL_OK));

	if (!ok && !str_starts(head, STR(CONTROL_FAULT))) {
		(void)no_answer(seconds, n < 0 && errno == EAGAIN, why);
		return ASK_FAILED;
	}
	head = str_from(head, ok ? strlen(CONTROL_OK) : strlen(CONTROL_FAULT));
	while (head.n > 0) {
		(void)fwrite(head.p, 1, head.n, out);
		n = read_all(fd, text, sizeof text);
		head = n > 0 ? str_of(text, (size_t)n) : STR("");
	}
	return ok ? ASK_OK : ASK_FAULT;
}

enum ask_end
ask_text(const struct ask *ask, const char *request, FILE *out, struct why *why)
{
	struct sockaddr_un to = { .sun_path = "" };
	char room[CONTROL_LINE_MAX];
	struct buf line = BUF_ON(room);
	unsigned seconds = strcmp(request, "reload") == 0 ? RELOAD_S : ANSWER_S;
	enum ask_end end;
	int fd;

	buf_c(&line, request);
	buf_char(&line, '\n');
	if (!address_find(ask, &to, why))
		return ASK_FAILED;
	fd = daemon_connect(ask, &to, seconds, why, &end);
	if (fd < 0)
		return end;
	/* What it cannot send, the missing answer tells. */
	if (send(fd, line.p, line.n, MSG_NOSIGNAL) < 0 && errno != EPIPE) {
		(void)why_set(why, "cannot ask it: %s", strerror(errno));
		end = ASK_FAILED;
	} else {
		end = answer_copy(fd, seconds, out, why);
	}
	(void)close(fd);
	return end;
}

int
ask_daemon(const struct command *self, const struct ask *ask,
    const char *request, FILE *out)
{
	char *text = NULL;
	size_t n = 0;
	FILE *answer = open_memstream(&text, &n);
	struct why why = { .text = "out of memory" };
	enum ask_end end = ASK_FAILED;

	if (answer != NULL) {
		end = ask_text(ask, request, answer, &why);
		(void)fclose(answer);
	}
	if (end == ASK_DENIED || end == ASK_FAILED)
		(void)fprintf(
		    stderr, "portreeve %s: %s\n", self->name, why.text);
	else if (n > 0)
		(void)fwrite(text, 1, n, end == ASK_OK ? out : stderr);
	free(text);
	return end == ASK_OK ? EXIT_SUCCESS : STATUS_FAULT;
}
