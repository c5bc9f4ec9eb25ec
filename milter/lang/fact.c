/*
 * fact - the table of facts, made from fact.def.
 */
#include "lang/fact.h"

const struct fact_row fact_rows[FACT_COUNT] = {
#define FACT(id, name, type, stage, macro, flags, help)                        \
	[FACT_##id] = { STR(name), type, stage, macro, flags, help },
#include "lang/fact.def"
#undef FACT
};

_Static_assert(
    sizeof(fact_rows) / sizeof(fact_rows[0]) == FACT_COUNT, "one row per fact");

/* Names are near that differ in at most so many letters. */
enum {
	NEAR = 2
};

bool
fact_find(struct str name, enum fact *fact_r)
{
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		if (!str_eq(name, fact_rows[i].name))
			continue;
		*fact_r = (enum fact)i;
		return true;
	}
	return false;
}

struct str
fact_near(struct str name)
{
	unsigned most = NEAR;
	struct str near = STR_NONE;

	for (unsigned i = 0; i < FACT_COUNT; i++) {
		unsigned d = str_distance(name, fact_rows[i].name, most);
		if (d > most || d >= name.n)
			continue;
		near = fact_rows[i].name;
		if (d == 0)
			break;
		most = d - 1;
	}
	return near;
}

bool
stage_knows(enum stage at, enum stage from)
{
	if (from == STAGE_UNKNOWN || at == STAGE_UNKNOWN)
		return from == at ||
		       (at == STAGE_UNKNOWN && from <= STAGE_HELO);
	return from <= at;
}
