/*
 * strset - a hash table of strings, for lists and maps.
 *
 * Open addressing with linear probing.  A slot is the upper half of the hash
 * (its tag) and the offset of a record; 0 is an empty slot, since the first
 * octet of the blob is never the start of a record.  The tag picks the slot,
 * its share of 2^32 being the slot's share of the table: so the table grows
 * without reading a record and from one end to the other, and a sealed one
 * may have any size.
 *
 * Nothing is ever taken out.  Texts come from list files and, as questions,
 * from clients: the key of the hash is random, and a question longer or with
 * more labels than any text in the set ends early.
 */
#include "lists/strset.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "lists/grow.h"

enum {
	SLOTS_FIRST = 16,
	TAG_SHIFT = 32,
};

struct strset {
	struct hash_key key;
	uint64_t *slots;
	size_t n_slots; /* at most 2^32, more than there are records */
	char *blob;
	size_t used;
	size_t cap;
	size_t count;
	size_t longest;     /* octets of the longest text */
	size_t labels_most; /* labels of the text with most of them */
	unsigned flags;
	unsigned roles; /* of all records */
};

/* What a record has before its text; memory order, unaligned. */
struct head {
	uint32_t value;
	uint16_t length;
	uint8_t roles;
};

enum {
	HEAD_PLAIN = sizeof(uint16_t) + sizeof(uint8_t),
	HEAD_VALUE = HEAD_PLAIN + sizeof(uint32_t),
};

struct strset *
strset_new(unsigned flags)
{
	struct strset *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->key = hash_key_random();
	set->flags = flags;
	set->used = 1;
	return set;
}

void
strset_free(struct strset *set)
{
	if (set == NULL)
		return;
	free(set->slots);
	free(set->blob);
	free(set);
}

/* ---- hash ---------------------------------------------------------------
 */

/*
 * The hash of "label.rest" from the hash of rest.  An empty label is cheap,
 * so that ".rest" can be asked for at every dot.
 */
static uint64_t
hash_label(const struct strset *set, uint64_t rest, struct str label)
{
	struct hash_key key = { { set->key.k[0] ^ rest, set->key.k[1] } };

	if (label.n == 0)
		return (rest << 17 | rest >> 47) ^ 0x9e3779b97f4a7c15;
	if (set->flags & STRSET_EXACT)
		return hash_str(key, label);
	return hash_str_ci(key, label);
}

/* The last label of the first *end octets; *end moves before its dot, or
 * true is returned where there was none. */
static bool
last_label(struct str text, size_t *end, struct str *label_r)
{
	size_t from = *end;

	while (from > 0 && text.p[from - 1] != '.')
		from--;
	*label_r = str_of(text.p + from, *end - from);
	if (from == 0)
		return true;
	*end = from - 1;
	return false;
}

static uint64_t
hash_text(const struct strset *set, struct str text, size_t *labels_r)
{
	uint64_t hash = 0;
	size_t end = text.n;
	struct str label;
	bool first;

	*labels_r = 0;
	do {
		first = last_label(text, &end, &label);
		hash = hash_label(set, hash, label);
		++*labels_r;
	} while (!first);
	return hash;
}

static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> TAG_SHIFT);
}

/* ---- records ------------------------------------------------------------
 */

static size_t
head_size(const struct strset *set)
{
	return set->flags & STRSET_VALUES ? HEAD_VALUE : HEAD_PLAIN;
}

static struct strset_record
record_at(const struct strset *set, size_t offset)
{
	const char *p = set->blob + offset;
	struct head head = { 0, 0, 0 };

	if (set->flags & STRSET_VALUES) {
		memcpy(&head.value, p, sizeof(head.value));
		p += sizeof(head.value);
	}
	memcpy(&head.length, p, sizeof(head.length));
	p += sizeof(head.length);
	memcpy(&head.roles, p, sizeof(head.roles));
	p += sizeof(head.roles);
	return (struct strset_record){
		.text = str_of(p, head.length),
		.roles = head.roles,
		.value = head.value,
	};
}

static void
record_write(
    struct strset *set, struct str text, unsigned roles, uint32_t value)
{
	struct head head = { value, (uint16_t)text.n, (uint8_t)roles };
	char *p = set->blob + set->used;

	if (set->flags & STRSET_VALUES) {
		memcpy(p, &head.value, sizeof(head.value));
		p += sizeof(head.value);
	}
	memcpy(p, &head.length, sizeof(head.length));
	p += sizeof(head.length);
	memcpy(p, &head.roles, sizeof(head.roles));
	p += sizeof(head.roles);
	if (text.n > 0)
		memcpy(p, text.p, text.n);
	set->used += head_size(set) + text.n;
}

/* ---- table --------------------------------------------------------------
 */

static size_t
slot_first(uint64_t tag, size_t n_slots)
{
	return (size_t)(tag * n_slots >> TAG_SHIFT);
}

static size_t
slot_next(size_t i, size_t n_slots)
{
	return i + 1 == n_slots ? 0 : i + 1;
}

static void
slot_put(uint64_t *slots, size_t n_slots, uint64_t slot)
{
	size_t i = slot_first(slot >> TAG_SHIFT, n_slots);

	while (slots[i] != 0)
		i = slot_next(i, n_slots);
	slots[i] = slot;
}

