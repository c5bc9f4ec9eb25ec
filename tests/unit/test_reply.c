/*
 * Unit tests of smtp/reply and smtp/stage.
 */
#include "smtp/reply.h"

#include <check.h>
#include <stdlib.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

START_TEST(stages_have_names)
{
	enum stage stage = (enum stage)_i;
	enum stage found = STAGE_COUNT;

	ck_assert(stage_find(str_c(stage_name(stage)), &found));
	ck_assert_uint_eq(found, stage);
	ck_assert_uint_gt(strlen(stage_event(stage)), 0);
}
END_TEST

START_TEST(no_other_stage)
{
	enum stage found = STAGE_COUNT;

	ck_assert(!stage_find(STR(""), &found));
	ck_assert(!stage_find(STR("RCPT"), &found));
	ck_assert(!stage_find(STR("rcpt "), &found));
	ck_assert(!stage_find(STR("eom"), &found));
	ck_assert(!stage_find(STR_NONE, &found));
	ck_assert_uint_eq(found, STAGE_COUNT);
}
END_TEST

/* code 0: none. */
static const struct {
	const char *in;
	unsigned code;
} code_texts[] = {
	{ "200", 200 },
	{ "354", 354 },
	{ "550", 550 },
	{ "559", 559 },
	{ "560", 0 },
	{ "199", 0 },
	{ "999", 0 },
	{ "000", 0 },
	{ "55", 0 },
	{ "5500", 0 },
	{ "0550", 0 },
	{ "5x0", 0 },
	{ "-50", 0 },
	{ " 550", 0 },
	{ "", 0 },
};

START_TEST(code)
{
	unsigned v = 0;
	struct why why = { .text = "" };
	bool ok = reply_code_parse(str_c(code_texts[_i].in), &v, &why);

	ck_assert_msg(ok == (code_texts[_i].code != 0), "%s: %s",
	    code_texts[_i].in, why.text);
	ck_assert_uint_eq(v, code_texts[_i].code);
	ck_assert_int_eq(ok, why.text[0] == '\0');
}
END_TEST

static const struct {
	const char *in;
	bool ok;
} xcode_texts[] = {
	{ "5.7.1", true },
	{ "4.0.0", true },
	{ "2.1.5", true },
	{ "5.999.999", true },
	{ "5.1.10", true },
	{ "5.7", false },
	{ "5.7.1.0", false },
	{ "5.7.", false },
	{ "5..1", false },
	{ ".5.7.1", false },
	{ "5.07.1", false },
	{ "5.7.01", false },
	{ "5.7.1000", false },
	{ "5.1000.1", false },
	{ "3.7.1", false },
	{ "6.7.1", false },
	{ "0.7.1", false },
	{ "55.7.1", false },
	{ "05.7.1", false },
	{ "5.x.1", false },
	{ "5.7.1 ", false },
	{ "5.7.-1", false },
	{ "", false },
	{ "....", false },
	{ "5.99999999999999999999.1", false },
};

START_TEST(xcode)
{
	char v[REPLY_XCODE_MAX] = "kept";
	struct why why = { .text = "" };
	const char *in = xcode_texts[_i].in;

	ck_assert_msg(
	    reply_xcode_parse(str_c(in), v, &why) == xcode_texts[_i].ok,
	    "%s: %s", in, why.text);
	ck_assert_str_eq(v, xcode_texts[_i].ok ? in : "kept");
	ck_assert_int_eq(xcode_texts[_i].ok, why.text[0] == '\0');
}
END_TEST

/* What LANGUAGE section 5 says, and what is usual with a code. */
static const struct {
	unsigned code;
	const char *xcode;
	enum stage stage;
	bool permanent;
	unsigned code_out;
	const char *xcode_out;
} completions[] = {
	{ 0, "", STAGE_CONNECT, true, 554, "5.7.1" },
	{ 0, "", STAGE_HELO, true, 550, "5.7.1" },
	{ 0, "", STAGE_MAIL, true, 550, "5.7.1" },
	{ 0, "", STAGE_RCPT, true, 550, "5.7.1" },
	{ 0, "", STAGE_DATA, true, 550, "5.7.1" },
	{ 0, "", STAGE_MESSAGE, true, 554, "5.7.1" },
	{ 0, "", STAGE_UNKNOWN, true, 500, "5.5.2" },
	{ 0, "", STAGE_CONNECT, false, 451, "4.7.1" },
	{ 0, "", STAGE_HELO, false, 451, "4.7.1" },
	{ 0, "", STAGE_MAIL, false, 451, "4.7.1" },
	{ 0, "", STAGE_RCPT, false, 451, "4.7.1" },
	{ 0, "", STAGE_DATA, false, 451, "4.7.1" },
	{ 0, "", STAGE_MESSAGE, false, 451, "4.7.1" },
	{ 0, "", STAGE_UNKNOWN, false, 451, "4.7.1" },
	{ 0, "5.1.1", STAGE_RCPT, true, 550, "5.1.1" },
	{ 553, "", STAGE_MAIL, true, 553, "5.1.7" },
	{ 553, "", STAGE_RCPT, true, 553, "5.1.3" },
	{ 552, "", STAGE_MAIL, true, 552, "5.3.4" },
	{ 552, "", STAGE_MESSAGE, true, 552, "5.3.4" },
	{ 501, "", STAGE_HELO, true, 501, "5.5.2" },
	{ 421, "", STAGE_RCPT, false, 421, "4.7.0" },
	{ 450, "", STAGE_RCPT, false, 450, "4.7.1" },
	{ 450, "4.7.25", STAGE_RCPT, false, 450, "4.7.25" },
	{ 556, "", STAGE_RCPT, true, 556, "5.1.10" },
	{ 521, "", STAGE_CONNECT, true, 521, "5.3.2" },
	{ 530, "", STAGE_MAIL, true, 530, "5.7.0" },
	{ 535, "", STAGE_MAIL, true, 535, "5.7.8" },
	{ 557, "", STAGE_RCPT, true, 557, "5.0.0" },
	{ 457, "", STAGE_RCPT, false, 457, "4.0.0" },
};

