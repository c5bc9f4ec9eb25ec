/*
 * Unit tests of base/buf.
 */
#include "base/buf.h"

#include <check.h>

/* A buffer of n octets with a guard behind it. */
struct guarded {
	char text[64];
	struct buf b;
};

static void
guarded_init(struct guarded *g, size_t n)
{
	memset(g->text, '~', sizeof(g->text));
	g->b = (struct buf){ g->text, 0, n, false };
}

static void
guarded_is(const struct guarded *g, const char *text, bool cut)
{
	ck_assert_msg(str_eq(buf_str(&g->b), str_c(text)), "\"%.*s\" not %s",
	    STR_FMT(buf_str(&g->b)), text);
	ck_assert_int_eq(g->b.cut, cut);
	for (size_t i = g->b.cap; i < sizeof(g->text); i++)
		ck_assert_int_eq(g->text[i], '~');
}

START_TEST(pieces_are_added)
{
	char text[80];
	struct buf b = BUF_ON(text);

	buf_char(&b, 'a');
	buf_str_add(&b, STR("bc"));
	buf_str_add(&b, STR_NONE);
	buf_c(&b, "d");
	buf_u64(&b, UINT64_MAX);
	buf_char(&b, ' ');
	buf_i64(&b, INT64_MIN);
	buf_i64(&b, 0);
	buf_i64(&b, INT64_MAX);
	ck_assert(!b.cut);
	ck_assert_str_eq(buf_cstr(&b),
	    "abcd18446744073709551615 -9223372036854775808"
	    "09223372036854775807");
}
END_TEST

START_TEST(what_does_not_fit_is_cut)
{
	struct guarded g;

	guarded_init(&g, 3);
	buf_str_add(&g.b, STR("abcd"));
	guarded_is(&g, "abc", true);

	guarded_init(&g, 3);
	buf_str_add(&g.b, STR("abc"));
	guarded_is(&g, "abc", false);
	buf_str_add(&g.b, STR(""));
	guarded_is(&g, "abc", false);
	buf_char(&g.b, 'd');
	guarded_is(&g, "abc", true);

	guarded_init(&g, 0);
	buf_char(&g.b, 'a');
	guarded_is(&g, "", true);

	guarded_init(&g, 4);
	buf_u64(&g.b, 123456);
	guarded_is(&g, "1234", true);
}
END_TEST

START_TEST(nothing_follows_a_cut)
{
	struct guarded g;

	guarded_init(&g, 6);
	buf_printf(&g.b, "%s", "abcdef"); /* the NUL has no room */
	guarded_is(&g, "abcde", true);
	buf_char(&g.b, 'x');
	buf_str_add(&g.b, STR("x"));
	buf_printf(&g.b, "x");
	buf_safe(&g.b, STR("x"), 0);
	guarded_is(&g, "abcde", true);
}
END_TEST

START_TEST(printf_within_the_room)
{
	struct guarded g;

	guarded_init(&g, 6);
	buf_printf(&g.b, "%d", 12345);
	guarded_is(&g, "12345", false);
	buf_printf(&g.b, "%s", "");
	guarded_is(&g, "12345", false);

	guarded_init(&g, 0);
	buf_printf(&g.b, "a");
	guarded_is(&g, "", true);
}
END_TEST

START_TEST(safe_text)
{
	struct guarded g;

	guarded_init(&g, 32);
	buf_safe(&g.b, STR("a\x01\n\x7f\x80\xff~ \0z"), 0);
	guarded_is(&g, "a?????~ ?z", false);

	guarded_init(&g, 32);
	buf_safe(&g.b, STR("abcdef"), 3);
	guarded_is(&g, "abc", false);

	guarded_init(&g, 2);
	buf_safe(&g.b, STR("abcdef"), 3);
	guarded_is(&g, "ab", true);
}
END_TEST

START_TEST(cstr_ends_inside)
{
	struct guarded g;

	guarded_init(&g, 4);
	buf_c(&g.b, "abc");
	ck_assert_str_eq(buf_cstr(&g.b), "abc");
	guarded_is(&g, "abc", false);
	buf_char(&g.b, 'd');
	ck_assert_str_eq(buf_cstr(&g.b), "abc");
	guarded_is(&g, "abc", true);
}
END_TEST

Suite *suite_buf(void);

Suite *
suite_buf(void)
{
	Suite *suite = suite_create("buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, pieces_are_added);
	tcase_add_test(tc, what_does_not_fit_is_cut);
	tcase_add_test(tc, nothing_follows_a_cut);
	tcase_add_test(tc, printf_within_the_room);
	tcase_add_test(tc, safe_text);
	tcase_add_test(tc, cstr_ends_inside);
	suite_add_tcase(suite, tc);
	return suite;
}
