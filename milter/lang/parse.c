/*
 * parse - the parser's tools: tokens, complaints, recovery.
 *
 * The parser asks for a token only when it needs one, in the mode that its
 * place gives (parse_look), and so never has to take back what it did not
 * want.  After a fault it is in panic: it says nothing more until parse_sync
 * has found the next statement.  A fault that leaves no doubt about what was
 * meant is told without panic.
 */
#include "lang/parse_int.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- tokens ------------------------------------------------------------- */

static void
read_token(struct parser *p, enum lex_mode mode)
{
	do {
		p->before = p->lex;
		/* A hostile text has more faults than memory for texts. */
		p->lex.quiet = p->panic || p->diags->errors >= DIAG_MOST;
		lex_next(&p->lex, mode, &p->tok);
		p->looked = true;
		p->mode = mode;
		if (p->tok.kind != TOKEN_PUNCT || p->tok.text.p[0] != ';')
			return;
		/* Once is enough to learn it. */
		if (!p->semicolon)
			parse_complain(
			    p, p->tok.pos, "%.*s", STR_FMT(p->tok.fault));
		p->semicolon = true;
	} while (true);
}

const struct token *
parse_look(struct parser *p, enum lex_mode mode)
{
	if (p->looked && p->mode == mode)
		return &p->tok;
	if (p->looked)
		p->lex = p->before;
	read_token(p, mode);
	return &p->tok;
}

struct token
parse_take(struct parser *p)
{
	p->looked = false;
	p->last = p->tok;
	if (!str_is_none(p->tok.fault))
		parse_complain(
		    p, p->tok.fault_pos, "%.*s", STR_FMT(p->tok.fault));
	return p->last;
}

size_t
parse_offset(const struct parser *p)
{
	return p->looked ? p->tok.at : p->lex.at;
}

void
parse_seek(struct parser *p, const struct lex *lex)
{
	p->lex = *lex;
	p->looked = false;
}

bool
parse_is_word(struct parser *p, enum lex_mode mode, const char *word)
{
	const struct token *token = parse_look(p, mode);

	return token->kind == TOKEN_NAME && str_eq(token->str, str_c(word));
}

bool
parse_is_punct(struct parser *p, enum lex_mode mode, const char *punct)
{
	const struct token *token = parse_look(p, mode);

	return token->kind == TOKEN_PUNCT && str_eq(token->str, str_c(punct));
}

bool
parse_try_word(struct parser *p, enum lex_mode mode, const char *word)
{
	if (!parse_is_word(p, mode, word))
		return false;
	parse_take(p);
	return true;
}

bool
parse_try_punct(struct parser *p, enum lex_mode mode, const char *punct)
{
	if (!parse_is_punct(p, mode, punct))
		return false;
	parse_take(p);
	return true;
}

bool
parse_want_punct(
    struct parser *p, enum lex_mode mode, const char *punct, const char *what)
{
	if (parse_try_punct(p, mode, punct))
		return true;
	parse_expected(p, "%s", what);
	return false;
}

/* ---- complaints --------------------------------------------------------- */

static void complain(struct parser *p, struct pos pos, const char *fmt,
    va_list args) __attribute__((format(printf, 3, 0)));

static void
complain(struct parser *p, struct pos pos, const char *fmt, va_list args)
{
	char text[WHY_MAX * 2];

	vsnprintf(text, sizeof(text), fmt, args);
	diag_add(p->diags, DIAG_ERROR, pos, "%s", text);
}

void
parse_complain(struct parser *p, struct pos pos, const char *fmt, ...)
{
	va_list args;

	if (p->panic)
		return;
	va_start(args, fmt);
	complain(p, pos, fmt, args);
	va_end(args);
}

void
parse_fail(struct parser *p, struct pos pos, const char *fmt, ...)
{
	va_list args;

	if (p->panic)
		return;
	va_start(args, fmt);
	complain(p, pos, fmt, args);
	va_end(args);
	p->panic = true;
}

void
parse_fail_note(struct parser *p, struct pos pos, struct pos note_pos,
    const char *text, const char *note)
{
	if (p->panic)
		return;
	diag_add(p->diags, DIAG_ERROR, pos, "%s", text);
	diag_add(p->diags, DIAG_NOTE, note_pos, "%s", note);
	p->panic = true;
}

struct str
parse_found(struct parser *p, const struct token *token)
{
	struct str text = str_sub(token->text, 0, 40);
	const char *more = text.n < token->text.n ? "..." : "";
	size_t line_end = str_find(text, '\n');

	if (line_end != STR_NOWHERE) {
		text = str_sub(text, 0, line_end);
		more = "...";
	}
	if (p->diags->errors >= DIAG_MOST)
		return STR("");
	if (token->kind == TOKEN_END)
		return token->at < token->pos.source->text.n
			   ? STR("the end of the expression")
			   : STR("the end of the file");
	if (token->kind == TOKEN_LABEL)
		return arena_printf(p->arena,
		    "the label %.*s:", STR_FMT(str_sub(token->str, 0, 40)));
	if (token->kind == TOKEN_STRING)
		return arena_printf(
		    p->arena, "the text %.*s%s", STR_FMT(text), more);
	return arena_printf(p->arena, "\"%.*s%s\"", STR_FMT(text), more);
}

