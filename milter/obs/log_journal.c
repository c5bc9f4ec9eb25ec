/*
 * log_journal - the sink for systemd's journal, with its fields.
 *
 * sd_journal_sendv(3) blocks while journald takes nothing, which only the
 * sink's writer feels; where no journald runs, lines are lost in silence, as
 * the library has it, so opening asks for its socket first.
 */
#include "obs/log_sink.h"

#ifdef HAVE_LIBSYSTEMD

#include <errno.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

enum {
	FIELDS_MAX = 32, /* more than record_field.def has rows, and ours */
};

/* There is no state: the library has its own. */
static char opened;

static void *
journal_open(const struct setting_log *setting, struct why *why)
{
	(void)setting;
	if (access(JOURNAL_SOCKET, F_OK) == 0)
		return &opened;
	(void)why_set(why,
	    "cannot log to the journal: " JOURNAL_SOCKET ": %s; where systemd "
	    "does not run write log syslog",
	    strerror(errno));
	return NULL;
}

static unsigned
journal_write(void *state, const struct log_line *line)
{
	struct iovec fields[FIELDS_MAX];
	struct str rest = line->text;
	struct str field;
	int n = 0;

	(void)state;
	while (n < FIELDS_MAX && str_split(&rest, '\n', &field))
		fields[n++] = (struct iovec){
			.iov_base = (void *)(uintptr_t)field.p,
			.iov_len = field.n,
		};
	return sd_journal_sendv(fields, n) < 0 ? 1 : 0;
}

static void
journal_close(void *state)
{
	(void)state;
}

#else

static void *
journal_open(const struct setting_log *setting, struct why *why)
{
	(void)setting;
	(void)why_set(why,
	    "log journal needs libsystemd, and this portreeve was built "
	    "without it; write log syslog");
	return NULL;
}

static unsigned
journal_write(void *state, const struct log_line *line)
{
	(void)state;
	(void)line;
	return 1;
}

static void
journal_close(void *state)
{
	(void)state;
}

#endif

const struct log_sink_ops log_sink_journal = {
	.open = journal_open,
	.write = journal_write,
	.close = journal_close,
};
