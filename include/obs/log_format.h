/*
 * log_format - one event as the sinks want it; for obs/ only.
 *
 *     text     the line of core/record
 *     JSON     one object on one line
 *     journal  KEY=value, a field a line, no newline at the end
 */
#ifndef OBS_LOG_FORMAT_H
#define OBS_LOG_FORMAT_H

#include "base/buf.h"
#include "core/record.h"
#include "lang/policy.h"

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON,
	LOG_FORMAT_JOURNAL,
	LOG_FORMAT_COUNT
};

enum {
	/* Values are cut at so many octets, so that no event outgrows a line
	 * of LOG_LINE_MAX. */
	LOG_VALUE_MAX = 256,
};

/* The form that a log line of the policy asks for. */
enum log_format log_format_of(const struct setting_log *setting);

/* A record at `when`, in seconds since 1970. */
void log_format_record(enum log_format format, const struct record *r,
    int64_t when, struct buf *out);
/* A line of the daemon itself, made safe already; level as in log.h. */
void log_format_event(enum log_format format, int level, struct str text,
    int64_t when, struct buf *out);

#endif
