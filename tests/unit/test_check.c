/*
 * The checker: what loads, what is an error and what a warning.  Wording is
 * the golden files' business; here only its key words.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lang/policy.h"

Suite *suite_check(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Definitions that most cases use. */
static const char head[] =
    "networks office = { 192.0.2.0/24 2001:db8::/32 }\n"
    "domains ours = { example.org .example.net }\n"
    "addresses vips = { ceo@example.org @example.net }\n"
    "words names = { joe jane }\n"
    "patterns dynamic = { /^dsl/i /\\bpool\\b/ }\n"
    "map quota = { example.org 25M example.net 1024 } default 10M\n"
    "map owners of addresses = { joe \"joe@example.org, @example.net\" }\n"
    "map ports = { joe 25 }\n"
    "map notes = { joe hello jane \"good bye\" }\n"
    "map waits = { joe 30s jane 2h } default 1d\n"
    "let trusted = client.ip in office or auth.user is present\n";

/* Loads the case behind the head, whose unused definitions do not count. */
static struct policy *
load(struct arena *arena, struct diags *diags, const char *text)
{
	struct str all = arena_printf(arena, "%s%s", head, text);

	diags_init(diags, arena);
	return policy_load_text(STR("test.conf"), all, diags);
}

static bool
is_unused(const struct diag *d)
{
	return strstr(d->text.p, " is not used") != NULL;
}

/* The first diagnostic of a level that is not about the head. */
static const char *
first(const struct diags *diags, enum diag_level level)
{
	for (const struct diag *d = diags->first; d != NULL; d = d->next)
		if (d->level == level && !is_unused(d))
			return d->text.p;
	return NULL;
}

/* ---- conditions that are right ------------------------------------------ */

static const struct {
	const char *stage;
	const char *cond;
} right[] = {
	{ "connect", "client.ip in office" },
	{ "connect", "client.ip not in office" },
	{ "connect", "client.ip in 192.0.2.0/24" },
	{ "connect", "client.ip in { 192.0.2.1 2001:db8::/32 }" },
	{ "connect", "client.ip == 192.0.2.1" },
	{ "connect", "client.ip == \"192.0.2.1\"" },
	{ "connect", "\"192.0.2.1\" == client.ip" },
	{ "connect", "client.name in ours" },
	{ "connect", "client.name in names" },
	{ "connect", "client.name in dynamic" },
	{ "connect", "client.name == client.ptr" },
	{ "connect", "client.name == daemon.name" },
	{ "connect", "client.port > 1023" },
	{ "connect", "client.port in { 25 587 }" },
	{ "connect", "client.port not in { 25 587 }" },
	{ "connect", "macro(\"{client_resolve}\") == \"OK\"" },
	{ "connect", "macro(\"j\") is present" },
	{ "connect", "now.time >= 08:00 and now.time < 18:30" },
	{ "connect", "now.time in { 08:00 18:30 }" },
	{ "connect", "now.date == 2026-12-24" },
	{ "connect", "now.weekday in { sat, sun }" },
	{ "connect", "session.rejects * 2 + 1 > 10" },
	{ "helo", "helo is valid" },
	{ "helo", "helo is not fqdn" },
	{ "helo", "helo is ip or helo is literal" },
	{ "helo", "helo matches /^localhost$/i" },
	{ "helo", "helo == mta.name" },
	{ "helo", "tls.version is absent" },
	{ "mail", "sender is null" },
	{ "mail", "sender is valid" },
	{ "mail", "sender in vips" },
	{ "mail", "sender in ours" },
	{ "mail", "sender in dynamic" },
	{ "mail", "sender in { joe@example.org }" },
	{ "mail", "sender == \"Joe@Example.ORG\"" },
	{ "mail", "sender == auth.user" },
	{ "mail", "auth.user == sender" },
	{ "mail", "sender.domain != \"example.org\"" },
	{ "mail", "sender.domain == helo" },
	{ "mail", "auth.user in vips" },
	{ "mail", "auth.user in ours" },
	{ "mail", "mail.smtputf8" },
	{ "mail", "not mail.smtputf8" },
	{ "mail", "message.size > quota[sender.domain]" },
	{ "mail", "message.size > quota[sender]" },
	{ "mail", "message.size > quota[client.ip]" },
	{ "mail", "message.size > quota[auth.user]" },
	{ "mail", "message.size > quota[client.port]" },
	{ "mail", "message.size > 1000" },
	{ "mail", "message.size + 10M > 1000 * 2K" },
	{ "mail", "client.port == ports[auth.user]" },
	{ "mail", "notes[auth.user] == \"hello\"" },
	{ "mail", "notes[auth.user] is absent" },
	{ "mail", "notes[auth.user] matches /bye/" },
	{ "mail", "waits[auth.user] > 5m" },
	{ "mail", "sender not in owners[auth.user]" },
	{ "mail", "trusted and not trusted" },
	{ "mail", "score > 3" },
	{ "rcpt", "rcpt.local == \"postmaster\" and rcpt.domain is absent" },
	{ "rcpt", "any recipient.domain in ours" },
	{ "rcpt", "all recipient in vips" },
	{ "rcpt", "any recipient (message.size > quota[recipient.domain])" },
	{ "rcpt", "recipients.count > 10" },
	{ "rcpt", "rcpt.notify == \"NEVER\"" },
	{ "data", "any recipient is not ascii" },
	{ "message", "header(\"Date\") is absent" },
	{ "message", "header(\"Received\").count > 50" },
	{ "message", "header-raw(\"Subject\") matches /=\\?utf-7/i" },
	{ "message", "any header(\"Received\") matches /example/" },
	{ "message", "any header(\"To\") (header(\"To\") == \"x\")" },
	{ "message", "any header(\"Delivered-To\") "
		     "(any recipient == header(\"delivered-to\"))" },
	{ "message", "headers.size > 64K or headers.count > 1000" },
	{ "unknown", "command matches /^GET /" },
	{ "unknown", "helo == \"x\" or session.unknowns > 3" },
	{ "connect, helo, mail, rcpt, data, message, unknown",
	    "client.ip in office" },
	{ "mail, message", "message.size > 1M" },
};

