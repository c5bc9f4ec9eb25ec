/*
 * plan_int - the parts of `check --plan` to each other; for tools/plan*.c
 * only.
 */
#ifndef TOOLS_PLAN_INT_H
#define TOOLS_PLAN_INT_H

#include "core/wants.h"
#include "tools/plan.h"
#include "tools/rule_name.h"

enum {
	PLAN_REASONS_MAX = 8, /* told of one event; the others are counted */
	PLAN_READS_MAX = 3,   /* told of one rule */
};

struct plan {
	const struct policy *policy;
	FILE *out;
	struct arena *arena;
	struct wants wants;
	struct str directory;      /* of the policy's file, with a slash */
	const struct expr **whens; /* conditions of `when`, by memo slot */
	uint32_t *seen;            /* memo slots, by number of the walk */
	uint32_t walk;
};

/* ---- plan_reads.c ---- */

/* Whether an expression is one of those that are looked for. */
typedef bool plan_question(const struct expr *e, const void *what);

/* What a rule reads of it. */
struct plan_reads {
	size_t n; /* 0: nothing */
	struct str names[PLAN_READS_MAX];
	bool more;
	struct str through; /* the `let` by which it reads the first, or none */
};

/*
 * What a step reads, in its condition, in those of the `when`s around it and
 * in its text.
 */
void plan_reads(struct plan *plan, const struct step *step,
    plan_question *question, const void *what, struct plan_reads *reads_r);
/* Calls fn for each part of a condition but what stands around it in `when`,
 * each `let` once. */
void plan_walk(struct plan *plan, const struct expr *e,
    void (*fn)(void *ctx, const struct expr *e), void *ctx);

bool plan_is_fact(const struct expr *e, const void *fact);
bool plan_is_macro(const struct expr *e, const void *macro_slot);
bool plan_is_header(const struct expr *e, const void *unused);
bool plan_is_body(const struct expr *e, const void *unused);
/* May come out unknown. */
bool plan_is_fallible(const struct expr *e, const void *unused);

/* ---- plan_cost.c, plan_attach.c ---- */

void plan_put_costs(struct plan *plan);
void plan_put_lines(struct plan *plan);

#endif
