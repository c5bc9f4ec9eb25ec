/*
 * reply_line - replies from terminals and logs, taken apart.
 */
#include "smtp/reply_line.h"

#include <check.h>

Suite *suite_reply_line(void);

#define SYSLOG "Nov 26 14:41:43 mx "
#define SMTP SYSLOG "postfix/smtp[4711]: 4ZbX1k1Jz4z9s: to=<bob@example.org>, "
#define SMTPD SYSLOG "postfix/smtpd[4711]: "

/* NULL: the line does not say. */
struct part {
	const char *line;
	unsigned code;
	const char *xcode;
	const char *text;
	const char *queued;
	const char *logged;
	const char *host;
	const char *client;
	const char *command;
	const char *status;
	const char *rule;
	const char *session;
	bool observed;
	bool more;
	bool others;
};

static const struct part parts[] = {
	/* as the server said it */
	{ .line = "550 5.7.1 log in to send as example.org",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "log in to send as example.org" },
	{ .line = "550", .code = 550, .xcode = "", .text = "" },
	{ .line = "  550 5.7.1\r\n",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "" },
	{ .line = "550 5.7.1.2 is no code",
	    .code = 550,
	    .xcode = "",
	    .text = "5.7.1.2 is no code" },
	{ .line = "354 End data with <CR><LF>.<CR><LF>",
	    .code = 354,
	    .xcode = "",
	    .text = "End data with <CR><LF>.<CR><LF>" },
	{ .line = "550-5.7.1 this is",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "this is",
	    .more = true },
	{ .line = "250-mx.example\r\n250-SIZE 1000\r\n250 DSN\r\n",
	    .code = 250,
	    .xcode = "",
	    .text = "mx.example\nSIZE 1000\nDSN" },
	{ .line = "550-5.7.1 one\n550 5.7.1 two\n221 2.0.0 Bye",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "one\ntwo",
	    .others = true },
	{ .line = "550-one 550 two 550 rooms",
	    .code = 550,
	    .xcode = "",
	    .text = "one\ntwo 550 rooms" },
	{ .line = "550 call 550 5.7.1",
	    .code = 550,
	    .xcode = "",
	    .text = "call 550 5.7.1" },
	{ .line = "5.7.1 delivery not authorized",
	    .code = 0,
	    .xcode = "5.7.1",
	    .text = "delivery not authorized" },
	/* queue ids */
	{ .line = "250 2.0.0 Ok: queued as 4ZbX1k1Jz4z9s",
	    .code = 250,
	    .xcode = "2.0.0",
	    .text = "Ok: queued as 4ZbX1k1Jz4z9s",
	    .queued = "4ZbX1k1Jz4z9s" },
	{ .line = "250 2.0.0 5AQEfhX1012345 Message accepted for delivery",
	    .code = 250,
	    .xcode = "2.0.0",
	    .text = "5AQEfhX1012345 Message accepted for delivery",
	    .queued = "5AQEfhX1012345" },
	{ .line = "250 OK id=1rXyZa-0001bC-2d",
	    .code = 250,
	    .xcode = "",
	    .text = "OK id=1rXyZa-0001bC-2d",
	    .queued = "1rXyZa-0001bC-2d" },
	{ .line = "250 Message accepted for delivery",
	    .code = 250,
	    .xcode = "",
	    .text = "Message accepted for delivery" },
	{ .line = "550 5.7.1 queued as 4ZbX1k1Jz4z9s",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "queued as 4ZbX1k1Jz4z9s" },
	/* Postfix as a client */
	{ .line = "host mx.example[203.0.113.9] said: 550 5.7.1 no "
		  "(in reply to RCPT TO command)",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "no",
	    .host = "mx.example[203.0.113.9]",
	    .command = "RCPT TO" },
	{ .line = SMTP
	    "relay=mx.example[203.0.113.9]:25, delay=1, "
	    "delays=0.1/0/0.5/0.4, dsn=5.1.1, status=bounced (host "
	    "mx.example[203.0.113.9] said: 550-5.1.1 <bob@example.org>: "
	    "User unknown (really) 550 5.1.1 ask (me) (in reply to RCPT TO "
	    "command))",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "<bob@example.org>: User unknown (really)\nask (me)",
	    .logged = "4ZbX1k1Jz4z9s",
	    .host = "mx.example[203.0.113.9]",
	    .command = "RCPT TO",
	    .status = "bounced" },
	{ .line = SMTP "relay=mx.example[203.0.113.9]:25, delay=1, dsn=2.0.0, "
		       "status=sent (250 2.0.0 Ok: queued as 4ZbX2A7Q3Bz1xx)",
	    .code = 250,
	    .xcode = "2.0.0",
	    .text = "Ok: queued as 4ZbX2A7Q3Bz1xx",
	    .queued = "4ZbX2A7Q3Bz1xx",
	    .logged = "4ZbX1k1Jz4z9s",
	    .status = "sent" },
	{ .line = SMTP
	    "relay=none, delay=30, dsn=4.4.1, status=deferred (connect to "
	    "mx.example[203.0.113.9]:25: Connection timed out)",
	    .code = 0,
	    .xcode = "4.4.1",
	    .text = "connect to mx.example[203.0.113.9]:25: Connection "
		    "timed out",
	    .logged = "4ZbX1k1Jz4z9s",
	    .status = "deferred" },
	{ .line = SMTP
	    "relay=mx.example[203.0.113.9]:25, delay=1, dsn=4.7.1, "
	    "status=deferred (host mx.example[203.0.113.9] refused to talk "
	    "to me: 421 too busy)",
	    .code = 421,
	    .xcode = "4.7.1",
	    .text = "too busy",
	    .logged = "4ZbX1k1Jz4z9s",
	    .host = "mx.example[203.0.113.9]",
	    .status = "deferred" },
	/* Postfix as a server */
	{ .line = SMTPD
	    "NOQUEUE: milter-reject: RCPT from a.example[203.0.113.9]: 550 "
	    "5.7.1 not for <b@example.org>; from=<> to=<b@example.org> "
	    "proto=ESMTP helo=<a.example>",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "not for <b@example.org>",
	    .logged = "NOQUEUE",
	    .client = "a.example[203.0.113.9]",
	    .command = "RCPT" },
	{ .line = "NOQUEUE: reject: RCPT from unknown[2001:db8::1]: 450 4.7.25 "
		  "Client host rejected: cannot find your hostname; "
		  "from=<a@example.net> to=<b@example.org> proto=ESMTP "
		  "helo=<a.example>",
	    .code = 450,
	    .xcode = "4.7.25",
	    .text = "Client host rejected: cannot find your hostname",
	    .logged = "NOQUEUE",
	    .client = "unknown[2001:db8::1]",
	    .command = "RCPT" },
	{ .line = SMTPD "4ZbX1k1Jz4z9s: milter-reject: END-OF-MESSAGE from "
			"a.example[203.0.113.9]: 554 5.4.6 mail loop; "
			"from=<a@example.net> to=<b@example.org> proto=ESMTP "
			"helo=<a.example>",
	    .code = 554,
	    .xcode = "5.4.6",
	    .text = "mail loop",
	    .logged = "4ZbX1k1Jz4z9s",
	    .client = "a.example[203.0.113.9]",
	    .command = "END-OF-MESSAGE" },
	/* Sendmail */
	{ .line = SYSLOG "sm-mta[12]: 5AQEfhX1012345: Milter: "
			 "to=<b@example.org>, reject=550 5.7.1 not for you",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "not for you",
	    .logged = "5AQEfhX1012345" },
	{ .line = SYSLOG
	    "sendmail[12]: 5AQEfhX1012345: to=<b@example.org>, "
	    "delay=00:00:01, mailer=esmtp, relay=mx.example. [203.0.113.9], "
	    "dsn=5.1.1, reply=550 5.1.1 <b@example.org>: no, stat=User "
	    "unknown",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "<b@example.org>: no",
	    .logged = "5AQEfhX1012345" },
	{ .line = SYSLOG
	    "sendmail[12]: 5AQEfhX1012345: to=<b@example.org>, dsn=4.0.0, "
	    "stat=Deferred: 452 4.2.2 mailbox full",
	    .code = 452,
	    .xcode = "4.2.2",
	    .text = "mailbox full",
	    .logged = "5AQEfhX1012345" },
	{ .line = SYSLOG
	    "sendmail[12]: 5AQEfhX1012345: to=<b@example.org>, dsn=2.0.0, "
	    "stat=Sent (5AQEfhX1099999 Message accepted for delivery)",
	    .code = 0,
	    .xcode = "2.0.0",
	    .text = "Sent (5AQEfhX1099999 Message accepted for delivery)",
	    .queued = "5AQEfhX1099999",
	    .logged = "5AQEfhX1012345" },
	{ .line = SYSLOG
	    "sendmail[12]: 5AQEfhX1012345: to=<b@example.org>, dsn=2.0.0, "
	    "stat=Sent (Ok: queued as 4ZbX1k1Jz4z9s)",
	    .code = 0,
	    .xcode = "2.0.0",
	    .text = "Sent (Ok: queued as 4ZbX1k1Jz4z9s)",
	    .queued = "4ZbX1k1Jz4z9s",
	    .logged = "5AQEfhX1012345" },
	{ .line = SYSLOG
	    "sendmail[12]: 5AQEfhX1012345: to=<b@example.org>, dsn=4.0.0, "
	    "stat=Deferred: Connection timed out with mx.example.\nmore",
	    .code = 0,
	    .xcode = "4.0.0",
	    .text = "Deferred: Connection timed out with mx.example.",
	    .logged = "5AQEfhX1012345",
	    .others = true },
	{ .line = "dsn=5.0.0, status=bounced",
	    .code = 0,
	    .xcode = "5.0.0",
	    .text = "",
	    .status = "bounced" },
	/* ours */
	{ .line = SYSLOG
	    "portreeve[7]: 4ZbX1k: reject: stage=rcpt decided=mail "
	    "rule=fan-out reply=\"550 5.7.1 a bounce has one recipient\" "
	    "client=mail.example[203.0.113.9] helo=<mail.example> from=<> "
	    "to=<a@example.org> size=1000 session=7f3a-12 us=41",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "a bounce has one recipient",
	    .logged = "4ZbX1k",
	    .client = "mail.example[203.0.113.9]",
	    .rule = "fan-out",
	    .session = "7f3a-12" },
	/* the time of rsyslog's own format, and of our log file */
	{ .line = "2026-11-26T16:46:07.758438+00:00 mx portreeve[146]: "
		  "4ZbX1k: reject: stage=rcpt rule=a reply=\"550 5.7.1 no\" "
		  "session=7f3a-12 us=41",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "no",
	    .logged = "4ZbX1k",
	    .rule = "a",
	    .session = "7f3a-12" },
	{ .line = "NOQUEUE: would-defer: stage=connect rule=hold-off "
		  "reply=\"450 4.7.25 no reverse DNS\" "
		  "client=unknown[203.0.113.9] session=7f3a-13 us=12",
	    .code = 450,
	    .xcode = "4.7.25",
	    .text = "no reverse DNS",
	    .logged = "NOQUEUE",
	    .client = "unknown[203.0.113.9]",
	    .rule = "hold-off",
	    .session = "7f3a-13",
	    .observed = true },
	{ .line = "NOQUEUE: reject: rule=a reply=\"550 no\" session=$(reboot)",
	    .code = 550,
	    .xcode = "",
	    .text = "no",
	    .logged = "NOQUEUE",
	    .rule = "a" },
	/* bounces and tools */
	{ .line = "<<< 550 5.1.1 no\n<<< 550 5.1.1 not here",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no\nnot here" },
	{ .line = "<** 550 5.1.1 no",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no" },
	{ .line = "<-  250-mx.example\n<-  250 SIZE\n -> MAIL FROM:<>",
	    .code = 250,
	    .xcode = "",
	    .text = "mx.example\nSIZE",
	    .others = true },
	{ .line = "S: 550-one\nS: 550 two\n",
	    .code = 550,
	    .xcode = "",
	    .text = "one\ntwo" },
	{ .line = "<bob@example.org>: 550 5.1.1 no",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no" },
	{ .line = "The response was:\n\n550 5.1.1 no\n\nBye",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no",
	    .others = true },
	{ .line = "#550 5.1.1 no ##",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no ##" },
	{ .line = "#< #5.1.1 smtp;550 5.1.1 no> #SMTP#",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no> #SMTP#" },
	{ .line = "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.example",
	    .code = 0,
	    .xcode = "5.1.1",
	    .text = "" },
	{ .line = "Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 no",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no" },
	{ .line = "Status: failed" },
	/* OpenSMTPD, Exim */
	{ .line = SYSLOG
	    "smtpd[1]: 01ab mta delivery from=<a@b> to=<c@d> delay=1s "
	    "result=\"PermFail\" stat=\"550 5.1.1 no\"",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no" },
	{ .line = "1kXyZa-0001aB-2c => c@d T=smtp "
		  "C=\"250 2.0.0 Ok: queued as 4ZbX1k1Jz4z9s\"",
	    .code = 250,
	    .xcode = "2.0.0",
	    .text = "Ok: queued as 4ZbX1k1Jz4z9s",
	    .queued = "4ZbX1k1Jz4z9s" },
	{ .line = SMTPD "NOQUEUE: reject: CONNECT from unknown[203.0.113.9]: "
			"554 5.7.1 <unknown[203.0.113.9]>: Client host "
			"rejected: Access denied; proto=SMTP",
	    .code = 554,
	    .xcode = "5.7.1",
	    .text = "<unknown[203.0.113.9]>: Client host rejected: Access "
		    "denied",
	    .logged = "NOQUEUE",
	    .client = "unknown[203.0.113.9]",
	    .command = "CONNECT" },
	/* as qmail and some appliances write enhanced codes */
	{ .line = "550 no mailbox #1 here by that name. (#5.1.1)",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no mailbox #1 here by that name. (#5.1.1)" },
	{ .line = "550 #5.1.0 Address rejected.",
	    .code = 550,
	    .xcode = "5.1.0",
	    .text = "#5.1.0 Address rejected." },
	{ .line = "550 #4.1.0 no",
	    .code = 550,
	    .xcode = "",
	    .text = "#4.1.0 no" },
	{ .line = "550   5.7.1   no",
	    .code = 550,
	    .xcode = "5.7.1",
	    .text = "no" },
	/* anything else with a code in it */
	{ .line = "" },
	{ .line = "foo" },
	{ .line = "lost connection after DATA from unknown[203.0.113.9]" },
	{ .line = "disconnect from a.example[203.0.113.9] ehlo=1 mail=550" },
	{ .line = "size=550 nrcpt=1 (queue active)" },
	{ .line = "999 no such class" },
	{ .line = "\"250 2.1.5 Ok\"",
	    .code = 250,
	    .xcode = "2.1.5",
	    .text = "Ok" },
	{ .line = "\"250", .code = 250, .xcode = "", .text = "" },
	{ .line = "571 blocked", .code = 571, .xcode = "", .text = "blocked" },
	{ .line = "Diagnostic-Code: smtp; 550 5.1.1 no such user",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no such user" },
	{ .line = "the server answered: 550 5.1.1 no such user",
	    .code = 550,
	    .xcode = "5.1.1",
	    .text = "no such user" },
};

static void
is_part(const char *line, const char *what, struct str have, const char *want)
{
	ck_assert_msg(str_eq(have, str_c(want)),
	    "%s\n%s is \"%.*s\", not \"%s\"", line, what, STR_FMT(have),
	    want == NULL ? "(none)" : want);
}

START_TEST(parse)
{
	const struct part *p = &parts[_i];
	struct reply_line l;
	struct why why = { .text = "" };
	bool good = reply_line_parse(str_c(p->line), &l, &why);

	ck_assert_msg(good == (p->xcode != NULL), "%s: %s", p->line, why.text);
	if (!good)
		return;
	ck_assert_msg(l.code == p->code, "%s: code %u", p->line, l.code);
	is_part(p->line, "xcode", str_c(l.xcode), p->xcode);
	is_part(p->line, "text", l.text, p->text);
	is_part(p->line, "queued", l.queued, p->queued);
	is_part(p->line, "logged", l.logged, p->logged);
	is_part(p->line, "host", l.host, p->host);
	is_part(p->line, "client", l.client, p->client);
	is_part(p->line, "command", l.command, p->command);
	is_part(p->line, "status", l.status, p->status);
	is_part(p->line, "rule", l.rule, p->rule);
	is_part(p->line, "session", l.session, p->session);
	ck_assert_msg(l.observed == p->observed, "%s: observed", p->line);
	ck_assert_msg(l.more == p->more, "%s: more", p->line);
	ck_assert_msg(l.others == p->others, "%s: others", p->line);
}
END_TEST

START_TEST(parse_long)
{
	static char text[3 * REPLY_LINE_ROOM];
	struct reply_line l;

	memset(text, 'a', sizeof(text));
	memcpy(text, "550 5.7.1 ", 10);
	ck_assert(reply_line_parse(str_of(text, sizeof(text)), &l, NULL));
	ck_assert_uint_eq(l.text.n, REPLY_LINE_ROOM);
}
END_TEST

Suite *
suite_reply_line(void)
{
	Suite *suite = suite_create("reply_line");
	TCase *tc = tcase_create("reply_line");

	tcase_add_loop_test(
	    tc, parse, 0, (int)(sizeof(parts) / sizeof(parts[0])));
	tcase_add_test(tc, parse_long);
	suite_add_tcase(suite, tc);
	return suite;
}
