/*
 * Sessions played against policies: each case is a policy, what happens, and
 * what comes of it, one line an evaluation.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/eval.h"
#include "core/record.h"

Suite *suite_eval(void);

struct play {
	const char *name;
	const char *policy;
	const char *events; /* one a line, see do_event */
	const char *expect; /* one line a decision or note */
};

enum {
	OUT_MAX = 16384,
	MACROS_MAX = 24,
	ARGV_MAX = 16,
	LINE_MAX_ = 512,
	BODY_MAX_ = 65536
};

struct macro {
	char name[32];
	char value[64];
};

struct player {
	struct session *s;
	struct macro macros[MACROS_MAX];
	size_t n_macros;
	char room[OUT_MAX];
	struct buf out;
	size_t fail_after; /* for the allocation test; SIZE_MAX: never */
};

static const char *
player_macro(void *ctx, const char *name)
{
	const struct player *p = ctx;

	for (size_t i = p->n_macros; i-- > 0;)
		if (strcmp(p->macros[i].name, name) == 0)
			return p->macros[i].value;
	return NULL;
}

static int64_t
fixed_wall(void *ctx)
{
	(void)ctx;
	return 1795305600; /* 2026-11-22 00:00 UTC, a Sunday */
}

static int64_t
fixed_mono(void *ctx)
{
	(void)ctx;
	return 0;
}

static bool
fixed_local(void *ctx, int64_t wall, struct tm *tm_r)
{
	time_t t = (time_t)wall + 10 * 3600;

	(void)ctx;
	return gmtime_r(&t, tm_r) != NULL;
}

static const struct clock fixed_clock = {
	.wall = fixed_wall, .mono_us = fixed_mono, .local = fixed_local
};

static const char *const outcome_names[] = {
	[OUTCOME_PASS] = "pass",
	[OUTCOME_ACCEPT] = "accept",
	[OUTCOME_KEPT] = "kept",
	[OUTCOME_REJECT] = "reject",
	[OUTCOME_DEFER] = "defer",
	[OUTCOME_DISCONNECT] = "disconnect",
	[OUTCOME_DISCARD] = "discard",
	[OUTCOME_PENDING] = "pending",
	[OUTCOME_SILENT] = "silent",
};

static void
print_reply(struct buf *out, const struct reply *reply)
{
	if (reply->code == 0)
		return;
	buf_printf(out, " %u %s %.*s", reply->code, reply->xcode,
	    STR_FMT(reply->text));
}

static void
print_note(struct buf *out, const struct note *n)
{
	static const char *const kinds[] = {
		[NOTE_WOULD] = "would",
		[NOTE_LOG] = "log",
		[NOTE_QUARANTINE] = "quarantine",
		[NOTE_SKIPPED] = "skipped",
	};

	buf_printf(out, "  %s %.*s", kinds[n->kind], STR_FMT(n->rule->name));
	print_reply(out, &n->reply);
	if (n->text.p != NULL)
		buf_printf(out, " %.*s", STR_FMT(n->text));
	buf_char(out, '\n');
}

static void
decide_stage(struct player *p, enum stage stage)
{
	struct decision d;

	eval_stage(p->s, stage, NULL, &d);
	for (const struct note *n = d.notes; n != NULL; n = n->next)
		if (n->kind != NOTE_EFFECT)
			print_note(&p->out, n);
	buf_printf(
	    &p->out, "%s %s", stage_name(stage), outcome_names[d.outcome]);
	if (d.rule != NULL)
		buf_printf(&p->out, " %.*s", STR_FMT(d.rule->name));
	if (d.decided != d.stage)
		buf_printf(&p->out, " @%s", stage_name(d.decided));
	print_reply(&p->out, &d.reply);
	if (d.reason.p != NULL)
		buf_printf(&p->out, " (%.*s)", STR_FMT(d.reason));
	buf_char(&p->out, '\n');
}

