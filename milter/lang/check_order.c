/*
 * check_order - the parts of a chain of `and` or `or`, cheap ones first.
 *
 * The outcome of a chain does not depend on the order.  What does is left as
 * it stands: which test that could not be told is the first, so those that
 * may come out so keep their order; what of the message has been waited for;
 * and which rule is the first to tell a let whose first telling matters.
 */
#include "lang/check.h"

enum rank {
	RANK_CHEAP,  /* compares what is there */
	RANK_LOOKUP, /* searches a list or map */
	RANK_DEAR,   /* runs regexes, goes through recipients or fields */
	RANK_COUNT
};

static enum rank
higher(enum rank a, enum rank b)
{
	return a > b ? a : b;
}

/* Of a test by itself; values are looked at by rank_of(). */
static enum rank
rank_of_test(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_MATCHES:
	case EXPR_QUANT:
		return RANK_DEAR;
	case EXPR_IN_LIST:
		return list_kind(e->list) == LIST_PATTERNS ? RANK_DEAR
							   : RANK_LOOKUP;
	/* Its lists may be patterns. */
	case EXPR_IN_MAP_LIST:
		return RANK_DEAR;
	case EXPR_MAP:
		return RANK_LOOKUP;
	default:
		return RANK_CHEAP;
	}
}

/*
 * Of a whole part; false where it cannot be moved.  Of lets of lets no more
 * than `left` are looked into: what is beyond is dear.
 */
static bool
rank_of(const struct expr *e, unsigned *left, enum rank *rank)
{
	for (; e != NULL; e = e->b) {
		if (*left == 0) {
			*rank = RANK_DEAR;
			return false;
		}
		--*left;
		if ((e->kind == EXPR_FACT &&
			(fact_rows[e->slot].flags & F_GROWS) != 0) ||
		    (e->kind == EXPR_MEMO && e->op != 0))
			return false;
		*rank = higher(*rank, rank_of_test(e));
		if (e->a != NULL && !rank_of(e->a, left, rank))
			return false;
		if (e->kind == EXPR_MAP && !rank_of(e->fallback, left, rank))
			return false;
	}
	return true;
}

enum {
	LOOKED_AT_MAX = 1000, /* expressions in one part */
};

const struct expr *const *
check_order(struct check *c, const struct expr *const *parts, size_t n)
{
	enum rank *ranks = arena_xalloc(c->scratch, n * sizeof(*ranks));
	const struct expr **order;
	bool sorted = true;
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned left = LOOKED_AT_MAX;
		ranks[i] = RANK_CHEAP;
		if (!rank_of(parts[i], &left, &ranks[i]))
			return NULL;
		sorted = sorted && (i == 0 || ranks[i - 1] <= ranks[i]);
	}
	if (sorted)
		return NULL;
	order = arena_xalloc(c->arena, n * sizeof(*order));
	for (unsigned rank = 0; rank < RANK_COUNT; rank++)
		for (size_t i = 0; i < n; i++)
			if (ranks[i] == rank)
				order[to++] = parts[i];
	return order;
}
