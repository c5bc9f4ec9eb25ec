/*
 * pattern_scan - which of many regexes can match a text.
 *
 * A regex has up to a few sets of literals, and of each one must stand in
 * the text.  That set is looked for whose literals the fewest other regexes
 * have: of a thousand regexes on names below example.com none is found by
 * ".example.com", if it can be helped.
 */
#include "lists/pattern_scan.h"

#include <stdlib.h>

#include "base/regex_literal.h"

/* A literal of a set of a regex. */
struct use {
	struct str text;
	uint32_t regex;
	uint32_t set;
};

struct work {
	struct use *uses;
	size_t n;
	/* By regex and set: how many uses its most common literal has. */
	uint32_t (*crowds)[REGEX_SETS_MAX];
};

/* All literals of all sets; only counted where to is NULL. */
static size_t
gather(struct regex *const *regexes, size_t n, struct use *to)
{
	size_t used = 0;

	for (uint32_t i = 0; i < n * REGEX_SETS_MAX; i++) {
		uint32_t regex = i / REGEX_SETS_MAX;
		uint32_t set = i % REGEX_SETS_MAX;
		const struct str *texts;
		size_t n_texts = regex_literals(regexes[regex], set, &texts);

		for (size_t j = 0; to != NULL && j < n_texts; j++)
			to[used + j] = (struct use){ texts[j], regex, set };
		used += n_texts;
	}
	return used;
}

static int
use_cmp(const void *a, const void *b)
{
	const struct use *x = a;
	const struct use *y = b;

	return str_cmp(x->text, y->text);
}

/* Uses of the same text stand together. */
static void
count_crowds(struct work *w)
{
	size_t from = 0;

	qsort(w->uses, w->n, sizeof(*w->uses), use_cmp);
	for (size_t to = 1; to <= w->n; to++) {
		if (to < w->n && str_eq(w->uses[to].text, w->uses[from].text))
			continue;
		for (size_t i = from; i < to; i++) {
			const struct use *use = &w->uses[i];
			uint32_t *crowd = &w->crowds[use->regex][use->set];
			if (*crowd < to - from)
				*crowd = (uint32_t)(to - from);
		}
		from = to;
	}
}

/* The set by which a regex is found; REGEX_SETS_MAX: there is none. */
static uint32_t
rarest(const uint32_t crowds[REGEX_SETS_MAX])
{
	uint32_t best = REGEX_SETS_MAX;

	for (uint32_t i = 0; i < REGEX_SETS_MAX; i++)
		if (crowds[i] > 0 &&
		    (best == REGEX_SETS_MAX || crowds[i] < crowds[best]))
			best = i;
	return best;
}

static struct scanner *
make_scanner(const struct work *w)
{
	struct scanner_item *items = calloc(w->n + 1, sizeof(*items));
	struct scanner *scanner = NULL;
	size_t n = 0;

	for (size_t i = 0; items != NULL && i < w->n; i++) {
		const struct use *use = &w->uses[i];
		if (use->set == rarest(w->crowds[use->regex]))
			items[n++] =
			    (struct scanner_item){ use->text, use->regex };
	}
	if (items != NULL)
		scanner = scanner_new(items, n);
	free(items);
	return scanner;
}

static void
add_always(struct pattern_scan *scan, const struct work *w, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (rarest(w->crowds[i]) == REGEX_SETS_MAX)
			scan->always[scan->n_always++] = i;
}

bool
pattern_scan_make(
    struct pattern_scan *scan, struct regex *const *regexes, size_t n)
{
	struct work w = { .n = gather(regexes, n, NULL) };

	w.uses = calloc(w.n + 1, sizeof(*w.uses));
	w.crowds = calloc(n + 1, sizeof(*w.crowds));
	scan->always = calloc(n + 1, sizeof(*scan->always));
	if (w.uses != NULL && w.crowds != NULL && scan->always != NULL) {
		(void)gather(regexes, n, w.uses);
		count_crowds(&w);
		add_always(scan, &w, n);
		scan->scanner = make_scanner(&w);
	}
	free(w.uses);
	free(w.crowds);
	return scan->scanner != NULL;
}

void
pattern_scan_free(struct pattern_scan *scan)
{
	scanner_free(scan->scanner);
	free(scan->always);
}