/* Words of `rest` as argv in `words` (which holds the text). */
static void
make_argv(char *text, const char *argv[ARGV_MAX])
{
	size_t n = 0;
	char *save = NULL;

	for (char *w = strtok_r(text, " ", &save);
	     w != NULL && n < ARGV_MAX - 1; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	if (n == 0)
		argv[n++] = "";
	argv[n] = NULL;
}

static void
set_macro(struct player *p, const char *rest)
{
	struct macro *m = &p->macros[p->n_macros++];

	ck_assert(p->n_macros <= MACROS_MAX);
	ck_assert_int_eq(sscanf(rest, "%31s %63[^\n]", m->name, m->value), 2);
}

static void
do_connect(struct player *p, const char *rest)
{
	char name[64], addr[64];
	struct ip ip = { .family = IP_NONE };

	ck_assert_int_eq(sscanf(rest, "%63s %63s", name, addr), 2);
	if (strcmp(addr, "local") != 0)
		ck_assert(ip_parse(str_c(addr), &ip, NULL));
	session_connect(p->s, str_c(name), ip, ip.family == IP_NONE ? 0 : 4711);
	decide_stage(p, STAGE_CONNECT);
}

static void
do_header(struct player *p, char *rest)
{
	char *colon = strchr(rest, ':');

	ck_assert_ptr_nonnull(colon);
	for (char *c = colon; *c != '\0'; c++)
		if (*c == '|') /* a fold */
			*c = '\n';
	session_header(
	    p->s, str_of(rest, (size_t)(colon - rest)), str_c(colon + 2));
}

/* As many octets, all of one line. */
static void
do_body(struct player *p, size_t n)
{
	static char octets[BODY_MAX_];

	ck_assert_uint_le(n, sizeof octets);
	memset(octets, 'x', sizeof octets);
	session_body(p->s, octets, n);
	decide_stage(p, STAGE_MESSAGE);
}

/* These octets: ^M is CR, ^J LF, ^@ NUL, ^8 one over 127. */
static void
do_piece(struct player *p, const char *rest)
{
	static const char names[] = "MJ@8";
	static const char octets[] = "\r\n\0\377";
	char text[LINE_MAX_];
	size_t n = 0;

	for (const char *c = rest; *c != '\0'; c++) {
		const char *name = *c == '^' ? strchr(names, *++c) : NULL;

		text[n++] = name == NULL ? *c : octets[name - names];
	}
	session_body(p->s, text, n);
	decide_stage(p, STAGE_MESSAGE);
}

/*
 * connect NAME IP|local, helo ARG, mail ARG.., rcpt ARG.., refused, data,
 * header Name: value, eoh, body OCTETS, piece TEXT, eom, end, unknown LINE,
 * macro NAME VALUE
 */
static void
do_event(struct player *p, const char *line)
{
	char text[LINE_MAX_];
	const char *argv[ARGV_MAX];
	char *rest;

	ck_assert_uint_lt(strlen(line), sizeof text);
	strcpy(text, line);
	rest = strchr(text, ' ');
	if (rest == NULL)
		rest = text + strlen(text);
	else
		*rest++ = '\0';
	if (strcmp(text, "macro") == 0) {
		set_macro(p, rest);
	} else if (strcmp(text, "connect") == 0) {
		do_connect(p, rest);
	} else if (strcmp(text, "helo") == 0) {
		session_helo(p->s, str_c(rest));
		decide_stage(p, STAGE_HELO);
	} else if (strcmp(text, "mail") == 0) {
		make_argv(rest, argv);
		session_mail(p->s, argv);
		decide_stage(p, STAGE_MAIL);
	} else if (strcmp(text, "rcpt") == 0) {
		make_argv(rest, argv);
		session_rcpt(p->s, argv);
		decide_stage(p, STAGE_RCPT);
	} else if (strcmp(text, "refused") == 0) {
		session_rcpt_refused(p->s);
	} else if (strcmp(text, "data") == 0) {
		session_data(p->s);
		decide_stage(p, STAGE_DATA);
	} else if (strcmp(text, "header") == 0) {
		do_header(p, rest);
	} else if (strcmp(text, "eoh") == 0) {
		session_eoh(p->s);
		decide_stage(p, STAGE_MESSAGE);
	} else if (strcmp(text, "body") == 0) {
		do_body(p, (size_t)atol(rest));
	} else if (strcmp(text, "piece") == 0) {
		do_piece(p, rest);
	} else if (strcmp(text, "eom") == 0) {
		session_eom(p->s);
		decide_stage(p, STAGE_MESSAGE);
	} else if (strcmp(text, "end") == 0) {
		session_message_end(p->s);
	} else if (strcmp(text, "unknown") == 0) {
		session_unknown(p->s, str_c(rest));
		decide_stage(p, STAGE_UNKNOWN);
	} else {
		ck_abort_msg("no such event: %s", line);
	}
}

static void
play_events(struct player *p, const char *events)
{
	struct str rest = str_c(events);
	struct str line;
	char text[LINE_MAX_];

	while (str_split(&rest, '\n', &line)) {
		if (line.n == 0)
			continue;
		snprintf(text, sizeof text, "%.*s", STR_FMT(line));
		do_event(p, text);
	}
}

static struct policy *
load(const char *text)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct policy *policy;

	diags_init(&diags, arena);
	policy = policy_load_text(STR("test.conf"), str_c(text), &diags);
	if (policy == NULL) {
		diags_print(&diags, stderr);
		ck_abort_msg("policy does not load: %s", text);
	}
	arena_free(arena);
	return policy;
}

