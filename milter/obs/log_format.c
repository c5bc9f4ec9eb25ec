/*
 * log_format - text, JSON, the journal's fields.
 *
 * JSON is written by hand: an event is flat, and nothing allocates on the
 * mail path.  What a client typed may be no UTF-8: then its 8-bit octets are
 * written as U+FFFD, since JSON has no other text.  In the journal control
 * octets become \xHH, as in the text line.
 */
#include "obs/log_format.h"

#include <time.h>

#include "core/record_field.h"
#include "obs/log.h"
#include "obs/log_sink.h"

_Static_assert(LOG_LINE_MAX >= RECORD_LINE_MAX + 9 * 6 * LOG_VALUE_MAX +
				   RECORD_FIELD_COUNT * 32,
    "nine fields are free text; JSON makes six octets of one");

enum log_format
log_format_of(const struct setting_log *setting)
{
	if (setting->target == LOG_TO_JOURNAL)
		return LOG_FORMAT_JOURNAL;
	return setting->json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
}

/* ---- values ------------------------------------------------------------- */

/* At most LOG_VALUE_MAX octets, and no character of UTF-8 in part. */
static struct str
cut(struct str s)
{
	size_t n = LOG_VALUE_MAX;

	if (s.n <= n)
		return s;
	while (n > LOG_VALUE_MAX - 4 && (str_at(s, n) & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

/* RFC 8259 section 7. */
static void
add_json_octet(unsigned char c, bool utf8, struct buf *out)
{
	if (c == '"' || c == '\\') {
		buf_char(out, '\\');
		buf_char(out, (char)c);
	} else if (c == '\n') {
		buf_c(out, "\\n");
	} else if (c < 0x20 || c == 0x7f) {
		buf_printf(out, "\\u%04x", c);
	} else if (c >= 0x80 && !utf8) {
		buf_c(out, "\\ufffd");
	} else {
		buf_char(out, (char)c);
	}
}

static void
add_json_text(struct str s, struct buf *out)
{
	struct str text = cut(s);
	bool utf8 = str_is_utf8(text);

	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++)
		add_json_octet(str_at(text, i), utf8, out);
	if (text.n < s.n)
		buf_c(out, "...");
	buf_char(out, '"');
}

static void
add_journal_text(struct str s, struct buf *out)
{
	struct str text = cut(s);

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = str_at(text, i);

		if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_char(out, (char)c);
	}
	if (text.n < s.n)
		buf_c(out, "...");
}

/* ---- JSON --------------------------------------------------------------- */

/* {"time":"2026-11-22T10:00:00Z","level":"info" */
static void
json_begin(int level, int64_t when, struct buf *out)
{
	static const char *const levels[] = { "emergency", "alert", "critical",
		"error", "warning", "notice", "info", "debug" };
	char date[32] = "";
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_printf(
	    out, "{\"time\":\"%s\",\"level\":\"%s\"", date, levels[level & 7]);
}

static void
json_field(void *ctx, enum record_field field, struct record_value value)
{
	struct buf *out = ctx;

	buf_printf(out, ",\"%s\":", record_field_rows[field].name);
	if (str_is_none(value.text))
		buf_u64(out, value.number);
	else
		add_json_text(value.text, out);
}

/* ---- the journal -------------------------------------------------------- */

/* MESSAGE and PRIORITY are fields of systemd.journal-fields(7). */
static void
journal_begin(int level, struct buf *out)
{
	buf_printf(
	    out, "PRIORITY=%d\nSYSLOG_IDENTIFIER=portreeve\nMESSAGE=", level);
}

static void
journal_field(void *ctx, enum record_field field, struct record_value value)
{
	struct buf *out = ctx;

	buf_c(out, "\nPORTREEVE_");
	for (const char *p = record_field_rows[field].name; *p != '\0'; p++)
		buf_char(
		    out, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
	buf_char(out, '=');
	if (str_is_none(value.text))
		buf_u64(out, value.number);
	else
		add_journal_text(value.text, out);
}

/* ---- text --------------------------------------------------------------- */

/* The line of core/record, which is cut at a length of its own. */
static void
text_record(const struct record *r, struct buf *out)
{
	size_t room = out->cap - out->n;
	struct buf line = { out->p + out->n, 0,
		room < RECORD_LINE_MAX ? room : RECORD_LINE_MAX, false };

	record_print(r, &line);
	out->n += line.n;
}

/* ---- events ------------------------------------------------------------- */

void
log_format_record(enum log_format format, const struct record *r, int64_t when,
    struct buf *out)
{
	switch (format) {
	case LOG_FORMAT_TEXT:
		text_record(r, out);
		break;
	case LOG_FORMAT_JSON:
		json_begin(LEVEL_INFO, when, out);
		record_fields(r, json_field, out);
		buf_char(out, '}');
		break;
	case LOG_FORMAT_JOURNAL:
		journal_begin(LEVEL_INFO, out);
		text_record(r, out);
		record_fields(r, journal_field, out);
		break;
	case LOG_FORMAT_COUNT:
		break;
	}
}

void
log_format_event(enum log_format format, int level, struct str text,
    int64_t when, struct buf *out)
{
	switch (format) {
	case LOG_FORMAT_TEXT:
		buf_str_add(out, text);
		break;
	case LOG_FORMAT_JSON:
		json_begin(level, when, out);
		buf_c(out, ",\"message\":\"");
		for (size_t i = 0; i < text.n; i++)
			add_json_octet(str_at(text, i), false, out);
		buf_c(out, "\"}");
		break;
	case LOG_FORMAT_JOURNAL:
		journal_begin(level, out);
		buf_str_add(out, text);
		break;
	case LOG_FORMAT_COUNT:
		break;
	}
}
