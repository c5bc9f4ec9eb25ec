/*
 * What a regex cannot match without, and the scanner that looks for many such
 * texts at once, against searching for each alone.
 */
#include "base/regex_literal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/regex.h"
#include "base/scanner.h"

Suite *suite_regex_literal(void);

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Sets apart by "; ", their literals by "|"; "" where nothing is known. */
static const struct {
	const char *pattern;
	const char *literals;
} cases[] = {
	{ "pool", "pool" },
	{ "Viagra", "viagra" },
	{ "[Vv]iagra", "viagra" },
	{ "[^v]iagra", "iagra" },
	{ "[vb]iagra", "iagra" },
	{ "a[.]b", "a.b" },
	{ "a[]]b", "a]b" },
	{ "a[a-]b", "" },
	{ "ab[\\]x]cde", "cde; ab" },
	{ "ab[[:alpha:]x]cde", "cde; ab" },
	{ "x", "" },
	{ "", "" },
	{ "a.b", "" },
	{ "ab.cd", "ab; cd" },
	{ "abc?d", "ab" },
	{ "abc*de", "ab; de" },
	{ "abc+de", "abc; de" },
	{ "abc{2}de", "abc; de" },
	{ "abc{0,3}de", "ab; de" },
	{ "abc{00}de", "ab; de" },
	{ "abc+?de", "abc; de" },
	{ "abc??de", "ab; de" },
	{ "abc++de", "abc; de" },
	{ "ab{cd}", "" },
	{ "ab{,2}", "" },
	/* Alternatives. */
	{ "foo|bar", "foo|bar" },
	{ "foo|b", "" },
	{ "foo|", "" },
	{ "(foo|bar)[0-9]+pool", "pool; foo|bar" },
	{ "^(dsl|dyn|ppp)[0-9.-]", "dsl|dyn|ppp" },
	{ "(foo|bar)?pool", "pool" },
	{ "(foo|bar)*", "" },
	{ "(foo|bar){2}", "foo|bar" },
	{ "(foo|bar){0}x", "" },
	{ "(?:aa(?:bb|cc)dd|ee)", "aa|ee" },
	{ "aa|bb|cc|dd|ee|ff|gg|hh|ii|jj|kk|ll|mm|nn|oo|pp",
	    "aa|bb|cc|dd|ee|ff|gg|hh|ii|jj|kk|ll|mm|nn|oo|pp" },
	{ "aa|bb|cc|dd|ee|ff|gg|hh|ii|jj|kk|ll|mm|nn|oo|pp|qq", "" },
	/* Groups of all kinds. */
	{ "(?i)Pool", "pool" },
	{ "(?i:Pool)x", "pool" },
	{ "(?<name>pool)", "pool" },
	{ "(?'name'pool)", "pool" },
	{ "(?P<name>pool)", "pool" },
	{ "(?>pool)", "pool" },
	{ "(?|pool|lake)", "pool|lake" },
	{ "a(?=pool)", "pool" },
	{ "ab(?!pool)", "ab" },
	{ "(?<=pool)x", "pool" },
	{ "(?<!pool)xy", "xy" },
	{ "ab(?=pool)?", "ab" },
	{ "ab(?-i)cd", "ab; cd" },
	/* Escapes. */
	{ "\\bpool\\b", "pool" },
	{ "a\\.example", "a.example" },
	{ "a\\x2Eexample", "a.example" },
	{ "a\\x2eb\\d\\wcde", "a.b; cde" },
	{ "a\\x5", "a\005" },
	{ "a\\tb", "a\tb" },
	{ "ab\\Rcd\\Xef", "ab; cd; ef" },
	{ "a\\\\b", "a\\b" },
	{ "a\\/b", "a/b" },
	/* Sixteen-bit and eight-bit. */
	{ "ab\xe4"
	  "cd",
	    "ab; cd" },
	{ "ab\\xe4"
	  "cd",
	    "ab; cd" },
	/* What is not understood. */
	{ "ab\\Qcd\\Eef", "" },
	{ "ab(?#no)cd", "" },
	{ "(?x) a b", "" },
	{ "ab(?x:c d)", "" },
	{ "(*NO_JIT)pool", "" },
	{ "ab(*ACCEPT)cd", "" },
	{ "(ab)\\1", "" },
	{ "(ab)\\g1", "" },
	{ "(?<n>ab)\\k<n>", "" },
	{ "(ab)(?1)", "" },
	{ "(ab)(?R)?", "" },
	{ "(ab)(?(1)cd|ef)", "" },
	{ "ab\\x{41}", "" },
	{ "ab\\o{101}", "" },
	{ "ab\\061", "" },
	{ "ab\\cA", "" },
	{ "ab[\\Q]\\E]cd", "" },
	{ "ab[[.a.]]cd", "" },
	{ "ab[[=^:]cd", "" }, /* no class of its own, but an octet */
	{ "[[:<:]]ab", "" },
	{ "ab(?C1)cd", "" },
};

