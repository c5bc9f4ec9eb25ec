/*
 * clock - the machine's clocks behind the interface that tests replace.
 *
 * clock_gettime cannot fail for these clocks on any system we build on;
 * should it, time stands at 0, which no caller divides by.
 */
#include "base/clock.h"

#include <stdlib.h>

/* Seconds need no counter of the processor to be read. */
#ifdef CLOCK_REALTIME_COARSE
#define CLOCK_SECONDS CLOCK_REALTIME_COARSE
#else
#define CLOCK_SECONDS CLOCK_REALTIME
#endif

static struct timespec
read_clock(clockid_t id)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(id, &now);
	return now;
}

static int64_t
system_wall(void *ctx)
{
	(void)ctx;
	return (int64_t)read_clock(CLOCK_SECONDS).tv_sec;
}

static int64_t
system_mono_us(void *ctx)
{
	struct timespec now = read_clock(CLOCK_MONOTONIC);

	(void)ctx;
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool
system_local(void *ctx, int64_t wall, struct tm *tm_r)
{
	time_t t = (time_t)wall;

	(void)ctx;
	return localtime_r(&t, tm_r) != NULL;
}

const struct clock clock_system = { .wall = system_wall,
	.mono_us = system_mono_us,
	.local = system_local,
	.ctx = NULL };

/* libc has one time zone for a process, in the environment. */
bool
clock_set_timezone(struct str name)
{
	static char *first; /* TZ at the first call; "" for none */
	const char *tz = getenv("TZ");
	char *copy;
	bool ok;

	if (first == NULL)
		first = strdup(tz == NULL ? "" : tz);
	if (first == NULL)
		return false;
	copy = name.n > 0 ? strndup(name.p, name.n) : strdup(first);
	if (copy == NULL)
		return false;
	ok = (copy[0] != '\0' ? setenv("TZ", copy, 1) : unsetenv("TZ")) == 0;
	free(copy);
	tzset();
	return ok;
}

/*
 * Both ways count years from March, so that the leap day is the last of its
 * year, in eras of 400 years (146,097 days); 1970-01-01 is day 719,468 of
 * that count.
 */
enum {
	DAYS_OF_ERA = 146097,
	DAYS_TO_1970 = 719468
};

static int64_t
floor_div(int64_t a, int64_t b)
{
	return (a >= 0 ? a : a - (b - 1)) / b;
}

int64_t
date_days(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t in_era = y - era * 400;
	int64_t in_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * DAYS_OF_ERA + in_era * 365 + in_era / 4 - in_era / 100 +
	       in_year - DAYS_TO_1970;
}

void
date_civil(int64_t days, int64_t *year_r, int *month_r, int *day_r)
{
	int64_t shifted = days + DAYS_TO_1970;
	int64_t era = floor_div(shifted, DAYS_OF_ERA);
	int64_t d = shifted - era * DAYS_OF_ERA;
	int64_t y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	int64_t in_year = d - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153;

	*day_r = (int)(in_year - (153 * m + 2) / 5) + 1;
	*month_r = (int)(m < 10 ? m + 3 : m - 9);
	*year_r = y + era * 400 + (*month_r <= 2 ? 1 : 0);
}
