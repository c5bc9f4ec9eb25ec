/*
 * facts - one getter per row of lang/fact.def.
 *
 * A getter leaves the value absent where there is none; the type is set
 * before it is called.  Facts that come from a macro share one getter, which
 * reads the macro as the fact's type.
 */
#include "core/session_int.h"

#include <time.h>

/* What a getter may look at. */
struct fact_source {
	struct session *s;
	const struct recipient *element;
	const struct fact_row *row;
};

typedef void fact_getter(const struct fact_source *f, struct value *v);

static void
set_num(struct value *v, uint64_t num)
{
	v->state = VALUE_PRESENT;
	v->num = num > INT64_MAX ? INT64_MAX : (int64_t)num;
}

static void
set_signed(struct value *v, int64_t num)
{
	v->state = VALUE_PRESENT;
	v->num = num;
}

/* None is absent. */
static void
set_str(struct value *v, struct str str)
{
	if (str.p == NULL)
		return;
	v->state = VALUE_PRESENT;
	v->str = str;
}

static void
set_ip(struct value *v, struct ip ip)
{
	if (ip.family == IP_NONE)
		return;
	v->state = VALUE_PRESENT;
	v->ip = ip;
}

static void
set_address(struct value *v, const struct address *address)
{
	if (address->norm.p == NULL)
		return;
	v->state = VALUE_PRESENT;
	v->address = address;
}

/* ---- facts from macros -------------------------------------------------- */

/* Sendmail and Postfix tag IPv6 addresses in macros. */
static struct str
without_ip_tag(struct str s)
{
	return str_starts_ci(s, STR("IPv6:")) ? str_from(s, 5) : s;
}

static void
get_macro(const struct fact_source *f, struct value *v)
{
	struct str text = session_macro(f->s, f->row->macro);
	struct ip ip;
	uint64_t num;

	if (text.n == 0)
		return;
	switch (f->row->type) {
	case T_NUMBER:
		if (str_to_u64(text, &num))
			set_num(v, num);
		break;
	case T_IP:
		if (ip_parse(without_ip_tag(text), &ip, NULL))
			set_ip(v, ip);
		break;
	case T_DOMAIN:
		if (!str_eq_ci(text, STR("unknown")) && str_at(text, 0) != '[')
			set_str(v, domain_normal(text, f->s->scratch));
		break;
	default:
		set_str(v, text);
		break;
	}
}

static void
get_queue_id(const struct fact_source *f, struct value *v)
{
	set_str(v, session_queue_id(f->s));
}

/* ---- connection and HELO ------------------------------------------------ */

static void
get_client_ip(const struct fact_source *f, struct value *v)
{
	set_ip(v, f->s->client_ip);
}

static void
get_client_name(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->client_name);
}

static void
get_client_port(const struct fact_source *f, struct value *v)
{
	if (f->s->client_port != 0)
		set_num(v, f->s->client_port);
}

static void
get_helo(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->helo);
}

static void
get_helo_ip(const struct fact_source *f, struct value *v)
{
	set_ip(v, f->s->helo_ip);
}

static void
get_helo_fault(const struct fact_source *f, struct value *v)
{
	set_str(v, fault_word(f->s->helo_fault));
}

/* ---- MAIL --------------------------------------------------------------- */

static void
get_sender(const struct fact_source *f, struct value *v)
{
	set_address(v, &f->s->sender);
}

static void
get_sender_local(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->sender.local);
}

static void
get_sender_domain(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->sender.domain);
}

static void
get_sender_fault(const struct fact_source *f, struct value *v)
{
	set_str(v, fault_word(f->s->sender.fault));
}

static void
get_sender_raw(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->sender.raw);
}

static void
get_mail_size(const struct fact_source *f, struct value *v)
{
	if (f->s->mail.has_size)
		set_num(v, f->s->mail.size);
}

static void
get_mail_body(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->mail.body);
}

static void
get_mail_smtputf8(const struct fact_source *f, struct value *v)
{
	v->state = VALUE_PRESENT;
	v->truth = f->s->mail.smtputf8;
}

static void
get_mail_ret(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->mail.ret);
}

static void
get_mail_envid(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->mail.envid);
}

static void
get_mail_auth(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->mail.auth);
}

static void
get_mail_by(const struct fact_source *f, struct value *v)
{
	if (f->s->mail.by_mode.p != NULL)
		set_signed(v, f->s->mail.by);
}

static void
get_mail_by_mode(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->mail.by_mode);
}

/* What is left, at the time of asking; 0 once it is past. */
static void
get_mail_hold_for(const struct fact_source *f, struct value *v)
{
	const struct clock *clock = f->s->env.clock;
	int64_t left = f->s->mail.hold;

	switch (f->s->mail.hold_kind) {
	case HOLD_NONE:
		return;
	case HOLD_FOR:
		break;
	case HOLD_UNTIL:
		left -= clock->wall(clock->ctx);
		break;
	}
	set_signed(v, left < 0 ? 0 : left);
}

static void
get_mail_priority(const struct fact_source *f, struct value *v)
{
	if (f->s->mail.has_priority)
		set_signed(v, f->s->mail.priority);
}