START_TEST(condition_is_right)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct str text = arena_printf(arena,
	    "on %s { x: tag t if %s\n y: tag u unless tagged t\n"
	    " z: log \"z\" if tagged u  s: score 1 }\n",
	    right[_i].stage, right[_i].cond);
	struct policy *policy = load(arena, &diags, text.p);

	ck_assert_msg(policy != NULL && first(&diags, DIAG_WARNING) == NULL,
	    "%s: %s", right[_i].cond,
	    diags.errors > 0 ? first(&diags, DIAG_ERROR)
			     : first(&diags, DIAG_WARNING));
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

/* ---- conditions that are wrong ------------------------------------------ */

static const struct {
	const char *stage;
	const char *cond;
	const char *error; /* stands in the first one */
} wrong[] = {
	{ "mail", "sendr is null", "did you mean sender?" },
	{ "mail", "not trustd", "did you mean trusted?" },
	{ "mail", "qqqqqqqq", "in quotes" },
	{ "mail", "greylist", "" },
	{ "connect", "helo is valid", "first stage that knows it is helo" },
	{ "helo", "sender is null", "first stage that knows it is mail" },
	{ "mail", "rcpt is valid", "first stage that knows it is rcpt" },
	{ "data", "headers.count > 1", "knows it is message" },
	{ "rcpt", "header(\"A\") is absent", "knows it is message" },
	{ "rcpt", "any header(\"A\") == \"x\"", "knows it is message" },
	{ "mail", "any recipient is null", "knows it is rcpt" },
	{ "connect", "trusted", "which \"trusted\" uses" },
	{ "unknown", "trusted", "auth.user" },
	{ "unknown", "sender is null", "can come before any MAIL" },
	{ "message", "command == \"x\"", "at unknown only" },
	{ "connect, rcpt", "rcpt is valid", "not known at connect" },
	{ "rcpt", "recipient is valid", "rcpt" },
	{ "rcpt", "any recipient (any recipient is valid)", "let" },
	{ "mail", "message.size > 30s", "octets" },
	{ "mail", "message.size == \"30\"", "without quotes" },
	{ "mail", "now.time > 10", "22:00" },
	{ "mail", "now.date > 22:00", "2026-12-24" },
	{ "mail", "sender == sender.domain", "compare sender.domain" },
	{ "mail", "sender.domain == sender", "compare with sender.domain" },
	{ "mail", "sender.local < \"x\"", "no order" },
	{ "mail", "client.ip == client.name", "cannot be compared" },
	{ "mail", "client.ip == 192.0.2.0/24", "is a network" },
	{ "mail", "client.ip in 192.0.2.1/24", "192.0.2.0/24" },
	{ "mail", "client.name in office", "it can be looked up in" },
	{ "mail", "client.ip in ours", "networks" },
	{ "mail", "sender in names", "addresses" },
	{ "mail", "client.port in names", "set of values" },
	{ "mail", "client.port in { 25 x }", "not a number" },
	{ "mail", "client.port in { 25 30s }", "not a number" },
	{ "mail", "now.time in { 24:30 }", "no time of day" },
	{ "mail", "now.date in { 2026-02-30 }", "no day" },
	{ "mail", "auth.user in { joe /x/ }", "patterns" },
	{ "mail", "mail.smtputf8 in { x }", "" },
	{ "mail", "mail.smtputf8 == \"x\"", "write it alone" },
	{ "mail", "mail.smtputf8 is present", "write it alone" },
	{ "mail", "sender.domain in trusted", "not a list" },
	{ "mail", "sender.domain in quota", "quota[...]" },
	{ "mail", "sender.domain in helo", "compare it with ==" },
	{ "mail", "sender in quota[helo]", "no lists" },
	{ "mail", "sender == owners[helo]", "lists of addresses" },
	{ "mail", "client.port in owners[helo]", "set of values" },
	{ "mail", "quota[mail.smtputf8] > 1", "no key" },
	{ "mail", "ours[helo] > 1", "no map" },
	{ "mail", "office", "is a list" },
	{ "mail", "quota == \"x\"", "needs a key" },
	{ "mail", "trusted == \"x\"", "condition" },
	{ "mail", "sender.domain", "is present" },
	{ "mail", "\"x\"", "not a condition" },
	{ "mail", "sender.domain is null", "never" },
	{ "mail", "client.ip is valid", "never" },
	{ "mail", "sender is nul", "did you mean null?" },
	{ "mail", "sender is empty", "absent" },
	{ "mail", "client.ip matches /x/", "192.0.2.0/24" },
	{ "mail", "sender.local matches /(/", "" },
	{ "mail", "tagged marked1", "did you mean marked?" },
	{ "mail", "tagged elsewhere", "set it with" },
	{ "mail", "message.size > 1M + 30s", "takes numbers of one kind" },
	{ "mail", "message.size > 1M * 1M", "a plain number" },
	{ "mail", "sender.local + 1 > 2", "takes numbers of one kind" },
	{ "mail", "macro(\"{}\") is absent", "no name of a macro" },
	{ "mail", "macro(\"a b\") is absent", "no name of a macro" },
	{ "message", "header(\"A:\") is absent", "without colon" },
	{ "mail", "sender.domain == \"joe@x.example\"", "compares domains" },
	{ "mail", "sender == \"x.example\"", "no @" },
	{ "mail", "sender == \"\"", "sender is null" },
	{ "mail", "sender.domain == \"\"", "is absent" },
	{ "mail", "sender.domain == \"a${helo}\"", "fact itself" },
};

