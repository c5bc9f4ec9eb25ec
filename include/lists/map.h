/*
 * map - keys to values; the key's form decides the look-up order.
 *
 * Built and sealed like a list; values are numbered by the caller (an index
 * into its own table), so a map knows nothing of value types.
 */
#ifndef LISTS_MAP_H
#define LISTS_MAP_H

#include "lists/list.h"

struct map;

/* Not the value of any key. */
#define MAP_NONE UINT32_MAX

/* NULL when memory is out. */
struct map *map_new(void);
struct map *map_ref(struct map *map);
void map_unref(struct map *map);

/*
 * Adds one key as written, of at most LIST_ENTRY_MAX octets: a domain,
 * ".domain", "user@dom", "@dom" (the same as "dom"), "user@", a network or a
 * plain word; all may stand in one map.  What has the form of a network, an
 * address or a ".domain" and a fault is false with what to write instead; so
 * is a key twice (after normalization): *twice_r is then the value of the
 * first, else MAP_NONE.
 */
bool map_add(struct map *map, struct str key, uint32_t value, uint32_t *twice_r,
    struct why *why);
/* Before sealing: replaces every value v by numbers[v]. */
void map_renumber(struct map *map, const uint32_t *numbers);
/* False when memory is out, now or in any call before. */
bool map_seal(struct map *map);
/* True once memory was out: the map cannot be sealed. */
bool map_failed(const struct map *map);
/* Keys in it. */
size_t map_size(const struct map *map);

/*
 * Look-ups; false when nothing is found, or there is nothing to look up.
 * The value is in normal form as for lists.
 *   domain:  "a.example.org", ".example.org", ".org"
 *   address: "user@dom", "dom", ".parent"..., "user@"
 *   ip:      the longest matching network
 *   word:    exact, ASCII case folded
 */
bool map_get_domain(
    const struct map *map, struct str domain, uint32_t *value_r);
bool map_get_address(
    const struct map *map, const struct address *a, uint32_t *value_r);
bool map_get_ip(const struct map *map, struct ip ip, uint32_t *value_r);
bool map_get_word(const struct map *map, struct str word, uint32_t *value_r);

#endif
