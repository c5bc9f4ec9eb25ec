/*
 * plan_cost - what it costs to ask a rule, and what it has to wait for.
 *
 * A rule that the index finds costs nothing where it is not found.  Others
 * are as dear as their dearest test; tests behind one that settles the matter
 * are not run, so this is the most.  Texts are made only where a rule
 * acts, and do not count.
 */
#include "tools/plan_int.h"

enum cost {
	COST_ALWAYS,
	COST_INDEXED,
	COST_CONSTANT,
	COST_LOOKUP,
	COST_REGEX,
	COST_REGEXES,
	COST_SCAN,
	COST_COUNT
};

enum wait {
	WAIT_NONE,
	WAIT_HEADER,
	WAIT_BODY,
	WAIT_COUNT
};

/* clang-format off */
static const struct {
	const char *name;
	const char *help;
} costs[] = {
	[COST_ALWAYS] =   { "nothing",  "acts whenever it is reached" },
	[COST_INDEXED] =  { "indexed",  "asked only where that test may be true: one look-up of the fact finds all such rules at once" },
	[COST_CONSTANT] = { "constant", "compares what is there already" },
	[COST_LOOKUP] =   { "look-up",  "one search in a list or map, however long that is" },
	[COST_REGEX] =    { "regex",    "searches a text with a regex" },
	[COST_REGEXES] =  { "regexes",  "searches a text with those regexes of a list that may match it" },
	[COST_SCAN] =     { "scan",     "goes through the recipients, or the header fields of a name" },
};

static const struct {
	const char *name;
	const char *help;
} waits[] = {
	[WAIT_NONE] =   { "", "" },
	[WAIT_HEADER] = { "header", "needs the header: asked when that is in" },
	[WAIT_BODY] =   { "body",   "needs the body: asked again with each piece, until it can be told" },
};
/* clang-format on */

_Static_assert(
    sizeof(costs) / sizeof(costs[0]) == COST_COUNT, "one row per class");
_Static_assert(
    sizeof(waits) / sizeof(waits[0]) == WAIT_COUNT, "one row per kind");

enum {
	NAME_LEAST = 12, /* widths of the column of names */
	NAME_MOST = 32,
	COST_WIDTH = 8,
	WAIT_WIDTH = 6,
	TEST_MOST = 60, /* octets of a test */
};

/* ---- one rule ----------------------------------------------------------- */

struct weight {
	enum cost cost;
	enum wait wait;
	unsigned tests;
	struct str test; /* the one that is walked */
	struct str dearest;
};

/* What a part of a condition costs; COST_ALWAYS where it is no test. */
static enum cost
cost_of(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CMP:
	case EXPR_IN_VALUES:
	case EXPR_IS:
	case EXPR_TAGGED:
	case EXPR_TRUTH:
		return COST_CONSTANT;
	case EXPR_MAP:
	case EXPR_IN_MAP_LIST:
		return COST_LOOKUP;
	case EXPR_IN_LIST:
		return list_kind(e->list) == LIST_PATTERNS &&
			       list_size(e->list) > 1
			   ? COST_REGEXES
		       : list_kind(e->list) == LIST_PATTERNS ? COST_REGEX
							     : COST_LOOKUP;
	case EXPR_MATCHES:
		return COST_REGEX;
	case EXPR_QUANT:
		return COST_SCAN;
	default:
		return COST_ALWAYS;
	}
}

/* A text too has to wait for what it tells. */
static void
weigh_wait(void *ctx, const struct expr *e)
{
	struct weight *w = ctx;

	if (plan_is_header(e, NULL) && w->wait < WAIT_HEADER)
		w->wait = WAIT_HEADER;
	if (plan_is_body(e, NULL))
		w->wait = WAIT_BODY;
}

static void
weigh(void *ctx, const struct expr *e)
{
	struct weight *w = ctx;
	enum cost cost = cost_of(e);

	weigh_wait(w, e);
	if (cost == COST_ALWAYS)
		return;
	/* The value of a map is part of the test that reads it; what any and
	 * all test is counted within. */
	w->tests += e->kind != EXPR_MAP && e->kind != EXPR_QUANT;
	if (e->kind != EXPR_MAP)
		w->test = e->text;
	if (cost <= w->cost)
		return;
	w->cost = cost;
	w->dearest = w->test;
}

