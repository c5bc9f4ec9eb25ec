/*
 * reply_line - finds the reply in a line, then what stands around it.
 *
 * A line is searched for marks behind which a reply stands (marks[]), the
 * surest first; without any, for a code where a log has one.  Fields are
 * found by name, wherever they stand.  Where the line has an enhanced code
 * alone, its text is what the log says in place of a reply.
 */
#include "smtp/reply_line.h"

enum {
	CODE_DIGITS = 3,
	ID_LEAST = 5, /* octets of a queue id */
};

static struct str
before(struct str s, struct str what)
{
	return str_sub(s, 0, str_search(s, what));
}

/* ---- codes -------------------------------------------------------------- */

/* Three digits, and no letter or digit right behind them. */
static bool
is_code(struct str s)
{
	for (size_t i = 0; i < CODE_DIGITS; i++)
		if (i >= s.n || !ascii_is_digit(str_at(s, i)))
			return false;
	return s.n == CODE_DIGITS || s.p[CODE_DIGITS] == '-' ||
	       ascii_is_space(str_at(s, CODE_DIGITS));
}

static size_t
digits_and_dots(struct str s)
{
	size_t n = 0;

	while (n < s.n && (ascii_is_digit(str_at(s, n)) || s.p[n] == '.'))
		n++;
	return n;
}

/* The enhanced code at the beginning of s; its octets, or 0. */
static size_t
xcode_at_front(struct str s, char xcode_r[REPLY_XCODE_MAX])
{
	size_t n = digits_and_dots(s);

	if (n < s.n && !ascii_is_space(str_at(s, n)))
		return 0;
	return reply_xcode_parse(str_sub(s, 0, n), xcode_r, NULL) ? n : 0;
}

/* "no such user (#5.1.1)", "#5.1.0 Address rejected.": as some servers write
 * it that do not offer enhanced codes. */
static void
xcode_in_text(struct reply_line *line)
{
	struct str rest = line->text;
	char xcode[REPLY_XCODE_MAX];
	size_t at;

	while ((at = str_find(rest, '#')) != STR_NOWHERE) {
		rest = str_from(rest, at + 1);
		if (!reply_xcode_parse(
			str_sub(rest, 0, digits_and_dots(rest)), xcode, NULL) ||
		    xcode[0] != (char)('0' + line->code / 100))
			continue;
		memcpy(line->xcode, xcode, sizeof(xcode));
		return;
	}
}

/* What a tool or a bounce puts before each line of the server: "<<< 550 no",
 * "<** 550 no", "S: 550 no". */
static struct str
without_arrow(struct str s)
{
	size_t n = 0;

	if (str_starts(s, STR("S: ")))
		return str_from(s, 3);
	if (s.n == 0 || s.p[0] != '<')
		return s;
	while (n < s.n && str_find(STR("<-*~= "), s.p[n]) != STR_NOWHERE)
		n++;
	return str_from(s, n);
}

/* ---- fields ------------------------------------------------------------- */

/* The value of name= in the line, up to what ends it: '>' of '<', '"' of
 * '"', else a blank or a comma. */
static struct str
field(struct str s, struct str name)
{
	struct str value;
	size_t i;
	size_t end = 0;

	while ((i = str_search(s, name)) != STR_NOWHERE && i > 0 &&
	       s.p[i - 1] != ' ' && s.p[i - 1] != '\t')
		s = str_from(s, i + name.n);
	if (i == STR_NOWHERE)
		return STR_NONE;
	value = str_from(s, i + name.n);
	if (value.n > 0 && value.p[0] == '<') {
		end = str_find(value, '>');
		return end == STR_NOWHERE ? STR_NONE
					  : str_sub(value, 0, end + 1);
	}
	while (end < value.n && !ascii_is_space(str_at(value, end)) &&
	       value.p[end] != ',')
		end++;
	return end == 0 ? STR_NONE : str_sub(value, 0, end);
}

/* ---- the reply ---------------------------------------------------------- */

/* What stands before a reply in logs, and what behind it; the surest first.
 * Where `colon` is set, the reply stands behind a later ": ". */
