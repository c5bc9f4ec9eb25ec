/*
 * netset - networks, looked up by the longest that has an address.
 *
 *     start   10.0.0.0   10.1.0.0   10.1.2.0   192.0.2.0
 *     prefix  8          16         24         24
 *     parent  -          0          1          -
 *
 * Two networks are disjoint, or one has the other.  Sorted by start and then
 * by prefix, the last one that does not start behind an address is the
 * longest that has it, or inside the longest that has it: a binary search,
 * then parents until one fits.
 *
 * While building, an array of structs; sealing sorts it and turns it into
 * arrays of 13 octets (IPv4) or 21 (IPv6) a network, of which a search reads
 * the first.  An address is its bits from the top of hi to the end of lo.
 */
#include "lists/netset.h"

#include <assert.h>
#include <stdlib.h>

#include "lists/grow.h"

enum {
	NESTING_MOST = 129, /* prefixes 0 to 128, each inside the one before */
};

#define NO_PARENT UINT32_MAX

struct bits {
	uint64_t hi;
	uint64_t lo;
};

struct net {
	struct bits start;
	uint32_t value;
	uint8_t prefix;
};

/* The networks of one family. */
struct side {
	struct net *nets; /* until sealed */
	size_t n;
	size_t cap;
	bool in_order;
	/* once sealed: */
	uint64_t *hi;
	uint64_t *lo; /* IPv6 only */
	uint32_t *parent;
	uint32_t *value; /* where there are values */
	uint8_t *prefix;
};

struct netset {
	struct side v4;
	struct side v6;
	bool values;
};

struct netset *
netset_new(bool values)
{
	struct netset *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->values = values;
	set->v4.in_order = true;
	set->v6.in_order = true;
	return set;
}

/* The arrays of a sealed side. */
static void
side_free_arrays(struct side *side)
{
	free(side->hi);
	free(side->lo);
	free(side->parent);
	free(side->value);
	free(side->prefix);
	side->hi = NULL;
	side->lo = NULL;
	side->parent = NULL;
	side->value = NULL;
	side->prefix = NULL;
}

void
netset_free(struct netset *set)
{
	if (set == NULL)
		return;
	free(set->v4.nets);
	free(set->v6.nets);
	side_free_arrays(&set->v4);
	side_free_arrays(&set->v6);
	free(set);
}

static uint64_t
load_be(const uint8_t *octets, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)octets[i] << (56 - 8 * i);
	return word;
}

static void
store_be(uint64_t word, uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)(word >> (56 - 8 * i));
}

static struct bits
bits_of(struct ip ip)
{
	if (ip.family == IP_V4)
		return (struct bits){ load_be(ip.b, 4), 0 };
	return (struct bits){ load_be(ip.b, 8), load_be(ip.b + 8, 8) };
}

/* ---- building -----------------------------------------------------------
 */

static int
net_cmp(const void *a, const void *b)
{
	const struct net *x = a;
	const struct net *y = b;

	if (x->start.hi != y->start.hi)
		return x->start.hi < y->start.hi ? -1 : 1;
	if (x->start.lo != y->start.lo)
		return x->start.lo < y->start.lo ? -1 : 1;
	return (int)x->prefix - (int)y->prefix;
}

bool
netset_add(struct netset *set, struct cidr net, uint32_t value)
{
	struct side *side = net.ip.family == IP_V4 ? &set->v4 : &set->v6;
	struct net item = { bits_of(net.ip), value, net.prefix };
	struct net *nets;

	assert(net.ip.family != IP_NONE && side->hi == NULL);
	if (side->n == NO_PARENT)
		return false;
	nets = grow(side->nets, &side->cap, side->n + 1, sizeof(*nets));
	if (nets == NULL)
		return false;
	side->nets = nets;
	if (side->n > 0 && net_cmp(&nets[side->n - 1], &item) > 0)
		side->in_order = false;
	nets[side->n++] = item;
	return true;
}

static void
side_renumber(struct side *side, const uint32_t *numbers)
{
	for (size_t i = 0; i < side->n; i++)
		side->nets[i].value = numbers[side->nets[i].value];
}

void
netset_renumber(struct netset *set, const uint32_t *numbers)
{
	side_renumber(&set->v4, numbers);
	side_renumber(&set->v6, numbers);
}

static bool
has(struct bits start, unsigned prefix, struct bits address)
{
	uint64_t hi = start.hi ^ address.hi;
	uint64_t lo = start.lo ^ address.lo;

	if (prefix == 0)
		return true;
	if (prefix <= 64)
		return hi >> (64 - prefix) == 0;
	return hi == 0 && lo >> (128 - prefix) == 0;
}

