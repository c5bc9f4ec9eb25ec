/*
 * clock - the time, injected where it matters so that tests can set it; and
 * calendar days as numbers.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/str.h"

struct clock {
	/* Seconds since 1970 UTC. */
	int64_t (*wall)(void *ctx);
	/* Microseconds of a clock that never goes back. */
	int64_t (*mono_us)(void *ctx);
	/* The calendar's view of `wall`, in the time zone in force; false if
	 * it has none. */
	bool (*local)(void *ctx, int64_t wall, struct tm *tm_r);
	void *ctx;
};

/* The machine's clocks and the process's time zone (TZ). */
extern const struct clock clock_system;

/*
 * Puts a time zone ("Europe/Berlin") in force for the whole process; none
 * goes back to the one that it began with.  One thread calls this; others
 * may read clocks meanwhile and see the old zone or the new one.  False when
 * memory is out.
 */
bool clock_set_timezone(struct str name);

/* Days from 1970-01-01 to a date of the Gregorian calendar (month 1..12, day
 * from 1; not checked), and back. */
int64_t date_days(int64_t year, int month, int day);
void date_civil(int64_t days, int64_t *year_r, int *month_r, int *day_r);

#endif
