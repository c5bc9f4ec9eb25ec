/*
 * By which test the index finds a step, and which steps it finds; which tests
 * are told once, and in which order.  That all of this changes nothing is the
 * differential test's matter.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/candidates.h"

Suite *suite_index(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	LETS = 3, /* of load() */
};

static struct policy *
load(const char *rules, const char *stage)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	static char text[32768];
	struct policy *policy;
	struct diags diags;

	snprintf(text, sizeof(text),
	    "domains d = { a.example .b.example }\n"
	    "let far = client.ip in 203.0.113.0/24\n"
	    "let up = far or sender.domain == \"u.example\"\n"
	    "let marked = tagged odd\n"
	    "patterns p = { /b/ /c/ }\n"
	    "on connect { tag odd if client.port == 1 }\n"
	    "on %s {\n%s\n}\n",
	    stage, rules);
	diags_init(&diags, arena);
	policy = policy_load_text(STR("test.conf"), str_c(text), &diags);
	if (policy == NULL)
		diags_print(&diags, stderr);
	ck_assert_ptr_nonnull(policy);
	arena_free(arena);
	return policy;
}

/* ---- which test ---------------------------------------------------------- */

/* "-" is a step that is always asked. */
static const struct {
	const char *stage;
	const char *rules;
	const char *expect;
} chosen[] = {
	{ "rcpt",
	    "log \"1\" if sender == \"a@b\" log \"2\" if sender != \"a@b\" "
	    "log \"3\" if sender in { x@y } log \"4\"",
	    "sender == \"a@b\"; -; sender in { x@y }; -" },
	/* One step is not worth a look-up. */
	{ "rcpt",
	    "log \"1\" if rcpt.local == \"a\"  log \"2\" if helo == \"b\"",
	    "-; -" },
	/* Under not, any and all nothing is looked for. */
	{ "rcpt",
	    "log \"1\" if not (helo == \"a\")  log \"2\" unless helo == "
	    "\"b\"  log \"3\" if any recipient.local == \"x\"  log \"4\" "
	    "if any recipient.local == \"y\"",
	    "-; -; -; -" },
	/* A chain of or needs one in each part. */
	{ "rcpt",
	    "log \"1\" if helo == \"a\" or helo == \"b\"  log \"2\" if helo "
	    "== \"c\" or tagged odd  log \"3\" if helo == \"d\" or (tagged "
	    "odd and helo == \"e\")",
	    "helo == \"a\"; -; helo == \"d\"" },
	/* The rarest of a chain of and; the first of equals. */
	{ "rcpt",
	    "log \"1\" if helo == \"mx\" and rcpt.local == \"a\"  log \"2\" "
	    "if helo == \"mx\" and rcpt.local == \"b\"  log \"3\" if "
	    "rcpt.local == \"b\" and rcpt.local in { \"c\" }",
	    "rcpt.local == \"a\"; rcpt.local == \"b\"; rcpt.local in { \"c\" "
	    "}" },
	/* A let is looked into; a when counts for what is in it. */
	{ "rcpt",
	    "log \"1\" if up  when client.ip in 192.0.2.0/24 { log \"2\"  "
	    "log \"3\" if tagged odd } else { log \"4\" }  log \"5\" if "
	    "sender.domain in d",
	    "client.ip in 203.0.113.0/24; client.ip in 192.0.2.0/24; client.ip "
	    "in 192.0.2.0/24; client.ip in 192.0.2.0/24; -; -; sender.domain "
	    "in "
	    "d" },
	/* Numbers with a bound; beyond the nearest all of them are asked. */
	{ "rcpt",
	    "log \"1\" if mail.size > 10K  log \"2\" if mail.size <= 5M "
	    "log \"3\" if mail.size == 7",
	    "mail.size > 10K; mail.size <= 5M; -" },
	/* One that may be the first to tell a let which reads tags. */
	{ "rcpt",
	    "log \"1\" if sender == \"a@b\" and marked  log \"2\" if "
	    "sender == \"c@d\"  log \"3\" if sender == \"e@f\"",
	    "-; sender == \"c@d\"; sender == \"e@f\"" },
	/* What a later event of the message may bring anew, and what grows. */
	{ "message",
	    "log \"1\" if client.ptr == \"a\"  log \"2\" if client.ptr == "
	    "\"b\"  "
	    "log \"3\" if macro(\"x\") == \"c\"  log \"4\" if macro(\"x\") == "
	    "\"d\"  log \"5\" if message.size == 1  log \"6\" if message.size "
	    "== 2 "
	    "log \"7\" if header(\"A\") == \"1\"  log \"8\" if header(\"A\") "
	    "== "
	    "\"2\"",
	    "-; -; -; -; -; -; header(\"A\") == \"1\"; header(\"A\") == "
	    "\"2\"" },
	{ "data",
	    "log \"1\" if client.ptr == \"a\"  log \"2\" if client.ptr == "
	    "\"b\"",
	    "client.ptr == \"a\"; client.ptr == \"b\"" },
	/* A string in a list of domains is brought to their form first. */
	{ "rcpt",
	    "log \"1\" if sender.local in d  log \"2\" if rcpt.local in d",
	    "-; -" },
};