static void
side_sort(struct side *side)
{
	size_t n = 0;

	if (!side->in_order)
		qsort(side->nets, side->n, sizeof(*side->nets), net_cmp);
	for (size_t i = 0; i < side->n; i++)
		if (n == 0 || net_cmp(&side->nets[n - 1], &side->nets[i]) != 0)
			side->nets[n++] = side->nets[i];
	side->n = n;
	side->in_order = true;
}

/* `open` is the stack of networks that the current one may stand in. */
static void
side_parents(struct side *side)
{
	uint32_t open[NESTING_MOST];
	size_t depth = 0;

	for (size_t i = 0; i < side->n; i++) {
		const struct net *net = &side->nets[i];
		while (depth > 0) {
			const struct net *outer = &side->nets[open[depth - 1]];
			if (has(outer->start, outer->prefix, net->start))
				break;
			depth--;
		}
		side->parent[i] = depth == 0 ? NO_PARENT : open[depth - 1];
		open[depth++] = (uint32_t)i;
	}
}

static void
side_copy(struct side *side)
{
	for (size_t i = 0; i < side->n; i++) {
		const struct net *net = &side->nets[i];
		side->hi[i] = net->start.hi;
		if (side->lo != NULL)
			side->lo[i] = net->start.lo;
		if (side->value != NULL)
			side->value[i] = net->value;
		side->prefix[i] = net->prefix;
	}
}

static bool
side_seal(struct side *side, bool with_lo, bool with_value)
{
	size_t n;

	if (side->n == 0 || side->hi != NULL)
		return true;
	side_sort(side);
	n = side->n;
	side->hi = calloc(n, sizeof(*side->hi));
	side->lo = with_lo ? calloc(n, sizeof(*side->lo)) : NULL;
	side->parent = calloc(n, sizeof(*side->parent));
	side->value = with_value ? calloc(n, sizeof(*side->value)) : NULL;
	side->prefix = calloc(n, sizeof(*side->prefix));
	if (side->hi == NULL || (with_lo && side->lo == NULL) ||
	    side->parent == NULL || (with_value && side->value == NULL) ||
	    side->prefix == NULL) {
		side_free_arrays(side);
		return false;
	}
	side_parents(side);
	side_copy(side);
	free(side->nets);
	side->nets = NULL;
	side->cap = 0;
	return true;
}

bool
netset_seal(struct netset *set)
{
	return side_seal(&set->v4, false, set->values) &&
	       side_seal(&set->v6, true, set->values);
}

/* ---- questions ----------------------------------------------------------
 */

size_t
netset_count(const struct netset *set)
{
	return set->v4.n + set->v6.n;
}

struct cidr
netset_at(const struct netset *set, size_t i)
{
	bool v4 = i < set->v4.n;
	const struct side *side = v4 ? &set->v4 : &set->v6;
	struct cidr net = { { v4 ? IP_V4 : IP_V6, { 0 } }, 0 };

	if (!v4)
		i -= set->v4.n;
	store_be(side->hi[i], net.ip.b, v4 ? 4 : 8);
	if (!v4)
		store_be(side->lo[i], net.ip.b + 8, 8);
	net.prefix = side->prefix[i];
	return net;
}

static struct bits
start_at(const struct side *side, size_t i)
{
	return (struct bits){ side->hi[i], side->lo == NULL ? 0 : side->lo[i] };
}

/* How many networks do not start behind the address. */
static size_t
side_search(const struct side *side, struct bits address)
{
	size_t from = 0;
	size_t n = side->n;

	while (n > 0) {
		size_t half = n / 2;
		struct bits start = start_at(side, from + half);
		if (start.hi < address.hi ||
		    (start.hi == address.hi && start.lo <= address.lo)) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return from;
}

bool
netset_find(const struct netset *set, struct ip ip, uint32_t *value_r)
{
	const struct side *side = ip.family == IP_V4 ? &set->v4 : &set->v6;
	struct bits address = bits_of(ip);
	size_t i;

	if (ip.family == IP_NONE || side->n == 0)
		return false;
	assert(side->hi != NULL);
	i = side_search(side, address);
	if (i-- == 0)
		return false;
	while (!has(start_at(side, i), side->prefix[i], address)) {
		if (side->parent[i] == NO_PARENT)
			return false;
		i = side->parent[i];
	}
	if (value_r != NULL && side->value != NULL)
		*value_r = side->value[i];
	return true;
}
