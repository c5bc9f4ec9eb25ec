/*
 * explain_page - what there is to say of one code, as a page of text.
 */
#include "tools/explain_int.h"
#include "tools/wrap.h"

#include <stdarg.h>

enum {
	INDENT = 2,
	DIGITS = 10,  /* column of what a digit says */
	DIALOGUE = 4, /* of a transcript */
	CELL = 512,
};

/* ---- pieces ------------------------------------------------------------- */

void
explain_say(char *room, size_t n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(room, n, fmt, ap);
	va_end(ap);
}

void
explain_section(const struct explain *x, const char *head)
{
	(void)fprintf(x->out, "\n%s\n", head);
}

static void
put_at(const struct explain *x, size_t indent, struct str text)
{
	(void)fprintf(x->out, "%*s", (int)indent, "");
	wrap_put(text, indent, x->width - indent, x->out);
}

void
explain_text(const struct explain *x, const char *text)
{
	put_at(x, INDENT, str_c(text));
}

void
explain_item(
    const struct explain *x, const char *head, size_t at, struct str text)
{
	size_t used = INDENT + strlen(head);

	(void)fprintf(x->out, "%*s%s%*s", INDENT, "", head,
	    used < at ? (int)(at - used) : 1, "");
	wrap_put(text, at, x->width - at, x->out);
}

void
explain_stages(unsigned stages, struct buf *out)
{
	bool first = true;

	for (unsigned s = 0; s < STAGE_COUNT; s++) {
		if ((stages >> s & 1) == 0)
			continue;
		buf_printf(
		    out, "%s%s", first ? "" : ", ", stage_name((enum stage)s));
		first = false;
	}
}

/* "550 - no such mailbox", and an empty line */
static void
put_title(const struct explain *x, const char *head, const char *name)
{
	char room[CELL];
	struct buf b = BUF_ON(room);

	buf_printf(&b, "%s - %s", head, name == NULL ? "not registered" : name);
	wrap_put(buf_str(&b), INDENT, x->width - INDENT, x->out);
	(void)fputc('\n', x->out);
}

/* "5..  no: nothing was done ..." */
static void
put_digit(const struct explain *x, const char *place, const struct digit *digit)
{
	char room[CELL];
	struct buf b = BUF_ON(room);

	if (digit == NULL)
		buf_c(&b, "no meaning is registered");
	else
		buf_printf(&b, "%s: %s", digit->name, digit->meaning);
	explain_item(x, place, DIGITS, buf_str(&b));
}

static void
put_advice(const struct explain *x, const char *sender, const char *admin)
{
	explain_section(x, "What the sender should do");
	explain_text(x, sender);
	explain_section(x, "What the administrator should do");
	explain_text(x, admin);
}

const char *
explain_again(unsigned class)
{
	static const char *const again[] = { [2] = "no need",
		[3] = "goes on at once",
		[4] = "yes, later and by itself",
		[5] = "no" };

	return class < sizeof(again) / sizeof(again[0]) ? again[class] : NULL;
}

const char *
explain_fate(unsigned class)
{
	static const char *const fate[] = { [2] = "no",
		[3] = "no",
		[4] = "only after days of trying in vain",
		[5] = "yes, at once" };

	return class < sizeof(fate) / sizeof(fate[0]) ? fate[class] : NULL;
}

/* ---- a reply code ------------------------------------------------------- */

static void
put_code_digits(
    const struct explain *x, unsigned code, const struct code_row *row)
{
	char place[8];

	explain_say(place, sizeof(place), "%u..", code / 100);
	put_digit(x, place, code_class(code / 100));
	explain_say(place, sizeof(place), ".%u.", code / 10 % 10);
	put_digit(x, place, code_topic(code / 10 % 10));
	explain_say(place, sizeof(place), "..%u", code % 10);
	explain_item(x, place, DIGITS,
	    str_c(row == NULL ? "not registered" : row->name));
}

static void
put_xcodes(const struct explain *x, const struct code_row *row)
{
	struct str rest = str_c(row->xcodes);
	struct str one;
	struct explain_xcode c;

	if (rest.n > 0)
		explain_section(x, "Enhanced codes seen with it");
	while (str_word(&rest, &one)) {
		const struct xcode_row *xrow =
		    explain_xcode_parse(one, &c)
			? xcode_find(c.subject, c.detail)
			: NULL;

		if (xrow != NULL)
			explain_item(x, c.text, DIGITS, str_c(xrow->title));
	}
}

