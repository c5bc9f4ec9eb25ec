/*
 * offline, play - the offline MTA with a fixed policy, and transcripts played
 * against it: what it answers, which rule decided, what the policy was told,
 * and what a transcript that does not hold is told.
 */
#include "tools/offline.h"
#include "tools/play.h"

#include <check.h>
#include <stdlib.h>

#include "offline_dialogues.h"

static const char policy_text[] =
    "log stderr\n"
    "on error defer 451 4.3.0 \"on error\"\n"
    "on connect {\n"
    "  kept:   reject late 554 5.7.1 \"kept\" if client.name == "
    "\"late.example\"\n"
    "  hard:   reject 554 5.7.1 \"hard\" if client.name == \"hard.example\"\n"
    "  soft:   defer 450 4.7.1 \"soft\" if client.name == \"soft.example\"\n"
    "  cut:    disconnect \"cut\" if client.name == \"cut.example\"\n"
    "  free:   accept connection if client.name == \"free.example\"\n"
    "}\n"
    "on helo {\n"
    "  h-hard: reject 550 5.7.1 \"h-hard\" if helo == \"hard.example\"\n"
    "  h-soft: defer 450 4.7.1 \"h-soft\" if helo == \"soft.example\"\n"
    "  h-cut:  disconnect \"h-cut\" if helo == \"cut.example\"\n"
    "}\n"
    "on mail {\n"
    "  ask:    reject 550 5.7.1 \"${client.ip}|${client.name}|"
    "${client.port}|${client.ptr}|${client.resolve}|${daemon.ip}|"
    "${daemon.port}|${auth.user}|${auth.method}|${macro(\"_\")}|"
    "${macro(\"client_addr\")}\" if sender.local == \"ask\"\n"
    "  words:  reject 550 5.7.1 \"${sender.raw}|${mail.size}|${mail.body}|"
    "${mail.envid}|${auth.author}|${macro(\"mail_addr\")}\""
    " if sender.domain == \"words.example\"\n"
    "  refuse: reject 550 5.7.1 \"refuse\" if sender.local == \"refuse\"\n"
    "  bye:    disconnect \"bye\" if sender.local == \"bye\"\n"
    "  five21: reject 521 5.7.1 \"gone\" if sender.local == \"gone\"\n"
    "  trap:   discard if sender.local == \"trap\"\n"
    "  time:   defer 451 4.7.1 \"${now.weekday} ${now.time} ${now.date}\""
    " if sender.local == \"time\"\n"
    "  tls:    reject 550 5.7.1 \"${tls.version} ${tls.cipher} ${tls.bits}\""
    " if sender.local == \"tls\"\n"
    "}\n"
    "on rcpt {\n"
    "  ok:     accept if rcpt.local == \"ok\"\n"
    "  no:     reject 550 5.1.1 \"no\\nnever\\n\\nagain\" if rcpt.local == "
    "\"no\"\n"
    "  count:  reject 550 5.7.1 \"${recipients.count}/${recipients.tried} "
    "${queue.id} ${macro(\"rcpt_addr\")} ${rcpt.raw}\""
    " if rcpt.local == \"count\"\n"
    "}\n"
    "on data {\n"
    "  d-no:   reject 554 5.7.1 \"${macro(\"rcpt_addr\")}\""
    " if recipients.count > 2\n"
    "}\n"
    "on message {\n"
    "  m-drop: discard if header(\"Subject\") == \"drop\"\n"
    "  m-say:  reject 554 5.7.1 \"${headers.count}|${headers.size}|"
    "${message.size}|${header(\"X\")}|${header(\"X\").count}|"
    "${header(\"Date\").count}|${header(\"Bcc\").count}|"
    "${header(\"X-Mailbox-Line\")}\" if header(\"Subject\") == \"say\" and "
    "message.size != 5000000\n"
    "  m-none: reject 554 5.7.1 \"${headers.count}|${message.size}\""
    " if header(\"Subject\") is absent and client.ip != 127.0.0.1"
    " and message.size != 5000000\n"
    "  m-bye:  disconnect \"m-bye\" if header(\"Subject\") == \"bye\"\n"
    "  m-ok:   accept if header(\"Subject\") == \"ok\"\n"
    "}\n"
    "on unknown {\n"
    "  u-no:   defer 450 4.5.1 \"[${command}]\" if command == \"WIZ\"\n"
    "}\n";