START_TEST(condition_is_wrong)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct str text = arena_printf(arena,
	    "on %s { x: tag marked if %s\n y: log \"y\" if tagged marked }\n",
	    wrong[_i].stage, wrong[_i].cond);
	struct policy *policy = load(arena, &diags, text.p);
	const char *error = first(&diags, DIAG_ERROR);

	ck_assert_msg(policy == NULL, "%s is taken", wrong[_i].cond);
	ck_assert_msg(strstr(error, wrong[_i].error) != NULL, "%s: %s",
	    wrong[_i].cond, error);
	ck_assert_msg(
	    diags.errors == 1, "%s: %zu errors", wrong[_i].cond, diags.errors);
	arena_free(arena);
}
END_TEST

/* ---- whole texts -------------------------------------------------------- */

static const struct {
	const char *text;
	enum diag_level level; /* DIAG_NOTE: nothing to tell */
	const char *message;
} texts[] = {
	{ "", DIAG_NOTE, NULL },
	{ "# nothing\n", DIAG_NOTE, NULL },
	{ "on mail { }", DIAG_NOTE, NULL },
	/* settings */
	{ "listen \"unix:/run/p.sock\" mode 0660 user a group b", DIAG_NOTE,
	    NULL },
	{ "listen \"inet:8891@127.0.0.1\"", DIAG_NOTE, NULL },
	{ "listen \"inet6:8891@::1\"", DIAG_NOTE, NULL },
	{ "listen \"inet:localhost:8891\"", DIAG_ERROR, "inet:8891@localhost" },
	{ "listen \"inet:0@localhost\"", DIAG_ERROR, "no port" },
	{ "listen \"inet:65536@localhost\"", DIAG_ERROR, "no port" },
	{ "listen \"unix:/a\" listen \"unix:/b\"", DIAG_ERROR, "stands twice" },
	{ "log stderr log syslog local3 log file \"/x\" decisions", DIAG_NOTE,
	    NULL },
	{ "log syslog kern", DIAG_ERROR, "unknown syslog facility" },
	{ "observe all observe all", DIAG_ERROR, "stands twice" },
	{ "on error accept", DIAG_NOTE, NULL },
	{ "on error defer 451 4.3.0 \"sorry\"", DIAG_NOTE, NULL },
	{ "on error reject", DIAG_NOTE, NULL },
	{ "on error discard", DIAG_ERROR, "" },
	{ "on error defer 550", DIAG_ERROR, "4yz" },
	{ "timezone \"UTC\"", DIAG_NOTE, NULL },
	{ "control \"unix:/x\" drain 0s", DIAG_NOTE, NULL },
	{ "control \"inet:25@x\"", DIAG_ERROR, "in the file system" },
	{ "control \"unix:x\"", DIAG_ERROR, "begins with a slash" },
	{ "drain 1h", DIAG_NOTE, NULL },
	{ "drain 3601s", DIAG_ERROR, "at most 1h" },
	{ "drain 30s drain 10s", DIAG_ERROR, "stands twice" },
	{ "listen \"unix:/x\" mode 0662", DIAG_WARNING, "every user" },
	{ "timezone \"No/Such\"", DIAG_ERROR, "no time zone" },
	{ "timezone \"../zoneinfo/UTC\"", DIAG_ERROR, "no time zone" },
	/* definitions */
	{ "let a = b let b = c let c = a", DIAG_ERROR, "by way of itself" },
	{ "let a = a", DIAG_ERROR, "by way of itself" },
	{ "words a = { x } + b words b = { y } + a", DIAG_ERROR,
	    "by way of itself" },
	{ "words a = { x } + names", DIAG_NOTE, NULL },
	{ "words a = { x } + ours", DIAG_ERROR, "one kind" },
	{ "words a = { x } + nams", DIAG_ERROR, "did you mean names?" },
	{ "words office = { x }", DIAG_ERROR, "defined twice" },
	{ "words sender = { x }", DIAG_ERROR, "" },
	{ "words spf = { x }", DIAG_ERROR, "" },
	{ "words a = { }", DIAG_WARNING, "is empty" },
	{ "domains a = { 192.0.2.1 }", DIAG_WARNING, "192.0.2.1" },
	{ "map a = { }", DIAG_WARNING, "is empty" },
	{ "map a = { x 1 y 2M z 3 }", DIAG_NOTE, NULL },
	{ "map a = { x 1 y 2s }", DIAG_ERROR, "one kind" },
	{ "map a = { x 1 y z }", DIAG_ERROR, "one kind" },
	{ "map a = { x 1 X 2 }", DIAG_ERROR, "" },
	{ "map a = { x 1 } default 5m", DIAG_ERROR, "the default is" },
	{ "map a = { x 1 } default 5M", DIAG_NOTE, NULL },
	{ "map a of networks = { x \"192.0.2.1/24\" }", DIAG_ERROR,
	    "192.0.2.0/24" },
	{ "map a of addresses = { x \"a@b.example\" } default "
	  "\"@x.example\"",
	    DIAG_NOTE, NULL },
	{ "patterns a = { /(a+)+$/ }", DIAG_WARNING, "repeats itself" },
	{ "patterns a = { /.*x/ }", DIAG_WARNING, "anchor" },
	/* rules */
	{ "on mail { a: reject a: defer }", DIAG_ERROR, "stands twice" },
	{ "on helo { accept message }", DIAG_ERROR, "at helo" },
	{ "on mail, unknown { discard }", DIAG_ERROR, "at unknown" },
	{ "on connect { quarantine \"x\" }", DIAG_ERROR, "at connect" },
	{ "on data, message { quarantine \"x\" }", DIAG_NOTE, NULL },
	{ "on helo { add header \"A\" \"b\" }", DIAG_ERROR, "tested there" },
	{ "on rcpt { reject late }", DIAG_ERROR, "at rcpt leave it out" },
	{ "on mail, rcpt { reject late }", DIAG_ERROR, "at rcpt" },
	{ "on connect, helo, mail { reject late }", DIAG_NOTE, NULL },
	{ "on mail { reject 450 }", DIAG_ERROR, "write defer" },
	{ "on mail { defer 550 }", DIAG_ERROR, "write reject" },
	{ "on mail { reject 421 }", DIAG_ERROR, "disconnect" },
	{ "on mail { reject 250 }", DIAG_ERROR, "" },
	{ "on mail { reject 550 4.1.1 }", DIAG_ERROR, "write 5.1.1" },
	{ "on mail { reject 5.1.1 }", DIAG_NOTE, NULL },
	{ "on mail { reject 4.1.1 }", DIAG_ERROR, "write 5.1.1" },
	{ "on mail { reject \"\\t\" }", DIAG_ERROR, "" },
	{ "on rcpt { reject 521 }", DIAG_WARNING, "list no 521" },
	{ "on connect { reject }", DIAG_WARNING, "late" },
	{ "on connect { disconnect \"bye\" }", DIAG_NOTE, NULL },
	{ "on helo { defer }", DIAG_WARNING, "late" },
	{ "on unknown { reject }", DIAG_WARNING, "500" },
	{ "on unknown { defer }", DIAG_NOTE, NULL },
	{ "on mail { tag t }", DIAG_WARNING, "never tested" },
	{ "on mail { log \"x\" if score > 1 }", DIAG_WARNING, "score" },
	{ "on mail { accept log \"x\" }", DIAG_WARNING, "never run" },
	{ "on mail { accept } on mail { log \"x\" }", DIAG_WARNING,
	    "never run" },
	{ "on mail { accept } on rcpt { log \"x\" }", DIAG_NOTE, NULL },
	{ "on connect { accept connection } on mail { log \"x\" }",
	    DIAG_WARNING, "at mail, because at connect already" },
	{ "on connect { accept connection } on unknown { log \"x\" }",
	    DIAG_WARNING, "at unknown, because at connect already" },
	{ "on connect { accept connection if client.ip in office } "
	  "on mail { log \"x\" }",
	    DIAG_NOTE, NULL },
	{ "on helo { accept connection } on mail { log \"x\" }", DIAG_NOTE,
	    NULL },
	{ "on mail { accept message } on message { log \"x\" }", DIAG_WARNING,
	    "at message, because at mail already" },
	{ "on mail { accept message } on unknown { log \"x\" }", DIAG_NOTE,
	    NULL },
	{ "on mail, rcpt { accept message }", DIAG_NOTE, NULL },
	{ "on mail { reject } on rcpt { log \"x\" }", DIAG_WARNING,
	    "at rcpt, because at mail already" },
	{ "on mail { reject late } on rcpt { log \"x\" }", DIAG_NOTE, NULL },
	{ "on mail { when sender is null { accept } else { accept message } }"
	  "on rcpt { log \"x\" }",
	    DIAG_NOTE, NULL },
	{ "on mail, rcpt { accept } on data, rcpt { log \"x\" }", DIAG_WARNING,
	    "at rcpt" },
	{ "on mail { observe reject log \"x\" }", DIAG_NOTE, NULL },
	{ "observe all on mail { reject log \"x\" }", DIAG_NOTE, NULL },
	{ "on mail { quarantine \"q\" log \"x\" }", DIAG_NOTE, NULL },
	{ "on mail { when sender is null { reject } else { accept } "
	  "log \"x\" }",
	    DIAG_WARNING, "never run" },
	{ "on mail { when sender is null { reject } log \"x\" }", DIAG_NOTE,
	    NULL },
	{ "on mail { when sender is null { reject log \"x\" } }", DIAG_WARNING,
	    "never run" },
	{ "on mail { accept if sender is null reject if sender is null }",
	    DIAG_WARNING, "ends the stage where" },
	{ "on mail { accept unless sender is null "
	  "reject if not sender is null }",
	    DIAG_WARNING, "ends the stage where" },
	{ "on mail { accept if sender is null or helo is ip "
	  "reject if helo is ip and trusted }",
	    DIAG_WARNING, "ends the stage where" },
	{ "on mail { accept if sender is null } "
	  "on rcpt { reject if sender is null }",
	    DIAG_NOTE, NULL },
	{ "on mail { when helo is ip { accept if sender is null } "
	  "reject if sender is null }",
	    DIAG_NOTE, NULL },
	{ "on mail { accept if tagged t  tag t  reject if tagged t }",
	    DIAG_NOTE, NULL },
	{ "on mail { log \"x\" if sender is null "
	  "reject if sender is null }",
	    DIAG_NOTE, NULL },
	{ "on mail { reject if sender.domain not in ours }", DIAG_WARNING,
	    "can be absent" },
	{ "on rcpt { reject unless rcpt.domain in ours }", DIAG_WARNING,
	    "can be absent" },
	{ "on mail { reject if sender is not null and "
	  "sender.domain not in ours }",
	    DIAG_NOTE, NULL },
	{ "on mail { when sender.domain is present "
	  "{ reject if sender.domain not in ours } }",
	    DIAG_NOTE, NULL },
	{ "on mail { accept if sender.domain not in ours }", DIAG_NOTE, NULL },
	{ "on mail { reject if client.ip not in office }", DIAG_NOTE, NULL },
	{ "on mail { reject if sender is absent }", DIAG_WARNING,
	    "never absent" },
	{ "on mail { reject if sender.fault == \"no-domian\" }", DIAG_WARNING,
	    "no-domain" },
	{ "on mail { reject if now.weekday == \"monday\" }", DIAG_WARNING,
	    "mon" },
	{ "on message { reject if rcpt in vips }", DIAG_WARNING,
	    "last recipient" },
	{ "on mail { reject if macro(\"rcpt_addr\") == \"x\" }", DIAG_WARNING,
	    "from rcpt on" },
	{ "on rcpt { reject 550 \"for ${recipient}\" "
	  "if any recipient in vips }",
	    DIAG_NOTE, NULL },
	{ "on rcpt { reject 550 \"for ${recipient}\" "
	  "if all recipient in vips }",
	    DIAG_ERROR, "recipient" },
	{ "on rcpt { reject 550 \"for ${recipient}\" "
	  "unless any recipient in vips }",
	    DIAG_ERROR, "recipient" },
	{ "on mail { reject 550 \"${quota[sender.domain]}\" }", DIAG_NOTE,
	    NULL },
	{ "on mail { reject 550 \"${trusted}\" }", DIAG_ERROR, "condition" },
	{ "on mail { reject 550 \"${rcpt}\" }", DIAG_ERROR, "knows it" },
};

