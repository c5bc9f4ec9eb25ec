/*
 * cidr_list - networks and single addresses, in a netset.
 */
#include "lists/kind.h"

#include "lists/netset.h"

static void *
cidr_make(void)
{
	return netset_new(false);
}

static void
cidr_free(void *set)
{
	netset_free(set);
}

/* A better reason, where there is one, than what cidr_parse() gave. */
static bool
not_a_network(struct str entry, struct why *why)
{
	if (entry.n == 0)
		return why_set(why, "the entry is empty");
	for (size_t i = 0; i < entry.n; i++)
		if (ascii_is_space(str_at(entry, i)))
			return why_set_at(why, i,
			    "there is white space in \"%.*s\"; write each "
			    "network as an entry of its own, with nothing "
			    "behind it",
			    ENTRY_SHOWN(entry));
	return false;
}

static bool
cidr_add(void *set, struct str entry, struct entry_room *room)
{
	struct cidr net;

	if (!cidr_parse(entry, &net, room->why))
		return not_a_network(entry, room->why);
	return netset_add(set, net, 0) || entry_no_memory(room);
}

static bool
cidr_add_all(void *set, const void *other)
{
	for (size_t i = 0; i < netset_count(other); i++)
		if (!netset_add(set, netset_at(other, i), 0))
			return false;
	return true;
}

static bool
cidr_seal(void *set)
{
	return netset_seal(set);
}

static size_t
cidr_size(const void *set)
{
	return netset_count(set);
}

static bool
cidr_next(const void *set, size_t *at, struct list_entry *entry_r)
{
	if (*at >= netset_count(set))
		return false;
	*entry_r = (struct list_entry){ .roles = ROLE_NET,
		.net = netset_at(set, (*at)++) };
	return true;
}

static int
cidr_match(const void *set, struct ip ip)
{
	return netset_find(set, ip, NULL);
}

const struct list_ops cidr_list_ops = {
	.name = "networks",
	.entry_most = LIST_ENTRY_MAX,
	.make = cidr_make,
	.free = cidr_free,
	.add = cidr_add,
	.add_all = cidr_add_all,
	.seal = cidr_seal,
	.size = cidr_size,
	.next = cidr_next,
	.match_ip = cidr_match,
};