static enum stage
stage_of(const char *name)
{
	enum stage stage = STAGE_CONNECT;

	while (strcmp(stage_name(stage), name) != 0)
		stage = (enum stage)(stage + 1);
	return stage;
}

START_TEST(test_chosen)
{
	struct policy *policy = load(chosen[_i].rules, chosen[_i].stage);
	const struct program *program =
	    &policy->program[stage_of(chosen[_i].stage)];
	char room[1024];
	struct buf out = BUF_ON(room);

	for (uint32_t i = 0; i < program->n; i++) {
		const struct expr *by = program->steps[i].found_by;

		buf_c(&out, i > 0 ? "; " : "");
		buf_str_add(&out, by == NULL ? STR("-") : by->text);
	}
	ck_assert_str_eq(buf_cstr(&out), chosen[_i].expect);
	policy_unref(policy);
}
END_TEST

/* ---- what is told once, and in which order ------------------------------ */

/* The tests of a condition as they are asked, with letters for the slots that
 * they share: "a" is the first of the policy, "-" is none. */
static void
print_asked(const struct expr *e, uint32_t first, struct buf *out)
{
	if (e->kind != EXPR_AND && e->kind != EXPR_OR) {
		if (e->a != NULL && e->a->type == T_BOOL)
			print_asked(e->a, first, out);
		else
			buf_printf(out, " %c:%.*s",
			    e->shared == 0 ? '-'
					   : (int)('a' + e->shared - first),
			    STR_FMT(e->text));
		return;
	}
	for (uint32_t i = 0; e->order != NULL && i < e->n_values; i++)
		print_asked(e->order[i], first, out);
	if (e->order != NULL)
		return;
	print_asked(e->a, first, out);
	print_asked(e->b, first, out);
}

static const struct {
	const char *stage;
	const char *rules;
	const char *expect;
} asked[] = {
	{ "rcpt",
	    "log \"1\" if helo is ip  log \"2\" if helo is not ip  log \"3\" "
	    "if helo is fqdn",
	    " a:helo is ip; a:helo is not ip; -:helo is fqdn;" },
	{ "rcpt",
	    "log \"1\" if helo != \"a\" and rcpt in { x@ } log \"2\" if rcpt "
	    "not in { x@ } or helo == \"a\"",
	    " a:helo != \"a\" b:rcpt in { x@ }; a:helo == \"a\" b:rcpt not in "
	    "{ x@ };" },
	/* What may be another value at the next place, or event. */
	{ "rcpt",
	    "log \"1\" if score > 1 or any recipient.local == \"x\"  score 1  "
	    "log \"2\" if score > 1 or any recipient.local == \"x\"  log \"3\" "
	    "if macro(\"x\") == \"y\" or macro(\"x\") != \"y\"",
	    " -:score > 1 -:recipient.local == \"x\"; -:score > 1 "
	    "-:recipient.local == \"x\"; a:macro(\"x\") == \"y\" "
	    "a:macro(\"x\") != \"y\";" },
	{ "message",
	    "log \"1\" if macro(\"x\") == \"y\" or client.ptr == \"a\"  log "
	    "\"2\" if macro(\"x\") == \"y\" or client.ptr == \"a\"",
	    " -:macro(\"x\") == \"y\" -:client.ptr == \"a\"; -:macro(\"x\") == "
	    "\"y\" -:client.ptr == \"a\";" },
	/* Cheap ones first; those that may fail as they stand. */
	{ "rcpt",
	    "log \"1\" if helo matches /a/ and rcpt in p and rcpt in { x@ } "
	    "and mail.size > 1",
	    " -:mail.size > 1 -:rcpt in { x@ } -:helo matches /a/ -:rcpt in "
	    "p;" },
	/* What waits for the message, and lets that read tags, stay. */
	{ "message",
	    "log \"1\" if helo matches /a/ and message.size > 1  log \"2\" if "
	    "rcpt in { x@ } and marked",
	    " -:helo matches /a/ -:message.size > 1; -:rcpt in { x@ } -:tagged "
	    "odd;" },
};

START_TEST(test_asked)
{
	struct policy *policy = load(asked[_i].rules, asked[_i].stage);
	const struct program *program =
	    &policy->program[stage_of(asked[_i].stage)];
	char room[1024];
	struct buf out = BUF_ON(room);

	for (uint32_t i = 0; i < program->n; i++) {
		if (program->steps[i].cond == NULL)
			continue;
		/* Memo slots of the lets come first. */
		print_asked(program->steps[i].cond, LETS + 1, &out);
		buf_char(&out, ';');
	}
	ck_assert_str_eq(buf_cstr(&out), asked[_i].expect);
	policy_unref(policy);
}
END_TEST

/* ---- which steps --------------------------------------------------------- */