START_TEST(text_is_told)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct policy *policy = load(arena, &diags, texts[_i].text);
	const char *error = first(&diags, DIAG_ERROR);
	const char *warning = first(&diags, DIAG_WARNING);
	const char *told = error != NULL ? error : warning;

	ck_assert_int_eq(policy == NULL, error != NULL);
	if (texts[_i].level == DIAG_NOTE)
		ck_assert_msg(told == NULL, "%s: %s", texts[_i].text, told);
	else
		ck_assert_msg(
		    told != NULL &&
			(error != NULL) == (texts[_i].level == DIAG_ERROR) &&
			strstr(told, texts[_i].message) != NULL,
		    "%s: %s", texts[_i].text,
		    told == NULL ? "nothing is told" : told);
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

/* ---- what must not hang or overflow ------------------------------------- */

/* n times a piece, between two ends. */
static struct str
repeated(struct arena *arena, const char *front, const char *piece, size_t n,
    const char *back)
{
	size_t size = strlen(piece);
	char *p =
	    arena_xalloc(arena, strlen(front) + n * size + strlen(back) + 1);
	char *to = stpcpy(p, front);

	for (size_t i = 0; i < n; i++)
		to = stpcpy(to, piece);
	stpcpy(to, back);
	return str_c(p);
}

