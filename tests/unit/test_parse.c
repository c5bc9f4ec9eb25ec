/*
 * Unit tests of lang/parse and lang/print: texts to canonical form, round
 * trips and limits.  Faults are test_parse_error.c's, files test_include.c's.
 */
#include "parsing.h"

static struct ast *
parse(const char *name, struct str text)
{
	return parse_policy(
	    &sources, source_text(&sources, str_c(name), text), arena, &diags);
}

/* ---- canonical form ----------------------------------------------------- */

static const struct {
	const char *in;
	const char *out; /* NULL: the same as in */
} forms[] = {
	{ "", NULL },
	{ "# nothing\n", "" },
	/* settings */
	{ "listen \"unix:/x\" mode 0660 user a group B_c\n", NULL },
	{ "listen \"inet:25@localhost\" group x mode 660",
	    "listen \"inet:25@localhost\" mode 660 group x\n" },
	{ "listen \"unix:/x\"\n\tgroup postfix\ngroup mail",
	    "listen \"unix:/x\" group postfix\ngroup mail\n" },
	{ "log syslog\nlog syslog mail decisions\nlog stderr decisions\n"
	  "log file \"/x\" decisions\n",
	    NULL },
	{ "log json\nlog json syslog local0 decisions\nlog journal decisions\n"
	  "log json file \"/x\"",
	    "log json stderr\nlog json syslog local0 decisions\n"
	    "log journal decisions\nlog json file \"/x\"\n" },
	{ "log syslog\nuser mail", "log syslog\nuser mail\n" },
	{ "log syslog user", "log syslog user\n" },
	{ "log syslog user decisions", "log syslog user decisions\n" },
	{ "log\nsyslog\nmail", "log syslog mail\n" },
	{ "observe all on error accept timezone \"UTC\" user \"a\" group b",
	    "observe all\non error accept\ntimezone \"UTC\"\nuser a\n"
	    "group b\n" },
	{ "control \"unix:/x\"\ndrain 30s\n", NULL },
	{ "watch  lists", "watch lists\n" },
	{ "watch lists domains lists = { a.b }",
	    "watch lists\n\ndomains lists = { a.b }\n" },
	{ "drain\n2m control \"unix:/x\"", "drain 2m\ncontrol \"unix:/x\"\n" },
	{ "on error defer 451 4.3.0 \"later\"\n", NULL },
	{ "on error reject 550\n", NULL },
	/* lists */
	{ "networks a = {192.0.2.0/24,2001:db8::/32  ::1}",
	    "networks a = { 192.0.2.0/24 2001:db8::/32 ::1 }\n" },
	{ "words a = { }\n", NULL },
	{ "words a = { \"x y\" z \"\\\"q\\\\\" } + b + file \"c\"\n", NULL },
	{ "words a = {b}+c", "words a = { b } + c\n" },
	{ "patterns a = { /x/ /a}b/i /\\//ix }\n", NULL },
	{ "domains a = { .example.org. b\xc3\xbc.example }\n", NULL },
	{ "words a = { aaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbb "
	  "cccccccccccccccccccccc }",
	    "words a = {\n\taaaaaaaaaaaaaaaaaaaaaaa\n\t"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbb\n\tcccccccccccccccccccccc\n}\n" },
	{ "words a = { on\nlog\n }", "words a = { on log }\n" },
	/* maps */
	{ "map a = { b 1 c \"x y\" }\n", NULL },
	{ "map a = { b 1, c 2, }", "map a = { b 1 c 2 }\n" },
	{ "map a = file \"b\" default 25M\n", NULL },
	{ "map a of addresses = { u a@b, c@d v \"e@f, g@h\" }",
	    "map a of addresses = { u a@b,c@d v \"e@f, g@h\" }\n" },
	{ "map a of words = { u \"x\", y }",
	    "map a of words = { u \"x,y\" }\n" },
	{ "map a of words = file \"b\" default { x y }\n", NULL },
	{ "map a = { b x } default \"-\"\n", NULL },
	/* let, literals */
	{ "let a = b\n", NULL },
	{ "let a = x > 1024K or x < 90s or x == 60s or x > 0K or x > 0s",
	    "let a = x > 1M or x < 90s or x == 1m or x > 0K or x > 0s\n" },
	{ "let a = x >= 22:00 and x == 2026-12-24 and x == -3\n", NULL },
	{ "let a = x == 192.0.2.1 or x in fe80::/10 or x == ::1\n", NULL },
	{ "let a = 0010 == x", "let a = 10 == x\n" },
	/* precedence */
	{ "let a = b or c and not d\n", NULL },
	{ "let a = (b or c) and d\n", NULL },
	{ "let a = (b and c) or d", "let a = b and c or d\n" },
	{ "let a = (b or (c or d)) or e", "let a = b or c or d or e\n" },
	{ "let a = ((b)) and (c == d)", "let a = b and c == d\n" },
	{ "let a = not (b in c)", "let a = not b in c\n" },
	{ "let a = not (b and c)\n", NULL },
	{ "let a = not not b\n", NULL },
	{ "let a = b + c * d - e > f\n", NULL },
	{ "let a = (b + c) * d > f - (g - h)\n", NULL },
	{ "let a = (b + c) + d > f", "let a = b + c + d > f\n" },
	{ "let a = (b == c) == d\n", "" }, /* tests do not chain */
	{ "let a = b - -3 > 0\n", NULL },
	/* tests */
	{ "let a = b in c and b not in c and b in { x \"y z\" 5 }\n", NULL },
	{ "let a = b matches /x\\/y/i and b not matches /z/\n", NULL },
	{ "let a = b is null and b is not valid\n", NULL },
	{ "let a = tagged x and score >= -3\n", NULL },
	{ "let a = b not in m[c.d] and m[n[e]] == 5\n", NULL },
	{ "let a = header(\"X\") == \"y\" and header(\"X\").count > 1 and "
	  "header-raw(\"X\") matches /z/ and macro(\"{m}\") is absent\n",
	    NULL },
	{ "let a = any recipient in b or all recipient.domain in c\n", NULL },
	{ "let a = any recipient (b > m[recipient.domain])\n", NULL },
	{ "let a = all header(\"X\") matches /y/ and z\n", NULL },
	{ "let a = any header(\"X\") (header(\"X\") == \"y\")\n", NULL },
	{ "let a = not any recipient is null\n", NULL },
	{ "let a = helo == rcpt", "let a = helo == rcpt\n" },
	/* strings */
	{ "let a = b == \"x ${c} $$ \\\\ \\n \\t \\\" ${m[\"k ${d}\"]}\"\n",
	    NULL },
	{ "let a = b == \"x\\\n   y\"", "let a = b == \"xy\"\n" },
	{ "let a = b == \"${ c + 1 }\"", "let a = b == \"${c + 1}\"\n" },
	/* blocks */
	{ "on connect { }\n", NULL },
	{ "on message, mail { accept }", "on mail, message {\n\taccept\n}\n" },
	{ "on unknown {\n\taccept message\n\taccept connection\n\tdiscard\n"
	  "\tdisconnect\n\tdisconnect \"x\"\n\tquarantine \"y\"\n}\n",
	    NULL },
	{ "on helo {\n\ta: observe reject late 550 5.7.1 \"x\" if b\n"
	  "\tdefer 4.7.1 unless c\n\treject \"y\"\n}\n",
	    NULL },
	{ "on rcpt {\n\tlog \"x\"\n\ttag t\n\tscore -3\n"
	  "\tadd header \"X\" \"${y}\" if z\n}\n",
	    NULL },
	{ "on data{accept:accept reject :reject}",
	    "on data {\n\taccept: accept\n\treject: reject\n}\n" },
	{ "on rcpt {\n\twhen a {\n\t\taccept\n\t} else when b { } else "
	  "{\n\t\treject\n\t}\n}\n",
	    NULL },
	{ "on rcpt { when a { } else { when b { accept } } }",
	    "on rcpt {\n\twhen a { } else when b {\n\t\taccept\n\t}\n}\n" },
	{ "on rcpt {\n\twhen a { } else {\n\t\twhen b { }\n\t\taccept\n\t}\n"
	  "}\n",
	    NULL },
	{ "on rcpt { accept } on rcpt { reject }",
	    "on rcpt {\n\taccept\n}\n\non rcpt {\n\treject\n}\n" },
	/* order */
	{ "on mail { accept } let a = b log stderr",
	    "log stderr\n\nlet a = b\n\non mail {\n\taccept\n}\n" },
};

