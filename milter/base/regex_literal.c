/*
 * regex_literal - reads a regex for what it cannot do without.
 *
 *     alternatives  sequence *("|" sequence)        one of each
 *     sequence      *(atom [quantifier])            the best of its runs
 *     atom          octet / escape / class / group
 *
 * A run is what stands side by side.  An octet that may be left out, and all
 * that stands for more than one octet, ends it.  Only what is surely
 * understood is taken: at a form that is not known here, nothing is known of
 * the regex.
 */
#include "base/regex_literal.h"

enum {
	DEPTH_MOST = 20, /* of groups */
	WEIGHT_MOST = 12 /* octets beyond which longer is not better */
};

/* Octets of reader.text. */
struct span {
	uint16_t at;
	uint16_t n;
};

/* One of these must be there. */
struct set {
	size_t n;
	struct span spans[REGEX_LITERALS_MAX];
};

/* One of each; the best first. */
struct sets {
	size_t n;
	struct set sets[REGEX_SETS_MAX];
};

struct reader {
	struct str s;
	size_t i;
	char *text; /* runs, one behind the other */
	size_t used;
	size_t run; /* where the last one begins */
	unsigned depth;
	bool unsure;
};

enum atom_kind {
	ATOM_OTHER, /* any number of octets, not known which */
	ATOM_OCTET,
	ATOM_GROUP,
};

struct atom {
	enum atom_kind kind;
	unsigned char octet; /* ATOM_OCTET */
	struct sets sets;    /* ATOM_GROUP */
};

static struct sets alternatives(struct reader *r);

/* ---- reading ------------------------------------------------------------- */

/* The octet `ahead` of the one that is read next; 0 behind the end. */
static unsigned char
look(const struct reader *r, size_t ahead)
{
	return r->i + ahead < r->s.n ? str_at(r->s, r->i + ahead) : 0;
}

static bool
at_end(const struct reader *r)
{
	return r->unsure || r->i >= r->s.n;
}

static bool
is_one_of(unsigned char c, const char *octets)
{
	return c != 0 && strchr(octets, c) != NULL;
}

/* Past the next `end`; unsure where there is none. */
static void
skip_past(struct reader *r, char end)
{
	size_t at = str_find(str_from(r->s, r->i), end);

	if (at == STR_NOWHERE)
		r->unsure = true;
	else
		r->i += at + 1;
}

static void
atom_octet(struct atom *atom, unsigned char c)
{
	/* What PCRE2 folds beyond ASCII depends on its tables. */
	if (c < 0x80) {
		atom->kind = ATOM_OCTET;
		atom->octet = ascii_lower(c);
	}
}

static unsigned
hex_digit(unsigned char c)
{
	if (ascii_is_digit(c))
		return (unsigned)c - '0';
	return (unsigned)ascii_lower(c) - 'a' + 10;
}

/* \xhh, up to two digits. */
static void
read_hex(struct reader *r, struct atom *atom)
{
	unsigned octet = 0;

	r->unsure = !ascii_is_xdigit(look(r, 0));
	for (int i = 0; i < 2 && ascii_is_xdigit(look(r, 0)); i++)
		octet = octet * 16 + hex_digit(str_at(r->s, r->i++));
	atom_octet(atom, (unsigned char)octet);
}

/* "\" escape */
static void
read_escape(struct reader *r, struct atom *atom)
{
	static const char names[] = "tnrfea";
	static const char octets[] = "\t\n\r\f\033\a";
	unsigned char c = look(r, 1);
	const char *name = c == 0 ? NULL : strchr(names, c);

	r->i += 2;
	if (c == 'x')
		read_hex(r, atom);
	else if (name != NULL)
		atom_octet(atom, (unsigned char)octets[name - names]);
	else if (c == 0 || (c == 'N' && look(r, 0) == '{'))
		r->unsure = true;
	else if (is_one_of(c, "dDwWsShHvVRXCNbBAzZGK"))
		return;
	else if (ascii_is_alnum(c))
		r->unsure = true;
	else
		atom_octet(atom, c);
}

/* A member of a class that is not one octet: "\d", "[:alpha:]". */
static void
skip_member(struct reader *r)
{
	if (look(r, 0) == '\\') {
		r->unsure = r->unsure || is_one_of(look(r, 1), "QEc");
		r->i += 2;
		return;
	}
	r->unsure = r->unsure || look(r, 1) != ':';
	r->i += 2;
	while (ascii_is_alpha(look(r, 0)) || look(r, 0) == '^')
		r->i++;
	r->unsure = r->unsure || look(r, 0) != ':' || look(r, 1) != ']';
	r->i += 2;
}

