/*
 * lex_literal - what begins with a digit: numbers with their kind, reply
 * codes, addresses; and what to write instead of what is none of them.
 *
 * The kinds and their limits are literal.c's, which reads the items of sets
 * too; only codes and addresses are told apart here.
 */
#include "lang/lex_int.h"
#include "lang/literal.h"

#include <stdio.h>

/* Other people's units, each with ours. */
static const struct {
	const char *word;
	char unit;
} units[] = {
	{ "k", 'K' },
	{ "kb", 'K' },
	{ "kib", 'K' },
	{ "ko", 'K' },
	{ "kbyte", 'K' },
	{ "kbytes", 'K' },
	{ "kilobytes", 'K' },
	{ "mb", 'M' },
	{ "mib", 'M' },
	{ "mo", 'M' },
	{ "mbyte", 'M' },
	{ "mbytes", 'M' },
	{ "megabyte", 'M' },
	{ "megabytes", 'M' },
	{ "g", 'G' },
	{ "gb", 'G' },
	{ "gib", 'G' },
	{ "go", 'G' },
	{ "gbyte", 'G' },
	{ "gbytes", 'G' },
	{ "gigabytes", 'G' },
	{ "s", 's' },
	{ "sec", 's' },
	{ "secs", 's' },
	{ "second", 's' },
	{ "seconds", 's' },
	{ "min", 'm' },
	{ "mins", 'm' },
	{ "minute", 'm' },
	{ "minutes", 'm' },
	{ "h", 'h' },
	{ "hr", 'h' },
	{ "hrs", 'h' },
	{ "hour", 'h' },
	{ "hours", 'h' },
	{ "d", 'd' },
	{ "day", 'd' },
	{ "days", 'd' },
};

char
lex_unit(struct str word)
{
	/* Only here does the case count. */
	if (str_eq(word, STR("M")))
		return 'M';
	if (str_eq(word, STR("m")))
		return 'm';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_eq_ci(word, str_c(units[i].word)))
			return units[i].unit;
	return 0;
}

/* ---- shapes ------------------------------------------------------------- */

/* How often c stands in s. */
static size_t
count(struct str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == c)
			n++;
	return n;
}

static size_t
digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_is_digit(str_at(s, n)))
		n++;
	return n;
}

/* True if all octets of s are digits or among `more`. */
static bool
only(struct str s, const char *more)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(str_at(s, i)) &&
		    strchr(more, s.p[i]) == NULL)
			return false;
	return true;
}

/* CLASS "." SUBJECT "." DETAIL */
static bool
is_xcode(struct str s)
{
	struct str rest = s;
	struct str part;

	if (!only(s, ".") || count(s, '.') != 2)
		return false;
	while (str_split(&rest, '.', &part))
		if (part.n == 0 || part.n > 3)
			return false;
	return true;
}

static bool
is_address(struct str s)
{
	if (count(s, ':') > 1)
		return true;
	return only(s, "./") && (count(s, '.') == 3 || count(s, '/') == 1);
}

/* ---- what to write instead ---------------------------------------------- */

static void
fault_unit(struct lex *lex, struct token *token, struct str s, size_t n)
{
	struct str word = str_sub(s, n, 40);
	char unit = lex_unit(word);

	if (unit != 0)
		lex_fault(lex, token, token->pos,
		    "unknown unit \"%.*s\"; write %.*s%c", STR_FMT(word),
		    STR_FMT(str_sub(s, 0, n)), unit);
	else if (str_eq_ci(word, STR("w")) || str_eq_ci(word, STR("weeks")))
		lex_fault(lex, token, token->pos,
		    "unknown unit \"%.*s\"; count weeks in days, such as 7d",
		    STR_FMT(word));
	else if (str_eq_ci(word, STR("b")) || str_eq_ci(word, STR("bytes")))
		lex_fault(lex, token, token->pos,
		    "a plain number counts octets; leave \"%.*s\" out",
		    STR_FMT(word));
	else
		lex_fault(lex, token, token->pos,
		    "unknown unit \"%.*s\"; sizes end in K M G, durations in "
		    "s m h d, all without white space",
		    STR_FMT(word));
}

