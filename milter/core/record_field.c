/*
 * record_field - what a record has, in the order of record_field.def.
 */
#include "core/record_field.h"

const struct record_field_row record_field_rows[RECORD_FIELD_COUNT] = {
#define FIELD(id, name, help) [RECORD_FIELD_##id] = { name, help },
#include "core/record_field.def"
#undef FIELD
};

struct writer {
	void (*emit)(
	    void *ctx, enum record_field field, struct record_value value);
	void *ctx;
};

static void
text(const struct writer *w, enum record_field field, struct str s)
{
	if (!str_is_none(s))
		w->emit(w->ctx, field, (struct record_value){ .text = s });
}

static void
number(const struct writer *w, enum record_field field, uint64_t n)
{
	w->emit(w->ctx, field,
	    (struct record_value){ .text = STR_NONE, .number = n });
}

static void
fields_rule(const struct writer *w, const struct record *r)
{
	text(w, RECORD_FIELD_VERB, str_c(r->verb));
	if (r->kind == RECORD_PASS)
		return;
	text(w, RECORD_FIELD_STAGE, str_c(stage_name(r->stage)));
	if (r->decided != r->stage)
		text(w, RECORD_FIELD_DECIDED, str_c(stage_name(r->decided)));
	if (r->rule != NULL) {
		text(w, RECORD_FIELD_RULE, r->rule->name);
		text(w, RECORD_FIELD_FILE, r->rule->file);
		if (r->rule->line > 0)
			number(w, RECORD_FIELD_LINE, r->rule->line);
	}
	if (r->reply.code != 0) {
		number(w, RECORD_FIELD_CODE, r->reply.code);
		text(w, RECORD_FIELD_XCODE, str_c(r->reply.xcode));
		text(w, RECORD_FIELD_REPLY, r->reply.text);
	}
	text(w, RECORD_FIELD_TEXT, r->text);
	text(w, RECORD_FIELD_REASON, r->reason);
}

static void
fields_client(const struct writer *w, const struct session_view *who)
{
	char room[IP_TEXT_MAX];
	struct buf ip = BUF_ON(room);

	if (who->client_name.n > 0)
		text(w, RECORD_FIELD_CLIENT_NAME, who->client_name);
	if (who->client_ip.family != IP_NONE) {
		ip_print(who->client_ip, &ip);
		text(w, RECORD_FIELD_CLIENT_IP, buf_str(&ip));
	}
	text(w, RECORD_FIELD_HELO, who->helo);
}

static void
fields_envelope(const struct writer *w, const struct record *r)
{
	const struct session_view *who = &r->who;
	bool late = r->kind == RECORD_PASS || r->stage == STAGE_DATA ||
		    r->stage == STAGE_MESSAGE;

	if (!who->has_sender)
		return;
	text(w, RECORD_FIELD_FROM, who->sender);
	text(w, RECORD_FIELD_TO, who->rcpt);
	if (str_is_none(who->rcpt) && late)
		number(w, RECORD_FIELD_NRCPT, who->recipients);
	if (who->has_size)
		number(w, RECORD_FIELD_SIZE, who->size);
}

void
record_fields(const struct record *r,
    void (*emit)(void *ctx, enum record_field field, struct record_value value),
    void *ctx)
{
	const struct writer w = { emit, ctx };

	fields_rule(&w, r);
	fields_client(&w, &r->who);
	fields_envelope(&w, r);
	if (r->who.queue_id.n > 0)
		text(&w, RECORD_FIELD_QUEUE_ID, r->who.queue_id);
	text(&w, RECORD_FIELD_SESSION, r->session);
	number(&w, RECORD_FIELD_US, r->us < 0 ? 0 : (uint64_t)r->us);
}