/* "[" ["^"] ["]"] *member "]"; [.] is an octet, [Aa] too. */
static void
read_class(struct reader *r, struct atom *atom)
{
	unsigned char first = 0;
	bool one;

	r->i++;
	one = look(r, 0) != '^';
	r->i += !one;
	for (bool begun = false; !at_end(r); begun = true) {
		unsigned char c = look(r, 0);

		if (c == ']' && begun)
			break;
		if (c == '\\' || (c == '[' && is_one_of(look(r, 1), ":.="))) {
			skip_member(r);
			one = false;
			continue;
		}
		one = one && c != '-' && c != 0 &&
		      (first == 0 || first == ascii_lower(c));
		first = ascii_lower(c);
		r->i++;
	}
	r->i++;
	if (one)
		atom_octet(atom, first);
}

/* ---- groups -------------------------------------------------------------- */

enum group_kind {
	GROUP_MATCHES, /* what is in it stands in the text */
	GROUP_ABSENT,  /* (?!...): it does not */
	GROUP_EMPTY,   /* (?i): there is nothing in it */
};

/* "?" [flags] [":"]; flag x changes how all that follows is read. */
static enum group_kind
read_flags(struct reader *r)
{
	while (is_one_of(look(r, 0), "imsnUJ-"))
		r->i++;
	if (look(r, 0) != ':' && look(r, 0) != ')')
		r->unsure = true;
	return look(r, 0) == ')' ? GROUP_EMPTY : GROUP_MATCHES;
}

/* Behind "(?<" or the like. */
static void
skip_name(struct reader *r, char end)
{
	if (!ascii_is_alpha(look(r, 0)) && look(r, 0) != '_')
		r->unsure = true;
	skip_past(r, end);
}

/* What stands between "(?" and the group's own text. */
static enum group_kind
read_group_kind(struct reader *r)
{
	unsigned char c = look(r, 0);
	unsigned char next = look(r, 1);
	enum group_kind kind = GROUP_MATCHES;

	if (c == '<' && (next == '=' || next == '!')) {
		r->i++;
		c = next;
	}
	if (is_one_of(c, ":|>=!")) {
		kind = c == '!' ? GROUP_ABSENT : GROUP_MATCHES;
		r->i++;
	} else if (c == '<' || c == '\'') {
		r->i++;
		skip_name(r, c == '<' ? '>' : '\'');
	} else if (c == 'P' && next == '<') {
		r->i += 2;
		skip_name(r, '>');
	} else {
		kind = read_flags(r);
		r->i += look(r, 0) == ':';
	}
	return kind;
}

/* "(" ["?" kind] alternatives ")" */
static void
read_group(struct reader *r, struct atom *atom)
{
	enum group_kind kind = GROUP_MATCHES;

	r->i++;
	if (look(r, 0) == '*' || ++r->depth > DEPTH_MOST)
		r->unsure = true;
	if (look(r, 0) == '?') {
		r->i++;
		kind = read_group_kind(r);
	}
	if (at_end(r))
		return;
	if (kind != GROUP_EMPTY)
		atom->sets = alternatives(r);
	if (kind == GROUP_MATCHES)
		atom->kind = ATOM_GROUP;
	r->unsure = r->unsure || look(r, 0) != ')';
	r->i++;
	r->depth--;
}

/* ---- atoms --------------------------------------------------------------- */

static void
read_atom(struct reader *r, struct atom *atom)
{
	unsigned char c = look(r, 0);

	atom->kind = ATOM_OTHER;
	switch (c) {
	case '\\':
		read_escape(r, atom);
		break;
	case '[':
		read_class(r, atom);
		break;
	case '(':
		read_group(r, atom);
		break;
	case '{':
	case '*':
	case '+':
	case '?':
		r->unsure = true;
		break;
	case '.':
	case '^':
	case '$':
		r->i++;
		break;
	default:
		atom_octet(atom, c);
		r->i++;
		break;
	}
}

/* "{" digits ["," [digits]] "}"; the first digits not all 0: at least once. */
static bool
read_counts(struct reader *r)
{
	bool once = false;

	r->i++;
	r->unsure = r->unsure || !ascii_is_digit(look(r, 0));
	for (; ascii_is_digit(look(r, 0)); r->i++)
		once = once || look(r, 0) != '0';
	r->i += look(r, 0) == ',';
	while (ascii_is_digit(look(r, 0)))
		r->i++;
	r->unsure = r->unsure || look(r, 0) != '}';
	r->i++;
	return once;
}

