/*
 * offline_data - the message: lines as they come in, and at its end the
 * events that Postfix's milter client makes of them.
 *
 *     lines ──"."──▶ header fields ─ eoh ─ body in pieces ─ end of message
 *
 * Kept as Postfix does it: one dot goes from the front of a line; "From "
 * lines at the start become X-Mailbox-Line fields; a message that begins
 * with white space, or a line that is no field, is where the body begins; a
 * few fields are dropped before a milter sees the message, and Message-Id,
 * Date and From are added to the mail of a local client that lacks them; one
 * space behind the colon is eaten, and a field ends at a NUL octet, or where
 * Postfix cuts what is too long for milters.  CR at the end of a line goes, and
 * any other becomes a space (cleanup_replace_stray_cr_lf).  The Received field
 * of the MTA is not shown to it.
 */
#include "tools/offline_int.h"

enum {
	FIELD_MAX = 60000, /* octets of one header field, for milters */
};

/* message_drop_headers, Postfix's default. */
static const char *const dropped[] = { "bcc", "content-length", "resent-bcc",
	"return-path" };

/* ---- lines in ----------------------------------------------------------- */

static void
text_add(struct offline *o, struct str line)
{
	struct offline_text *t = arena_xalloc(o->message, sizeof *t);

	t->line = arena_xstr(o->message, line);
	*o->text_end = t;
	o->text_end = &t->next;
}

static bool
is_from_line(struct str line)
{
	while (line.n > 0 && line.p[0] == '>')
		line = str_from(line, 1);
	return str_starts(line, STR("From "));
}

/* True while nothing but From_ lines has come in. */
static bool
at_start(const struct offline *o)
{
	return o->text_size == 0 && !o->too_big;
}

/* What becomes of CR. */
static struct str
line_received(struct offline *o, struct str line)
{
	char *copy;

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (str_find(line, '\r') == STR_NOWHERE)
		return line;
	copy = arena_xalloc(o->scratch, line.n);
	for (size_t i = 0; i < line.n; i++)
		copy[i] = line.p[i] == '\r' ? ' ' : line.p[i];
	return str_of(copy, line.n);
}

static void
text_line(struct offline *o, struct str line)
{
	if (at_start(o) && is_from_line(line)) {
		text_add(o, arena_printf(o->scratch, "X-Mailbox-Line: %.*s",
				STR_FMT(line)));
		return;
	}
	if (at_start(o) && line.n > 0 &&
	    (line.p[0] == ' ' || line.p[0] == '\t'))
		text_add(o, STR(""));
	if (line.n > 0 && line.p[0] == '.')
		line = str_from(line, 1);
	if (o->size_limit != 0 &&
	    o->size_limit - o->text_size < (uint64_t)line.n + 2)
		o->too_big = true;
	if (o->too_big)
		return;
	o->text_size += (uint64_t)line.n + 2;
	text_add(o, line);
}

/* ---- events out --------------------------------------------------------- */

static bool
is_dropped(struct str name)
{
	for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
		if (str_eq_ci(name, str_c(dropped[i])))
			return true;
	return false;
}

static bool
is_fold(const struct offline_text *t)
{
	return t != NULL && t->line.n > 0 &&
	       (t->line.p[0] == ' ' || t->line.p[0] == '\t');
}

/* What a milter gets of a value: a C string, cut where the field is too long;
 * `before` are the octets of the field before it. */
static struct str
field_sent(struct str value, size_t before)
{
	value = str_sub(value, 0, before < FIELD_MAX ? FIELD_MAX - before : 0);
	return str_sub(value, 0, str_find(value, '\0'));
}

/* One field from its first line on; returns the line behind it. */
static const struct offline_text *
tell_header(struct offline *o, const struct offline_text *t, size_t name_len)
{
	struct str name = str_sub(t->line, 0, name_len);
	struct str value = str_from(t->line, str_find(t->line, ':') + 1);
	const struct offline_text *next = t->next;
	size_t cap = value.n + 1;
	struct buf b;

	if (value.n > 0 && value.p[0] == ' ')
		value = str_from(value, 1);
	for (const struct offline_text *f = next; is_fold(f); f = f->next)
		cap += f->line.n + 1;
	b = (struct buf){ arena_xalloc(o->message, cap), 0, cap, false };
	buf_str_add(&b, value);
	for (; is_fold(next); next = next->next) {
		buf_char(&b, '\n');
		buf_str_add(&b, next->line);
	}
	if (!is_dropped(name))
		(void)session_header(o->session, name,
		    field_sent(buf_str(&b), (size_t)(value.p - t->line.p)));
	return next;
}

/* The client is the machine itself (permit_inet_interfaces). */
static bool
client_is_local(const struct offline *o)
{
	struct why why;
	struct ip v4, v6;

	return ip_parse(STR("127.0.0.1"), &v4, &why) &&
	       ip_parse(STR("::1"), &v6, &why) &&
	       (ip_eq(o->client.ip, v4) || ip_eq(o->client.ip, v6));
}

