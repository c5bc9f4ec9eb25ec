/*
 * Programs as they are laid out: steps, guards, replies, and what must be
 * had from the MTA.
 */
#include <check.h>
#include <stdio.h>

#include "base/buf.h"
#include "lang/policy.h"

Suite *suite_compile(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(stage) (1u << STAGE_##stage)

static struct policy *
load(struct arena *arena, const char *text)
{
	struct diags diags;
	struct policy *policy;

	diags_init(&diags, arena);
	policy = policy_load_text(STR("dir/test.conf"), str_c(text), &diags);
	ck_assert_msg(policy != NULL, "%s: %s", text,
	    diags.first == NULL ? "" : diags.first->text.p);
	return policy;
}

/* ---- programs ----------------------------------------------------------- */

static void
dump_expr(const struct expr *e, struct buf *out)
{
	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		buf_char(out, '(');
		dump_expr(e->a, out);
		buf_c(out, e->kind == EXPR_AND ? " & " : " | ");
		dump_expr(e->b, out);
		buf_char(out, ')');
		break;
	case EXPR_NOT:
		buf_char(out, '!');
		dump_expr(e->a, out);
		break;
	case EXPR_MEMO:
		buf_printf(out, "m%u", e->slot);
		if (e->a == NULL)
			break;
		buf_char(out, '=');
		dump_expr(e->a, out);
		break;
	default:
		buf_str_add(out, e->text);
		break;
	}
}

/* "0 guard m0 >2: COND; 1 a: COND; ..." */
static void
dump(const struct program *program, struct buf *out)
{
	for (uint32_t i = 0; i < program->n; i++) {
		const struct step *step = &program->steps[i];
		if (i > 0)
			buf_c(out, "; ");
		if (step->rule == NULL)
			buf_printf(out, "m%u>%u", step->slot, step->skip_to);
		else
			buf_str_add(out, step->rule->name);
		if (step->cond == NULL)
			continue;
		buf_c(out, ": ");
		dump_expr(step->cond, out);
	}
}

static const struct {
	const char *text;
	enum stage stage;
	const char *want;
} programs[] = {
	{ "", STAGE_MAIL, "" },
	{ "on mail { a: reject }", STAGE_MAIL, "a" },
	{ "on mail { a: reject }", STAGE_RCPT, "" },
	{ "on mail { a: reject if sender is null }", STAGE_MAIL,
	    "a: sender is null" },
	{ "on mail { a: reject unless helo is valid }", STAGE_MAIL,
	    "a: !helo is valid" },
	{ "on mail { a: reject if sender.local != \"x\" }", STAGE_MAIL,
	    "a: !sender.local != \"x\"" },
	{ "on mail { a: log \"x\" if helo is ip and helo is fqdn and "
	  "sender is null }",
	    STAGE_MAIL, "a: (helo is ip & (helo is fqdn & sender is null))" },
	{ "on mail { a: log \"x\" if helo is ip or helo is fqdn and "
	  "sender is null }",
	    STAGE_MAIL, "a: (helo is ip | (helo is fqdn & sender is null))" },
	{ "on mail, rcpt { a: log \"x\" } on rcpt { b: log \"y\" } "
	  "on mail { c: log \"z\" }",
	    STAGE_MAIL, "a; c" },
	{ "on mail, rcpt { a: log \"x\" } on rcpt { b: log \"y\" } "
	  "on mail { c: log \"z\" }",
	    STAGE_RCPT, "a; b" },
	/* lets share one slot and one tree */
	{ "let t = helo is ip "
	  "on mail { a: log \"x\" if t b: log \"y\" if not t }",
	    STAGE_MAIL, "a: m0=helo is ip; b: !m0=helo is ip" },
	{ "let t = u or helo is ip let u = helo is fqdn "
	  "on mail { a: log \"x\" if t }",
	    STAGE_MAIL, "a: m1=(m0=helo is fqdn | helo is ip)" },
	/* when */
	{ "on mail { when helo is ip { a: log \"x\" } b: log \"y\" }",
	    STAGE_MAIL, "m0>2: helo is ip; a: m0; b" },
	{ "on mail { when helo is ip { a: log \"x\" if sender is null } }",
	    STAGE_MAIL, "m0>2: helo is ip; a: (m0 & sender is null)" },
	{ "on mail { when helo is ip { a: log \"x\" } "
	  "else { b: log \"y\" } c: log \"z\" }",
	    STAGE_MAIL, "m0>2: helo is ip; a: m0; m1>4: !m0; b: m1; c" },
	{ "on mail { when helo is ip { a: log \"x\" } "
	  "else when helo is fqdn { b: log \"y\" } "
	  "else { c: log \"z\" } }",
	    STAGE_MAIL,
	    "m0>2: helo is ip; a: m0; m1>7: !m0; "
	    "m3>5: (m1 & m2=helo is fqdn); b: m3; "
	    "m4>7: (m1 & !m2=helo is fqdn); c: m4" },
	{ "on mail { when helo is ip { when sender is null { a: log \"x\" } "
	  "b: log \"y\" } }",
	    STAGE_MAIL,
	    "m0>4: helo is ip; m1>3: (m0 & sender is null); a: m1; b: m0" },
	{ "on mail { when helo is ip { } }", STAGE_MAIL, "m0>1: helo is ip" },
	/* skips count from the stage's first step */
	{ "on rcpt { a: log \"x\" } "
	  "on mail, rcpt { when helo is ip { b: log \"y\" } }",
	    STAGE_RCPT, "a; m0>3: helo is ip; b: m0" },
	{ "on rcpt { a: log \"x\" } "
	  "on mail, rcpt { when helo is ip { b: log \"y\" } }",
	    STAGE_MAIL, "m0>2: helo is ip; b: m0" },
	/* a name for those without one */
	{ "\n\non mail {\n log \"x\"\n}", STAGE_MAIL, "test.conf:4" },
};

START_TEST(program)
{
	char room[1024];
	struct buf out = BUF_ON(room);
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy = load(arena, programs[_i].text);

	/* Nothing of the texts is needed any more. */
	arena_free(arena);
	dump(&policy->program[programs[_i].stage], &out);
	ck_assert_msg(str_eq(buf_str(&out), str_c(programs[_i].want)),
	    "%s\nwanted  %s\nhave    %s", programs[_i].text, programs[_i].want,
	    buf_cstr(&out));
	for (uint32_t i = 0; i < policy->n_rules; i++)
		ck_assert_uint_eq(policy->rules[i]->id, i);
	policy_unref(policy);
}
END_TEST

/* ---- replies ------------------------------------------------------------ */

static const struct {
	const char *text;
	enum stage stage;
	unsigned code;
	const char *xcode;
} replies[] = {
	{ "on connect { reject late }", STAGE_CONNECT, 550, "5.7.1" },
	{ "on connect { reject }", STAGE_CONNECT, 554, "5.7.1" },
	{ "on helo { reject late 501 }", STAGE_HELO, 501, "5.5.2" },
	{ "on mail { reject }", STAGE_MAIL, 550, "5.7.1" },
	{ "on mail { defer }", STAGE_MAIL, 451, "4.7.1" },
	{ "on mail { defer late }", STAGE_MAIL, 451, "4.7.1" },
	{ "on mail, message { reject }", STAGE_MAIL, 550, "5.7.1" },
	{ "on mail, message { reject }", STAGE_MESSAGE, 554, "5.7.1" },
	{ "on message { reject 552 }", STAGE_MESSAGE, 552, "5.3.4" },
	{ "on message { reject 5.6.0 }", STAGE_MESSAGE, 554, "5.6.0" },
	{ "on unknown { reject }", STAGE_UNKNOWN, 500, "5.5.2" },
	{ "on rcpt { disconnect }", STAGE_RCPT, 421, "4.7.0" },
	{ "on rcpt { reject 550 5.1.1 \"x\" }", STAGE_RCPT, 550, "5.1.1" },
};

START_TEST(reply)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy = load(arena, replies[_i].text);
	const struct step *step = policy->program[replies[_i].stage].steps;

	ck_assert_msg(step->reply.code == replies[_i].code, "%s: %u",
	    replies[_i].text, step->reply.code);
	ck_assert_msg(strcmp(step->reply.xcode, replies[_i].xcode) == 0 ||
			  replies[_i].code == 501,
	    "%s: %s", replies[_i].text, step->reply.xcode);
	ck_assert_msg(step->text.n > 0, "%s: no text", replies[_i].text);
	ck_assert(str_is_none(step->reply.text));
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

START_TEST(on_error)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy = load(arena, "");

	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		const struct step *step = &policy->on_error[i];
		ck_assert_int_eq(step->rule->action, ACTION_DEFER);
		ck_assert_uint_eq(step->reply.code, 451);
		ck_assert_str_eq(step->reply.xcode, "4.3.0");
		ck_assert(step->text.n > 0);
		ck_assert(str_eq(step->rule->name, STR("on-error")));
	}
	policy_unref(policy);
	policy = load(arena, "on error accept");
	ck_assert_int_eq(policy->on_error[0].rule->action, ACTION_ACCEPT);
	policy_unref(policy);
	policy = load(arena, "on error reject");
	ck_assert_uint_eq(policy->on_error[STAGE_CONNECT].reply.code, 554);
	ck_assert_uint_eq(policy->on_error[STAGE_RCPT].reply.code, 550);
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