static struct weight
weight_of(struct plan *plan, const struct step *step, enum stage stage)
{
	struct weight w = { .cost = COST_ALWAYS };
	const struct template *text =
	    step->rule == NULL ? NULL : step->rule->text;

	plan_walk(plan, step->cond, weigh, &w);
	if (step->found_by != NULL) {
		w.cost = COST_INDEXED;
		w.dearest = step->found_by->text;
	}
	for (uint32_t i = 0; text != NULL && i < text->n; i++)
		plan_walk(plan, text->pieces[i].expr, weigh_wait, &w);
	if (stage != STAGE_MESSAGE)
		w.wait = WAIT_NONE;
	return w;
}

/* ---- printing ----------------------------------------------------------- */

static struct str
name_of(const struct plan *plan, const struct step *step)
{
	return step->rule == NULL
		   ? STR("when")
		   : name_from(plan->directory, step->rule->name);
}

static int
name_width(const struct plan *plan)
{
	size_t width = NAME_LEAST;

	for (uint32_t i = 0; i < plan->policy->n_rules; i++) {
		struct str name =
		    name_from(plan->directory, plan->policy->rules[i]->name);
		if (name.n > width)
			width = name.n;
	}
	return width > NAME_MOST ? NAME_MOST : (int)width;
}

static void
put_test(const struct plan *plan, const struct weight *w, bool wait)
{
	bool cut = w->dearest.n > TEST_MOST;
	struct str test = str_sub(w->dearest, 0, TEST_MOST);

	(void)fprintf(plan->out, "%*s",
	    (int)(COST_WIDTH - strlen(costs[w->cost].name)), "");
	if (wait)
		(void)fprintf(plan->out, "  %-*s",
		    w->tests > 0 ? WAIT_WIDTH : 0, waits[w->wait].name);
	if (w->tests > 0)
		(void)fprintf(
		    plan->out, "  %.*s%s", STR_FMT(test), cut ? "..." : "");
	if (w->tests > 1)
		(void)fprintf(plan->out, " (of %u tests)", w->tests);
}

/* Which classes were named, for the legend. */
struct shown {
	bool cost[COST_COUNT];
	bool wait[WAIT_COUNT];
};

static void
put_stage(struct plan *plan, enum stage stage, int width, struct shown *shown)
{
	const struct program *program = &plan->policy->program[stage];

	(void)fprintf(plan->out, "\n  on %s\n", stage_name(stage));
	for (uint32_t i = 0; i < program->n; i++) {
		const struct step *step = &program->steps[i];
		struct weight w = weight_of(plan, step, stage);

		(void)fprintf(plan->out, "    %-*.*s  %s", width,
		    STR_FMT(name_of(plan, step)), costs[w.cost].name);
		if (w.tests > 0 || w.wait != WAIT_NONE)
			put_test(plan, &w, stage == STAGE_MESSAGE);
		(void)fputc('\n', plan->out);
		shown->cost[w.cost] = true;
		shown->wait[w.wait] = true;
	}
}

void
plan_put_costs(struct plan *plan)
{
	struct shown shown = { .cost = { false } };
	int width = name_width(plan);

	if (plan->policy->n_rules == 0)
		return;
	(void)fputs("\nWhat it costs to ask each rule, at most; the dearest "
		    "test is named\n",
	    plan->out);
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if (plan->policy->program[i].n > 0)
			put_stage(plan, (enum stage)i, width, &shown);
	(void)fputc('\n', plan->out);
	for (unsigned i = 0; i < COST_COUNT; i++)
		if (shown.cost[i])
			(void)fprintf(plan->out, "    %-8s  %s\n",
			    costs[i].name, costs[i].help);
	for (unsigned i = WAIT_HEADER; i < WAIT_COUNT; i++)
		if (shown.wait[i])
			(void)fprintf(plan->out, "    %-8s  %s\n",
			    waits[i].name, waits[i].help);
}