static bool
is_letters(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(str_at(s, i)))
			return false;
	return s.n > 0;
}

static void
fault_dots(struct lex *lex, struct token *token, struct str s)
{
	if (only(s, "."))
		lex_fault(lex, token, token->pos,
		    "\"%.*s\" means nothing: numbers are whole, dates "
		    "2026-12-24, enhanced "
		    "codes have three parts (5.7.1), IPv4 addresses four",
		    STR_FMT(str_sub(s, 0, 40)));
	else
		lex_fault(lex, token, token->pos,
		    "numbers are whole; write a smaller unit, such as 1536K "
		    "for 1.5M");
}

/* s has none of the forms of a literal. */
static void
fault_literal(struct lex *lex, struct token *token, struct str s)
{
	size_t n = digits(s);

	if (n == 1 && s.n == 4 && s.p[1] == ':' && only(str_from(s, 2), ""))
		lex_fault(lex, token, token->pos,
		    "a time of day is hh:mm; write 0%.*s",
		    STR_FMT(str_sub(s, 0, 40)));
	else if (s.n > 0 && s.p[s.n - 1] == ':')
		lex_fault(lex, token, token->pos,
		    "a label begins with a small letter");
	else if (only(s, ":"))
		lex_fault(lex, token, token->pos,
		    "a time of day is hh:mm, such as 22:00");
	else if (only(s, "-") && n == 4 && count(s, '-') == 2)
		lex_fault(lex, token, token->pos,
		    "a date is yyyy-mm-dd, such as 2026-12-24");
	else if (only(s, "-.") && n == 3 && s.p[3] == '-')
		lex_fault(lex, token, token->pos,
		    "write white space between reply code and enhanced code: "
		    "%.*s %.*s",
		    STR_FMT(str_sub(s, 0, 3)), STR_FMT(str_sub(s, 4, 20)));
	else if (only(s, "-"))
		lex_fault(lex, token, token->pos,
		    "write white space on both sides of \"-\"");
	else if (is_letters(str_from(s, n)))
		fault_unit(lex, token, s, n);
	else if (count(s, '.') > 0)
		fault_dots(lex, token, s);
	else
		lex_fault(lex, token, token->pos,
		    "%.*s is no number, and a name begins with a letter; a "
		    "text stands in double quotes",
		    STR_FMT(str_sub(s, 0, 40)));
}

/* ---- the token ---------------------------------------------------------- */

static const enum token_kind kind_of[T_COUNT] = {
	[T_NUMBER] = TOKEN_NUMBER,
	[T_SIZE] = TOKEN_SIZE,
	[T_DURATION] = TOKEN_DURATION,
	[T_CLOCK] = TOKEN_CLOCK,
	[T_DATE] = TOKEN_DATE,
};

static bool
in_literal(int c)
{
	return c >= 0 && c < 0x80 &&
	       (ascii_is_alnum((unsigned char)c) ||
		   strchr("_.:/%-", c) != NULL) &&
	       c != 0;
}

void
lex_literal(struct lex *lex, struct token *token)
{
	size_t at = lex->at;
	struct value value = { .type = T_NONE };
	struct why why = { "", 0 };
	int form;

	while (in_literal(lex_octet(lex, at)))
		at++;
	lex_finish(lex, token, at);
	token->str = token->text;
	form = literal_parse(token->text, &value, &why);
	if (form > 0) {
		token->kind = kind_of[value.type];
		token->num = value.num;
	} else if (is_xcode(token->text)) {
		token->kind = TOKEN_XCODE;
	} else if (is_address(token->text)) {
		token->kind = TOKEN_ADDRESS;
	} else {
		token->kind = TOKEN_NUMBER;
		if (form < 0)
			lex_fault(lex, token, token->pos, "%s", why.text);
		else
			fault_literal(lex, token, token->text);
	}
}
