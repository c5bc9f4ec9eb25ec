/*
 * strset - a hash table of strings, for lists and maps.
 *
 *     slots    [ tag | offset ] [ 0 ] [ tag | offset ] ...   8 octets each
 *     records  [ value | length | roles | text ] ...         one blob
 *
 * A record is a text in some roles: the same text may be there again in
 * other roles.  Texts are equal without regard to ASCII case unless the set
 * is exact.  Built by one thread; read by any number afterwards.
 *
 * The hash of a text is made label by label from its last dot to its first,
 * so that a name and all its parents cost one pass over the name.
 */
#ifndef LISTS_STRSET_H
#define LISTS_STRSET_H

#include "base/str.h"

struct strset;

enum strset_flag {
	STRSET_EXACT = 1,  /* case counts */
	STRSET_VALUES = 2, /* records carry a value */
};

/* Longest text, in octets. */
enum {
	STRSET_TEXT_MAX = UINT16_MAX
};

enum strset_added {
	STRSET_ADDED,
	STRSET_THERE, /* the text has one of these roles already */
	STRSET_NO_MEMORY,
};

struct strset_record {
	struct str text; /* in the set: valid until the next strset_add */
	unsigned roles;
	uint32_t value; /* 0 without STRSET_VALUES */
};

/* An empty set, `flags` of enum strset_flag.  NULL when memory is out. */
struct strset *strset_new(unsigned flags);
void strset_free(struct strset *set);

/*
 * Adds a text of at most STRSET_TEXT_MAX octets in `roles` (1 to 8 bits).
 * The set holds at most 4 GiB of records; beyond, it is out of memory.
 */
enum strset_added strset_add(
    struct strset *set, struct str text, unsigned roles, uint32_t value);
/* Gives back the memory that growing set aside; nothing is added later. */
void strset_seal(struct strset *set);
/* Replaces every value v by numbers[v]. */
void strset_renumber(struct strset *set, const uint32_t *numbers);

/* Records in it. */
size_t strset_count(const struct strset *set);
/*
 * The record at *at, which goes on to the next; in the order of adding.
 * *at begins as 0.  False at the end.
 */
bool strset_next(
    const struct strset *set, size_t *at, struct strset_record *record_r);

/*
 * True if the text is there in one of `roles`; its value goes to value_r,
 * which may be NULL.
 */
bool strset_find(const struct strset *set, struct str text, unsigned roles,
    uint32_t *value_r);
/*
 * For a domain name a.example.org: finds a.example.org, else the first of
 * .example.org, .org.  One final dot is ignored.
 */
bool strset_find_name(const struct strset *set, struct str name, unsigned roles,
    uint32_t *value_r);

#endif
