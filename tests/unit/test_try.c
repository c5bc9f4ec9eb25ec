/*
 * Dialogues at the prompt of `portreeve try`: tests/try/NAME.in is read with
 * the policy NAME.conf, and what is printed compared with NAME.out (with
 * reasons) and NAME.smtp (as a transcript).
 *
 * A transcript read again gives itself.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "golden.h"
#include "tools/try.h"

Suite *suite_try(void);

static glob_t found;

static void
find_cases(void)
{
	char pattern[600];

	golden_directory(pattern, sizeof pattern, "try/*.conf");
	if (glob(pattern, 0, NULL, &found) != 0)
		found.gl_pathc = 0;
}

static struct policy *
loaded(const char *conf)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct policy *policy;

	ck_assert_ptr_nonnull(arena);
	diags_init(&diags, arena);
	policy = policy_load(conf, &diags);
	arena_free(arena);
	ck_assert_msg(policy != NULL, "%s does not load", conf);
	return policy;
}

/* What is printed for a file of lines, to be freed. */
static char *
printed(const char *conf, const char *input, bool transcript, int status)
{
	const struct try_how how = { conf, !transcript, transcript };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	FILE *in = fopen(input, "r");

	ck_assert_msg(in != NULL, "%s: there is no such file", input);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(try_run(loaded(conf), &how, in, out), status);
	fclose(in);
	fclose(out);
	return text;
}

START_TEST(test_reasons)
{
	const char *conf = found.gl_pathv[_i];
	char input[1024];
	char output[1024];
	char *text;

	golden_beside(input, sizeof input, conf, ".in");
	golden_beside(output, sizeof output, conf, ".out");
	text = printed(conf, input, false, 0);
	golden_compare(output, text);
	free(text);
}
END_TEST

START_TEST(test_transcript)
{
	const char *conf = found.gl_pathv[_i];
	char input[1024];
	char output[1024];
	char *text;

	golden_beside(input, sizeof input, conf, ".in");
	golden_beside(output, sizeof output, conf, ".smtp");
	text = printed(conf, input, true, 0);
	golden_compare(output, text);
	free(text);
	text = printed(conf, output, true, 0);
	golden_compare(output, text);
	free(text);
}
END_TEST

START_TEST(test_cases_are_found)
{
	ck_assert_uint_ge(found.gl_pathc, 3);
}
END_TEST

/* ---- odd input ---------------------------------------------------------- */

static const struct {
	const char *what;
	const char *input;
	size_t n; /* 0: up to the NUL */
	int status;
	const char *has; /* in the output */
} odd[] = {
	{ "nothing", "", 0, 0, "S: 220 mx.example" },
	{ "only comments", "# a\n\n   \n", 0, 0, "S: 220 mx.example" },
	{ "no line end", "NOOP", 0, 0, "C: NOOP\nS: 250" },
	{ "CRLF", "NOOP\r\nQUIT\r\n", 0, 0, "C: NOOP\nS: 250 2.0.0 Ok\n" },
	{ "a NUL octet", "NO\0OP\n", 6, 0, "C: NO?OP\n" },
	{ "bare C:", "C:\n", 0, 0, "C: \n" },
	{ "C: without a space", "C:NOOP\n", 0, 0, "C: NOOP\nS: 250" },
	{ "X: line that is none", "X: bogus\nNOOP\n", 0, 1, "C: NOOP\nS: 250" },
	{ "X: line with a fault", "X: now yesterday\nNOOP\n", 0, 1,
	    "C: NOOP\nS: 250" },
	{ "bare X:", "X:\nNOOP\n", 0, 1, "C: NOOP\nS: 250" },
	{ "X: inside a message",
	    "C: EHLO a\nC: MAIL FROM:<a@b>\nC: RCPT TO:<c@d>\nC: DATA\n"
	    "X: size 1M\nC: .\n",
	    0, 1, "C: .\nS: 250" },
	{ "the end within a message",
	    "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nX: size 1M\n", 0, 0,
	    "C: X: size 1M\n# the input ends within the message\n" },
	{ "lines behind the end", "QUIT\nNOOP\nNOOP\n", 0, 0,
	    "S: 221 2.0.0 Bye\n# the server has closed the connection: "
	    "nothing more is sent\n" },
	{ "another connection", "QUIT\nX: again\nNOOP\n", 0, 0,
	    "S: 221 2.0.0 Bye\nS: 220 mx.example ESMTP Postfix\nC: NOOP\n" },
	{ "help", "?\n", 0, 0, "X: save FILE" },
	{ "8-bit octets", "MAIL FROM:<\xc3\xa9@b>\n", 0, 0, "<\?\?@b>" },
};

START_TEST(test_odd)
{
	const struct try_how how = { "none", false, false };
	size_t n = odd[_i].n > 0 ? odd[_i].n : strlen(odd[_i].input);
	char room[200] = "\n";
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct policy *policy;
	FILE *in;
	int status;

	/* fmemopen() takes no empty memory */
	memcpy(room, odd[_i].input, n);
	in = fmemopen(room, n == 0 ? 1 : n, "r");
	diags_init(&diags, arena);
	policy = policy_load_text(STR("none"), STR(""), &diags);
	status = try_run(policy, &how, in, out);
	fclose(in);
	fclose(out);
	arena_free(arena);
	ck_assert_msg(
	    status == odd[_i].status, "%s: status %d", odd[_i].what, status);
	ck_assert_msg(strstr(text, odd[_i].has) != NULL,
	    "%s: \"%s\" is not in\n%s", odd[_i].what, odd[_i].has, text);
	free(text);
}
END_TEST

Suite *
suite_try(void)
{
	Suite *s = suite_create("try");
	TCase *tc = tcase_create("try");

	find_cases();
	tcase_add_test(tc, test_cases_are_found);
	tcase_add_loop_test(tc, test_reasons, 0, (int)found.gl_pathc);
	tcase_add_loop_test(tc, test_transcript, 0, (int)found.gl_pathc);
	tcase_add_loop_test(tc, test_odd, 0, sizeof odd / sizeof odd[0]);
	suite_add_tcase(s, tc);
	return s;
}
