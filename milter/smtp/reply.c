/*
 * reply - SMTP replies: reading, defaults, and what may be wrong with them.
 *
 * What is usual stands in the reference, what an MTA does to a reply in
 * lost[].
 * An enhanced code is always sent: without one, a text that begins with a
 * digit would be taken for it.
 */
#include "smtp/reply.h"

#include <assert.h>

#include "base/typography.h"
#include "smtp/reference.h"

enum {
	CODE_DIGITS = 3,
	XCODE_DIGITS = 3, /* of each of its numbers */
	XCODE_PARTS = 3,
};

/* The codes of a reject and of a defer without one. */
static const struct {
	unsigned reject;
	unsigned defer;
} defaults[] = {
	[STAGE_CONNECT] = { 554, 451 },
	[STAGE_HELO] = { 550, 451 },
	[STAGE_MAIL] = { 550, 451 },
	[STAGE_RCPT] = { 550, 451 },
	[STAGE_DATA] = { 550, 451 },
	[STAGE_MESSAGE] = { 554, 451 },
	[STAGE_UNKNOWN] = { 500, 451 },
};

_Static_assert(
    sizeof(defaults) / sizeof(defaults[0]) == STAGE_COUNT, "one row per stage");

/* ---- reading ------------------------------------------------------------ */

static bool
three_digits(struct str s, unsigned *code_r, struct why *why)
{
	uint64_t code;

	if (s.n != CODE_DIGITS || !str_to_u64(s, &code))
		return why_set(why,
		    "\"%.*s\" is no reply code; write three digits, such as "
		    "550",
		    STR_FMT(str_sub(s, 0, 32)));
	*code_r = (unsigned)code;
	return true;
}

bool
reply_code_parse(struct str s, unsigned *code_r, struct why *why)
{
	unsigned code = 0;

	if (!three_digits(s, &code, why))
		return false;
	if (code < CODE_LEAST || code > CODE_MOST)
		return why_set(why,
		    "no reply code is %.*s; they go from %d to %d", STR_FMT(s),
		    CODE_LEAST, CODE_MOST);
	*code_r = code;
	return true;
}

bool
reply_code_seen(struct str s, unsigned *code_r, struct why *why)
{
	unsigned code = 0;

	if (!three_digits(s, &code, why))
		return false;
	if (code < CODE_LEAST || code > CODE_SEEN_MOST)
		return why_set(why,
		    "no reply code is %.*s; they begin with 2, 3, 4 or 5",
		    STR_FMT(s));
	*code_r = code;
	return true;
}

static bool
bad_xcode(struct str s, const char *fault, struct why *why)
{
	return why_set(why,
	    "\"%.*s\" is no enhanced code: %s; write one such as 5.7.1",
	    STR_FMT(str_sub(s, 0, 32)), fault);
}

/* status-code = ("2" / "4" / "5") "." 1*3digit "." 1*3digit */
bool
reply_xcode_parse(struct str s, char xcode_r[REPLY_XCODE_MAX], struct why *why)
{
	struct str rest = s;
	struct str part;
	uint64_t number;
	size_t parts = 0;

	for (; str_split(&rest, '.', &part); parts++) {
		if (!str_to_u64(part, &number))
			return bad_xcode(
			    s, "it is not three numbers with dots", why);
		if (part.n > XCODE_DIGITS)
			return bad_xcode(
			    s, "a number has over three digits", why);
		if (part.n > 1 && part.p[0] == '0')
			return bad_xcode(s, "a number begins with a zero", why);
		if (parts == 0 && number != 2 && number != 4 && number != 5)
			return bad_xcode(s, "its class is not 2, 4 or 5", why);
	}
	if (parts != XCODE_PARTS)
		return bad_xcode(s, "it is not three numbers with dots", why);
	memcpy(xcode_r, s.p, s.n);
	xcode_r[s.n] = '\0';
	return true;
}

/* ---- what is usual ------------------------------------------------------ */

/* The row for a code at a stage, or NULL. */
static const struct code_usual *
usual(unsigned code, enum stage stage)
{
	const struct code_row *row = code_find(code);

	for (size_t i = 0; row != NULL && i < CODE_USUAL_MAX; i++)
		if ((row->usual[i].stages >> stage & 1) != 0)
			return &row->usual[i];
	return NULL;
}

const char *
reply_usual_xcode(unsigned code, enum stage stage)
{
	const struct code_usual *row = usual(code, stage);

	if (row != NULL)
		return row->xcode;
	return code / 100 == 4 ? "4.0.0" : "5.0.0";
}

static const char *
usual_text(unsigned code, enum stage stage)
{
	const struct code_usual *row = usual(code, stage);

	if (row != NULL)
		return row->text;
	return code / 100 == 4 ? "refused for now, try again later" : "refused";
}

void
reply_complete(struct reply *reply, enum stage stage, bool permanent)
{
	assert(stage < STAGE_COUNT);
	if (reply->code == 0)
		reply->code =
		    permanent ? defaults[stage].reject : defaults[stage].defer;
	if (reply->xcode[0] == '\0') {
		const char *xcode = reply_usual_xcode(reply->code, stage);
		memcpy(reply->xcode, xcode, strlen(xcode) + 1);
	}
	if (reply->text.n == 0)
		reply->text = str_c(usual_text(reply->code, stage));
}