static const struct {
	const char *front;
	const char *piece;
	size_t n;
	const char *back;
	bool loads;
} large[] = {
	{ "on mail { x: reject if sender is null", " or helo is ip", 20000,
	    " }", true },
	{ "on mail { x: reject if sender is null", " and trusted", 20000, " }",
	    true },
	{ "on mail { x: reject if ", "not ", 200, "trusted }", false },
	{ "on mail { x: reject if message.size > 1", " + 1", 20000, " }",
	    false },
	{ "on mail { ", " log \"x\" if helo is ip", 20000, " }", true },
	{ "on mail { ", " reject if sndr is null", 20000, " }", false },
	{ "on mail { ", " reject if sender is null and helo is ip ", 5000, " }",
	    true },
	{ "words w = {", " word", 50000, " }", true },
	{ "words w = { x }", " + names", 20000, "", true },
	{ "on mail { x: reject if sender.local in {", " joe", 50000, " } }",
	    true },
	{ "on mail { x: log \"", "${sender}", 5000, "\" }", true },
};

START_TEST(large_text)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct str text = repeated(arena, large[_i].front, large[_i].piece,
	    large[_i].n, large[_i].back);
	struct policy *policy = load(arena, &diags, text.p);

	ck_assert_msg((policy != NULL) == large[_i].loads, "%s: %s",
	    large[_i].piece, first(&diags, DIAG_ERROR));
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

