/*
 * literal - numbers with their kind, read from an item's text.
 */
#include "lang/literal.h"

#include "base/clock.h"

static int
found(enum type type, int64_t num, struct value *value_r)
{
	*value_r =
	    (struct value){ .type = type, .state = VALUE_PRESENT, .num = num };
	return 1;
}

static size_t
digits(struct str s, size_t from)
{
	size_t i = from;

	while (i < s.n && ascii_is_digit(str_at(s, i)))
		i++;
	return i - from;
}

/* Digits known to be at most four. */
static int
small(struct str s, size_t from, size_t n)
{
	int v = 0;

	for (size_t i = from; i < from + n; i++)
		v = v * 10 + (str_at(s, i) - '0');
	return v;
}

/* hh:mm */
static int
parse_clock(struct str s, struct value *value_r, struct why *why)
{
	int hour;
	int minute;

	if (digits(s, 0) == 0 || digits(s, 0) > 2 || digits(s, 3) != 2)
		return 0;
	if (s.n != 5 || s.p[2] != ':')
		return 0;
	hour = small(s, 0, 2);
	minute = small(s, 3, 2);
	if (hour > 23 || minute > 59) {
		why_set(why, "%.*s is no time of day; write 00:00 to 23:59",
		    STR_FMT(s));
		return -1;
	}
	return found(T_CLOCK, hour * 60 + minute, value_r);
}

/* yyyy-mm-dd */
static int
parse_date(struct str s, struct value *value_r, struct why *why)
{
	int64_t days;
	int64_t year;
	int month;
	int day;

	if (s.n != 10 || digits(s, 0) != 4 || s.p[4] != '-' ||
	    digits(s, 5) != 2 || s.p[7] != '-' || digits(s, 8) != 2)
		return 0;
	days = date_days(small(s, 0, 4), small(s, 5, 2), small(s, 8, 2));
	date_civil(days, &year, &month, &day);
	if (month != small(s, 5, 2) || day != small(s, 8, 2)) {
		why_set(why, "there is no day %.*s", STR_FMT(s));
		return -1;
	}
	return found(T_DATE, days, value_r);
}

static const struct unit {
	char letter;
	enum type type;
	int64_t factor;
} units[] = {
	{ 'K', T_SIZE, 1024 },
	{ 'M', T_SIZE, 1024 * 1024 },
	{ 'G', T_SIZE, 1024 * 1024 * 1024 },
	{ 's', T_DURATION, 1 },
	{ 'm', T_DURATION, 60 },
	{ 'h', T_DURATION, 60 * 60 },
	{ 'd', T_DURATION, 24 * 60 * 60 },
};

static const struct unit plain = { 0, T_NUMBER, 1 };

int
literal_parse(struct str s, struct value *value_r, struct why *why)
{
	size_t n = digits(s, 0);
	const struct unit *unit = NULL;
	uint64_t v;
	int form;

	form = parse_clock(s, value_r, why);
	if (form == 0)
		form = parse_date(s, value_r, why);
	if (form != 0 || n == 0 || n + 1 < s.n)
		return form;
	if (n == s.n)
		unit = &plain;
	for (size_t i = 0; unit == NULL && i < sizeof(units) / sizeof(*units);
	     i++)
		if (s.p[n] == units[i].letter)
			unit = &units[i];
	if (unit == NULL)
		return 0;
	if (!str_to_u64(str_sub(s, 0, n), &v) ||
	    v > (uint64_t)(INT64_MAX / unit->factor)) {
		why_set(why, "%.*s is too large", STR_FMT(s));
		return -1;
	}
	return found(unit->type, (int64_t)v * unit->factor, value_r);
}
