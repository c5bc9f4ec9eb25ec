/*
 * test_log_format - events as JSON and as fields of the journal.
 */
#include "obs/log_format.h"

#include <check.h>
#include <stdlib.h>

#include "core/record_field.h"
#include "obs/log_sink.h"

Suite *suite_log_format(void);

static const struct rule rule = {
	.name = STR("fan-out"),
	.file = STR("/etc/portreeve/portreeve.conf"),
	.line = 12,
};

static struct record
refusal(void)
{
	return (struct record){
		.kind = RECORD_DECISION,
		.verb = "reject",
		.stage = STAGE_RCPT,
		.decided = STAGE_MAIL,
		.rule = &rule,
		.reply = { .code = 550,
		    .xcode = "5.7.1",
		    .text = STR("one\n\"two\"") },
		.who = { .client_name = STR("mail.example"),
		    .client_ip = { .family = IP_V4, .b = { 203, 0, 113, 9 } },
		    .helo = STR("a\\b\x01"),
		    .has_sender = true,
		    .sender = STR(""),
		    .rcpt = STR("j\xc3\xbcrgen@example.org"),
		    .has_size = true,
		    .size = UINT64_MAX },
		.session = STR("7f3a-12"),
		.us = 41,
	};
}

static struct record
pass(void)
{
	return (struct record){
		.kind = RECORD_PASS,
		.verb = "pass",
		.stage = STAGE_MESSAGE,
		.decided = STAGE_MESSAGE,
		.who = { .helo = STR("\xff\xfe"),
		    .has_sender = true,
		    .sender = STR("a@b.example"),
		    .recipients = 2,
		    .queue_id = STR("4ZbX1k") },
		.session = STR("7f3a-13"),
		.us = -1,
	};
}

static const char *
record_as(enum log_format format, const struct record *r)
{
	static char room[LOG_LINE_MAX + 1];
	struct buf b = BUF_ON(room);

	log_format_record(format, r, 1795687200, &b);
	ck_assert(!b.cut);
	return buf_cstr(&b);
}

START_TEST(refusal_as_json)
{
	struct record r = refusal();

	ck_assert_str_eq(record_as(LOG_FORMAT_JSON, &r),
	    "{\"time\":\"2026-11-26T10:00:00Z\",\"level\":\"info\","
	    "\"verb\":\"reject\",\"stage\":\"rcpt\",\"decided\":\"mail\","
	    "\"rule\":\"fan-out\",\"file\":\"/etc/portreeve/portreeve.conf\","
	    "\"line\":12,\"code\":550,\"xcode\":\"5.7.1\","
	    "\"reply\":\"one\\n\\\"two\\\"\",\"client_name\":\"mail.example\","
	    "\"client_ip\":\"203.0.113.9\",\"helo\":\"a\\\\b\\u0001\","
	    "\"from\":\"\",\"to\":\"j\xc3\xbcrgen@example.org\","
	    "\"size\":18446744073709551615,\"session\":\"7f3a-12\",\"us\":41}");
}
END_TEST

START_TEST(pass_as_json)
{
	struct record r = pass();

	ck_assert_str_eq(record_as(LOG_FORMAT_JSON, &r),
	    "{\"time\":\"2026-11-26T10:00:00Z\",\"level\":\"info\","
	    "\"verb\":\"pass\",\"helo\":\"\\ufffd\\ufffd\","
	    "\"from\":\"a@b.example\",\"nrcpt\":2,\"queue_id\":\"4ZbX1k\","
	    "\"session\":\"7f3a-13\",\"us\":0}");
}
END_TEST

