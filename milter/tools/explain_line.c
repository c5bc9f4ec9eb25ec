/*
 * explain_line - a reply line taken apart, as a page.
 */
#include "tools/explain_int.h"
#include "tools/wrap.h"

enum {
	COLUMN = 16,
	ROOM = 512,
};

static const struct {
	unsigned code;
	const char *text;
	const char *meaning;
} known[] = {
#define KNOWN(code, text, meaning) { (code), (text), (meaning) },
#include "tools/known.def"
#undef KNOWN
};

const char *
explain_known(const struct reply_line *line)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((known[i].code == 0 || known[i].code == line->code) &&
		    str_search(line->text, str_c(known[i].text)) != STR_NOWHERE)
			return known[i].meaning;
	return NULL;
}

/* ---- remarks ------------------------------------------------------------ */

/* Each fills `out` if it has something to say. */

static void
remark_more(const struct reply_line *line, struct buf *out)
{
	if (line->more)
		buf_c(out,
		    "Behind the code of its last line stands a \"-\": the "
		    "reply goes on, and the rest is not here.");
}

static void
remark_others(const struct reply_line *line, struct buf *out)
{
	if (line->others)
		buf_c(out,
		    "Further lines stand behind it: only the first reply is "
		    "told of here.");
}

static void
remark_observed(const struct reply_line *line, struct buf *out)
{
	if (line->observed)
		buf_c(out,
		    "The rule is observed: the client has not got this reply, "
		    "and would have if the rule were in force.");
}

static void
remark_class(const struct reply_line *line, struct buf *out)
{
	unsigned class = line->code / 100;

	if (line->code == 0 || line->xcode[0] == '\0' ||
	    line->xcode[0] == (char)('0' + class))
		return;
	if (class == 3)
		buf_printf(out,
		    "A reply of class 3 has no enhanced code: %s is a part of "
		    "the text, or a mistake.",
		    line->xcode);
	else
		buf_printf(out,
		    "%u and %s contradict each other: both have to be of one "
		    "class (RFC 2034, section 4). Clients go by %u.",
		    line->code, line->xcode, line->code);
}

static void
remark_code(const struct reply_line *line, struct buf *out)
{
	if (line->code != 0 && code_find(line->code) == NULL)
		buf_printf(out,
		    "%u is not registered: clients go by its first digit.",
		    line->code);
}

static void
remark_xcode(const struct reply_line *line, struct buf *out)
{
	unsigned class;
	unsigned subject;
	unsigned detail;
	const struct xcode_row *row;

	if (line->xcode[0] == '\0')
		return;
	xcode_split(line->xcode, &class, &subject, &detail);
	row = xcode_find(subject, detail);
	if (row == NULL) {
		buf_printf(out, "%s is not registered.", line->xcode);
		return;
	}
	if (line->code != 0 && line->code / 100 != class)
		return; /* the worse fault is told already */
	if ((row->classes >> class & 1) == 0)
		buf_printf(out,
		    "%s is unusual: as a status of class %u, "
		    "X.%u.%u makes no sense.",
		    line->xcode, class, subject, detail);
	else if (code_find(line->code) != NULL &&
		 !xcode_goes_with(line->xcode, line->code)) {
		size_t n;

		buf_printf(out, "%s is unusual with %u: it goes with ",
		    line->xcode, line->code);
		n = out->n;
		xcode_codes(row, class, out);
		if (out->n == n)
			xcode_codes(row, 0, out);
		buf_char(out, '.');
	}
}

static void
remark_status(const struct reply_line *line, struct buf *out)
{
	if (line->code == 0 && !str_is_none(line->status))
		buf_c(out,
		    "No server has said this: it is what the mail server that "
		    "wrote the line found out by itself.");
}

static void (*const remarks[])(
    const struct reply_line *, struct buf *) = { remark_observed, remark_more,
	remark_others, remark_class, remark_code, remark_xcode, remark_status };

const char *
explain_remark(const struct reply_line *line, size_t i, char *room, size_t n)
{
	struct buf b = { room, 0, n, false };

	if (i >= sizeof(remarks) / sizeof(remarks[0]))
		return NULL;
	remarks[i](line, &b);
	return buf_cstr(&b);
}

/* ---- the page ----------------------------------------------------------- */

/* Control and 8-bit octets came with the paste. */
static void
put_field(const struct explain *x, const char *head, struct str value)
{
	char room[ROOM];
	struct buf b = BUF_ON(room);

	if (str_is_none(value))
		return;
	buf_safe(&b, value, ROOM - 1);
	explain_item(x, head, COLUMN, buf_str(&b));
}

static void
put_lines(const struct explain *x, struct str text)
{
	struct str rest = text;
	struct str one;
	const char *head = "text";

	if (text.n == 0)
		return;
	while (str_split(&rest, '\n', &one)) {
		if (one.n > 0)
			put_field(x, head, one);
		head = "";
	}
}

/* Whether there is more in it than codes. */
static bool
says_more(const struct reply_line *line)
{
	return line->text.n + line->host.n + line->client.n + line->command.n +
		   line->rule.n + line->stage.n + line->sender.n +
		   line->recipient.n + line->status.n + line->queued.n +
		   line->logged.n >
	       0;
}

