/*
 * type - which operator takes which types: one matrix each.
 */
#ifndef LANG_TYPE_H
#define LANG_TYPE_H

#include "lang/expr.h"

/* How two types compare. */
enum cmp_can {
	CMP_IMPOSSIBLE,
	CMP_EQUALITY, /* == and != only */
	CMP_ORDERED,  /* < <= > >= too */
};

enum cmp_can type_cmp(enum type a, enum type b);
/* The type of a op b; T_NONE where it has none. */
enum type type_arith(char op, enum type a, enum type b);
/* Whether a value of that type can be looked up in that kind of list. */
bool type_in(enum type type, enum list_kind kind);
/* The kind that an inline set on the right of such a value has;
 * LIST_KIND_COUNT for a set of values (numbers, clocks, dates). */
bool type_set(enum type type, enum list_kind *kind_r);
bool type_matches(enum type type);
bool type_is(enum type type, enum is_kind kind);

/* A literal of the type, for messages: "25M". */
const char *type_example(enum type type);
/* "sizes", of a map's values. */
const char *type_plural(enum type type);
/* What it counts, for messages: "octets", or NULL. */
const char *type_unit(enum type type);

#endif