/* ---- rules -------------------------------------------------------------- */

START_TEST(rules)
{
	static const char text[] =
	    "observe all\n"
	    "on connect { a: tag one  b: tag two if tagged one }\n"
	    "on mail {\n"
	    "  c: reject if tagged two\n"
	    "  d: accept\n"
	    "}\n"
	    "on rcpt {\n"
	    "  e: score -3\n"
	    "  f: add header \"X-A\" \"v ${sender} w\"\n"
	    "  g: observe quarantine \"q\" if score > 1\n"
	    "}\n";
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *p = load(arena, text);

	ck_assert_uint_eq(p->n_rules, 7);
	ck_assert_uint_eq(p->n_tags, 2);
	ck_assert(str_eq(p->tags[p->rules[1]->tag], STR("two")));
	ck_assert_uint_eq(p->program[0].steps[1].cond->slot, p->rules[0]->tag);
	ck_assert(p->observe_all && p->rules[2]->observe);
	ck_assert(!p->rules[3]->observe && !p->rules[0]->observe);
	ck_assert_uint_eq(p->rules[2]->line, 4);
	ck_assert_int_eq(p->rules[4]->score, -3);
	ck_assert(str_eq(p->rules[5]->header_name, STR("X-A")));
	ck_assert_uint_eq(p->rules[5]->text->n, 3);
	ck_assert_ptr_null(p->rules[5]->text->pieces[0].expr);
	ck_assert_uint_eq(p->rules[5]->text->pieces[1].expr->slot, FACT_SENDER);
	ck_assert(str_eq(p->rules[6]->file, STR("dir/test.conf")));
	policy_unref(p);
	arena_free(arena);
}
END_TEST

