/*
 * Calendar days, and the time zone of the process.
 */
#include <check.h>

#include "base/clock.h"

Suite *suite_clock(void);

static const struct {
	int64_t days;
	int64_t year;
	int month;
	int day;
} dates[] = {
	{ 0, 1970, 1, 1 },
	{ -1, 1969, 12, 31 },
	{ 11016, 2000, 2, 29 },
	{ 11017, 2000, 3, 1 },
	{ 20779, 2026, 11, 22 },
	{ 47541, 2100, 3, 1 },
	{ 47540, 2100, 2, 28 },
	{ -719162, 1, 1, 1 },
};

START_TEST(dates_both_ways)
{
	int64_t year;
	int month, day;

	ck_assert_int_eq(
	    date_days(dates[_i].year, dates[_i].month, dates[_i].day),
	    dates[_i].days);
	date_civil(dates[_i].days, &year, &month, &day);
	ck_assert_int_eq(year, dates[_i].year);
	ck_assert_int_eq(month, dates[_i].month);
	ck_assert_int_eq(day, dates[_i].day);
}
END_TEST

/* Every day of 800 years: back and forth, and libc agrees. */
START_TEST(every_day)
{
	for (int64_t d = -146097; d < 146097; d++) {
		time_t t = (time_t)d * 86400;
		int64_t year;
		int month, day;
		struct tm tm;

		date_civil(d, &year, &month, &day);
		ck_assert_int_eq(date_days(year, month, day), d);
		ck_assert_ptr_nonnull(gmtime_r(&t, &tm));
		ck_assert_int_eq(year, tm.tm_year + 1900);
		ck_assert_int_eq(month, tm.tm_mon + 1);
		ck_assert_int_eq(day, tm.tm_mday);
	}
}
END_TEST

static int
local_hour(int64_t wall)
{
	struct tm tm;

	ck_assert(clock_system.local(clock_system.ctx, wall, &tm));
	return tm.tm_hour;
}

START_TEST(time_zones)
{
	const int64_t noon = 1795348800; /* 2026-11-22 12:00 UTC */
	int before = local_hour(noon);

	ck_assert(clock_set_timezone(STR("Asia/Tokyo")));
	ck_assert_int_eq(local_hour(noon), 21);
	ck_assert(clock_set_timezone(STR("UTC")));
	ck_assert_int_eq(local_hour(noon), 12);
	ck_assert(clock_set_timezone(STR_NONE));
	ck_assert_int_eq(local_hour(noon), before);
}
END_TEST

START_TEST(goes_on)
{
	int64_t wall = clock_system.wall(clock_system.ctx);
	int64_t mono = clock_system.mono_us(clock_system.ctx);

	ck_assert_int_gt(wall, 1700000000);
	ck_assert_int_ge(clock_system.mono_us(clock_system.ctx), mono);
}
END_TEST

Suite *
suite_clock(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");

	/* Every day there is, on a machine that does other things too. */
	tcase_set_timeout(tc, 60);

	tcase_add_loop_test(
	    tc, dates_both_ways, 0, (int)(sizeof dates / sizeof dates[0]));
	tcase_add_test(tc, every_day);
	tcase_add_test(tc, time_zones);
	tcase_add_test(tc, goes_on);
	suite_add_tcase(suite, tc);
	return suite;
}
