/*
 * domain_list - domain names, and all names below a domain, in a strset.
 *
 * ".example.org" is kept as it is written, with its dot: a look-up asks for
 * the name and for the part from each of its dots on.
 */
#include "lists/kind.h"

#include "lists/strset.h"

enum {
	LABEL_MOST = 63,
	NAME_MOST = 255, /* RFC 5321 4.5.3.1.2 */
};

static bool
is_name_octet(unsigned char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.' ||
	       c >= 0x80;
}

/* What was likely meant by a text with an octet that no name has. */
static bool
not_a_name(struct str text, size_t at, struct entry_room *room)
{
	unsigned char c = str_at(text, at);
	struct str rest = str_from(text, at + 1);
	struct cidr net;

	if (c == '*' && at == 0 && rest.n > 1 && rest.p[0] == '.')
		return why_set(room->why,
		    "\"%.*s\" has a wildcard; write %.*s for every name below "
		    "that domain",
		    ENTRY_SHOWN(text), ENTRY_SHOWN(rest));
	if (c == '@' && rest.n > 0)
		return why_set(room->why,
		    "\"%.*s\" is an address; write %.*s for the domain, or put "
		    "it into an addresses list",
		    ENTRY_SHOWN(text), ENTRY_SHOWN(rest));
	if (cidr_parse(text, &net, NULL))
		return why_set(room->why,
		    "\"%.*s\" is no domain; put it into a networks list",
		    ENTRY_SHOWN(text));
	if (ascii_is_space(c))
		return why_set_at(room->why, at,
		    "there is white space in \"%.*s\"; write each domain as "
		    "an entry of its own, with nothing behind it",
		    ENTRY_SHOWN(text));
	if (!ascii_is_print(c))
		return why_set_at(room->why, at,
		    "there is a control character (0x%02x) in the domain", c);
	return why_set_at(room->why, at,
	    "\"%.*s\" has a '%c', which no domain name has; write the name "
	    "alone, such as example.org",
	    ENTRY_SHOWN(text), c);
}

static bool
octets_check(struct str text, struct entry_room *room)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_name_octet(str_at(text, i)))
			return not_a_name(text, i, room);
	return true;
}

/* A name without leading and final dot. */
static bool
empty_label_check(struct str text, struct str name, struct entry_room *room)
{
	struct str rest = name;
	struct str label;

	while (str_split(&rest, '.', &label))
		if (label.n == 0)
			return why_set(room->why,
			    "\"%.*s\" has an empty label: two dots in a row, "
			    "or one too many at an end",
			    ENTRY_SHOWN(text));
	return true;
}

/* The same in normal form. */
static bool
length_check(struct str text, struct str norm, struct entry_room *room)
{
	struct str rest = norm;
	struct str label;

	while (str_split(&rest, '.', &label))
		if (label.n > LABEL_MOST)
			return why_set(room->why,
			    "\"%.*s\" has a label of %zu octets; the limit for "
			    "one label is %d",
			    ENTRY_SHOWN(text), label.n, LABEL_MOST);
	if (norm.n > NAME_MOST)
		return why_set(room->why,
		    "the domain has %zu octets; the limit for a domain is %d",
		    norm.n, NAME_MOST);
	return true;
}

/* Puts the dot back in front. */
static bool
dotted(struct str name, struct entry_room *room, struct str *norm_r)
{
	char *copy = arena_alloc(room->scratch, name.n + 1);

	if (copy == NULL)
		return entry_no_memory(room);
	copy[0] = '.';
	memcpy(copy + 1, name.p, name.n);
	*norm_r = str_of(copy, name.n + 1);
	return true;
}

static bool
literal(struct str text, struct entry_room *room, struct str *norm_r)
{
	enum fault fault = literal_fault(text, NULL);

	if (fault != FAULT_NONE)
		return why_set(room->why, "\"%.*s\": %s", ENTRY_SHOWN(text),
		    fault_sentence(fault));
	*norm_r = domain_normal(text, room->scratch);
	return !str_is_none(*norm_r) || entry_no_memory(room);
}

bool
entry_domain(struct str text, struct entry_room *room, struct str *norm_r)
{
	struct str name = text;
	struct str norm;
	bool below = text.n > 0 && text.p[0] == '.';

	if (text.n == 0)
		return why_set(room->why, "the entry is empty");
	if (text.p[0] == '[')
		return literal(text, room, norm_r);
	if (!octets_check(text, room))
		return false;
	if (below)
		name = str_from(name, 1);
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || str_eq(name, STR(".")))
		return why_set(room->why,
		    "a dot alone is no domain; write example.org for that "
		    "name, .example.org for every name below it");
	if (!empty_label_check(text, name, room))
		return false;
	if (!str_is_utf8(name))
		return why_set(room->why,
		    "\"%.*s\" is not UTF-8; save the file as UTF-8, or write "
		    "the name as A-labels (xn--...)",
		    ENTRY_SHOWN(text));
	norm = domain_normal(name, room->scratch);
	if (str_is_none(norm))
		return entry_no_memory(room);
	if (!str_is_ascii(norm))
		return why_set(room->why,
		    "\"%.*s\" is no valid internationalized name (IDNA 2008)",
		    ENTRY_SHOWN(text));
	/* IDNA has dots and other octets of its own. */
	if (!octets_check(norm, room) || !empty_label_check(text, norm, room) ||
	    !length_check(text, norm, room))
		return false;
	*norm_r = norm;
	return !below || dotted(norm, room, norm_r);
}

static bool
domain_add(void *set, struct str entry, struct entry_room *room)
{
	struct str norm = STR_NONE;

	return entry_domain(entry, room, &norm) &&
	       strset_list_add(set, norm, ROLE_NAME, room);
}

/* An IP address has the form of a name, but is the name of no host. */
static bool
domain_doubt(struct str entry, struct why *why)
{
	struct ip ip;

	if (entry.n == 0 || !ascii_is_digit(str_at(entry, entry.n - 1)) ||
	    !ip_parse(entry, &ip, NULL))
		return false;
	why_set(why,
	    "\"%.*s\" in a domains list is an IP address, which is the name "
	    "of no host; a networks list holds addresses",
	    ENTRY_SHOWN(entry));
	return true;
}

static int
domain_match(const void *set, struct str domain)
{
	return strset_find_name(set, domain, ROLE_NAME, NULL);
}

const struct list_ops domain_list_ops = {
	.name = "domains",
	.entry_most = LIST_ENTRY_MAX,
	.make = strset_list_make,
	.free = strset_list_free,
	.add = domain_add,
	.add_all = strset_list_add_all,
	.seal = strset_list_seal,
	.size = strset_list_size,
	.next = strset_list_next,
	.doubt = domain_doubt,
	.match_domain = domain_match,
};