static void
add_message_id(struct offline *o, const struct tm *utc, struct buf *value)
{
	char stamp[32];

	(void)strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", utc);
	buf_printf(value, "<%s.%s@%s>", stamp, o->queue_id, OFFLINE_HOST);
}

static void
add_date(struct offline *o, const struct tm *utc, struct buf *value)
{
	char stamp[64];

	(void)o;
	(void)strftime(
	    stamp, sizeof stamp, "%a, %d %b %Y %H:%M:%S +0000 (UTC)", utc);
	buf_c(value, stamp);
}

static void
add_from(struct offline *o, const struct tm *utc, struct buf *value)
{
	const char *sender = offline_macro(o, "{mail_addr}");

	(void)utc;
	buf_c(value,
	    sender == NULL || *sender == '\0' ? "MAILER-DAEMON" : sender);
}

static const struct added {
	const char *name;
	void (*add)(struct offline *, const struct tm *, struct buf *);
} added[] = {
	{ "Message-Id", add_message_id },
	{ "Date", add_date },
	{ "From", add_from },
};

enum {
	ADDED_COUNT = sizeof added / sizeof added[0]
};

/* What a local client left out; `seen` has a bit for each field it sent. */
static void
add_missing(struct offline *o, unsigned seen)
{
	time_t now = (time_t)o->clock.wall(o->clock.ctx);
	char room[OFFLINE_LINE_MAX];
	struct tm utc;

	if (!client_is_local(o) || gmtime_r(&now, &utc) == NULL)
		return;
	for (unsigned i = 0; i < ADDED_COUNT; i++) {
		struct buf value = BUF_ON(room);

		if ((seen & 1u << i) != 0)
			continue;
		added[i].add(o, &utc, &value);
		(void)session_header(
		    o->session, str_c(added[i].name), buf_str(&value));
	}
}

static unsigned
added_bit(struct str name)
{
	for (unsigned i = 0; i < ADDED_COUNT; i++)
		if (str_eq_ci(name, str_c(added[i].name)))
			return 1u << i;
	return 0;
}

/* All fields; returns where the body begins, NULL if there is none. */
static const struct offline_text *
tell_headers(struct offline *o)
{
	const struct offline_text *t = o->text;
	unsigned seen = 0;
	size_t name;

	while (t != NULL && (name = offline_header_name(t->line)) > 0) {
		seen |= added_bit(str_sub(t->line, 0, name));
		t = tell_header(o, t, name);
	}
	add_missing(o, seen);
	/* The empty line between header and body belongs to neither. */
	return t != NULL && t->line.n == 0 ? t->next : t;
}

/* The body in pieces as large as the milter protocol allows, evaluated
 * behind each.  True if the policy refused or discarded. */
static bool
tell_body(struct offline *o, const struct offline_text *t)
{
	struct buf piece = { arena_xalloc(o->message, OFFLINE_CHUNK), 0,
		OFFLINE_CHUNK, false };

	while (t != NULL) {
		struct str rest = t->line;
		struct str end = STR("\r\n");

		while (rest.n + end.n > 0) {
			struct str *from = rest.n > 0 ? &rest : &end;
			struct str part =
			    str_sub(*from, 0, piece.cap - piece.n);

			buf_str_add(&piece, part);
			*from = str_from(*from, part.n);
			if (piece.n < piece.cap)
				continue;
			(void)session_body(o->session, piece.p, piece.n);
			if (offline_refused(o, STAGE_MESSAGE) || o->skip)
				return true;
			piece.n = 0;
		}
		t = t->next;
	}
	if (piece.n == 0)
		return false;
	(void)session_body(o->session, piece.p, piece.n);
	return offline_refused(o, STAGE_MESSAGE) || o->skip;
}

/* True if the policy refused: said. */
static bool
message_refused(struct offline *o)
{
	const struct offline_text *body = tell_headers(o);

	(void)session_eoh(o->session);
	if (offline_refused(o, STAGE_MESSAGE))
		return true;
	if (o->skip)
		return false;
	if (tell_body(o, body))
		return !o->skip;
	(void)session_eom(o->session);
	if (offline_refused(o, STAGE_MESSAGE))
		return true;
	if (!o->skip)
		record_pass(o->session, 0, o->emit, o->emit_ctx);
	return false;
}

static void
message_done(struct offline *o)
{
	const char *id;

	if (o->too_big) {
		offline_say(o, "552 5.3.4 Error: message file too big");
		o->errors++;
	} else if (!o->skip && message_refused(o))
		o->errors++;
	else {
		id = offline_macro(o, "i");
		offline_say(o, "250 2.0.0 Ok: queued as %s",
		    id == NULL ? o->queue_id : id);
		o->errors = 0;
		o->junk = 0;
	}
	offline_message_end(o);
}

void
offline_data_line(struct offline *o, struct str line)
{
	line = line_received(o, line);
	if (str_eq(line, STR(".")))
		message_done(o);
	else
		text_line(o, line);
}
