/*
 * param_value - the values of ESMTP parameters, one function per row of
 * param.def.
 *
 * A function that says false may have touched nothing but its own fields;
 * param.c gives it fields that nobody looks at where they must not count.
 */
#include "smtp/param_int.h"

#include "base/clock.h"
#include "smtp/address.h"

enum {
	SIZE_DIGITS = 20,  /* RFC 1870 3 */
	TIME_DIGITS = 9,   /* RFC 2852 4, RFC 4865 3 */
	ENVID_MOST = 100,  /* RFC 3461 4.4, as typed */
	ORCPT_MOST = 500,  /* RFC 3461 4.2, as typed */
	HEXPOINT_MOST = 6, /* RFC 6533 3: digits of "\x{...}" */
};

/* ---- xtext -------------------------------------------------------------- */

/* RFC 3461 4: hexadecimal digits of xtext are upper case. */
static int
hex_upper(unsigned char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* hexchar = "+" 2HEX, at s[i]; -1 if it is none */
static int
hexchar(struct str s, size_t i)
{
	int high;
	int low;

	if (s.n - i < 3)
		return -1;
	high = hex_upper(str_at(s, i + 1));
	low = hex_upper(str_at(s, i + 2));
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct str
xtext_decode(struct str xtext, struct arena *arena)
{
	char *p = arena_alloc(arena, xtext.n);
	size_t n = 0;

	if (p == NULL)
		return STR_NONE;
	for (size_t i = 0; i < xtext.n; i++) {
		int c = str_at(xtext, i);
		if (c <= ' ' || c > '~' || c == '=')
			return STR_NONE;
		if (c == '+') {
			c = hexchar(xtext, i);
			i += 2;
		}
		if (c < 0)
			return STR_NONE;
		p[n++] = (char)c;
	}
	return str_of(p, n);
}

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_print(str_at(s, i)))
			return false;
	return true;
}

/* ---- MAIL --------------------------------------------------------------- */

/* "SIZE=" 1*20DIGIT; what no int64 holds is as large as one can be. */
bool
param_read_size(const struct argument *arg, struct params *params)
{
	uint64_t size;

	if (arg->value.n == 0 || arg->value.n > SIZE_DIGITS)
		return false;
	for (size_t i = 0; i < arg->value.n; i++)
		if (!ascii_is_digit(str_at(arg->value, i)))
			return false;
	if (!str_to_u64(arg->value, &size) || size > INT64_MAX)
		size = INT64_MAX;
	params->mail.has_size = true;
	params->mail.size = size;
	return true;
}

/* The word of a NULL-terminated table that the value is, without case. */
static bool
find_word(struct str value, const char *const *words, struct str *word_r)
{
	for (; *words != NULL; words++) {
		if (str_eq_ci(value, str_c(*words))) {
			*word_r = str_c(*words);
			return true;
		}
	}
	return false;
}

bool
param_read_body(const struct argument *arg, struct params *params)
{
	static const char *const words[] = { "7BIT", "8BITMIME", "BINARYMIME",
		NULL };

	return find_word(arg->value, words, &params->mail.body);
}

bool
param_read_smtputf8(const struct argument *arg, struct params *params)
{
	params->mail.smtputf8 = !arg->has;
	return !arg->has;
}

bool
param_read_ret(const struct argument *arg, struct params *params)
{
	static const char *const words[] = { "FULL", "HDRS", NULL };

	return find_word(arg->value, words, &params->mail.ret);
}

bool
param_read_envid(const struct argument *arg, struct params *params)
{
	struct str envid;

	if (arg->value.n == 0 || arg->value.n > ENVID_MOST)
		return false;
	envid = xtext_decode(arg->value, arg->arena);
	if (str_is_none(envid) || !is_printable(envid))
		return false;
	params->mail.envid = envid;
	return true;
}

/* RFC 4954 5: "<>" or a mailbox, as xtext */
bool
param_read_auth(const struct argument *arg, struct params *params)
{
	struct str auth = xtext_decode(arg->value, arg->arena);
	struct address address;

	if (str_is_none(auth))
		return false;
	if (!str_eq(auth, STR("<>")) &&
	    (!address_parse(auth, PATH_MAILBOX, true, arg->arena, &address) ||
		address.fault != FAULT_NONE))
		return false;
	params->mail.auth = auth;
	return true;
}

/* Digits at the start of *s, at most `most`, as a number; goes past them. */
static bool
take_digits(struct str *s, size_t most, int64_t *v_r)
{
	int64_t v = 0;
	size_t n = 0;

	while (n < s->n && ascii_is_digit(str_at(*s, n))) {
		if (n == most)
			return false;
		v = v * 10 + (str_at(*s, n++) - '0');
	}
	*s = str_from(*s, n);
	*v_r = v;
	return n > 0;
}