START_TEST(canonical)
{
	const char *in = forms[_i].in;
	const char *want = forms[_i].out == NULL ? in : forms[_i].out;
	const struct ast *ast = parse("t", str_c(in));
	const char *once;
	const char *twice;

	if (want[0] == '\0' && diags.errors > 0)
		return;
	ck_assert_msg(diags.first == NULL, "input: %s\n%s", in, first_fault());
	once = printed(ast);
	ck_assert_msg(strcmp(once, want) == 0,
	    "input: %s\n    got: %s\nexpected: %s", in, once, want);
	twice = printed(parse("t", str_c(once)));
	ck_assert_msg(
	    diags.first == NULL, "printed: %s\n%s", once, first_fault());
	ck_assert_str_eq(once, twice);
}
END_TEST

/* The policy of the language's definition, with its comments. */
static const char complete[] =
    "# /etc/portreeve/portreeve.conf\n"
    "listen  \"unix:/var/spool/postfix/portreeve/portreeve.sock\" mode 0660 "
    "group postfix\n"
    "log     syslog mail\n"
    "# observe all                              # decide and log\n"
    "networks  office   = { 192.0.2.0/24 2001:db8::/32 }\n"
    "domains   ours     = { example.org .example.net }        # that domain\n"
    "addresses vips     = file \"vips\"                          # relative\n"
    "patterns  dynamic  = { /^(dsl|dyn|ppp)[0-9.-]/i  /\\bpool\\b/i }\n"
    "map       quota    = file \"size-by-domain\" default 25M    # key\n"
    "let trusted = client.ip in office or auth.user is present\n"
    "on connect {\n"
    "    office:      accept connection if client.ip in office\n"
    "    tag nameless if client.name is absent\n"
    "}\n"
    "on helo {\n"
    "    bad-helo:    reject late 501 5.5.2 \"HELO needs a host name or an "
    "address literal\" unless helo is valid\n"
    "}\n"
    "on mail {\n"
    "    bad-sender:  reject 553 5.1.7 \"sender address: ${sender.fault}\"\n"
    "                     if sender.fault is present and sender.fault != "
    "\"local-too-long\"\n"
    "    spoof:       reject 550 5.7.1 \"log in to send as "
    "${sender.domain}\" if sender.domain in ours and not trusted\n"
    "}\n"
    "on mail, message {\n"
    "    too-big:     reject 552 5.3.4 \"the limit is "
    "${quota[sender.domain]} octets\" if message.size > "
    "quota[sender.domain]\n"
    "}\n"
    "on rcpt {\n"
    "    postmaster:  accept if rcpt.local == \"postmaster\" and "
    "(rcpt.domain in ours or rcpt.domain is absent)   # this recipient only\n"
    "    fan-out:     reject 550 5.7.1 \"a bounce has one recipient\" if "
    "sender is null and recipients.count > 1\n"
    "    when tagged nameless {\n"
    "        hold-off: observe defer 450 4.7.25 \"no reverse DNS\" if "
    "client.ptr in dynamic\n"
    "        strangers: reject 550 5.7.1 \"not for ${rcpt}\" if rcpt in "
    "vips\n"
    "    }\n"
    "}\n"
    "on message {\n"
    "    no-date:     observe reject 554 5.6.0 \"no Date header\" if "
    "header(\"Date\") is absent\n"
    "    loop:        reject 554 5.4.6 \"mail loop\" if "
    "header(\"Received\").count > 50\n"
    "}\n";

