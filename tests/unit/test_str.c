/*
 * Unit tests of base/str.
 */
#include "base/str.h"

#include <check.h>
#include <stdlib.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

START_TEST(sub_is_cut_to_what_is_there)
{
	struct str s = STR("abcdef");

	ck_assert(str_eq(str_sub(s, 1, 2), STR("bc")));
	ck_assert(str_eq(str_sub(s, 4, 9), STR("ef")));
	ck_assert(str_eq(str_sub(s, 6, 1), STR("")));
	ck_assert(str_eq(str_sub(s, 99, 1), STR("")));
	ck_assert(str_eq(str_sub(s, 1, SIZE_MAX), STR("bcdef")));
	ck_assert(str_eq(str_from(s, 5), STR("f")));
	ck_assert(str_is_none(str_sub(STR_NONE, 3, 4)));
	ck_assert(!str_is_none(str_from(s, 6)));
}
END_TEST

static const struct {
	const char *a;
	const char *b;
	int order;
	int order_ci;
} orders[] = {
	{ "", "", 0, 0 },
	{ "a", "", 1, 1 },
	{ "a", "a", 0, 0 },
	{ "a", "A", 1, 0 },
	{ "A", "b", -1, -1 },
	{ "B", "a", -1, 1 },
	{ "ab", "a", 1, 1 },
	{ "AB", "abc", -1, -1 },
	{ "\xe4", "\xc4", 1, 1 }, /* no locale */
	{ "\xe4", "z", 1, 1 },
	{ "[", "{", -1, -1 }, /* not a letter and its capital */
	{ "@", "`", -1, -1 },
	{ NULL, "", -1, -1 },
	{ NULL, NULL, 0, 0 },
	{ NULL, "a", -1, -1 },
};

static int
sign(int v)
{
	return (v > 0) - (v < 0);
}

START_TEST(order_is_total_and_agrees_with_equality)
{
	struct str a = str_c(orders[_i].a);
	struct str b = str_c(orders[_i].b);

	ck_assert_msg(sign(str_cmp(a, b)) == orders[_i].order, "%s <> %s",
	    orders[_i].a, orders[_i].b);
	ck_assert_msg(sign(str_cmp(b, a)) == -orders[_i].order, "%s <> %s",
	    orders[_i].b, orders[_i].a);
	ck_assert_msg(sign(str_cmp_ci(a, b)) == orders[_i].order_ci, "%s <> %s",
	    orders[_i].a, orders[_i].b);
	ck_assert_msg(sign(str_cmp_ci(b, a)) == -orders[_i].order_ci,
	    "%s <> %s", orders[_i].b, orders[_i].a);
	ck_assert_int_eq(str_eq(a, b), orders[_i].order == 0);
	ck_assert_int_eq(str_eq_ci(a, b), orders[_i].order_ci == 0);
}
END_TEST

START_TEST(starts_and_ends)
{
	struct str s = STR("Example.ORG");

	ck_assert(str_starts(s, STR("Exam")));
	ck_assert(!str_starts(s, STR("exam")));
	ck_assert(str_starts_ci(s, STR("exAM")));
	ck_assert(str_starts(s, STR("")));
	ck_assert(str_starts(STR_NONE, STR("")));
	ck_assert(!str_starts(STR("Exa"), STR("Exam")));
	ck_assert(str_ends(s, STR(".ORG")));
	ck_assert(!str_ends(s, STR(".org")));
	ck_assert(str_ends_ci(s, STR(".org")));
	ck_assert(str_ends(s, STR("")));
	ck_assert(!str_ends(STR("rg"), STR("org")));
	ck_assert(!str_ends_ci(STR("rg"), STR("org")));
}
END_TEST

START_TEST(search)
{
	ck_assert_uint_eq(str_search(STR("a ab abc"), STR("abc")), 5);
	ck_assert_uint_eq(str_search(STR("abab"), STR("ab")), 0);
	ck_assert_uint_eq(str_search(STR("ab"), STR("abc")), STR_NOWHERE);
	ck_assert_uint_eq(str_search(STR("ab"), STR("")), 0);
	ck_assert_uint_eq(str_search(STR(""), STR("")), 0);
	ck_assert_uint_eq(str_search(STR_NONE, STR("a")), STR_NOWHERE);
	ck_assert_uint_eq(str_search(STR_NONE, STR_NONE), 0);
}
END_TEST

