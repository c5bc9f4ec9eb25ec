/*
 * list - named sets that a policy looks things up in.
 *
 *     list_new ──▶ list_add, list_add … ──▶ list_seal ──▶ list_match (const)
 *
 * Building is single-threaded; a sealed list never changes and is read by
 * any number of threads.  Reference counted, so that policies share it.
 */
#ifndef LISTS_LIST_H
#define LISTS_LIST_H

#include "base/diag.h"
#include "base/ip.h"
#include "base/regex.h"
#include "smtp/address.h"

enum list_kind {
	LIST_NETWORKS,
	LIST_DOMAINS,
	LIST_ADDRESSES,
	LIST_WORDS,
	LIST_PATTERNS,
	LIST_KIND_COUNT
};

/* "networks", ... as in the policy. */
const char *list_kind_name(enum list_kind kind);
bool list_kind_find(struct str name, enum list_kind *kind_r);

/* Longest entry, in octets; for a pattern it is REGEX_PATTERN_MAX. */
enum {
	LIST_ENTRY_MAX = 1024
};

struct list;

/* NULL when memory is out. */
struct list *list_new(enum list_kind kind);
/* Takes and gives back a reference; the last one frees. */
struct list *list_ref(struct list *list);
void list_unref(struct list *list);

/*
 * One entry in its written form.  networks: an address or CIDR; domains:
 * "example.org" or ".example.org"; addresses: "user@dom", "@dom", "@.dom",
 * "user@"; words: any text; patterns: "/regex/flags".  A fault is false with
 * what to write instead; the list stays as it was.  The same entry twice is
 * no fault.
 */
bool list_add(struct list *list, struct str entry, struct why *why);
/* As list_add for a regex whose pattern and flags are already apart. */
bool list_add_regex(
    struct list *list, struct str pattern, unsigned flags, struct why *why);
/* All entries of another sealed list of the same kind.  False: no memory. */
bool list_add_list(struct list *list, const struct list *other);

/* Ends building.  False when memory is out, now or in any call before. */
bool list_seal(struct list *list);
/* True once memory was out: the list cannot be sealed. */
bool list_failed(const struct list *list);

/*
 * For a warning: true, and *why filled, where a good entry of that kind is
 * hardly what was meant, as 192.0.2.1 among domains.
 */
bool list_doubt(enum list_kind kind, struct str entry, struct why *why);

enum list_kind list_kind(const struct list *list);
/* Entries, the same one twice counted once (networks: once sealed). */
size_t list_size(const struct list *list);

/* An entry as it is compared: a network, or a text in its roles. */
struct list_entry {
	unsigned roles; /* of enum entry_role */
	struct str text;
	struct cidr net; /* ROLE_NET */
};

/*
 * The entry at *at, which goes on to the next and begins as 0; in no order
 * that counts.  False at the end, and at once for patterns.  Sealed only.
 */
bool list_next(const struct list *list, size_t *at, struct list_entry *entry_r);

/*
 * 1 if it is in, 0 if not, -1 if that could not be told (a regex over its
 * limit).  The value is in normal form (domain_normal, address_parse); words
 * and patterns take the octets as they are.
 *   list_match_ip       LIST_NETWORKS
 *   list_match_domain   LIST_DOMAINS (by name and parents)
 *   list_match_address  LIST_ADDRESSES (norm, local and domain are used)
 *   list_match_text     LIST_WORDS, LIST_PATTERNS (`room` only there)
 */
int list_match_ip(const struct list *list, struct ip ip);
int list_match_domain(const struct list *list, struct str domain);
int list_match_address(const struct list *list, const struct address *a);
int list_match_text(
    const struct list *list, struct str text, struct regex_room *room);

#endif
