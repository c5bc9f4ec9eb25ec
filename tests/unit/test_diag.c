/*
 * Unit tests of base/diag.
 */
#include "base/diag.h"

#include <check.h>
#include <stdlib.h>

static struct arena *arena;
static struct diags diags;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	diags_init(&diags, arena);
}

static void
teardown(void)
{
	arena_free(arena);
}

static void
prints(const char *expected)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(out);
	diags_print(&diags, out);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

static struct source
source_of(const char *name, const char *text)
{
	return (struct source){ .name = str_c(name), .text = str_c(text) };
}

START_TEST(why_says_false)
{
	struct why why;

	ck_assert(!why_set(&why, "%s %d", "x", 1));
	ck_assert_str_eq(why.text, "x 1");
	ck_assert_uint_eq(why.at, 0);
	ck_assert(!why_set_at(&why, 7, "y"));
	ck_assert_str_eq(why.text, "y");
	ck_assert_uint_eq(why.at, 7);
	ck_assert(!why_set(NULL, "x"));
	ck_assert(!why_set_at(NULL, 7, "x"));
}
END_TEST

START_TEST(why_is_bounded)
{
	struct why why;

	why_set(&why, "%*s", 2 * WHY_MAX, "x");
	ck_assert_uint_eq(strlen(why.text), WHY_MAX - 1);
}
END_TEST

START_TEST(lines_of_a_source)
{
	struct source s = source_of("f", "one\r\n\ntwo\nlast");
	struct source ends = source_of("f", "one\n");
	struct source empty = source_of("f", "");

	ck_assert(str_eq(source_line(&s, 1), STR("one")));
	ck_assert(str_eq(source_line(&s, 2), STR("")));
	ck_assert(str_eq(source_line(&s, 3), STR("two")));
	ck_assert(str_eq(source_line(&s, 4), STR("last")));
	ck_assert(str_eq(source_line(&s, 5), STR("")));
	ck_assert(str_eq(source_line(&s, 0), STR("")));
	ck_assert(str_eq(source_line(&ends, 2), STR("")));
	ck_assert(str_eq(source_line(&empty, 1), STR("")));
}
END_TEST

START_TEST(prints_line_and_caret)
{
	struct source s = source_of("p.conf", "first\n\treject 450\n");
	struct pos pos = { &s, 2, 9, 3 };

	diag_add(&diags, DIAG_ERROR, pos, "%s", "450 is temporary");
	prints("p.conf:2:9: error: 450 is temporary\n"
	       "    \treject 450\n"
	       "    \t       ^~~\n");
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_uint_eq(diags.warnings, 0);
}
END_TEST

START_TEST(prints_without_a_place)
{
	diag_add(&diags, DIAG_WARNING, (struct pos){ NULL, 0, 0, 0 }, "w");
	prints("warning: w\n");
}
END_TEST

START_TEST(prints_nothing_for_nothing)
{
	prints("");
}
END_TEST

START_TEST(sorts_by_source_and_line_and_keeps_notes)
{
	struct source a = source_of("a", "1\n2\n3\n");
	struct source b = source_of("b", "x\n");
	struct pos a3 = { &a, 3, 1, 1 };
	struct pos a1 = { &a, 1, 1, 1 };
	struct pos b1 = { &b, 1, 1, 1 };

	diag_add(&diags, DIAG_WARNING, a3, "third");
	diag_add(&diags, DIAG_NOTE, b1, "its note");
	diag_add(&diags, DIAG_WARNING, b1, "other");
	diag_add(&diags, DIAG_ERROR, a1, "first");
	diag_add(&diags, DIAG_WARNING, a3, "same place, later");
	prints("a:1:1: error: first\n    1\n    ^\n"
	       "a:3:1: warning: third\n    3\n    ^\n"
	       "b:1:1: note: its note\n    x\n    ^\n"
	       "a:3:1: warning: same place, later\n    3\n    ^\n"
	       "b:1:1: warning: other\n    x\n    ^\n");
}
END_TEST

