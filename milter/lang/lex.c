/*
 * lex - white space, names, labels and punctuation.
 *
 * Numbers are lex_literal.c's; strings, regexes and the items of sets are
 * lex_quote.c's.  Every call of lex_next moves on by at least one octet, or
 * gives TOKEN_END, so that no input can hold up a loop over tokens.
 */
#include "lang/lex_int.h"

#include "base/typography.h"

#include <stdarg.h>
#include <stdio.h>

void
lex_init(struct lex *lex, struct arena *arena, const struct source *source)
{
	*lex = (struct lex){ .arena = arena,
		.source = source,
		.end = source->text.n,
		.line = 1 };
	if (str_starts(source->text, STR("\xef\xbb\xbf")))
		lex->at = 3;
}

struct lex
lex_enter(const struct lex *outer, const struct token *token, size_t front,
    size_t back)
{
	struct lex lex = *outer;

	lex.at = token->at + front;
	lex.end = token->at + token->text.n - back;
	lex.line = token->pos.line;
	lex.line_start = token->at - (token->pos.col - 1);
	lex.line_begun = true;
	return lex;
}

struct pos
lex_pos(const struct lex *lex, size_t at, size_t n)
{
	return (struct pos){ .source = lex->source,
		.line = lex->line,
		.col = (uint32_t)(at - lex->line_start + 1),
		.len = (uint32_t)(n == 0 ? 1 : n) };
}

void
lex_fault(
    struct lex *lex, struct token *token, struct pos pos, const char *fmt, ...)
{
	char text[WHY_MAX];
	va_list args;

	if (!str_is_none(token->fault))
		return;
	token->fault_pos = pos;
	token->fault = STR("");
	if (lex->quiet)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	token->fault = arena_xstr(lex->arena, str_c(text));
}

void
lex_finish(struct lex *lex, struct token *token, size_t at)
{
	token->text = str_sub(lex->source->text, token->at, at - token->at);
	token->pos.len = (uint32_t)(token->text.n == 0 ? 1 : token->text.n);
	lex->at = at;
}

/* ---- white space -------------------------------------------------------- */

/* A '#' begins a comment at the start of a line or behind white space. */
static bool
begins_comment(const struct lex *lex)
{
	return !lex->line_begun ||
	       ascii_is_space(str_at(lex->source->text, lex->at - 1));
}

static void
skip_comment(struct lex *lex)
{
	while (lex->at < lex->end && lex_octet(lex, lex->at) != '\n')
		lex->at++;
}

static void
skip_space(struct lex *lex)
{
	for (;;) {
		int c = lex_octet(lex, lex->at);
		if (c == '#' && begins_comment(lex)) {
			skip_comment(lex);
			continue;
		}
		if (c < 0 || !ascii_is_space((unsigned char)c))
			return;
		lex->at++;
		if (c == '\n') {
			lex->line++;
			lex->line_start = lex->at;
			lex->line_begun = false;
		}
	}
}

/* ---- names -------------------------------------------------------------- */

static bool
in_name(int c)
{
	return c == '-' || c == '_' ||
	       (c >= 0 && ascii_is_alnum((unsigned char)c));
}

static bool
begins_name(int c)
{
	return c >= 0 && ascii_is_alpha((unsigned char)c);
}

static size_t
name_end(const struct lex *lex)
{
	size_t at = lex->at;

	for (;;) {
		while (in_name(lex_octet(lex, at)))
			at++;
		if (lex_octet(lex, at) != '.' ||
		    !begins_name(lex_octet(lex, at + 1)))
			return at;
		at++;
	}
}

/* How many octets at `at` are a dash of typography: 0, or 2 and more. */
static size_t
dash_at(const struct lex *lex, size_t at)
{
	const struct typography *sign = NULL;

	if (lex_octet(lex, at) >= 0x80)
		sign = typography_at(
		    str_sub(lex->source->text, at, lex->end - at));
	return sign != NULL && sign->dash ? strlen(sign->octets) : 0;
}

/* Behind what goes on after such dashes, as in "bad–sender". */
static size_t
dashed_end(const struct lex *lex, size_t end)
{
	size_t n;

	while ((n = dash_at(lex, end)) > 0 && in_name(lex_octet(lex, end + n)))
		for (end += n; in_name(lex_octet(lex, end));)
			end++;
	return end;
}

