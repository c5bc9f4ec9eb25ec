/*
 * load_session - one connection to the filter: what comes next, and what a
 * reply means for it.
 *
 *     negotiate connect helo ( mail rcpt* data header* eoh body* eom )* quit
 *
 * Never blocks: what the socket does not take stays in c->out.
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmilter/mfapi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	FLUSH_AT = 4 * CHUNK_MAX,
};

int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/*
 * Sixteen buckets for each power of two, so that a percentile is at most 6 %
 * off.
 */
static void
latency_add(struct tally *tally, int64_t us)
{
	uint64_t v = us < 1 ? 1 : (uint64_t)us;
	unsigned power = 63 - (unsigned)__builtin_clzll(v);
	unsigned part = (unsigned)(power >= 4 ? v >> (power - 4) & 15
					      : v << (4 - power) & 15);

	tally->latency[power * 16 + part]++;
	if (v > tally->latency_max)
		tally->latency_max = v;
}

/* ---- the end ------------------------------------------------------------ */

static enum progress
over(struct load_conn *c, uint64_t *count)
{
	(*count)++;
	(void)close(c->fd);
	c->fd = -1;
	return PROGRESS_OVER;
}

bool
conn_open(struct load_conn *c, const struct shape *shape)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct octets out = c->out;
	struct octets in = c->in;
	bool idle = c->idle;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	strncpy(to.sun_path, shape->socket, sizeof to.sun_path - 1);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		int error = errno;

		(void)close(fd);
		errno = error;
		return false;
	}
	out.n = out.done = in.n = in.done = 0;
	*c = (struct load_conn){ .fd = fd, .idle = idle, .out = out, .in = in };
	return true;
}

/* ---- what comes next ---------------------------------------------------- */

static void
to(struct load_conn *c, enum event event)
{
	c->at = event;
	c->index = 0;
}

static void
message_over(struct load_conn *c, const struct shape *shape)
{
	c->messages++;
	c->queued = false;
	to(c, c->messages < shape->messages ? EVENT_MAIL : EVENT_QUIT);
}

/* A message without recipients is given up. */
static void
after_rcpt(struct load_conn *c, const struct shape *shape)
{
	c->index++;
	if (c->index < shape->recipients)
		return;
	if (c->accepted > 0) {
		to(c, EVENT_DATA);
		return;
	}
	abort_add(&c->out);
	message_over(c, shape);
}

/* Behind an event that is not refused. */
static void
advance(struct load_conn *c, const struct shape *shape)
{
	switch (c->at) {
	case EVENT_MAIL:
		c->accepted = 0;
		c->body = 0;
		to(c, EVENT_RCPT);
		break;
	case EVENT_RCPT:
		c->accepted++;
		c->queued = true;
		after_rcpt(c, shape);
		break;
	case EVENT_DATA:
		to(c, shape->headers > 0 ? EVENT_HEADER : EVENT_EOH);
		break;
	case EVENT_HEADER:
		if (++c->index == shape->headers)
			to(c, EVENT_EOH);
		break;
	case EVENT_EOH:
		to(c, shape->body > 0 ? EVENT_BODY : EVENT_EOM);
		break;
	case EVENT_BODY:
		if (c->body == shape->body)
			to(c, EVENT_EOM);
		break;
	case EVENT_EOM:
		message_over(c, shape);
		break;
	case EVENT_NEGOTIATE:
	case EVENT_CONNECT:
	case EVENT_HELO:
		to(c, c->at + 1);
		break;
	case EVENT_QUIT:
	case EVENT_COUNT:
		break;
	}
}

/* Puts the event at which the session stands into the buffer. */
static void
say(struct load_conn *c, const struct shape *shape, struct tally *tally)
{
	size_t index = c->index;

	if (c->at == EVENT_BODY) {
		uint64_t left = shape->body - c->body;

		index = left < CHUNK_MAX ? (size_t)left : CHUNK_MAX;
		c->body += index;
		tally->body += index;
	}
	event_add(&c->out, shape, c->at, index, c->queued);
}

/* A body that is not wanted is not cut into pieces. */
static void
pass_over(struct load_conn *c, const struct shape *shape)
{
	if (c->at == EVENT_BODY)
		to(c, EVENT_EOM);
	else
		advance(c, shape);
}

/* False: the connection is gone. */
static bool
flush(struct load_conn *c)
{
	while (c->out.done < c->out.n) {
		ssize_t n = send(c->fd, c->out.p + c->out.done,
		    c->out.n - c->out.done, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0)
			return false;
		c->out.done += (size_t)n;
	}
	c->out.n = c->out.done = 0;
	return true;
}