/* A second complaint about the same place follows from the first. */
START_TEST(one_error_a_place)
{
	struct source a = source_of("a", "12\n");
	struct source b = source_of("b", "12\n");

	diag_add(&diags, DIAG_WARNING, (struct pos){ &a, 1, 1, 1 }, "before");
	diag_add(&diags, DIAG_ERROR, (struct pos){ &a, 1, 1, 1 }, "cause");
	diag_add(&diags, DIAG_ERROR, (struct pos){ &a, 1, 1, 2 }, "follows");
	diag_add(&diags, DIAG_NOTE, (struct pos){ &a, 1, 2, 1 }, "its note");
	diag_add(&diags, DIAG_WARNING, (struct pos){ &a, 1, 1, 1 }, "after");
	diag_add(&diags, DIAG_ERROR, (struct pos){ &a, 1, 2, 1 }, "beside");
	diag_add(&diags, DIAG_ERROR, (struct pos){ &b, 1, 1, 1 }, "other");
	ck_assert_uint_eq(diags.errors, 3);
	ck_assert_uint_eq(diags.warnings, 1);
	prints("a:1:1: warning: before\n    12\n    ^\n"
	       "a:1:1: error: cause\n    12\n    ^\n"
	       "a:1:2: error: beside\n    12\n     ^\n"
	       "b:1:1: error: other\n    12\n    ^\n");
}
END_TEST

START_TEST(sorts_by_column)
{
	struct source a = source_of("a", "12\n");

	diag_add(&diags, DIAG_ERROR, (struct pos){ &a, 1, 2, 1 }, "two");
	diag_add(&diags, DIAG_ERROR, (struct pos){ &a, 1, 1, 9 }, "one");
	prints("a:1:1: error: one\n    12\n    ^~\n"
	       "a:1:2: error: two\n    12\n     ^\n");
}
END_TEST

START_TEST(keeps_so_many)
{
	struct pos nowhere = { NULL, 0, 0, 0 };
	char expected[2048];
	size_t n = 0;

	for (int i = 0; i < DIAG_MOST + 2; i++) {
		diag_add(&diags, DIAG_ERROR, nowhere, "e");
		diag_add(&diags, DIAG_NOTE, nowhere, "n");
	}
	for (int i = 0; i < DIAG_MOST + 1; i++)
		diag_add(&diags, DIAG_WARNING, nowhere, "w");
	ck_assert_uint_eq(diags.errors, DIAG_MOST + 2);
	ck_assert_uint_eq(diags.warnings, DIAG_MOST + 1);
	for (int i = 0; i < DIAG_MOST; i++)
		n += (size_t)snprintf(
		    expected + n, sizeof(expected) - n, "error: e\nnote: n\n");
	for (int i = 0; i < DIAG_MOST; i++)
		n += (size_t)snprintf(
		    expected + n, sizeof(expected) - n, "warning: w\n");
	snprintf(expected + n, sizeof(expected) - n,
	    "2 more errors\n1 more warning\n");
	prints(expected);
}
END_TEST

static const struct {
	const char *line;
	uint32_t col;
	uint32_t len;
	const char *shown;
} screens[] = {
	{ "a\x1b[31mb", 7, 1, "    a?[31mb\n          ^\n" },
	{ "a\x9b\x31m", 4, 1, "    a?1m\n       ^\n" },
	{ "a\xc2\x9b\x31m", 4, 1, "    a?1m\n      ^\n" },
	{ "\"\xc3\xa4\xc3\xb6\" x", 8, 1,
	    "    \"\xc3\xa4\xc3\xb6\" x\n         ^\n" },
	{ "\"\xc3\xa4\xc3\xb6\" x", 1, 6,
	    "    \"\xc3\xa4\xc3\xb6\" x\n    ^~~~\n" },
	{ "abc", 4, 1, "    abc\n       ^\n" },
	{ "abc", 400, 5, "    abc\n       ^\n" },
	{ "abc", 0, 0, "    abc\n    ^\n" },
	{ "", 1, 1, "    \n    ^\n" },
	{ "abc", 2, UINT32_MAX, "    abc\n     ^~\n" },
};

