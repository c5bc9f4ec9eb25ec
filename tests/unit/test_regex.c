/*
 * Unit tests of base/regex.
 */
#include "base/regex.h"

#include <check.h>
#include <stdlib.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct regex_room *room;

static void
setup(void)
{
	room = regex_room_new();
	ck_assert_ptr_nonnull(room);
}

static void
teardown(void)
{
	regex_room_free(room);
}

static const struct {
	const char *pattern;
	unsigned flags;
	const char *subject;
	int matches;
} cases[] = {
	{ "^a", 0, "ab", 1 },
	{ "^a", 0, "ba", 0 },
	{ "b", 0, "abc", 1 },
	{ "B", 0, "abc", 0 },
	{ "B", REGEX_ICASE, "abc", 1 },
	{ "a b", 0, "ab", 0 },
	{ "a b", REGEX_EXTENDED, "ab", 1 },
	{ "A b # note", REGEX_EXTENDED | REGEX_ICASE, "ab", 1 },
	{ "^$", 0, "", 1 },
	{ "", 0, "", 1 },
	{ "", 0, "x", 1 },
	{ "^(dsl|dyn|ppp)[0-9.-]", REGEX_ICASE, "DSL-1-2.example", 1 },
	{ "\\bpool\\b", 0, "my-pool-1", 1 },
	{ "\\bpool\\b", 0, "carpool", 0 },
	/* "\/" is a slash, wherever it stands. */
	{ "a\\/b", 0, "a/b", 1 },
	{ "[\\/]", 0, "/", 1 },
	{ "[\\/]", 0, "\\", 0 },
	{ "\\Qa\\/.\\E", 0, "a/.", 1 },
	{ "\\Qa\\/.\\E", 0, "a/b", 0 },
	{ "a\\\\b", 0, "a\\b", 1 },
	{ "\\\\\\/", 0, "\\/", 1 },
	/* Octets, not characters. */
	{ "^..$", 0, "\xc3\xa4", 1 },
	{ "^.$", 0, "\xc3\xa4", 0 },
	{ "\\xe4", 0, "\xe4", 1 },
	{ "\xc3\xa4", 0, "b\xc3\xa4r", 1 },
	{ "[\\x80-\\xff]", 0, "\xff", 1 },
	{ "^\\w$", 0, "\xe4", 0 },
	{ "\xe4", REGEX_ICASE, "\xc4", 0 }, /* no locale */
	/* Back references and assertions. */
	{ "^(.+)@\\1$", 0, "ab@ab", 1 },
	{ "^(.+)@\\1$", 0, "ab@abc", 0 },
	{ "(?<!a)b", 0, "ab", 0 },
	{ "(?<!a)b", 0, "bb", 1 },
	{ "(?=.*\\d)(?=.*[a-z]).{3}", 0, "a1-", 1 },
	{ "a\\Kb", 0, "ab", 1 },
	{ "^b", 0, "a\nb", 0 },
	{ "(?m)^b", 0, "a\nb", 1 },
};

START_TEST(match)
{
	struct why why = { .text = "" };
	struct regex *re =
	    regex_new(str_c(cases[_i].pattern), cases[_i].flags, &why);

	ck_assert_msg(re != NULL, "/%s/: %s", cases[_i].pattern, why.text);
	ck_assert_msg(regex_match(re, str_c(cases[_i].subject), room) ==
			  cases[_i].matches,
	    "/%s/ on \"%s\"", cases[_i].pattern, cases[_i].subject);
	regex_free(re);
}
END_TEST

/* The same by the interpreter, for builds and systems without JIT. */
START_TEST(match_interpreted)
{
	char pattern[128];
	struct why why = { .text = "" };
	struct regex *re;

	snprintf(pattern, sizeof(pattern), "(*NO_JIT)%s", cases[_i].pattern);
	re = regex_new(str_c(pattern), cases[_i].flags, &why);
	ck_assert_msg(re != NULL, "/%s/: %s", pattern, why.text);
	ck_assert_msg(regex_match(re, str_c(cases[_i].subject), room) ==
			  cases[_i].matches,
	    "/%s/ on \"%s\"", pattern, cases[_i].subject);
	regex_free(re);
}
END_TEST

