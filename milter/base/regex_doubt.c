/*
 * regex_doubt - one pass over a regex's text.
 *
 * A group that can be repeated without bound, and that holds a part which
 * can be repeated without bound itself, as in (a+)+, may be matched in
 * exponentially many ways.  Atomic groups and possessive quantifiers are the
 * cure and are let pass, and so are groups that can be matched in one way
 * only, as in ([a-z]+\.)*: what repeats, and one octet that it cannot match.
 * This is a warning: groups below DEPTH_MAX are not looked into.
 */
#include "base/regex_doubt.h"

#include "base/buf.h"
#include "base/regex.h"

enum {
	DEPTH_MAX = 64,
	ITEM_MAX = 200, /* octets of a class that is tried */
};

struct group {
	size_t body;  /* where it begins, behind "(" or "(?:" */
	bool repeats; /* holds a part that is repeated without bound */
	bool atomic;
};

struct scan {
	struct str s;
	size_t i;
	unsigned flags;
	bool extended;
	struct group groups[DEPTH_MAX];
	size_t depth;     /* of open groups; more than DEPTH_MAX are counted */
	const char *half; /* what half_a_letter() said first, and where */
	size_t half_at;
};

/* Behind a class, "[...]"; i stands on its bracket. */
static size_t
skip_class(struct str s, size_t i)
{
	i++;
	if (i < s.n && s.p[i] == '^')
		i++;
	if (i < s.n && s.p[i] == ']')
		i++;
	while (i < s.n && s.p[i] != ']') {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '[' && i + 1 < s.n && s.p[i + 1] == ':') {
			while (i < s.n && s.p[i] != ']')
				i++;
		}
		i++;
	}
	return i + 1;
}

/* Behind "\x", or behind "\Q...\E". */
static size_t
skip_escape(struct str s, size_t i)
{
	if (i + 1 >= s.n || s.p[i + 1] != 'Q')
		return i + 2;
	for (i += 2; i + 1 < s.n; i++)
		if (s.p[i] == '\\' && s.p[i + 1] == 'E')
			return i + 2;
	return s.n;
}

static size_t
skip_to(struct str s, size_t i, char end)
{
	while (i < s.n && s.p[i] != end)
		i++;
	return i + 1;
}

/*
 * A quantifier at i: how many octets it takes (0: none), and whether it has
 * no bound and gives back what it took.
 */
static size_t
quantifier(struct str s, size_t i, bool *repeats_r)
{
	size_t end = i + 1;

	*repeats_r = false;
	if (i >= s.n)
		return 0;
	if (s.p[i] == '*' || s.p[i] == '+') {
		*repeats_r = true;
	} else if (s.p[i] == '{') {
		while (end < s.n && ascii_is_digit(str_at(s, end)))
			end++;
		if (end == i + 1 || end >= s.n)
			return 0;
		if (s.p[end] == ',' && end + 1 < s.n && s.p[end + 1] == '}')
			*repeats_r = true;
		end = skip_to(s, end, '}');
	} else if (s.p[i] != '?') {
		return 0;
	}
	if (end < s.n && s.p[end] == '+') {
		*repeats_r = false;
		end++;
	} else if (end < s.n && s.p[end] == '?') {
		end++;
	}
	return end - i;
}

static void
open_group(struct scan *scan)
{
	struct str rest = str_from(scan->s, scan->i);
	bool atomic = str_starts(rest, STR("(?>"));

	if (str_starts(rest, STR("(?#"))) {
		scan->i = skip_to(scan->s, scan->i, ')');
		return;
	}
	if (scan->depth < DEPTH_MAX)
		scan->groups[scan->depth] = (struct group){
			.body =
			    scan->i + (str_starts(rest, STR("(?:")) ? 3 : 1),
			.atomic = atomic
		};
	scan->depth++;
	scan->i++;
	/* The '?' behind the bracket is no quantifier. */
	if (scan->i < scan->s.n && scan->s.p[scan->i] == '?')
		scan->i++;
}

/* Marks the group that is open now as holding a repeated part. */
static void
mark(struct scan *scan)
{
	if (scan->depth > 0 && scan->depth <= DEPTH_MAX)
		scan->groups[scan->depth - 1].repeats = true;
}

/* ---- groups that match in one way only ---------------------------------- */

/* Behind an escape, a class or a character at i. */
static size_t
skip_item(struct str s, size_t i)
{
	if (s.p[i] == '\\')
		return skip_escape(s, i);
	return s.p[i] == '[' ? skip_class(s, i) : i + 1;
}

/* A regex for one octet that this item matches; NULL if it is no such item. */
static struct regex *
one_octet(struct str item, unsigned flags)
{
	char room[ITEM_MAX + 16];
	struct buf b = BUF_ON(room);
	struct why why;

	if (item.n > ITEM_MAX ||
	    (item.n == 1 && strchr("()|^$*+?{", item.p[0]) != NULL))
		return NULL;
	buf_printf(&b, "\\A(?:%.*s)\\z", STR_FMT(item));
	return regex_new(buf_str(&b), flags, &why);
}

