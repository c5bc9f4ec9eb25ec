/*
 * check_share - tests that stand in several places and are told once.
 *
 * Two tests are the same if they print the same: names of lists and maps
 * mean the same everywhere.  Each keeps its own text, for the log; what they
 * share is a memo slot.
 *
 * Left out are tests that may come out otherwise a moment later: of the
 * score, of what any and all stand at; where a stage goes on in later
 * events, of what these may bring anew.
 */
#include "lang/check.h"

#include "lang/print.h"

/* The places of one test. */
struct use {
	struct use *next;
	struct expr *test;
};

struct shared_test {
	struct use *uses;
	uint32_t n;
	unsigned stages; /* in which it is told */
};

struct shared {
	struct names names; /* to tests */
	struct shared_test *tests;
	uint32_t room;
};

static bool
is_test(enum expr_kind kind)
{
	return kind == EXPR_CMP || kind == EXPR_IN_LIST ||
	       kind == EXPR_IN_VALUES || kind == EXPR_IN_MAP_LIST ||
	       kind == EXPR_MATCHES || kind == EXPR_IS;
}

/* a != b and a not in b are tests of a == b and a in b.  Inside any and all
 * header("X") is each of its values, elsewhere the first. */
static struct str
positive(struct check *c, const struct node *n, enum expr_kind kind)
{
	struct node copy = *n;

	copy.negated = false;
	if (copy.kind == NODE_CMP && copy.cmp == CMP_NE)
		copy.cmp = CMP_EQ;
	return arena_printf(c->scratch, "%d %d %.*s", (int)kind,
	    (int)c->scope->header, STR_FMT(print_node(&copy, c->scratch)));
}

static struct shared_test *
test_of(struct check *c, struct str name)
{
	struct shared *s = c->shared;
	struct shared_test *old;
	uint32_t i;
	bool there;

	if (s == NULL) {
		s = c->shared = arena_xalloc(c->scratch, sizeof(*s));
		names_init(&s->names, c->scratch, false);
	}
	i = names_put(&s->names, name, (uint32_t)s->names.n, &there)->value;
	if (i < s->room)
		return &s->tests[i];
	old = s->tests;
	s->tests = arena_xalloc(c->scratch, (2 * i + 16) * sizeof(*s->tests));
	if (old != NULL)
		memcpy(s->tests, old, s->room * sizeof(*old));
	s->room = 2 * i + 16;
	return &s->tests[i];
}

void
check_share(struct check *c, struct expr *test, const struct node *n)
{
	struct shared_test *t;
	struct use *use;

	if (!is_test(test->kind))
		return;
	use = arena_xalloc(c->scratch, sizeof(*use));
	t = test_of(c, positive(c, n, test->kind));
	*use = (struct use){ t->uses, test };
	t->uses = use;
	t->n++;
	/* Of a let it is not known where it is used. */
	t->stages |=
	    c->scope->stages == 0 ? 1u << STAGE_MESSAGE : c->scope->stages;
}

/* Whether a value is the same at every place where the test stands. */
static bool
is_steady(const struct expr *e, bool once)
{
	for (; e != NULL; e = e->b) {
		if (e->kind == EXPR_SCORE || e->kind == EXPR_HEADER_ELEMENT ||
		    (e->kind == EXPR_MACRO && !once))
			return false;
		if (e->kind == EXPR_FACT &&
		    ((fact_rows[e->slot].flags & F_ELEMENT) != 0 ||
			(!once && fact_is_fresh((enum fact)e->slot))))
			return false;
		if (e->kind == EXPR_MAP && !is_steady(e->fallback, once))
			return false;
		if (e->a != NULL && !is_steady(e->a, once))
			return false;
	}
	return true;
}

void
check_shared_slots(struct check *c)
{
	const struct shared *s = c->shared;

	for (uint32_t i = 0; s != NULL && i < s->names.n; i++) {
		const struct shared_test *t = &s->tests[i];
		bool once = (t->stages & 1u << STAGE_MESSAGE) == 0;

		if (t->n < 2 || !is_steady(t->uses->test, once))
			continue;
		for (struct use *use = t->uses; use != NULL; use = use->next)
			use->test->shared = c->n_memos + 1;
		c->n_memos++;
	}
}
