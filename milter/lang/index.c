/*
 * index - lays out what index_pick chose: one table of hashes for all facts
 * of a program, and lists of steps, in the policy's arena.
 */
#include "lang/index_int.h"

#include <stdlib.h>

enum {
	/* A fact that finds but one step is not worth looking up. */
	STEPS_LEAST = 2,
};

/* ---- hashes ------------------------------------------------------------- */

uint64_t
index_hash_text(uint32_t key, enum index_part part, struct str text)
{
	uint64_t hash = index_hash_begin(key, part);

	for (size_t i = text.n; i-- > 0;)
		hash = index_hash_octet(hash, ascii_lower(str_at(text, i)));
	return index_hash_end(hash);
}

uint64_t
index_hash_net(uint32_t key, struct ip ip, unsigned prefix)
{
	uint64_t hash = index_hash_begin(key, INDEX_NET);
	unsigned whole = prefix / 8;
	unsigned rest = prefix % 8;

	hash = index_hash_octet(hash, (unsigned char)ip.family);
	hash = index_hash_octet(hash, (unsigned char)prefix);
	if (rest > 0)
		hash = index_hash_octet(
		    hash, (unsigned char)(ip.b[whole] >> (8 - rest)));
	while (whole-- > 0)
		hash = index_hash_octet(hash, ip.b[whole]);
	return index_hash_end(hash);
}

/* ---- which facts are worth it ------------------------------------------- */

/* A step under a hash. */
struct pair {
	uint64_t hash;
	uint32_t step;
};

struct work {
	struct picks *picks;
	struct index_key *keys;
	uint32_t n;      /* steps */
	uint32_t *waits; /* by step: bit per key that it is found by */
	struct pair *pairs;
	uint32_t n_pairs;
	uint32_t *lists; /* index->steps */
	uint32_t n_lists;
};

_Static_assert(INDEX_KEYS_MAX <= 32, "a bit per key");

static uint32_t
waits_of(const struct picks *picks, const struct index_pick *pick)
{
	uint32_t waits = 0;

	for (uint32_t i = 0; pick->found && i < pick->n; i++)
		waits |= 1u << picks->entries[pick->first + i].key;
	return waits;
}

/* Steps that wait for a fact which is not worth it are asked always. */
static void
drop_rare(struct work *w)
{
	uint32_t steps[INDEX_KEYS_MAX] = { 0 };
	uint32_t rare = 0;

	for (uint32_t i = 0; i < w->n; i++) {
		w->waits[i] = waits_of(w->picks, &w->picks->steps[i]);
		for (uint32_t key = 0; key < INDEX_KEYS_MAX; key++)
			steps[key] += w->waits[i] >> key & 1;
	}
	for (uint32_t key = 0; key < INDEX_KEYS_MAX; key++)
		if (steps[key] < STEPS_LEAST)
			rare |= 1u << key;
	for (uint32_t i = 0; i < w->n; i++) {
		if ((w->waits[i] & rare) == 0)
			continue;
		w->waits[i] = 0;
		w->picks->steps[i].found = false;
	}
}

/* ---- laying out --------------------------------------------------------- */

static void
key_uses(struct index_key *key, const struct index_entry *e)
{
	key->parts |= 1u << e->part;
	if (e->part == INDEX_ORDER && e->above < key->above)
		key->above = e->above;
	if (e->part == INDEX_ORDER && e->below > key->below)
		key->below = e->below;
	if (e->part != INDEX_NET)
		return;
	if (e->v6)
		key->v6[e->prefix / 64] |= (uint64_t)1 << e->prefix % 64;
	else
		key->v4 |= (uint64_t)1 << e->prefix;
}

/* The steps of a hash stand together, in their order. */
static int
pair_cmp(const void *a, const void *b)
{
	const struct pair *x = a;
	const struct pair *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->step < y->step ? -1 : x->step > y->step;
}

static void
gather_pairs(struct work *w, struct arena *scratch)
{
	const struct picks *picks = w->picks;

	w->pairs = arena_xalloc(
	    scratch, ((size_t)picks->n_entries + 1) * sizeof(*w->pairs));
	for (uint32_t i = 0; i < w->n; i++) {
		const struct index_pick *pick = &picks->steps[i];

		for (uint32_t j = 0; pick->found && j < pick->n; j++) {
			const struct index_entry *e =
			    &picks->entries[pick->first + j];
			key_uses(&w->keys[e->key], e);
			if (e->part == INDEX_TEXT || e->part == INDEX_ORDER)
				continue;
			w->pairs[w->n_pairs++] = (struct pair){ e->hash, i };
		}
	}
	qsort(w->pairs, w->n_pairs, sizeof(*w->pairs), pair_cmp);
}

