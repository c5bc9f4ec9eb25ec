/*
 * fact - the table of facts (fact.def).
 */
#ifndef LANG_FACT_H
#define LANG_FACT_H

#include "lang/value.h"
#include "smtp/stage.h"

enum fact {
#define FACT(id, name, type, stage, macro, flags, help) FACT_##id,
#include "lang/fact.def"
#undef FACT
	FACT_COUNT
};

enum fact_flag {
	F_ABSENT = 1,
	F_REREAD = 2,
	F_RCPTS = 4,
	F_HEADERS = 8,
	F_BODY = 16,
	F_GROWS = 32,
	F_ELEMENT = 64,
	F_CURRENT = 128,
	F_SELDOM = 256,
};

struct fact_row {
	struct str name;
	enum type type;
	enum stage stage;  /* the first that knows it */
	const char *macro; /* or NULL */
	unsigned flags;
	const char *help;
};

extern const struct fact_row fact_rows[FACT_COUNT];

/* The fact of that name; false if there is none. */
bool fact_find(struct str name, enum fact *fact_r);
/* The fact's name that is nearest to a misspelt one, or none. */
struct str fact_near(struct str name);
/*
 * What to write for a name that other programs have for a fact
 * ("client-address": client.ip), or NULL.
 */
const char *fact_alias(struct str name);
/* Whether a later event of a message may bring another value: what comes from
 * macros, what grows, and the time. */
bool fact_is_fresh(enum fact fact);
/*
 * Whether a fact (or macro or header) first known at `from` is known at
 * `at`.  message knows all before it; unknown knows what connect knows, and
 * what helo knows (absent before HELO).
 */
bool stage_knows(enum stage at, enum stage from);

#endif
