/*
 * live - an SMTP client that plays a transcript over TCP.
 *
 * The socket never blocks; every wait is bounded by poll.  The decision log,
 * if one is given, is read from where it ended when the client connected:
 * lines that come in while a reply is waited for belong to that reply.
 */
#include "tools/live.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	IN_MAX = 16 * 1024,
	REPLY_MAX = 64 * 1024,
	LOG_MAX = 64 * 1024,
	/* The daemon writes its log behind the reply's back. */
	LOG_LINE_MAX = 4 * 1024,
	LOG_WAIT_MS = 500,
	LOG_STEP_MS = 10,
};

struct live {
	int fd;
	int log_fd;      /* -1: none */
	char in[IN_MAX]; /* came in, not yet taken */
	size_t in_n;
	char reply[REPLY_MAX];
	char log[LOG_MAX]; /* lines of this exchange */
	struct buf log_text;
	struct peer peer;
};

/* ---- waiting ------------------------------------------------------------ */

static bool
wait_for(int fd, short events, struct why *why)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do
		n = poll(&p, 1, LIVE_TIMEOUT_S * 1000);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return true;
	if (n == 0)
		return why_set(
		    why, "no answer from the server for %d s", LIVE_TIMEOUT_S);
	return why_set(why, "poll: %s", strerror(errno));
}