static void
put_head(const struct explain *x, const struct reply_line *line)
{
	if (line->code != 0)
		(void)fprintf(x->out, "%u%s%s\n", line->code,
		    line->xcode[0] == '\0' ? "" : " ", line->xcode);
	else
		(void)fprintf(x->out, "%s\n", line->xcode);
	if (says_more(line))
		(void)fputc('\n', x->out);
	put_lines(x, line->text);
	put_field(x, "said by", line->host);
	put_field(x, "said to", line->client);
	put_field(x, "in reply to", line->command);
	put_field(x, "rule", line->rule);
	put_field(x, "stage", line->stage);
	put_field(x, "sender", line->sender);
	put_field(x, "recipient", line->recipient);
	put_field(x, "status", line->status);
	put_field(x, "queue id", line->queued);
	put_field(x, "logged under", line->logged);
}

static void
put_codes(const struct explain *x, const struct reply_line *line)
{
	const struct code_row *row = code_find(line->code);
	const struct xcode_row *xrow = NULL;
	struct explain_xcode c;

	if (line->xcode[0] != '\0') {
		c = explain_xcode_of(line->xcode);
		xrow = xcode_find(c.subject, c.detail);
	}
	if (row != NULL) {
		(void)fprintf(x->out, "\n%u - %s\n", row->code, row->name);
		explain_text(x, row->meaning);
	} else if (line->code != 0) {
		(void)fprintf(x->out, "\n%u - not registered\n", line->code);
		explain_text(x, code_class(line->code / 100)->meaning);
	}
	if (xrow != NULL) {
		(void)fprintf(x->out, "\n%s - %s\n", line->xcode, xrow->title);
		explain_text(x, xrow->meaning);
	}
}

static void
put_remarks(const struct explain *x, const struct reply_line *line)
{
	char room[ROOM];
	const char *text = explain_known(line);
	bool any = false;

	if (text != NULL) {
		explain_section(x, "Known text");
		explain_text(x, text);
	}
	for (size_t i = 0;
	     (text = explain_remark(line, i, room, sizeof(room))) != NULL;
	     i++) {
		if (text[0] == '\0')
			continue;
		if (!any)
			explain_section(x, "Note");
		explain_text(x, text);
		any = true;
	}
}

/* The more special of the two has the better advice; a known text says by
 * itself what the administrator is to do. */
static void
put_advice(const struct explain *x, const struct reply_line *line)
{
	const struct code_row *row = code_find(line->code);
	const struct xcode_row *xrow = NULL;
	bool special = false;
	const char *sender;
	const char *admin;

	if (line->xcode[0] != '\0') {
		struct explain_xcode c = explain_xcode_of(line->xcode);

		xrow = xcode_find(c.subject, c.detail);
		special = xrow != NULL && c.class != 2 &&
			  (c.detail != 0 || row == NULL);
	}
	if (row == NULL && xrow == NULL)
		return;
	sender = special || row == NULL ? xrow->sender : row->sender;
	admin = special || row == NULL ? xrow->admin : row->admin;
	explain_section(x, "What the sender should do");
	explain_text(x, sender);
	if (explain_known(line) != NULL)
		return;
	explain_section(x, "What the administrator should do");
	explain_text(x, admin);
}

static void
put_commands(const struct explain *x, struct str id)
{
	(void)fprintf(
	    x->out, "    grep -F %.*s /var/log/mail.log\n", STR_FMT(id));
	(void)fprintf(
	    x->out, "    journalctl --since yesterday -g %.*s\n", STR_FMT(id));
}

static void
put_search(const struct explain *x, const struct reply_line *line)
{
	bool logged =
	    !str_is_none(line->logged) && !str_eq(line->logged, STR("NOQUEUE"));

	if (!str_is_none(line->queued)) {
		explain_section(x, "Find the message");
		explain_text(x,
		    "The queue id is its name in the log of the server that "
		    "said this. On that server:");
		put_commands(x, line->queued);
	}
	if (logged) {
		explain_section(x, "Find the rest of the log");
		explain_text(x,
		    "All lines of this message on the server that wrote the "
		    "line:");
		put_commands(x, line->logged);
	}
	if (!str_is_none(line->session)) {
		explain_section(x, "Find the rest of the connection");
		explain_text(x, "All decisions on it have the same session:");
		(void)fprintf(x->out,
		    "    grep -F session=%.*s /var/log/mail.log\n",
		    STR_FMT(line->session));
	}
	if (!str_is_none(line->rule) && x->policy == NULL) {
		explain_section(x, "Find the rule");
		explain_text(
		    x, "Add -c FILE to see where it stands in the policy.");
	}
}

static void
put_further(const struct explain *x, const struct reply_line *line)
{
	explain_section(x, "More");
	(void)fputs("    portreeve explain", x->out);
	if (line->code != 0)
		(void)fprintf(x->out, " %u", line->code);
	if (line->code != 0 && line->xcode[0] != '\0')
		(void)fputs("\n    portreeve explain", x->out);
	if (line->xcode[0] != '\0')
		(void)fprintf(x->out, " %s", line->xcode);
	(void)fputc('\n', x->out);
}

void
explain_line_page(const struct explain *x, const struct reply_line *line)
{
	put_head(x, line);
	put_codes(x, line);
	put_remarks(x, line);
	put_advice(x, line);
	put_search(x, line);
	put_further(x, line);
}
