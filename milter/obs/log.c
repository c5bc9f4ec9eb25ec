/*
 * log - the queues and the writers.
 *
 * A log is a list of sinks that never changes once it is open.  Each sink
 * has a lock, a queue and one writer thread; the lock is held to copy lines in
 * or out, never while the sink is written.
 *
 * To wake a thread costs more than to make a line.  So a writer is woken by the
 * first line only, and lets a few milliseconds of them gather (unless there is
 * somebody who waits for them) before it writes them all in one go.
 *
 * Where the queue is full, lines are dropped until half of it is free again,
 * so that the notice of how many comes once and not between every two lines.
 * log_close() gives up a writer that blocks for good: the sink is the
 * writer's then, which frees it should it ever come back.
 */
#include "obs/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "obs/log_format.h"
#include "obs/log_queue.h"
#include "obs/log_sink.h"

enum {
	BATCH_OCTETS = 32 * 1024,
	GATHER_MS = 5,
	EVENT_MAX = 2048, /* octets of a line of the daemon itself */
};

struct sink {
	struct sink *next;
	const struct log_sink_ops *ops;
	void *state;
	enum log_format format;
	bool decisions; /* takes no pass lines */
	pthread_t writer;

	char batch[BATCH_OCTETS]; /* the writer's: what it is at */

	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t work;  /* lines came, or `hurry`, or `stop` */
	pthread_cond_t idle;  /* all was written, or `ended` */
	struct log_queue queue;
	uint64_t dropped;               /* not told yet */
	atomic_uint_fast64_t lost_ever; /* these, and what ops lost */
	bool asleep;                    /* the writer waits for a first line */
	bool hurry;                     /* somebody waits for the lines */
	bool busy;                      /* the writer is at a batch */
	bool stop;
	bool ended;
	bool abandoned; /* the writer frees the sink */
};

struct log {
	struct sink *first;
};

