/*
 * explain_what - what the words of the command line ask about.
 *
 *     550  5.7.1  X.7.1      codes; 5xx, 55, 5.7: all that begin so
 *     "550 5.7.1 no"         a reply, in one word
 *      550 5.7.1 no          or in several, as it comes without quotes
 */
#include "tools/explain_int.h"

enum {
	CODE_DIGITS = 3,
	WORD_SHOWN = 60,
};

/* ---- one word ----------------------------------------------------------- */

bool
explain_xcode_parse(struct str s, struct explain_xcode *x_r)
{
	char digits[REPLY_XCODE_MAX];
	char parsed[REPLY_XCODE_MAX];
	bool any = s.n > 0 && ascii_lower(str_at(s, 0)) == 'x';

	if (s.n < 2 || s.n >= sizeof(digits))
		return false;
	memcpy(digits, s.p, s.n);
	if (any)
		digits[0] = '5';
	if (!reply_xcode_parse(str_of(digits, s.n), parsed, NULL))
		return false;
	*x_r = explain_xcode_of(parsed);
	if (any) {
		x_r->class = 0;
		x_r->text[0] = 'X';
	}
	return true;
}

struct explain_xcode
explain_xcode_of(const char *xcode)
{
	struct explain_xcode x = { .text = "" };
	struct buf b = BUF_ON(x.text);

	xcode_split(xcode, &x.class, &x.subject, &x.detail);
	buf_c(&b, xcode);
	(void)buf_cstr(&b);
	return x;
}

static bool
all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(str_at(s, i)))
			return false;
	return s.n > 0;
}

/* "5xx", "5.7.x", "5.x.x": how much stands before the letters. */
static size_t
without_letters(struct str s)
{
	static const char letters[] = "xyzXYZ";
	size_t n = s.n;

	while (n > 1 && (strchr(letters, s.p[n - 1]) != NULL ||
			    (s.p[n - 1] == '.' && n < s.n &&
				strchr(letters, s.p[n - 2]) != NULL)))
		n--;
	return n;
}

/* "5", "55", "5xx", "5yz", "5.", "5.7", "5.7.x": what stands before the
 * letters; false where it is no beginning of a code. */
static bool
prefix_of(struct str s, struct str *prefix_r)
{
	size_t dots = 0;
	size_t n = without_letters(s);
	bool any = s.n > 1 && ascii_lower(str_at(s, 0)) == 'x' && s.p[1] == '.';

	for (size_t i = any ? 1 : 0; i < n; i++) {
		if (s.p[i] == '.')
			dots++;
		else if (!ascii_is_digit(str_at(s, i)))
			return false;
	}
	if (n == 0 || dots > 2 || (dots == 2 && s.p[n - 1] != '.') ||
	    (dots == 0 && n >= CODE_DIGITS) ||
	    (dots > 0 && n == s.n && s.p[0] == '.'))
		return false;
	*prefix_r = str_sub(s, 0, n);
	return true;
}

/* "550," "(5.7.1)" "550." without what a sentence puts around them. */
static struct str
without_marks(struct str s)
{
	static const char marks[] = ",;:()'\"<>";
	struct explain_xcode c;
	struct str stopped;
	unsigned code;

	while (s.n > 0 && strchr(marks, s.p[0]) != NULL)
		s = str_from(s, 1);
	while (s.n > 0 && strchr(marks, s.p[s.n - 1]) != NULL)
		s.n--;
	if (s.n == 0 || s.p[s.n - 1] != '.')
		return s;
	stopped = str_sub(s, 0, s.n - 1);
	return explain_xcode_parse(stopped, &c) ||
		       reply_code_seen(stopped, &code, NULL)
		   ? stopped
		   : s;
}

static bool
no_code(struct str s, struct why *why)
{
	return why_set(why,
	    "\"%.*s\" is no code; write one such as 550 or 5.7.1, the "
	    "beginning of one such as 55 or 5.7, or a whole reply line in "
	    "quotes",
	    STR_FMT(str_sub(s, 0, WORD_SHOWN)));
}

/* A bounce folds long lines: a line that begins with a blank goes on with the
 * one before it. */
static struct str
unfolded(struct str s, struct arena *arena)
{
	struct buf b = { .p = arena_xalloc(arena, s.n + 1), .cap = s.n + 1 };

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r')
			continue;
		if (s.p[i] != '\n' || i + 1 >= s.n ||
		    (s.p[i + 1] != ' ' && s.p[i + 1] != '\t')) {
			buf_char(&b, s.p[i]);
			continue;
		}
		buf_char(&b, ' ');
		while (i + 1 < s.n && (s.p[i + 1] == ' ' || s.p[i + 1] == '\t'))
			i++;
	}
	return buf_str(&b);
}

