/*
 * names - open addressing with linear probing, at most half full.
 *
 * Memory that a growing table leaves behind goes with its arena.
 */
#include "lang/names.h"

void
names_init(struct names *names, struct arena *arena, bool fold)
{
	*names = (struct names){
		.arena = arena, .key = hash_key_random(), .fold = fold
	};
}

/* The slot of a name, or the free one where it would go; room > n. */
static struct name_slot *
probe(const struct names *names, struct str name)
{
	uint64_t hash = names->fold ? hash_str_ci(names->key, name)
				    : hash_str(names->key, name);
	size_t i = (size_t)hash & (names->room - 1);

	for (;; i = (i + 1) & (names->room - 1)) {
		struct name_slot *slot = &names->slots[i];
		if (str_is_none(slot->name))
			return slot;
		if (names->fold ? str_eq_ci(slot->name, name)
				: str_eq(slot->name, name))
			return slot;
	}
}

static void
grow(struct names *names)
{
	struct name_slot *old = names->slots;
	size_t old_room = names->room;

	names->room = old_room == 0 ? 16 : old_room * 2;
	names->slots =
	    arena_xalloc(names->arena, names->room * sizeof(*names->slots));
	for (size_t i = 0; i < old_room; i++)
		if (!str_is_none(old[i].name))
			*probe(names, old[i].name) = old[i];
}

struct name_slot *
names_put(struct names *names, struct str name, uint32_t value, bool *old_r)
{
	struct name_slot *slot;

	if (names->n * 2 >= names->room)
		grow(names);
	slot = probe(names, name);
	*old_r = !str_is_none(slot->name);
	if (!*old_r) {
		*slot = (struct name_slot){ name, value };
		names->n++;
	}
	return slot;
}

bool
names_find(const struct names *names, struct str name, uint32_t *value_r)
{
	const struct name_slot *slot;

	if (names->n == 0)
		return false;
	slot = probe(names, name);
	if (str_is_none(slot->name))
		return false;
	*value_r = slot->value;
	return true;
}

bool
name_is_near(struct str misspelt, struct str name, int *most)
{
	unsigned d;

	if (*most < 0)
		return false;
	d = str_distance(misspelt, name, (unsigned)*most);
	/* What has no letter in common is near to nothing. */
	if (d > (unsigned)*most || d >= misspelt.n || d >= name.n)
		return false;
	*most = (int)d - 1;
	return true;
}

struct str
names_near(const struct names *names, struct str name, int *most)
{
	struct str near = STR_NONE;

	for (size_t i = 0; i < names->room; i++)
		if (!str_is_none(names->slots[i].name) &&
		    name_is_near(name, names->slots[i].name, most))
			near = names->slots[i].name;
	return near;
}