static const struct {
	const char *pattern;
	size_t at;
	const char *text;
} faults[] = {
	{ "(abcdef", 7, "missing closing parenthesis (at offset 7)" },
	{ "[z-a]", 3, "range out of order in character class (at offset 3)" },
	{ "*", 0,
	    "quantifier does not follow a repeatable item "
	    "(at offset 0)" },
	{ "a\\/b\\/(", 7, "missing closing parenthesis (at offset 7)" },
	{ "\\/[z-a]", 5,
	    "range out of order in character class "
	    "(at offset 5)" },
	{ "a\\", 2, "\\ at end of pattern (at offset 2)" },
};

START_TEST(fault_has_its_place)
{
	struct why why = { .text = "" };

	ck_assert_ptr_null(regex_new(str_c(faults[_i].pattern), 0, &why));
	ck_assert_str_eq(why.text, faults[_i].text);
	ck_assert_uint_eq(why.at, faults[_i].at);
	ck_assert_ptr_null(regex_new(str_c(faults[_i].pattern), 0, NULL));
}
END_TEST

START_TEST(utf_mode_is_not_to_be_had)
{
	struct why why;

	ck_assert_ptr_null(regex_new(STR("(*UTF)a"), 0, &why));
	ck_assert_ptr_null(regex_new(STR("(*UTF8)a"), 0, &why));
}
END_TEST

START_TEST(nul_is_an_octet)
{
	struct regex *re = regex_new(STR("a.b"), 0, NULL);

	ck_assert_int_eq(regex_match(re, STR("a\0b"), room), 1);
	regex_free(re);
}
END_TEST

START_TEST(pattern_length_is_bounded)
{
	size_t most = REGEX_PATTERN_MAX;
	char *pattern = malloc(most + 1);
	struct why why;
	struct regex *re;

	/* A comment: PCRE2 itself takes fewer letters than this. */
	memset(pattern, '-', most + 1);
	memcpy(pattern, "a(?#", 4);
	pattern[most - 1] = ')';
	re = regex_new(str_of(pattern, most), 0, &why);
	ck_assert_msg(re != NULL, "%s", why.text);
	regex_free(re);
	ck_assert_ptr_null(regex_new(str_of(pattern, most + 1), 0, &why));
	ck_assert_str_eq(why.text, "the pattern is over 32 KiB");
	memset(pattern, 'a', most);
	ck_assert_ptr_null(regex_new(str_of(pattern, most), 0, &why));
	memset(pattern, '(', most);
	ck_assert_ptr_null(regex_new(str_of(pattern, most), 0, &why));
	free(pattern);
}
END_TEST

START_TEST(no_room_is_unknown)
{
	struct regex *re = regex_new(STR("a"), 0, NULL);

	ck_assert_int_eq(regex_match(re, STR("a"), NULL), -1);
	regex_free(re);
	regex_free(NULL);
	regex_room_free(NULL);
}
END_TEST

START_TEST(subject_length_is_bounded)
{
	size_t most = REGEX_SUBJECT_MAX;
	char *subject = malloc(most + 1);
	struct regex *re = regex_new(STR("^a"), 0, NULL);

	memset(subject, 'a', most + 1);
	ck_assert_int_eq(regex_match(re, str_of(subject, most), room), 1);
	ck_assert_int_eq(regex_match(re, str_of(subject, most + 1), room), -1);
	ck_assert_int_eq(regex_match(re, STR_NONE, room), 0);
	regex_free(re);
	free(subject);
}
END_TEST

static const char *const evil[] = {
	"^(\\w+\\w?)+$",
	"(a+)+$",
	"(?:\\w\\w?)+\\d",
	"^(?:a?){40}(?:a{40}){3}\\d",
	"(*NO_JIT)^(\\w+\\w?)+$",
	"(*NO_JIT)(a+)+$",
};

/* Would take longer than the universe stands. */
START_TEST(backtracking_ends_as_unknown)
{
	char subject[200];
	struct regex *re = regex_new(str_c(evil[_i]), 0, NULL);

	ck_assert_ptr_nonnull(re);
	memset(subject, 'a', sizeof(subject));
	subject[sizeof(subject) - 1] = '!';
	ck_assert_msg(
	    regex_match(re, str_of(subject, sizeof(subject)), room) == -1,
	    "/%s/", evil[_i]);
	/* The room is as good as before. */
	ck_assert_msg(regex_match(re, STR("?"), room) == 0, "/%s/", evil[_i]);
	regex_free(re);
}
END_TEST

