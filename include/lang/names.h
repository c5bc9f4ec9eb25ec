/*
 * names - a table from names to numbers, while a policy is loaded.
 */
#ifndef LANG_NAMES_H
#define LANG_NAMES_H

#include "base/arena.h"
#include "base/hash.h"

struct name_slot {
	struct str name; /* none: the slot is free; borrowed */
	uint32_t value;
};

struct names {
	struct arena *arena;
	struct hash_key key;
	bool fold; /* ASCII case does not count */
	struct name_slot *slots;
	size_t room;
	size_t n;
};

void names_init(struct names *names, struct arena *arena, bool fold);
/* The slot of a name, made with `value` if there was none; *old_r tells. */
struct name_slot *names_put(
    struct names *names, struct str name, uint32_t value, bool *old_r);
bool names_find(const struct names *names, struct str name, uint32_t *value_r);
/*
 * The nearest name within two letters of a misspelt one, or none.  *most is
 * the distance to beat (start with NAMES_NEAR) and is lowered to what was
 * found less one.
 */
enum {
	NAMES_NEAR = 2
};
struct str names_near(const struct names *names, struct str name, int *most);
/* One name of a table against a misspelt one; the same rules. */
bool name_is_near(struct str misspelt, struct str name, int *most);

#endif
