/*
 * check_absent - warns where a refusal rests on a negated test of a fact
 * that can be absent, and so falls on those that have none: every bounce
 * has no sender.domain, and `sender.domain not in ours` is true of it.
 *
 * The warning is for who did not think of it.  A rule that tests the fact in
 * any other way (is present, in some list), itself or in a `when` around it,
 * is left alone; so are facts that are absent in odd set-ups only.
 */
#include "lang/check.h"

/* The facts that the rule and the `when`s around it test positively. */
struct known {
	uint64_t facts[FACT_WORDS];
};

static void
know(struct known *known, enum fact fact)
{
	known->facts[fact / 64] |= UINT64_C(1) << fact % 64;
}

static bool
is_known(const struct known *known, enum fact fact)
{
	return (known->facts[fact / 64] >> fact % 64 & 1) != 0;
}

/* sender is null tells of sender.domain and sender.local. */
static void
know_name(struct known *known, struct str name)
{
	enum fact fact;

	if (!fact_find(name, &fact))
		return;
	know(known, fact);
	if (fact == FACT_SENDER) {
		know(known, FACT_SENDER_LOCAL);
		know(known, FACT_SENDER_DOMAIN);
	}
}

static bool
is_test(const struct node *n)
{
	return n->kind == NODE_CMP || n->kind == NODE_IN ||
	       n->kind == NODE_MATCHES;
}

static bool
is_negated(const struct node *n)
{
	return n->kind == NODE_CMP ? n->cmp == CMP_NE : n->negated;
}

static void
learn(struct known *known, const struct node *n, bool negated)
{
	if (n->kind == NODE_AND || n->kind == NODE_OR) {
		learn(known, n->a, negated);
		learn(known, n->b, negated);
	} else if (n->kind == NODE_NOT) {
		learn(known, n->a, !negated);
	} else if (n->kind == NODE_IS && n->a->kind == NODE_NAME) {
		know_name(known, n->a->name.s);
	} else if (is_test(n) && is_negated(n) == negated) {
		if (n->a->kind == NODE_NAME)
			know_name(known, n->a->name.s);
		if (n->b != NULL && n->b->kind == NODE_NAME)
			know_name(known, n->b->name.s);
	}
}

static void
warn(struct check *c, struct known *known, const struct node *n,
    const struct checked_stmt *cs)
{
	enum fact fact;

	if (n->a->kind != NODE_NAME || !fact_find(n->a->name.s, &fact))
		return;
	if ((fact_rows[fact].flags & (F_ABSENT | F_SELDOM)) != F_ABSENT ||
	    is_known(known, fact))
		return;
	know(known, fact);
	diag_add(c->diags, DIAG_WARNING, n->a->pos,
	    "%.*s can be absent, and then this test is true and the rule "
	    "may %s; if that is not meant, add: %.*s is present and ...",
	    STR_FMT(n->a->name.s), action_name(cs->stmt->action),
	    STR_FMT(n->a->name.s));
}

static void
look(struct check *c, struct known *known, const struct node *n, bool negated,
    const struct checked_stmt *cs)
{
	if (n->kind == NODE_AND || n->kind == NODE_OR) {
		look(c, known, n->a, negated, cs);
		look(c, known, n->b, negated, cs);
	} else if (n->kind == NODE_NOT) {
		look(c, known, n->a, !negated, cs);
	} else if (is_test(n) && is_negated(n) != negated) {
		warn(c, known, n, cs);
	}
}

static void
walk(struct check *c, const struct checked_stmt *cs, const struct known *outer)
{
	for (; cs != NULL; cs = cs->next) {
		struct known known = *outer;
		if (cs->node != NULL)
			learn(&known, cs->node, false);
		walk(c, cs->then, &known);
		walk(c, cs->other, &known);
		if (cs->stmt->kind == STMT_RULE && cs->node != NULL &&
		    action_is_refusal(cs->stmt->action))
			look(c, &known, cs->node, false, cs);
	}
}

void
check_absent(struct check *c)
{
	const struct known nothing = { { 0 } };

	for (const struct checked_block *b = c->blocks; b != NULL; b = b->next)
		walk(c, b->first, &nothing);
}