static void
sink_free(struct sink *s)
{
	if (s->state != NULL)
		s->ops->close(s->state);
	log_queue_free(&s->queue);
	pthread_cond_destroy(&s->idle);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- the writer --------------------------------------------------------- */

/* The notice of dropped lines, in the form of the sink. */
static void
dropped_line(const struct sink *s, struct log_line *line_r, struct buf *out)
{
	char room[160];
	struct buf b = BUF_ON(room);

	buf_printf(&b,
	    "%llu log lines were dropped here: they came faster than this log "
	    "took them",
	    (unsigned long long)s->dropped);
	*line_r =
	    (struct log_line){ .level = LEVEL_WARNING, .when = time(NULL) };
	log_format_event(
	    s->format, LEVEL_WARNING, buf_str(&b), line_r->when, out);
	line_r->text = buf_str(out);
}

static struct timespec
deadline_in(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* Called with the lock: the notice of dropped lines, once half is free. */
static bool
sink_reopened(struct sink *s)
{
	char text[512];
	struct buf b = BUF_ON(text);
	struct log_line notice;

	if (s->dropped == 0)
		return true;
	if (s->queue.used > s->queue.size / 2)
		return false;
	dropped_line(s, &notice, &b);
	if (!log_queue_put(&s->queue, &notice))
		return false;
	s->dropped = 0;
	return true;
}

/* So many lines that they should not wait for more. */
static bool
is_filling(const struct sink *s)
{
	return s->queue.used > s->queue.size / 4;
}

/* Called with the lock, by the writer. */
static void
wait_for_lines(struct sink *s)
{
	struct timespec deadline;

	while (s->queue.used == 0 && s->dropped == 0 && !s->stop) {
		s->hurry = false;
		pthread_cond_broadcast(&s->idle);
		s->asleep = true;
		pthread_cond_wait(&s->work, &s->lock);
	}
	s->asleep = false;
	deadline = deadline_in(GATHER_MS);
	while (!s->stop && !s->hurry && !is_filling(s) && s->dropped == 0 &&
	       pthread_cond_timedwait(&s->work, &s->lock, &deadline) == 0)
		continue;
}

/* The next lines, waited for; none at the end.  Called with the lock. */
static struct str
batch_next(struct sink *s)
{
	struct str batch;

	do {
		wait_for_lines(s);
		(void)sink_reopened(s);
		batch = log_queue_take(&s->queue, s->batch, sizeof s->batch);
	} while (batch.n == 0 && !s->stop);
	return batch;
}

static void
batch_write(struct sink *s, struct str batch)
{
	struct log_line line;
	unsigned lost = 0;

	while (log_batch_next(&batch, &line))
		lost += s->ops->write(s->state, &line);
	if (s->ops->flush != NULL)
		lost += s->ops->flush(s->state);
	atomic_fetch_add(&s->lost_ever, lost);
}

/* Signals are for the thread that waits for them, never for a writer. */
static void *
writer_main(void *arg)
{
	struct sink *s = arg;
	struct str batch;
	sigset_t all;
	bool abandoned;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_mutex_lock(&s->lock);
	while ((batch = batch_next(s)).n > 0) {
		s->busy = true;
		pthread_mutex_unlock(&s->lock);
		batch_write(s, batch);
		pthread_mutex_lock(&s->lock);
		s->busy = false;
	}
	s->ended = true;
	abandoned = s->abandoned;
	pthread_cond_broadcast(&s->idle);
	pthread_mutex_unlock(&s->lock);
	if (abandoned)
		sink_free(s);
	return NULL;
}

/* ---- opening and closing ------------------------------------------------ */

static const struct log_sink_ops *
sink_ops(enum log_target target)
{
	switch (target) {
	case LOG_TO_SYSLOG:
		return &log_sink_syslog;
	case LOG_TO_JOURNAL:
		return &log_sink_journal;
	case LOG_TO_STDERR:
	case LOG_TO_FILE:
		break;
	}
	return &log_sink_file;
}

static struct sink *
sink_open(const struct setting_log *setting, struct why *why)
{
	struct sink *s = calloc(1, sizeof *s);
	pthread_condattr_t monotonic;

	if (s == NULL) {
		(void)why_set(why, "out of memory");
		return NULL;
	}
	s->ops = sink_ops(setting->target);
	s->format = log_format_of(setting);
	s->decisions = setting->decisions;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->work, &monotonic);
	pthread_cond_init(&s->idle, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (!log_queue_init(&s->queue, LOG_QUEUE_OCTETS))
		(void)why_set(why, "out of memory");
	else
		s->state = s->ops->open(setting, why);
	if (s->state != NULL &&
	    pthread_create(&s->writer, NULL, writer_main, s) == 0)
		return s;
	if (s->state != NULL)
		(void)why_set(why, "cannot start a thread for the log");
	sink_free(s);
	return NULL;
}

struct log *
log_open(const struct setting_log *logs, struct why *why)
{
	struct log *log = calloc(1, sizeof *log);
	struct sink **end;

	if (log == NULL) {
		(void)why_set(why, "out of memory");
		return NULL;
	}
	end = &log->first;
	for (; logs != NULL; logs = logs->next) {
		*end = sink_open(logs, why);
		if (*end == NULL) {
			log_close(log);
			return NULL;
		}
		end = &(*end)->next;
	}
	return log;
}

/* Frees the sink once its writer has ended, or leaves it to the writer. */
static void
sink_close(struct sink *s, const struct timespec *deadline)
{
	pthread_t writer = s->writer;
	bool ended;

	pthread_mutex_lock(&s->lock);
	while (!s->ended &&
	       pthread_cond_timedwait(&s->idle, &s->lock, deadline) == 0)
		continue;
	ended = s->ended;
	s->abandoned = !ended;
	pthread_mutex_unlock(&s->lock);
	if (!ended) {
		pthread_detach(writer);
		return;
	}
	pthread_join(writer, NULL);
	sink_free(s);
}

void
log_close(struct log *log)
{
	struct timespec deadline = deadline_in(LOG_CLOSE_MS);
	struct sink *next;

	if (log == NULL)
		return;
	for (struct sink *s = log->first; s != NULL; s = s->next) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->work);
		pthread_mutex_unlock(&s->lock);
	}
	for (struct sink *s = log->first; s != NULL; s = next) {
		next = s->next;
		sink_close(s, &deadline);
	}
	free(log);
}