/* No step too many is taken, but every place looks at all that is left. */
START_TEST(looking_on_ends_as_unknown)
{
	size_t n = REGEX_SUBJECT_MAX;
	char *subject = malloc(n);
	struct regex *re = regex_new(STR("(?=[a-z]*![78]y?x)a"), 0, NULL);

	memset(subject, 'a', n);
	memcpy(subject + n - 2, "!7", 2);
	ck_assert_int_eq(regex_match(re, str_of(subject, n), room), -1);
	ck_assert_int_eq(regex_match(re, str_of(subject, 500), room), 0);
	ck_assert_int_eq(regex_match(re, STR("aa!8x"), room), 1);
	regex_free(re);
	/* Blocks of places: a match in the last of them. */
	re = regex_new(STR("[7-8]$"), 0, NULL);
	ck_assert_int_eq(regex_match(re, str_of(subject, n), room), 1);
	regex_free(re);
	free(subject);
}
END_TEST

/* More than the stack that JIT has by itself. */
START_TEST(deep_matches_get_a_stack)
{
	char subject[4000];
	struct regex *re = regex_new(STR("^(?:(a)|b)*$"), 0, NULL);

	memset(subject, 'a', sizeof(subject));
	ck_assert_int_eq(
	    regex_match(re, str_of(subject, sizeof(subject)), room), 1);
	ck_assert_int_eq(
	    regex_match(re, str_of(subject, sizeof(subject)), room), 1);
	regex_free(re);
}
END_TEST

/*
 * Linear patterns are told on the longest subjects, though one place of the
 * subject takes more steps than its share.
 */
START_TEST(long_subjects_are_told)
{
	size_t n = REGEX_SUBJECT_MAX;
	char *subject = malloc(n);
	struct regex *re = regex_new(STR("^.*\\d$"), 0, NULL);

	memset(subject, 'a', n);
	ck_assert_int_eq(regex_match(re, str_of(subject, n), room), 0);
	subject[n - 1] = '7';
	ck_assert_int_eq(regex_match(re, str_of(subject, n), room), 1);
	regex_free(re);
	re = regex_new(STR("[^@]+@[a-z]+\\.example$"), 0, NULL);
	ck_assert_int_eq(
	    regex_match(re, STR("some.one@mail.example"), room), 1);
	regex_free(re);
	free(subject);
}
END_TEST

/* A match that needs the search place by place, far behind the first. */
START_TEST(search_by_places_finds_the_match)
{
	char subject[3000];
	struct regex *re = regex_new(STR("a[a-z]*[a-y]*7|b{3}c"), 0, NULL);

	memset(subject, 'a', sizeof(subject));
	memcpy(subject + sizeof(subject) - 4, "bbbc", 4);
	ck_assert_int_ne(
	    regex_match(re, str_of(subject, sizeof(subject)), room), 0);
	memset(subject, '-', sizeof(subject));
	memset(subject, 'a', 300);
	memcpy(subject + sizeof(subject) - 4, "bbbc", 4);
	ck_assert_int_eq(
	    regex_match(re, str_of(subject, sizeof(subject)), room), 1);
	regex_free(re);
}
END_TEST

Suite *suite_regex(void);

Suite *
suite_regex(void)
{
	Suite *suite = suite_create("regex");
	TCase *tc = tcase_create("regex");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, match, 0, ROWS(cases));
	tcase_add_loop_test(tc, match_interpreted, 0, ROWS(cases));
	tcase_add_loop_test(tc, fault_has_its_place, 0, ROWS(faults));
	tcase_add_test(tc, utf_mode_is_not_to_be_had);
	tcase_add_test(tc, nul_is_an_octet);
	tcase_add_test(tc, pattern_length_is_bounded);
	tcase_add_test(tc, no_room_is_unknown);
	tcase_add_test(tc, subject_length_is_bounded);
	tcase_add_loop_test(tc, backtracking_ends_as_unknown, 0, ROWS(evil));
	tcase_add_test(tc, looking_on_ends_as_unknown);
	tcase_add_test(tc, deep_matches_get_a_stack);
	tcase_add_test(tc, long_subjects_are_told);
	tcase_add_test(tc, search_by_places_finds_the_match);
	suite_add_tcase(suite, tc);
	return suite;
}