/* One of the octets of `set`, taken from the start of *s; 0 if none is. */
static char
take_one(struct str *s, const char *set)
{
	char c;

	if (s->n == 0 || s->p[0] == '\0' || strchr(set, s->p[0]) == NULL)
		return '\0';
	c = s->p[0];
	*s = str_from(*s, 1);
	return c;
}

/* RFC 2852 4: "BY=" [ "+" / "-" ] 1*9DIGIT ";" ( "R" / "N" ) [ "T" ] */
bool
param_read_by(const struct argument *arg, struct params *params)
{
	struct str rest = arg->value;
	bool minus = take_one(&rest, "+-") == '-';
	int64_t by;
	bool returns;

	if (!take_digits(&rest, TIME_DIGITS, &by) || take_one(&rest, ";") == 0)
		return false;
	if (minus)
		by = -by;
	returns = take_one(&rest, "Rr") != 0;
	if (!returns && take_one(&rest, "Nn") == 0)
		return false;
	(void)take_one(&rest, "Tt");
	if (rest.n > 0 || (returns && by <= 0))
		return false;
	params->mail.by = by;
	params->mail.by_mode = returns ? STR("R") : STR("N");
	return true;
}

/* RFC 4865 3: 1*9DIGIT */
bool
param_read_holdfor(const struct argument *arg, struct params *params)
{
	struct str rest = arg->value;
	int64_t hold;

	if (!take_digits(&rest, TIME_DIGITS, &hold) || rest.n > 0)
		return false;
	params->mail.hold_kind = HOLD_FOR;
	params->mail.hold = hold;
	return true;
}

/* n digits and, unless that is '\0', one octet of `end` behind them. */
static bool
take_field(struct str *s, size_t n, const char *end, int64_t *v_r)
{
	size_t before = s->n;

	return take_digits(s, n, v_r) && before - s->n == n &&
	       (*end == '\0' || take_one(s, end) != '\0');
}

/* RFC 3339 5.6: full-date, as days since 1970, and its "T" */
static bool
take_date(struct str *s, int64_t *days_r)
{
	int64_t field[3]; /* year, month, day */
	int64_t year;
	int month;
	int day;

	if (!take_field(s, 4, "-", &field[0]) ||
	    !take_field(s, 2, "-", &field[1]) ||
	    !take_field(s, 2, "Tt", &field[2]) || field[1] < 1 ||
	    field[1] > 12 || field[2] < 1 || field[2] > 31)
		return false;
	*days_r = date_days(field[0], (int)field[1], (int)field[2]);
	/* There is no 31st of June: it comes back as another day. */
	date_civil(*days_r, &year, &month, &day);
	return day == field[2];
}

/* time-offset, in seconds: "Z" / ( "+" / "-" ) hour ":" minute */
static bool
take_offset(struct str *s, int64_t *offset_r)
{
	int64_t hour = 0;
	int64_t minute = 0;
	char sign;

	*offset_r = 0;
	if (take_one(s, "Zz") != 0)
		return true;
	sign = take_one(s, "+-");
	if (sign == 0 || !take_field(s, 2, ":", &hour) ||
	    !take_field(s, 2, "", &minute) || hour > 23 || minute > 59)
		return false;
	*offset_r = (sign == '-' ? -1 : 1) * (hour * 60 + minute) * 60;
	return true;
}

/* RFC 4865 3, erratum 2040: date-time of RFC 3339 5.6 */
bool
param_read_holduntil(const struct argument *arg, struct params *params)
{
	struct str rest = arg->value;
	int64_t days;
	int64_t field[3]; /* hour, minute, second */
	int64_t offset;

	if (!take_date(&rest, &days) || !take_field(&rest, 2, ":", &field[0]) ||
	    !take_field(&rest, 2, ":", &field[1]) ||
	    !take_field(&rest, 2, "", &field[2]) || field[0] > 23 ||
	    field[1] > 59 || field[2] > 60)
		return false;
	if (take_one(&rest, ".") != 0) {
		size_t n = 0;
		while (n < rest.n && ascii_is_digit(str_at(rest, n)))
			n++;
		if (n == 0)
			return false;
		rest = str_from(rest, n);
	}
	if (!take_offset(&rest, &offset) || rest.n > 0)
		return false;
	params->mail.hold_kind = HOLD_UNTIL;
	params->mail.hold =
	    days * 86400 + field[0] * 3600 + field[1] * 60 + field[2] - offset;
	return true;
}

/* RFC 6710: "0" / [ "-" ] "1".."9" */
bool
param_read_priority(const struct argument *arg, struct params *params)
{
	struct str rest = arg->value;
	bool minus = take_one(&rest, "-") != 0;

	if (rest.n != 1 || !ascii_is_digit(str_at(rest, 0)) ||
	    (minus && rest.p[0] == '0'))
		return false;
	params->mail.has_priority = true;
	params->mail.priority = (minus ? -1 : 1) * (rest.p[0] - '0');
	return true;
}