START_TEST(complete)
{
	struct reply r = { .code = completions[_i].code };

	memcpy(
	    r.xcode, completions[_i].xcode, strlen(completions[_i].xcode) + 1);
	reply_complete(&r, completions[_i].stage, completions[_i].permanent);
	ck_assert_uint_eq(r.code, completions[_i].code_out);
	ck_assert_str_eq(r.xcode, completions[_i].xcode_out);
	ck_assert_uint_gt(r.text.n, 0);
	r.text = STR("mine");
	reply_complete(&r, completions[_i].stage, completions[_i].permanent);
	ck_assert(str_eq(r.text, STR("mine")));
}
END_TEST

/* Every code at every stage: what is filled in can be sent. */
START_TEST(every_completion_can_be_sent)
{
	unsigned v = (unsigned)_i;

	for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
		struct reply r = { .code = v };
		struct why why = { .text = "" };
		char xcode_again[REPLY_XCODE_MAX];
		reply_complete(&r, (enum stage)stage, v >= 500);
		ck_assert_msg(reply_check(&r, &why), "%u at %s: %s", v,
		    stage_name((enum stage)stage), why.text);
		ck_assert(reply_text_check(r.text, NULL));
		ck_assert(str_find(r.text, '\n') == STR_NOWHERE);
		ck_assert(reply_xcode_parse(str_c(r.xcode), xcode_again, &why));
	}
}
END_TEST

/* RFC 5321 4.3.2, RFC 1870, 3207, 4954, 7504. */
static const struct {
	enum stage stage;
	const char *usual;
	const char *not_usual;
} usuals[] = {
	{ STAGE_CONNECT, "421 521 554 556", "220 450 451 550 552" },
	{ STAGE_HELO, "421 500 501 502 504 550", "450 451 551 552 553 554" },
	{ STAGE_MAIL, "421 451 452 455 501 503 530 550 552 553 555",
	    "450 551 554 556 535 521" },
	{ STAGE_RCPT, "421 450 451 452 455 501 503 530 550 551 552 553 555 556",
	    "554 504 535 521 55 5" },
	{ STAGE_DATA, "421 450 451 452 503 530 550 552 554", "553 551 455" },
	{ STAGE_MESSAGE, "421 450 451 452 550 552 554", "503 553 530 500" },
	{ STAGE_UNKNOWN, "421 500 501 502", "450 550 554" },
};

START_TEST(usual_codes)
{
	struct str rest = str_c(usuals[_i].usual);
	struct str word;
	uint64_t v;

	while (str_word(&rest, &word)) {
		ck_assert(str_to_u64(word, &v));
		ck_assert_msg(
		    reply_code_usual_at((unsigned)v, usuals[_i].stage),
		    "%.*s at %s", STR_FMT(word), stage_name(usuals[_i].stage));
	}
	rest = str_c(usuals[_i].not_usual);
	while (str_word(&rest, &word)) {
		ck_assert(str_to_u64(word, &v));
		ck_assert_msg(
		    !reply_code_usual_at((unsigned)v, usuals[_i].stage),
		    "%.*s at %s", STR_FMT(word), stage_name(usuals[_i].stage));
	}
}
END_TEST

