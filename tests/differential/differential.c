/*
 * differential - random policies and sessions, evaluated with and without
 * what makes evaluation fast.
 *
 * An evaluation with a trace asks every rule, and every test in its place;
 * one without uses the index, keeps what was told already, and asks cheap
 * tests first.  Nobody may be able to tell them apart: after every event
 * verdict, rule, reply, notes, reason, tags, score, kept verdicts and added
 * headers are the same.
 *
 *     differential [--seed N] [--cases N]
 *
 * A case is known by its seed: that of a failure is printed with the policy
 * and the events, and alone it fails again.
 */
#include "differential.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/eval.h"
#include "core/session_int.h"

enum {
	CASES = 2000,
	TEXT_MAX = 4 * 1024 * 1024,
	SHOWN_MAX = 400, /* octets of a line */
	MACROS_MAX = 14,
	ARGV_MAX = 8,
};

/* ---- the mail server ----------------------------------------------------- */

struct macro {
	struct str name;
	struct str value;
};

struct player {
	struct session *s;
	const struct trace *trace;
	struct macro macros[MACROS_MAX];
	size_t n_macros;
	int64_t minutes;
	struct arena *arena; /* one event's arguments */
	struct buf out;
};

static const char *
get_macro(void *ctx, const char *name)
{
	const struct player *p = ctx;

	for (size_t i = 0; i < p->n_macros; i++)
		if (str_eq(p->macros[i].name, str_c(name)))
			return arena_cstr(p->arena, p->macros[i].value);
	return NULL;
}

static void
set_macro(struct player *p, struct str rest)
{
	struct str name;
	size_t i = 0;

	if (!str_word(&rest, &name))
		abort();
	while (i < p->n_macros && !str_eq(p->macros[i].name, name))
		i++;
	if (i == MACROS_MAX)
		abort();
	p->macros[i] = (struct macro){ name,
		str_is_none(rest) ? STR("") : str_trim(rest) };
	if (i == p->n_macros)
		p->n_macros++;
}

static int64_t
clock_wall(void *ctx)
{
	const struct player *p = ctx;

	return 1795305600 + p->minutes * 60; /* 2026-11-22, a Sunday */
}

static int64_t
clock_mono(void *ctx)
{
	(void)ctx;
	return 0;
}

static bool
clock_local(void *ctx, int64_t wall, struct tm *tm_r)
{
	time_t t = (time_t)wall;

	(void)ctx;
	return gmtime_r(&t, tm_r) != NULL;
}

/* ---- what came of it ----------------------------------------------------- */

static void
put_reply(struct buf *out, const struct reply *reply)
{
	if (reply->code != 0)
		buf_printf(out, " %u %s", reply->code, reply->xcode);
	buf_str_add(out, reply->text);
}

static const char *
name_of(const struct rule *rule)
{
	return rule == NULL ? "-" : rule->name.p;
}

static void
put_decision(struct player *p, const struct decision *d)
{
	const struct session *s = p->s;
	const struct policy *policy = session_policy(s);

	buf_printf(&p->out, "  %s: %d %s %d", stage_name(d->stage),
	    (int)d->outcome, name_of(d->rule), (int)d->decided);
	put_reply(&p->out, &d->reply);
	buf_printf(&p->out, " (%.*s)", STR_FMT(d->reason));
	for (const struct note *n = d->notes; n != NULL; n = n->next) {
		buf_printf(&p->out, " note %d %s %.*s", (int)n->kind,
		    name_of(n->rule), STR_FMT(n->text));
		put_reply(&p->out, &n->reply);
	}
	for (uint32_t i = 0; i < policy->n_tags; i++)
		buf_printf(&p->out, " %d", s->tags[i]);
	for (int i = 0; i < SCOPE_COUNT; i++)
		buf_printf(&p->out, " %lld", (long long)s->score[i]);
	for (int i = 0; i < KEPT_COUNT; i++)
		buf_printf(&p->out, " kept %s", name_of(s->kept[i].rule));
	for (const struct added_header *h = session_added_headers(s); h != NULL;
	     h = h->next)
		buf_printf(&p->out, " add %.*s", STR_FMT(h->value));
	buf_printf(&p->out, " %d %.*s\n", (int)s->silent,
	    STR_FMT(session_quarantine(s)));
}

/* ---- events -------------------------------------------------------------- */

static void
decide(struct player *p, enum stage stage)
{
	struct decision d;

	eval_stage(p->s, stage, p->trace, &d);
	put_decision(p, &d);
}

static void
on_connect(struct player *p, struct str rest)
{
	struct ip ip = { .family = IP_NONE };
	struct str name, address;

	if (!str_word(&rest, &name) || !str_word(&rest, &address))
		abort();
	(void)ip_parse(address, &ip, NULL);
	session_connect(p->s, name, ip, ip.family == IP_NONE ? 0 : 4711);
	decide(p, STAGE_CONNECT);
}