static const struct {
	const char *mark;
	const char *end;
	const char *other_end; /* or NULL */
	bool colon;
} marks[] = {
	{ .mark = " reply=\"", .end = "\"" },
	{ .mark = " said: ", .end = " (in reply to " },
	{ .mark = " refused to talk to me: ", .end = " (in reply to " },
	{ .mark = "reject: ",
	    .end = "; from=<",
	    .other_end = "; proto=",
	    .colon = true },
	{ .mark = " reject=", .end = "\n" },
	{ .mark = " reply=", .end = ", stat=" },
	{ .mark = " status=", .end = "\n", .colon = true },
	{ .mark = " stat=", .end = "\n", .colon = true },
};

/* Where a log or a bounce may have a code: at the beginning of a line, behind
 * ": ", ";", "#", a bracket or a quote. */
static size_t
code_within(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		char last = s.p[i - 1];
		char second = i > 1 ? s.p[i - 2] : '\0';
		bool opens = str_find(STR("(\"'\n;#"), last) != STR_NOWHERE ||
			     (last == ' ' && (second == ':' || second == ';'));

		if (opens && is_code(str_from(s, i)))
			return i;
	}
	return STR_NOWHERE;
}

/* The end of what stands in brackets that opened before it. */
static struct str
without_bracket(struct str s)
{
	size_t open = 0;

	for (size_t i = 0; i < s.n; i++) {
		open += s.p[i] == '(';
		if (s.p[i] == ')' && open-- == 0)
			return str_sub(s, 0, i);
	}
	return s;
}

/* From the code at `at` to the end of the quotes or brackets that opened
 * before it. */
static struct str
enclosed(struct str s, size_t at)
{
	if (at > 0 && (s.p[at - 1] == '"' || s.p[at - 1] == '\''))
		return before(str_from(s, at), str_of(s.p + at - 1, 1));
	return without_bracket(str_from(s, at));
}

/* The reply in the line, its code first; none if there is none. */
static struct str
find_reply(struct str s)
{
	size_t at;

	if (is_code(without_arrow(s)))
		return without_arrow(s);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct str mark = str_c(marks[i].mark);
		struct str rest;

		at = str_search(s, mark);
		if (at == STR_NOWHERE)
			continue;
		rest = str_from(s, at + mark.n);
		at = marks[i].colon ? code_within(rest) : 0;
		if (at == STR_NOWHERE || !is_code(str_from(rest, at)))
			continue;
		rest = before(enclosed(rest, at), str_c(marks[i].end));
		return marks[i].other_end == NULL
			   ? rest
			   : before(rest, str_c(marks[i].other_end));
	}
	at = code_within(s);
	return at == STR_NOWHERE ? STR_NONE : enclosed(s, at);
}

/*
 * Whether a further line of the reply begins at s: the same code again.  Logs
 * write a blank for the end of a line, so that only a '-' before, or the
 * enhanced code behind, tells it from a number in the text.
 */
static bool
is_next_line(const struct reply_line *line, struct str s, bool newline)
{
	char xcode[REPLY_XCODE_MAX];
	uint64_t code;

	if (!is_code(s) || !str_to_u64(str_sub(s, 0, CODE_DIGITS), &code) ||
	    code != line->code)
		return false;
	return newline || line->more ||
	       (xcode_at_front(str_from(s, CODE_DIGITS + 1), xcode) > 0 &&
		   strcmp(xcode, line->xcode) == 0);
}

/* Takes code and enhanced code off the front of a line of the reply. */
static struct str
take_codes(struct reply_line *line, struct str s)
{
	char xcode[REPLY_XCODE_MAX] = "";
	size_t n;

	line->more = s.n > CODE_DIGITS && s.p[CODE_DIGITS] == '-';
	s = str_from(s, s.n > CODE_DIGITS ? CODE_DIGITS + 1 : CODE_DIGITS);
	while (s.n > 1 && s.p[0] == ' ' && s.p[1] != '\n')
		s = str_from(s, 1);
	n = xcode_at_front(s, xcode);
	if (n == 0)
		return s;
	if (line->xcode[0] == '\0')
		memcpy(line->xcode, xcode, sizeof(xcode));
	return str_from(s, n);
}