START_TEST(complete_policy)
{
	const struct ast *ast = parse("portreeve.conf", str_c(complete));
	const struct stmt *s;
	const char *once;

	ck_assert_msg(diags.first == NULL, "%s", first_fault());
	ck_assert_uint_eq(ast->rules, 12);
	once = printed(ast);
	ck_assert_str_eq(once, printed(parse("portreeve.conf", str_c(once))));
	ck_assert_msg(diags.first == NULL, "%s", first_fault());
	/* some of what the canonical form cannot show */
	s = ast->blocks->next->first;
	ck_assert_uint_eq(ast->blocks->next->stages, 1u << STAGE_HELO);
	ck_assert(str_eq(s->label.s, STR("bad-helo")));
	ck_assert(s->late && s->unless && !s->observe);
	ck_assert_uint_eq(s->code, 501);
	ck_assert_uint_eq(s->pos.line, 16);
	ck_assert_uint_eq(s->action_pos.col, 18);
	ck_assert_int_eq(s->cond->kind, NODE_IS);
	ck_assert(str_eq(s->cond->name.s, STR("valid")));
}
END_TEST

/* ---- one expression on one line ----------------------------------------- */

START_TEST(one_line)
{
	const struct ast *ast = parse("t",
	    STR("let a = b matches /x\n  y # z\n/x and c in { \"d e\" f }"));

	ck_assert_msg(diags.first == NULL, "%s", first_fault());
	ck_assert_msg(
	    str_eq(print_node(ast->defs->cond, arena),
		STR("b matches /x   y # z /x and c in { \"d e\" f }")),
	    "%.*s", STR_FMT(print_node(ast->defs->cond, arena)));
}
END_TEST

