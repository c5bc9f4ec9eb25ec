/*
 * lex_quote - strings, regexes, and the items of sets.
 *
 * A string ends at the quote that does not stand inside ${...}, where quotes
 * belong to the expression and may hold strings with ${...} of their own.  A
 * string ends with its line at the latest unless that ends in "\", so that a
 * forgotten quote costs one line and not the rest of the file.
 */
#include "lang/lex_int.h"

#include "base/buf.h"
#include "base/regex.h"

/* ---- where quotes end --------------------------------------------------- */

enum scan_end {
	SCAN_OK,
	SCAN_OPEN,    /* the line ended first */
	SCAN_ESCAPED, /* \" inside ${...} */
	SCAN_DEEP,
};

struct scan {
	size_t at;     /* behind what was read */
	size_t dollar; /* the outermost ${ not closed, or STR_NOWHERE */
	size_t fault;
	char quote; /* of the outermost string */
};

/* A '\' before a line end: the octets of both, or 0. */
static size_t
continuation(const struct lex *lex, size_t at)
{
	if (lex_octet(lex, at) != '\\')
		return 0;
	if (lex_octet(lex, at + 1) == '\n')
		return 2;
	return lex_octet(lex, at + 1) == '\r' && lex_octet(lex, at + 2) == '\n'
		   ? 3
		   : 0;
}

static bool
is_dollar_brace(const struct lex *lex, size_t at)
{
	return lex_octet(lex, at) == '$' && lex_octet(lex, at + 1) == '{';
}

/* One step inside a string; the octets to pass over. */
static size_t
string_step(const struct lex *lex, size_t at)
{
	int c = lex_octet(lex, at);

	if (c == '\\' && continuation(lex, at) > 0)
		return continuation(lex, at);
	if (c == '\\' && lex_octet(lex, at + 1) >= 0 &&
	    lex_octet(lex, at + 1) != '\n')
		return 2;
	if (c == '$' && lex_octet(lex, at + 1) == '$')
		return 2;
	return 1;
}

/*
 * Reads on from scan->at until as many strings and ${ are closed as are
 * open: `depth` of them, by turns, the innermost a string if it is odd.
 */
static enum scan_end
scan_nested(const struct lex *lex, struct scan *scan, unsigned depth)
{
	unsigned level = depth;

	while (level > 0) {
		int c = lex_octet(lex, scan->at);
		bool in_string = level % 2 == 1;
		char quote = level == 1 ? scan->quote : '"';
		if (c < 0 || c == '\n')
			return SCAN_OPEN;
		if (in_string && is_dollar_brace(lex, scan->at)) {
			if (level == 1)
				scan->dollar = scan->at;
			level++;
			scan->at += 2;
		} else if (in_string && c == quote) {
			level--;
			scan->at++;
		} else if (in_string) {
			scan->at += string_step(lex, scan->at);
		} else if (c == '\\' && lex_octet(lex, scan->at + 1) == '"') {
			scan->fault = scan->at;
			return SCAN_ESCAPED;
		} else {
			if (c == '"')
				level++;
			else if (c == '}')
				level--;
			if (level == 1)
				scan->dollar = STR_NOWHERE;
			scan->at++;
		}
		if (level > 2 * LEX_QUOTES_MAX)
			return SCAN_DEEP;
		/* The one that was asked for: a ${ alone ends here. */
		if (depth == 2 && level == 1)
			return SCAN_OK;
	}
	return SCAN_OK;
}

/* The lines that the octets up to `at` end. */
static void
count_lines(struct lex *lex, size_t from, size_t at)
{
	for (size_t i = from; i < at; i++) {
		if (lex_octet(lex, i) != '\n')
			continue;
		lex->line++;
		lex->line_start = i + 1;
	}
}

static size_t
line_end(const struct lex *lex, size_t at)
{
	while (at < lex->end && lex_octet(lex, at) != '\n')
		at++;
	if (at > lex->at && lex_octet(lex, at - 1) == '\r')
		at--;
	return at;
}

/*
 * Where a text that is not closed is given up: at the end of its line, but
 * before a } that stands apart behind everything else but a comment, and so
 * closes something around the text.
 */