static struct arena *arena;
static struct policy *policy;
static size_t records;
static char last_verb[32];

static void
setup(void)
{
	struct diags diags;

	arena = arena_new(ARENA_UNLIMITED);
	ck_assert_ptr_nonnull(arena);
	diags_init(&diags, arena);
	policy = policy_load_text(STR("test.conf"), str_c(policy_text), &diags);
	if (policy == NULL)
		diags_print(&diags, stderr);
	ck_assert_ptr_nonnull(policy);
	records = 0;
	last_verb[0] = '\0';
}

static void
teardown(void)
{
	policy_unref(policy);
	arena_free(arena);
}

/* ---- the offline MTA as a peer ------------------------------------------ */

static void
on_record(void *ctx, const struct record *r)
{
	(void)ctx;
	records++;
	(void)snprintf(last_verb, sizeof last_verb, "%s", r->verb);
}

static void
take(const struct offline_reply *from, struct peer_reply *to)
{
	to->text = from->text;
	to->knows_rule = true;
	to->rule = from->rule == NULL ? STR_NONE : from->rule->name;
}

static bool
peer_greeting(void *ctx, struct peer_reply *reply_r, struct why *why)
{
	struct offline_reply reply;

	(void)why;
	offline_greeting(ctx, &reply);
	take(&reply, reply_r);
	return true;
}

static bool
peer_line(void *ctx, struct str line, bool answered, struct peer_reply *reply_r,
    struct why *why)
{
	struct offline_reply reply;

	(void)why;
	offline_line(ctx, line, &reply);
	ck_assert_msg(answered == (reply.text.p != NULL) || reply.closed,
	    "\"%.*s\": %s", STR_FMT(line), answered ? "no reply" : "a reply");
	take(&reply, reply_r);
	return true;
}

static bool
peer_control(void *ctx, const struct transcript_line *line, struct why *why)
{
	return offline_control(ctx, line, why);
}

static void
transcript_of(const char *text, struct transcript *t)
{
	struct source *source = arena_xalloc(arena, sizeof *source);
	struct diags diags;

	source->name = STR("t.smtp");
	source->text = str_c(text);
	diags_init(&diags, arena);
	if (!transcript_parse(source, arena, &diags, t)) {
		diags_print(&diags, stderr);
		ck_abort_msg("no transcript: %s", text);
	}
}

/* Plays; the explanation of a failure is in *explanation_r, to be freed. */
static bool
play_text(const char *text, char **explanation_r)
{
	struct offline *o = offline_new(policy, NULL, on_record, NULL);
	const struct peer peer = { peer_greeting, peer_line, peer_control, NULL,
		o };
	struct play_failure failure;
	struct transcript t;
	size_t n;
	FILE *out = open_memstream(explanation_r, &n);
	bool good;

	ck_assert_ptr_nonnull(o);
	ck_assert_ptr_nonnull(out);
	transcript_of(text, &t);
	good = play(&t, &peer, NULL, &failure);
	if (!good)
		play_explain(&failure, out);
	(void)fclose(out);
	offline_free(o);
	return good;
}

/* ---- dialogues ---------------------------------------------------------- */

START_TEST(plays)
{
	char *explanation = NULL;
	bool good = play_text(dialogues[_i], &explanation);

	ck_assert_msg(good, "%s\n%s", explanation, dialogues[_i]);
	free(explanation);
}
END_TEST

/* ---- transcripts that do not hold --------------------------------------- */