/* Just behind the last token, for what is missing at the end of a line. */
static struct pos
pos_behind(const struct token *token)
{
	struct pos pos = token->pos;
	size_t nl = str_rfind(token->text, '\n');

	if (nl == STR_NOWHERE) {
		pos.col += (uint32_t)token->text.n;
	} else {
		for (size_t i = 0; i <= nl; i++)
			if (token->text.p[i] == '\n')
				pos.line++;
		pos.col = (uint32_t)(token->text.n - nl);
	}
	pos.len = 1;
	return pos;
}

void
parse_expected(struct parser *p, const char *fmt, ...)
{
	const struct token *token = &p->tok;
	char what[WHY_MAX];
	struct str found;
	va_list args;

	if (p->panic)
		return;
	if (token->kind == TOKEN_BAD) {
		parse_fail(p, token->fault_pos, "%.*s", STR_FMT(token->fault));
		return;
	}
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	found = parse_found(p, token);
	parse_fail(p,
	    token->first && p->last.pos.source == token->pos.source
		? pos_behind(&p->last)
		: token->pos,
	    "expected %s, not %.*s", what, STR_FMT(found));
}

/* ---- recovery ----------------------------------------------------------- */

static bool
begins_statement(const struct token *token)
{
	if (!token->first)
		return false;
	return token->kind == TOKEN_LABEL ||
	       (token->kind == TOKEN_NAME &&
		   (parse_begins_top(token->str) ||
		       parse_begins_rule(token->str)));
}

static enum lex_mode
skip_mode(const struct parser *p)
{
	return p->last.kind == TOKEN_NAME && str_eq(p->last.str, STR("matches"))
		   ? LEX_REGEX
		   : LEX_PLAIN;
}

void
parse_sync(struct parser *p)
{
	size_t braces = 0;

	p->panic = true;
	for (;;) {
		const struct token *token = parse_look(p, skip_mode(p));
		if (token->kind == TOKEN_END)
			break;
		if (braces == 0 && parse_is_punct(p, p->mode, "}"))
			break;
		if (braces == 0 && begins_statement(token))
			break;
		if (parse_is_punct(p, p->mode, "{"))
			braces++;
		if (!parse_is_punct(p, p->mode, "}")) {
			parse_take(p);
			continue;
		}
		parse_take(p);
		if (--braces == 0 && !parse_is_word(p, LEX_PLAIN, "else"))
			break;
	}
	p->panic = false;
	/* To be read again, with the text of its fault. */
	parse_seek(p, &p->before);
}

void
parse_go_on(struct parser *p, size_t begin)
{
	if (p->panic)
		parse_sync(p);
	if (parse_offset(p) != begin ||
	    parse_look(p, LEX_PLAIN)->kind == TOKEN_END)
		return;
	p->panic = true;
	parse_take(p);
	p->panic = false;
}

bool
parse_sync_brace(struct parser *p)
{
	bool found;

	p->panic = true;
	for (;;) {
		const struct token *token = parse_look(p, skip_mode(p));
		found = parse_is_punct(p, p->mode, "{");
		if (found || token->kind == TOKEN_END ||
		    parse_is_punct(p, p->mode, "}") || begins_statement(token))
			break;
		parse_take(p);
	}
	p->panic = !found;
	return found;
}

/* ---- limits and places -------------------------------------------------- */

bool
parse_enter(struct parser *p, struct pos pos)
{
	if (p->depth >= PARSE_NESTING_MAX) {
		parse_fail(p, pos,
		    "more than %d levels of when, else when, parentheses, "
		    "not and ${...} within each other",
		    PARSE_NESTING_MAX);
		return false;
	}
	p->depth++;
	return true;
}

void
parse_leave(struct parser *p)
{
	p->depth--;
}

unsigned
parse_indent(const struct token *token)
{
	struct str text = token->pos.source->text;
	unsigned width = 0;

	for (size_t i = token->at - (token->pos.col - 1); i < text.n; i++) {
		if (text.p[i] == ' ')
			width++;
		else if (text.p[i] == '\t')
			width = (width / 8 + 1) * 8;
		else
			break;
	}
	return width;
}

void
parse_close(struct parser *p, const struct token *open)
{
	struct token close = parse_take(p);

	if (p->suspect.source == NULL && close.first &&
	    close.pos.line != open->pos.line &&
	    parse_indent(&close) < parse_indent(open))
		p->suspect = open->pos;
}

bool
parse_goes_on(struct parser *p, struct pos start)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	return !token->first || token->pos.col > start.col;
}
