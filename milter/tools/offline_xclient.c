/*
 * offline_xclient - XCLIENT as Postfix takes it: the attributes replace what
 * is known of the client, then everything begins again at the greeting, with
 * a new milter connection.  HELO= is not told to the milter.
 *
 * One faulty attribute and none of them counts.
 */
#include "tools/offline_int.h"

#define UNKNOWN STR("unknown")

static bool
is_unavailable(struct str value)
{
	return str_eq_ci(value, STR("[UNAVAILABLE]"));
}

/* A host name as Postfix wants it; all digits and dots is an address. */
static bool
is_hostname(struct str name)
{
	bool letter = false;

	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = str_at(name, i);

		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.')
			return false;
		letter = letter || !(ascii_is_digit(c) || c == '.');
	}
	return letter && name.n <= 255 && name.p[0] != '.' && name.p[0] != '-';
}

/* "65535" at most; [UNAVAILABLE] is 0. */
static bool
port_value(struct str value, struct str *port_r)
{
	uint64_t port = 0;

	if (!is_unavailable(value) &&
	    (!str_to_u64(value, &port) || value.n > 5))
		return false;
	*port_r = port == 0 || port > 65535 ? STR("0") : value;
	return true;
}

static bool
set_name(struct offline_client *c, struct str value)
{
	bool temporary = str_eq_ci(value, STR("[TEMPUNAVAIL]"));

	if (is_unavailable(value) || temporary) {
		c->name = UNKNOWN;
		c->resolve = temporary ? "TEMP" : "FAIL";
		return true;
	}
	c->name = value;
	c->ptr = value;
	c->resolve = "OK";
	return is_hostname(value);
}

static bool
set_ptr(struct offline_client *c, struct str value)
{
	if (is_unavailable(value) || str_eq_ci(value, STR("[TEMPUNAVAIL]"))) {
		c->ptr = UNKNOWN;
		return true;
	}
	c->ptr = value;
	return is_hostname(value);
}

static bool
address_value(struct str value, struct str *addr_r, struct ip *ip_r)
{
	struct why why;

	if (is_unavailable(value)) {
		*addr_r = UNKNOWN;
		*ip_r = (struct ip){ .family = IP_NONE };
		return true;
	}
	if (str_starts_ci(value, STR("IPv6:")))
		value = str_from(value, 5);
	*addr_r = value;
	return ip_parse(value, ip_r, &why);
}

static bool
set_addr(struct offline_client *c, struct str value)
{
	return address_value(value, &c->addr, &c->ip);
}

static bool
set_port(struct offline_client *c, struct str value)
{
	return port_value(value, &c->port);
}

static bool
set_login(struct offline_client *c, struct str value)
{
	c->login = is_unavailable(value) ? STR_NONE : value;
	return true;
}

static bool
set_destaddr(struct offline_client *c, struct str value)
{
	struct ip ip;

	return address_value(value, &c->daemon_addr, &ip);
}

static bool
set_destport(struct offline_client *c, struct str value)
{
	return port_value(value, &c->daemon_port);
}

static bool
set_helo(struct offline_client *c, struct str value)
{
	(void)c;
	return value.n <= 255;
}

static bool
set_proto(struct offline_client *c, struct str value)
{
	(void)c;
	return str_eq_ci(value, STR("SMTP")) || str_eq_ci(value, STR("ESMTP"));
}

static const struct attribute {
	const char *name;
	bool (*set)(struct offline_client *, struct str);
} attributes[] = {
	{ "NAME", set_name },
	{ "REVERSE_NAME", set_ptr },
	{ "ADDR", set_addr },
	{ "PORT", set_port },
	{ "LOGIN", set_login },
	{ "DESTADDR", set_destaddr },
	{ "DESTPORT", set_destport },
	{ "HELO", set_helo },
	{ "PROTO", set_proto },
};

static const struct attribute *
attribute_find(struct str name)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
		if (str_eq_ci(name, str_c(attributes[i].name)))
			return &attributes[i];
	return NULL;
}

/* "NAME=value" into *client; false with the reply said. */
static bool
take(struct offline *o, struct str word, struct offline_client *client)
{
	size_t equals = str_find(word, '=');
	struct str name = str_sub(word, 0, equals);
	const struct attribute *attribute;
	struct str value, decoded;

	if (equals == STR_NOWHERE || equals + 1 == word.n) {
		offline_say(o, "501 5.5.4 Error: attribute=value expected");
		return false;
	}
	value = str_from(word, equals + 1);
	if (value.n > 255) {
		offline_say(o, "501 5.5.4 Error: attribute value too long");
		return false;
	}
	decoded = xtext_decode(value, o->scratch);
	if (decoded.p != NULL)
		value = decoded;
	attribute = attribute_find(name);
	if (attribute == NULL) {
		offline_say(o, "501 5.5.4 Bad XCLIENT attribute name: %.*s",
		    STR_FMT(name));
		return false;
	}
	if (!attribute->set(client, arena_xstr(o->arena, value))) {
		offline_say(o, "501 5.5.4 Bad %s syntax: %.*s", attribute->name,
		    STR_FMT(value));
		return false;
	}
	return true;
}

/* The address in its canonical form, as Postfix shows it. */
static void
canonical(struct offline *o, struct offline_client *client)
{
	char text[IP_TEXT_MAX];
	struct buf b = BUF_ON(text);

	if (client->ip.family == IP_NONE)
		return;
	ip_print(client->ip, &b);
	client->addr = arena_xstr(o->arena, buf_str(&b));
}

bool
offline_xclient(struct offline *o, size_t n, const struct str *words)
{
	struct offline_client client = o->client;

	client.login = STR_NONE;
	for (size_t i = 0; i < n; i++)
		if (!take(o, words[i], &client))
			return false;
	canonical(o, &client);
	o->client = client;
	offline_message_end(o);
	offline_connect(o);
	return true;
}
