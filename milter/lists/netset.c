/*
 * netset - networks, looked up by the longest that has an address.
 *
 *     start   10.0.0.0   10.1.0.0   10.1.2.0   192.0.2.0
 *     prefix  8          16         24         24
 *     outer   -          8          16         -
 *
 * Two networks are disjoint, or one has the other.  Sorted by start and then
 * by prefix, the last one that does not start behind an address is the
 * longest that has it, or inside the longest that has it: its own prefix and
 * the one of the network around it tell, and where that one starts follows
 * from its prefix.
 *
 * While building, an array of structs; sealing sorts it and turns it into
 * arrays, of which only the octets that differ are kept: 6 octets a network
 * of IPv4, 10 of IPv6, 18 where a prefix is over 64.  An index by the bits
 * that follow those which all starts have in common leaves a few networks to
 * search, however many there are.  An address is its bits from the top of hi
 * to the end of lo.
 */
#include "lists/netset.h"

#include <assert.h>
#include <stdlib.h>

#include "lists/grow.h"

enum {
	NESTING_MOST = 129, /* prefixes 0 to 128, each inside the one before */
	PREFIX_ANY = 255,   /* behind every prefix in order */
	INDEX_SHARE = 4,    /* networks an index entry stands for */
	INDEX_BITS_MOST = 28,
};

#define NO_OUTER UINT8_MAX

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
	bool sealed;
	/* once sealed: */
	uint32_t *top;   /* IPv4: the upper half of hi; the rest is 0 */
	uint64_t *hi;    /* IPv6 */
	uint64_t *lo;    /* IPv6, where not all are 0 */
	uint32_t *value; /* where there are values */
	uint8_t *prefix;
	uint8_t *outer;  /* prefix of the network around it */
	uint32_t *index; /* n_index + 1: how many networks are before */
	size_t n_index;
	unsigned skip;  /* bits of hi that all have in common */
	unsigned shift; /* of hi without these, to its place in the index */
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
	free(side->top);
	free(side->hi);
	free(side->lo);
	free(side->value);
	free(side->prefix);
	free(side->outer);
	free(side->index);
	side->top = NULL;
	side->hi = NULL;
	side->lo = NULL;
	side->value = NULL;
	side->prefix = NULL;
	side->outer = NULL;
	side->index = NULL;
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

	assert(net.ip.family != IP_NONE && !side->sealed);
	if (side->n == UINT32_MAX)
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

/* The first `prefix` bits of it. */
static struct bits
masked(struct bits address, unsigned prefix)
{
	if (prefix == 0)
		return (struct bits){ 0, 0 };
	if (prefix <= 64)
		return (
		    struct bits){ address.hi & UINT64_MAX << (64 - prefix), 0 };
	return (struct bits){ address.hi,
		address.lo & UINT64_MAX << (128 - prefix) };
}

/* `open` is the stack of networks that the current one may stand in. */
static void
side_fill(struct side *side)
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
		side->outer[i] =
		    depth == 0 ? NO_OUTER : side->nets[open[depth - 1]].prefix;
		open[depth++] = (uint32_t)i;
		if (side->top != NULL)
			side->top[i] = (uint32_t)(net->start.hi >> 32);
		if (side->hi != NULL)
			side->hi[i] = net->start.hi;
		if (side->lo != NULL)
			side->lo[i] = net->start.lo;
		if (side->value != NULL)
			side->value[i] = net->value;
		side->prefix[i] = net->prefix;
	}
}

/* Where in the index a hi belongs that begins as all do. */
static size_t
index_place(const struct side *side, uint64_t hi)
{
	return (size_t)(hi << side->skip >> side->shift);
}

static void
side_index(struct side *side)
{
	size_t place = 0;

	for (size_t i = 0; i < side->n; i++)
		while (place <= index_place(side, side->nets[i].start.hi))
			side->index[place++] = (uint32_t)i;
	while (place <= side->n_index)
		side->index[place++] = (uint32_t)side->n;
}

/* How large the index is, and which bits it goes by. */
static void
index_plan(struct side *side)
{
	uint64_t first = side->nets[0].start.hi;
	uint64_t last = side->nets[side->n - 1].start.hi;
	unsigned bits = 1;

	side->skip = 0;
	while (side->skip < 63 &&
	       (first << side->skip ^ last << side->skip) >> 63 == 0)
		side->skip++;
	while (bits < INDEX_BITS_MOST && side->n >> bits > INDEX_SHARE)
		bits++;
	side->n_index = (size_t)1 << bits;
	side->shift = 64 - bits;
}