void
reply_codes_at(enum stage stage, struct buf *out)
{
	const struct code_row *row;
	bool first = true;

	for (size_t i = 0; (row = code_at(i)) != NULL; i++) {
		if ((row->listed >> stage & 1) == 0)
			continue;
		buf_printf(out, "%s%u", first ? "" : ", ", row->code);
		first = false;
	}
}

bool
reply_code_usual_at(unsigned code, enum stage stage)
{
	const struct code_row *row = code_find(code);

	return row != NULL && (row->listed >> stage & 1) != 0;
}

/* ---- what may be wrong -------------------------------------------------- */

/*
 * What Postfix and Sendmail do.  A 421 closes the connection wherever it is
 * said, so it is not lost, whatever becomes of its text.
 */
static const struct {
	enum stage stage;
	unsigned class;
	const char *fate;
} lost[] = {
	{ STAGE_CONNECT, 5,
	    "at connect the MTA greets with a refusal of its own and drops "
	    "this text, and no recipient can be exempt any more; write "
	    "\"reject late\" to have every recipient refused with it" },
	{ STAGE_CONNECT, 4,
	    "at connect the MTA greets with 220 all the same and refuses later "
	    "commands, often without this text; write \"defer late\" to have "
	    "every recipient deferred with it" },
	{ STAGE_HELO, 5,
	    "the MTA answers HELO with 250 all the same and refuses later "
	    "commands, often without this text; write \"reject late\" to have "
	    "every recipient refused with it" },
	{ STAGE_HELO, 4,
	    "the MTA answers HELO with 250 all the same and refuses later "
	    "commands, often without this text; write \"defer late\" to have "
	    "every recipient deferred with it" },
	{ STAGE_UNKNOWN, 5,
	    "Postfix refuses an unknown command by itself and keeps its own "
	    "500 5.5.2; only \"defer\" and \"disconnect\" change what it "
	    "says" },
};

const char *
reply_lost_at(unsigned code, enum stage stage)
{
	if (code == 421)
		return NULL;
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		if (lost[i].stage == stage && lost[i].class == code / 100)
			return lost[i].fate;
	return NULL;
}

size_t
reply_room(const struct reply *reply)
{
	size_t xcode = strlen(reply->xcode);

	return (size_t)REPLY_LINE_MAX - (CODE_DIGITS + 1) -
	       (xcode == 0 ? 0 : xcode + 1) - 2;
}

/* What no reply has, at `at`. */
static bool
tell_octet(struct str text, size_t at, struct why *why)
{
	const struct typography *sign = typography_at(str_from(text, at));
	unsigned char c = str_at(text, at);

	if (sign != NULL)
		return why_set_at(why, at,
		    "the text has %s, and a reply is printable ASCII; %s",
		    sign->what, sign->in_text);
	if (c == '\t')
		return why_set_at(why, at,
		    "the text has a tab, and a reply is printable ASCII; "
		    "write spaces");
	if (c >= 0x80)
		return why_set_at(why, at,
		    "the text has the octet 0x%02x, and a reply is printable "
		    "ASCII; write it without accents and other such letters",
		    c);
	return why_set_at(why, at,
	    "the text has the octet 0x%02x, and a reply is printable ASCII; "
	    "write \\n for a further line, and leave other controls out",
	    c);
}

static bool
text_check(struct str text, size_t room, struct why *why)
{
	struct str rest = text;
	struct str line;
	size_t lines = 0;

	while (str_split(&rest, '\n', &line)) {
		size_t at = (size_t)(line.p - text.p);
		if (++lines > REPLY_LINES_MAX)
			return why_set_at(why, at,
			    "the text has over %d lines, and a reply no more; "
			    "make it shorter",
			    REPLY_LINES_MAX);
		for (size_t i = 0; i < line.n; i++) {
			if (!ascii_is_print(str_at(line, i)))
				return tell_octet(text, at + i, why);
		}
		if (line.n > room)
			return why_set_at(why, at + room,
			    "the line has %zu octets and with its codes would "
			    "be over %d (RFC 5321 4.5.3.1.5); make it at most "
			    "%zu, or break it with \\n",
			    line.n, REPLY_LINE_MAX, room);
	}
	return true;
}

bool
reply_text_check(struct str text, struct why *why)
{
	static const struct reply usual = { .code = 550, .xcode = "5.7.1" };

	return text_check(text, reply_room(&usual), why);
}

bool
reply_check(const struct reply *reply, struct why *why)
{
	unsigned class = reply->code / 100;

	if (class != 4 && class != 5)
		return why_set(why,
		    "a refusal has a code from 400 to 559, and %u is none",
		    reply->code);
	if (reply->xcode[0] != '\0' && reply->xcode[0] != (char)('0' + class))
		return why_set(why,
		    "the enhanced code %s is of another class than %u; write "
		    "%u%s",
		    reply->xcode, reply->code, class, reply->xcode + 1);
	return text_check(reply->text, reply_room(reply), why);
}

void
reply_print(const struct reply *reply, struct buf *out)
{
	size_t end = str_find(reply->text, '\n');

	buf_u64(out, reply->code);
	if (reply->xcode[0] != '\0') {
		buf_char(out, ' ');
		buf_c(out, reply->xcode);
	}
	if (reply->text.n > 0) {
		buf_char(out, ' ');
		buf_str_add(out, str_sub(reply->text, 0, end));
	}
}
