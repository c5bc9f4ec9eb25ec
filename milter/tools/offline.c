/*
 * offline - the connection of the offline MTA: greeting, lines, replies, and
 * the milter that the policy is to it.
 *
 *     offline_line ─▶ command (offline_command.c) ─▶ session, eval_stage
 *                  └▶ data    (offline_data.c)
 *
 * The milter side does what Postfix's does: a refusal at connect or helo
 * ends the events for good and is latched; a discard ends those of the
 * message.  Every reply goes through offline_say or say_refusal into o->out.
 */
#include "tools/offline_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- time --------------------------------------------------------------- */

static int64_t
offline_wall(void *ctx)
{
	const struct offline *o = ctx;

	return o->has_now ? o->now * 60 : clock_system.wall(NULL);
}

static int64_t
offline_mono(void *ctx)
{
	(void)ctx;
	return clock_system.mono_us(NULL);
}

/* "X: now" is local time already. */
static bool
offline_local(void *ctx, int64_t wall, struct tm *tm_r)
{
	const struct offline *o = ctx;
	time_t t = (time_t)wall;

	if (!o->has_now)
		return clock_system.local(NULL, wall, tm_r);
	return gmtime_r(&t, tm_r) != NULL;
}

/* ---- replies ------------------------------------------------------------ */

