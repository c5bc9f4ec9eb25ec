/*
 * log_syslog - the sink for syslog(3).
 *
 * syslog(3) blocks while the local daemon takes nothing, which only the
 * sink's writer feels; it reconnects by itself when the daemon was
 * restarted.  The C library keeps one connection a process: closing a sink
 * leaves it alone, since another (during a reload) may be in use.
 */
#include "obs/log_sink.h"

#include <stdlib.h>
#include <syslog.h>

#include "lang/facility.h"

struct syslog_sink {
	int facility;
};

static void *
syslog_open(const struct setting_log *setting, struct why *why)
{
	struct syslog_sink *s = malloc(sizeof *s);
	struct str name = setting->value.n > 0 ? setting->value : STR("mail");

	if (s == NULL) {
		(void)why_set(why, "out of memory");
		return NULL;
	}
	s->facility = facility_find(name);
	if (s->facility < 0) {
		(void)why_set(why,
		    "there is no syslog facility \"%.*s\"; write one of %s",
		    STR_FMT(name), facility_names());
		free(s);
		return NULL;
	}
	openlog("portreeve", LOG_PID | LOG_NDELAY, s->facility);
	return s;
}

static void
syslog_write(void *state, const struct log_line *line)
{
	const struct syslog_sink *s = state;

	syslog(s->facility | line->level, "%.*s", STR_FMT(line->text));
}

static void
syslog_close(void *state)
{
	free(state);
}

const struct log_sink_ops log_sink_syslog = {
	.open = syslog_open,
	.write = syslog_write,
	.close = syslog_close,
};