static bool
again(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* ---- connecting --------------------------------------------------------- */

/* "HOST:PORT" or "[ADDR]:PORT" into two C strings. */
static bool
split_address(const char *address, char host[256], char port[32])
{
	struct str s = str_c(address);
	size_t colon = str_rfind(s, ':');
	struct str h, p;

	if (colon == STR_NOWHERE)
		return false;
	h = str_sub(s, 0, colon);
	p = str_from(s, colon + 1);
	if (h.n > 1 && h.p[0] == '[' && h.p[h.n - 1] == ']')
		h = str_sub(h, 1, h.n - 2);
	if (h.n == 0 || h.n > 255 || p.n == 0 || p.n > 31)
		return false;
	memcpy(host, h.p, h.n);
	host[h.n] = '\0';
	memcpy(port, p.p, p.n);
	port[p.n] = '\0';
	return true;
}

/* The socket, or -1. */
static int
connect_to(const struct addrinfo *ai, struct why *why)
{
	int fd = socket(ai->ai_family,
	    ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, ai->ai_protocol);
	int error = 0;
	int on = 1;
	socklen_t n = sizeof error;

	if (fd < 0) {
		(void)why_set(why, "socket: %s", strerror(errno));
		return -1;
	}
	/* Without it each line of a message may wait for the last one's
	 * acknowledgement. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return fd;
	if (errno != EINPROGRESS)
		(void)why_set(why, "%s", strerror(errno));
	else if (wait_for(fd, POLLOUT, why) &&
		 getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0) {
		if (error == 0)
			return fd;
		(void)why_set(why, "%s", strerror(error));
	}
	(void)close(fd);
	return -1;
}

static int
connect_any(const char *address, struct why *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	struct why reason = { .text = "no address" };
	char host[256], port[32];
	int fd = -1;
	int error;

	if (!split_address(address, host, port)) {
		(void)why_set(why,
		    "\"%s\" is no HOST:PORT; write for example 127.0.0.1:25",
		    address);
		return -1;
	}
	error = getaddrinfo(host, port, &hints, &list);
	if (error != 0) {
		(void)why_set(why, "%s: %s", address, gai_strerror(error));
		return -1;
	}
	for (struct addrinfo *ai = list; ai != NULL && fd < 0; ai = ai->ai_next)
		fd = connect_to(ai, &reason);
	freeaddrinfo(list);
	if (fd < 0)
		(void)why_set(
		    why, "cannot connect to %s: %s", address, reason.text);
	return fd;
}

/* ---- the decision log --------------------------------------------------- */

static bool
log_open_at_end(struct live *live, const char *path, struct why *why)
{
	if (path == NULL)
		return true;
	live->log_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (live->log_fd < 0 || lseek(live->log_fd, 0, SEEK_END) < 0)
		return why_set(why, "%s: %s", path, strerror(errno));
	return true;
}

/* Takes what was added; what does not fit is read in the next exchange. */
static void
log_read(struct live *live)
{
	struct buf *b = &live->log_text;
	ssize_t n = read(live->log_fd, b->p + b->n, b->cap - b->n);

	if (n > 0)
		b->n += (size_t)n;
}

/* Is this the line of a decision that was spoken with a reply of this
 * class?  What a client can write comes behind both marks. */
static bool
log_decides(struct str line, char class)
{
	static const char *const verbs[] = {
		": reject: stage=", ": defer: stage=", ": disconnect: stage="
	};
	char mark[] = " reply=\"?";
	bool verb = false;
	char room[LOG_LINE_MAX];
	struct buf b = BUF_ON(room);

	mark[sizeof mark - 2] = class;
	buf_str_add(&b, line);
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		verb = verb || strstr(buf_cstr(&b), verbs[i]) != NULL;
	return verb && strstr(buf_cstr(&b), mark) != NULL;
}

/* The first " rule=" of the last line that decided such a reply; none. */
static struct str
log_rule(const struct live *live, char class)
{
	struct str key = STR(" rule=");
	struct str rest = buf_str(&live->log_text);
	struct str rule = STR_NONE;
	struct str line;

	while (str_split(&rest, '\n', &line)) {
		if (!log_decides(line, class))
			continue;
		while (line.n > 0 && !str_starts(line, key))
			line = str_from(line, 1);
		line = str_from(line, key.n);
		(void)str_word(&line, &rule);
	}
	return rule;
}

/*
 * Reads what belongs to a reply: what is there a moment later, and for a
 * refusal, what comes until its line is there.
 */
static struct str
log_collect(struct live *live, struct str reply)
{
	bool refusal = reply.n > 0 && (reply.p[0] == '4' || reply.p[0] == '5');
	struct str rule = STR_NONE;
	int waited = 0;

	if (live->log_fd < 0)
		return STR_NONE;
	do {
		(void)poll(NULL, 0, LOG_STEP_MS);
		waited += LOG_STEP_MS;
		log_read(live);
		if (refusal)
			rule = log_rule(live, reply.p[0]);
	} while (refusal && rule.p == NULL && waited < LOG_WAIT_MS);
	return rule;
}

static void
live_remarks(void *ctx, FILE *out)
{
	struct live *live = ctx;
	struct str rest = buf_str(&live->log_text);
	struct str line;

	while (live->log_text.n > 0 && str_split(&rest, '\n', &line))
		if (line.n > 0)
			(void)fprintf(out, "# %.*s\n", STR_FMT(line));
}

/* ---- sending and receiving ---------------------------------------------- */

static bool
send_all(struct live *live, struct str s, struct why *why)
{
	while (s.n > 0) {
		ssize_t n = send(live->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n >= 0)
			s = str_from(s, (size_t)n);
		else if (errno == EPIPE || errno == ECONNRESET)
			return true; /* what it said last can be read */
		else if (!again())
			return why_set(why, "cannot send: %s", strerror(errno));
		else if (!wait_for(live->fd, POLLOUT, why))
			return false;
	}
	return true;
}

static bool
receive(struct live *live, struct why *why)
{
	ssize_t n;

	if (live->in_n == sizeof live->in)
		return why_set(why, "the server sent a line over %d octets",
		    (int)sizeof live->in);
	do {
		if (!wait_for(live->fd, POLLIN, why))
			return false;
		n = recv(live->fd, live->in + live->in_n,
		    sizeof live->in - live->in_n, 0);
	} while (n < 0 && again());
	/* It resets one on which there was more for it to read. */
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return why_set(why, "the server has closed the connection");
	if (n < 0)
		return why_set(why, "cannot receive: %s", strerror(errno));
	live->in_n += (size_t)n;
	return true;
}

/* One line of the server into *reply; *last_r if no line follows. */
static bool
reply_line(struct live *live, struct buf *reply, bool *last_r, struct why *why)
{
	struct str line;
	size_t end;

	while (
	    (end = str_find(str_of(live->in, live->in_n), '\n')) == STR_NOWHERE)
		if (!receive(live, why))
			return false;
	line = str_of(live->in, end);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n < 3 || !ascii_is_digit(str_at(line, 0)) ||
	    (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-'))
		return why_set(why, "the server's line is no SMTP reply: %.*s",
		    line.n > 80 ? 80 : (int)line.n, line.p);
	if (reply->n > 0)
		buf_char(reply, '\n');
	buf_str_add(reply, line);
	*last_r = line.n == 3 || line.p[3] == ' ';
	live->in_n -= end + 1;
	memmove(live->in, live->in + end + 1, live->in_n);
	return true;
}

static bool
receive_reply(struct live *live, struct peer_reply *reply_r, struct why *why)
{
	struct buf reply = BUF_ON(live->reply);
	bool last = false;

	while (!last)
		if (!reply_line(live, &reply, &last, why))
			return false;
	if (reply.cut)
		return why_set(why, "the server's reply is over %d octets",
		    (int)sizeof live->reply);
	reply_r->text = buf_str(&reply);
	reply_r->rule = log_collect(live, reply_r->text);
	/* What the log does not say cannot be told: an MTA repeats early
	 * refusals without asking again. */
	reply_r->knows_rule = reply_r->rule.p != NULL;
	return true;
}

static bool
live_greeting(void *ctx, struct peer_reply *reply_r, struct why *why)
{
	return receive_reply(ctx, reply_r, why);
}

static bool
live_line(void *ctx, struct str line, bool answered, struct peer_reply *reply_r,
    struct why *why)
{
	struct live *live = ctx;

	live->log_text = BUF_ON(live->log);
	if (!send_all(live, line, why) || !send_all(live, STR("\r\n"), why))
		return false;
	return !answered || receive_reply(live, reply_r, why);
}

static bool
live_control(void *ctx, const struct transcript_line *line, struct why *why)
{
	(void)ctx;
	(void)line;
	return why_set(why, "X: lines are for offline tests only");
}

/* ---- begin and end ------------------------------------------------------ */

struct live *
live_connect(const char *address, const char *log, struct why *why)
{
	struct live *live = calloc(1, sizeof *live);

	if (live == NULL) {
		(void)why_set(why, "no memory");
		return NULL;
	}
	live->fd = -1;
	live->log_fd = -1;
	live->log_text = BUF_ON(live->log);
	live->peer = (struct peer){ live_greeting, live_line, live_control,
		live_remarks, live };
	if (log_open_at_end(live, log, why))
		live->fd = connect_any(address, why);
	if (live->fd >= 0)
		return live;
	live_close(live);
	return NULL;
}

void
live_close(struct live *live)
{
	if (live == NULL)
		return;
	if (live->fd >= 0)
		(void)close(live->fd);
	if (live->log_fd >= 0)
		(void)close(live->log_fd);
	free(live);
}

const struct peer *
live_peer(struct live *live)
{
	return &live->peer;
}
