/*
 * hash_list - words: exact strings without case, in a strset.
 *
 * Also what the other kinds share whose set is a strset.
 */
#include "lists/kind.h"

#include "lists/strset.h"

void *
strset_list_make(void)
{
	return strset_new(0);
}

void
strset_list_free(void *set)
{
	strset_free(set);
}

bool
strset_list_add(
    void *set, struct str text, unsigned role, struct entry_room *room)
{
	if (strset_add(set, text, role, 0) == STRSET_NO_MEMORY)
		return entry_no_memory(room);
	return true;
}

bool
strset_list_add_all(void *set, const void *other)
{
	struct strset_record record;
	size_t at = 0;

	while (strset_next(other, &at, &record))
		if (strset_add(set, record.text, record.roles, 0) ==
		    STRSET_NO_MEMORY)
			return false;
	return true;
}

bool
strset_list_seal(void *set)
{
	strset_seal(set);
	return true;
}

size_t
strset_list_size(const void *set)
{
	return strset_count(set);
}

bool
strset_list_next(const void *set, size_t *at, struct list_entry *entry_r)
{
	struct strset_record record;

	if (!strset_next(set, at, &record))
		return false;
	*entry_r =
	    (struct list_entry){ .roles = record.roles, .text = record.text };
	return true;
}

static bool
word_add(void *set, struct str entry, struct entry_room *room)
{
	return strset_list_add(set, entry, ROLE_WORD, room);
}

static int
word_match(const void *set, struct str text, struct regex_room *room)
{
	(void)room;
	return strset_find(set, text, ROLE_WORD, NULL);
}

const struct list_ops hash_list_ops = {
	.name = "words",
	.entry_most = LIST_ENTRY_MAX,
	.make = strset_list_make,
	.free = strset_list_free,
	.add = word_add,
	.add_all = strset_list_add_all,
	.seal = strset_list_seal,
	.size = strset_list_size,
	.next = strset_list_next,
	.match_text = word_match,
};