START_TEST(early_replies_are_lost)
{
	ck_assert_ptr_nonnull(reply_lost_at(554, STAGE_CONNECT));
	ck_assert_ptr_nonnull(reply_lost_at(451, STAGE_CONNECT));
	ck_assert_ptr_nonnull(reply_lost_at(550, STAGE_HELO));
	ck_assert_ptr_nonnull(reply_lost_at(450, STAGE_HELO));
	ck_assert_ptr_nonnull(reply_lost_at(500, STAGE_UNKNOWN));
	ck_assert_ptr_null(reply_lost_at(450, STAGE_UNKNOWN));
	for (unsigned stage = 0; stage < STAGE_COUNT; stage++)
		ck_assert_ptr_null(reply_lost_at(421, (enum stage)stage));
	for (unsigned stage = STAGE_MAIL; stage <= STAGE_MESSAGE; stage++) {
		ck_assert_ptr_null(reply_lost_at(550, (enum stage)stage));
		ck_assert_ptr_null(reply_lost_at(451, (enum stage)stage));
	}
	ck_assert_ptr_nonnull(
	    strstr(reply_lost_at(550, STAGE_HELO), "reject late"));
	ck_assert_ptr_nonnull(
	    strstr(reply_lost_at(450, STAGE_HELO), "defer late"));
	ck_assert_ptr_nonnull(
	    strstr(reply_lost_at(554, STAGE_CONNECT), "reject late"));
	ck_assert_ptr_nonnull(
	    strstr(reply_lost_at(451, STAGE_CONNECT), "defer late"));
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	size_t at;
} texts[] = {
	{ "", true, 0 },
	{ "plain text, 100% ~", true, 0 },
	{ "one\ntwo", true, 0 },
	{ "one\n\ntwo\n", true, 0 },
	{ "tab\there", false, 3 },
	{ "one\ntwo\r", false, 7 },
	{ "bell\a", false, 4 },
	{ "del\x7f", false, 3 },
	{ "b\xc3\xa4r", false, 1 },
};

START_TEST(text)
{
	struct why why = { .text = "" };

	ck_assert_msg(
	    reply_text_check(str_c(texts[_i].text), &why) == texts[_i].ok,
	    "row %d: %s", _i, why.text);
	ck_assert_uint_eq(why.at, texts[_i].at);
}
END_TEST

START_TEST(line_length)
{
	char line[1024];
	struct reply r = { .code = 550, .xcode = "5.7.1" };
	struct why why;

	memset(line, 'a', sizeof(line));
	line[100] = '\n';
	/* 550 SP 5.7.1 SP text CR LF */
	ck_assert_uint_eq(reply_room(&r), 512 - 4 - 6 - 2);
	ck_assert(reply_text_check(str_of(line, 101 + 500), &why));
	ck_assert(!reply_text_check(str_of(line, 101 + 501), &why));
	ck_assert_uint_eq(why.at, 101 + 500);
	r.text = str_of(line, 101 + 500);
	ck_assert(reply_check(&r, &why));
	memcpy(r.xcode, "5.1.10", 7);
	ck_assert(!reply_check(&r, &why));
	r.text.n--;
	ck_assert(reply_check(&r, &why));
	r.xcode[0] = '\0';
	ck_assert_uint_eq(reply_room(&r), 512 - 4 - 2);
}
END_TEST

START_TEST(line_count)
{
	char lines[64];
	struct why why;

	memset(lines, '\n', sizeof(lines));
	ck_assert(reply_text_check(str_of(lines, 31), &why));
	ck_assert(!reply_text_check(str_of(lines, 32), &why));
	ck_assert_uint_eq(why.at, 32);
}
END_TEST

START_TEST(class_of_the_codes)
{
	struct reply r = { .code = 450, .xcode = "5.7.1", .text = STR("x") };
	struct why why;

	ck_assert(!reply_check(&r, &why));
	ck_assert_str_eq(why.text, "the enhanced code 5.7.1 is of another "
				   "class than 450; write 4.7.1");
	r.code = 550;
	ck_assert(reply_check(&r, &why));
	r.code = 354;
	ck_assert(!reply_check(&r, &why));
	r.code = 0;
	ck_assert(!reply_check(&r, &why));
}
END_TEST

static const struct {
	struct reply reply;
	const char *out;
} prints[] = {
	{ { 550, "5.7.1", { "no", 2 } }, "550 5.7.1 no" },
	{ { 550, "5.7.1", { "no\nreally", 9 } }, "550 5.7.1 no" },
	{ { 550, "", { "no", 2 } }, "550 no" },
	{ { 421, "4.7.0", { NULL, 0 } }, "421 4.7.0" },
};

START_TEST(print)
{
	char line[64];
	struct buf b = BUF_ON(line);

	reply_print(&prints[_i].reply, &b);
	ck_assert_str_eq(buf_cstr(&b), prints[_i].out);
}
END_TEST

Suite *suite_reply(void);

Suite *
suite_reply(void)
{
	Suite *suite = suite_create("reply");
	TCase *tc = tcase_create("reply");

	tcase_add_loop_test(tc, stages_have_names, 0, STAGE_COUNT);
	tcase_add_test(tc, no_other_stage);
	tcase_add_loop_test(tc, code, 0, ROWS(code_texts));
	tcase_add_loop_test(tc, xcode, 0, ROWS(xcode_texts));
	tcase_add_loop_test(tc, complete, 0, ROWS(completions));
	tcase_add_loop_test(tc, every_completion_can_be_sent, 400, 560);
	tcase_add_loop_test(tc, usual_codes, 0, ROWS(usuals));
	tcase_add_test(tc, early_replies_are_lost);
	tcase_add_loop_test(tc, text, 0, ROWS(texts));
	tcase_add_test(tc, line_length);
	tcase_add_test(tc, line_count);
	tcase_add_test(tc, class_of_the_codes);
	tcase_add_loop_test(tc, print, 0, ROWS(prints));
	suite_add_tcase(suite, tc);
	return suite;
}