START_TEST(print_node_out_of_memory)
{
	const struct ast *ast = parse("t", STR("let a = b"));
	struct arena *small = arena_new(ARENA_UNLIMITED);

	arena_fail_after(small, 0);
	ck_assert(str_is_none(print_node(ast->defs->cond, small)));
	arena_free(small);
}
END_TEST

/* ---- limits ------------------------------------------------------------- */

/* head, n times piece, middle, n times other, tail */
static struct str
repeated(const char *head, const char *piece, size_t n, const char *middle,
    const char *other, const char *tail)
{
	char *p = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&p, &size);
	struct str text;

	ck_assert_ptr_nonnull(out);
	fputs(head, out);
	for (size_t i = 0; i < n; i++)
		fputs(piece, out);
	fputs(middle, out);
	for (size_t i = 0; i < n; i++)
		fputs(other, out);
	fputs(tail, out);
	fclose(out);
	text = arena_xstr(arena, str_of(p, size));
	free(p);
	return text;
}

static const struct {
	const char *head;
	const char *piece;
	const char *middle;
	const char *other;
	const char *tail;
	size_t most; /* one more is an error, or 0: never an error */
	const char *fault;
} limits[] = {
	{ "let a = ", "(", "b", ")", "", 100, "more than 100 levels" },
	{ "let a = ", "not ", "b", "", "", 100, "more than 100 levels" },
	{ "let a = ", "m[", "b", "]", " == 1", 100, "more than 100 levels" },
	{ "let a = b == ", "\"${m[", "c", "]}\"", "", 50,
	    "more than 100 levels" },
	{ "on mail { ", "when a { ", "accept", " }", "}", 100,
	    "more than 100 levels" },
	{ "on mail { when a { } ", "else when b { } ", "", "", "}", 99,
	    "more than 100 levels" },
	{ "let a = b", " + 1", "> 2", "", "", 248, "this expression is" },
	{ "let a = b", " and c", "", "", "", 0, "" },
	{ "let a = b", " or c == d", "", "", "", 0, "" },
	{ "words a = { ", "b ", "", "", "}", 0, "" },
	{ "words a = b", " + c", "", "", "", 0, "" },
	{ "", "on mail { } ", "", "", "", 0, "" },
	{ "let a = b == \"", "${c}", "", "", "\"", 0, "" },
};