static void
lay_slots(struct work *w, struct arena *arena, struct index *index)
{
	struct index_slot *slots;
	struct index_slot *slot = NULL;
	uint32_t room = 4;

	while (room < 2 * w->n_pairs)
		room *= 2;
	slots = arena_xalloc(arena, room * sizeof(*slots));
	index->slots = slots;
	index->mask = room - 1;
	for (uint32_t i = 0; i < w->n_pairs; i++) {
		const struct pair *pair = &w->pairs[i];

		if (i == 0 || pair[-1].hash != pair->hash) {
			slot = &slots[index_slot_of(
			    slots, index->mask, pair->hash)];
			slot->hash = pair->hash;
			slot->steps.first = w->n_lists;
		} else if (pair[-1].step == pair->step) {
			continue;
		}
		w->lists[w->n_lists++] = pair->step;
		slot->steps.n++;
	}
}

/* The steps that wait for a key; those that are asked always. */
static void
lay_lists(struct work *w, struct index *index)
{
	for (uint32_t key = 0; key < index->n_keys; key++) {
		struct index_list *all = &w->keys[key].all;

		all->first = w->n_lists;
		for (uint32_t i = 0; i < w->n; i++)
			if ((w->waits[i] >> key & 1) != 0)
				w->lists[w->n_lists++] = i;
		all->n = w->n_lists - all->first;
	}
	index->always.first = w->n_lists;
	for (uint32_t i = 0; i < w->n; i++)
		if (!w->picks->steps[i].found)
			w->lists[w->n_lists++] = i;
	index->always.n = w->n_lists - index->always.first;
}

/* Only keys that some step is found by are looked up. */
static void
lay_keys(struct work *w, struct index *index)
{
	for (uint32_t key = 0; key < w->picks->n_keys; key++)
		w->keys[key].value = w->picks->keys[key];
	index->keys = w->keys;
	index->n_keys = w->picks->n_keys;
}

static void
free_scanner(void *scanner)
{
	scanner_free(scanner);
}

/* The literals of a key, found by a scanner of their own.  False when memory
 * is out. */
static bool
lay_scanner(
    struct work *w, struct arena *arena, struct arena *scratch, uint32_t key)
{
	const struct picks *picks = w->picks;
	struct scanner_item *items = arena_xalloc(
	    scratch, ((size_t)picks->n_entries + 1) * sizeof(*items));
	struct scanner *scanner;
	size_t n = 0;

	for (uint32_t i = 0; i < w->n; i++) {
		const struct index_pick *pick = &picks->steps[i];

		for (uint32_t j = 0; pick->found && j < pick->n; j++) {
			const struct index_entry *e =
			    &picks->entries[pick->first + j];
			if (e->key == key && e->part == INDEX_TEXT)
				items[n++] =
				    (struct scanner_item){ e->text, i };
		}
	}
	scanner = scanner_new(items, n);
	w->keys[key].scanner = scanner;
	if (scanner != NULL && arena_defer(arena, free_scanner, scanner))
		return true;
	scanner_free(scanner);
	return false;
}

static size_t
lists_room(const struct work *w)
{
	size_t room = (size_t)w->n_pairs + w->n;

	for (uint32_t i = 0; i < w->n; i++)
		for (uint32_t waits = w->waits[i]; waits != 0;
		     waits &= waits - 1)
			room++;
	return room;
}

/* How many steps are found. */
static uint32_t
found_steps(const struct work *w)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < w->n; i++)
		found += w->picks->steps[i].found;
	return found;
}

const struct index *
index_build(struct arena *arena, struct arena *scratch, struct step *steps,
    uint32_t n, bool once)
{
	struct picks picks;
	struct work w = { .picks = &picks, .n = n };
	struct index *index;

	index_pick(scratch, steps, n, once, &picks);
	w.waits = arena_xalloc(scratch, ((size_t)n + 1) * sizeof(*w.waits));
	drop_rare(&w);
	if (found_steps(&w) == 0)
		return NULL;
	index = arena_xalloc(arena, sizeof(*index));
	w.keys = arena_xalloc(arena, INDEX_KEYS_MAX * sizeof(*w.keys));
	for (uint32_t key = 0; key < INDEX_KEYS_MAX; key++) {
		w.keys[key].above = INT64_MAX;
		w.keys[key].below = INT64_MIN;
	}
	gather_pairs(&w, scratch);
	w.lists = arena_xalloc(arena, lists_room(&w) * sizeof(*w.lists));
	index->steps = w.lists;
	lay_keys(&w, index);
	lay_slots(&w, arena, index);
	lay_lists(&w, index);
	for (uint32_t key = 0; key < index->n_keys; key++)
		if ((w.keys[key].parts & 1u << INDEX_TEXT) != 0 &&
		    !lay_scanner(&w, arena, scratch, key))
			return NULL;
	for (uint32_t i = 0; i < n; i++)
		if (picks.steps[i].found)
			steps[i].found_by = picks.steps[i].test;
	return index;
}