START_TEST(find_first_and_last)
{
	ck_assert_uint_eq(str_find(STR("a@b@c"), '@'), 1);
	ck_assert_uint_eq(str_rfind(STR("a@b@c"), '@'), 3);
	ck_assert_uint_eq(str_find(STR("abc"), '@'), STR_NOWHERE);
	ck_assert_uint_eq(str_rfind(STR("abc"), '@'), STR_NOWHERE);
	ck_assert_uint_eq(str_find(STR_NONE, '@'), STR_NOWHERE);
	ck_assert_uint_eq(str_rfind(STR_NONE, '@'), STR_NOWHERE);
	ck_assert_uint_eq(str_rfind(STR("@"), '@'), 0);
	ck_assert(str_eq(str_directory(STR("/a/b")), STR("/a")));
	ck_assert(str_eq(str_directory(STR("/a")), STR("/")));
	ck_assert(str_eq(str_directory(STR("a")), STR(".")));
}
END_TEST

static const struct {
	const char *in;
	const char *out;
} trims[] = {
	{ "", "" },
	{ " ", "" },
	{ " \t\r\n\v\f", "" },
	{ " a b\n", "a b" },
	{ "a", "a" },
	{ "\xa0"
	  "a",
	    "\xa0"
	    "a" },
};

START_TEST(trim)
{
	ck_assert_msg(
	    str_eq(str_trim(str_c(trims[_i].in)), str_c(trims[_i].out)),
	    "\"%s\"", trims[_i].in);
}
END_TEST

static const struct {
	const char *in;
	const char *pieces[5];
} splits[] = {
	{ "", { "" } },
	{ ",", { "", "" } },
	{ "a", { "a" } },
	{ "a,", { "a", "" } },
	{ ",a", { "", "a" } },
	{ "a,b,,c", { "a", "b", "", "c" } },
};

START_TEST(split_gives_every_piece)
{
	struct str rest = str_c(splits[_i].in);
	struct str piece = STR_NONE;
	size_t n = 0;

	while (str_split(&rest, ',', &piece)) {
		ck_assert_msg(splits[_i].pieces[n] != NULL, "\"%s\": %zu",
		    splits[_i].in, n);
		ck_assert_msg(str_eq(piece, str_c(splits[_i].pieces[n])),
		    "\"%s\": %zu", splits[_i].in, n);
		n++;
	}
	ck_assert_msg(splits[_i].pieces[n] == NULL, "\"%s\"", splits[_i].in);
	ck_assert(!str_split(&rest, ',', &piece));
}
END_TEST

START_TEST(split_of_none_touches_nothing)
{
	struct str rest = STR_NONE;
	struct str piece = STR("kept");

	ck_assert(!str_split(&rest, ',', &piece));
	ck_assert(str_eq(piece, STR("kept")));
}
END_TEST

START_TEST(words)
{
	struct str rest = STR(" \tone two\t\tthr\nee ");
	struct str word = STR_NONE;

	ck_assert(str_word(&rest, &word) && str_eq(word, STR("one")));
	ck_assert(str_word(&rest, &word) && str_eq(word, STR("two")));
	ck_assert(str_word(&rest, &word) && str_eq(word, STR("thr\nee")));
	ck_assert(!str_word(&rest, &word));
	ck_assert(str_eq(word, STR("thr\nee")));
	rest = STR_NONE;
	ck_assert(!str_word(&rest, &word));
}
END_TEST

static const struct {
	const char *in;
	bool ok;
	uint64_t v;
} numbers[] = {
	{ "0", true, 0 },
	{ "007", true, 7 },
	{ "18446744073709551615", true, UINT64_MAX },
	{ "18446744073709551616", false, 0 },
	{ "18446744073709551620", false, 0 },
	{ "99999999999999999999", false, 0 },
	{ "", false, 0 },
	{ "-1", false, 0 },
	{ "+1", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "0x10", false, 0 },
	{ "1:", false, 0 },
	{ "1/", false, 0 },
	{ "\xb2", false, 0 },
};

START_TEST(to_u64)
{
	uint64_t v = 4711;

	ck_assert_msg(str_to_u64(str_c(numbers[_i].in), &v) == numbers[_i].ok,
	    "\"%s\"", numbers[_i].in);
	ck_assert_msg(v == (numbers[_i].ok ? numbers[_i].v : 4711), "\"%s\"",
	    numbers[_i].in);
}
END_TEST

static const struct {
	const char *in;
	bool ok;
} utf8s[] = {
	{ "", true },
	{ "ascii \x7f", true },
	{ "\xc3\xa4", true },
	{ "\xe2\x82\xac", true },
	{ "\xf0\x9f\x98\x80", true },
	{ "\xf4\x8f\xbf\xbf", true },
	{ "\xed\x9f\xbf", true },
	{ "\xee\x80\x80", true },
	{ "\x80", false },
	{ "\xbf", false },
	{ "\xc3", false },
	{ "\xc3(", false },
	{ "\xc0\xaf", false },
	{ "\xc1\xbf", false },
	{ "\xe0\x80\xaf", false },
	{ "\xe0\x9f\xbf", false },
	{ "\xe2\x82", false },
	{ "\xe2\x28\xa1", false },
	{ "\xed\xa0\x80", false },
	{ "\xf0\x80\x80\xaf", false },
	{ "\xf0\x8f\xbf\xbf", false },
	{ "\xf0\x9f\x98", false },
	{ "\xf4\x90\x80\x80", false },
	{ "\xf5\x80\x80\x80", false },
	{ "\xff", false },
	{ "ok\xc3\xa4 then \xe4", false },
};