static const struct {
	const char *text;
	const char *said; /* parts of the explanation, apart by '\n' */
} failures[] = {
	{ "S: 421\n", "t.smtp:1:\n(connects)\nexpected: 421\n"
		      "got:      220 mx.example\nno rule had a verdict" },
	{ HI "C: MAIL FROM:<refuse@b.example>\nS: 250 2.1.0\n",
	    "t.smtp:5:\nclient:   MAIL FROM:<refuse@b.example>\n"
	    "expected: 250 2.1.0\ngot:      550 5.7.1 refuse\nrule:     "
	    "refuse" },
	{ HI "C: MAIL FROM:<refuse@b.example>\nS: 550 5.7.1 {other}\n",
	    "expected: 550 5.7.1 {other}\nrule:     refuse" },
	{ HI "C: MAIL FROM:<refuse@b.example>\nS: 550 {}\n",
	    "expected: 550 {}\nrule:     refuse" },
	{ HI "C: MAIL FROM:<a@b.example>\nS: 250 {refuse}\n",
	    "expected: 250 {refuse}\nno rule had a verdict" },
	{ HI "C: MAIL FROM:<refuse@b.example>\nS: 550 {fuse}\n", "{fuse}" },
	{ "S: 220\nC: EHLO x\nS: 250\nS: 250 TURN\n",
	    "t.smtp:4:\nexpected: 250 TURN\n250-PIPELINING" },
	{ HI "C: DATA\nS: 354\nC: x\nC: .\nS: 250\n",
	    "t.smtp:5:\nexpected: 354\n503 5.5.1" },
	{ HI "C: BDAT 1\nS: 521\nC: NOOP\nS: 250\n",
	    "t.smtp:7:\ngot:      no reply" },
	{ HI "C: QUIT\nS: 221\nX: size 1\nC: NOOP\nS: 250\n",
	    "t.smtp:6:\nhas closed the connection" },
	/* What the client said cannot break out of the comment. */
	{ HI "C: VRFY a\x1b[2Jb\xffz\rok 1\nS: 550\n", "VRFY a?[2Jb?z?ok 1" },
};

START_TEST(fails)
{
	char *explanation = NULL;
	struct str said = str_c(failures[_i].said);
	struct str rest, line, part;

	ck_assert_msg(!play_text(failures[_i].text, &explanation), "holds: %s",
	    failures[_i].text);
	while (str_split(&said, '\n', &part))
		ck_assert_msg(
		    strstr(explanation, arena_cstr(arena, part)) != NULL,
		    "\"%.*s\" is not in\n%s", STR_FMT(part), explanation);
	rest = str_c(explanation);
	while (str_split(&rest, '\n', &line))
		ck_assert_msg(
		    line.n == 0 || line.p[0] == '#', "%s", explanation);
	free(explanation);
}
END_TEST

/* ---- limits and noise --------------------------------------------------- */

static struct offline_reply
say(struct offline *o, const char *line)
{
	struct offline_reply reply;

	offline_line(o, str_c(line), &reply);
	return reply;
}

START_TEST(too_many_errors)
{
	struct offline *o = offline_new(policy, NULL, NULL, NULL);
	struct offline_reply reply;

	offline_greeting(o, &reply);
	for (int i = 0; i < 20; i++)
		ck_assert(str_starts(say(o, "FROB").text, STR("500 ")));
	reply = say(o, "NOOP");
	ck_assert(str_eq(
	    reply.text, STR("421 4.7.0 mx.example Error: too many errors")));
	ck_assert(reply.closed);
	reply = say(o, "NOOP");
	ck_assert(reply.text.p == NULL && reply.closed);
	offline_free(o);
}
END_TEST

/* A message forgives what was wrong before it. */
START_TEST(errors_are_forgiven)
{
	struct offline *o = offline_new(policy, NULL, NULL, NULL);
	struct offline_reply reply;

	offline_greeting(o, &reply);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 15; i++)
			ck_assert(str_starts(say(o, "FROB").text, STR("500 ")));
		(void)say(o, "MAIL FROM:<a@b.example>");
		(void)say(o, "RCPT TO:<c@d.example>");
		(void)say(o, "DATA");
		ck_assert(str_starts(say(o, ".").text, STR("250 2.0.0")));
	}
	offline_free(o);
}
END_TEST

START_TEST(too_many_recipients)
{
	struct offline *o = offline_new(policy, NULL, NULL, NULL);
	struct offline_reply reply;

	offline_greeting(o, &reply);
	(void)say(o, "MAIL FROM:<a@b.example>");
	for (int i = 0; i < 1000; i++)
		ck_assert(str_starts(
		    say(o, "RCPT TO:<c@d.example>").text, STR("250")));
	ck_assert(str_eq(say(o, "RCPT TO:<c@d.example>").text,
	    STR("452 4.5.3 Error: too many recipients")));
	offline_free(o);
}
END_TEST

