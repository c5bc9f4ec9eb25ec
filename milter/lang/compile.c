/*
 * compile - lays a tree of rules out flat.
 *
 *     when A { r1 } else { r2 }      0  guard  A        slot 0, skip to 2
 *                                    1  r1     memo 0 and ...
 *                                    2  guard  not memo 0, slot 1, skip to 4
 *                                    3  r2     memo 1 and ...
 *
 * A rule inside reads its guard's slot, so that it is unknown where the
 * guard is.  Inside another `when` the condition has a slot of its own: the
 * else branch is the outer guard and not the condition, each told once.
 *
 * A block is laid out once and copied to each of its stages, which share
 * rules and conditions; only replies are completed per stage.
 */
#include "lang/compile.h"

#include "lang/print.h"

/* A step of a block, before it is one of a stage. */
struct laid {
	struct step step;
	const struct checked_stmt *cs;
};

struct layout {
	struct check *c;
	struct laid *steps;
	uint32_t n;
	uint32_t room;
};

/* What stands around a rule; NULL: nothing. */
struct guard {
	uint32_t slot;
	struct str text;
};

/* ---- expressions -------------------------------------------------------- */

static const struct expr *
memo(struct layout *l, uint32_t slot, const struct expr *a, struct str text)
{
	struct expr *e = check_expr_new(l->c, EXPR_MEMO, T_BOOL);

	e->slot = slot;
	e->a = a;
	e->text = text;
	return e;
}

static const struct expr *
negation(struct layout *l, const struct expr *a)
{
	struct expr *e = check_expr_new(l->c, EXPR_NOT, T_BOOL);

	e->a = a;
	return e;
}

/* guard and cond; either may be missing. */
static const struct expr *
inside(struct layout *l, const struct guard *guard, const struct expr *cond)
{
	const struct expr *outer;
	struct expr *e;

	if (guard == NULL)
		return cond;
	outer = memo(l, guard->slot, NULL, guard->text);
	if (cond == NULL)
		return outer;
	e = check_expr_new(l->c, EXPR_AND, T_BOOL);
	e->a = outer;
	e->b = cond;
	return e;
}

/* ---- steps -------------------------------------------------------------- */

static uint32_t
add_step(struct layout *l, struct step step, const struct checked_stmt *cs)
{
	struct laid *old = l->steps;

	if (l->n == l->room) {
		l->room = l->room == 0 ? 16 : l->room * 2;
		l->steps =
		    arena_xalloc(l->c->scratch, l->room * sizeof(*l->steps));
		if (l->n > 0)
			memcpy(l->steps, old, l->n * sizeof(*old));
	}
	l->steps[l->n] = (struct laid){ step, cs };
	return l->n++;
}

static void lay(
    struct layout *l, const struct checked_stmt *cs, const struct guard *outer);

/* A guard and the branch behind it; its slot. */
static uint32_t
lay_branch(struct layout *l, const struct expr *cond, struct str text,
    const struct checked_stmt *branch)
{
	struct guard guard = { .slot = l->c->n_memos++, .text = text };
	struct step step = { .cond = cond, .slot = guard.slot };
	uint32_t at = add_step(l, step, NULL);

	lay(l, branch, &guard);
	l->steps[at].step.skip_to = l->n;
	return guard.slot;
}

static void
lay_when(
    struct layout *l, const struct checked_stmt *cs, const struct guard *outer)
{
	struct str text = print_node(cs->node, l->c->arena);
	struct str not_text =
	    arena_printf(l->c->arena, "not (%.*s)", STR_FMT(text));
	const struct expr *cond = cs->cond;
	uint32_t slot;

	if (outer != NULL && cs->other != NULL)
		cond = memo(l, l->c->n_memos++, cond, text);
	slot = lay_branch(l, inside(l, outer, cond), text, cs->then);
	if (cs->other == NULL)
		return;
	if (outer == NULL)
		cond = memo(l, slot, NULL, text);
	lay_branch(l, inside(l, outer, negation(l, cond)), not_text, cs->other);
}

static void
lay(struct layout *l, const struct checked_stmt *cs, const struct guard *outer)
{
	for (; cs != NULL; cs = cs->next) {
		struct step step = { .rule = cs->rule };
		if (cs->stmt->kind == STMT_WHEN) {
			lay_when(l, cs, outer);
			continue;
		}
		step.cond = inside(l, outer, cs->cond);
		add_step(l, step, cs);
	}
}

/* ---- programs ----------------------------------------------------------- */

static bool
has_reply(enum action action)
{
	return action == ACTION_REJECT || action == ACTION_DEFER ||
	       action == ACTION_DISCONNECT;
}