/* What a policy that says the code alone gives, and where it is usual. */
static void
put_policy(const struct explain *x, const struct code_row *row)
{
	char room[CELL];
	struct buf b = BUF_ON(room);

	if (row->usual[0].stages == 0)
		return;
	explain_section(x, "In a policy");
	if (row->listed == 0) {
		explain_text(x, "The RFCs list it at no stage: it answers "
				"commands that no rule sees.");
	} else {
		buf_c(&b, "Usual at: ");
		explain_stages(row->listed, &b);
		put_at(x, INDENT, buf_str(&b));
	}
	for (size_t i = 0; i < CODE_USUAL_MAX; i++) {
		const struct code_usual *u = &row->usual[i];

		if (u->stages == 0)
			break;
		b.n = 0;
		buf_c(&b, "Where a rule says no more");
		if (i > 0 || row->usual[1].stages != 0) {
			buf_c(&b, i > 0 && row->usual[i].stages ==
					       (1u << STAGE_COUNT) - 1
				      ? ", elsewhere"
				      : ", at ");
			if (u->stages != (1u << STAGE_COUNT) - 1)
				explain_stages(u->stages, &b);
		}
		buf_printf(&b, ": %u %s %s", row->code, u->xcode, u->text);
		put_at(x, INDENT, buf_str(&b));
	}
}

static void
put_dialogue(const struct explain *x, const char *title, struct str rest)
{
	struct str line;

	explain_section(x, title);
	while (str_split(&rest, '\n', &line))
		if (line.n > 0)
			(void)fprintf(
			    x->out, "%*s%.*s\n", DIALOGUE, "", STR_FMT(line));
}

/* IANA has some codes beside an enhanced one that no RFC tells of. */
static void
put_beside(const struct explain *x, unsigned code)
{
	struct explain_about about = { .kind = EXPLAIN_XCODE };
	struct explain_xcode *c = &about.xcode;
	const struct xcode_row *row;
	char number[8];
	bool any = false;

	explain_say(number, sizeof(number), "%u", code);
	for (size_t i = 0; (row = xcode_at(i)) != NULL; i++) {
		if (str_search(str_c(row->codes), str_c(number)) == STR_NOWHERE)
			continue;
		if (!any)
			explain_section(x, "Enhanced codes seen with it");
		any = true;
		c->subject = row->subject;
		c->detail = row->detail;
		explain_say(c->text, sizeof(c->text), "%u.%u.%u", code / 100,
		    row->subject, row->detail);
		explain_short(x, &about);
	}
}

/* What can be told of a code that nobody has registered. */
static void
put_unregistered(const struct explain *x, unsigned code)
{
	explain_section(x, "Meaning");
	explain_text(x,
	    "It is not registered: neither RFC 5321 nor an extension in use "
	    "has it. A client goes by the first digit (RFC 5321 4.2), and a "
	    "human by the text behind it.");
	put_beside(x, code);
	explain_section(x, "Does the client come again?");
	explain_text(x, explain_again(code / 100));
	explain_section(x, "Is the message returned?");
	explain_text(x, explain_fate(code / 100));
}

void
explain_code_page(const struct explain *x, unsigned code)
{
	const struct code_row *row = code_find(code);
	char head[8];

	explain_say(head, sizeof(head), "%u", code);
	put_title(x, head, row == NULL ? NULL : row->name);
	put_code_digits(x, code, row);
	if (row == NULL) {
		put_unregistered(x, code);
		return;
	}
	explain_section(x, "Meaning");
	explain_text(x, row->meaning);
	explain_section(x, "When you see it");
	explain_text(x, row->seen);
	put_advice(x, row->sender, row->admin);
	put_xcodes(x, row);
	put_policy(x, row);
	put_dialogue(x, "In a dialogue", str_c(row->dialogue));
	explain_section(x, "See");
	explain_text(x, row->rfc);
}

/* ---- an enhanced code --------------------------------------------------- */

static void
put_xcode_digits(const struct explain *x, const struct explain_xcode *c,
    const struct xcode_row *row)
{
	char place[EXPLAIN_XCODE_MAX];

	if (c->class != 0) {
		explain_say(place, sizeof(place), "%u.x.x", c->class);
		put_digit(x, place, code_class(c->class));
	}
	explain_say(place, sizeof(place), "x.%u.x", c->subject);
	put_digit(x, place, xcode_subject(c->subject));
	explain_say(place, sizeof(place), "x.x.%u", c->detail);
	explain_item(x, place, DIGITS,
	    str_c(row == NULL ? "not registered" : row->title));
}

static void
put_classes(const struct explain *x, const struct explain_xcode *c,
    const struct xcode_row *row)
{
	char head[EXPLAIN_XCODE_MAX];

	if (c->class != 0 && (row->classes >> c->class & 1) == 0) {
		char room[CELL];
		struct buf b = BUF_ON(room);

		buf_printf(&b,
		    "With class %u it makes no sense; who says it means "
		    "something else, or has chosen badly.",
		    c->class);
		explain_section(x, "Class");
		put_at(x, INDENT, buf_str(&b));
	}
	explain_section(x, "It comes as");
	for (unsigned class = 2; class <= 5; class ++) {
		if ((row->classes >> class & 1) == 0)
			continue;
		explain_say(head, sizeof(head), "%u.%u.%u", class, row->subject,
		    row->detail);
		explain_item(
		    x, head, DIGITS, str_c(code_class(class)->meaning));
	}
}