/* Lets on lets: as deep as the limit and no deeper. */
START_TEST(deep_lets)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	size_t size = 64 * 1024;
	char *text = arena_xalloc(arena, size);
	struct buf b = { text, 0, size, false };
	struct diags diags;
	struct policy *policy;

	for (int i = 0; i < 300; i++)
		buf_printf(&b, "let l%d = l%d or helo is ip\n", i, i + 1);
	buf_c(&b, "let l300 = sender is null\non mail { reject if l0 }\n");
	policy = load(arena, &diags, buf_cstr(&b));
	ck_assert_ptr_null(policy);
	ck_assert_ptr_nonnull(strstr(first(&diags, DIAG_ERROR), "deep"));
	arena_free(arena);
}
END_TEST

/* Lets that use one before twice must not be walked 2^n times. */
START_TEST(wide_lets)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	size_t size = 64 * 1024;
	char *text = arena_xalloc(arena, size);
	struct buf b = { text, 0, size, false };
	struct diags diags;
	struct policy *policy;

	for (int i = 0; i < 40; i++)
		buf_printf(&b, "let l%d = l%d and not l%d\n", i, i + 1, i + 1);
	buf_c(&b, "let l40 = sender is null\non mail { reject if l0 }\n");
	policy = load(arena, &diags, buf_cstr(&b));
	ck_assert_msg(policy != NULL, "%s", first(&diags, DIAG_ERROR));
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

Suite *
suite_check(void)
{
	Suite *s = suite_create("check");
	TCase *tc = tcase_create("conditions");

	tcase_add_loop_test(tc, condition_is_right, 0, COUNT(right));
	tcase_add_loop_test(tc, condition_is_wrong, 0, COUNT(wrong));
	suite_add_tcase(s, tc);
	tc = tcase_create("texts");
	tcase_add_loop_test(tc, text_is_told, 0, COUNT(texts));
	suite_add_tcase(s, tc);
	tc = tcase_create("limits");
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, large_text, 0, COUNT(large));
	tcase_add_test(tc, deep_lets);
	tcase_add_test(tc, wide_lets);
	suite_add_tcase(s, tc);
	return s;
}
