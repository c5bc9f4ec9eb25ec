/*
 * Unit tests of smtp/param: what no row of syntax.def can have.
 */
#include "smtp/param.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
}

static void
teardown(void)
{
	arena_free(arena);
}

/* Words apart by blanks as libmilter hands them over. */
static const char *const *
argv_of(const char *words)
{
	const char **argv = arena_calloc(arena, 32, sizeof(*argv));
	struct str rest = str_c(words);
	struct str word;
	size_t n = 0;

	while (str_word(&rest, &word))
		argv[n++] = arena_cstr(arena, word);
	return argv;
}

static void
same(const char *what, const char *input, struct str is, const char *expected)
{
	ck_assert_msg(str_eq(is, str_c(expected)), "%s: %s is %.*s, not %s",
	    input, what, STR_FMT(is), expected == NULL ? "none" : expected);
}

/* KEY=prefix and as many letters as make `n` octets behind the "=". */
static const char *const *
long_argv(const char *prefix, size_t n)
{
	size_t head = strlen(prefix);
	size_t key = (size_t)(strchr(prefix, '=') - prefix) + 1;
	char *word = arena_alloc(arena, key + n + 1);
	const char **argv = arena_calloc(arena, 2, sizeof(*argv));

	memset(word, 'a', key + n);
	memcpy(word, prefix, head);
	argv[0] = word;
	return argv;
}

START_TEST(lengths_are_bounded)
{
	struct mail_param m;
	struct rcpt_param r;

	ck_assert(mail_param_parse(long_argv("ENVID=", 100), arena, &m));
	ck_assert_uint_eq(m.envid.n, 100);
	ck_assert(mail_param_parse(long_argv("ENVID=", 101), arena, &m));
	same("fault", "ENVID=101", m.fault, "bad-envid");
	ck_assert(rcpt_param_parse(long_argv("ORCPT=rfc822;", 500), arena, &r));
	ck_assert_uint_eq(r.orcpt.n, 500);
	ck_assert(rcpt_param_parse(long_argv("ORCPT=rfc822;", 501), arena, &r));
	same("fault", "ORCPT=501", r.fault, "bad-orcpt");
	ck_assert(mail_param_parse(
	    long_argv("AUTH=u@example.org", PARAM_MAX), arena, &m));
	same("fault", "AUTH=1024", m.fault, "bad-auth");
	ck_assert(mail_param_parse(long_argv("X=", 10 * PARAM_MAX), arena, &m));
	same("fault", "X=", m.fault, NULL);
}
END_TEST

START_TEST(xtext_takes_every_octet)
{
	char text[4];
	struct str decoded;

	snprintf(text, sizeof(text), "+%02X", (unsigned)_i);
	decoded = xtext_decode(str_c(text), arena);
	ck_assert_uint_eq(decoded.n, 1);
	ck_assert_uint_eq(str_at(decoded, 0), (unsigned)_i);
	text[0] = (char)_i;
	decoded = xtext_decode(str_of(text, 1), arena);
	ck_assert_int_eq(!str_is_none(decoded),
	    _i >= 33 && _i <= 126 && _i != '+' && _i != '=');
}
END_TEST

START_TEST(faults_have_words)
{
	char text[256];
	size_t n = 0;

	for (; param_fault(n, NULL) != NULL; n++) {
		struct buf b = BUF_ON(text);
		ck_assert_str_eq(param_fault(n, &b), param_fault(n, NULL));
		ck_assert_msg(b.n > 0 && !b.cut, "%s", param_fault(n, NULL));
		for (size_t i = 0; i < n; i++)
			ck_assert_str_ne(
			    param_fault(i, NULL), param_fault(n, NULL));
	}
	ck_assert_uint_gt(n, 0);
	ck_assert_ptr_null(param_fault(n + 1, NULL));
	ck_assert_ptr_null(param_fault(SIZE_MAX, NULL));
}
END_TEST

START_TEST(no_memory)
{
	const char *const *argv =
	    argv_of("ENVID=a+20b AUTH=u@example.org SIZE=1");
	const char *const *rcpt_argv =
	    argv_of("ORCPT=utf-8;\\x{E4} ORCPT=rfc822;a");
	struct mail_param m;
	struct rcpt_param r;

	for (size_t after = 0; after < 2; after++) {
		arena_fail_after(arena, after);
		ck_assert(!mail_param_parse(argv, arena, &m));
		arena_clear_failed(arena);
	}
	arena_fail_after(arena, 0);
	ck_assert(!rcpt_param_parse(rcpt_argv, arena, &r));
	arena_clear_failed(arena);
	arena_fail_after(arena, 1);
	ck_assert(!rcpt_param_parse(rcpt_argv, arena, &r));
	ck_assert(str_is_none(xtext_decode(STR("a"), arena)));
}
END_TEST

Suite *suite_param(void);

Suite *
suite_param(void)
{
	Suite *suite = suite_create("param");
	TCase *tc = tcase_create("param");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, faults_have_words);
	tcase_add_test(tc, lengths_are_bounded);
	tcase_add_loop_test(tc, xtext_takes_every_octet, 0, 256);
	tcase_add_test(tc, no_memory);
	suite_add_tcase(suite, tc);
	return suite;
}