/* The body comes in pieces that fit the milter protocol; all is counted. */
START_TEST(large_message)
{
	struct offline *o = offline_new(policy, NULL, on_record, NULL);
	struct offline_reply reply;
	char line[1001];
	char expect[64];

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	offline_greeting(o, &reply);
	(void)say(o, "XCLIENT ADDR=192.0.2.7 NAME=c.example");
	(void)say(o, "MAIL FROM:<a@b.example>");
	(void)say(o, "RCPT TO:<c@d.example>");
	(void)say(o, "DATA");
	(void)say(o, "X: y");
	(void)say(o, "");
	for (int i = 0; i < 1000; i++)
		ck_assert(say(o, line).text.p == NULL);
	reply = say(o, ".");
	(void)snprintf(
	    expect, sizeof expect, "554 5.7.1 1|%d", 6 + 2 + 1000 * 1002);
	ck_assert_msg(
	    str_eq(reply.text, str_c(expect)), "%.*s", STR_FMT(reply.text));
	offline_free(o);
}
END_TEST

/* One pass line a message that went through, none for a discarded one. */
START_TEST(pass_lines)
{
	struct offline *o = offline_new(policy, NULL, on_record, NULL);
	static const char *const dialogue[] = { "MAIL FROM:<a@b.example>",
		"RCPT TO:<c@d.example>", "DATA", "Subject: none", "." };
	struct offline_reply reply;

	offline_greeting(o, &reply);
	for (size_t i = 0; i < 5; i++)
		(void)say(o, dialogue[i]);
	ck_assert_uint_eq(records, 1);
	ck_assert_str_eq(last_verb, "pass");
	(void)say(o, "MAIL FROM:<trap@b.example>");
	for (size_t i = 1; i < 5; i++)
		(void)say(o, dialogue[i]);
	ck_assert_uint_eq(records, 2);
	ck_assert_str_eq(last_verb, "discard");
	offline_free(o);
}
END_TEST

/* A line of 1 MiB, a NUL, 8-bit octets, and words in any order. */
START_TEST(survives_noise)
{
	static const char *const pieces[] = { "MAIL ", "RCPT ",
		"FROM:", "TO:", "<", ">", "\"", "\\", "a@b", " ", "SIZE=9",
		"DATA", "RSET", "EHLO ", "XCLIENT ",
		"ADDR=", "NAME=", "1.2.3.4", "[", "]", ":", "\t", "\xff", "=",
		"+4", "VRFY ", "NOTIFY=", ".", "Subject:" };
	uint32_t seed = 4711;
	char *large = malloc(1u << 20);
	struct offline *o = NULL;
	struct offline_reply reply;

	ck_assert_ptr_nonnull(large);
	memset(large, '<', 1u << 20);
	for (int round = 0; round < 20000; round++) {
		char text[256];
		struct buf b = BUF_ON(text);

		if (o == NULL) {
			o = offline_new(policy, NULL, on_record, NULL);
			offline_greeting(o, &reply);
			offline_line(o, str_of(large, 1u << 20), &reply);
			offline_line(o, STR("MAIL FROM:<a\0b>"), &reply);
		}
		for (int i = 0; i < 8; i++) {
			seed = seed * 1664525u + 1013904223u;
			buf_c(&b, pieces[(seed >> 16) %
					 (sizeof pieces / sizeof pieces[0])]);
		}
		offline_line(o, buf_str(&b), &reply);
		if (reply.closed || round % 50 == 0) {
			offline_free(o);
			o = NULL;
		}
	}
	offline_free(o);
	free(large);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *suite_offline(void);

Suite *
suite_offline(void)
{
	Suite *s = suite_create("offline");
	TCase *tc = tcase_create("offline");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, plays, 0, COUNT(dialogues));
	tcase_add_loop_test(tc, fails, 0, COUNT(failures));
	tcase_add_test(tc, too_many_errors);
	tcase_add_test(tc, errors_are_forgiven);
	tcase_add_test(tc, too_many_recipients);
	tcase_add_test(tc, large_message);
	tcase_add_test(tc, pass_lines);
	tcase_add_test(tc, survives_noise);
	suite_add_tcase(s, tc);
	return s;
}