/* A table of n slots instead; false, and nothing changed: no memory. */
static bool
slots_resize(struct strset *set, size_t n)
{
	uint64_t *slots;

	slots = calloc(n, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < set->n_slots; i++)
		if (set->slots[i] != 0)
			slot_put(slots, n, set->slots[i]);
	free(set->slots);
	set->slots = slots;
	set->n_slots = n;
	return true;
}

/* How many slots n records need: three of four are taken. */
static size_t
slots_for(size_t n)
{
	return n + n / 3 + 1;
}

/* Before one more record. */
static bool
slots_reserve(struct strset *set)
{
	if (slots_for(set->count + 1) <= set->n_slots)
		return true;
	return slots_resize(
	    set, set->n_slots == 0 ? SLOTS_FIRST : set->n_slots * 2);
}

static bool
blob_reserve(struct strset *set, size_t n)
{
	char *blob;

	if (n > UINT32_MAX - set->used)
		return false;
	blob = grow(set->blob, &set->cap, set->used + n, 1);
	if (blob == NULL)
		return false;
	set->blob = blob;
	return true;
}

static bool
same_text(const struct strset *set, struct str a, struct str b)
{
	return set->flags & STRSET_EXACT ? str_eq(a, b) : str_eq_ci(a, b);
}

static bool
find_hashed(const struct strset *set, uint64_t hash, struct str text,
    unsigned roles, uint32_t *value_r)
{
	uint32_t tag = tag_of(hash);
	size_t n = set->n_slots;

	for (size_t i = slot_first(tag, n); set->slots[i] != 0;
	     i = slot_next(i, n)) {
		struct strset_record record;
		if ((uint32_t)(set->slots[i] >> TAG_SHIFT) != tag)
			continue;
		record = record_at(set, (uint32_t)set->slots[i]);
		if ((record.roles & roles) == 0 ||
		    !same_text(set, record.text, text))
			continue;
		if (value_r != NULL)
			*value_r = record.value;
		return true;
	}
	return false;
}

enum strset_added
strset_add(struct strset *set, struct str text, unsigned roles, uint32_t value)
{
	size_t labels;
	uint64_t hash = hash_text(set, text, &labels);
	uint64_t slot;

	assert(text.n <= STRSET_TEXT_MAX && roles != 0 && roles <= UINT8_MAX);
	if (!slots_reserve(set))
		return STRSET_NO_MEMORY;
	if (find_hashed(set, hash, text, roles, NULL))
		return STRSET_THERE;
	if (!blob_reserve(set, head_size(set) + text.n))
		return STRSET_NO_MEMORY;
	slot = (uint64_t)tag_of(hash) << TAG_SHIFT | set->used;
	record_write(set, text, roles, value);
	slot_put(set->slots, set->n_slots, slot);
	set->count++;
	set->roles |= roles;
	if (set->longest < text.n)
		set->longest = text.n;
	if (set->labels_most < labels)
		set->labels_most = labels;
	return STRSET_ADDED;
}

void
strset_seal(struct strset *set)
{
	set->blob = shrink(set->blob, &set->cap, set->used, 1);
	if (slots_for(set->count) < set->n_slots)
		(void)slots_resize(set, slots_for(set->count));
}

size_t
strset_count(const struct strset *set)
{
	return set->count;
}

bool
strset_next(
    const struct strset *set, size_t *at, struct strset_record *record_r)
{
	size_t offset = *at == 0 ? 1 : *at;

	if (offset >= set->used)
		return false;
	*record_r = record_at(set, offset);
	*at = offset + head_size(set) + record_r->text.n;
	return true;
}

void
strset_renumber(struct strset *set, const uint32_t *numbers)
{
	struct strset_record record;
	size_t at = 0;

	assert(set->flags & STRSET_VALUES);
	while (strset_next(set, &at, &record)) {
		size_t offset = at - record.text.n - head_size(set);
		uint32_t value = numbers[record.value];
		memcpy(set->blob + offset, &value, sizeof(value));
	}
}

/* ---- questions ----------------------------------------------------------
 */

bool
strset_find(const struct strset *set, struct str text, unsigned roles,
    uint32_t *value_r)
{
	size_t labels;

	if ((set->roles & roles) == 0 || str_is_none(text) ||
	    text.n > set->longest)
		return false;
	return find_hashed(
	    set, hash_text(set, text, &labels), text, roles, value_r);
}

/* From the last label to the first: what is found later is longer. */
bool
strset_find_name(const struct strset *set, struct str name, unsigned roles,
    uint32_t *value_r)
{
	struct str label;
	uint64_t hash = 0;
	bool found = false;

	if ((set->roles & roles) == 0 || str_is_none(name))
		return false;
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	for (size_t end = name.n, i = 0; i < set->labels_most; i++) {
		bool first = last_label(name, &end, &label);
		hash = hash_label(set, hash, label);
		if (first)
			return find_hashed(set, hash, name, roles, value_r) ||
			       found;
		if (name.n - end > set->longest)
			break;
		if (find_hashed(set, hash_label(set, hash, STR("")),
			str_from(name, end), roles, value_r))
			found = true;
	}
	return found;
}