static const char two_of_each[] = "log \"0\" if sender == \"joe@a.example\"\n"
				  "log \"1\" if sender in { @b.example }\n"
				  "log \"2\" if sender in { @.b.example }\n"
				  "log \"3\" if sender in { ann@ }\n"
				  "log \"4\" if sender in d\n"
				  "log \"5\" if helo in { .example }\n"
				  "log \"6\" if helo == \"MX.example\"\n"
				  "log \"7\" if client.ip in 192.0.2.0/24\n"
				  "log \"8\" if client.ip in { 0.0.0.0/0 }\n"
				  "log \"9\" if client.ip == 2001:db8::1\n"
				  "log \"10\" if client.ip in 2001:db8::/33\n"
				  "log \"11\" if tagged odd\n"
				  "log \"12\" if client.port > 2000\n"
				  "log \"13\" if client.port < 1000\n";

static const struct {
	const char *ip;
	unsigned port;
	const char *helo;
	const char *sender;
	const char *expect;
} found[] = {
	{ "198.51.100.1", 1500, "x", "<x@y>", "8 11" },
	{ "198.51.100.1", 1500, "x", "<Joe@A.example>", "0 4 8 11" },
	{ "198.51.100.1", 1500, "x", "<ann@x.b.example>", "2 3 4 8 11" },
	{ "198.51.100.1", 1500, "x", "<ann@b.example>", "1 3 8 11" },
	{ "192.0.2.9", 2000, "mx.example", "<>", "5 6 7 8 11" },
	{ "192.0.3.9", 1000, "example", "<ann>", "3 8 11" },
	{ "2001:db8::1", 2001, "a.b.example", "<x@y>", "5 9 10 11 12 13" },
	{ "2001:db8:8000::1", 999, "a.b.example", "<x@y>", "5 11 12 13" },
	{ "-", 0, "-", "-", "11" },
};

START_TEST(test_found)
{
	struct policy *policy = load(two_of_each, "rcpt");
	const struct env env = { &clock_system, { NULL, NULL } };
	struct session *s = session_new(policy, &env, STR("1"));
	const char *const mail[] = { found[_i].sender, NULL };
	struct ip ip = { .family = IP_NONE };
	struct eval ev = { .s = s };
	struct candidates candidates;
	char room[256];
	struct buf out = BUF_ON(room);

	ck_assert_ptr_nonnull(s);
	(void)ip_parse(str_c(found[_i].ip), &ip, NULL);
	session_connect(s, STR("unknown"), ip, found[_i].port);
	if (*found[_i].helo != '-')
		session_helo(s, str_c(found[_i].helo));
	if (*found[_i].sender != '-')
		session_mail(s, mail);
	candidates_find(&ev, policy->program[STAGE_RCPT].index, &candidates);
	for (uint32_t i = candidates_next(&candidates, 0); i != UINT32_MAX;
	     i = candidates_next(&candidates, i + 1))
		buf_printf(&out, "%s%u", out.n > 0 ? " " : "", i);
	ck_assert_str_eq(buf_cstr(&out), found[_i].expect);
	session_free(s);
	policy_unref(policy);
}
END_TEST

/* A fact that finds more lists than there is room for: all of its steps. */
START_TEST(test_more_than_room)
{
	static char rules[16384];
	struct buf text = BUF_ON(rules);
	static char helo[512];
	struct buf name = BUF_ON(helo);
	const struct env env = { &clock_system, { NULL, NULL } };
	struct candidates candidates;
	struct policy *policy;
	struct session *s;
	struct eval ev;
	uint32_t n = 0;

	for (unsigned i = 0; i < 100; i++)
		buf_c(&name, "x.");
	buf_c(&name, "y");
	for (unsigned i = 0; i < 90; i++)
		buf_printf(&text, "log \"%u\" if helo in { %s }\n", i,
		    buf_cstr(&name) + 1 + 2 * i);
	buf_c(&text, "log \"no\" if helo in { .z.y }\n");
	policy = load(rules, "helo");
	s = session_new(policy, &env, STR("1"));
	ev = (struct eval){ .s = s };
	session_helo(s, buf_str(&name));
	candidates_find(&ev, policy->program[STAGE_HELO].index, &candidates);
	for (uint32_t i = candidates_next(&candidates, 0); i != UINT32_MAX;
	     i = candidates_next(&candidates, i + 1))
		ck_assert_uint_eq(i, n++);
	ck_assert_uint_eq(n, 91);
	session_free(s);
	policy_unref(policy);
}
END_TEST

Suite *
suite_index(void)
{
	Suite *s = suite_create("index");
	TCase *tc = tcase_create("index");

	tcase_add_loop_test(tc, test_chosen, 0, (int)COUNT(chosen));
	tcase_add_loop_test(tc, test_asked, 0, (int)COUNT(asked));
	tcase_add_loop_test(tc, test_found, 0, (int)COUNT(found));
	tcase_add_test(tc, test_more_than_room);
	suite_add_tcase(s, tc);
	return s;
}