static const char *const *
argv_of(struct player *p, struct str rest)
{
	const char **argv =
	    arena_xalloc(p->arena, (ARGV_MAX + 1) * sizeof(*argv));
	struct str word;

	for (size_t n = 0; n < ARGV_MAX && str_word(&rest, &word); n++)
		argv[n] = arena_cstr(p->arena, word);
	return argv;
}

static void
on_mail(struct player *p, struct str rest)
{
	session_mail(p->s, argv_of(p, rest));
	decide(p, STAGE_MAIL);
}

static void
on_rcpt(struct player *p, struct str rest)
{
	session_rcpt(p->s, argv_of(p, rest));
	decide(p, STAGE_RCPT);
}

static void
on_helo(struct player *p, struct str rest)
{
	session_helo(p->s, rest);
	decide(p, STAGE_HELO);
}

static void
on_refused(struct player *p, struct str rest)
{
	(void)rest;
	session_rcpt_refused(p->s);
}

static void
on_data(struct player *p, struct str rest)
{
	(void)rest;
	session_data(p->s);
	decide(p, STAGE_DATA);
}

static void
on_header(struct player *p, struct str rest)
{
	size_t colon = str_find(rest, ':');
	char *value = arena_cstr(p->arena, str_from(rest, colon + 1));
	size_t n = rest.n - colon - 1;

	for (size_t i = 0; i < n; i++)
		if (value[i] == '|')
			value[i] = '\n';
	session_header(p->s, str_sub(rest, 0, colon), str_of(value, n));
}

static void
on_eoh(struct player *p, struct str rest)
{
	(void)rest;
	session_eoh(p->s);
	decide(p, STAGE_MESSAGE);
}

static void
on_body(struct player *p, struct str rest)
{
	uint64_t n = 0;

	(void)str_to_u64(rest, &n);
	session_body(p->s, arena_xalloc(p->arena, (size_t)n), (size_t)n);
	decide(p, STAGE_MESSAGE);
}

static void
on_eom(struct player *p, struct str rest)
{
	(void)rest;
	session_eom(p->s);
	decide(p, STAGE_MESSAGE);
}

static void
on_end(struct player *p, struct str rest)
{
	(void)rest;
	session_message_end(p->s);
}

static void
on_unknown(struct player *p, struct str rest)
{
	session_unknown(p->s, rest);
	decide(p, STAGE_UNKNOWN);
}

static void
on_clock(struct player *p, struct str rest)
{
	uint64_t n = 0;

	(void)str_to_u64(rest, &n);
	p->minutes += (int64_t)n;
}

static const struct {
	const char *name;
	void (*fn)(struct player *p, struct str rest);
} events[] = {
	{ "macro", set_macro },
	{ "clock", on_clock },
	{ "connect", on_connect },
	{ "helo", on_helo },
	{ "mail", on_mail },
	{ "rcpt", on_rcpt },
	{ "refused", on_refused },
	{ "data", on_data },
	{ "header", on_header },
	{ "eoh", on_eoh },
	{ "body", on_body },
	{ "eom", on_eom },
	{ "end", on_end },
	{ "unknown", on_unknown },
};

static void
play_event(struct player *p, struct str line)
{
	struct arena_mark mark = arena_mark(p->arena);
	struct str rest = line;
	struct str name;

	if (!str_word(&rest, &name))
		return;
	rest = rest.n > 0 ? str_from(rest, 1) : STR("");
	for (size_t i = 0; i < COUNT(events); i++)
		if (str_eq(name, str_c(events[i].name)))
			events[i].fn(p, rest);
	arena_release(p->arena, mark);
}

/* ---- cases --------------------------------------------------------------- */

static void
ignore(void *ctx, const struct trace_event *event)
{
	(void)ctx;
	(void)event;
}

/* What was met, so that a test which tests nothing is noticed. */
struct met {
	uint64_t decisions;
	uint64_t verdicts;
	uint64_t unknown; /* events with a rule that could not be told */
	uint64_t pending;
	uint64_t indexed; /* programs */
};

static struct policy *
load(struct str text)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;
	struct diags diags;

	if (arena == NULL)
		abort();
	diags_init(&diags, arena);
	policy = policy_load_text(STR("random.conf"), text, &diags);
	if (policy == NULL)
		diags_print(&diags, stderr);
	arena_free(arena);
	return policy;
}

static void
begin(struct player *p, struct policy *policy, const struct trace *trace,
    struct clock *clock)
{
	const struct env env = { clock, { get_macro, p } };

