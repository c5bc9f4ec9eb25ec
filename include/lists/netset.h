/*
 * netset - networks, looked up by the longest that has an address.
 *
 * Built by one thread, sealed, then read by any number.
 */
#ifndef LISTS_NETSET_H
#define LISTS_NETSET_H

#include "base/ip.h"

struct netset;

/* An empty set; `values`: each network carries a value.  NULL when memory is
 * out. */
struct netset *netset_new(bool values);
void netset_free(struct netset *set);

/*
 * Adds a network.  The same one twice counts once after sealing; which of
 * its values is kept is not said.  False when memory is out.
 */
bool netset_add(struct netset *set, struct cidr net, uint32_t value);
/* Before sealing: replaces every value v by numbers[v]. */
void netset_renumber(struct netset *set, const uint32_t *numbers);
/* False when memory is out; nothing is lost then. */
bool netset_seal(struct netset *set);

size_t netset_count(const struct netset *set);
/* Sealed: network i, IPv4 before IPv6, in order; i < netset_count(). */
struct cidr netset_at(const struct netset *set, size_t i);

/*
 * Sealed: true if a network has the address; the value of the longest goes
 * to value_r, which may be NULL.
 */
bool netset_find(const struct netset *set, struct ip ip, uint32_t *value_r);

#endif
