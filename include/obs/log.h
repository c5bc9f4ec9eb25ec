/*
 * log - decision lines to syslog, standard error or a file, never holding up
 * the mail path:
 *
 *     log_record ──▶ queue ──▶ writer thread ──▶ syslog     one queue and one
 *                └─▶ queue ──▶ writer thread ──▶ file       writer a sink
 *
 * A queue is bounded; where it is full the line is dropped and counted, and
 * the count is logged when the sink takes lines again.  A sink that blocks
 * holds up no other.
 */
#ifndef OBS_LOG_H
#define OBS_LOG_H

#include "core/record.h"
#include "lang/policy.h"

struct log;

enum {
	LOG_QUEUE_OCTETS =
	    2 * 1024 * 1024, /* of each sink: 8,000 lines or so */
	LOG_CLOSE_MS = 2000,
};

/* Numbers as in syslog(3). */
enum log_level {
	LEVEL_ERROR = 3,
	LEVEL_WARNING = 4,
	LEVEL_NOTICE = 5,
	LEVEL_INFO = 6,
};

/*
 * Opens the sinks of the policy's log lines and starts their writers.  A
 * sink that cannot be opened is an error (NULL, *why names it).  Any thread
 * may use the log from then on.
 */
struct log *log_open(const struct setting_log *logs, struct why *why);
/* Writes what is queued (at most LOG_CLOSE_MS in all), stops the writers,
 * closes.  A writer that still blocks then is left behind.  NULL is fine. */
void log_close(struct log *log);

/* Waits until all that was queued before is written; false if that takes
 * longer than `ms`. */
bool log_flush(struct log *log, unsigned ms);

/* Lines that were lost since it was opened, of all sinks: dropped, or not taken
 * by what is behind the sink. */
uint64_t log_lost(const struct log *log);

/* True if some sink takes pass lines. */
bool log_wants_pass(const struct log *log);

/* True if both would open the same sinks. */
bool log_same(const struct setting_log *a, const struct setting_log *b);

/* One record to every sink that takes it.  Never blocks on a sink. */
void log_record(struct log *log, const struct record *r);
/* A line of the daemon itself (started, stopping, errors).  Control and 8-bit
 * octets become '?'.  Never blocks. */
void log_event(struct log *log, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
