/*
 * index - which steps of a program can act at all, told by one look-up a
 * fact, however many steps there are.
 *
 *     r1: reject if sender.domain == "a.example"
 *     r2: reject if tagged odd                       asked always
 *     r3: reject if sender.domain in { .b.example } and helo matches /x/
 *
 *     sender.domain ── a.example ──▶ r1
 *                   └─ .b.example ─▶ r3
 *
 * For a step the compiler looks for a test that must be true for the step's
 * condition to be true: one part of a chain of `and`, one for each part of a
 * chain of `or`.  If that test compares a fact with what is written in the
 * policy, its values are entered here; if it is a regex, the literals that it
 * cannot match without; if it asks for more or less than a number, the nearest
 * of these bounds.  At run time each such fact is read once and looked
 * up; the steps found, and those that have no entry, are
 * asked in their order.  All others are false: nobody can tell that they
 * were not asked.
 *
 * Only hashes are kept.  That two of them are the same, or that an entry
 * says more than the test, costs asking a step in vain and nothing else.
 *
 * What can change while a program runs is not entered: tags, the score, what
 * is counted, what any and all stand at; and where a program goes on in
 * later events, what an event brings anew (macros).
 */
#ifndef LANG_INDEX_H
#define LANG_INDEX_H

#include "base/ip.h"
#include "base/scanner.h"
#include "lang/expr.h"

struct arena;
struct step;

enum {
	INDEX_KEYS_MAX = 24, /* facts that are looked up in one program */
};

/* Numbers of steps, ascending: [first, first + n) of index->steps. */
struct index_list {
	uint32_t first;
	uint32_t n;
};

/* What of a value is looked up; each has hashes of its own. */
enum index_part {
	INDEX_WHOLE,  /* a string; an address in its normal form */
	INDEX_DOMAIN, /* a name, and from each of its dots on; an address's */
	INDEX_LOCAL,  /* the local part of an address */
	INDEX_NET,    /* an IP address under each prefix that occurs */
	INDEX_TEXT,   /* a literal that a regex needs: found by a scanner */
	INDEX_ORDER,  /* a number beyond the nearest bound */
	INDEX_PART_COUNT
};

/* A fact that is looked up. */
struct index_key {
	const struct expr *value;
	unsigned parts; /* bit 1u << part: has entries */
	uint64_t v4;    /* bit per prefix length of its networks */
	uint64_t v6[3];
	struct index_list all;         /* every step that it has an entry for */
	const struct scanner *scanner; /* INDEX_TEXT: literals to steps */
	int64_t above;          /* INDEX_ORDER: beyond these, all are asked */
	int64_t below;
};

struct index_slot {
	uint64_t hash; /* 0: empty */
	struct index_list steps;
};

struct index {
	const struct index_key *keys;
	uint32_t n_keys;
	const struct index_slot *slots; /* open addressing, half empty */
	uint32_t mask;
	const uint32_t *steps;
	struct index_list always; /* those without an entry */
};

/*
 * The hashes of a key's part: index_hash_begin(), then the octets from the
 * last to the first, then index_hash_end(), which is never 0.  Made so, a
 * domain and all its parents cost one walk.
 */
static inline uint64_t
index_hash_begin(uint32_t key, enum index_part part)
{
	return ((uint64_t)key * INDEX_PART_COUNT + part + 1) *
	       0x9e3779b97f4a7c15;
}

static inline uint64_t
index_hash_octet(uint64_t hash, unsigned char octet)
{
	return (hash ^ octet) * 0x100000001b3;
}

static inline uint64_t
index_hash_end(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93;
	return (hash ^ hash >> 32) | 1;
}

/* Of a text without regard to ASCII case. */
uint64_t index_hash_text(uint32_t key, enum index_part part, struct str text);
/* Of the network of that prefix that has the address. */
uint64_t index_hash_net(uint32_t key, struct ip ip, unsigned prefix);

/*
 * Where a hash stands in the slots, or the empty one where it would.
 */
static inline uint32_t
index_slot_of(const struct index_slot *slots, uint32_t mask, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash >> 16) & mask;

	while (slots[i].hash != 0 && slots[i].hash != hash)
		i = (i + 1) & mask;
	return i;
}

/*
 * The index of a program; NULL where no step has an entry.  `once`: a run of
 * it never goes on in a later event.  Sets found_by of the steps.  In the
 * arena; `scratch` is for the work.
 */
const struct index *index_build(struct arena *arena, struct arena *scratch,
    struct step *steps, uint32_t n, bool once);

#endif
