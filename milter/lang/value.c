/*
 * value - names of types, and values as text.
 */
#include "lang/value.h"

#include "base/clock.h"

static const char *const names[T_COUNT] = {
	[T_NONE] = "nothing",
	[T_BOOL] = "true or false",
	[T_NUMBER] = "a number",
	[T_SIZE] = "a size",
	[T_DURATION] = "a duration",
	[T_CLOCK] = "a time of day",
	[T_DATE] = "a date",
	[T_STRING] = "a string",
	[T_DOMAIN] = "a domain",
	[T_ADDRESS] = "an address",
	[T_IP] = "an IP address",
};

const char *
type_name(enum type type)
{
	return names[type];
}

bool
type_is_numeric(enum type type)
{
	switch (type) {
	case T_NUMBER:
	case T_SIZE:
	case T_DURATION:
	case T_CLOCK:
	case T_DATE:
		return true;
	case T_NONE:
	case T_BOOL:
	case T_STRING:
	case T_DOMAIN:
	case T_ADDRESS:
	case T_IP:
	case T_COUNT:
		return false;
	}
	return false;
}

static void
print_date(int64_t days, struct buf *out)
{
	int64_t year;
	int month;
	int day;

	date_civil(days, &year, &month, &day);
	buf_printf(out, "%04lld-%02d-%02d", (long long)year, month, day);
}

void
value_print(const struct value *v, struct buf *out)
{
	if (v->state == VALUE_ABSENT || v->state == VALUE_UNKNOWN) {
		buf_char(out, '-');
		return;
	}
	switch (v->type) {
	case T_NONE:
	case T_COUNT:
		buf_char(out, '-');
		break;
	case T_BOOL:
		buf_c(out, v->truth ? "true" : "false");
		break;
	case T_NUMBER:
	case T_SIZE:
	case T_DURATION:
		buf_i64(out, v->num);
		break;
	case T_CLOCK:
		buf_printf(out, "%02d:%02d", (int)(v->num / 60 % 24),
		    (int)(v->num % 60));
		break;
	case T_DATE:
		print_date(v->num, out);
		break;
	case T_STRING:
	case T_DOMAIN:
		buf_str_add(out, v->str);
		break;
	case T_ADDRESS:
		buf_str_add(out, v->address->norm);
		break;
	case T_IP:
		ip_print(v->ip, out);
		break;
	}
}
