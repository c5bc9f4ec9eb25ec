/*
 * load_wire - packets of the milter protocol.
 *
 *     packet = length(4) command(1) data        length: of command and data
 *
 * Those that are always the same are made once for all connections; macro
 * packets are made anew when a filter asks for other macros than the one
 * before.
 */
#include "load.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SYMLIST_MAX = 4096,
};

static const struct {
	char command;
	unsigned long no;
	unsigned long nr;
	int macros; /* SMFIM_, -1: none */
} rows[EVENT_COUNT] = {
	[EVENT_NEGOTIATE] = { SMFIC_OPTNEG, 0, 0, -1 },
	[EVENT_CONNECT] = { SMFIC_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN,
	    SMFIM_CONNECT },
	[EVENT_HELO] = { SMFIC_HELO, SMFIP_NOHELO, SMFIP_NR_HELO, SMFIM_HELO },
	[EVENT_MAIL] = { SMFIC_MAIL, SMFIP_NOMAIL, SMFIP_NR_MAIL,
	    SMFIM_ENVFROM },
	[EVENT_RCPT] = { SMFIC_RCPT, SMFIP_NORCPT, SMFIP_NR_RCPT,
	    SMFIM_ENVRCPT },
	[EVENT_DATA] = { SMFIC_DATA, SMFIP_NODATA, SMFIP_NR_DATA, SMFIM_DATA },
	[EVENT_HEADER] = { SMFIC_HEADER, SMFIP_NOHDRS, SMFIP_NR_HDR, -1 },
	[EVENT_EOH] = { SMFIC_EOH, SMFIP_NOEOH, SMFIP_NR_EOH, SMFIM_EOH },
	[EVENT_BODY] = { SMFIC_BODY, SMFIP_NOBODY, SMFIP_NR_BODY, -1 },
	[EVENT_EOM] = { SMFIC_BODYEOB, 0, 0, SMFIM_EOM },
	[EVENT_QUIT] = { SMFIC_QUIT, 0, ~0ul, -1 },
};