static size_t
give_up(const struct lex *lex, size_t from)
{
	size_t end = line_end(lex, from);
	size_t at = from;

	while (at < end) {
		size_t brace = at;
		int c;
		while (at < end &&
		       (ascii_is_space(str_at(lex->source->text, at)) ||
			   lex_octet(lex, at) == '}'))
			at++;
		while (brace < at && lex_octet(lex, brace) != '}')
			brace++;
		c = at < end ? lex_octet(lex, at) : '#';
		if (brace < at && c == '#' && brace > from &&
		    ascii_is_space(str_at(lex->source->text, brace - 1)))
			return brace;
		at++;
	}
	return end;
}

/* ---- strings ------------------------------------------------------------ */

/* The place of an octet of this or a later line. */
static struct pos
pos_ahead(const struct lex *lex, size_t at, size_t n)
{
	struct lex there = *lex;

	count_lines(&there, lex->at, at);
	return lex_pos(&there, at, n);
}

/* The string that begins here does not end; the line is given up. */
static void
string_open(struct lex *lex, struct token *token, const struct scan *scan,
    enum scan_end end)
{
	token->kind = TOKEN_BAD;
	if (end == SCAN_ESCAPED)
		lex_fault(lex, token, pos_ahead(lex, scan->fault, 2),
		    "quotes inside ${...} belong to the expression; write \" "
		    "without \"\\\"");
	else if (end == SCAN_DEEP)
		lex_fault(lex, token, token->pos,
		    "more than %d strings within ${...} within strings",
		    LEX_QUOTES_MAX);
	else if (scan->dollar != STR_NOWHERE)
		lex_fault(lex, token, pos_ahead(lex, scan->dollar, 2),
		    "this ${ is not closed; write } behind its expression "
		    "(and $$ for a plain dollar)");
	else
		lex_fault(lex, token, lex_pos(lex, token->at, 1),
		    "this text is not closed; write %c at its end (a \"\\\" "
		    "before the line end goes on in the next line)",
		    scan->quote);
}

void
lex_string(struct lex *lex, struct token *token)
{
	char quote = (char)lex_octet(lex, lex->at);
	struct scan scan = { lex->at + 1, STR_NOWHERE, 0, quote };
	enum scan_end end = scan_nested(lex, &scan, 1);
	size_t at = end == SCAN_OK ? scan.at : give_up(lex, lex->at + 1);
	struct lex after = *lex;

	token->kind = TOKEN_STRING;
	if (end != SCAN_OK)
		string_open(lex, token, &scan, end);
	else if (at - lex->at - 2 > LEX_STRING_MAX)
		lex_fault(lex, token, lex_pos(lex, token->at, 1),
		    "a text has at most %d octets", LEX_STRING_MAX);
	else if (quote == '\'')
		lex_fault(
		    lex, token, token->pos, "a text stands in double quotes");
	count_lines(&after, lex->at, at);
	lex_finish(lex, token, at);
	lex->line = after.line;
	lex->line_start = after.line_start;
}

/* ---- inside a string ---------------------------------------------------- */

static void
lex_expr(struct lex *lex, struct token *token)
{
	struct scan scan = { lex->at + 2, STR_NOWHERE, 0, '"' };
	enum scan_end end = scan_nested(lex, &scan, 2);
	struct lex after = *lex;

	/* lex_string has seen the end. */
	token->kind = end == SCAN_OK ? TOKEN_EXPR : TOKEN_BAD;
	if (end != SCAN_OK)
		string_open(lex, token, &scan, end);
	count_lines(&after, lex->at, scan.at);
	lex_finish(lex, token, scan.at);
	lex->line = after.line;
	lex->line_start = after.line_start;
}

/* The octet that \c stands for, or -1. */
static int
escape(int c)
{
	switch (c) {
	case '"':
	case '\\':
		return c;
	case 'n':
		return '\n';
	case 't':
		return '\t';
	default:
		return -1;
	}
}

