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
	const struct checked_stmt *cs; /* of a guard: its `when` */
	bool inside;                   /* a `when`: may be passed over */
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

static struct expr *
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
add_step(struct layout *l, struct laid laid)
{
	struct laid *old = l->steps;

	if (l->n == l->room) {
		l->room = l->room == 0 ? 16 : l->room * 2;
		l->steps =
		    arena_xalloc(l->c->scratch, l->room * sizeof(*l->steps));
		if (l->n > 0)
			memcpy(l->steps, old, l->n * sizeof(*old));
	}
	l->steps[l->n] = laid;
	return l->n++;
}

static void lay(
    struct layout *l, const struct checked_stmt *cs, const struct guard *outer);

/* A guard and the branch behind it; its slot. */
static uint32_t
lay_branch(struct layout *l, struct laid laid, struct str text,
    const struct checked_stmt *branch)
{
	struct guard guard = { .slot = l->c->n_memos++, .text = text };
	uint32_t at;

	laid.step.slot = guard.slot;
	at = add_step(l, laid);
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
	struct laid guard = { .cs = cs, .inside = outer != NULL };
	uint32_t slot;

	if (outer != NULL && cs->other != NULL) {
		struct expr *kept = memo(l, l->c->n_memos++, cond, text);
		kept->op = check_memo_reads(&cs->uses);
		cond = kept;
	}
	guard.step.cond = inside(l, outer, cond);
	slot = lay_branch(l, guard, text, cs->then);
	if (cs->other == NULL)
		return;
	if (outer == NULL)
		cond = memo(l, slot, NULL, text);
	guard.step.cond = inside(l, outer, negation(l, cond));
	lay_branch(l, guard, not_text, cs->other);
}

static void
lay(struct layout *l, const struct checked_stmt *cs, const struct guard *outer)
{
	for (; cs != NULL; cs = cs->next) {
		struct laid rule = {
			.step.rule = cs->rule, .cs = cs, .inside = outer != NULL
		};
		if (cs->stmt->kind == STMT_WHEN) {
			lay_when(l, cs, outer);
			continue;
		}
		rule.step.cond = inside(l, outer, cs->cond);
		add_step(l, rule);
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

/* Whether its verdict, or that of `on error`, is spoken where it stands. */
static bool
may_speak(const struct check *c, const struct laid *laid)
{
	const struct step *step = &laid->step;

	return step->rule != NULL &&
	       (may_refuse(step) ||
		   may_fail(c, step, laid->cs->inside_fallible));
}

/* Whether it leaves a line in the log, and no refusal with it. */
static bool
may_tell(const struct rule *rule)
{
	return rule != NULL && (rule->observe || rule->action == ACTION_LOG ||
				   rule->action == ACTION_QUARANTINE ||
				   (!action_is_effect(rule->action) &&
				       !action_is_refusal(rule->action)));
}

/* Blocks of a stage, one behind the other. */
struct stage_steps {
	struct step *steps;
	uint32_t n;
	bool waits; /* what comes now: for the body, behind one that does */
};

static void
note_speaker(struct check *c, const struct laid *laid, enum stage stage,
    struct stage_steps *steps)
{
	struct policy *policy = c->policy;
	bool body = stage == STAGE_MESSAGE && laid->cs->inside_body;

	/* One in a `when` may be passed over, and holds up nothing then. */
	steps->waits = steps->waits || (body && !laid->inside);
	if (may_speak(c, laid)) {
		policy->speaks |= 1u << stage;
		if (stage == STAGE_MESSAGE && !body && !steps->waits)
			policy->speaks_before_body = true;
	}
	if (may_tell(laid->step.rule))
		policy->tells |= 1u << stage;
	if (laid->step.rule != NULL && laid->step.rule->late &&
	    !laid->step.rule->observe)
		policy->speaks |= 1u << STAGE_RCPT;
}

static void
append(struct check *c, const struct layout *l, enum stage stage,
    struct stage_steps *to)
{
	uint32_t base = to->n;

	for (uint32_t i = 0; i < l->n; i++) {
		to->steps[to->n++] = step_at(&l->steps[i], stage, base);
		note_speaker(c, &l->steps[i], stage, to);
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

static bool
uses_body(const struct uses *uses)
{
	for (unsigned i = 0; i < FACT_COUNT; i++)
		if ((fact_rows[i].flags & F_BODY) != 0 &&
		    uses_fact(uses, (enum fact)i))
			return true;
	return false;
}

/* What is true of a rule where it is of a `when` around it. */
static void
spread(struct checked_stmt *cs, const struct checked_stmt *outer)
{
	for (; cs != NULL; cs = cs->next) {
		cs->inside_fallible =
		    cs->fallible || (outer != NULL && outer->inside_fallible);
		cs->inside_body = uses_body(&cs->uses) ||
				  (outer != NULL && outer->inside_body);
		spread(cs->then, cs);
		spread(cs->other, cs);
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
		spread(b->first, NULL);
		layouts[n].c = c;
		lay(&layouts[n], b->first, NULL);
		n++;
	}
	policy->rules = rules;
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		build_program(c, layouts, (enum stage)i);
	compile_needs(c);
	check_shared_slots(c);
	policy->n_memos = c->n_memos;
}