/* ---- needs -------------------------------------------------------------- */

static const struct {
	const char *text;
	bool headers;
	bool body;
	bool recipients;
	unsigned speaks;
} needs[] = {
	{ "", false, false, false, 0 },
	{ "on mail { reject if message.size > 1M }", false, false, false,
	    AT(MAIL) },
	{ "on message { reject if message.size > 1M }", true, true, false,
	    AT(MESSAGE) },
	{ "on message { reject if header(\"A\") is absent }", true, false,
	    false, AT(MESSAGE) },
	{ "on message { log \"${header(\"A\")}\" }", true, false, false, 0 },
	{ "on message { log \"${message.size}\" }", true, true, false, 0 },
	{ "on mail { log \"${message.size}\" }", false, false, false, 0 },
	{ "let big = message.size > 1M on message { reject if big }", true,
	    true, false, AT(MESSAGE) },
	{ "let big = message.size > 1M on mail { reject if big }", false, false,
	    false, AT(MAIL) },
	{ "on message { when message.size > 1M { reject } }", true, true, false,
	    AT(MESSAGE) },
	{ "on data { reject if any recipient is null }", false, false, true,
	    AT(DATA) },
	{ "on data { reject if any recipient (sender is null) }", false, false,
	    true, AT(DATA) },
	{ "on data { reject if recipients.count > 5 }", false, false, false,
	    AT(DATA) },
	{ "on connect { tag x if client.name is absent } "
	  "on rcpt { accept if tagged x }",
	    false, false, false, 0 },
	{ "on helo { reject late }", false, false, false, AT(RCPT) },
	{ "on helo { observe reject late }", false, false, false, 0 },
	{ "on mail { observe reject }", false, false, false, 0 },
	{ "on mail { quarantine \"q\" }", false, false, false, 0 },
	{ "on mail { discard }", false, false, false, AT(MAIL) },
	{ "on mail { disconnect }", false, false, false, AT(MAIL) },
	/* on error speaks where a test can fail */
	{ "on mail { accept if sender matches /x/ }", false, false, false,
	    AT(MAIL) },
	{ "on mail { tag x if sender matches /x/ }", false, false, false, 0 },
	{ "on mail { reject late if sender matches /x/ }", false, false, false,
	    AT(RCPT) },
	{ "on error accept on mail { accept if sender matches /x/ }", false,
	    false, false, 0 },
	{ "let t = sender matches /x/ "
	  "on mail { when not t { accept if helo is ip } }",
	    false, false, false, AT(MAIL) },
	{ "patterns p = { /x/ } on mail { accept if sender in p }", false,
	    false, false, AT(MAIL) },
};

