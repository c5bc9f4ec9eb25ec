/*
 * scanner - a trie of the texts, with links for where to go on when it ends.
 *
 *     he, she, hers      0 ─h─ 1 ─e─ 3 ─r─ 5 ─s─ 6
 *                        └─s─ 2 ─h─ 4 ─e─ 7          fail: 4 ▶ 1, 7 ▶ 3
 *
 * States are numbered by breadth, so that the children of one stand side by
 * side: a state is the number of its first child, an octet and two links, 17
 * octets with the text that ends there.  Deep states have one child, as a
 * rule; only for the root, where most octets of a subject end, there is a
 * table.
 */
#include "base/scanner.h"

#include <stdlib.h>

#define NO_TEXT UINT32_MAX

struct scanner {
	uint32_t root[256];   /* child of state 0 for an octet, or 0 */
	uint32_t n;           /* states */
	uint32_t *first;      /* by state: its first child; n + 1 of them */
	uint32_t *fail;       /* the longest suffix that is a state too */
	uint32_t *text;       /* that ends here, or NO_TEXT */
	uint32_t *shorter;    /* the next suffix where a text ends, or 0 */
	unsigned char *octet; /* that leads to it */
	uint32_t n_texts;
	uint32_t *list; /* by text: its first number; n_texts + 1 of them */
	uint32_t *numbers;
};

void
scanner_free(struct scanner *scanner)
{
	if (scanner == NULL)
		return;
	free(scanner->first);
	free(scanner->fail);
	free(scanner->text);
	free(scanner->shorter);
	free(scanner->octet);
	free(scanner->list);
	free(scanner->numbers);
	free(scanner);
}

size_t
scanner_memory(const struct scanner *s)
{
	return sizeof(*s) + (size_t)s->n * (4 * sizeof(uint32_t) + 1) +
	       (s->n_texts + 1 + (size_t)s->list[s->n_texts]) *
		   sizeof(uint32_t);
}

/* ---- building ------------------------------------------------------------ */

static int
item_cmp(const void *a, const void *b)
{
	const struct scanner_item *x = a;
	const struct scanner_item *y = b;
	int order = str_cmp(x->text, y->text);

	if (order != 0)
		return order;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* Texts with their numbers.  `texts` has room for n. */
static bool
add_texts(
    struct scanner *s, struct scanner_item *items, size_t n, struct str *texts)
{
	uint32_t numbers = 0;

	s->list = calloc(n + 1, sizeof(*s->list));
	s->numbers = calloc(n + 1, sizeof(*s->numbers));
	if (s->list == NULL || s->numbers == NULL)
		return false;
	qsort(items, n, sizeof(*items), item_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !str_eq(items[i - 1].text, items[i].text)) {
			s->list[s->n_texts] = numbers;
			texts[s->n_texts++] = items[i].text;
		} else if (items[i - 1].number == items[i].number) {
			continue;
		}
		s->numbers[numbers++] = items[i].number;
	}
	s->list[s->n_texts] = numbers;
	return true;
}

static bool
states_reserve(struct scanner *s, const struct str *texts)
{
	size_t most = 1;

	for (uint32_t i = 0; i < s->n_texts; i++)
		most += texts[i].n;
	if (most > UINT32_MAX - 1)
		return false;
	s->first = calloc(most + 1, sizeof(*s->first));
	s->fail = calloc(most, sizeof(*s->fail));
	s->text = calloc(most, sizeof(*s->text));
	s->shorter = calloc(most, sizeof(*s->shorter));
	s->octet = calloc(most, 1);
	return s->first != NULL && s->fail != NULL && s->text != NULL &&
	       s->shorter != NULL && s->octet != NULL;
}

/* While the trie grows, texts from..to have the state's octets in front;
 * these lie in `fail` and `shorter`, which are not needed before. */
static void
add_children(
    struct scanner *s, const struct str *texts, uint32_t state, uint32_t depth)
{
	uint32_t from = s->fail[state];
	uint32_t to = s->shorter[state];

	s->text[state] = NO_TEXT;
	if (from < to && texts[from].n == depth)
		s->text[state] = from++;
	while (from < to) {
		unsigned char c = str_at(texts[from], depth);

		s->octet[s->n] = c;
		s->fail[s->n] = from;
		while (from < to && str_at(texts[from], depth) == c)
			from++;
		s->shorter[s->n++] = from;
	}
}

static void
add_states(struct scanner *s, const struct str *texts)
{
	uint32_t level_end = 1;
	uint32_t depth = 0;

	s->n = 1;
	s->shorter[0] = s->n_texts;
	for (uint32_t state = 0; state < s->n; state++) {
		if (state == level_end) {
			level_end = s->n;
			depth++;
		}
		s->first[state] = s->n;
		add_children(s, texts, state, depth);
	}
	s->first[s->n] = s->n;
	for (uint32_t i = s->first[0]; i < s->first[1]; i++)
		s->root[s->octet[i]] = i;
}

/* ---- walking ------------------------------------------------------------- */

/* The state for one octet more. */
static uint32_t
step(const struct scanner *s, uint32_t state, unsigned char c)
{
	for (; state != 0; state = s->fail[state])
		for (uint32_t i = s->first[state]; i < s->first[state + 1]; i++)
			if (s->octet[i] == c)
				return i;
	return s->root[c];
}

/* By breadth: a suffix is shorter, and was done before. */
static void
add_links(struct scanner *s)
{
	s->fail[0] = 0;
	s->shorter[0] = 0;
	for (uint32_t state = 0; state < s->n; state++) {
		for (uint32_t i = s->first[state]; i < s->first[state + 1];
		     i++) {
			uint32_t fail =
			    state == 0 ? 0
				       : step(s, s->fail[state], s->octet[i]);
			s->fail[i] = fail;
			s->shorter[i] =
			    s->text[fail] != NO_TEXT ? fail : s->shorter[fail];
		}
	}
}

struct scanner *
scanner_new(struct scanner_item *items, size_t n)
{
	struct scanner *s = calloc(1, sizeof(*s));
	struct str *texts = calloc(n + 1, sizeof(*texts));

	if (s == NULL || texts == NULL || n >= UINT32_MAX ||
	    !add_texts(s, items, n, texts) || !states_reserve(s, texts)) {
		free(texts);
		scanner_free(s);
		return NULL;
	}
	add_states(s, texts);
	add_links(s);
	free(texts);
	return s;
}

/* Texts that end in a state, and those that are suffixes of it. */
static bool
tell(const struct scanner *s, uint32_t state,
    bool (*found)(void *ctx, const uint32_t *numbers, size_t n), void *ctx)
{
	for (; state != 0; state = s->shorter[state]) {
		uint32_t text = s->text[state];

		if (text != NO_TEXT && !found(ctx, s->numbers + s->list[text],
					   s->list[text + 1] - s->list[text]))
			return false;
	}
	return true;
}

bool
scanner_scan(const struct scanner *s, struct str subject,
    bool (*found)(void *ctx, const uint32_t *numbers, size_t n), void *ctx)
{
	uint32_t state = 0;

	for (size_t i = 0; i < subject.n; i++) {
		unsigned char c = ascii_lower(str_at(subject, i));

		state = state == 0 ? s->root[c] : step(s, state, c);
		if (state != 0 &&
		    (s->text[state] != NO_TEXT || s->shorter[state] != 0) &&
		    !tell(s, state, found, ctx))
			return false;
	}
	return true;
}