static void
player_begin(struct player *p, struct policy *policy)
{
	struct env env = { .clock = &fixed_clock,
		.macros = { player_macro, p } };

	memset(p, 0, sizeof *p);
	p->out = (struct buf)BUF_ON(p->room);
	p->s = session_new(policy, &env, STR("t-1"));
	ck_assert_ptr_nonnull(p->s);
}

#include "eval_cases.h"

START_TEST(plays)
{
	const struct play *play = &cases[_i];
	struct policy *policy = load(play->policy);
	static struct player p;

	player_begin(&p, policy);
	policy_unref(policy); /* the session has its own */
	play_events(&p, play->events);
	ck_assert_msg(strcmp(buf_cstr(&p.out), play->expect) == 0,
	    "%s: expected\n%sgot\n%s", play->name, play->expect,
	    buf_cstr(&p.out));
	session_free(p.s);
}
END_TEST

/* The same events twice over give the same decisions: nothing is left. */
START_TEST(plays_twice)
{
	const struct play *play = &cases[_i];
	struct policy *policy = load(play->policy);
	static struct player p;
	static char first[OUT_MAX];

	for (int round = 0; round < 2; round++) {
		player_begin(&p, policy);
		play_events(&p, play->events);
		if (round == 0)
			strcpy(first, buf_cstr(&p.out));
		else
			ck_assert_str_eq(first, buf_cstr(&p.out));
		session_free(p.s);
	}
	policy_unref(policy);
}
END_TEST

/* A rule that logs the fact at a stage. */
static struct policy *
load_fact(unsigned fact, enum stage stage, struct diags *diags)
{
	char text[256];
	const struct fact_row *row = &fact_rows[fact];

	snprintf(text, sizeof text, "on %s { log \"fact=${%.*s}\"%s }",
	    stage_name(stage), STR_FMT(row->name),
	    (row->flags & F_ELEMENT) == 0 ? ""
					  : " if any recipient matches /^/");
	return policy_load_text(STR("t"), str_c(text), diags);
}

/* Every fact, as each of the clients tells it, from its first stage on. */
START_TEST(facts)
{
	const unsigned fact = (unsigned)_i / CLIENTS;
	const unsigned client = (unsigned)_i % CLIENTS;
	const enum stage first = fact_rows[fact].stage;
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;
	struct diags diags;
	static struct player p;
	const char *value = NULL;
	const char *at;

	diags_init(&diags, arena);
	if (first > STAGE_CONNECT)
		ck_assert_ptr_null(load_fact(fact, first - 1, &diags));
	diags_init(&diags, arena);
	policy = load_fact(fact, first, &diags);
	ck_assert_msg(policy != NULL, "%s", fact_rows[fact].name.p);
	player_begin(&p, policy);
	policy_unref(policy);
	play_events(&p, clients[client]);
	for (at = buf_cstr(&p.out); (at = strstr(at, "fact=")) != NULL;)
		value = at += 5;
	ck_assert_ptr_nonnull(value);
	ck_assert_ptr_nonnull(told[fact][client]);
	p.out.p[strcspn(value, "\n") + (size_t)(value - p.out.p)] = '\0';
	ck_assert_msg(strcmp(value, told[fact][client]) == 0,
	    "%s of client %u: %s, not %s", fact_rows[fact].name.p, client,
	    value, told[fact][client]);
	session_free(p.s);
	arena_free(arena);
}
END_TEST

/* An absent fact makes every positive test false and its contrary true. */
START_TEST(operator)
{
	static struct player p;
	static char text[2048];

	snprintf(text, sizeof text,
	    "%son data { log \"holds\" if %s  log \"contrary\" if %s "
	    " log \"unless\" unless %s }",
	    operator_definitions, operators[_i].holds, operators[_i].contrary,
	    operators[_i].holds);
	for (unsigned client = 0; client < CLIENTS; client++) {
		struct policy *policy = load(text);
		bool full = client == CLIENT_FULL;
		const char *got;

		player_begin(&p, policy);
		policy_unref(policy);
		play_events(&p, clients[client]);
		got = buf_cstr(&p.out);
		ck_assert_msg(
		    (strstr(got, " holds\n") != NULL) == full &&
			(strstr(got, " contrary\n") != NULL) != full &&
			(strstr(got, " unless\n") != NULL) != full,
		    "%s of client %u: %s", operators[_i].holds, client, got);
		session_free(p.s);
	}
}
END_TEST

static char last_line[RECORD_LINE_MAX];

static void
emit_line(void *ctx, const struct record *r)
{
	struct buf out = BUF_ON(last_line);

	(void)ctx;
	record_print(r, &out);
	buf_cstr(&out);
}