START_TEST(screen_is_safe_and_caret_stands_right)
{
	struct source s = source_of("f", screens[_i].line);
	struct pos pos = { &s, 1, screens[_i].col, screens[_i].len };
	char expected[256];

	diag_add(&diags, DIAG_ERROR, pos, "x");
	snprintf(expected, sizeof(expected), "f:1:%u: error: x\n%s",
	    screens[_i].col, screens[_i].shown);
	prints(expected);
}
END_TEST

START_TEST(text_is_safe)
{
	diag_add(&diags, DIAG_ERROR, (struct pos){ NULL, 0, 0, 0 }, "\"%s\"",
	    "a\x1b]0;b\n\xff");
	prints("error: \"a?]0;b??\"\n");
}
END_TEST

/* Ten octets a step, so that the place can be read from what is shown. */
static void
long_line(char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		line[i] = (char)('0' + i / 10 % 10);
	line[n] = '\0';
}

START_TEST(long_line_is_cut_around_the_caret)
{
	char line[1001];
	struct source s;
	char expected[1024];

	long_line(line, 1000);
	s = source_of("f", line);
	diag_add(&diags, DIAG_ERROR, (struct pos){ &s, 1, 501, 2 }, "x");
	snprintf(expected, sizeof(expected),
	    "f:1:501: error: x\n    ...%.160s...\n       %80s^~\n", line + 420,
	    "");
	prints(expected);
}
END_TEST

START_TEST(long_line_is_cut_at_its_ends)
{
	char line[301];
	struct source s;
	char expected[1024];

	long_line(line, 300);
	s = source_of("f", line);
	diag_add(&diags, DIAG_ERROR, (struct pos){ &s, 1, 1, 1 }, "x");
	diag_add(&diags, DIAG_ERROR, (struct pos){ &s, 1, 300, 1 }, "y");
	snprintf(expected, sizeof(expected),
	    "f:1:1: error: x\n    %.160s...\n    ^\n"
	    "f:1:300: error: y\n    ...%s\n       %159s^\n",
	    line, line + 140, "");
	prints(expected);
}
END_TEST

START_TEST(a_character_is_not_cut)
{
	char line[401];
	struct source s;
	char *text = NULL;
	size_t n = 0;
	FILE *out;

	for (size_t i = 0; i < 400; i += 2)
		memcpy(line + i, "\xc3\xa4", 2);
	line[400] = '\0';
	s = source_of("f", line);
	diag_add(&diags, DIAG_ERROR, (struct pos){ &s, 1, 202, 1 }, "x");
	out = open_memstream(&text, &n);
	diags_print(&diags, out);
	fclose(out);
	ck_assert_msg(strchr(text, '?') == NULL, "%s", text);
	free(text);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

Suite *suite_diag(void);

Suite *
suite_diag(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("diag");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, why_says_false);
	tcase_add_test(tc, why_is_bounded);
	tcase_add_test(tc, lines_of_a_source);
	tcase_add_test(tc, prints_line_and_caret);
	tcase_add_test(tc, prints_without_a_place);
	tcase_add_test(tc, prints_nothing_for_nothing);
	tcase_add_test(tc, sorts_by_source_and_line_and_keeps_notes);
	tcase_add_test(tc, one_error_a_place);
	tcase_add_test(tc, sorts_by_column);
	tcase_add_test(tc, keeps_so_many);
	tcase_add_loop_test(
	    tc, screen_is_safe_and_caret_stands_right, 0, ROWS(screens));
	tcase_add_test(tc, text_is_safe);
	tcase_add_test(tc, long_line_is_cut_around_the_caret);
	tcase_add_test(tc, long_line_is_cut_at_its_ends);
	tcase_add_test(tc, a_character_is_not_cut);
	suite_add_tcase(suite, tc);
	return suite;
}
