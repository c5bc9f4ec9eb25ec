/*
 * Unit tests of smtp/param.
 */
#include "smtp/param.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

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

/* size -1: none. */
static const struct {
	const char *words;
	int64_t size;
	const char *body;
	bool smtputf8;
	const char *ret;
	const char *envid;
	const char *auth;
	const char *fault;
} mails[] = {
	{ "", -1, NULL, false, NULL, NULL, NULL, NULL },
	{ "SIZE=1000", 1000, NULL, false, NULL, NULL, NULL, NULL },
	{ "size=0", 0, NULL, false, NULL, NULL, NULL, NULL },
	{ "SIZE=00000000000000000010", 10, NULL, false, NULL, NULL, NULL,
	    NULL },
	{ "SIZE=9223372036854775807", INT64_MAX, NULL, false, NULL, NULL, NULL,
	    NULL },
	{ "SIZE=9223372036854775808", INT64_MAX, NULL, false, NULL, NULL, NULL,
	    NULL },
	{ "SIZE=18446744073709551616", INT64_MAX, NULL, false, NULL, NULL, NULL,
	    NULL },
	{ "SIZE=99999999999999999999", INT64_MAX, NULL, false, NULL, NULL, NULL,
	    NULL },
	{ "SIZE=100000000000000000000", -1, NULL, false, NULL, NULL, NULL,
	    "bad-size" },
	{ "SIZE", -1, NULL, false, NULL, NULL, NULL, "bad-size" },
	{ "SIZE=", -1, NULL, false, NULL, NULL, NULL, "bad-size" },
	{ "SIZE=-1", -1, NULL, false, NULL, NULL, NULL, "bad-size" },
	{ "SIZE=1k", -1, NULL, false, NULL, NULL, NULL, "bad-size" },
	{ "SIZE=1=2", -1, NULL, false, NULL, NULL, NULL, "bad-size" },
	{ "SIZE=1 SIZE=1", -1, NULL, false, NULL, NULL, NULL, "repeated-size" },
	{ "SIZE=1 SIZE=1 SIZE=2", -1, NULL, false, NULL, NULL, NULL,
	    "repeated-size" },
	{ "SIZE=x size=1", -1, NULL, false, NULL, NULL, NULL, "bad-size" },
	{ "SIZE=1 size=x", -1, NULL, false, NULL, NULL, NULL, "repeated-size" },
	{ "BODY=7bit", -1, "7BIT", false, NULL, NULL, NULL, NULL },
	{ "BODY=8BITMIME", -1, "8BITMIME", false, NULL, NULL, NULL, NULL },
	{ "Body=BinaryMime", -1, "BINARYMIME", false, NULL, NULL, NULL, NULL },
	{ "BODY=9BIT", -1, NULL, false, NULL, NULL, NULL, "bad-body" },
	{ "BODY", -1, NULL, false, NULL, NULL, NULL, "bad-body" },
	{ "BODY=7BIT BODY=7BIT", -1, NULL, false, NULL, NULL, NULL,
	    "repeated-body" },
	{ "SMTPUTF8", -1, NULL, true, NULL, NULL, NULL, NULL },
	{ "smtputf8", -1, NULL, true, NULL, NULL, NULL, NULL },
	{ "SMTPUTF8=", -1, NULL, false, NULL, NULL, NULL, "bad-smtputf8" },
	{ "SMTPUTF8=yes", -1, NULL, false, NULL, NULL, NULL, "bad-smtputf8" },
	{ "SMTPUTF8 SMTPUTF8", -1, NULL, false, NULL, NULL, NULL,
	    "repeated-smtputf8" },
	{ "RET=full", -1, NULL, false, "FULL", NULL, NULL, NULL },
	{ "RET=HDRS", -1, NULL, false, "HDRS", NULL, NULL, NULL },
	{ "RET=HEADERS", -1, NULL, false, NULL, NULL, NULL, "bad-ret" },
	{ "RET=", -1, NULL, false, NULL, NULL, NULL, "bad-ret" },
	{ "RET=FULL RET=HDRS", -1, NULL, false, NULL, NULL, NULL,
	    "repeated-ret" },
	{ "ENVID=QQ314159", -1, NULL, false, NULL, "QQ314159", NULL, NULL },
	{ "ENVID=a+20b+2Bc+3D", -1, NULL, false, NULL, "a b+c=", NULL, NULL },
	{ "ENVID=", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a+0Ab", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a+00", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a+E4", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a+2b", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a+2", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a+", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a=b", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=\xe4", -1, NULL, false, NULL, NULL, NULL, "bad-envid" },
	{ "ENVID=a ENVID=a", -1, NULL, false, NULL, NULL, NULL,
	    "repeated-envid" },
	{ "AUTH=<>", -1, NULL, false, NULL, NULL, "<>", NULL },
	{ "AUTH=e+3Dmc2@example.com", -1, NULL, false, NULL, NULL,
	    "e=mc2@example.com", NULL },
	{ "AUTH=", -1, NULL, false, NULL, NULL, NULL, "bad-auth" },
	{ "AUTH", -1, NULL, false, NULL, NULL, NULL, "bad-auth" },
	{ "AUTH=user", -1, NULL, false, NULL, NULL, NULL, "bad-auth" },
	{ "AUTH=<u@example.com>", -1, NULL, false, NULL, NULL, NULL,
	    "bad-auth" },
	{ "AUTH=u+00@example.com", -1, NULL, false, NULL, NULL, NULL,
	    "bad-auth" },
	{ "AUTH=<> AUTH=<>", -1, NULL, false, NULL, NULL, NULL,
	    "repeated-auth" },
	{ "X-UNKNOWN X=1 MT-PRIORITY=3 =", -1, NULL, false, NULL, NULL, NULL,
	    NULL },
	{ "SIZ=1 SIZES=2 NOTIFY=bogus", -1, NULL, false, NULL, NULL, NULL,
	    NULL },
	{ "RET=x SIZE=5 BODY=x SMTPUTF8", 5, NULL, true, NULL, NULL, NULL,
	    "bad-ret" },
	{ "SIZE=5 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=x AUTH=<>", 5,
	    "8BITMIME", true, "FULL", "x", "<>", NULL },
};

