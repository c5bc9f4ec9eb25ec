/*
 * offline_macro - the macros that Postfix would send, from the state of the
 * offline MTA; "X: macro" and "X: tls" come first.  Absent are those which
 * only a real MTA can know (the transport and next hop of an address).
 */
#include "tools/offline_int.h"

#include <stdio.h>

static const char *
text(struct offline *o, struct str s)
{
	struct buf b = BUF_ON(o->macro);

	if (s.p == NULL)
		return NULL;
	buf_str_add(&b, s);
	return buf_cstr(&b);
}

static const char *
get_client_addr(struct offline *o)
{
	struct buf b = BUF_ON(o->macro);

	if (o->client.ip.family == IP_V6)
		buf_c(&b, "IPv6:");
	buf_str_add(&b, o->client.addr);
	return buf_cstr(&b);
}

static const char *
get_peer(struct offline *o)
{
	const struct offline_client *c = &o->client;
	struct buf b = BUF_ON(o->macro);

	buf_printf(&b, "%.*s [%.*s]%s", STR_FMT(c->ptr), STR_FMT(c->addr),
	    str_eq_ci(c->ptr, c->name) ? "" : " (may be forged)");
	return buf_cstr(&b);
}

static const char *
get_address(struct offline *o, struct str raw, enum path_kind kind)
{
	struct address a;

	if (raw.p == NULL ||
	    !address_parse(raw, kind, o->smtputf8, o->scratch, &a))
		return NULL;
	return text(o, a.norm);
}

static const char *
get_mail_addr(struct offline *o)
{
	return get_address(o, o->sender_raw, PATH_REVERSE);
}

static const char *
get_rcpt_addr(struct offline *o)
{
	return get_address(o, o->rcpt_raw, PATH_FORWARD);
}

static const char *
get_client_name(struct offline *o)
{
	return text(o, o->client.name);
}

static const char *
get_client_ptr(struct offline *o)
{
	return text(o, o->client.ptr);
}

static const char *
get_client_port(struct offline *o)
{
	return text(o, o->client.port);
}

static const char *
get_client_resolve(struct offline *o)
{
	return o->client.resolve;
}

static const char *
get_daemon_addr(struct offline *o)
{
	return text(o, o->client.daemon_addr);
}

static const char *
get_daemon_port(struct offline *o)
{
	return text(o, o->client.daemon_port);
}

static const char *
get_auth_authen(struct offline *o)
{
	return text(o, o->client.login);
}

static const char *
get_auth_type(struct offline *o)
{
	return o->client.login.p == NULL ? NULL : "XCLIENT";
}

static const char *
get_auth_author(struct offline *o)
{
	return text(o, o->mail_auth);
}

static const char *
get_queue_id(struct offline *o)
{
	return o->queue_id[0] == '\0' ? NULL : o->queue_id;
}

/* clang-format off */
static const struct macro_row {
	const char *name;
	const char *(*get)(struct offline *);
	const char *constant;
} rows[] = {
	{ "j",                    NULL, OFFLINE_HOST },
	{ "v",                    NULL, "Postfix 3.7.11" },
	{ "_",                    get_peer, NULL },
	{ "i",                    get_queue_id, NULL },
	{ "{daemon_name}",        NULL, OFFLINE_HOST },
	{ "{daemon_addr}",        get_daemon_addr, NULL },
	{ "{daemon_port}",        get_daemon_port, NULL },
	{ "{client_addr}",        get_client_addr, NULL },
	{ "{client_name}",        get_client_name, NULL },
	{ "{client_port}",        get_client_port, NULL },
	{ "{client_ptr}",         get_client_ptr, NULL },
	{ "{client_resolve}",     get_client_resolve, NULL },
	{ "{client_connections}", NULL, "0" },
	{ "{auth_authen}",        get_auth_authen, NULL },
	{ "{auth_type}",          get_auth_type, NULL },
	{ "{auth_author}",        get_auth_author, NULL },
	{ "{mail_addr}",          get_mail_addr, NULL },
	{ "{rcpt_addr}",          get_rcpt_addr, NULL },
};
/* clang-format on */

/* What the last "X: tls" says of that macro; true if there was one. */
static bool
from_tls(struct offline *o, const struct transcript_line *line, struct str name,
    const char **value_r)
{
	if (str_eq(name, STR("{tls_version}")))
		*value_r = text(o, line->name);
	else if (str_eq(name, STR("{cipher}")))
		*value_r = text(o, line->cipher);
	else if (str_eq(name, STR("{cipher_bits}"))) {
		(void)snprintf(o->macro, sizeof o->macro, "%u", line->bits);
		*value_r = o->macro;
	} else
		return false;
	return true;
}

const char *
offline_macro(void *ctx, const char *name)
{
	struct offline *o = ctx;
	struct str want = str_c(name);
	const char *value;

	for (struct transcript_control *c = o->controls; c != NULL;
	     c = c->next) {
		if (c->line->kind == LINE_MACRO && str_eq(c->line->name, want))
			return text(o, c->line->text);
		if (c->line->kind == LINE_TLS &&
		    from_tls(o, c->line, want, &value))
			return value;
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (str_eq(want, str_c(rows[i].name)))
			return rows[i].get == NULL ? rows[i].constant
						   : rows[i].get(o);
	return NULL;
}
