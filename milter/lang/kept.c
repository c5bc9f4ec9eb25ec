/*
 * kept - lists and maps that the next load of a policy can share.
 *
 * The digest is keyed anew for each file, so that nobody can make another
 * content with the same one.
 */
#include "lang/kept.h"

#include <stdlib.h>

struct valued *
valued_new(void)
{
	struct valued *valued = calloc(1, sizeof(*valued));

	if (valued == NULL)
		return NULL;
	atomic_init(&valued->refs, 1);
	valued->arena = arena_new(ARENA_UNLIMITED);
	valued->map = map_new();
	if (valued->arena != NULL && valued->map != NULL)
		return valued;
	valued_unref(valued);
	return NULL;
}

struct valued *
valued_ref(struct valued *valued)
{
	atomic_fetch_add(&valued->refs, 1);
	return valued;
}

void
valued_unref(struct valued *valued)
{
	if (valued == NULL || atomic_fetch_sub(&valued->refs, 1) != 1)
		return;
	map_unref(valued->map);
	arena_free(valued->arena);
	free(valued);
}

bool
kept_is_shared(const struct kept_def *kept, const struct kept_def *old)
{
	while (old != NULL && !str_eq(old->name, kept->name))
		old = old->next;
	return old != NULL && old->list == kept->list &&
	       old->valued == kept->valued;
}

size_t
kept_size(const struct kept_def *kept)
{
	if (kept->list != NULL)
		return list_size(kept->list);
	return kept->valued == NULL ? 0 : map_size(kept->valued->map);
}

void
kept_file_set(struct kept_file *file, const struct source *source,
    const struct source_stamp *stamp)
{
	file->stamp = *stamp;
	file->n = source->text.n;
	file->key = hash_key_random();
	file->digest = hash_str(file->key, source->text);
}

bool
kept_file_is(const struct kept_file *file, const struct source *source)
{
	return file->n == source->text.n &&
	       file->digest == hash_str(file->key, source->text);
}