/* "550-5.7.1 one 550 5.7.1 two" -> "one\ntwo"; what stands behind it. */
static struct str
take_text(struct reply_line *line, struct str s)
{
	struct buf out = BUF_ON(line->room);
	size_t i = 0;

	s = take_codes(line, s);
	if (s.n > 0 && s.p[0] == ' ')
		i = 1;
	while (i < s.n) {
		bool newline = s.p[i] == '\n';
		bool blank = newline || s.p[i] == ' ';
		struct str next = str_from(s, i + 1);

		if (newline)
			next = without_arrow(next);
		if (blank && is_next_line(line, next, newline)) {
			buf_char(&out, '\n');
			s = take_codes(line, next);
			i = s.n > 0 && s.p[0] == ' ' ? 1 : 0;
			continue;
		}
		if (newline)
			break; /* something else */
		if (s.p[i] != '\r')
			buf_char(&out, s.p[i]);
		i++;
	}
	line->text = str_trim(buf_str(&out));
	if (line->xcode[0] == '\0')
		xcode_in_text(line);
	return str_from(s, i);
}

/* What a log says where there is no code: "(connect to ...: timed out)" of
 * Postfix, "Deferred: timed out" of Sendmail. */
static struct str
logged_reason(struct str s)
{
	size_t at = str_search(s, STR(" stat="));

	if (at != STR_NOWHERE)
		return str_trim(before(str_from(s, at + 6), STR("\n")));
	at = str_search(s, STR(" status="));
	if (at == STR_NOWHERE)
		return STR("");
	s = str_from(s, at);
	at = str_search(s, STR(" ("));
	return at == STR_NOWHERE ? STR("")
				 : without_bracket(str_from(s, at + 2));
}

/* Whether there is more than the reply, which ended where `rest` begins. */
static bool
has_others(struct str whole, struct str rest)
{
	size_t at;

	rest = str_from(whole, (size_t)(rest.p - whole.p));
	at = str_find(rest, '\n');
	return at != STR_NOWHERE && str_trim(str_from(rest, at)).n > 0;
}

/* ---- what stands around it ---------------------------------------------- */

static bool
in_id(unsigned char c)
{
	return ascii_is_alnum(c) || c == '-';
}

static struct str
id_at_front(struct str s)
{
	size_t n = 0;

	while (n < s.n && in_id(str_at(s, n)))
		n++;
	return str_sub(s, 0, n);
}

static bool
is_id(struct str s)
{
	bool digit = false;

	for (size_t i = 0; i < s.n; i++) {
		if (!in_id(str_at(s, i)))
			return false;
		digit = digit || ascii_is_digit(str_at(s, i));
	}
	return s.n >= ID_LEAST && digit;
}

/* "2.0.0 Ok: queued as ID" of Postfix, "ID Message accepted for delivery" of
 * Sendmail, "OK id=ID" of Exim. */
static struct str
find_queued(struct str text)
{
	static const struct str marks_before[] = { STR("queued as "),
		STR("OK id=") };
	size_t at;
	struct str rest;
	struct str id;

	for (size_t i = 0; i < 2; i++) {
		at = str_search(text, marks_before[i]);
		if (at == STR_NOWHERE)
			continue;
		rest = str_from(text, at + marks_before[i].n);
		id = id_at_front(rest);
		if (is_id(id))
			return id;
	}
	at = str_search(text, STR(" Message accepted for delivery"));
	if (at == STR_NOWHERE)
		return STR_NONE;
	id = str_sub(text, 0, at);
	for (at = id.n; at > 0 && in_id(str_at(id, at - 1)); at--)
		;
	id = str_from(id, at);
	return is_id(id) ? id : STR_NONE;
}

/* What heads s, up to a colon and a space: a time of day has no space. */
static struct str
heading(struct str s)
{
	size_t end = str_search(s, STR(": "));
	struct str id = str_sub(s, 0, end);

	if (end == STR_NOWHERE || !(str_eq(id, STR("NOQUEUE")) || is_id(id)))
		return STR_NONE;
	return id;
}

/* "ID: ...", or "Nov 26 14:41:43 mx postfix/smtp[123]: ID: ...", or that with
 * "2026-11-26T14:41:43.199490+00:00" in front. */
static struct str
find_logged(struct str s)
{
	size_t at = str_search(s, STR("]: "));
	struct str id = heading(s);

	if (!str_is_none(id) || at == STR_NOWHERE)
		return id;
	return heading(str_from(s, at + 3));
}