/* `\` and what stands behind it; the decoded octet is added to out. */
static size_t
decode_escape(struct lex *lex, struct token *token, size_t at, struct buf *out)
{
	size_t n = continuation(lex, at);
	int next = lex_octet(lex, at + 1);
	int c = escape(next);

	if (n > 0) {
		count_lines(lex, at, at + n);
		while (lex_octet(lex, at + n) == ' ' ||
		       lex_octet(lex, at + n) == '\t')
			n++;
		return n;
	}
	if (c >= 0) {
		buf_char(out, (char)c);
		return 2;
	}
	if (next == '$')
		lex_fault(
		    lex, token, lex_pos(lex, at, 2), "a dollar is written $$");
	else if (next > 0 && ascii_is_print((unsigned char)next))
		lex_fault(lex, token, lex_pos(lex, at, 2),
		    "\\%c means nothing; there are \\\" \\\\ \\n and \\t, and "
		    "a backslash is written \\\\",
		    next);
	else
		lex_fault(lex, token, lex_pos(lex, at, 1),
		    "a backslash is written \\\\");
	return next < 0 ? 1 : 2;
}

static size_t
decode_dollar(struct lex *lex, struct token *token, size_t at, struct buf *out)
{
	int next = lex_octet(lex, at + 1);

	buf_char(out, '$');
	if (next == '$')
		return 2;
	if (next == '(')
		lex_fault(lex, token, lex_pos(lex, at, 2),
		    "a value is written ${...}, with braces");
	else
		lex_fault(lex, token, lex_pos(lex, at, 1),
		    "a dollar is written $$, and a value ${name}");
	return 1;
}

/* Where the plain text from here on ends: at ${ or at the string's end. */
static size_t
text_end(const struct lex *lex)
{
	size_t at = lex->at;

	while (at < lex->end && !is_dollar_brace(lex, at))
		at += string_step(lex, at);
	return at < lex->end ? at : lex->end;
}

void
lex_piece(struct lex *lex, struct token *token)
{
	size_t end;
	size_t at = lex->at;
	struct buf out;

	if (is_dollar_brace(lex, lex->at)) {
		lex_expr(lex, token);
		return;
	}
	end = text_end(lex);
	out = (struct buf){ arena_xalloc(lex->arena, end - at + 1), 0,
		end - at + 1, false };
	token->kind = TOKEN_TEXT;
	while (at < end) {
		int c = lex_octet(lex, at);
		if (c == '\\') {
			at += decode_escape(lex, token, at, &out);
		} else if (c == '$') {
			at += decode_dollar(lex, token, at, &out);
		} else {
			if ((c < ' ' && c != '\t') || c == 0x7f)
				lex_fault(lex, token, lex_pos(lex, at, 1),
				    "a control character (octet %d) has no "
				    "place in a text",
				    c);
			buf_char(&out, (char)c);
			at++;
		}
	}
	lex_finish(lex, token, at < lex->end ? at : lex->end);
	token->str = buf_str(&out);
}

/* ---- regexes ------------------------------------------------------------ */

/* The slash that ends it, or STR_NOWHERE. */
static size_t
regex_end(const struct lex *lex, size_t from, bool *lines_r)
{
	size_t at = from;

	*lines_r = false;
	while (at < lex->end && lex_octet(lex, at) != '/') {
		if (lex_octet(lex, at) == '\\' &&
		    lex_octet(lex, at + 1) != '\n')
			at++;
		if (lex_octet(lex, at) == '\n')
			*lines_r = true;
		at++;
	}
	return at < lex->end ? at : STR_NOWHERE;
}

static unsigned
regex_flags(struct lex *lex, struct token *token, size_t *at)
{
	unsigned flags = 0;

	for (;; ++*at) {
		int c = lex_octet(lex, *at);
		if (c == 'i')
			flags |= REGEX_ICASE;
		else if (c == 'x')
			flags |= REGEX_EXTENDED;
		else if (c < 0 || !ascii_is_alnum((unsigned char)c))
			return flags;
		else if (str_is_none(token->fault)) /* or the place costs */
			lex_fault(lex, token, pos_ahead(lex, *at, 1),
			    "unknown flag \"%c\"; there are i (ignore case) "
			    "and x (extended), and a slash in a regex is "
			    "written \\/",
			    c);
	}
}

/* Whether what stands behind a regex may do so. */
static bool
regex_ends_well(const struct lex *lex, size_t at)
{
	int c = lex_octet(lex, at);

	return c < 0 || ascii_is_space((unsigned char)c) ||
	       strchr("})],;", c) != NULL;
}