static void
get_mail_requiretls(const struct fact_source *f, struct value *v)
{
	v->state = VALUE_PRESENT;
	v->truth = f->s->mail.requiretls;
}

static void
get_mail_parameter_fault(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->mail.fault);
}

/* ---- RCPT, and the element of any and all ------------------------------- */

static void
get_rcpt(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_address(v, &f->element->address);
}

static void
get_rcpt_local(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_str(v, f->element->address.local);
}

static void
get_rcpt_domain(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_str(v, f->element->address.domain);
}

static void
get_rcpt_fault(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_str(v, fault_word(f->element->address.fault));
}

static void
get_rcpt_raw(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_str(v, f->element->address.raw);
}

static void
get_rcpt_notify(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_str(v, f->element->param.notify);
}

static void
get_rcpt_orcpt(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_str(v, f->element->param.orcpt);
}

static void
get_rcpt_parameter_fault(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_str(v, f->element->param.fault);
}

/* Empty, as for a recipient that the MTA has not looked up, is absent. */
static void
set_rcpt_macro(struct value *v, struct str text)
{
	if (text.n > 0)
		set_str(v, text);
}

static void
get_rcpt_mailer(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_rcpt_macro(v, f->element->mailer);
}

static void
get_rcpt_host(const struct fact_source *f, struct value *v)
{
	if (f->element != NULL)
		set_rcpt_macro(v, f->element->host);
}

static void
get_recipients_count(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->accepted + (f->s->stage == STAGE_RCPT ? 1 : 0));
}

static void
get_recipients_tried(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->tried);
}

/* ---- the message -------------------------------------------------------- */

static void
get_message_size(const struct fact_source *f, struct value *v)
{
	const struct session *s = f->s;

	if (s->stage != STAGE_MESSAGE) {
		get_mail_size(f, v);
		return;
	}
	/* The empty line between headers and body counts too. */
	set_num(v, s->headers_size + 2 + s->body_size);
	if (!s->all_in)
		v->state = VALUE_PENDING;
}

/* What the message has, once it was seen; has not, once all is in. */
static void
set_seen(const struct fact_source *f, struct value *v, bool seen)
{
	v->truth = seen;
	v->state = seen || f->s->all_in ? VALUE_PRESENT : VALUE_PENDING;
}

static void
get_message_longest_line(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->octets.longest);
	if (!f->s->all_in)
		v->state = VALUE_PENDING;
}

static void
get_message_eight_bit(const struct fact_source *f, struct value *v)
{
	set_seen(f, v, f->s->octets.eight_bit);
}

static void
get_message_bare_cr(const struct fact_source *f, struct value *v)
{
	set_seen(f, v, f->s->octets.bare_cr);
}

static void
get_message_bare_lf(const struct fact_source *f, struct value *v)
{
	set_seen(f, v, f->s->octets.bare_lf);
}

static void
get_message_nul(const struct fact_source *f, struct value *v)
{
	set_seen(f, v, f->s->octets.nul);
}

static void
get_headers_eight_bit(const struct fact_source *f, struct value *v)
{
	v->state = VALUE_PRESENT;
	v->truth = f->s->octets.header_eight_bit;
}

static void
get_headers_count(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->headers_count);
}

static void
get_headers_size(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->headers_size);
}

static void
get_command(const struct fact_source *f, struct value *v)
{
	set_str(v, f->s->command);
}

/* ---- the session and the time ------------------------------------------- */

static void
get_session_messages(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->messages + (f->s->stage == STAGE_MAIL ? 1 : 0));
}

static void
get_session_rejects(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->rejects);
}

static void
get_session_unknowns(const struct fact_source *f, struct value *v)
{
	set_num(v, f->s->unknowns);
}

/* False when the time cannot be told as a calendar's. */
static bool
local_now(const struct fact_source *f, struct tm *tm_r)
{
	const struct clock *clock = f->s->env.clock;

	return clock->local(clock->ctx, clock->wall(clock->ctx), tm_r);
}

static void
get_now_time(const struct fact_source *f, struct value *v)
{
	struct tm tm;

	if (local_now(f, &tm))
		set_num(v, (uint64_t)tm.tm_hour * 60 + (uint64_t)tm.tm_min);
}

static void
get_now_weekday(const struct fact_source *f, struct value *v)
{
	static const struct str days[] = { STR("sun"), STR("mon"), STR("tue"),
		STR("wed"), STR("thu"), STR("fri"), STR("sat") };
	struct tm tm;

	if (local_now(f, &tm))
		set_str(v, days[tm.tm_wday]);
}