	clock->ctx = p;
	p->trace = trace;
	p->n_macros = 0;
	p->minutes = 0;
	p->s = session_new(policy, &env, STR("1"));
	if (p->s == NULL)
		abort();
}

static void
count_met(struct met *met, struct str out)
{
	met->decisions++;
	met->pending += str_find(out, ':') != STR_NOWHERE &&
			memmem(out.p, out.n, ": 7 ", 4) != NULL;
	met->unknown += memmem(out.p, out.n, "could not be told", 17) != NULL;
	met->verdicts += memmem(out.p, out.n, ": 0 ", 4) == NULL;
}

static void
show(const char *what, struct str text)
{
	struct str line;

	(void)printf("---- %s\n", what);
	while (str_split(&text, '\n', &line))
		(void)printf("%.*s%s\n", STR_FMT(str_sub(line, 0, SHOWN_MAX)),
		    line.n > SHOWN_MAX ? "..." : "");
}

/* Plays the events with and without a trace, side by side. */
static bool
play(struct policy *policy, struct str script, struct player p[2],
    struct met *met)
{
	static const struct trace trace = { .event = ignore };
	struct clock clocks[2] = {
		{ .wall = clock_wall,
		    .mono_us = clock_mono,
		    .local = clock_local },
		{ .wall = clock_wall,
		    .mono_us = clock_mono,
		    .local = clock_local },
	};
	struct str line;
	bool same = true;

	begin(&p[0], policy, &trace, &clocks[0]);
	begin(&p[1], policy, NULL, &clocks[1]);
	while (same && str_split(&script, '\n', &line)) {
		for (int i = 0; i < 2; i++) {
			p[i].out.n = 0;
			play_event(&p[i], line);
		}
		same = str_eq(buf_str(&p[0].out), buf_str(&p[1].out));
		if (p[0].out.n > 0)
			count_met(met, buf_str(&p[0].out));
		if (same)
			continue;
		show("event", line);
		show("plain", buf_str(&p[0].out));
		show("fast", buf_str(&p[1].out));
	}
	session_free(p[0].s);
	session_free(p[1].s);
	return same;
}

static bool
run_case(uint64_t seed, struct buf *text, struct buf *script,
    struct player p[2], struct met *met)
{
	struct chance c = { .state = seed };
	struct policy *policy;
	bool good;

	text->n = 0;
	script->n = 0;
	random_policy(&c, text);
	random_events(&c, script);
	policy = load(buf_str(text));
	good = policy != NULL;
	for (int i = 0; good && i < STAGE_COUNT; i++)
		met->indexed += policy->program[i].index != NULL;
	good = good && play(policy, buf_str(script), p, met);
	policy_unref(policy);
	if (good)
		return true;
	show("policy", buf_str(text));
	show("events", buf_str(script));
	(void)printf("---- differential --seed %llu --cases 1\n",
	    (unsigned long long)seed);
	return false;
}

static bool
run_cases(uint64_t seed, uint64_t cases, struct met *met)
{
	static char text_room[TEXT_MAX], script_room[TEXT_MAX];
	static char rooms[2][TEXT_MAX];
	struct buf text = BUF_ON(text_room);
	struct buf script = BUF_ON(script_room);
	struct player p[2] = { { .s = NULL } };
	bool good = true;

	for (int i = 0; i < 2; i++) {
		p[i].out = (struct buf)BUF_ON(rooms[i]);
		p[i].arena = arena_new(ARENA_UNLIMITED);
		if (p[i].arena == NULL)
			abort();
	}
	for (uint64_t i = 0; good && i < cases; i++)
		good = run_case(seed + i, &text, &script, p, met);
	arena_free(p[0].arena);
	arena_free(p[1].arena);
	return good;
}

int
main(int argc, char **argv)
{
	uint64_t seed = 1, cases = CASES;
	struct met met = { 0 };

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			(void)str_to_u64(str_c(argv[i + 1]), &seed);
		else if (strcmp(argv[i], "--cases") == 0)
			(void)str_to_u64(str_c(argv[i + 1]), &cases);
	}
	if (!run_cases(seed, cases, &met))
		return EXIT_FAILURE;
	(void)printf("%llu cases: %llu decisions, %llu of them not pass, %llu "
		     "with what could not be told, %llu pending; %llu programs "
		     "with an index\n",
	    (unsigned long long)cases, (unsigned long long)met.decisions,
	    (unsigned long long)met.verdicts, (unsigned long long)met.unknown,
	    (unsigned long long)met.pending, (unsigned long long)met.indexed);
	/* One case alone may meet nothing. */
	if (cases >= CASES &&
	    (met.verdicts < cases || met.unknown < cases / 50 ||
		met.pending < cases / 50 || met.indexed < cases))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