START_TEST(refusal_in_the_journal)
{
	struct record r = refusal();
	char line[RECORD_LINE_MAX];
	struct buf b = BUF_ON(line);
	char expected[2 * RECORD_LINE_MAX];

	record_print(&r, &b);
	snprintf(expected, sizeof expected,
	    "PRIORITY=6\nSYSLOG_IDENTIFIER=portreeve\nMESSAGE=%s\n"
	    "PORTREEVE_VERB=reject\nPORTREEVE_STAGE=rcpt\n"
	    "PORTREEVE_DECIDED=mail\nPORTREEVE_RULE=fan-out\n"
	    "PORTREEVE_FILE=/etc/portreeve/portreeve.conf\n"
	    "PORTREEVE_LINE=12\nPORTREEVE_CODE=550\nPORTREEVE_XCODE=5.7.1\n"
	    "PORTREEVE_REPLY=one\\x0a\"two\"\n"
	    "PORTREEVE_CLIENT_NAME=mail.example\n"
	    "PORTREEVE_CLIENT_IP=203.0.113.9\nPORTREEVE_HELO=a\\b\\x01\n"
	    "PORTREEVE_FROM=\nPORTREEVE_TO=j\xc3\xbcrgen@example.org\n"
	    "PORTREEVE_SIZE=18446744073709551615\n"
	    "PORTREEVE_SESSION=7f3a-12\nPORTREEVE_US=41",
	    buf_cstr(&b));
	ck_assert_str_eq(record_as(LOG_FORMAT_JOURNAL, &r), expected);
}
END_TEST

/* All that is free text, as long as can be, in the octet that grows most. */
START_TEST(the_longest_event_fits)
{
	static char text[4000];
	struct str s = str_of(text, sizeof text);
	struct rule long_rule = { .name = s, .file = s, .line = UINT32_MAX };
	struct record r = refusal();
	size_t n;

	memset(text, _i, sizeof text);
	r.rule = &long_rule;
	r.reply.text = s;
	r.text = s;
	r.reason = s;
	r.who.client_name = s;
	r.who.helo = s;
	r.who.sender = s;
	r.who.rcpt = s;
	r.who.queue_id = STR("4ZbX1k");
	n = strlen(record_as(LOG_FORMAT_JSON, &r));
	ck_assert_str_eq(record_as(LOG_FORMAT_JSON, &r) + n - 2, "1}");
	(void)record_as(LOG_FORMAT_JOURNAL, &r);
}
END_TEST

/* A character of UTF-8 is not cut in two. */
START_TEST(values_are_cut_between_characters)
{
	char text[LOG_VALUE_MAX + 8];
	struct record r = pass();
	const char *line;

	memset(text, 'x', sizeof text);
	memcpy(text + LOG_VALUE_MAX - 1, "\xc3\xbc", 2);
	r.who.helo = str_of(text, sizeof text);
	line = record_as(LOG_FORMAT_JSON, &r);
	ck_assert_ptr_nonnull(strstr(line, "xxx...\","));
	ck_assert_ptr_null(strstr(line, "\\ufffd"));
}
END_TEST

START_TEST(events_of_the_daemon)
{
	char room[LOG_LINE_MAX + 1];
	struct buf b = BUF_ON(room);

	log_format_event(
	    LOG_FORMAT_JSON, 3, STR("no \"x\" in a\\b"), 1795687200, &b);
	ck_assert_str_eq(buf_cstr(&b),
	    "{\"time\":\"2026-11-26T10:00:00Z\",\"level\":\"error\","
	    "\"message\":\"no \\\"x\\\" in a\\\\b\"}");
	b = BUF_ON(room);
	log_format_event(LOG_FORMAT_JOURNAL, 5, STR("started"), 0, &b);
	ck_assert_str_eq(buf_cstr(&b),
	    "PRIORITY=5\nSYSLOG_IDENTIFIER=portreeve\nMESSAGE=started");
	b = BUF_ON(room);
	log_format_event(LOG_FORMAT_TEXT, 5, STR("started"), 0, &b);
	ck_assert_str_eq(buf_cstr(&b), "started");
}
END_TEST

Suite *
suite_log_format(void)
{
	static const int hard[] = { 0x01, '"', '\n', 0xff, 'x' };
	Suite *s = suite_create("log_format");
	TCase *tc = tcase_create("log_format");

	tcase_add_test(tc, refusal_as_json);
	tcase_add_test(tc, pass_as_json);
	tcase_add_test(tc, refusal_in_the_journal);
	for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++)
		tcase_add_loop_test(
		    tc, the_longest_event_fits, hard[i], hard[i] + 1);
	tcase_add_test(tc, values_are_cut_between_characters);
	tcase_add_test(tc, events_of_the_daemon);
	suite_add_tcase(s, tc);
	return s;
}