bool
param_read_requiretls(const struct argument *arg, struct params *params)
{
	params->mail.requiretls = !arg->has;
	return !arg->has;
}

/* ---- RCPT --------------------------------------------------------------- */

enum {
	NOTIFY_SUCCESS = 1,
	NOTIFY_FAILURE = 2,
	NOTIFY_DELAY = 4,
	NOTIFY_SETS = 8,
};

/* "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ) */
bool
param_read_notify(const struct argument *arg, struct params *params)
{
	static const char *const words[] = { "SUCCESS", "FAILURE", "DELAY",
		NULL };
	static const char *const sets[NOTIFY_SETS] = {
		[NOTIFY_SUCCESS] = "SUCCESS",
		[NOTIFY_FAILURE] = "FAILURE",
		[NOTIFY_DELAY] = "DELAY",
		[NOTIFY_SUCCESS | NOTIFY_FAILURE] = "SUCCESS,FAILURE",
		[NOTIFY_SUCCESS | NOTIFY_DELAY] = "SUCCESS,DELAY",
		[NOTIFY_FAILURE | NOTIFY_DELAY] = "FAILURE,DELAY",
		[NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY] =
		    "SUCCESS,FAILURE,DELAY",
	};
	struct str rest = arg->value;
	struct str piece;
	struct str word;
	unsigned set = 0;

	if (str_eq_ci(arg->value, STR("NEVER"))) {
		params->rcpt.notify = STR("NEVER");
		return true;
	}
	while (str_split(&rest, ',', &piece)) {
		if (!find_word(piece, words, &word))
			return false;
		set |= word.p[0] == 'S'   ? NOTIFY_SUCCESS
		       : word.p[0] == 'F' ? NOTIFY_FAILURE
					  : NOTIFY_DELAY;
	}
	if (set == 0)
		return false;
	params->rcpt.notify = str_c(sets[set]);
	return true;
}

/* addr-type = atom */
static bool
is_addr_type(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = str_at(s, i);
		if (c <= ' ' || c > '~' || strchr("()<>@,;:\\\".[]", c) != NULL)
			return false;
	}
	return s.n > 0;
}

static size_t
put_utf8(uint32_t c, char *p)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* "\x{" HEXPOINT "}" at s[*i]; goes past it. */
static bool
hexpoint(struct str s, size_t *i, uint32_t *c_r)
{
	uint32_t c = 0;
	size_t at = *i + 3;

	if (!str_starts(str_from(s, *i), STR("\\x{")))
		return false;
	for (; at < s.n && s.p[at] != '}'; at++) {
		int digit = hex_upper(str_at(s, at));
		if (digit < 0 || at - *i - 3 == HEXPOINT_MOST)
			return false;
		c = c << 4 | (uint32_t)digit;
	}
	if (at == s.n || c < 0x20 || c == 0x7f || c > 0x10ffff)
		return false;
	*i = at + 1;
	*c_r = c;
	return true;
}

/* RFC 6533 3: an utf-8 address, as "\x{...}" or plainly. */
static struct str
utf8_address(struct str s, struct arena *arena)
{
	/* "\x{20}", the shortest form, is longer than any character. */
	char *p = arena_alloc(arena, s.n);
	size_t n = 0;

	if (p == NULL)
		return STR_NONE;
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		if (s.p[i] != '\\') {
			if (str_at(s, i) <= ' ' || s.p[i] == 0x7f ||
			    s.p[i] == '+' || s.p[i] == '=')
				return STR_NONE;
			p[n++] = s.p[i++];
		} else if (hexpoint(s, &i, &c)) {
			n += put_utf8(c, p + n);
		} else {
			return STR_NONE;
		}
	}
	return str_is_utf8(str_of(p, n)) ? str_of(p, n) : STR_NONE;
}

/* "ORCPT=" addr-type ";" xtext; not kept where the arena fails */
bool
param_read_orcpt(const struct argument *arg, struct params *params)
{
	size_t semicolon = str_find(arg->value, ';');
	struct str type = str_sub(arg->value, 0, semicolon);
	struct str address;
	struct str all;

	if (semicolon == STR_NOWHERE || arg->value.n > ORCPT_MOST ||
	    !is_addr_type(type))
		return false;
	address = str_from(arg->value, semicolon + 1);
	if (str_eq_ci(type, STR("utf-8"))) {
		address = utf8_address(address, arg->arena);
	} else {
		address = xtext_decode(address, arg->arena);
		if (!is_printable(address))
			return false;
	}
	if (address.n == 0)
		return false;
	all = arena_printf(
	    arg->arena, "%.*s;%.*s", STR_FMT(type), STR_FMT(address));
	if (str_is_none(all))
		return false;
	params->rcpt.orcpt = all;
	return true;
}
