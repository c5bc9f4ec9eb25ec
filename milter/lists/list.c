/*
 * list - named sets that a policy looks things up in.
 *
 * What all kinds share: the table of kinds, reference count, limits, and the
 * order make, add, seal, match.  The set itself belongs to the kind.  A list
 * that ran out of memory while it was built cannot be sealed, so a list with
 * something missing is never asked.
 *
 * Once sealed nothing changes but the reference count, which is atomic.
 */
#include "lists/list.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lists/kind.h"

struct list {
	const struct list_ops *ops;
	void *set;
	struct arena *scratch; /* until sealed */
	enum list_kind kind;
	atomic_uint refs;
	bool sealed;
	bool failed; /* memory ran out: something is missing */
};

static const struct list_ops *const kinds[] = {
	[LIST_NETWORKS] = &cidr_list_ops,
	[LIST_DOMAINS] = &domain_list_ops,
	[LIST_ADDRESSES] = &address_list_ops,
	[LIST_WORDS] = &hash_list_ops,
	[LIST_PATTERNS] = &pattern_list_ops,
};

_Static_assert(
    sizeof(kinds) / sizeof(kinds[0]) == LIST_KIND_COUNT, "one row per kind");

const char *
list_kind_name(enum list_kind kind)
{
	return kinds[kind]->name;
}

bool
list_kind_find(struct str name, enum list_kind *kind_r)
{
	for (unsigned i = 0; i < LIST_KIND_COUNT; i++) {
		if (!str_eq(name, str_c(kinds[i]->name)))
			continue;
		*kind_r = (enum list_kind)i;
		return true;
	}
	return false;
}

struct list *
list_new(enum list_kind kind)
{
	struct list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	list->ops = kinds[kind];
	list->kind = kind;
	atomic_init(&list->refs, 1);
	list->set = list->ops->make();
	list->scratch = arena_new(ARENA_UNLIMITED);
	/* What is allocated first stays, so that the arena keeps a chunk. */
	if (list->set == NULL || list->scratch == NULL ||
	    arena_alloc(list->scratch, 1) == NULL) {
		list_unref(list);
		return NULL;
	}
	return list;
}

struct list *
list_ref(struct list *list)
{
	atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
	return list;
}

void
list_unref(struct list *list)
{
	if (list == NULL || atomic_fetch_sub_explicit(
				&list->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (list->set != NULL)
		list->ops->free(list->set);
	arena_free(list->scratch);
	free(list);
}

/* ---- building -----------------------------------------------------------
 */

bool
entry_no_memory(struct entry_room *room)
{
	room->no_memory = true;
	return why_set(room->why, "out of memory");
}

static bool
too_long(struct str entry, size_t most, struct why *why)
{
	return why_set(why,
	    "the entry has %zu octets; the limit for one entry is %zu", entry.n,
	    most);
}

bool
list_add(struct list *list, struct str entry, struct why *why)
{
	struct entry_room room = { list->scratch, why, false };
	struct arena_mark mark;
	bool added;

	assert(!list->sealed);
	if (entry.n > list->ops->entry_most)
		return too_long(entry, list->ops->entry_most, why);
	mark = arena_mark(list->scratch);
	added = list->ops->add(list->set, entry, &room);
	arena_release(list->scratch, mark);
	arena_clear_failed(list->scratch);
	if (room.no_memory)
		list->failed = true;
	return added;
}

bool
list_add_regex(
    struct list *list, struct str pattern, unsigned flags, struct why *why)
{
	struct entry_room room = { list->scratch, why, false };
	bool added;

	assert(!list->sealed && list->kind == LIST_PATTERNS);
	added = pattern_list_add(list->set, pattern, flags, &room);
	if (room.no_memory)
		list->failed = true;
	return added;
}

bool
list_add_list(struct list *list, const struct list *other)
{
	assert(!list->sealed && other->sealed && list->kind == other->kind);
	if (!list->ops->add_all(list->set, other->set))
		list->failed = true;
	return !list->failed;
}

bool
list_seal(struct list *list)
{
	if (list->sealed)
		return true;
	if (list->failed || !list->ops->seal(list->set))
		return false;
	arena_free(list->scratch);
	list->scratch = NULL;
	list->sealed = true;
	return true;
}

bool
list_failed(const struct list *list)
{
	return list->failed;
}

bool
list_doubt(enum list_kind kind, struct str entry, struct why *why)
{
	return kinds[kind]->doubt != NULL && kinds[kind]->doubt(entry, why);
}

/* ---- questions ----------------------------------------------------------
 */

enum list_kind
list_kind(const struct list *list)
{
	return list->kind;
}

size_t
list_size(const struct list *list)
{
	return list->ops->size(list->set);
}

bool
list_next(const struct list *list, size_t *at, struct list_entry *entry_r)
{
	assert(list->sealed);
	return list->ops->next != NULL &&
	       list->ops->next(list->set, at, entry_r);
}

int
list_match_ip(const struct list *list, struct ip ip)
{
	assert(list->sealed && list->ops->match_ip != NULL);
	return list->ops->match_ip(list->set, ip);
}

int
list_match_domain(const struct list *list, struct str domain)
{
	assert(list->sealed && list->ops->match_domain != NULL);
	return list->ops->match_domain(list->set, domain);
}

int
list_match_address(const struct list *list, const struct address *a)
{
	assert(list->sealed && list->ops->match_address != NULL);
	return list->ops->match_address(list->set, a);
}

int
list_match_text(
    const struct list *list, struct str text, struct regex_room *room)
{
	assert(list->sealed && list->ops->match_text != NULL);
	return list->ops->match_text(list->set, text, room);
}