START_TEST(mail)
{
	const char *words = mails[_i].words;
	struct mail_param p;

	ck_assert(mail_param_parse(argv_of(words), arena, &p));
	ck_assert_msg(p.has_size == (mails[_i].size >= 0), "%s", words);
	ck_assert_msg(
	    p.size == (p.has_size ? (uint64_t)mails[_i].size : 0), "%s", words);
	ck_assert_msg(p.smtputf8 == mails[_i].smtputf8, "%s", words);
	same("body", words, p.body, mails[_i].body);
	same("ret", words, p.ret, mails[_i].ret);
	same("envid", words, p.envid, mails[_i].envid);
	same("auth", words, p.auth, mails[_i].auth);
	same("fault", words, p.fault, mails[_i].fault);
}
END_TEST

static const struct {
	const char *words;
	const char *notify;
	const char *orcpt;
	const char *fault;
} rcpts[] = {
	{ "", NULL, NULL, NULL },
	{ "NOTIFY=NEVER", "NEVER", NULL, NULL },
	{ "notify=never", "NEVER", NULL, NULL },
	{ "NOTIFY=SUCCESS", "SUCCESS", NULL, NULL },
	{ "NOTIFY=failure", "FAILURE", NULL, NULL },
	{ "NOTIFY=DELAY", "DELAY", NULL, NULL },
	{ "NOTIFY=FAILURE,SUCCESS", "SUCCESS,FAILURE", NULL, NULL },
	{ "NOTIFY=DELAY,SUCCESS", "SUCCESS,DELAY", NULL, NULL },
	{ "NOTIFY=DELAY,FAILURE", "FAILURE,DELAY", NULL, NULL },
	{ "NOTIFY=Delay,Failure,Success", "SUCCESS,FAILURE,DELAY", NULL, NULL },
	{ "NOTIFY=DELAY,DELAY", "DELAY", NULL, NULL },
	{ "NOTIFY=NEVER,SUCCESS", NULL, NULL, "bad-notify" },
	{ "NOTIFY=SUCCESS,NEVER", NULL, NULL, "bad-notify" },
	{ "NOTIFY=SUCCESS,", NULL, NULL, "bad-notify" },
	{ "NOTIFY=,", NULL, NULL, "bad-notify" },
	{ "NOTIFY=", NULL, NULL, "bad-notify" },
	{ "NOTIFY", NULL, NULL, "bad-notify" },
	{ "NOTIFY=ALWAYS", NULL, NULL, "bad-notify" },
	{ "NOTIFY=NEVER NOTIFY=NEVER", NULL, NULL, "repeated-notify" },
	{ "ORCPT=rfc822;a@example.org", NULL, "rfc822;a@example.org", NULL },
	{ "orcpt=RFC822;a+2Bb+40example.org", NULL, "RFC822;a+b@example.org",
	    NULL },
	{ "ORCPT=x400;/C=US", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=x400;/C+3DUS", NULL, "x400;/C=US", NULL },
	{ "ORCPT=a@example.org", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=;a@example.org", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rfc822;", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rfc.822;a@b", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rf\xc3\xa4;a@b", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rfc822;a+00", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rfc822;a+0D+0A", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rfc822;\xc3\xa4@b", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=", NULL, NULL, "bad-orcpt" },
	{ "ORCPT", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rfc822;a;b", NULL, "rfc822;a;b", NULL },
	{ "ORCPT=utf-8;\\x{E4}@b", NULL, "utf-8;\xc3\xa4@b", NULL },
	{ "ORCPT=UTF-8;\\x{20AC}\\x{1F600}\\x{2B}", NULL,
	    "UTF-8;\xe2\x82\xac\xf0\x9f\x98\x80+", NULL },
	{ "ORCPT=utf-8;\xc3\xa4@b", NULL, "utf-8;\xc3\xa4@b", NULL },
	{ "ORCPT=utf-8;\xe4@b", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;a+2Bb", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{}", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{E4", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{e4}", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{0}", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{7F}", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{D800}", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{110000}", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\x{0000041}", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=utf-8;\\\\", NULL, NULL, "bad-orcpt" },
	{ "ORCPT=rfc822;a ORCPT=rfc822;a", NULL, NULL, "repeated-orcpt" },
	{ "SIZE=x NOTIFY=NEVER ORCPT=bad", "NEVER", NULL, "bad-orcpt" },
};

START_TEST(rcpt)
{
	const char *words = rcpts[_i].words;
	struct rcpt_param p;

	ck_assert(rcpt_param_parse(argv_of(words), arena, &p));
	same("notify", words, p.notify, rcpts[_i].notify);
	same("orcpt", words, p.orcpt, rcpts[_i].orcpt);
	same("fault", words, p.fault, rcpts[_i].fault);
}
END_TEST

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

START_TEST(no_memory)
{
	const char *const *argv =
	    argv_of("ENVID=a+20b AUTH=u@example.org SIZE=1");
	const char *const *rcpt_argv =
	    argv_of("ORCPT=utf-8;\\x{E4} ORCPT=rfc822;a");
	struct mail_param m;
	struct rcpt_param r;

	for (size_t after = 0; after < 3; after++) {
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
	tcase_add_loop_test(tc, mail, 0, ROWS(mails));
	tcase_add_loop_test(tc, rcpt, 0, ROWS(rcpts));
	tcase_add_test(tc, lengths_are_bounded);
	tcase_add_loop_test(tc, xtext_takes_every_octet, 0, 256);
	tcase_add_test(tc, no_memory);
	suite_add_tcase(suite, tc);
	return suite;
}