/* The name in its right spelling: lower case, '-' for '_'. */
static struct str
name_spelt(struct lex *lex, struct token *token, struct str raw)
{
	char *p;
	size_t n = 0;
	size_t dash;
	bool right = true;

	for (size_t i = 0; i < raw.n; i++)
		if (str_at(raw, i) == '_' || str_at(raw, i) >= 0x80 ||
		    ascii_lower(str_at(raw, i)) != str_at(raw, i))
			right = false;
	if (right)
		return raw;
	p = arena_xalloc(lex->arena, raw.n + 1);
	for (size_t i = 0; i < raw.n; i++) {
		dash = dash_at(lex, (size_t)(raw.p - lex->source->text.p) + i);
		p[n++] = dash > 0 || raw.p[i] == '_'
			     ? '-'
			     : (char)ascii_lower(str_at(raw, i));
		i += dash > 0 ? dash - 1 : 0;
	}
	lex_fault(lex, token, token->pos,
	    "names and keywords have small letters, digits and \"-\"; write "
	    "%.100s",
	    p);
	return str_of(p, n);
}

/* LABEL = NAME [ blanks ] ":" */
static bool
is_label(const struct lex *lex, size_t name_ends, size_t *end_r)
{
	size_t at = name_ends;

	while (lex_octet(lex, at) == ' ' || lex_octet(lex, at) == '\t')
		at++;
	if (lex_octet(lex, at) != ':' || lex_octet(lex, at + 1) == ':')
		return false;
	*end_r = at + 1;
	return true;
}

/* Two colons in a run of hexadecimal digits: an IPv6 address. */
static bool
is_ipv6(const struct lex *lex)
{
	unsigned colons = 0;

	for (size_t at = lex->at; colons < 2; at++) {
		int c = lex_octet(lex, at);
		if (c == ':')
			colons++;
		else if (c < 0 || !ascii_is_xdigit((unsigned char)c))
			return false;
	}
	return true;
}

static void
lex_address(struct lex *lex, struct token *token)
{
	size_t at = lex->at;

	while (in_name(lex_octet(lex, at)) || lex_octet(lex, at) == ':' ||
	       lex_octet(lex, at) == '.' || lex_octet(lex, at) == '/' ||
	       lex_octet(lex, at) == '%')
		at++;
	token->kind = TOKEN_ADDRESS;
	lex_finish(lex, token, at);
	token->str = token->text;
}

/* A mail address without quotes, with the offset of its '@'. */
static void
lex_bare_address(struct lex *lex, struct token *token, size_t at)
{
	while (in_name(lex_octet(lex, at)) || lex_octet(lex, at) == '.' ||
	       lex_octet(lex, at) == '@')
		at++;
	token->kind = TOKEN_BAD;
	lex_finish(lex, token, at);
	lex_fault(lex, token, token->pos,
	    "an address stands in double quotes; write \"%.*s\"",
	    STR_FMT(str_sub(token->text, 0, 256)));
}

static void
lex_name(struct lex *lex, enum lex_mode mode, struct token *token)
{
	size_t end = name_end(lex);
	struct str raw;

	if (mode != LEX_PLAIN && is_ipv6(lex)) {
		lex_address(lex, token);
		return;
	}
	if (lex_octet(lex, end) == '@') {
		lex_bare_address(lex, token, end);
		return;
	}
	end = dashed_end(lex, end);
	raw = str_sub(lex->source->text, lex->at, end - lex->at);
	token->kind = is_label(lex, end, &end) ? TOKEN_LABEL : TOKEN_NAME;
	lex_finish(lex, token, end);
	token->str = name_spelt(lex, token, raw);
	if (token->kind == TOKEN_LABEL && str_find(raw, '.') != STR_NOWHERE)
		lex_fault(lex, token, token->pos,
		    "a label has small letters, digits and \"-\", and no dots");
}

/* ---- punctuation -------------------------------------------------------- */

/* Longer ones before those they begin with. */
static const char *const puncts[] = {
	"==",
	"!=",
	"<=",
	">=",
	"{",
	"}",
	"(",
	")",
	"[",
	"]",
	",",
	".",
	"=",
	"<",
	">",
	"+",
	"-",
	"*",
};

