/*
 * entry - what may stand in a list or as the key of a map, brought to the
 * form in which it is compared.
 */
#ifndef LISTS_ENTRY_H
#define LISTS_ENTRY_H

#include "base/arena.h"
#include "base/diag.h"

/* What a text in a strset stands for; bits. */
enum entry_role {
	ROLE_WORD = 1,    /* itself */
	ROLE_NAME = 2,    /* a domain, or with a leading dot all below it */
	ROLE_ADDRESS = 4, /* user@dom */
	ROLE_LOCAL = 8,   /* the local part of "user@" */
	ROLE_NET = 16,    /* a network */
};

/* What reading an entry needs; one for each entry. */
struct entry_room {
	struct arena *scratch; /* normal forms live here */
	struct why *why;       /* may be NULL */
	bool no_memory;        /* why it failed */
};

/* For "%.*s" of an entry in a message: not all of a very long one. */
#define ENTRY_SHOWN(s) STR_FMT(str_sub((s), 0, 64))

/* Fills *room for a failure of memory and returns false. */
bool entry_no_memory(struct entry_room *room);

/*
 * "example.org", ".example.org" or "[192.0.2.1]": its normal form, the
 * leading dot kept.  False with what to write instead.
 */
bool entry_domain(struct str text, struct entry_room *room, struct str *norm_r);

/*
 * "user@dom", "@dom", "@.dom" or "user@": its role, and the text in it
 * ("user@dom", "dom", ".dom", "user").  False with what to write instead.
 */
bool entry_address(struct str text, struct entry_room *room,
    enum entry_role *role_r, struct str *norm_r);

#endif