START_TEST(limit)
{
	size_t n = limits[_i].most == 0 ? 10000 : limits[_i].most;
	struct str text = repeated(limits[_i].head, limits[_i].piece, n,
	    limits[_i].middle, limits[_i].other, limits[_i].tail);

	(void)printed(parse("t", text));
	ck_assert_msg(diags.first == NULL, "row %d: %s", _i, first_fault());
	if (limits[_i].most == 0)
		return;
	/* One more, and far more. */
	text = repeated(limits[_i].head, limits[_i].piece, n + 1,
	    limits[_i].middle, limits[_i].other, limits[_i].tail);
	parse("t", text);
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_msg(str_starts(diags.first->text, str_c(limits[_i].fault)),
	    "row %d: %s", _i, first_fault());
	text = repeated(limits[_i].head, limits[_i].piece, 20000,
	    limits[_i].middle, limits[_i].other, limits[_i].tail);
	parse("t", text);
	ck_assert_uint_gt(diags.errors, 1);
}
END_TEST

START_TEST(chain_is_flat)
{
	const struct ast *ast =
	    parse("t", repeated("let a = b", " and c", 9999, "", "", ""));

	ck_assert_uint_le(ast->defs->cond->height, 15);
}
END_TEST

START_TEST(rules_limit)
{
	struct str text =
	    repeated("on mail {", " accept", PARSE_RULES_MAX, "", "", "}");
	const struct ast *ast = parse("t", text);

	ck_assert_msg(diags.first == NULL, "%s", first_fault());
	ck_assert_uint_eq(ast->rules, PARSE_RULES_MAX);
	text =
	    repeated("on mail {", " accept", PARSE_RULES_MAX + 5, "", "", "}");
	parse("t", text);
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert(str_eq(diags.first->text, STR("more than 100000 rules")));
}
END_TEST

START_TEST(text_limit)
{
	char *p = arena_xalloc(arena, SOURCE_MAX + 1);

	memset(p, ' ', SOURCE_MAX + 1);
	parse("t", str_of(p, SOURCE_MAX));
	ck_assert_msg(diags.first == NULL, "%s", first_fault());
	sources.octets = 0;
	parse("t", str_of(p, SOURCE_MAX + 1));
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_str_eq(first_fault(),
	    "t:1:1: the policy has more than 16777216 octets of text");
}
END_TEST

/* What is wrong all over must cost neither time nor memory. */
static const char *const noise[] = { "@", "\"", "(", "{", "}", "on ",
	"a: ", "\"${", "on mail {", "Z ", "5x ", "'", "/", "when ", "let ",
	"= ", "\\", "\x80", "else ", "${", "map a = {", ";", "let a = b(",
	"(not ", "on x { when ", "let a = { /", "fe80::", "\n\"\\\n" };

START_TEST(noise_ends)
{
	struct str text = repeated("", noise[_i], 50000, "", "", "");

	sources.no_files = true;
	parse("t", text);
	/* A repeated `;` or `}` is told once. */
	ck_assert_uint_ge(diags.errors, 1);
	ck_assert_msg(arena_used(arena) < text.n * 600 + 1000000,
	    "%s: %zu octets for %zu", noise[_i], arena_used(arena), text.n);
}
END_TEST

Suite *suite_parse(void);

Suite *
suite_parse(void)
{
	Suite *suite = suite_create("parse");
	TCase *tc = tcase_create("canonical");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, canonical, 0, ROWS(forms));
	tcase_add_test(tc, complete_policy);
	tcase_add_test(tc, one_line);
	tcase_add_test(tc, print_node_out_of_memory);
	suite_add_tcase(suite, tc);

	tc = tcase_create("limits");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, limit, 0, ROWS(limits));
	tcase_add_test(tc, chain_is_flat);
	tcase_add_test(tc, rules_limit);
	tcase_add_test(tc, text_limit);
	tcase_add_loop_test(tc, noise_ends, 0, ROWS(noise));
	suite_add_tcase(suite, tc);
	return suite;
}