/* What other languages write, and what was meant by it. */
static const struct odd {
	const char *text;
	enum token_kind kind; /* TOKEN_BAD: nobody can tell */
	const char *meant;
	const char *fault;
} odds[] = {
	{ "===", TOKEN_PUNCT, "==", "write == for equal" },
	{ "!==", TOKEN_PUNCT, "!=", "write != for not equal" },
	{ "!=~", TOKEN_PUNCT, "!~", "write not matches /.../" },
	{ "!~", TOKEN_PUNCT, "!~", "write not matches /.../" },
	{ "=~", TOKEN_PUNCT, "=~", "write matches /.../" },
	{ "<>", TOKEN_PUNCT, "!=",
	    "write != for not equal (the null sender is: sender is null)" },
	{ "=<", TOKEN_PUNCT, "<=", "write <= for at most" },
	{ "=>", TOKEN_PUNCT, ">=", "write >= for at least" },
	{ "&&", TOKEN_NAME, "and", "write and instead of &&" },
	{ "||", TOKEN_NAME, "or", "write or instead of ||" },
	{ "&", TOKEN_NAME, "and", "write and instead of &" },
	{ "|", TOKEN_NAME, "or", "write or instead of |" },
	{ ";", TOKEN_PUNCT, ";",
	    "statements need no \";\" at their end; leave it out" },
	{ "#", TOKEN_BAD, NULL,
	    "a comment begins at the start of a line or behind white space; "
	    "write a space before \"#\"" },
	{ "//", TOKEN_BAD, NULL, "a comment begins with \"#\"" },
	{ "/*", TOKEN_BAD, NULL,
	    "a comment begins with \"#\" and ends with its line" },
	{ "@", TOKEN_BAD, NULL,
	    "an address stands in double quotes, such as "
	    "\"user@example.org\"" },
	{ "$", TOKEN_BAD, NULL,
	    "a value is named without \"$\" here; ${...} is for texts in "
	    "double quotes" },
	{ "::", TOKEN_BAD, NULL, "an address has no place here" },
	{ ":", TOKEN_BAD, NULL,
	    "\":\" only ends the label at the beginning of a rule" },
	{ "/", TOKEN_BAD, NULL, "there is no division; only + - and *" },
	{ "%", TOKEN_BAD, NULL, "there is no remainder; only + - and *" },
	{ "?", TOKEN_BAD, NULL,
	    "there is no \"?\"; write a rule for each case" },
	{ "~", TOKEN_BAD, NULL, "write matches /.../ for a regex" },
	{ "\\", TOKEN_BAD, NULL,
	    "a line needs no \"\\\" to go on in the next one" },
	{ "`", TOKEN_BAD, NULL, "a text stands in double quotes" },
	{ "'", TOKEN_BAD, NULL, "a text stands in double quotes" },
};

static bool
stands_here(const struct lex *lex, const char *text)
{
	struct str rest =
	    str_sub(lex->source->text, lex->at, lex->end - lex->at);

	return str_starts(rest, str_c(text));
}

bool
lex_odd(struct lex *lex, struct token *token)
{
	for (size_t i = 0; i < sizeof(odds) / sizeof(odds[0]); i++) {
		const struct odd *odd = &odds[i];
		if (!stands_here(lex, odd->text))
			continue;
		token->kind = odd->kind;
		lex_finish(lex, token, lex->at + strlen(odd->text));
		token->str = str_c(odd->meant);
		lex_fault(lex, token, token->pos, "%s", odd->fault);
		return true;
	}
	/* A lone "!", which must not hide the "!=" among puncts. */
	if (!stands_here(lex, "!") || stands_here(lex, "!="))
		return false;
	token->kind = TOKEN_NAME;
	lex_finish(lex, token, lex->at + 1);
	token->str = STR("not");
	lex_fault(lex, token, token->pos, "write not instead of !");
	return true;
}

static bool
lex_punct(struct lex *lex, struct token *token)
{
	for (size_t i = 0; i < sizeof(puncts) / sizeof(puncts[0]); i++) {
		if (!stands_here(lex, puncts[i]))
			continue;
		token->kind = TOKEN_PUNCT;
		lex_finish(lex, token, lex->at + strlen(puncts[i]));
		token->str = token->text;
		return true;
	}
	return false;
}

/* ---- octets that have no place ------------------------------------------ */

/* A byte order mark of another encoding. */
static bool
is_utf16(const struct lex *lex)
{
	return stands_here(lex, "\xff\xfe") || stands_here(lex, "\xfe\xff");
}