static void
put_codes(const struct explain *x, unsigned class, const struct xcode_row *row)
{
	char room[CELL];
	struct buf b = BUF_ON(room);
	struct str rest;
	struct str one;
	uint64_t v;

	xcode_codes(row, class, &b);
	rest = buf_str(&b);
	if (rest.n == 0)
		return;
	explain_section(x, "Codes seen with it");
	while (str_word(&rest, &one)) {
		char head[8];
		const struct code_row *code = NULL;

		if (str_to_u64(one, &v))
			code = code_find((unsigned)v);
		explain_say(head, sizeof(head), "%.*s", STR_FMT(one));
		explain_item(x, head, DIGITS,
		    str_c(code == NULL ? "(rarely seen)" : code->name));
	}
}

void
explain_xcode_page(const struct explain *x, const struct explain_xcode *c)
{
	const struct xcode_row *row = xcode_find(c->subject, c->detail);
	char room[XCODE_DIALOGUE_MAX];
	struct buf b = BUF_ON(room);

	put_title(x, c->text, row == NULL ? NULL : row->title);
	put_xcode_digits(x, c, row);
	if (row == NULL) {
		explain_section(x, "Meaning");
		explain_text(x,
		    "It is not registered with IANA: whoever says it knows "
		    "what is meant. Go by the class and the subject, and by "
		    "the text behind it.");
		return;
	}
	explain_section(x, "Meaning");
	explain_text(x, row->meaning);
	explain_section(x, "When you see it");
	explain_text(x, row->seen);
	put_advice(x, row->sender, row->admin);
	put_classes(x, c, row);
	put_codes(x, c->class, row);
	xcode_dialogue(row, &b);
	put_dialogue(x,
	    row->at == SHOWN_REPORT ? "In a report" : "In a dialogue",
	    buf_str(&b));
	explain_section(x, "See");
	explain_text(x, row->rfc);
}

/* ---- lists -------------------------------------------------------------- */

void
explain_short(const struct explain *x, const struct explain_about *about)
{
	const struct code_row *row = code_find(about->code);
	const struct xcode_row *xrow =
	    xcode_find(about->xcode.subject, about->xcode.detail);
	char head[8];

	if (about->kind == EXPLAIN_CODE) {
		explain_say(head, sizeof(head), "%u", about->code);
		explain_item(x, head, DIGITS,
		    str_c(row == NULL ? "not registered" : row->name));
	} else if (about->kind == EXPLAIN_XCODE) {
		explain_item(x, about->xcode.text, DIGITS,
		    str_c(xrow == NULL ? "not registered" : xrow->title));
	}
}

/* "5", "55": codes. */
static bool
list_codes(const struct explain *x, struct str prefix)
{
	struct explain_about about = { .kind = EXPLAIN_CODE };
	const struct code_row *row;
	unsigned class = 0;

	for (size_t i = 0; (row = code_at(i)) != NULL; i++) {
		char room[8];
		struct buf b = BUF_ON(room);

		buf_u64(&b, row->code);
		if (!str_starts(buf_str(&b), prefix))
			continue;
		if (class != row->code / 100) {
			class = row->code / 100;
			(void)fprintf(x->out, "%s%uyz  %s\n",
			    about.code == 0 ? "" : "\n", class,
			    code_class(class)->meaning);
		}
		about.code = row->code;
		explain_short(x, &about);
	}
	return about.code != 0;
}

/* "5.7", "X.7": enhanced codes of a class. */
static bool
list_xcodes(const struct explain *x, struct str prefix)
{
	struct explain_about about = { .kind = EXPLAIN_XCODE };
	unsigned class = ascii_is_digit(str_at(prefix, 0))
			     ? (unsigned)(str_at(prefix, 0) - '0')
			     : 0;
	const struct xcode_row *row;
	bool any = false;

	for (size_t i = 0; (row = xcode_at(i)) != NULL; i++) {
		struct explain_xcode *c = &about.xcode;
		explain_say(c->text, sizeof(c->text), "%c.%u.%u",
		    class == 0 ? 'X' : (char)('0' + class), row->subject,
		    row->detail);

		c->subject = row->subject;
		c->detail = row->detail;
		if (!str_starts_ci(str_c(c->text), prefix) ||
		    (class != 0 && (row->classes >> class & 1) == 0))
			continue;
		explain_short(x, &about);
		any = true;
	}
	return any;
}

bool
explain_list(const struct explain *x, struct str prefix)
{
	return str_find(prefix, '.') == STR_NOWHERE ? list_codes(x, prefix)
						    : list_xcodes(x, prefix);
}
