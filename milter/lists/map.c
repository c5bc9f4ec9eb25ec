/*
 * map - keys to values; the key's form decides the look-up order.
 *
 * What type of value a map is asked with is not known when a key is added,
 * so a key takes every role that its form allows: "example.org" is a domain
 * and a word, "192.0.2.7" a network, a domain and a word.  Each role has a
 * text, and most keys have one text for all their roles: one record in the
 * strset.  Networks are kept as text there (to see a key twice) and in the
 * netset (to look them up).
 */
#include "lists/map.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lists/entry.h"
#include "lists/netset.h"
#include "lists/strset.h"

enum {
	FORMS_MOST = 3,
};

struct map {
	struct strset *texts;
	struct netset *nets;
	struct arena *scratch; /* until sealed */
	size_t count;
	atomic_uint refs;
	bool sealed;
	bool failed; /* memory ran out: something is missing */
};

/* One text and what it stands for. */
struct form {
	struct str text;
	unsigned roles;
};

/* All that a key stands for. */
struct forms {
	struct form form[FORMS_MOST];
	size_t n;
	struct cidr net; /* with ROLE_NET */
	bool has_net;
};

struct map *
map_new(void)
{
	struct map *map = calloc(1, sizeof(*map));

	if (map == NULL)
		return NULL;
	atomic_init(&map->refs, 1);
	map->texts = strset_new(STRSET_VALUES);
	map->nets = netset_new(true);
	map->scratch = arena_new(ARENA_UNLIMITED);
	/* What is allocated first stays, so that the arena keeps a chunk. */
	if (map->texts == NULL || map->nets == NULL || map->scratch == NULL ||
	    arena_alloc(map->scratch, 1) == NULL) {
		map_unref(map);
		return NULL;
	}
	return map;
}

struct map *
map_ref(struct map *map)
{
	atomic_fetch_add_explicit(&map->refs, 1, memory_order_relaxed);
	return map;
}

void
map_unref(struct map *map)
{
	if (map == NULL ||
	    atomic_fetch_sub_explicit(&map->refs, 1, memory_order_acq_rel) != 1)
		return;
	strset_free(map->texts);
	netset_free(map->nets);
	arena_free(map->scratch);
	free(map);
}

/* ---- the forms of a key -------------------------------------------------
 */

static void
form_add(struct forms *forms, struct str text, unsigned role)
{
	for (size_t i = 0; i < forms->n; i++) {
		if (!str_eq_ci(forms->form[i].text, text))
			continue;
		forms->form[i].roles |= role;
		return;
	}
	assert(forms->n < FORMS_MOST);
	forms->form[forms->n++] = (struct form){ text, role };
}

/*
 * Whether a key has the form of an address or network, so that it must be a
 * right one: digits and dots in four parts, two colons among hexadecimal
 * digits, or either with a slash and digits.
 */
static bool
is_like_net(struct str key)
{
	size_t slash = str_find(key, '/');
	struct str address = str_sub(key, 0, slash);
	size_t dots = 0;
	size_t colons = 0;
	bool decimal = true;

	for (size_t i = 0; i < address.n; i++) {
		unsigned char c = str_at(address, i);
		if (!ascii_is_xdigit(c) && c != '.' && c != ':')
			return false;
		dots += c == '.';
		colons += c == ':';
		decimal = decimal && (ascii_is_digit(c) || c == '.');
	}
	if (slash == STR_NOWHERE)
		return (decimal && dots == 3) || colons >= 2;
	for (size_t i = slash + 1; i < key.n; i++)
		if (!ascii_is_digit(str_at(key, i)) && key.p[i] != '.')
			return false;
	return (decimal && dots > 0) || colons >= 2;
}

static bool
net_form(struct str key, struct entry_room *room, struct forms *forms)
{
	char *text = arena_alloc(room->scratch, IP_TEXT_MAX + sizeof("/128"));
	struct buf b = { text, 0, IP_TEXT_MAX + sizeof("/128"), false };

	if (text == NULL)
		return entry_no_memory(room);
	if (!cidr_parse(key, &forms->net, room->why))
		return false;
	cidr_print(forms->net, &b);
	forms->has_net = true;
	form_add(forms, buf_str(&b), ROLE_NET);
	return true;
}

/* A word may be a domain; where it cannot be one, it is a word all the same. */
static bool
name_form(struct str key, struct entry_room *room, struct forms *forms)
{
	struct entry_room silent = { room->scratch, NULL, false };
	struct str norm;

	if (entry_domain(key, &silent, &norm))
		form_add(forms, norm, ROLE_NAME);
	return !silent.no_memory || entry_no_memory(room);
}