/* A run of octets over 127, or of control characters: one fault for all. */
static void
lex_octets(struct lex *lex, struct token *token)
{
	int c = lex_octet(lex, lex->at);
	size_t at = lex->at + 1;

	if (c >= 0x80)
		while (lex_octet(lex, at) >= 0x80)
			at++;
	else if (!ascii_is_print((unsigned char)c))
		while (lex_octet(lex, at) == c)
			at++;
	lex_finish(lex, token, at);
	if (c >= 0x80)
		lex_fault(lex, token, token->pos,
		    "letters outside of ASCII stand in double quotes");
	else if (ascii_is_print((unsigned char)c))
		lex_fault(
		    lex, token, token->pos, "\"%c\" has no place here", c);
	else
		lex_fault(lex, token, token->pos,
		    "a control character (octet %d) has no place here", c);
}

static void
lex_foreign(struct lex *lex, struct token *token)
{
	const struct typography *sign = typography_at(
	    str_sub(lex->source->text, lex->at, lex->end - lex->at));

	token->kind = TOKEN_BAD;
	if (sign != NULL) {
		lex_finish(lex, token, lex->at + strlen(sign->octets));
		lex_fault(lex, token, token->pos, "%s; %s", sign->what,
		    sign->instead);
	} else if (is_utf16(lex)) {
		lex_finish(lex, token, lex->at + 2);
		lex_fault(lex, token, token->pos,
		    "the file is UTF-16; save it as UTF-8 or ASCII");
	} else {
		lex_octets(lex, token);
	}
}

/* ---- the next token ----------------------------------------------------- */

/*
 * Where only a value can stand, "<>" is the null sender, and other signs
 * that compare nothing yet are best told as such.
 */
static bool
lex_null_sender(struct lex *lex, struct token *token)
{
	if (!stands_here(lex, "<>"))
		return false;
	token->kind = TOKEN_BAD;
	lex_finish(lex, token, lex->at + 2);
	lex_fault(lex, token, token->pos,
	    "for the null sender write: sender is null");
	return true;
}

static bool
begins_foreign_comment(const struct lex *lex)
{
	return stands_here(lex, "//") || stands_here(lex, "/*");
}

static void
lex_stray_regex(struct lex *lex, struct token *token)
{
	lex_fault(lex, token, token->pos,
	    "a regex stands only behind matches and in a patterns list");
	lex_regex(lex, token);
	token->kind = TOKEN_BAD;
}

static void
lex_plain(struct lex *lex, enum lex_mode mode, struct token *token)
{
	int c = lex_octet(lex, lex->at);

	if (begins_name(c))
		lex_name(lex, mode, token);
	else if (c == '"' || c == '\'')
		lex_string(lex, token);
	else if (c >= 0 && ascii_is_digit((unsigned char)c))
		lex_literal(lex, token);
	else if (c == ':' && mode != LEX_PLAIN && is_ipv6(lex))
		lex_address(lex, token);
	else if (c == '/' && mode == LEX_REGEX)
		lex_regex(lex, token);
	else if (c == '/' && mode == LEX_VALUE && !begins_foreign_comment(lex))
		lex_stray_regex(lex, token);
	else if (mode == LEX_PLAIN || !lex_null_sender(lex, token))
		if (!lex_odd(lex, token) && !lex_punct(lex, token))
			lex_foreign(lex, token);
}

void
lex_next(struct lex *lex, enum lex_mode mode, struct token *token_r)
{
	size_t before = lex->at;

	if (mode != LEX_STRING)
		skip_space(lex);
	*token_r = (struct token){ .kind = TOKEN_END,
		.pos = lex_pos(lex, lex->at, 1),
		.at = lex->at,
		.first = !lex->line_begun,
		.spaced = lex->at != before || lex->at == 0 };
	lex->line_begun = true;
	if (lex->at >= lex->end) {
		token_r->text = str_sub(lex->source->text, lex->at, 0);
		return;
	}
	switch (mode) {
	case LEX_PLAIN:
	case LEX_VALUE:
	case LEX_REGEX:
		lex_plain(lex, mode, token_r);
		return;
	case LEX_WORD:
	case LEX_SET:
	case LEX_PATTERNS:
		lex_item(lex, mode, token_r);
		return;
	case LEX_STRING:
		lex_piece(lex, token_r);
		return;
	}
}
