/*
 * index_int - the two halves of building an index to each other.
 */
#ifndef LANG_INDEX_INT_H
#define LANG_INDEX_INT_H

#include "base/arena.h"
#include "lang/index.h"
#include "lang/policy.h"

/* One value that a test waits for. */
struct index_entry {
	uint64_t hash;
	uint32_t key; /* of picks->keys */
	uint8_t part; /* enum index_part */
	bool v6;      /* INDEX_NET */
	uint8_t prefix;
	struct str text; /* INDEX_TEXT */
	int64_t above;   /* INDEX_ORDER: true only of what is above, or below */
	int64_t below;
};

/* The test by which a step is found. */
struct index_pick {
	bool found;              /* false: the step is asked always */
	uint32_t first;          /* its entries, of picks->entries */
	uint32_t n;              /* 0: nothing ever makes it true */
	uint32_t crowd;          /* tests that share the most common of them */
	uint32_t peers;          /* tests of the fact with fewest of them */
	const struct expr *test; /* the first of them */
};

struct picks {
	struct index_entry *entries;
	uint32_t n_entries;
	struct index_pick *steps;                /* one a step */
	const struct expr *keys[INDEX_KEYS_MAX]; /* what is read */
	uint32_t n_keys;
};

/*
 * Chooses for each step the test by which it is found: of several that will
 * do the one whose values the fewest other steps wait for.  In `scratch`.
 */
void index_pick(struct arena *scratch, const struct step *steps, uint32_t n,
    bool once, struct picks *picks_r);

#endif
