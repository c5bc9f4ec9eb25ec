/*
 * What is found in the octets of messages, against a counter that goes one
 * octet at a time, with the body cut at every place and at every two.
 */
#include <check.h>
#include <string.h>

#include "core/octets.h"

Suite *suite_octets(void);

enum {
	LOOK_ALL = 63,
	PIECE = 65535
};

struct message {
	const char *name;
	struct str field; /* "Name: value", or empty: no field */
	struct str body;
};

#define BODY(text) STR(""), STR(text)
#define FIELD(text) STR(text), STR("")

static const struct message messages[] = {
	{ "nothing", BODY("") },
	{ "one line", BODY("hello\r\n") },
	{ "a line without end", BODY("hello\r\nworld, longer") },
	{ "empty lines", BODY("\r\n\r\n\r\n") },
	{ "the longest first", BODY("abcdef\r\nabc\r\n") },
	{ "the longest last", BODY("abc\r\nabcdef\r\n") },
	{ "bare LF", BODY("ab\ncd\r\n") },
	{ "LF first of all", BODY("\nab\r\n") },
	{ "LF behind a line end", BODY("ab\r\n\ncd\r\n") },
	{ "bare CR", BODY("ab\rcd\r\n") },
	{ "bare CR at the end", BODY("ab\r\ncd\r") },
	{ "CR alone", BODY("\r") },
	{ "CR CR LF", BODY("ab\r\r\ncd\r\n") },
	{ "CR CR CR", BODY("ab\r\r\rcd\r\n") },
	{ "LF CR", BODY("ab\n\rcd\r\n") },
	{ "LF CR LF", BODY("ab\n\r\ncd\r\n") },
	{ "NUL", STR(""), { "ab\0cd\r\n", 7 } },
	{ "NUL in a long piece", STR(""),
	    { "0123456789abcdef\r\n0123456789\0abcdef\r\n", 37 } },
	{ "8-bit first", BODY("\303\244bcdefghijklmnop\r\n") },
	{ "8-bit last", BODY("abcdefghijklmnop\r\n\377") },
	{ "8-bit in the middle", BODY("abcdefghijk\200lmnopqrst\r\n") },
	{ "DEL is no 8-bit", BODY("abcdefgh\177ijk\r\n") },
	{ "all of it", STR("Subject: \303\244\r."),
	    { "a\rb\nc\r\n\0\304\r\n.\r", 14 } },
	{ "a field", FIELD("Subject: hello") },
	{ "a field without value", FIELD("Subject: ") },
	{ "a long first line", FIELD("Subject: hello, you\n world\n x") },
	{ "a long fold", FIELD("Subject: hello\n world, how are you\n x") },
	{ "folds with CR", FIELD("Subject: hello\r\n world, how are\r\n x") },
	{ "8-bit value", FIELD("Subject: gr\303\274n") },
	{ "8-bit name", FIELD("S\303\274bject: x") },
	{ "bare CR in a value", FIELD("Subject: a\rb") },
	{ "CR ends a value", FIELD("Subject: ab\r") },
	{ "a field longer than the body", STR("Subject: hello, world"),
	    STR("ab\r\ncd\r\n") },
	{ "a body longer than the field", STR("A: b"), STR("abcdefg\r\n") },
};

/* Octet by octet.  In a field LF is a fold and never bare. */
static void
count_naively(struct octets *o, struct str text, bool field)
{
	uint64_t line = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool lf_next = i + 1 < text.n && text.p[i + 1] == '\n';

		if (c > 127)
			o->eight_bit = true;
		if (c > 127 && field)
			o->header_eight_bit = true;
		if (c == '\0')
			o->nul = true;
		if (c == '\r' && !lf_next)
			o->bare_cr = true;
		if (c == '\n' && !field && (i == 0 || text.p[i - 1] != '\r'))
			o->bare_lf = true;
		if (c == '\n')
			line = 0;
		else if (c != '\r' || !lf_next)
			line++;
		if (line > o->longest)
			o->longest = line;
	}
}

static struct octets
naive(const struct message *m)
{
	struct octets o = { .longest = 0 };

	count_naively(&o, m->field, true);
	count_naively(&o, m->body, false);
	return o;
}

static void
tell_field(struct octets *o, unsigned looks, struct str field)
{
	size_t colon = str_find(field, ':');

	if (colon != STR_NOWHERE)
		octets_field(o, looks, str_sub(field, 0, colon),
		    str_from(field, colon + 2));
}

/* In three pieces, of which some may be empty. */
static struct octets
in_pieces(const struct message *m, unsigned looks, size_t a, size_t b)
{
	struct octets o = { .longest = 0 };

	tell_field(&o, looks, m->field);
	octets_body(&o, looks, m->body.p, a);
	octets_body(&o, looks, m->body.p + a, b - a);
	octets_body(&o, looks, m->body.p + b, m->body.n - b);
	octets_end(&o, looks);
	return o;
}

