/*
 * address_list - addresses, whole domains of them, and local parts, in a
 * strset.
 *
 *     user@example.org   ROLE_ADDRESS  its normal form
 *     @example.org       ROLE_NAME     example.org
 *     @.example.org      ROLE_NAME     .example.org
 *     user@              ROLE_LOCAL    user
 */
#include "lists/kind.h"

#include "lists/strset.h"

/* "@example.org" or "@.example.org" */
static bool
whole_domain(struct str text, struct entry_room *room, struct str *norm_r)
{
	struct str domain = str_from(text, 1);

	if (domain.n == 0)
		return why_set(room->why,
		    "nothing stands around the @; write @example.org for every "
		    "address there, or user@ for that local part anywhere");
	if (str_starts(domain, STR("*.")) && domain.n > 2)
		return why_set(room->why,
		    "\"%.*s\" has a wildcard; write @%.*s for every address "
		    "below that domain",
		    ENTRY_SHOWN(text), ENTRY_SHOWN(str_from(domain, 1)));
	if (entry_domain(domain, room, norm_r))
		return true;
	if (room->why != NULL && room->why->at > 0)
		room->why->at++;
	return false;
}

/* What is wrong before an address is parsed, because it would be let pass or
 * because there is more to say. */
static bool
form_check(struct str text, struct entry_room *room)
{
	struct str inner = text;

	if (text.n == 0)
		return why_set(room->why, "the entry is empty");
	if (str_eq(text, STR("<>")))
		return why_set(room->why,
		    "<> is the null sender and no address; test it with "
		    "\"sender is null\"");
	if (text.p[0] == '<') {
		inner = str_from(inner, 1);
		if (str_ends(inner, STR(">")))
			inner.n--;
		return why_set(room->why,
		    "\"%.*s\" has angle brackets; write %.*s",
		    ENTRY_SHOWN(text), ENTRY_SHOWN(inner));
	}
	if (text.p[0] != '"' && str_ends(text, STR(">")) &&
	    str_find(text, '<') != STR_NOWHERE) {
		inner = str_from(text, str_find(text, '<') + 1);
		inner.n--;
		return why_set(room->why,
		    "\"%.*s\" has a name in front of the address; write %.*s",
		    ENTRY_SHOWN(text), ENTRY_SHOWN(inner));
	}
	if (str_starts(text, STR("*@")) && text.n > 2)
		return why_set(room->why,
		    "\"%.*s\" has a wildcard; write %.*s for every address "
		    "there",
		    ENTRY_SHOWN(text), ENTRY_SHOWN(str_from(text, 1)));
	return true;
}

static bool
no_domain(struct str text, struct entry_room *room)
{
	return why_set(room->why,
	    "\"%.*s\" has no @; write @%.*s for every address at that domain, "
	    "or %.*s@ for that local part anywhere",
	    ENTRY_SHOWN(text), ENTRY_SHOWN(text), ENTRY_SHOWN(text));
}

static bool
faulty(struct str text, const struct address *a, struct entry_room *room)
{
	if (a->fault == FAULT_BARE_IP)
		return why_set(room->why, "\"%.*s\": %s; write %.*s@[%.*s]",
		    ENTRY_SHOWN(text), fault_sentence(a->fault),
		    ENTRY_SHOWN(a->local), ENTRY_SHOWN(a->domain));
	if (a->domain.n > 1 && a->domain.p[0] == '.')
		return why_set(room->why,
		    "\"%.*s\" has a local part and all names below a domain; "
		    "write %.*s@ for that local part anywhere, or @%.*s for "
		    "every address below that domain",
		    ENTRY_SHOWN(text), ENTRY_SHOWN(a->local),
		    ENTRY_SHOWN(a->domain));
	return why_set(room->why, "\"%.*s\" is no address: %s",
	    ENTRY_SHOWN(text), fault_sentence(a->fault));
}

/* Underscores, hyphens at an end of a label, and labels that begin with xn--
 * and are none, are no fault in a list: clients do use such names. */
static bool
domain_is_listable(struct str domain, struct entry_room *room)
{
	struct entry_room silent = { room->scratch, NULL, false };
	struct str norm;

	return domain.n > 0 && domain.p[0] != '.' &&
	       entry_domain(domain, &silent, &norm);
}

/* What an address may be in a list beyond what is valid: what a client can
 * send, and its normal form can be told. */
static bool
is_listable(const struct address *a, struct entry_room *room)
{
	if (a->fault == FAULT_BAD_DOMAIN ||
	    (a->fault == FAULT_BAD_IDN && str_is_ascii(a->domain)))
		return domain_is_listable(a->domain, room);
	return a->fault == FAULT_NONE || a->fault == FAULT_LOCAL_TOO_LONG ||
	       a->fault == FAULT_PATH_TOO_LONG;
}

bool
entry_address(struct str text, struct entry_room *room, enum entry_role *role_r,
    struct str *norm_r)
{
	struct address a;

	if (!form_check(text, room))
		return false;
	if (text.p[0] == '@') {
		*role_r = ROLE_NAME;
		return whole_domain(text, room, norm_r);
	}
	if (!address_parse(text, PATH_MAILBOX, true, room->scratch, &a))
		return entry_no_memory(room);
	if (a.fault == FAULT_NO_DOMAIN)
		return no_domain(text, room);
	if (a.fault == FAULT_EMPTY_DOMAIN && a.local.n > 0) {
		*role_r = ROLE_LOCAL;
		*norm_r = a.local;
		return true;
	}
	if (!is_listable(&a, room))
		return faulty(text, &a, room);
	*role_r = ROLE_ADDRESS;
	*norm_r = a.norm;
	return true;
}

static bool
address_add(void *set, struct str entry, struct entry_room *room)
{
	enum entry_role role = ROLE_ADDRESS;
	struct str norm = STR_NONE;

	return entry_address(entry, room, &role, &norm) &&
	       strset_list_add(set, norm, role, room);
}

static int
address_match(const void *set, const struct address *a)
{
	if (str_is_none(a->norm) || a->norm.n == 0)
		return 0;
	return strset_find(set, a->norm, ROLE_ADDRESS, NULL) ||
	       strset_find_name(set, a->domain, ROLE_NAME, NULL) ||
	       strset_find(set, a->local, ROLE_LOCAL, NULL);
}

const struct list_ops address_list_ops = {
	.name = "addresses",
	.entry_most = LIST_ENTRY_MAX,
	.make = strset_list_make,
	.free = strset_list_free,
	.add = address_add,
	.add_all = strset_list_add_all,
	.seal = strset_list_seal,
	.size = strset_list_size,
	.next = strset_list_next,
	.match_address = address_match,
};
