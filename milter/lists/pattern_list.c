/*
 * pattern_list - regexes, of which those are tried that can match.
 *
 * A regex with literals (regex_literals) is tried only where one of them
 * stands in the text: one walk over the text finds them all.  The others are
 * tried always.
 *
 * The texts are kept too, each with its flags as its role, so that the same
 * one is compiled once, and a list can be added to another.
 */
#include "lists/kind.h"

#include <stdlib.h>

#include "base/regex_doubt.h"
#include "lists/grow.h"
#include "lists/pattern_scan.h"
#include "lists/strset.h"

struct pattern_list {
	struct strset *texts;
	struct regex **regexes;
	size_t n;
	size_t cap;
	struct pattern_scan scan; /* once sealed, where there are enough */
};

enum {
	SCANNED_LEAST = 4, /* below, a walk saves nothing */
	TRIED_MOST = 64    /* literals that are told apart in one text */
};

_Static_assert((int)REGEX_PATTERN_MAX <= (int)STRSET_TEXT_MAX,
    "a pattern fits into a strset");

static void
pattern_free(void *set)
{
	struct pattern_list *list = set;

	for (size_t i = 0; i < list->n; i++)
		regex_free(list->regexes[i]);
	free(list->regexes);
	pattern_scan_free(&list->scan);
	strset_free(list->texts);
	free(list);
}

static void *
pattern_make(void)
{
	struct pattern_list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	list->texts = strset_new(STRSET_EXACT);
	if (list->texts == NULL) {
		free(list);
		return NULL;
	}
	return list;
}

static unsigned
role_of(unsigned flags)
{
	return 1u << flags;
}

static unsigned
flags_of(unsigned role)
{
	unsigned flags = 0;

	while (role_of(flags) != role)
		flags++;
	return flags;
}

bool
pattern_list_add(
    void *set, struct str pattern, unsigned flags, struct entry_room *room)
{
	struct pattern_list *list = set;
	struct regex **regexes;
	struct regex *regex;

	if (pattern.n == 0)
		return why_set(room->why,
		    "an empty pattern matches everything; write what is to be "
		    "found between the slashes");
	if (pattern.n > REGEX_PATTERN_MAX)
		return why_set(room->why,
		    "the pattern has %zu octets; the limit for one pattern is "
		    "%d",
		    pattern.n, REGEX_PATTERN_MAX);
	if (strset_find(list->texts, pattern, role_of(flags), NULL))
		return true;
	regexes =
	    grow(list->regexes, &list->cap, list->n + 1, sizeof(*regexes));
	if (regexes == NULL)
		return entry_no_memory(room);
	list->regexes = regexes;
	regex = regex_new(pattern, flags, room->why);
	if (regex == NULL)
		return false;
	if (strset_add(list->texts, pattern, role_of(flags), 0) ==
	    STRSET_NO_MEMORY) {
		regex_free(regex);
		return entry_no_memory(room);
	}
	list->regexes[list->n++] = regex;
	return true;
}

/* The first slash that no backslash stands before; entry begins with one. */
static size_t
closing_slash(struct str entry)
{
	for (size_t i = 1; i < entry.n; i++) {
		if (entry.p[i] == '/')
			return i;
		if (entry.p[i] == '\\')
			i++;
	}
	return STR_NOWHERE;
}

static bool
flag_parse(struct str entry, size_t at, unsigned *flags, struct why *why)
{
	unsigned char c = str_at(entry, at);

	if (c == 'i') {
		*flags |= REGEX_ICASE;
		return true;
	}
	if (c == 'x') {
		*flags |= REGEX_EXTENDED;
		return true;
	}
	if (str_find(str_from(entry, at), '/') != STR_NOWHERE)
		return why_set_at(why, at,
		    "the pattern ends at the slash before this; write \\/ for "
		    "a slash inside a pattern");
	if (ascii_is_space(c))
		return why_set_at(why, at,
		    "there is text behind the pattern; write each pattern as "
		    "an entry of its own, with nothing behind it but flags");
	return why_set_at(why, at,
	    "there is no such flag; behind the closing slash stand i (ignore "
	    "case) and x (extended) only");
}