/* Each matches an octet, and none matches one that the other does. */
static bool
are_apart(const struct regex *a, const struct regex *b)
{
	struct regex_room *room = regex_room_new();
	bool a_some = false;
	bool b_some = false;
	bool both = room == NULL;

	for (unsigned i = 0; i < 256 && !both; i++) {
		const char c = (char)(unsigned char)i;
		bool in_a = regex_match(a, str_of(&c, 1), room) != 0;
		bool in_b = regex_match(b, str_of(&c, 1), room) != 0;

		a_some = a_some || in_a;
		b_some = b_some || in_b;
		both = in_a && in_b;
	}
	regex_room_free(room);
	return a_some && b_some && !both;
}

/*
 * A group's text is two items, one that repeats and one that does not, and
 * nothing matches both: where one ends and the other begins is never in doubt.
 */
static bool
one_way(struct str body, unsigned flags)
{
	size_t first = body.n == 0 ? 0 : skip_item(body, 0);
	size_t second, end, more;
	bool repeats[2];
	struct regex *a, *b;
	bool apart;

	if (first == 0 || first >= body.n)
		return false;
	second = first + quantifier(body, first, &repeats[0]);
	if (second >= body.n)
		return false;
	end = skip_item(body, second);
	if (end > body.n)
		return false;
	more = quantifier(body, end, &repeats[1]);
	if (end + more != body.n || repeats[0] == repeats[1] ||
	    (repeats[0] ? more > 0 : second > first))
		return false;
	a = one_octet(str_sub(body, 0, first), flags);
	b = one_octet(str_sub(body, second, end - second), flags);
	apart = a != NULL && b != NULL && are_apart(a, b);
	regex_free(a);
	regex_free(b);
	return apart;
}

/* ---- letters outside of ASCII ------------------------------------------- */

/*
 * Subjects are octets, and such a letter is several of them: what looks at
 * one octet sees a part of it.  `i` is where an item begins, `end` behind it.
 */
static const char *
half_a_letter(struct str s, size_t i, size_t end)
{
	bool repeats;

	if (s.p[i] == '\\' && i + 1 < s.n && strchr("pPX", s.p[i + 1]) != NULL)
		return "a regex sees octets, and this takes one of them for a "
		       "letter of Latin-1; write the letters themselves, or "
		       "their octets, as in [\\xd0\\xd1] for Cyrillic";
	for (size_t k = i; s.p[i] == '[' && k < end && k < s.n; k++)
		if (str_at(s, k) >= 0x80)
			return "a regex sees octets, and a letter outside of "
			       "ASCII is several, of which a class matches "
			       "one; write (?:A|B) for [AB]";
	if (str_at(s, i) >= 0x80 && quantifier(s, end, &repeats) > 0)
		return "a regex sees octets, and this repeats the last one of "
		       "a letter; put the letter into a group: (?:A)+";
	return NULL;
}

/* ---- the scan ----------------------------------------------------------- */

/* At ')'.  True if the group repeats what repeats. */
static bool
close_group(struct scan *scan)
{
	struct group group = { .atomic = true };
	size_t end = scan->i;
	bool repeats;
	size_t n;

	scan->i++;
	if (scan->depth > 0 && scan->depth <= DEPTH_MAX)
		group = scan->groups[scan->depth - 1];
	if (scan->depth > 0)
		scan->depth--;
	n = quantifier(scan->s, scan->i, &repeats);
	scan->i += n;
	if ((repeats || group.repeats) && !group.atomic)
		mark(scan);
	return repeats && group.repeats && !group.atomic &&
	       !one_way(
		   str_sub(scan->s, group.body, end - group.body), scan->flags);
}

/* Something that matches, not a group; then perhaps its quantifier. */
static void
single(struct scan *scan)
{
	struct str s = scan->s;
	size_t begin = scan->i;
	char c = s.p[scan->i];
	bool repeats;

	if (c == '\\')
		scan->i = skip_escape(s, scan->i);
	else if (c == '[')
		scan->i = skip_class(s, scan->i);
	else if (c == '#' && scan->extended)
		scan->i = skip_to(s, scan->i, '\n');
	else
		scan->i++;
	if (scan->half == NULL) {
		scan->half = half_a_letter(s, begin, scan->i);
		scan->half_at = begin;
	}
	scan->i += quantifier(s, scan->i, &repeats);
	if (repeats)
		mark(scan);
}

/* Goes on to a repeated group that repeats; its offset. */
static bool
nested(struct scan *scan, size_t *at_r)
{
	while (scan->i < scan->s.n) {
		if (scan->s.p[scan->i] == '(') {
			open_group(scan);
			continue;
		}
		if (scan->s.p[scan->i] != ')') {
			single(scan);
			continue;
		}
		*at_r = scan->i;
		if (close_group(scan))
			return true;
	}
	return false;
}

bool
regex_doubt(struct str pattern, unsigned flags, struct why *why)
{
	struct scan scan = { .s = pattern,
		.flags = flags,
		.extended = (flags & REGEX_EXTENDED) != 0 };
	size_t at;

	if (nested(&scan, &at)) {
		why_set_at(why, at,
		    "this repeats a group that repeats itself, as in (a+)+, "
		    "and can take very long on some texts; take one of the "
		    "quantifiers away, or make the group atomic: (?>...)");
		return true;
	}
	if (scan.half != NULL) {
		why_set_at(why, scan.half_at, "%s", scan.half);
		return true;
	}
	if (str_starts(pattern, STR(".*")) || str_starts(pattern, STR("(.*"))) {
		why_set_at(why, 0,
		    "a regex matches anywhere in the text, so the .* at its "
		    "beginning only costs time; leave it out, or anchor the "
		    "regex with ^");
		return true;
	}
	return false;
}