START_TEST(need)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy = load(arena, needs[_i].text);
	const char *text = needs[_i].text;
	unsigned speaks = 0;

	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if (policy_speaks_at(policy, (enum stage)i))
			speaks |= 1u << i;
	ck_assert_msg(policy->needs.headers == needs[_i].headers, "%s", text);
	ck_assert_msg(policy->needs.body == needs[_i].body, "%s", text);
	ck_assert_msg(
	    policy->needs.recipients == needs[_i].recipients, "%s", text);
	ck_assert_msg(speaks == needs[_i].speaks, "%s: %x", text, speaks);
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

/* ---- macros ------------------------------------------------------------- */

static const struct {
	const char *text;
	const char *name; /* of the first one; NULL: none */
	unsigned at;
	enum stage first;
	bool reread;
} macros[] = {
	{ "on mail { reject if sender is null }", NULL, 0, STAGE_MAIL, false },
	{ "on mail { reject if auth.user is absent }", "{auth_authen}",
	    AT(MAIL), STAGE_MAIL, false },
	{ "on mail, rcpt { reject if client.ptr is absent }", "{client_ptr}",
	    AT(MAIL) | AT(RCPT), STAGE_CONNECT, false },
	{ "on rcpt { reject if tls.version is absent }", "{tls_version}",
	    AT(RCPT), STAGE_HELO, true },
	{ "on rcpt { log \"${queue.id}\" }", "i", AT(RCPT), STAGE_RCPT, true },
	{ "on rcpt { log \"${macro(\"{i}\")}\" }", "i", AT(RCPT), STAGE_MAIL,
	    true },
	{ "on rcpt { log \"${macro(\"odd_one\")}\" }", "{odd_one}", AT(RCPT),
	    STAGE_RCPT, true },
	{ "let a = auth.user is present on rcpt { when a { log \"x\" } }",
	    "{auth_authen}", AT(RCPT), STAGE_MAIL, false },
	{ "let a = macro(\"x\") is present on data, message { log \"x\" "
	  "if a }",
	    "x", AT(DATA) | AT(MESSAGE), STAGE_DATA, true },
	{ "on error defer 451 4.3.0 \"${mta.name}\"", "j",
	    (1u << STAGE_COUNT) - 1, STAGE_CONNECT, false },
};

START_TEST(macro)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy = load(arena, macros[_i].text);
	const struct macro_use *use = policy->macros;
	const char *text = macros[_i].text;

	ck_assert_msg(policy->n_macros == (macros[_i].name != NULL ? 1 : 0),
	    "%s: %u", text, policy->n_macros);
	if (macros[_i].name != NULL) {
		ck_assert_str_eq(use->name.p, macros[_i].name);
		ck_assert_msg(
		    use->at == macros[_i].at, "%s: at %x", text, use->at);
		ck_assert_msg(use->first == macros[_i].first, "%s: %s", text,
		    stage_name(use->first));
		ck_assert_msg(use->reread == macros[_i].reread, "%s", text);
	}
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

START_TEST(too_many_macros)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	char room[8192];
	struct buf text = BUF_ON(room);
	struct diags diags;

	buf_c(&text, "on mail { a: log \"x\" if macro(\"m0\") is absent");
	for (int i = 1; i < 70; i++)
		buf_printf(&text, " or macro(\"m%d\") is absent", i);
	buf_c(&text, " }");
	diags_init(&diags, arena);
	ck_assert_ptr_null(
	    policy_load_text(STR("test"), buf_str(&text), &diags));
	ck_assert_uint_eq(diags.errors, 1);
	arena_free(arena);
}
END_TEST

/* ---- slots -------------------------------------------------------------- */

