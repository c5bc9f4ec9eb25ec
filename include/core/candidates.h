/*
 * candidates - the steps of a program that can act in this session, by its
 * index; for core/ only.
 */
#ifndef CORE_CANDIDATES_H
#define CORE_CANDIDATES_H

#include "core/eval_int.h"

enum {
	/* Lists of steps that are merged: one of those that are always asked,
	 * and what is found of each fact. */
	RUNS_MAX = 64,
};

struct run_of_steps {
	const uint32_t *at;
	const uint32_t *end;
};

struct candidates {
	uint32_t n;
	struct run_of_steps runs[RUNS_MAX];
};

/* Looks up the facts of this moment.  Steps that are not among the
 * candidates are false. */
void candidates_find(
    struct eval *ev, const struct index *index, struct candidates *found_r);
/*
 * The first candidate that is not before `from`, which never goes back;
 * UINT32_MAX where there is none.
 */
uint32_t candidates_next(struct candidates *found, uint32_t from);

#endif