/* A step of a block as one of a stage. */
static struct step
step_at(const struct laid *laid, enum stage stage, uint32_t base)
{
	struct step step = laid->step;

	if (step.rule == NULL) {
		step.skip_to += base;
		return step;
	}
	if (!has_reply(step.rule->action))
		return step;
	reply_of(laid->cs->stmt, stage, &step.reply);
	step.text = step.reply.text;
	step.reply.text = STR_NONE;
	return step;
}

static bool
may_refuse(const struct step *step)
{
	enum action action = step->rule->action;

	return action_is_refusal(action) && action != ACTION_QUARANTINE &&
	       !step->rule->observe && !step->rule->late;
}

/* Whether its condition may come out unknown and be answered at once. */
static bool
may_fail(const struct check *c, const struct step *step, bool fallible)
{
	return fallible && policy_refuses_on_error(c->policy) &&
	       !action_is_effect(step->rule->action) && !step->rule->observe &&
	       !step->rule->late;
}

static void
note_speaker(struct check *c, const struct laid *laid, enum stage stage)
{
	const struct step *step = &laid->step;

	if (step->rule == NULL)
		return;
	if (may_refuse(step) || may_fail(c, step, laid->cs->inside_fallible))
		c->policy->speaks |= 1u << stage;
	if (step->rule->late && !step->rule->observe)
		c->policy->speaks |= 1u << STAGE_RCPT;
}

/* Blocks of a stage, one behind the other. */
struct stage_steps {
	struct step *steps;
	uint32_t n;
};

static void
append(struct check *c, const struct layout *l, enum stage stage,
    struct stage_steps *to)
{
	uint32_t base = to->n;

	for (uint32_t i = 0; i < l->n; i++) {
		to->steps[to->n++] = step_at(&l->steps[i], stage, base);
		note_speaker(c, &l->steps[i], stage);
	}
}

static uint32_t
steps_of(const struct check *c, const struct layout *layouts, unsigned stage)
{
	uint32_t n = 0;
	size_t i = 0;

	for (const struct checked_block *b = c->blocks; b != NULL;
	     b = b->next, i++)
		if ((b->stages & 1u << stage) != 0)
			n += layouts[i].n;
	return n;
}

static void
build_program(struct check *c, const struct layout *layouts, enum stage stage)
{
	uint32_t n = steps_of(c, layouts, stage);
	struct stage_steps to = { .n = 0 };
	size_t i = 0;

	to.steps = arena_xalloc(c->arena, (n + 1) * sizeof(*to.steps));
	for (const struct checked_block *b = c->blocks; b != NULL;
	     b = b->next, i++)
		if ((b->stages & 1u << stage) != 0)
			append(c, &layouts[i], stage, &to);
	/* A run at message stops until more is known, and goes on later. */
	c->policy->program[stage] = (struct program){ to.steps, to.n,
		index_build(c->arena, c->scratch, to.steps, to.n,
		    stage != STAGE_MESSAGE) };
}

/* ---- rules -------------------------------------------------------------- */

static void
collect(const struct rule **rules, const struct checked_stmt *cs)
{
	for (; cs != NULL; cs = cs->next) {
		if (cs->rule != NULL)
			rules[cs->rule->id] = cs->rule;
		collect(rules, cs->then);
		collect(rules, cs->other);
	}
}

/* Whether a rule, or a `when` around it, may come out unknown. */
static void
spread_fallible(struct checked_stmt *cs, bool outer)
{
	for (; cs != NULL; cs = cs->next) {
		cs->inside_fallible = outer || cs->fallible;
		spread_fallible(cs->then, cs->inside_fallible);
		spread_fallible(cs->other, cs->inside_fallible);
	}
}

void
compile_policy(struct check *c)
{
	struct policy *policy = c->policy;
	const struct rule **rules =
	    arena_xalloc(c->arena, (policy->n_rules + 1) * sizeof(*rules));
	struct layout *layouts;
	size_t n = 0;

	for (const struct checked_block *b = c->blocks; b != NULL; b = b->next)
		n++;
	layouts = arena_xalloc(c->scratch, (n + 1) * sizeof(*layouts));
	n = 0;
	for (struct checked_block *b = c->blocks; b != NULL; b = b->next) {
		collect(rules, b->first);
		spread_fallible(b->first, false);
		layouts[n].c = c;
		lay(&layouts[n], b->first, NULL);
		n++;
	}
	policy->rules = rules;
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		build_program(c, layouts, (enum stage)i);
	compile_needs(c);
	policy->n_memos = c->n_memos;
}
