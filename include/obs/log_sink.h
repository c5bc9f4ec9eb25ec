/*
 * log_sink - what a place for log lines must be able to do; for obs/ only.
 *
 * A new kind of sink is one file with one struct of these, and a row in
 * log.c.
 */
#ifndef OBS_LOG_SINK_H
#define OBS_LOG_SINK_H

#include "base/diag.h"
#include "lang/policy.h"

enum {
	LOG_LINE_MAX = 17 * 1024, /* longer ones are cut */
};

struct log_line {
	int level;    /* enum log_level */
	int64_t when; /* seconds since 1970 */
	struct str text; /* in the form of the sink: see log_format.h */
};

struct log_sink_ops {
	/* The sink's own state, or NULL with *why. */
	void *(*open)(const struct setting_log *setting, struct why *why);
	/* Called by the sink's writer only.  May block.  A line may be kept
	 * back until flush (NULL: none ever is), which comes soon.  Both
	 * return how many lines were lost by that. */
	unsigned (*write)(void *state, const struct log_line *line);
	unsigned (*flush)(void *state);
	void (*close)(void *state);
};

extern const struct log_sink_ops log_sink_syslog;
extern const struct log_sink_ops log_sink_journal;
/* A file, or standard error where the setting has no path. */
extern const struct log_sink_ops log_sink_file;

#endif
