/*
 * log_syslog - the sink for the machine's syslog daemon.
 *
 *     <PRI>Nov 26 10:00:00 portreeve[PID]: LINE
 *
 * A socket of its own, not syslog(3): that holds a lock of the whole process
 * while the daemon takes nothing, and libmilter's threads log by it; and it
 * loses lines in silence while there is no daemon.  Here only the sink's
 * writer waits, and what was lost is counted and told to the daemon that
 * comes back; standard error is told at most once a minute.
 */
#include "obs/log_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "lang/facility.h"

#define SYSLOG_SOCKET "/dev/log"

enum {
	COMPLAIN_US = 60 * 1000 * 1000,
	HEAD_MAX = 80, /* priority, time, program and process id */
};

struct syslog_sink {
	int facility;
	int fd;             /* connected; -1: not */
	int type;           /* of fd: SOCK_DGRAM, or SOCK_STREAM */
	uint64_t lost;      /* lines since the last one that was taken */
	int error;          /* of the last of them */
	int64_t complained; /* on standard error; microseconds */
	bool has_complained;
};

static bool
connect_as(struct syslog_sink *s, int type)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = SYSLOG_SOCKET };

	s->type = type;
	s->fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return false;
	if (connect(s->fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return true;
	s->error = errno;
	(void)close(s->fd);
	s->fd = -1;
	return false;
}

/* Some daemons listen for a stream. */
static bool
connected(struct syslog_sink *s)
{
	return s->fd >= 0 || connect_as(s, SOCK_DGRAM) ||
	       (s->error == EPROTOTYPE && connect_as(s, SOCK_STREAM));
}

static void *
syslog_open(const struct setting_log *setting, struct why *why)
{
	struct syslog_sink *s = calloc(1, sizeof *s);
	struct str name = setting->value.n > 0 ? setting->value : STR("mail");

	if (s == NULL) {
		(void)why_set(why, "out of memory");
		return NULL;
	}
	s->fd = -1;
	s->facility = facility_find(name);
	if (s->facility < 0) {
		(void)why_set(why,
		    "there is no syslog facility \"%.*s\"; write one of %s",
		    STR_FMT(name), facility_names());
		free(s);
		return NULL;
	}
	(void)connected(s); /* or later: no daemon is no reason not to run */
	return s;
}

/* ---- writing ------------------------------------------------------------ */

/* All of a message; a stream may take it in parts. */
static bool
send_all(struct syslog_sink *s, struct str message)
{
	while (message.n > 0) {
		ssize_t n = send(s->fd, message.p, message.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			s->error = errno;
			return false;
		}
		message = str_from(message, (size_t)n);
	}
	return true;
}

/* To the daemon that is there, or to the one that has come after it. */
static bool
send_message(struct syslog_sink *s, struct str message)
{
	for (int i = 0; i < 2; i++) {
		if (!connected(s))
			return false;
		if (send_all(s, message))
			return true;
		(void)close(s->fd);
		s->fd = -1;
	}
	return false;
}

/* RFC 3164's: without year or zone, in English whatever the locale. */
static void
time_print(int64_t when, struct buf *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)when;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return;
	buf_printf(out, "%.3s %2d %02d:%02d:%02d ", months + 3 * tm.tm_mon,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool
send_line(struct syslog_sink *s, int level, int64_t when, struct str text)
{
	char room[LOG_LINE_MAX + HEAD_MAX];
	struct buf b = BUF_ON(room);

	buf_printf(&b, "<%d>", s->facility | level);
	time_print(when, &b);
	buf_printf(&b, "portreeve[%ld]: ", (long)getpid());
	buf_str_add(&b, text);
	/* It ends a message in a stream. */
	if (connected(s) && s->type == SOCK_STREAM)
		buf_char(&b, '\0');
	return send_message(s, buf_str(&b));
}

/* What was lost is told before anything else. */
static bool
lost_told(struct syslog_sink *s, int64_t when)
{
	char text[256];
	struct buf b = BUF_ON(text);

	if (s->lost == 0)
		return true;
	buf_printf(&b, "%llu log lines could not be written: %s",
	    (unsigned long long)s->lost, strerror(s->error));
	if (!send_line(s, LOG_WARNING, when, buf_str(&b)))
		return false;
	s->lost = 0;
	return true;
}

static void
complain(struct syslog_sink *s)
{
	char text[256];
	struct buf b = BUF_ON(text);
	int64_t now = clock_system.mono_us(clock_system.ctx);

	if (s->has_complained && now - s->complained < COMPLAIN_US)
		return;
	s->has_complained = true;
	s->complained = now;
	buf_printf(&b,
	    "portreeve: cannot log to syslog (" SYSLOG_SOCKET
	    "): %s; lines lost so far: %llu\n",
	    strerror(s->error), (unsigned long long)s->lost);
	if (write(STDERR_FILENO, b.p, b.n) < 0)
		return; /* there is nobody left to tell */
}

static unsigned
syslog_write(void *state, const struct log_line *line)
{
	struct syslog_sink *s = state;

	if (lost_told(s, line->when) &&
	    send_line(s, line->level, line->when, line->text))
		return 0;
	s->lost++;
	complain(s);
	return 1;
}

static void
syslog_close(void *state)
{
	struct syslog_sink *s = state;

	if (s->fd >= 0)
		(void)close(s->fd);
	free(s);
}

const struct log_sink_ops log_sink_syslog = {
	.open = syslog_open,
	.write = syslog_write,
	.close = syslog_close,
};