START_TEST(lines)
{
	struct policy *policy = load(
	    "on helo { late: defer late 450 4.7.1 \"one\\ntwo\" if helo == "
	    "\"bad_helo\" }\n"
	    "on rcpt { no: reject \"not ${rcpt}\" if rcpt.local == \"no\" }\n"
	    "on mail { accept message if sender == \"a@b\" and helo is absent "
	    "}\n"
	    "on unknown { odd: log \"${command}\" }\n");
	static struct player p;
	struct decision d;

	/* The last event is told here, to see its decision. */
	player_begin(&p, policy);
	policy_unref(policy);
	play_events(&p, line_cases[_i].events);
	if (line_cases[_i].stage == STAGE_MAIL)
		session_mail(p.s, (const char *const[]){ "<a@b>", NULL });
	eval_stage(p.s, line_cases[_i].stage, NULL, &d);
	record_decision(p.s, &d, 7, emit_line, NULL);
	ck_assert_str_eq(last_line, line_cases[_i].line);
	session_free(p.s);
}
END_TEST

START_TEST(pass_line)
{
	struct policy *policy =
	    load("on message { log \"x\" if message.size > 5 }");
	static struct player p;

	player_begin(&p, policy);
	policy_unref(policy);
	play_events(&p, "connect a.example 203.0.113.9\nhelo h\nmail <a@b>\n"
			"rcpt <c@d>\nrcpt <e@f>\nmacro i 4Zb\ndata\n"
			"header Subject: x\neoh\nbody 100\neom");
	record_pass(p.s, 3, emit_line, NULL);
	ck_assert_str_eq(last_line, "4Zb: pass: from=<a@b> nrcpt=2 size=114 "
				    "client=a.example[203.0.113.9]"
				    " helo=<h> session=t-1 us=3");
	session_free(p.s);
}
END_TEST

/* Memory does not grow with the number of messages, recipients or HELOs. */
START_TEST(memory_is_flat)
{
	struct policy *policy =
	    load("on rcpt { no: reject \"${rcpt}\" if rcpt.local == \"no\" }\n"
		 "on message { x: reject if header(\"X\") == \"y\" }");
	const char *events =
	    "helo a.example\nmail <a@b>\nrcpt <no@x>\nrcpt <c@d>\n"
	    "data\nheader X: z\neoh\neom\nend\nunknown FOO\n"
	    "mail <a@b>\nend\nmail <a@b>\nmail <a@c>";
	static struct player p;
	size_t used = 0;

	player_begin(&p, policy);
	policy_unref(policy);
	do_event(&p, "connect a.example 203.0.113.9");
	for (int i = 0; i < 1000; i++) {
		p.out.n = 0;
		play_events(&p, events);
		if (i == 10)
			used = session_memory(p.s);
	}
	ck_assert_uint_eq(used, session_memory(p.s));
	session_free(p.s);
}
END_TEST

/*
 * Every allocation of a session fails in turn: never a crash, and a stage
 * that could not be evaluated gives the on-error verdict.
 */
START_TEST(no_memory)
{
	struct policy *policy =
	    load("on error defer 451 4.3.0\n"
		 "on helo { l: reject late if helo is not valid }\n"
		 "on rcpt { no: reject \"${rcpt}\" if any recipient.local == "
		 "\"no\" }\n"
		 "on message { add header \"X\" \"${sender}\"\n"
		 "             x: reject if header(\"X\") == \"y\" }");
	static struct player p;
	size_t deferred = 0;

	for (size_t after = 0; after < 60; after++) {
		player_begin(&p, policy);
		session_fail_after(p.s, after);
		play_events(&p,
		    "connect a.example 203.0.113.9\nhelo a.example\n"
		    "mail <a@b>\nrcpt <c@d>\nrcpt <e@f>\ndata\n"
		    "header X: z\neoh\nbody 10\neom");
		if (strstr(buf_cstr(&p.out), "defer on-error 451 4.3.0") !=
		    NULL)
			deferred++;
		session_free(p.s);
	}
	ck_assert_uint_gt(deferred, 10);
	policy_unref(policy);
}
END_TEST

Suite *
suite_eval(void)
{
	Suite *suite = suite_create("eval");
	TCase *tc = tcase_create("eval");
	int n = (int)(sizeof cases / sizeof cases[0]);

	tcase_add_loop_test(tc, plays, 0, n);
	tcase_add_loop_test(tc, plays_twice, 0, n);
	tcase_add_loop_test(tc, facts, 0, (int)FACT_COUNT * CLIENTS);
	tcase_add_loop_test(
	    tc, operator, 0, (int)(sizeof operators / sizeof operators[0]));
	tcase_add_loop_test(
	    tc, lines, 0, (int)(sizeof line_cases / sizeof line_cases[0]));
	tcase_add_test(tc, pass_line);
	tcase_add_test(tc, memory_is_flat);
	tcase_add_test(tc, no_memory);
	suite_add_tcase(suite, tc);
	return suite;
}