static void
get_now_date(const struct fact_source *f, struct value *v)
{
	struct tm tm;

	if (!local_now(f, &tm))
		return;
	v->state = VALUE_PRESENT;
	v->num = date_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* ---- the table ---------------------------------------------------------- */

static fact_getter *const getters[FACT_COUNT] = {
	[FACT_CLIENT_IP] = get_client_ip,
	[FACT_CLIENT_NAME] = get_client_name,
	[FACT_CLIENT_PORT] = get_client_port,
	[FACT_CLIENT_PTR] = get_macro,
	[FACT_CLIENT_RESOLVE] = get_macro,
	[FACT_DAEMON_NAME] = get_macro,
	[FACT_DAEMON_IP] = get_macro,
	[FACT_DAEMON_PORT] = get_macro,
	[FACT_MTA_NAME] = get_macro,
	[FACT_HELO] = get_helo,
	[FACT_HELO_IP] = get_helo_ip,
	[FACT_HELO_FAULT] = get_helo_fault,
	[FACT_TLS_VERSION] = get_macro,
	[FACT_TLS_CIPHER] = get_macro,
	[FACT_TLS_BITS] = get_macro,
	[FACT_TLS_VERIFY] = get_macro,
	[FACT_TLS_SUBJECT] = get_macro,
	[FACT_TLS_ISSUER] = get_macro,
	[FACT_SENDER] = get_sender,
	[FACT_SENDER_LOCAL] = get_sender_local,
	[FACT_SENDER_DOMAIN] = get_sender_domain,
	[FACT_SENDER_FAULT] = get_sender_fault,
	[FACT_SENDER_RAW] = get_sender_raw,
	[FACT_AUTH_USER] = get_macro,
	[FACT_AUTH_METHOD] = get_macro,
	[FACT_AUTH_AUTHOR] = get_macro,
	[FACT_MAIL_SIZE] = get_mail_size,
	[FACT_MAIL_BODY] = get_mail_body,
	[FACT_MAIL_SMTPUTF8] = get_mail_smtputf8,
	[FACT_MAIL_RET] = get_mail_ret,
	[FACT_MAIL_ENVID] = get_mail_envid,
	[FACT_MAIL_AUTH] = get_mail_auth,
	[FACT_MAIL_BY] = get_mail_by,
	[FACT_MAIL_BY_MODE] = get_mail_by_mode,
	[FACT_MAIL_HOLD_FOR] = get_mail_hold_for,
	[FACT_MAIL_PRIORITY] = get_mail_priority,
	[FACT_MAIL_REQUIRETLS] = get_mail_requiretls,
	[FACT_MAIL_PARAMETER_FAULT] = get_mail_parameter_fault,
	[FACT_RCPT] = get_rcpt,
	[FACT_RCPT_LOCAL] = get_rcpt_local,
	[FACT_RCPT_DOMAIN] = get_rcpt_domain,
	[FACT_RCPT_FAULT] = get_rcpt_fault,
	[FACT_RCPT_RAW] = get_rcpt_raw,
	[FACT_RCPT_NOTIFY] = get_rcpt_notify,
	[FACT_RCPT_ORCPT] = get_rcpt_orcpt,
	[FACT_RCPT_PARAMETER_FAULT] = get_rcpt_parameter_fault,
	[FACT_RCPT_MAILER] = get_rcpt_mailer,
	[FACT_RCPT_HOST] = get_rcpt_host,
	[FACT_RECIPIENTS_COUNT] = get_recipients_count,
	[FACT_RECIPIENTS_TRIED] = get_recipients_tried,
	[FACT_RECIPIENT] = get_rcpt,
	[FACT_RECIPIENT_LOCAL] = get_rcpt_local,
	[FACT_RECIPIENT_DOMAIN] = get_rcpt_domain,
	[FACT_RECIPIENT_NOTIFY] = get_rcpt_notify,
	[FACT_RECIPIENT_ORCPT] = get_rcpt_orcpt,
	[FACT_QUEUE_ID] = get_queue_id,
	[FACT_MESSAGE_SIZE] = get_message_size,
	[FACT_MESSAGE_LONGEST_LINE] = get_message_longest_line,
	[FACT_MESSAGE_EIGHT_BIT] = get_message_eight_bit,
	[FACT_MESSAGE_BARE_CR] = get_message_bare_cr,
	[FACT_MESSAGE_BARE_LF] = get_message_bare_lf,
	[FACT_MESSAGE_NUL] = get_message_nul,
	[FACT_HEADERS_COUNT] = get_headers_count,
	[FACT_HEADERS_SIZE] = get_headers_size,
	[FACT_HEADERS_EIGHT_BIT] = get_headers_eight_bit,
	[FACT_COMMAND] = get_command,
	[FACT_SESSION_MESSAGES] = get_session_messages,
	[FACT_SESSION_REJECTS] = get_session_rejects,
	[FACT_SESSION_UNKNOWNS] = get_session_unknowns,
	[FACT_NOW_TIME] = get_now_time,
	[FACT_NOW_WEEKDAY] = get_now_weekday,
	[FACT_NOW_DATE] = get_now_date,
};

void
fact_get(struct session *s, enum fact fact, const struct recipient *element,
    struct value *value_r)
{
	const struct fact_row *row = &fact_rows[fact];
	struct fact_source f = { s, element, row };

	*value_r = (struct value){ .type = row->type, .state = VALUE_ABSENT };
	if ((row->flags & F_ELEMENT) == 0)
		f.element = s->stage == STAGE_RCPT ? s->rcpt : s->last_rcpt;
	getters[fact](&f, value_r);
}
