/*
 * facility - the table of syslog facilities.
 *
 * Those of the kernel are left out: no program may log as the kernel.
 */
#include "lang/facility.h"

#include <syslog.h>

static const struct facility {
	const char *name;
	int number;
} facilities[] = {
	{ "auth", LOG_AUTH },
	{ "authpriv", LOG_AUTHPRIV },
	{ "cron", LOG_CRON },
	{ "daemon", LOG_DAEMON },
	{ "ftp", LOG_FTP },
	{ "lpr", LOG_LPR },
	{ "mail", LOG_MAIL },
	{ "news", LOG_NEWS },
	{ "syslog", LOG_SYSLOG },
	{ "user", LOG_USER },
	{ "uucp", LOG_UUCP },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

enum {
	FACILITY_ROWS = sizeof(facilities) / sizeof(facilities[0])
};

int
facility_find(struct str name)
{
	for (size_t i = 0; i < FACILITY_ROWS; i++)
		if (str_eq(name, str_c(facilities[i].name)))
			return facilities[i].number;
	return -1;
}

struct str
facility_near(struct str name)
{
	unsigned most = 2;
	struct str near = STR_NONE;

	for (size_t i = 0; i < FACILITY_ROWS; i++) {
		struct str row = str_c(facilities[i].name);
		unsigned d = str_distance(name, row, most);
		if (d > most)
			continue;
		near = row;
		if (d == 0)
			break;
		most = d - 1;
	}
	return near;
}

const char *
facility_name(size_t i)
{
	return i < FACILITY_ROWS ? facilities[i].name : NULL;
}

const char *
facility_names(void)
{
	return "auth authpriv cron daemon ftp lpr mail news syslog user uucp "
	       "local0 to local7";
}