/* "/" pattern "/" *("i" / "x") */
static bool
pattern_add(void *set, struct str entry, struct entry_room *room)
{
	unsigned flags = 0;
	size_t close;

	if (entry.n == 0 || entry.p[0] != '/')
		return why_set(room->why,
		    "a pattern stands between slashes; write /%.*s/",
		    ENTRY_SHOWN(entry));
	close = closing_slash(entry);
	if (close == STR_NOWHERE)
		return why_set(room->why,
		    "the pattern has no closing slash; write /regex/, and \\/ "
		    "for a slash inside");
	for (size_t i = close + 1; i < entry.n; i++)
		if (!flag_parse(entry, i, &flags, room->why))
			return false;
	if (pattern_list_add(set, str_sub(entry, 1, close - 1), flags, room))
		return true;
	if (room->why != NULL && room->why->at > 0)
		room->why->at++;
	return false;
}

static bool
pattern_add_all(void *set, const void *other)
{
	const struct pattern_list *from = other;
	struct entry_room room = { NULL, NULL, false };
	struct strset_record record;
	size_t at = 0;

	while (strset_next(from->texts, &at, &record))
		if (!pattern_list_add(
			set, record.text, flags_of(record.roles), &room))
			return false;
	return true;
}

static bool
pattern_seal(void *set)
{
	struct pattern_list *list = set;

	strset_seal(list->texts);
	return list->n < SCANNED_LEAST ||
	       pattern_scan_make(&list->scan, list->regexes, list->n);
}

static size_t
pattern_size(const void *set)
{
	const struct pattern_list *list = set;

	return list->n;
}

/* entry was taken: it has both slashes. */
static bool
pattern_doubt(struct str entry, struct why *why)
{
	size_t end = closing_slash(entry);
	unsigned flags = 0;

	if (end == STR_NOWHERE)
		return false;
	if (str_find(str_from(entry, end), 'x') != STR_NOWHERE)
		flags |= REGEX_EXTENDED;
	if (!regex_doubt(str_sub(entry, 1, end - 1), flags, why))
		return false;
	why->at++;
	return true;
}

/* A text under way. */
struct attempt {
	const struct pattern_list *list;
	struct str text;
	struct regex_room *room;
	int result;
	bool over; /* more literals stand in it than are told apart */
	size_t n_tried;
	const uint32_t *tried[TRIED_MOST]; /* as the scanner gave them */
};

/* False where that settles it. */
static bool
try_one(struct attempt *a, size_t i)
{
	int matched = regex_match(a->list->regexes[i], a->text, a->room);

	if (matched != 0)
		a->result = matched;
	return matched <= 0;
}

/* A literal stands in the text. */
static bool
try_found(void *ctx, const uint32_t *numbers, size_t n)
{
	struct attempt *a = ctx;

	for (size_t i = 0; i < a->n_tried; i++)
		if (a->tried[i] == numbers)
			return true;
	if (a->n_tried == TRIED_MOST) {
		a->over = true;
		return false;
	}
	a->tried[a->n_tried++] = numbers;
	for (size_t i = 0; i < n; i++)
		if (!try_one(a, numbers[i]))
			return false;
	return true;
}

static void
try_all(struct attempt *a)
{
	size_t i = 0;

	while (i < a->list->n && try_one(a, i))
		i++;
}

static int
pattern_match(const void *set, struct str text, struct regex_room *room)
{
	const struct pattern_list *list = set;
	struct attempt a = { .list = list, .text = text, .room = room };
	size_t i = 0;

	if (str_is_none(text))
		return 0;
	/* A text that is too long can be told by no regex. */
	if (list->scan.scanner == NULL || text.n > REGEX_SUBJECT_MAX) {
		try_all(&a);
		return a.result;
	}
	if (scanner_scan(list->scan.scanner, text, try_found, &a)) {
		while (i < list->scan.n_always &&
		       try_one(&a, list->scan.always[i]))
			i++;
	} else if (a.over) {
		try_all(&a);
	}
	return a.result;
}

const struct list_ops pattern_list_ops = {
	.name = "patterns",
	/* A pattern has the same limit in a list as behind `matches`; two
	 * slashes and two flags stand around it. */
	.entry_most = REGEX_PATTERN_MAX + 4,
	.make = pattern_make,
	.free = pattern_free,
	.add = pattern_add,
	.add_all = pattern_add_all,
	.seal = pattern_seal,
	.size = pattern_size,
	.doubt = pattern_doubt,
	.match_text = pattern_match,
};