static void
same(const struct message *m, unsigned looks, const struct octets *got)
{
	struct octets o = naive(m);
	bool eight = (looks & LOOK_EIGHT_BIT) != 0;
	bool header = eight || (looks & LOOK_HEADER_EIGHT_BIT) != 0;
	uint64_t longest = (looks & LOOK_LINES) != 0 ? o.longest : 0;

	ck_assert_msg(got->longest == longest, "%s, looks %u: longest %llu",
	    m->name, looks, (unsigned long long)got->longest);
	ck_assert_msg(!eight || got->eight_bit == o.eight_bit,
	    "%s, looks %u: eight_bit", m->name, looks);
	ck_assert_msg(got->header_eight_bit == (header && o.header_eight_bit),
	    "%s, looks %u: header_eight_bit", m->name, looks);
	ck_assert_msg(
	    got->bare_cr == ((looks & LOOK_BARE_CR) != 0 && o.bare_cr),
	    "%s, looks %u: bare_cr", m->name, looks);
	ck_assert_msg(
	    got->bare_lf == ((looks & LOOK_BARE_LF) != 0 && o.bare_lf),
	    "%s, looks %u: bare_lf", m->name, looks);
	ck_assert_msg(got->nul == ((looks & LOOK_NUL) != 0 && o.nul),
	    "%s, looks %u: nul", m->name, looks);
}

START_TEST(wherever_it_is_cut)
{
	const struct message *m = &messages[_i];

	for (size_t a = 0; a <= m->body.n; a++)
		for (size_t b = a; b <= m->body.n; b++) {
			struct octets o = in_pieces(m, LOOK_ALL, a, b);

			same(m, LOOK_ALL, &o);
		}
}
END_TEST

START_TEST(only_what_is_looked_for)
{
	const struct message *m = &messages[_i];

	for (unsigned looks = 0; looks <= LOOK_ALL; looks++) {
		struct octets o =
		    in_pieces(m, looks, m->body.n / 3, m->body.n / 2);

		same(m, looks, &o);
	}
}
END_TEST

/* Every octet a piece of its own. */
START_TEST(octet_by_octet)
{
	const struct message *m = &messages[_i];
	struct octets o = { .longest = 0 };

	tell_field(&o, LOOK_ALL, m->field);
	for (size_t i = 0; i < m->body.n; i++)
		octets_body(&o, LOOK_ALL, m->body.p + i, 1);
	octets_end(&o, LOOK_ALL);
	same(m, LOOK_ALL, &o);
}
END_TEST

/* All texts of these octets up to a length, in pieces of each size. */
START_TEST(all_short_bodies)
{
	static const char octets[] = { 'a', '\r', '\n', '\0', '\200' };
	char text[6];

	for (unsigned n = 0; n < 5 * 5 * 5 * 5 * 5 * 5; n++) {
		struct message m = { "short", STR(""), { text, sizeof text } };
		unsigned rest = n;

		for (size_t i = 0; i < sizeof text; i++, rest /= 5)
			text[i] = octets[rest % 5];
		for (size_t size = 1; size <= sizeof text; size++) {
			struct octets o = { .longest = 0 };

			for (size_t i = 0; i < sizeof text; i += size)
				octets_body(&o, LOOK_ALL, text + i,
				    sizeof text - i < size ? sizeof text - i
							   : size);
			octets_end(&o, LOOK_ALL);
			same(&m, LOOK_ALL, &o);
		}
	}
}
END_TEST

/* A line over many pieces grows with each, also beyond 32 bits. */
START_TEST(a_line_over_many_pieces)
{
	static char text[PIECE];
	struct octets o = { .longest = UINT32_MAX, .line = UINT32_MAX };

	memset(text, 'x', sizeof text);
	for (uint64_t i = 1; i <= 20; i++) {
		octets_body(&o, LOOK_ALL, text, sizeof text);
		ck_assert(o.longest == UINT32_MAX + i * PIECE);
	}
	octets_body(&o, LOOK_ALL, "\r\n", 2);
	octets_end(&o, LOOK_ALL);
	ck_assert(o.longest == UINT32_MAX + UINT64_C(20) * PIECE);
	ck_assert(!o.bare_cr && !o.bare_lf && !o.eight_bit && !o.nul);
}
END_TEST

Suite *
suite_octets(void)
{
	Suite *suite = suite_create("octets");
	TCase *tc = tcase_create("octets");
	int n = (int)(sizeof messages / sizeof messages[0]);

	tcase_add_loop_test(tc, wherever_it_is_cut, 0, n);
	tcase_add_loop_test(tc, only_what_is_looked_for, 0, n);
	tcase_add_loop_test(tc, octet_by_octet, 0, n);
	tcase_add_test(tc, all_short_bodies);
	tcase_add_test(tc, a_line_over_many_pieces);
	suite_add_tcase(suite, tc);
	return suite;
}