/* What a sealed side needs; false with some of it missing. */
static bool
side_alloc(struct side *side, bool v4, bool with_value)
{
	size_t n = side->n;
	size_t room = n > 0 ? n : 1; /* for a malloc of 0 that gives NULL */
	bool with_lo = false;

	for (size_t i = 0; i < n && !with_lo; i++)
		with_lo = side->nets[i].start.lo != 0;
	side->prefix = calloc(room, sizeof(*side->prefix));
	side->outer = calloc(room, sizeof(*side->outer));
	side->index = calloc(side->n_index + 1, sizeof(*side->index));
	if (v4)
		side->top = calloc(room, sizeof(*side->top));
	else
		side->hi = calloc(room, sizeof(*side->hi));
	if (with_lo)
		side->lo = calloc(room, sizeof(*side->lo));
	if (with_value)
		side->value = calloc(room, sizeof(*side->value));
	return side->prefix != NULL && side->outer != NULL &&
	       side->index != NULL &&
	       (v4 ? side->top != NULL : side->hi != NULL) &&
	       (!with_lo || side->lo != NULL) &&
	       (!with_value || side->value != NULL);
}

static bool
side_seal(struct side *side, bool v4, bool with_value)
{
	if (side->n == 0 || side->sealed)
		return true;
	side_sort(side);
	index_plan(side);
	if (!side_alloc(side, v4, with_value)) {
		side_free_arrays(side);
		return false;
	}
	side_fill(side);
	side_index(side);
	free(side->nets);
	side->nets = NULL;
	side->cap = 0;
	side->sealed = true;
	return true;
}

bool
netset_seal(struct netset *set)
{
	return side_seal(&set->v4, true, set->values) &&
	       side_seal(&set->v6, false, set->values);
}

/* ---- questions ----------------------------------------------------------
 */

size_t
netset_count(const struct netset *set)
{
	return set->v4.n + set->v6.n;
}

static struct bits
start_at(const struct side *side, size_t i)
{
	if (side->top != NULL)
		return (struct bits){ (uint64_t)side->top[i] << 32, 0 };
	return (struct bits){ side->hi[i], side->lo == NULL ? 0 : side->lo[i] };
}

struct cidr
netset_at(const struct netset *set, size_t i)
{
	bool v4 = i < set->v4.n;
	const struct side *side = v4 ? &set->v4 : &set->v6;
	struct cidr net = { { v4 ? IP_V4 : IP_V6, { 0 } }, 0 };
	struct bits start;

	if (!v4)
		i -= set->v4.n;
	start = start_at(side, i);
	store_be(start.hi, net.ip.b, v4 ? 4 : 8);
	if (!v4)
		store_be(start.lo, net.ip.b + 8, 8);
	net.prefix = side->prefix[i];
	return net;
}

/* Whether network i is, in order, not behind that start and prefix. */
static bool
is_not_behind(
    const struct side *side, size_t i, struct bits start, unsigned prefix)
{
	struct bits own = start_at(side, i);

	if (own.hi != start.hi)
		return own.hi < start.hi;
	if (own.lo != start.lo)
		return own.lo < start.lo;
	return side->prefix[i] <= prefix;
}

/* How many networks are not behind that start and prefix in order. */
static size_t
side_search(const struct side *side, struct bits start, unsigned prefix)
{
	uint64_t common = side->skip == 0 ? 0 : UINT64_MAX << (64 - side->skip);
	uint64_t first = start_at(side, 0).hi;
	size_t place;
	size_t from;
	size_t n;

	if (((start.hi ^ first) & common) != 0)
		return start.hi < first ? 0 : side->n;
	place = index_place(side, start.hi);
	from = side->index[place];
	n = side->index[place + 1] - from;
	while (n > 0) {
		size_t half = n / 2;
		if (is_not_behind(side, from + half, start, prefix)) {
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
	struct bits start;
	size_t i;

	if (ip.family == IP_NONE || side->n == 0)
		return false;
	assert(side->sealed);
	i = side_search(side, address, PREFIX_ANY);
	if (i-- == 0)
		return false;
	start = start_at(side, i);
	while (!has(start, side->prefix[i], address)) {
		unsigned outer = side->outer[i];
		if (outer == NO_OUTER)
			return false;
		start = masked(start, outer);
		i = side_search(side, start, outer) - 1;
	}
	if (value_r != NULL && side->value != NULL)
		*value_r = side->value[i];
	return true;
}