/* What stands between the last `open` before `close`, and that. */
static struct str
between(struct str s, struct str open, struct str close)
{
	struct str head = before(s, close);
	struct str found = STR_NONE;
	size_t at;

	if (head.n == s.n)
		return STR_NONE;
	while ((at = str_search(head, open)) != STR_NOWHERE) {
		head = str_from(head, at + open.n);
		found = head;
	}
	return found;
}

static void
take_surroundings(struct reply_line *line, struct str s)
{
	struct str rest;

	line->logged = find_logged(s);
	line->rule = field(s, STR("rule="));
	line->stage = field(s, STR("stage="));
	line->observed = !str_is_none(line->rule) &&
			 str_search(s, STR(": would-")) != STR_NOWHERE;
	line->session = field(s, STR("session="));
	if (!is_id(line->session))
		line->session = STR_NONE;
	line->sender = field(s, STR("from="));
	line->recipient = field(s, STR("to="));
	line->client = field(s, STR("client="));
	line->status = field(s, STR("status="));
	line->host = between(s, STR("host "), STR(" said: "));
	if (str_is_none(line->host))
		line->host =
		    between(s, STR("host "), STR(" refused to talk to me: "));
	line->command = between(s, STR("(in reply to "), STR(" command)"));
	rest = before(before(s, STR("; from=<")), STR("; proto="));
	if (rest.n == s.n || str_search(rest, STR("reject: ")) == STR_NOWHERE)
		return;
	rest = str_from(rest, str_search(rest, STR("reject: ")) + 8);
	line->command = before(rest, STR(" from "));
	rest = str_from(rest, line->command.n);
	if (rest.n > 6)
		line->client = before(str_from(rest, 6), STR(": "));
}

/* ---- all of it ---------------------------------------------------------- */

/* "Status: 5.1.1", a line of a delivery report (RFC 3464). */
static struct str
reported(struct str s)
{
	static const struct str name = STR("Status:");
	struct str line;
	struct str word;

	while (str_split(&s, '\n', &line)) {
		if (!str_starts_ci(line, name))
			continue;
		line = str_from(line, name.n);
		if (str_word(&line, &word))
			return word;
	}
	return STR_NONE;
}

/* There is an enhanced code alone: in a log, a report, or at the front. */
static void
take_status(struct reply_line *line, struct str s, struct str dsn)
{
	if (str_is_none(dsn)) {
		if (xcode_at_front(s, line->xcode) > 0)
			line->text = str_trim(str_from(s, strlen(line->xcode)));
		return;
	}
	line->text = logged_reason(s);
	line->others = has_others(s, s);
	if (line->xcode[0] == '2')
		line->queued = find_queued(line->text);
}

bool
reply_line_parse(struct str s, struct reply_line *line_r, struct why *why)
{
	struct str reply;
	struct str dsn;

	memset(line_r, 0, sizeof(*line_r));
	s = str_trim(s);
	reply = find_reply(s);
	dsn = field(s, STR("dsn="));
	if (!str_is_none(dsn))
		(void)reply_xcode_parse(dsn, line_r->xcode, NULL);
	else
		(void)reply_xcode_parse(reported(s), line_r->xcode, NULL);
	if (str_is_none(reply) && line_r->xcode[0] == '\0' &&
	    xcode_at_front(s, line_r->xcode) == 0)
		return why_set(why,
		    "there is no reply in \"%.*s\"; it begins with its code, "
		    "as "
		    "in \"550 5.7.1 no\", or has it where a log has one, as in "
		    "\"... said: 550 5.7.1 no\"",
		    STR_FMT(str_sub(s, 0, 60)));
	if (!is_code(s))
		take_surroundings(line_r, s);
	line_r->text = STR("");
	if (str_is_none(reply)) {
		take_status(line_r, s, dsn);
		return true;
	}
	if (!reply_code_seen(
		str_sub(reply, 0, CODE_DIGITS), &line_r->code, why))
		return false;
	/* The server's word counts more than what its client made of it. */
	line_r->xcode[0] = '\0';
	line_r->others = has_others(s, take_text(line_r, reply));
	if (line_r->xcode[0] == '\0' && !str_is_none(dsn))
		(void)reply_xcode_parse(dsn, line_r->xcode, NULL);
	if (line_r->code / 100 == 2)
		line_r->queued = find_queued(line_r->text);
	return true;
}