/* True if there is one; *once_r: what it is of stands there at least once. */
static bool
read_quantifier(struct reader *r, bool *once_r)
{
	unsigned char c = look(r, 0);

	*once_r = true;
	if (!is_one_of(c, "*+?{"))
		return false;
	if (c == '{') {
		*once_r = read_counts(r);
	} else {
		*once_r = c == '+';
		r->i++;
	}
	if (is_one_of(look(r, 0), "?+"))
		r->i++;
	return true;
}

/* ---- what is best -------------------------------------------------------- */

static size_t
weight(const struct set *set)
{
	size_t least = WEIGHT_MOST;

	for (size_t i = 0; i < set->n; i++)
		if (set->spans[i].n < least)
			least = set->spans[i].n;
	return (least + 1) * REGEX_LITERALS_MAX - set->n;
}

static void
consider(struct sets *best, const struct set *set)
{
	size_t i = best->n;

	if (i < REGEX_SETS_MAX)
		best->n++;
	else if (weight(set) <= weight(&best->sets[--i]))
		return;
	for (; i > 0 && weight(set) > weight(&best->sets[i - 1]); i--)
		best->sets[i] = best->sets[i - 1];
	best->sets[i] = *set;
}

static void
end_run(struct reader *r, struct sets *best)
{
	size_t n = r->used - r->run;
	struct set set = { .n = 1 };

	set.spans[0] = (struct span){ (uint16_t)r->run, (uint16_t)n };
	if (n >= REGEX_LITERAL_LENGTH_MIN)
		consider(best, &set);
	r->run = r->used;
}

static void
add_octet(struct reader *r, unsigned char c, struct sets *best)
{
	if (r->used - r->run == REGEX_LITERAL_LENGTH_MAX)
		end_run(r, best);
	r->text[r->used++] = (char)c;
}

/* Of one atom and its quantifier. */
static void
add_atom(struct reader *r, struct sets *best)
{
	struct atom atom;
	bool once, counted;

	/* A group has runs of its own. */
	if (look(r, 0) == '(')
		end_run(r, best);
	read_atom(r, &atom);
	counted = read_quantifier(r, &once);
	if (atom.kind == ATOM_OCTET && once)
		add_octet(r, atom.octet, best);
	if (atom.kind != ATOM_OCTET || counted)
		end_run(r, best);
	for (size_t i = 0; atom.kind == ATOM_GROUP && once && i < atom.sets.n;
	     i++)
		consider(best, &atom.sets.sets[i]);
}

static struct sets
sequence(struct reader *r)
{
	struct sets best = { .n = 0 };

	r->run = r->used;
	while (!at_end(r) && look(r, 0) != '|' && look(r, 0) != ')')
		add_atom(r, &best);
	end_run(r, &best);
	return best;
}

/* Both, or nothing where nothing is known of one, or they are too many. */
static void
unite(struct sets *all, const struct sets *one)
{
	struct set *to = &all->sets[0];
	const struct set *from = &one->sets[0];

	if (all->n == 0 || one->n == 0 ||
	    to->n + from->n > REGEX_LITERALS_MAX) {
		all->n = 0;
		return;
	}
	all->n = 1;
	for (size_t i = 0; i < from->n; i++)
		to->spans[to->n++] = from->spans[i];
}

static struct sets
alternatives(struct reader *r)
{
	struct sets all = sequence(r);

	while (!at_end(r) && look(r, 0) == '|') {
		struct sets one;

		r->i++;
		one = sequence(r);
		unite(&all, &one);
	}
	return all;
}

static void
put_set(const struct reader *r, const struct set *set, struct regex_set *to)
{
	to->n = set->n;
	for (size_t i = 0; i < set->n; i++)
		to->text[i] =
		    str_of(r->text + set->spans[i].at, set->spans[i].n);
}

void
regex_literal_find(
    struct str pattern, char *room, struct regex_literals *found_r)
{
	struct reader r = { .s = pattern, .text = room };
	struct sets sets = { .n = 0 };

	if (pattern.n <= UINT16_MAX)
		sets = alternatives(&r);
	if (r.unsure || r.i < pattern.n)
		sets.n = 0;
	found_r->n = sets.n;
	for (size_t i = 0; i < sets.n; i++)
		put_set(&r, &sets.sets[i], &found_r->sets[i]);
}