/* What Postfix sends where it was asked for nothing else. */
static const char *const usual_macros[SMFIM_LAST + 1] = {
	[SMFIM_CONNECT] = "j {daemon_name} {daemon_addr} v _",
	[SMFIM_HELO] = "{tls_version} {cipher} {cipher_bits} {cert_subject} "
		       "{cert_issuer}",
	[SMFIM_ENVFROM] = "i {auth_type} {auth_authen} {auth_author} "
			  "{mail_addr} {mail_host} {mail_mailer}",
	[SMFIM_ENVRCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	[SMFIM_DATA] = "i",
	[SMFIM_EOM] = "i",
	[SMFIM_EOH] = "i",
};

/* Those that an unauthenticated client without TLS has. */
static const struct {
	const char *name;
	const char *value;
} macro_values[] = {
	{ "j", "mx.destination.example" }, { "{daemon_name}", "smtpd" },
	{ "{daemon_addr}", "192.0.2.25" }, { "{daemon_port}", "25" },
	{ "v", "Postfix 3.7" }, { "_", "mail.origin.example [203.0.113.9]" },
	{ "{client_addr}", "203.0.113.9" },
	{ "{client_name}", "mail.origin.example" },
	{ "{client_ptr}", "mail.origin.example" }, { "{client_resolve}", "OK" },
	{ "{mail_addr}", "sender@origin.example" },
	{ "{mail_host}", "origin.example" }, { "{mail_mailer}", "smtp" },
	{ "{rcpt_addr}", "recipient@destination.example" },
	{ "{rcpt_host}", "destination.example" }, { "{rcpt_mailer}", "smtp" },
	{ "i", "4ZbX1k0Vq9z2Wq" }, /* once there is a queue file */
};

/* ---- octets ------------------------------------------------------------- */

void
octets_add(struct octets *o, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (o->n + n > o->room) {
		o->room = (o->n + n) * 2;
		o->p = realloc(o->p, o->room);
		if (o->p == NULL)
			abort();
	}
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void
packet_begin(struct octets *out, char command, size_t n)
{
	uint32_t length = htonl((uint32_t)n + 1);

	octets_add(out, &length, sizeof length);
	octets_add(out, &command, 1);
}

static void
packet_add(struct octets *out, char command, const void *p, size_t n)
{
	packet_begin(out, command, n);
	octets_add(out, p, n);
}

/* ---- macros and negotiation --------------------------------------------- */

/* What was asked for last, as it came. */
static struct {
	char data[SYMLIST_MAX];
	size_t n;
	unsigned long actions;
	unsigned long steps;
	unsigned long version;
	const char *macros[SMFIM_LAST + 1];      /* point into data */
	struct octets packet[SMFIM_LAST + 1][2]; /* without, with queue id */
} last;

static const char *
macro_value(const char *name, size_t n, bool queued)
{
	for (size_t i = 0; i < sizeof macro_values / sizeof macro_values[0];
	     i++) {
		const char *known = macro_values[i].name;

		if (strlen(known) == n && memcmp(known, name, n) == 0)
			return !queued && n == 1 && *name == 'i'
				   ? NULL
				   : macro_values[i].value;
	}
	return NULL;
}

/* The packet of a stage's macros, of those that have a value. */
static void
macro_packet_make(enum event event, const char *names, bool queued)
{
	struct octets data = { NULL, 0, 0, 0 };
	struct octets *packet = &last.packet[rows[event].macros][queued];

	octets_add(&data, &rows[event].command, 1);
	while (*names != '\0') {
		size_t n = strcspn(names, " ");
		const char *value = macro_value(names, n, queued);

		if (n > 0 && value != NULL) {
			octets_add(&data, names, n);
			octets_add(&data, "", 1);
			octets_add(&data, value, strlen(value) + 1);
		}
		names += n + (names[n] == ' ');
	}
	packet->n = 0;
	packet_add(packet, SMFIC_MACRO, data.p, data.n);
	free(data.p);
}

static void
macro_packets_make(void)
{
	for (unsigned i = 0; i < EVENT_COUNT; i++) {
		const char *names;

		if (rows[i].macros < 0)
			continue;
		names = last.macros[rows[i].macros];
		if (names == NULL)
			names = usual_macros[rows[i].macros];
		macro_packet_make((enum event)i, names, false);
		macro_packet_make((enum event)i, names, true);
	}
}

static unsigned long
number_at(const char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof n);
	return ntohl(n);
}

/* stage(4) "names\0" ...; behind the three numbers */
static bool
symlists_take(void)
{
	size_t i = 12;

	memset(last.macros, 0, sizeof last.macros);
	while (i < last.n) {
		unsigned long stage;
		const char *end;

		if (last.n - i < 5)
			return false;
		stage = number_at(last.data + i);
		end = memchr(last.data + i + 4, '\0', last.n - i - 4);
		if (stage > SMFIM_LAST || end == NULL)
			return false;
		last.macros[stage] = last.data + i + 4;
		i = (size_t)(end - last.data) + 1;
	}
	return true;
}

bool
negotiated(const char *p, size_t n, unsigned long *steps_r)
{
	bool known = n == last.n && memcmp(p, last.data, n) == 0;

	if (n < 12 || n > sizeof last.data)
		return false;
	*steps_r = number_at(p + 8);
	if (known)
		return true;
	memcpy(last.data, p, n);
	last.n = n;
	last.version = number_at(p);
	last.actions = number_at(p + 4);
	last.steps = *steps_r;
	if (!symlists_take())
		return false;
	macro_packets_make();
	return true;
}

void
negotiated_print(void)
{
	static const char *const names[SMFIM_LAST + 1] = {
		[SMFIM_CONNECT] = "connect",
		[SMFIM_HELO] = "helo",
		[SMFIM_ENVFROM] = "mail",
		[SMFIM_ENVRCPT] = "rcpt",
		[SMFIM_DATA] = "data",
		[SMFIM_EOM] = "eom",
		[SMFIM_EOH] = "eoh",
	};

	printf("version=%lu\nactions=0x%lx\nsteps=0x%lx\n", last.version,
	    last.actions, last.steps);
	for (unsigned i = 0; i <= SMFIM_LAST; i++)
		if (last.macros[i] != NULL)
			printf("macros_%s=%s\n", names[i], last.macros[i]);
}

/* ---- events ------------------------------------------------------------- */

bool
event_comes(enum event event, unsigned long steps)
{
	return (steps & rows[event].no) == 0;
}

bool
event_is_answered(enum event event, unsigned long steps)
{
	return (steps & rows[event].nr) == 0;
}

/* The text of a mail, as octets of any number. */
static const char *
body_text(void)
{
	static char text[CHUNK_MAX];
	static const char line[] =
	    "The quick brown fox jumps over the lazy dog, again and again.\r\n";

	if (text[0] == '\0')
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = line[i % (sizeof line - 1)];
	return text;
}

static const struct {
	const char *name;
	const char *value;
} fields[] = {
	{ "Received", "from origin.example (mail.origin.example "
		      "[203.0.113.9])\n\tby mx.destination.example (Postfix) "
		      "with ESMTP id 4ZbX1k0Vq9z2Wq" },
	{ "From", "Sender <sender@origin.example>" },
	{ "To", "Recipient <recipient@destination.example>" },
	{ "Subject", "How fast is it?" },
	{ "Date", "Thu, 26 Nov 2026 12:00:00 +0000" },
	{ "Message-ID", "<20261126120000.4711@origin.example>" },
	{ "MIME-Version", "1.0" },
	{ "Content-Type", "text/plain; charset=utf-8" },
};

static void
header_add(struct octets *out, size_t index)
{
	size_t i = index % (sizeof fields / sizeof fields[0]);
	size_t name = strlen(fields[i].name) + 1;
	size_t value = strlen(fields[i].value) + 1;

	packet_begin(out, SMFIC_HEADER, name + value);
	octets_add(out, fields[i].name, name);
	octets_add(out, fields[i].value, value);
}

static void
negotiation_add(struct octets *out, const struct shape *shape)
{
	uint32_t data[3] = { htonl(shape->version),
		htonl(shape->version < 6 ? 0x3f : 0x1ff),
		htonl((uint32_t)shape->steps) };

	packet_add(out, SMFIC_OPTNEG, data, sizeof data);
}

static void
data_add(struct octets *out, enum event event, size_t index)
{
	static const char mail[] = "<sender@origin.example>\0SIZE=2048";
	static const char helo[] = "mail.origin.example";
	static const char client[] = "mail.origin.example\0" /* family, port */
				     "4\x12\x67"
				     "203.0.113.9";
	char path[64];
	int n;

	switch (event) {
	case EVENT_CONNECT:
		packet_add(out, SMFIC_CONNECT, client, sizeof client);
		break;
	case EVENT_HELO:
		packet_add(out, SMFIC_HELO, helo, sizeof helo);
		break;
	case EVENT_MAIL:
		packet_add(out, SMFIC_MAIL, mail, sizeof mail);
		break;
	case EVENT_RCPT:
		n = snprintf(path, sizeof path,
		    "<recipient%zu@destination.example>", index);
		packet_add(out, SMFIC_RCPT, path, (size_t)n + 1);
		break;
	case EVENT_HEADER:
		header_add(out, index);
		break;
	case EVENT_BODY:
		packet_add(out, SMFIC_BODY, body_text(), index);
		break;
	case EVENT_NEGOTIATE:
	case EVENT_DATA:
	case EVENT_EOH:
	case EVENT_EOM:
	case EVENT_QUIT:
	case EVENT_COUNT:
		packet_add(out, rows[event].command, NULL, 0);
		break;
	}
}

void
macros_add(struct octets *out, enum event event, bool queued)
{
	const struct octets *packet;

	if (rows[event].macros < 0)
		return;
	packet = &last.packet[rows[event].macros][queued];
	octets_add(out, packet->p, packet->n);
}

void
event_add(struct octets *out, const struct shape *shape, enum event event,
    size_t index, bool queued)
{
	if (event == EVENT_NEGOTIATE) {
		negotiation_add(out, shape);
		return;
	}
	macros_add(out, event, queued);
	data_add(out, event, index);
}

void
abort_add(struct octets *out)
{
	packet_add(out, SMFIC_ABORT, NULL, 0);
}