static bool
key_forms(struct str key, struct entry_room *room, struct forms *forms)
{
	enum entry_role role = ROLE_NAME;
	struct str norm;

	forms->n = 0;
	forms->has_net = false;
	if (key.n == 0)
		return why_set(room->why, "the key is empty");
	if (str_eq(key, STR("*")))
		return why_set(room->why,
		    "\"*\" is no key; the value for what is not found is "
		    "written as \"default VALUE\" at the end of the map's "
		    "definition");
	form_add(forms, key, ROLE_WORD);
	if (is_like_net(key))
		return net_form(key, room, forms) &&
		       name_form(key, room, forms);
	if (key.p[0] == '.' || str_starts(key, STR("*."))) {
		if (!entry_domain(key, room, &norm))
			return false;
	} else if (str_find(key, '@') != STR_NOWHERE) {
		if (!entry_address(key, room, &role, &norm))
			return false;
	} else {
		return name_form(key, room, forms);
	}
	form_add(forms, norm, role);
	return true;
}

/* ---- building -----------------------------------------------------------
 */

/* Nothing is added where any of the forms is there already. */
static bool
forms_add(struct map *map, const struct forms *forms, uint32_t value,
    uint32_t *twice_r, struct entry_room *room)
{
	for (size_t i = 0; i < forms->n; i++)
		if (strset_find(map->texts, forms->form[i].text,
			forms->form[i].roles, twice_r))
			return why_set(room->why, "this key is there twice");
	for (size_t i = 0; i < forms->n; i++)
		if (strset_add(map->texts, forms->form[i].text,
			forms->form[i].roles, value) != STRSET_ADDED)
			return entry_no_memory(room);
	if (forms->has_net && !netset_add(map->nets, forms->net, value))
		return entry_no_memory(room);
	map->count++;
	return true;
}

bool
map_add(struct map *map, struct str key, uint32_t value, uint32_t *twice_r,
    struct why *why)
{
	struct entry_room room = { map->scratch, why, false };
	struct arena_mark mark;
	struct forms forms;
	bool added;

	assert(!map->sealed);
	*twice_r = MAP_NONE;
	if (key.n > LIST_ENTRY_MAX)
		return why_set(why,
		    "the key has %zu octets; the limit for one key is %d",
		    key.n, LIST_ENTRY_MAX);
	mark = arena_mark(map->scratch);
	added = key_forms(key, &room, &forms) &&
		forms_add(map, &forms, value, twice_r, &room);
	arena_release(map->scratch, mark);
	arena_clear_failed(map->scratch);
	if (room.no_memory)
		map->failed = true;
	return added;
}

void
map_renumber(struct map *map, const uint32_t *numbers)
{
	assert(!map->sealed);
	strset_renumber(map->texts, numbers);
	netset_renumber(map->nets, numbers);
}

bool
map_seal(struct map *map)
{
	if (map->sealed)
		return true;
	if (map->failed || !netset_seal(map->nets))
		return false;
	strset_seal(map->texts);
	arena_free(map->scratch);
	map->scratch = NULL;
	map->sealed = true;
	return true;
}

bool
map_failed(const struct map *map)
{
	return map->failed;
}

size_t
map_size(const struct map *map)
{
	return map->count;
}

/* ---- questions ----------------------------------------------------------
 */

bool
map_get_domain(const struct map *map, struct str domain, uint32_t *value_r)
{
	assert(map->sealed);
	return strset_find_name(map->texts, domain, ROLE_NAME, value_r);
}

bool
map_get_address(
    const struct map *map, const struct address *a, uint32_t *value_r)
{
	assert(map->sealed);
	if (str_is_none(a->norm) || a->norm.n == 0)
		return false;
	return strset_find(map->texts, a->norm, ROLE_ADDRESS, value_r) ||
	       strset_find_name(map->texts, a->domain, ROLE_NAME, value_r) ||
	       strset_find(map->texts, a->local, ROLE_LOCAL, value_r);
}

bool
map_get_ip(const struct map *map, struct ip ip, uint32_t *value_r)
{
	assert(map->sealed);
	return netset_find(map->nets, ip, value_r);
}

bool
map_get_word(const struct map *map, struct str word, uint32_t *value_r)
{
	assert(map->sealed);
	return strset_find(map->texts, word, ROLE_WORD, value_r);
}
