/*
 * fact - the table of facts, made from fact.def.
 */
#include "lang/fact.h"

const struct fact_row fact_rows[FACT_COUNT] = {
#define FACT(id, name, type, stage, macro, flags, help)                        \
	[FACT_##id] = { STR(name), type, stage, macro, flags, help },
#include "lang/fact.def"
#undef FACT
};

_Static_assert(
    sizeof(fact_rows) / sizeof(fact_rows[0]) == FACT_COUNT, "one row per fact");

/* Names are near that differ in at most so many letters. */
enum {
	NEAR = 2
};

bool
fact_find(struct str name, enum fact *fact_r)
{
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		if (!str_eq(name, fact_rows[i].name))
			continue;
		*fact_r = (enum fact)i;
		return true;
	}
	return false;
}

struct str
fact_near(struct str name)
{
	unsigned most = NEAR;
	struct str near = STR_NONE;

	for (unsigned i = 0; i < FACT_COUNT; i++) {
		unsigned d = str_distance(name, fact_rows[i].name, most);
		if (d > most || d >= name.n)
			continue;
		near = fact_rows[i].name;
		if (d == 0)
			break;
		most = d - 1;
	}
	return near;
}

/*
 * Names from Postfix's policy protocol, from other languages, and from common
 * sense.
 */
static const struct {
	const char *name;
	const char *write;
} aliases[] = {
	{ "true",
	    "the condition alone, without == true; one that always holds is "
	    "left out" },
	{ "false",
	    "not before the condition, without == false; a rule that never "
	    "acts is put behind \"#\"" },
	{ "null", "FACT is absent, or sender is null" },
	{ "none", "FACT is absent" },
	{ "nil", "FACT is absent" },
	{ "undef", "FACT is absent" },
	{ "empty", "FACT is absent" },
	{ "client", "client.ip or client.name" },
	{ "client-address", "client.ip" },
	{ "client-addr", "client.ip" },
	{ "client.address", "client.ip" },
	{ "client.addr", "client.ip" },
	{ "client-ip", "client.ip" },
	{ "remote-addr", "client.ip" },
	{ "ip", "client.ip" },
	{ "client-name", "client.name" },
	{ "client.host", "client.name" },
	{ "client.hostname", "client.name" },
	{ "client.domain", "client.name" },
	{ "hostname", "client.name" },
	{ "reverse-client-name", "client.ptr" },
	{ "rdns", "client.ptr" },
	{ "ptr", "client.ptr" },
	{ "helo-name", "helo" },
	{ "helo.name", "helo" },
	{ "ehlo", "helo" },
	{ "from", "sender, or header(\"From\")" },
	{ "mail-from", "sender" },
	{ "mail.from", "sender" },
	{ "mailfrom", "sender" },
	{ "envfrom", "sender" },
	{ "envelope-from", "sender" },
	{ "return-path", "sender" },
	{ "sender.address", "sender" },
	{ "sender-domain", "sender.domain" },
	{ "sender.host", "sender.domain" },
	{ "sender.tld", "sender.domain in { .example }" },
	{ "sender.user", "sender.local" },
	{ "sender.localpart", "sender.local" },
	{ "sender.local-part", "sender.local" },
	{ "to", "rcpt, or header(\"To\")" },
	{ "rcpt-to", "rcpt" },
	{ "rcpt.to", "rcpt" },
	{ "rcptto", "rcpt" },
	{ "envrcpt", "rcpt" },
	{ "rcpt.address", "rcpt" },
	{ "recipient-domain", "rcpt.domain" },
	{ "rcpt-domain", "rcpt.domain" },
	{ "rcpt.tld", "rcpt.domain in { .example }" },
	{ "rcpt.user", "rcpt.local" },
	{ "rcpt.localpart", "rcpt.local" },
	{ "rcpt.local-part", "rcpt.local" },
	{ "recipients", "recipients.count, or any recipient ..." },
	{ "recipient-count", "recipients.count" },
	{ "recipient.count", "recipients.count" },
	{ "rcpt.count", "recipients.count" },
	{ "rcpts", "recipients.count, or any recipient ..." },
	{ "nrcpt", "recipients.count" },
	{ "sasl-username", "auth.user" },
	{ "sasl-sender", "auth.author" },
	{ "sasl-method", "auth.method" },
	{ "auth", "auth.user is present, or auth.user" },
	{ "authenticated", "auth.user is present" },
	{ "logged-in", "auth.user is present" },
	{ "auth.login", "auth.user" },
	{ "auth.username", "auth.user" },
	{ "login", "auth.user" },
	{ "username", "auth.user" },
	{ "size", "message.size" },
	{ "headers", "headers.count, headers.size or header(\"Name\")" },
	{ "subject", "header(\"Subject\")" },
	{ "tls", "tls.version is present" },
	{ "tls.protocol", "tls.version" },
	{ "encryption-protocol", "tls.version" },
	{ "encryption-cipher", "tls.cipher" },
	{ "encryption-keysize", "tls.bits" },
	{ "ccert-subject", "tls.subject" },
	{ "ccert-issuer", "tls.issuer" },
	{ "queue-id", "queue.id" },
	{ "now", "now.time, now.weekday or now.date" },
	{ "time", "now.time" },
	{ "now.hour", "now.time" },
	{ "hour", "now.time" },
	{ "weekday", "now.weekday" },
	{ "now.day", "now.weekday or now.date" },
	{ "day", "now.weekday" },
	{ "date", "now.date, or header(\"Date\")" },
};

const char *
fact_alias(struct str name)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (str_eq(name, str_c(aliases[i].name)))
			return aliases[i].write;
	return NULL;
}

bool
fact_is_fresh(enum fact fact)
{
	return fact_rows[fact].macro != NULL ||
	       (fact_rows[fact].flags & F_GROWS) != 0 ||
	       fact == FACT_NOW_TIME || fact == FACT_NOW_WEEKDAY ||
	       fact == FACT_NOW_DATE;
}

bool
stage_knows(enum stage at, enum stage from)
{
	if (from == STAGE_UNKNOWN || at == STAGE_UNKNOWN)
		return from == at ||
		       (at == STAGE_UNKNOWN && from <= STAGE_HELO);
	return from <= at;
}
