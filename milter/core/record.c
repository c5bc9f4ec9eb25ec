/*
 * record - decisions as log lines.
 *
 * A line is fields apart by blanks.  What a client had a hand in stands in
 * quotes or angle brackets, and inside them no octet can close them: see
 * add_value.  A line never holds more than RECORD_LINE_MAX octets.
 */
#include "core/record.h"

enum {
	RECORD_VALUE_MAX = 256
};

/* ---- from decisions to records ------------------------------------------ */

static const char *const verbs[ACTION_COUNT] = {
	[ACTION_ACCEPT] = "accept",
	[ACTION_ACCEPT_MESSAGE] = "accept-message",
	[ACTION_ACCEPT_CONNECTION] = "accept-connection",
	[ACTION_REJECT] = "reject",
	[ACTION_DEFER] = "defer",
	[ACTION_DISCONNECT] = "disconnect",
	[ACTION_DISCARD] = "discard",
	[ACTION_QUARANTINE] = "quarantine",
	[ACTION_LOG] = "log",
};

static const char *const would_verbs[ACTION_COUNT] = {
	[ACTION_REJECT] = "would-reject",
	[ACTION_DEFER] = "would-defer",
	[ACTION_DISCONNECT] = "would-disconnect",
	[ACTION_DISCARD] = "would-discard",
	[ACTION_QUARANTINE] = "would-quarantine",
};

/* Those of no rule's action. */
static const char *const other_verbs[] = { "skipped", "pass" };

enum {
	OTHER_VERBS = sizeof(other_verbs) / sizeof(other_verbs[0])
};

const char *
record_verb(size_t i)
{
	for (unsigned a = 0; a < ACTION_COUNT; a++)
		if (verbs[a] != NULL && i-- == 0)
			return verbs[a];
	for (unsigned a = 0; a < ACTION_COUNT; a++)
		if (would_verbs[a] != NULL && i-- == 0)
			return would_verbs[a];
	return i < OTHER_VERBS ? other_verbs[i] : NULL;
}

static struct record
record_begin(struct session *s, const struct decision *d, int64_t us)
{
	struct record r = { .kind = RECORD_DECISION,
		.stage = d->stage,
		.decided = d->stage,
		.session = session_id(s),
		.us = us };

	session_view(s, &r.who);
	return r;
}

/* False: it is not for the log. */
static bool
record_note(struct record *r, const struct note *note)
{
	enum action action = note->rule->action;

	r->rule = note->rule;
	r->reply = note->reply;
	r->text = STR_NONE;
	r->reason = note->text;
	switch (note->kind) {
	case NOTE_WOULD:
		r->kind = RECORD_WOULD;
		r->verb = would_verbs[action];
		break;
	case NOTE_LOG:
		r->kind = RECORD_NOTE;
		r->verb = verbs[ACTION_LOG];
		r->text = note->text;
		r->reason = STR_NONE;
		break;
	case NOTE_QUARANTINE:
		r->kind = RECORD_DECISION;
		r->verb = verbs[ACTION_QUARANTINE];
		break;
	case NOTE_SKIPPED:
		r->kind = RECORD_NOTE;
		r->verb = other_verbs[0];
		break;
	case NOTE_EFFECT:
		return false;
	}
	return true;
}

/* The word for what was done; NULL where there is nothing to say. */
static const char *
outcome_verb(const struct decision *d)
{
	switch (d->outcome) {
	case OUTCOME_ACCEPT:
		/* On error the rule's own action is not what was done. */
		return d->reason.p != NULL ? "accept" : verbs[d->rule->action];
	case OUTCOME_REJECT:
		return "reject";
	case OUTCOME_DEFER:
		return "defer";
	case OUTCOME_DISCONNECT:
		return "disconnect";
	case OUTCOME_DISCARD:
		return "discard";
	case OUTCOME_PASS:
	case OUTCOME_KEPT:
	case OUTCOME_PENDING:
	case OUTCOME_SILENT:
		break;
	}
	return NULL;
}

void
record_decision(struct session *s, const struct decision *d, int64_t us,
    void (*emit)(void *ctx, const struct record *r), void *ctx)
{
	const char *verb = outcome_verb(d);
	struct record r;

	if (verb == NULL && d->notes == NULL)
		return;
	r = record_begin(s, d, us);
	for (const struct note *note = d->notes; note != NULL;
	     note = note->next)
		if (record_note(&r, note))
			emit(ctx, &r);
	if (verb == NULL)
		return;
	r.kind = RECORD_DECISION;
	r.verb = verb;
	r.decided = d->decided;
	r.rule = d->rule;
	r.reply = d->reply;
	r.text = STR_NONE;
	r.reason = d->reason;
	emit(ctx, &r);
}

void
record_pass(struct session *s, int64_t us,
    void (*emit)(void *ctx, const struct record *r), void *ctx)
{
	struct decision d = { .stage = STAGE_MESSAGE };
	struct record r = record_begin(s, &d, us);

	r.kind = RECORD_PASS;
	r.verb = other_verbs[1];
	emit(ctx, &r);
}

/* ---- from records to lines ---------------------------------------------- */

/* True for octets that can end neither a value nor a line. */
static bool
is_plain(unsigned char c)
{
	switch (c) {
	case '"':
	case '<':
	case '>':
	case '\\':
		return false;
	default:
		return ascii_is_print(c);
	}
}