static void
print_sets(const struct regex_literals *found, struct buf *out)
{
	for (size_t i = 0; i < found->n; i++)
		for (size_t j = 0; j < found->sets[i].n; j++) {
			buf_c(out, j > 0 ? "|" : i > 0 ? "; " : "");
			buf_str_add(out, found->sets[i].text[j]);
		}
}

START_TEST(test_find)
{
	struct str pattern = str_c(cases[_i].pattern);
	struct regex_literals found;
	char text[256];
	char shown[512];
	struct buf out = BUF_ON(shown);

	/* "\/" is taken for a slash before. */
	regex_literal_find(pattern, text, &found);
	print_sets(&found, &out);
	ck_assert_msg(strcmp(buf_cstr(&out), cases[_i].literals) == 0,
	    "/%s/: \"%s\", expected \"%s\"", cases[_i].pattern, buf_cstr(&out),
	    cases[_i].literals);
}
END_TEST

/* Long runs are cut, deep groups not read. */
START_TEST(test_bounds)
{
	char pattern[200];
	char text[200];
	struct regex_literals found;

	memset(pattern, 'a', sizeof(pattern));
	regex_literal_find(str_of(pattern, 100), text, &found);
	ck_assert_uint_eq(found.sets[0].text[0].n, REGEX_LITERAL_LENGTH_MAX);
	memset(pattern, '(', 30);
	memcpy(pattern + 30, "pool", 4);
	memset(pattern + 34, ')', 30);
	regex_literal_find(str_of(pattern, 64), text, &found);
	ck_assert_uint_eq(found.n, 0);
	regex_literal_find(str_of(pattern + 20, 24), text, &found);
	ck_assert_uint_eq(found.n, 1);
}
END_TEST

/* What has none of the literals is told without a search, and a regex that
 * would be over its limit is no match. */
START_TEST(test_without_a_literal)
{
	struct regex_room *room = regex_room_new();
	struct regex *re = regex_new(STR("^(a+)+(foo|bar)$"), 0, NULL);
	char subject[200];

	ck_assert_ptr_nonnull(room);
	memset(subject, 'a', sizeof(subject));
	ck_assert_int_eq(
	    regex_match(re, str_of(subject, sizeof(subject)), room), 0);
	memcpy(subject, "BAR", 3);
	ck_assert_int_eq(
	    regex_match(re, str_of(subject, sizeof(subject)), room), 0);
	ck_assert_int_eq(regex_match(re, STR("aabar"), room), 1);
	regex_free(re);
	regex_room_free(room);
}
END_TEST

/* ---- the scanner --------------------------------------------------------- */

struct seen {
	bool number[256];
	size_t calls;
	size_t stop_at;
};

static bool
see(void *ctx, const uint32_t *numbers, size_t n)
{
	struct seen *seen = ctx;

	for (size_t i = 0; i < n; i++) {
		ck_assert(i == 0 || numbers[i - 1] < numbers[i]);
		seen->number[numbers[i]] = true;
	}
	return ++seen->calls != seen->stop_at;
}

static bool
stands_in(struct str text, struct str subject)
{
	for (size_t i = 0; i + text.n <= subject.n; i++)
		if (str_starts_ci(str_from(subject, i), text))
			return true;
	return false;
}

