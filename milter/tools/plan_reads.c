/*
 * plan_reads - what a rule reads.
 *
 * The compiled program knows what is needed, not for whom: so its conditions
 * are walked again.  A `let` is walked once, however often it is used, so a
 * walk costs no more than the policy has expressions.
 */
#include "tools/plan_int.h"

/* ---- walking ------------------------------------------------------------ */

struct walk {
	struct plan *plan;
	void (*fn)(void *ctx, const struct expr *e);
	void *ctx;
	/* The let that was entered first, or none. */
	struct str *through;
	bool whens; /* go into conditions of `when` around a rule */
};

static void walk(struct walk *w, const struct expr *e);

static void
walk_memo(struct walk *w, const struct expr *e)
{
	struct plan *plan = w->plan;
	const struct expr *into = e->a;
	bool outermost = w->through != NULL && w->through->p == NULL;

	if (into == NULL && w->whens)
		into = plan->whens[e->slot];
	if (into == NULL || plan->seen[e->slot] == plan->walk)
		return;
	plan->seen[e->slot] = plan->walk;
	/* That of a `when` has no name of its own. */
	outermost =
	    outermost && e->a != NULL && str_find(e->text, ' ') == STR_NOWHERE;
	if (outermost)
		*w->through = e->text;
	walk(w, into);
	if (outermost)
		*w->through = STR_NONE;
}

static void
walk(struct walk *w, const struct expr *e)
{
	for (; e != NULL; e = e->b) {
		w->fn(w->ctx, e);
		if (e->kind == EXPR_MEMO)
			walk_memo(w, e);
		else if (e->a != NULL)
			walk(w, e->a);
		if ((e->kind == EXPR_MAP || e->kind == EXPR_IN_MAP_LIST) &&
		    e->fallback != NULL)
			walk(w, e->fallback);
	}
}

void
plan_walk(struct plan *plan, const struct expr *e,
    void (*fn)(void *ctx, const struct expr *e), void *ctx)
{
	struct walk w = { .plan = plan, .fn = fn, .ctx = ctx };

	plan->walk++;
	walk(&w, e);
}

/* ---- asking ------------------------------------------------------------- */

struct search {
	struct plan *plan;
	plan_question *question;
	const void *what;
	struct str through;
	struct plan_reads *reads;
};

static void
note(struct plan_reads *reads, struct str name)
{
	for (size_t i = 0; i < reads->n; i++)
		if (str_eq(reads->names[i], name))
			return;
	if (reads->n == PLAN_READS_MAX)
		reads->more = true;
	else
		reads->names[reads->n++] = name;
}

/* header("Received"), of what any or all goes through. */
static struct str
name_of(const struct search *s, const struct expr *e)
{
	const struct policy *policy = s->plan->policy;

	if (e->kind != EXPR_QUANT)
		return e->text;
	return arena_printf(s->plan->arena, "header(\"%.*s\")",
	    STR_FMT(policy->headers[e->slot]));
}

static void
look(void *ctx, const struct expr *e)
{
	struct search *s = ctx;

	if (!s->question(e, s->what))
		return;
	if (s->reads->n == 0)
		s->reads->through = s->through;
	note(s->reads, name_of(s, e));
}

void
plan_reads(struct plan *plan, const struct step *step, plan_question *question,
    const void *what, struct plan_reads *reads_r)
{
	struct search s = { plan, question, what, STR_NONE, reads_r };
	struct walk w = { plan, look, &s, &s.through, true };
	const struct template *text =
	    step->rule == NULL ? NULL : step->rule->text;

	*reads_r = (struct plan_reads){ .n = 0 };
	plan->walk++;
	walk(&w, step->cond);
	for (uint32_t i = 0; text != NULL && i < text->n; i++)
		walk(&w, text->pieces[i].expr);
}

/* ---- questions ---------------------------------------------------------- */

static bool
has_flag(const struct expr *e, unsigned flag)
{
	return e->kind == EXPR_FACT && (fact_rows[e->slot].flags & flag) != 0;
}

bool
plan_is_fact(const struct expr *e, const void *fact)
{
	return e->kind == EXPR_FACT && e->slot == *(const enum fact *)fact;
}

bool
plan_is_macro(const struct expr *e, const void *macro_slot)
{
	return e->kind == EXPR_MACRO &&
	       e->slot == *(const uint32_t *)macro_slot;
}

bool
plan_is_header(const struct expr *e, const void *unused)
{
	(void)unused;
	switch (e->kind) {
	case EXPR_HEADER:
	case EXPR_HEADER_RAW:
	case EXPR_HEADER_COUNT:
		return true;
	case EXPR_QUANT:
		return e->op == OVER_HEADER;
	default:
		return has_flag(e, F_HEADERS);
	}
}

bool
plan_is_body(const struct expr *e, const void *unused)
{
	(void)unused;
	return has_flag(e, F_BODY);
}

bool
plan_is_fallible(const struct expr *e, const void *unused)
{
	(void)unused;
	return e->kind == EXPR_MATCHES ||
	       (e->kind == EXPR_IN_LIST && list_kind(e->list) == LIST_PATTERNS);
}