static void
add_hex(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	const char hex[] = { '\\', 'x', digits[c >> 4], digits[c & 15] };

	buf_str_add(out, str_of(hex, sizeof hex));
}

/* Octets that are not `good` become \xHH. */
static inline void
add_octets(struct buf *out, struct str s, bool (*good)(unsigned char))
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (good(str_at(s, i)))
			continue;
		buf_str_add(out, str_of(s.p + from, i - from));
		add_hex(out, str_at(s, i));
		from = i + 1;
	}
	if (s.n > from)
		buf_str_add(out, str_of(s.p + from, s.n - from));
}

static void
add_value(struct buf *out, struct str s)
{
	add_octets(out, str_sub(s, 0, RECORD_VALUE_MAX), is_plain);
	if (s.n > RECORD_VALUE_MAX)
		buf_c(out, "...");
}

static void
add_field(
    struct buf *out, struct str before, struct str value, struct str after)
{
	buf_str_add(out, before);
	add_value(out, value);
	buf_str_add(out, after);
}

static void
add_number(struct buf *out, struct str before, uint64_t num)
{
	buf_str_add(out, before);
	buf_u64(out, num);
}

/* A name is one word: what no name has would open a new field. */
static bool
is_name_octet(unsigned char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '.' || c == '_';
}

/* mail.example[203.0.113.9]; unknown[203.0.113.9]; local */
static void
add_client(struct buf *out, const struct session_view *who)
{
	if (who->client_ip.family == IP_NONE && who->client_name.n == 0) {
		buf_str_add(out, STR(" client=local"));
		return;
	}
	buf_str_add(out, STR(" client="));
	if (who->client_name.n == 0)
		buf_str_add(out, STR("unknown"));
	add_octets(out, who->client_name, is_name_octet);
	buf_char(out, '[');
	if (who->client_ip.family != IP_NONE)
		ip_print(who->client_ip, out);
	buf_char(out, ']');
}

/* A label is one word; FILE:LINE may have blanks and gets quotes then. */
static void
add_rule(struct buf *out, const struct rule *rule)
{
	bool plain = true;

	for (size_t i = 0; i < rule->name.n; i++) {
		unsigned char c = str_at(rule->name, i);

		if (!ascii_is_alnum(c) && strchr("-._:/+@", c) == NULL)
			plain = false;
	}
	if (plain)
		add_field(out, STR(" rule="), rule->name, STR(""));
	else
		add_field(out, STR(" rule=\""), rule->name, STR("\""));
}

/* Lines of a reply are shown apart by " / ", so many as are short. */
static void
add_reply(struct buf *out, const struct reply *reply)
{
	struct str rest = reply->text;
	struct str line;
	bool first = true;
	size_t start = out->n;

	add_number(out, STR(" reply=\""), reply->code);
	buf_char(out, ' ');
	buf_c(out, reply->xcode);
	while (str_split(&rest, '\n', &line)) {
		buf_c(out, first ? " " : " / ");
		add_value(out, line);
		first = false;
		if (out->n - start > REPLY_LINE_MAX)
			break;
	}
	buf_char(out, '"');
}

static void
add_envelope(struct buf *out, const struct record *r)
{
	const struct session_view *who = &r->who;

	if (r->kind == RECORD_PASS) {
		add_field(out, STR(" from=<"), who->sender, STR(">"));
		add_number(out, STR(" nrcpt="), who->recipients);
		if (who->has_size)
			add_number(out, STR(" size="), who->size);
	}
	add_client(out, who);
	if (who->helo.p != NULL)
		add_field(out, STR(" helo=<"), who->helo, STR(">"));
	if (r->kind == RECORD_PASS || !who->has_sender)
		return;
	add_field(out, STR(" from=<"), who->sender, STR(">"));
	if (who->rcpt.p != NULL)
		add_field(out, STR(" to=<"), who->rcpt, STR(">"));
	else if (r->stage == STAGE_DATA || r->stage == STAGE_MESSAGE)
		add_number(out, STR(" nrcpt="), who->recipients);
	if (who->has_size)
		add_number(out, STR(" size="), who->size);
}

/* The macro's text is the MTA's, but a line must not depend on it. */
static void
add_queue_id(struct buf *out, struct str id)
{
	if (id.n == 0)
		buf_c(out, "NOQUEUE");
	for (size_t i = 0; i < id.n; i++)
		buf_char(out, ascii_is_alnum(str_at(id, i)) ? id.p[i] : '?');
}

void
record_print(const struct record *r, struct buf *out)
{
	add_queue_id(out, r->who.queue_id);
	buf_c(out, ": ");
	buf_c(out, r->verb);
	buf_char(out, ':');
	if (r->kind != RECORD_PASS) {
		add_field(
		    out, STR(" stage="), str_c(stage_name(r->stage)), STR(""));
		if (r->decided != r->stage)
			add_field(out, STR(" decided="),
			    str_c(stage_name(r->decided)), STR(""));
		if (r->rule != NULL)
			add_rule(out, r->rule);
		if (r->reply.code != 0)
			add_reply(out, &r->reply);
		if (r->text.p != NULL)
			add_field(out, STR(" text=\""), r->text, STR("\""));
		if (r->reason.p != NULL)
			add_field(out, STR(" reason=\""), r->reason, STR("\""));
	}
	add_envelope(out, r);
	add_field(out, STR(" session="), r->session, STR(""));
	add_number(out, STR(" us="), r->us < 0 ? 0 : (uint64_t)r->us);
}