static bool
line_of(
    struct str s, struct arena *arena, struct explain_about *a, struct why *why)
{
	struct reply_line *line = arena_xalloc(arena, sizeof(*line));

	a->kind = EXPLAIN_LINE;
	a->line = line;
	return reply_line_parse(unfolded(s, arena), line, why);
}

static bool
word(
    struct str s, struct arena *arena, struct explain_about *a, struct why *why)
{
	s = str_trim(s);
	if (str_find(s, ' ') == STR_NOWHERE)
		s = without_marks(s);
	if (s.n == CODE_DIGITS && all_digits(s)) {
		a->kind = EXPLAIN_CODE;
		return reply_code_seen(s, &a->code, why);
	}
	if (explain_xcode_parse(s, &a->xcode)) {
		a->kind = EXPLAIN_XCODE;
		return true;
	}
	if (prefix_of(s, &a->prefix)) {
		a->kind = EXPLAIN_PREFIX;
		return true;
	}
	if (all_digits(s))
		return why_set(why,
		    "a reply code has three digits, and \"%.*s\" has %zu; "
		    "write "
		    "one such as 550",
		    STR_FMT(str_sub(s, 0, WORD_SHOWN)), s.n);
	if (s.n > 0 && ascii_is_digit(str_at(s, 0)) &&
	    str_find(s, '-') != CODE_DIGITS &&
	    str_find(s, '.') != STR_NOWHERE &&
	    str_find(s, ' ') == STR_NOWHERE) {
		char xcode[REPLY_XCODE_MAX];

		return reply_xcode_parse(s, xcode, why);
	}
	if (line_of(s, arena, a, why))
		return true;
	return str_find(s, ' ') == STR_NOWHERE &&
		       str_find(s, '=') == STR_NOWHERE
		   ? no_code(s, why)
		   : false;
}

/* ---- several words ------------------------------------------------------ */

static bool
is_plain(struct str s)
{
	struct explain_xcode c;
	struct str prefix;

	s = without_marks(s);
	return all_digits(s) || explain_xcode_parse(s, &c) ||
	       prefix_of(s, &prefix);
}

/* "550 5.7.1", or "550 5.7.1 no" without its quotes: the words of one reply.
 * A code and what is none, or a code and its enhanced code. */
static bool
is_one_reply(int n, char **words)
{
	struct explain_xcode c;
	unsigned code;

	if (n < 2 || str_find(str_c(words[0]), ' ') != STR_NOWHERE)
		return false;
	if (!is_plain(str_c(words[0])))
		return true;
	if (n == 2 && reply_code_seen(str_c(words[0]), &code, NULL) &&
	    explain_xcode_parse(str_c(words[1]), &c))
		return true;
	for (int i = 1; i < n; i++)
		if (!is_plain(str_c(words[i])) &&
		    str_find(str_c(words[i]), ' ') == STR_NOWHERE)
			return reply_code_seen(str_c(words[0]), &code, NULL);
	return false;
}

static struct str
joined(int n, char **words, struct arena *arena)
{
	struct buf b = { .cap = 1 };

	for (int i = 0; i < n; i++)
		b.cap += strlen(words[i]) + 1;
	b.p = arena_xalloc(arena, b.cap);
	for (int i = 0; i < n; i++) {
		if (i > 0)
			buf_char(&b, ' ');
		buf_c(&b, words[i]);
	}
	return buf_str(&b);
}

static bool
is_same(const struct explain_about *a, const struct explain_about *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case EXPLAIN_CODE:
		return a->code == b->code;
	case EXPLAIN_XCODE:
		return strcmp(a->xcode.text, b->xcode.text) == 0;
	case EXPLAIN_LINE:
		return false;
	case EXPLAIN_PREFIX:
		return str_eq(a->prefix, b->prefix);
	}
	return false;
}

static bool
is_new(const struct explain_about *about, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(&about[i], &about[n]))
			return false;
	return true;
}

bool
explain_what(int n, char **words, struct arena *arena,
    struct explain_about *about_r, size_t *n_r, struct why *why)
{
	*n_r = 0;
	if (is_one_reply(n, words)) {
		*n_r = 1;
		return word(joined(n, words, arena), arena, about_r, why);
	}
	for (int i = 0; i < n; i++) {
		if (!word(str_c(words[i]), arena, &about_r[*n_r], why))
			return false;
		*n_r += is_new(about_r, *n_r);
	}
	return true;
}