START_TEST(utf8)
{
	ck_assert_msg(
	    str_is_utf8(str_c(utf8s[_i].in)) == utf8s[_i].ok, "row %d", _i);
}
END_TEST

START_TEST(ascii)
{
	ck_assert(str_is_ascii(STR("")));
	ck_assert(str_is_ascii(STR("a\x7f\x01")));
	ck_assert(!str_is_ascii(STR("a\x80")));
}
END_TEST

/* Every octet, against what ASCII says, by ranges spelled out here. */
START_TEST(classes)
{
	unsigned char c = (unsigned char)_i;
	bool upper = c >= 65 && c <= 90;
	bool low = c >= 97 && c <= 122;
	bool digit = c >= 48 && c <= 57;

	ck_assert_int_eq(ascii_is_alpha(c), upper || low);
	ck_assert_int_eq(ascii_is_digit(c), digit);
	ck_assert_int_eq(ascii_is_alnum(c), upper || low || digit);
	ck_assert_int_eq(ascii_is_xdigit(c),
	    digit || (c >= 65 && c <= 70) || (c >= 97 && c <= 102));
	ck_assert_int_eq(ascii_is_space(c), c == 32 || (c >= 9 && c <= 13));
	ck_assert_int_eq(ascii_is_print(c), c >= 32 && c <= 126);
	ck_assert_uint_eq(ascii_lower(c), upper ? c + 32 : c);
}
END_TEST

static const struct {
	const char *a;
	const char *b;
	unsigned most;
	unsigned distance;
} distances[] = {
	{ "", "", 2, 0 },
	{ "", "ab", 2, 2 },
	{ "", "abc", 2, 3 },
	{ "sender", "sender", 2, 0 },
	{ "sender", "SENDER", 2, 0 },
	{ "sendre", "sender", 2, 1 }, /* swap */
	{ "sener", "sender", 2, 1 },
	{ "sennder", "sender", 2, 1 },
	{ "sander", "sender", 2, 1 },
	{ "sadner", "sender", 2, 2 },
	{ "ab", "ba", 2, 1 },
	{ "kitten", "sitting", 5, 3 },
	{ "kitten", "sitting", 2, 3 },
	{ "rcpt.domain", "rcpt.local", 2, 3 },
	{ "a", "abcdefgh", 2, 3 },
};

START_TEST(distance)
{
	struct str a = str_c(distances[_i].a);
	struct str b = str_c(distances[_i].b);

	ck_assert_msg(
	    str_distance(a, b, distances[_i].most) == distances[_i].distance,
	    "%s %s", distances[_i].a, distances[_i].b);
	ck_assert_msg(
	    str_distance(b, a, distances[_i].most) == distances[_i].distance,
	    "%s %s", distances[_i].b, distances[_i].a);
}
END_TEST

START_TEST(distance_of_long_strings_is_not_measured)
{
	char text[65];
	struct str s = str_of(text, 64);

	memset(text, 'a', sizeof(text));
	ck_assert_uint_eq(str_distance(s, s, 3), 0);
	s.n = 65;
	ck_assert_uint_eq(str_distance(s, s, 3), 4);
}
END_TEST

Suite *suite_str(void);

Suite *
suite_str(void)
{
	Suite *suite = suite_create("str");
	TCase *tc = tcase_create("str");

	tcase_add_test(tc, sub_is_cut_to_what_is_there);
	tcase_add_loop_test(
	    tc, order_is_total_and_agrees_with_equality, 0, ROWS(orders));
	tcase_add_test(tc, starts_and_ends);
	tcase_add_test(tc, find_first_and_last);
	tcase_add_test(tc, search);
	tcase_add_loop_test(tc, trim, 0, ROWS(trims));
	tcase_add_loop_test(tc, split_gives_every_piece, 0, ROWS(splits));
	tcase_add_test(tc, split_of_none_touches_nothing);
	tcase_add_test(tc, words);
	tcase_add_loop_test(tc, to_u64, 0, ROWS(numbers));
	tcase_add_loop_test(tc, utf8, 0, ROWS(utf8s));
	tcase_add_test(tc, ascii);
	tcase_add_loop_test(tc, classes, 0, 256);
	tcase_add_loop_test(tc, distance, 0, ROWS(distances));
	tcase_add_test(tc, distance_of_long_strings_is_not_measured);
	suite_add_tcase(suite, tc);
	return suite;
}