/* Nothing more can be said before the buffer has gone out. */
static bool
must_flush(const struct load_conn *c)
{
	return c->waits || c->at == EVENT_COUNT || c->out.n > FLUSH_AT ||
	       (c->idle && c->at == EVENT_MAIL);
}

static void
go_on(struct load_conn *c, const struct shape *shape, struct tally *tally)
{
	if (!event_comes(c->at, c->steps)) {
		macros_add(&c->out, c->at, c->queued);
		pass_over(c, shape);
		return;
	}
	say(c, shape, tally);
	if (c->at == EVENT_QUIT)
		c->at = EVENT_COUNT;
	else if (event_is_answered(c->at, c->steps)) {
		c->waits = true;
		c->sent = now_us();
	} else
		advance(c, shape);
}

enum progress
conn_go(struct load_conn *c, const struct shape *shape, struct tally *tally)
{
	for (;;) {
		while (!must_flush(c))
			go_on(c, shape, tally);
		if (!flush(c))
			return over(c, &tally->errors);
		if (c->out.n > 0 || c->waits)
			return PROGRESS_WAITS;
		if (c->at == EVENT_COUNT)
			return over(c, &tally->sessions);
		if (c->idle && c->at == EVENT_MAIL)
			return PROGRESS_IDLE;
	}
}

/* ---- replies ------------------------------------------------------------ */

static void
refused(struct load_conn *c, const struct shape *shape, struct tally *tally,
    bool all)
{
	if (c->at == EVENT_BODY && c->body > tally->refused_at)
		tally->refused_at = c->body;
	if (c->at < EVENT_MAIL)
		to(c, EVENT_QUIT);
	else if (c->at == EVENT_RCPT && !all)
		after_rcpt(c, shape);
	else
		message_over(c, shape);
}

/* False: it is no reply, but a change to the message before one. */
static bool
take_reply(struct load_conn *c, const struct shape *shape, struct tally *tally,
    char code)
{
	tally->replies[(unsigned char)code]++;
	switch (code) {
	case SMFIR_CONTINUE:
		tally->messages += c->at == EVENT_EOM;
		advance(c, shape);
		break;
	case SMFIR_SKIP:
		to(c, EVENT_EOM);
		break;
	case SMFIR_ACCEPT:
		tally->messages += c->at >= EVENT_MAIL;
		refused(c, shape, tally, true);
		break;
	case SMFIR_DISCARD:
		refused(c, shape, tally, true);
		break;
	case SMFIR_REJECT:
	case SMFIR_TEMPFAIL:
	case SMFIR_REPLYCODE:
		refused(c, shape, tally, false);
		break;
	default:
		return false;
	}
	return true;
}

static enum progress
take_packet(struct load_conn *c, const struct shape *shape, struct tally *tally,
    const char *p, size_t n)
{
	if (c->at == EVENT_NEGOTIATE) {
		if (*p != SMFIC_OPTNEG || !negotiated(p + 1, n - 1, &c->steps))
			return over(c, &tally->errors);
		c->waits = false;
		to(c, EVENT_CONNECT);
		return PROGRESS_REPLY;
	}
	if (!c->waits)
		return over(c, &tally->errors);
	if (!take_reply(c, shape, tally, *p))
		return PROGRESS_WAITS;
	latency_add(tally, now_us() - c->sent);
	c->waits = false;
	return PROGRESS_REPLY;
}

/* The first whole packet in c->in, taken out. */
static enum progress
next_packet(struct load_conn *c, const struct shape *shape, struct tally *tally)
{
	uint32_t length;
	const char *p = c->in.p + c->in.done;

	if (c->in.n - c->in.done < sizeof length)
		return PROGRESS_WAITS;
	memcpy(&length, p, sizeof length);
	length = ntohl(length);
	if (length == 0 || length > CHUNK_MAX)
		return over(c, &tally->errors);
	if (c->in.n - c->in.done - sizeof length < length)
		return PROGRESS_WAITS;
	c->in.done += sizeof length + length;
	return take_packet(c, shape, tally, p + sizeof length, length);
}

enum progress
conn_read(struct load_conn *c, const struct shape *shape, struct tally *tally)
{
	char room[16 * 1024];
	ssize_t n = recv(c->fd, room, sizeof room, 0);
	enum progress progress;
	size_t before;

	if (n < 0 && errno == EAGAIN)
		return PROGRESS_WAITS;
	if (n <= 0)
		return over(c, &tally->errors);
	octets_add(&c->in, room, (size_t)n);
	do {
		before = c->in.done;
		progress = next_packet(c, shape, tally);
	} while (progress == PROGRESS_WAITS && c->in.done > before);
	if (c->in.done == c->in.n)
		c->in.n = c->in.done = 0;
	return progress;
}
