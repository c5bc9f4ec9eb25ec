/*
 * str - byte strings by pointer and length.
 *
 * Nothing here allocates or writes: every result points into its argument.
 * Letters are folded by ASCII rules only, whatever the locale says, because
 * SMTP compares keywords and domains so.
 */
#include "base/str.h"

struct str
str_sub(struct str s, size_t from, size_t n)
{
	if (s.p == NULL)
		return s;
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return str_of(s.p + from, n);
}

struct str
str_from(struct str s, size_t from)
{
	return str_sub(s, from, SIZE_MAX);
}

bool
str_eq(struct str a, struct str b)
{
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool
same_ci(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ascii_lower((unsigned char)a[i]) !=
		    ascii_lower((unsigned char)b[i]))
			return false;
	return true;
}

bool
str_eq_ci(struct str a, struct str b)
{
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	return a.n == b.n && same_ci(a.p, b.p, a.n);
}

static int
order(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* None sorts before the empty string, so that the order is total. */
static int
order_none(struct str a, struct str b)
{
	return (a.p != NULL) - (b.p != NULL);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return a.n != b.n ? order(a.n, b.n) : order_none(a, b);
}

int
str_cmp_ci(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		int c = ascii_lower(str_at(a, i)) - ascii_lower(str_at(b, i));
		if (c != 0)
			return c;
	}
	return a.n != b.n ? order(a.n, b.n) : order_none(a, b);
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool
str_starts_ci(struct str s, struct str prefix)
{
	return s.n >= prefix.n && same_ci(s.p, prefix.p, prefix.n);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       str_starts(str_from(s, s.n - suffix.n), suffix);
}

bool
str_ends_ci(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       str_starts_ci(str_from(s, s.n - suffix.n), suffix);
}

size_t
str_find(struct str s, char c)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return at == NULL ? STR_NOWHERE : (size_t)(at - s.p);
}

size_t
str_rfind(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return STR_NOWHERE;
}

struct str
str_directory(struct str path)
{
	size_t slash = str_rfind(path, '/');

	if (slash == STR_NOWHERE)
		return STR(".");
	return str_sub(path, 0, slash == 0 ? 1 : slash);
}

size_t
str_search(struct str s, struct str what)
{
	for (size_t i = 0; i + what.n <= s.n; i++)
		if (what.n == 0 || memcmp(s.p + i, what.p, what.n) == 0)
			return i;
	return STR_NOWHERE;
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && ascii_is_space(str_at(s, 0)))
		s = str_from(s, 1);
	while (s.n > 0 && ascii_is_space(str_at(s, s.n - 1)))
		s.n--;
	return s;
}

bool
str_split(struct str *rest, char sep, struct str *piece_r)
{
	size_t at;

	if (str_is_none(*rest))
		return false;
	at = str_find(*rest, sep);
	if (at == STR_NOWHERE) {
		*piece_r = *rest;
		*rest = STR_NONE;
	} else {
		*piece_r = str_sub(*rest, 0, at);
		*rest = str_from(*rest, at + 1);
	}
	return true;
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

bool
str_word(struct str *rest, struct str *word_r)
{
	size_t from = 0;
	size_t end;

	while (from < rest->n && is_blank(str_at(*rest, from)))
		from++;
	end = from;
	while (end < rest->n && !is_blank(str_at(*rest, end)))
		end++;
	if (end == from)
		return false;
	*word_r = str_sub(*rest, from, end - from);
	*rest = str_from(*rest, end);
	return true;
}

bool
str_to_u64(struct str s, uint64_t *v_r)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = str_at(s, i) - (unsigned)'0';
		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*v_r = v;
	return true;
}

/*
 * The octets of the UTF-8 character at s[i] (RFC 3629: no overlong forms, no
 * surrogates, up to U+10FFFF); 0 if there is none.
 */
static size_t
utf8_char(struct str s, size_t i)
{
	unsigned char c = str_at(s, i);
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t n;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (s.n - i < n)
		return 0;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if (str_at(s, i + 1) < low || str_at(s, i + 1) > high)
		return 0;
	for (size_t k = 2; k < n; k++)
		if ((str_at(s, i + k) & 0xc0) != 0x80)
			return 0;
	return n;
}

bool
str_is_utf8(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = utf8_char(s, i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

bool
str_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (str_at(s, i) >= 0x80)
			return false;
	return true;
}

enum {
	DISTANCE_MAX = 64
};

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool
same_letter(struct str a, size_t i, struct str b, size_t j)
{
	return ascii_lower(str_at(a, i)) == ascii_lower(str_at(b, j));
}

/* Optimal string alignment; three rows are enough for swaps. */
unsigned
str_distance(struct str a, struct str b, unsigned most)
{
	unsigned rows[3][DISTANCE_MAX + 1];
	size_t gap = a.n > b.n ? a.n - b.n : b.n - a.n;

	if (a.n > DISTANCE_MAX || b.n > DISTANCE_MAX || gap > most)
		return most + 1;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *up = rows[(i + 2) % 3];
		const unsigned *up2 = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			bool same = same_letter(a, i - 1, b, j - 1);
			row[j] = least(up[j], row[j - 1]) + 1;
			row[j] = least(row[j], up[j - 1] + !same);
			if (i > 1 && j > 1 && same_letter(a, i - 1, b, j - 2) &&
			    same_letter(a, i - 2, b, j - 1))
				row[j] = least(row[j], up2[j - 2] + 1);
		}
	}
	return least(rows[a.n % 3][b.n], most + 1);
}
