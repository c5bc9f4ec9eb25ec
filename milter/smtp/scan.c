/*
 * scan - the grammar of RFC 5321 4.1.2 in one pass over the octets.
 *
 * Each octet has one class.  A part of the grammar is a run of octets whose
 * classes are in a set; what was seen in a run tells later what to look at
 * again: most addresses need no second look.
 */
#include "smtp/scan.h"

enum {
	CONTROL = 0, /* nowhere */
	QUOTED = 1,  /* in quotes only */
	ATEXT = 2,   /* the marks of RFC 5322 3.2.3 atext */
	LOWER = 4,
	UPPER = 8,
	DIGIT = 16,
	HYPHEN = 32,
	DOT = 64,
	AT = 128,
	QUOTE = 256,
	BACKSLASH = 512,
	EIGHT_BIT = 1024, /* RFC 6531 3.3: UTF8-non-ascii */

	LET_DIG = LOWER | UPPER | DIGIT | EIGHT_BIT,
	LABEL = LET_DIG | HYPHEN,
	ATOM = LET_DIG | HYPHEN | ATEXT,
	QTEXT = ATOM | DOT | AT | QUOTED,
	/* "\" %d32-126 */
	PAIRED = (QTEXT & ~EIGHT_BIT) | QUOTE | BACKSLASH,
};

static const uint16_t classes[256] = {
	[' '] = QUOTED,
	['!'] = ATEXT,
	['"'] = QUOTE,
	['#'] = ATEXT,
	['$'] = ATEXT,
	['%'] = ATEXT,
	['&'] = ATEXT,
	['\''] = ATEXT,
	['('] = QUOTED,
	[')'] = QUOTED,
	['*'] = ATEXT,
	['+'] = ATEXT,
	[','] = QUOTED,
	['-'] = HYPHEN,
	['.'] = DOT,
	['/'] = ATEXT,
	['0' ... '9'] = DIGIT,
	[':'] = QUOTED,
	[';'] = QUOTED,
	['<'] = QUOTED,
	['='] = ATEXT,
	['>'] = QUOTED,
	['?'] = ATEXT,
	['@'] = AT,
	['A' ... 'Z'] = UPPER,
	['['] = QUOTED,
	['\\'] = BACKSLASH,
	[']'] = QUOTED,
	['^'] = ATEXT,
	['_'] = ATEXT,
	['`'] = ATEXT,
	['a' ... 'z'] = LOWER,
	['{'] = ATEXT,
	['|'] = ATEXT,
	['}'] = ATEXT,
	['~'] = ATEXT,
	[0x80 ... 0xff] = EIGHT_BIT,
};

/* Behind the octets of `set` at s[i]; their classes are added to *seen. */
static inline size_t
run(struct str s, size_t i, unsigned set, unsigned *seen)
{
	unsigned class;

	while (i < s.n && ((class = classes[str_at(s, i)]) & set) != 0) {
		*seen |= class;
		i++;
	}
	return i;
}

/* ---- the local part ----------------------------------------------------- */

/* Behind Atom *("." Atom) at the start of s; 0 if it is none. */
static size_t
scan_atoms(struct str s, unsigned *seen)
{
	size_t i = 0;

	for (;;) {
		size_t atom = i;
		i = run(s, i, ATOM, seen);
		if (i == atom)
			return 0;
		if (i == s.n || s.p[i] != '.')
			return i;
		i++;
	}
}

bool
scan_is_dot_string(struct str s)
{
	unsigned seen = 0;

	return s.n > 0 && scan_atoms(s, &seen) == s.n;
}

static void
scan_dot_string(struct str s, struct local_scan *scan)
{
	unsigned seen = 0;

	scan->n = scan_atoms(s, &seen);
	scan->eight_bit = (seen & EIGHT_BIT) != 0;
	scan->normal = true;
	if (scan->n == 0)
		scan->fault = FAULT_BAD_LOCAL;
}

/*
 * DQUOTE *(qtextSMTP / quoted-pairSMTP) DQUOTE.  Normal are quotes that are
 * needed, and backslashes before what needs them.
 */
static void
scan_quoted(struct str s, struct local_scan *scan)
{
	unsigned seen = 0;
	unsigned paired = 0;
	size_t i = 1;

	scan->fault = FAULT_BAD_QUOTED;
	for (;;) {
		i = run(s, i, QTEXT, &seen);
		if (i == s.n || s.p[i] != '\\')
			break;
		if (i + 1 == s.n || (classes[str_at(s, i + 1)] & PAIRED) == 0)
			return;
		paired |= classes[str_at(s, i + 1)];
		i += 2;
	}
	if (i == s.n || s.p[i] != '"')
		return;
	scan->fault = FAULT_NONE;
	scan->n = i + 1;
	scan->eight_bit = (seen & EIGHT_BIT) != 0;
	scan->normal = (paired & (unsigned)~(QUOTE | BACKSLASH)) == 0 &&
		       (paired != 0 || (seen & (QUOTED | AT)) != 0 ||
			   !scan_is_dot_string(str_sub(s, 1, i - 1)));
}

void
scan_local(struct str s, struct local_scan *scan_r)
{
	*scan_r = (struct local_scan){ .fault = FAULT_NONE };
	if (s.n > 0 && s.p[0] == '"')
		scan_quoted(s, scan_r);
	else
		scan_dot_string(s, scan_r);
	if (scan_r->fault == FAULT_NONE && scan_r->n < s.n &&
	    s.p[scan_r->n] != '@')
		scan_r->fault = FAULT_BAD_LOCAL;
	if (scan_r->fault != FAULT_NONE) {
		scan_r->n = 0;
		scan_r->eight_bit = !str_is_ascii(s);
		scan_r->normal = false;
	}
}

/* ---- the domain --------------------------------------------------------- */

static bool
is_a_label(struct str label)
{
	return label.n > 4 && label.p[3] == '-' &&
	       str_starts_ci(label, STR("xn--"));
}

/* sub-domain = Let-dig [Ldh-str] */
static bool
is_sub_domain(struct str label)
{
	return label.n > 0 && label.p[0] != '-' && label.p[label.n - 1] != '-';
}

void
scan_domain(struct str name, struct domain_scan *scan_r)
{
	unsigned seen = 0;
	size_t i = 0;

	*scan_r = (struct domain_scan){ .good = false };
	if (name.n == 0)
		return;
	for (;;) {
		unsigned classes_seen = 0;
		size_t at = i;
		struct str label;
		i = run(name, i, LABEL, &classes_seen);
		label = str_of(name.p + at, i - at);
		if (!is_sub_domain(label))
			return;
		seen |= classes_seen;
		if (label.n > scan_r->longest)
			scan_r->longest = label.n;
		scan_r->a_label = scan_r->a_label || is_a_label(label);
		scan_r->number = classes_seen == DIGIT;
		if (i == name.n)
			break;
		if (name.p[i++] != '.')
			return;
	}
	scan_r->good = true;
	scan_r->eight_bit = (seen & EIGHT_BIT) != 0;
	scan_r->upper = (seen & UPPER) != 0;
}