bool
log_flush(struct log *log, unsigned ms)
{
	struct timespec deadline = deadline_in(ms);
	bool all = true;

	for (struct sink *s = log->first; s != NULL; s = s->next) {
		pthread_mutex_lock(&s->lock);
		s->hurry = s->queue.used > 0;
		pthread_cond_signal(&s->work);
		while (
		    (s->queue.used > 0 || s->busy || s->dropped > 0) &&
		    pthread_cond_timedwait(&s->idle, &s->lock, &deadline) == 0)
			continue;
		all = all && s->queue.used == 0 && !s->busy && s->dropped == 0;
		pthread_mutex_unlock(&s->lock);
	}
	return all;
}

uint64_t
log_lost(const struct log *log)
{
	uint64_t n = 0;

	for (const struct sink *s = log->first; s != NULL; s = s->next)
		n += atomic_load(&s->lost_ever);
	return n;
}

bool
log_wants_pass(const struct log *log)
{
	for (const struct sink *s = log->first; s != NULL; s = s->next)
		if (!s->decisions)
			return true;
	return false;
}

bool
log_same(const struct setting_log *a, const struct setting_log *b)
{
	while (a != NULL && b != NULL && a->target == b->target &&
	       a->decisions == b->decisions && a->json == b->json &&
	       str_eq(a->value, b->value)) {
		a = a->next;
		b = b->next;
	}
	return a == NULL && b == NULL;
}

/* ---- lines -------------------------------------------------------------- */

static void
sink_put(struct sink *s, const struct log_line *line)
{
	pthread_mutex_lock(&s->lock);
	if (!sink_reopened(s) || !log_queue_put(&s->queue, line)) {
		s->dropped++;
		atomic_fetch_add(&s->lost_ever, 1);
	}
	if (s->asleep || is_filling(s)) {
		s->asleep = false;
		pthread_cond_signal(&s->work);
	}
	pthread_mutex_unlock(&s->lock);
}

/* One record to the sinks of one form; `out` is room for its line. */
static void
record_put(struct log *log, enum log_format format, const struct record *r,
    int64_t when, struct buf *out)
{
	struct log_line line = { .level = LEVEL_INFO, .when = when };

	for (struct sink *s = log->first; s != NULL; s = s->next) {
		if (s->format != format ||
		    (r->kind == RECORD_PASS && s->decisions))
			continue;
		if (out->n == 0)
			log_format_record(format, r, when, out);
		line.text = buf_str(out);
		sink_put(s, &line);
	}
}

static bool
has_form(const struct log *log, enum log_format format)
{
	for (const struct sink *s = log->first; s != NULL; s = s->next)
		if (s->format == format)
			return true;
	return false;
}

/*
 * Lines of text are short, the others may not be.  They have a function of
 * their own for their room: of the stack of a thread that has ended the C
 * library gives back what was used beyond 16 KiB, and that costs the next
 * thread a page fault for each page.
 */
static void __attribute__((noinline)) record_put_long(struct log *log,
    enum log_format format, const struct record *r, int64_t when)
{
	char text[LOG_LINE_MAX];
	struct buf out = BUF_ON(text);

	record_put(log, format, r, when, &out);
}

void
log_record(struct log *log, const struct record *r)
{
	int64_t when = time(NULL); /* the same in every form */
	char text[RECORD_LINE_MAX];
	struct buf out = BUF_ON(text);

	record_put(log, LOG_FORMAT_TEXT, r, when, &out);
	for (unsigned f = 0; f < LOG_FORMAT_COUNT; f++)
		if (f != LOG_FORMAT_TEXT && has_form(log, (enum log_format)f))
			record_put_long(log, (enum log_format)f, r, when);
}

void
log_event(struct log *log, enum log_level level, const char *fmt, ...)
{
	char raw[EVENT_MAX];
	char safe[EVENT_MAX];
	char text[EVENT_MAX * 2 + 128];
	struct buf b = BUF_ON(safe);
	struct log_line line = { .level = (int)level, .when = time(NULL) };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	buf_safe(&b, str_c(raw), 0);
	for (struct sink *s = log->first; s != NULL; s = s->next) {
		struct buf line_text = BUF_ON(text);

		log_format_event(
		    s->format, (int)level, buf_str(&b), line.when, &line_text);
		line.text = buf_str(&line_text);
		sink_put(s, &line);
	}
}