/* Texts over a small alphabet, so that they are in each other. */
static size_t
random_texts(struct scanner_item *items, char (*room)[8], size_t most)
{
	size_t n = 1 + (size_t)rand() % most;

	for (size_t i = 0; i < n; i++) {
		size_t length = 1 + (size_t)rand() % 5;

		for (size_t j = 0; j < length; j++)
			room[i][j] = (char)('a' + rand() % 3);
		items[i] = (struct scanner_item){ str_of(room[i], length),
			(uint32_t)i };
	}
	return n;
}

START_TEST(test_scanner_finds_all)
{
	enum {
		MOST = 40
	};
	struct scanner_item items[MOST], copy[MOST];
	char room[MOST][8];
	char subject[64];
	size_t n;

	srand((unsigned)_i);
	n = random_texts(items, room, MOST);
	memcpy(copy, items, sizeof(copy));
	for (size_t i = 0; i < sizeof(subject); i++)
		subject[i] = "abcABCd"[rand() % 7];
	for (size_t length = 0; length <= sizeof(subject); length += 8) {
		struct str s = str_of(subject, length);
		struct scanner *scanner = scanner_new(copy, n);
		struct seen seen = { .calls = 0 };

		ck_assert_ptr_nonnull(scanner);
		ck_assert(scanner_scan(scanner, s, see, &seen));
		for (size_t i = 0; i < n; i++)
			ck_assert_msg(
			    seen.number[i] == stands_in(items[i].text, s),
			    "\"%.*s\" in \"%.*s\"", STR_FMT(items[i].text),
			    STR_FMT(s));
		scanner_free(scanner);
	}
}
END_TEST

START_TEST(test_scanner_same_text)
{
	struct scanner_item items[] = { { STR("he"), 7 }, { STR("she"), 1 },
		{ STR("he"), 2 }, { STR("hers"), 3 }, { STR("he"), 2 } };
	struct scanner *scanner = scanner_new(items, 5);
	struct seen seen = { .stop_at = 0 };

	ck_assert_ptr_nonnull(scanner);
	ck_assert(scanner_scan(scanner, STR("uSHErs"), see, &seen));
	ck_assert_uint_eq(seen.calls, 3);
	ck_assert(seen.number[1] && seen.number[2] && seen.number[3] &&
		  seen.number[7]);
	seen = (struct seen){ .stop_at = 2 };
	ck_assert(!scanner_scan(scanner, STR("ushers"), see, &seen));
	ck_assert_uint_eq(seen.calls, 2);
	scanner_free(scanner);
	scanner_free(NULL);
	scanner = scanner_new(items, 0);
	ck_assert(scanner_scan(scanner, STR("ushers"), see, &seen));
	scanner_free(scanner);
}
END_TEST

/* Ten thousand texts of ten octets take little. */
START_TEST(test_scanner_memory)
{
	enum {
		MANY = 10000
	};
	struct scanner_item *items = calloc(MANY, sizeof(*items));
	char *room = calloc(MANY, 16);
	struct scanner *scanner;

	ck_assert_ptr_nonnull(items);
	ck_assert_ptr_nonnull(room);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(room + 16 * i, 16, "%u-%u-word", i * 7919 % 10007, i);
		items[i] = (struct scanner_item){ str_c(room + 16 * i), i };
	}
	scanner = scanner_new(items, MANY);
	ck_assert_ptr_nonnull(scanner);
	ck_assert_uint_lt(scanner_memory(scanner), MANY * 16 * 20);
	scanner_free(scanner);
	free(items);
	free(room);
}
END_TEST

Suite *
suite_regex_literal(void)
{
	Suite *s = suite_create("regex_literal");
	TCase *tc = tcase_create("regex_literal");

	tcase_add_loop_test(tc, test_find, 0, ROWS(cases));
	tcase_add_test(tc, test_bounds);
	tcase_add_test(tc, test_without_a_literal);
	tcase_add_loop_test(tc, test_scanner_finds_all, 0, 100);
	tcase_add_test(tc, test_scanner_same_text);
	tcase_add_test(tc, test_scanner_memory);
	suite_add_tcase(s, tc);
	return s;
}