START_TEST(header_slots)
{
	static const char text[] =
	    "on message { a: log \"x\" if header(\"From\") is absent or "
	    "header(\"FROM\").count > 1 or header(\"To\") is absent or "
	    "any header(\"from\") matches /x/ or header-raw(\"Cc\") is "
	    "absent }";
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *p = load(arena, text);

	ck_assert_uint_eq(p->n_headers, 3);
	ck_assert(str_eq(p->headers[0], STR("From")));
	ck_assert(str_eq(p->headers[1], STR("To")));
	ck_assert(str_eq(p->headers[2], STR("Cc")));
	policy_unref(p);
	arena_free(arena);
}
END_TEST

/* Constants take the type and normal form of what they are compared with. */
START_TEST(constants)
{
	static const char text[] =
	    "on mail { a: log \"x\" if sender.domain == \"EXAMPLE.org.\" "
	    "b: log \"x\" if sender == \"\\\"j\\\\oe\\\"@Example.ORG\" "
	    "c: log \"x\" if client.ip == \"::ffff:192.0.2.1\" "
	    "d: log \"x\" if mail.size > 25M "
	    "e: log \"x\" if client.port in { 25 587 } }";
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *p = load(arena, text);
	const struct step *steps = p->program[STAGE_MAIL].steps;
	const struct value *v = &steps[0].cond->b->value;

	ck_assert(v->type == T_DOMAIN && str_eq(v->str, STR("example.org")));
	v = &steps[1].cond->b->value;
	ck_assert(v->type == T_ADDRESS &&
		  str_eq(v->address->norm, STR("joe@example.org")));
	v = &steps[2].cond->b->value;
	ck_assert(v->type == T_IP && v->ip.family == IP_V4);
	v = &steps[3].cond->b->value;
	ck_assert(v->type == T_SIZE && v->num == 25 * 1024 * 1024);
	ck_assert_uint_eq(steps[4].cond->n_values, 2);
	ck_assert_int_eq(steps[4].cond->values[1].num, 587);
	policy_unref(p);
	arena_free(arena);
}
END_TEST

/* A plain number among sizes is one; the default joins in. */
START_TEST(map_types)
{
	static const char text[] =
	    "map a = { x 1 y 2M } "
	    "map b = { x 1 y 2 } default 3M "
	    "map c of addresses = { x \"a@b.example, @c.example\" } "
	    "default \"@d.example\" "
	    "on mail { log \"1\" if message.size > a[helo] "
	    "log \"2\" if message.size > b[helo] "
	    "log \"3\" if sender in c[helo] }";
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *p = load(arena, text);
	const struct step *steps = p->program[STAGE_MAIL].steps;
	const struct expr *e = steps[0].cond->b;

	ck_assert_int_eq(e->type, T_SIZE);
	ck_assert_int_eq(e->map_values[0].type, T_SIZE);
	ck_assert_ptr_null(e->fallback);
	e = steps[1].cond->b;
	ck_assert_int_eq(e->type, T_SIZE);
	ck_assert_int_eq(e->fallback->value.num, 3 * 1024 * 1024);
	e = steps[2].cond;
	ck_assert_int_eq(e->kind, EXPR_IN_MAP_LIST);
	ck_assert_uint_eq(list_size(e->map_lists[0]), 2);
	ck_assert_int_eq(e->fallback->kind, EXPR_IN_LIST);
	policy_unref(p);
	arena_free(arena);
}
END_TEST

START_TEST(references)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *p = load(arena, "words w = { a } "
				       "on mail { reject if helo in w }");

	ck_assert_ptr_eq(policy_ref(p), p);
	policy_unref(p);
	ck_assert_uint_eq(p->n_rules, 1);
	policy_unref(p);
	policy_unref(NULL);
	arena_free(arena);
}
END_TEST

Suite *
suite_compile(void)
{
	Suite *s = suite_create("compile");
	TCase *tc = tcase_create("programs");

	tcase_add_loop_test(tc, program, 0, COUNT(programs));
	tcase_add_loop_test(tc, reply, 0, COUNT(replies));
	tcase_add_test(tc, on_error);
	tcase_add_test(tc, rules);
	suite_add_tcase(s, tc);
	tc = tcase_create("needs");
	tcase_add_loop_test(tc, need, 0, COUNT(needs));
	tcase_add_loop_test(tc, macro, 0, COUNT(macros));
	tcase_add_test(tc, too_many_macros);
	suite_add_tcase(s, tc);
	tc = tcase_create("values");
	tcase_add_test(tc, header_slots);
	tcase_add_test(tc, constants);
	tcase_add_test(tc, map_types);
	tcase_add_test(tc, references);
	suite_add_tcase(s, tc);
	return s;
}
