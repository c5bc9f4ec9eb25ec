/*
 * kind - what a kind of list is made of.  A new kind is one file, a row here
 * and a row of the table in list.c.
 */
#ifndef LISTS_KIND_H
#define LISTS_KIND_H

#include "lists/entry.h"
#include "lists/list.h"

struct list_ops {
	const char *name;
	size_t entry_most; /* octets of one entry */
	/* An empty set; NULL when memory is out. */
	void *(*make)(void);
	void (*free)(void *set);
	/* One entry of at most entry_most octets; the set is as before when
	 * it fails. */
	bool (*add)(void *set, struct str entry, struct entry_room *room);
	/* All of another sealed set.  False when memory is out. */
	bool (*add_all)(void *set, const void *other);
	/* False when memory is out. */
	bool (*seal)(void *set);
	size_t (*size)(const void *set);
	/* As list_next; NULL where entries are not told one by one. */
	bool (*next)(const void *set, size_t *at, struct list_entry *entry_r);
	/* True, and *why says it, if a good entry is hardly what was meant;
	 * NULL where that cannot be told. */
	bool (*doubt)(struct str entry, struct why *why);
	/* As list_match_*; NULL where the kind is not asked that. */
	int (*match_ip)(const void *set, struct ip ip);
	int (*match_domain)(const void *set, struct str domain);
	int (*match_address)(const void *set, const struct address *a);
	int (*match_text)(
	    const void *set, struct str text, struct regex_room *room);
};

extern const struct list_ops cidr_list_ops;
extern const struct list_ops domain_list_ops;
extern const struct list_ops address_list_ops;
extern const struct list_ops hash_list_ops;
extern const struct list_ops pattern_list_ops;

/* A pattern whose flags are already apart; `set` is one of pattern_list_ops. */
bool pattern_list_add(
    void *set, struct str pattern, unsigned flags, struct entry_room *room);

/* Shared by the kinds whose set is a strset. */
bool strset_list_add(
    void *set, struct str text, unsigned role, struct entry_room *room);
bool strset_list_add_all(void *set, const void *other);
bool strset_list_seal(void *set);
size_t strset_list_size(const void *set);
bool strset_list_next(const void *set, size_t *at, struct list_entry *entry_r);
void *strset_list_make(void);
void strset_list_free(void *set);

#endif