void
offline_say(struct offline *o, const char *fmt, ...)
{
	char text[OFFLINE_LINE_MAX + REPLY_LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	o->out = BUF_ON(o->room);
	buf_c(&o->out, text);
}

static void
say_refusal(struct offline *o, const struct reply *reply)
{
	struct str rest = reply->text.p == NULL ? STR("") : reply->text;
	struct str line;

	o->out = BUF_ON(o->room);
	while (str_split(&rest, '\n', &line)) {
		if (o->out.n > 0)
			buf_char(&o->out, '\n');
		buf_printf(&o->out, "%03u%c%s ", reply->code,
		    rest.p == NULL ? ' ' : '-', reply->xcode);
		buf_str_add(&o->out, line);
	}
}

/* Postfix hangs up behind these two codes, whoever said them. */
static bool
hangs_up(struct str reply)
{
	return str_starts(reply, STR("421")) || str_starts(reply, STR("521")) ||
	       str_starts(reply, STR("221"));
}

static void
reply_out(struct offline *o, struct offline_reply *reply_r)
{
	struct str text = buf_str(&o->out);

	if (hangs_up(text))
		o->closed = true;
	*reply_r =
	    (struct offline_reply){ .text = text.n == 0 ? STR_NONE : text,
		    .rule = o->rule,
		    .closed = o->closed };
}

/* ---- the milter --------------------------------------------------------- */

static void
emit_nothing(void *ctx, const struct record *r)
{
	(void)ctx;
	(void)r;
}

bool
offline_refused(struct offline *o, enum stage stage)
{
	struct decision d;
	int64_t begun = offline_mono(o);

	eval_stage(o->session, stage, o->trace, &d);
	record_decision(
	    o->session, &d, offline_mono(o) - begun, o->emit, o->emit_ctx);
	if (d.rule != NULL)
		o->rule = d.rule;
	switch (d.outcome) {
	case OUTCOME_REJECT:
	case OUTCOME_DEFER:
	case OUTCOME_DISCONNECT:
		say_refusal(o, &d.reply);
		return true;
	case OUTCOME_DISCARD:
		o->skip = true;
		return false;
	case OUTCOME_PASS:
	case OUTCOME_ACCEPT:
	case OUTCOME_KEPT:
	case OUTCOME_PENDING:
	case OUTCOME_SILENT:
		break;
	}
	return false;
}

bool
offline_latched(struct offline *o)
{
	if (o->latched.p == NULL)
		return false;
	o->out = BUF_ON(o->room);
	buf_str_add(&o->out, o->latched);
	o->rule = o->latched_rule;
	return true;
}

void
offline_latch(struct offline *o)
{
	o->latched = arena_xstr(o->arena, buf_str(&o->out));
	o->latched_rule = o->rule;
}

/* What xxfi_connect gets as the host name. */
static struct str
milter_hostname(struct offline *o)
{
	const struct offline_client *c = &o->client;

	if (!str_eq(c->name, STR("unknown")) || str_eq(c->addr, STR("unknown")))
		return c->name;
	return arena_printf(o->scratch, "[%.*s]", STR_FMT(c->addr));
}

/* The greeting; a refusal has text of its own there. */
static void
greet(struct offline *o, bool refused)
{
	bool permanent = refused && o->latched.p[0] == '5';
	bool closing = refused && str_starts(o->latched, STR("421"));

	if (permanent) {
		o->errors++;
		offline_say(
		    o, "554 %s ESMTP not accepting connections", OFFLINE_HOST);
	} else if (closing)
		offline_say(o, "421 %s Service unavailable - try again later",
		    OFFLINE_HOST);
	else
		offline_say(o, "220 %s ESMTP Postfix", OFFLINE_HOST);
}

void
offline_connect(struct offline *o)
{
	char id[32];
	uint64_t port = 0;
	bool refused;

	(void)snprintf(id, sizeof id, "offline-%u", ++o->sessions);
	session_free(o->session);
	o->latched = STR_NONE;
	o->latched_rule = NULL;
	o->rule = NULL;
	o->session = session_new(o->policy, &o->env, str_c(id));
	if (o->session == NULL) {
		offline_say(o, "421 4.3.0 %s out of memory", OFFLINE_HOST);
		return;
	}
	(void)str_to_u64(o->client.port, &port);
	(void)session_connect(
	    o->session, milter_hostname(o), o->client.ip, (unsigned)port);
	refused = offline_refused(o, STAGE_CONNECT);
	if (refused)
		offline_latch(o);
	greet(o, refused);
}

void
offline_message_end(struct offline *o)
{
	if (o->told_mail)
		session_message_end(o->session);
	o->told_mail = false;
	o->in_mail = false;
	o->skip = false;
	o->rcpts = 0;
	o->sender_raw = STR_NONE;
	o->rcpt_raw = STR_NONE;
	o->first_rcpt = STR_NONE;
	o->smtputf8 = false;
	o->mail_auth = STR_NONE;
	o->queue_id[0] = '\0';
	o->in_data = false;
	o->text = NULL;
	o->text_end = &o->text;
	o->text_size = 0;
	o->too_big = false;
	arena_release(o->message, o->message_mark);
}

/* ---- begin and end ------------------------------------------------------ */

struct offline *
offline_new(struct policy *policy, const struct trace *trace,
    void (*emit)(void *ctx, const struct record *r), void *ctx)
{
	struct offline *o = calloc(1, sizeof *o);

	if (o == NULL)
		return NULL;
	o->policy = policy_ref(policy);
	o->trace = trace;
	o->emit = emit == NULL ? emit_nothing : emit;
	o->emit_ctx = ctx;
	o->arena = arena_new(ARENA_UNLIMITED);
	o->message = arena_new(ARENA_UNLIMITED);
	o->scratch = arena_new(ARENA_UNLIMITED);
	if (o->arena == NULL || o->message == NULL || o->scratch == NULL) {
		offline_free(o);
		return NULL;
	}
	o->message_mark = arena_mark(o->message);
	o->scratch_mark = arena_mark(o->scratch);
	o->clock =
	    (struct clock){ offline_wall, offline_mono, offline_local, o };
	o->env = (struct env){ &o->clock, { offline_macro, o } };
	o->client = (struct offline_client){ .name = STR("localhost"),
		.ptr = STR("localhost"),
		.resolve = "OK",
		.addr = STR("127.0.0.1"),
		.port = STR("50000"),
		.daemon_addr = STR("127.0.0.1"),
		.daemon_port = STR("25") };
	(void)ip_parse(o->client.addr, &o->client.ip, NULL);
	o->text_end = &o->text;
	o->out = BUF_ON(o->room);
	return o;
}

void
offline_free(struct offline *o)
{
	if (o == NULL)
		return;
	session_free(o->session);
	arena_free(o->scratch);
	arena_free(o->message);
	arena_free(o->arena);
	policy_unref(o->policy);
	free(o);
}

/* ---- what the caller says ----------------------------------------------- */

bool
offline_control(
    struct offline *o, const struct transcript_line *line, struct why *why)
{
	struct transcript_control *control;

	if (o->in_data)
		return why_set(why,
		    "an X: line cannot stand inside the message; move it "
		    "before the C: line that it is about");
	if (o->closed)
		return why_set(why, "the server has closed the connection");
	control = arena_xalloc(o->arena, sizeof *control);
	control->line = line;
	control->next = o->controls;
	o->controls = control;
	if (line->kind == LINE_NOW) {
		o->has_now = true;
		o->now = line->num;
	} else if (line->kind == LINE_SIZE)
		o->size_limit = (uint64_t)line->num;
	return true;
}

/* Before each line: what was said last is forgotten. */
static void
line_begin(struct offline *o)
{
	arena_release(o->scratch, o->scratch_mark);
	o->out = BUF_ON(o->room);
	o->rule = NULL;
}

void
offline_greeting(struct offline *o, struct offline_reply *reply_r)
{
	line_begin(o);
	offline_connect(o);
	reply_out(o, reply_r);
}

void
offline_line(struct offline *o, struct str line, struct offline_reply *reply_r)
{
	line_begin(o);
	if (o->closed || o->session == NULL)
		o->closed = true;
	else if (o->in_data)
		offline_data_line(o, line);
	else if (o->errors >= OFFLINE_ERRORS_MAX)
		offline_say(
		    o, "421 4.7.0 %s Error: too many errors", OFFLINE_HOST);
	else if (!offline_command(o, str_sub(line, 0, OFFLINE_LINE_MAX)))
		o->errors++;
	reply_out(o, reply_r);
}