static void
regex_open(struct lex *lex, struct token *token)
{
	token->kind = TOKEN_BAD;
	lex_fault(lex, token, lex_pos(lex, token->at, 1),
	    "this regex is not closed; write / at its end (only with the "
	    "flag x it may go on in the next line)");
	lex_finish(lex, token, give_up(lex, lex->at + 1));
}

void
lex_regex(struct lex *lex, struct token *token)
{
	bool lines;
	size_t from = lex->at + 1;
	size_t end = regex_end(lex, from, &lines);
	size_t at = end + 1;
	struct lex after = *lex;
	unsigned flags;

	if (end == STR_NOWHERE) {
		regex_open(lex, token);
		return;
	}
	flags = regex_flags(lex, token, &at);
	if (lines &&
	    ((flags & REGEX_EXTENDED) == 0 || !regex_ends_well(lex, at))) {
		token->fault = STR_NONE;
		regex_open(lex, token);
		return;
	}
	token->kind = TOKEN_REGEX;
	token->str = str_sub(lex->source->text, from, end - from);
	token->num = flags;
	if (!regex_ends_well(lex, at))
		lex_fault(lex, token, pos_ahead(lex, at, 1),
		    "behind a regex and its flags stands white space; a "
		    "slash in a regex is written \\/");
	while (!regex_ends_well(lex, at))
		at++;
	if (end == from)
		lex_fault(lex, token, token->pos,
		    "this regex is empty (a comment begins with \"#\")");
	if (end - from > REGEX_PATTERN_MAX) {
		token->kind = TOKEN_BAD;
		lex_fault(lex, token, lex_pos(lex, token->at, 1),
		    "a regex has at most %d octets", REGEX_PATTERN_MAX);
	}
	count_lines(&after, lex->at, at);
	lex_finish(lex, token, at);
	lex->line = after.line;
	lex->line_start = after.line_start;
}

/* ---- items of sets ------------------------------------------------------ */

static bool
in_item(int c)
{
	return c > ' ' && c != 0x7f && c != ',' && c != '{' && c != '}' &&
	       c != '"';
}

/* An item goes on behind its closing quote, or a quote stands in it. */
static void
fault_glued(struct lex *lex, struct token *token)
{
	lex_fault(lex, token, token->pos,
	    "put the whole item in quotes, with \\\" for a quote inside it: "
	    "\"\\\"a b\\\"@example.org\"");
}

static void
lex_word(struct lex *lex, enum lex_mode mode, struct token *token)
{
	size_t at = lex->at;

	while (in_item(lex_octet(lex, at)) &&
	       (mode != LEX_WORD || lex_octet(lex, at) != ';'))
		at++;
	token->kind = TOKEN_WORD;
	if (lex_octet(lex, lex->at) == '#') {
		lex_fault(lex, token, lex_pos(lex, lex->at, 1),
		    "a comment begins behind white space; write a space "
		    "before \"#\", or quote the item");
		at = line_end(lex, at);
	}
	lex_finish(lex, token, at);
	token->str = token->text;
	if (str_ends(token->text, STR(";")))
		lex_fault(lex, token, lex_pos(lex, at - 1, 1),
		    "between items stands white space or a comma; quote the "
		    "item if the \";\" is its own");
	if (lex_octet(lex, at) == '"')
		fault_glued(lex, token);
}

void
lex_item(struct lex *lex, enum lex_mode mode, struct token *token)
{
	int c = lex_octet(lex, lex->at);

	if (c == '{' || c == '}' || c == ',') {
		token->kind = TOKEN_PUNCT;
		lex_finish(lex, token, lex->at + 1);
		token->str = token->text;
	} else if (c == '"') {
		lex_string(lex, token);
		if (token->kind == TOKEN_STRING &&
		    in_item(lex_octet(lex, lex->at)))
			fault_glued(lex, token);
	} else if (c == '/' && mode == LEX_PATTERNS) {
		lex_regex(lex, token);
	} else if (c == ';' && mode == LEX_WORD) {
		lex_odd(lex, token);
	} else if (in_item(c)) {
		lex_word(lex, mode, token);
	} else {
		token->kind = TOKEN_BAD;
		lex_finish(lex, token, lex->at + 1);
		lex_fault(lex, token, token->pos,
		    "a control character (octet %d) has no place here", c);
	}
}
