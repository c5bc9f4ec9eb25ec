/*
 * check_flow - warns of rules that can never run at some stage: behind an
 * unconditional verdict, or with a test that a rule before has decided.
 *
 * A test is known by its canonical text.  A verdict `if A or B` decides A
 * and B for all that comes behind it in its block; a rule `if A and C` there
 * can never run.  Tests of tags and of the score are left out: rules between
 * may change them.
 *
 * Some unconditional verdicts leave nothing to later stages either: `accept
 * connection` at connect, and at mail and later all but a plain `accept`.
 * Not so at helo, for a client may leave HELO out.
 */
#include "lang/check.h"

#include "lang/print.h"

/* A test that was decided, while its block lasts. */
struct decided {
	struct str text;
	const struct checked_stmt *by; /* NULL: no longer */
};

struct flow {
	struct check *c;
	enum stage stage;
	struct names texts; /* to decided */
	struct decided *decided;
	uint32_t *stack; /* those that are alive, in order */
	uint32_t n_stack;
	uint32_t room;
	/* The verdict behind which no later stage has rules to run. */
	const struct checked_stmt *last;
	enum stage last_at;
};

static bool
ends_stage(const struct rule *rule)
{
	switch (rule->action) {
	case ACTION_ACCEPT:
	case ACTION_ACCEPT_MESSAGE:
	case ACTION_ACCEPT_CONNECTION:
		return true;
	case ACTION_REJECT:
	case ACTION_DEFER:
	case ACTION_DISCONNECT:
	case ACTION_DISCARD:
		return !rule->observe;
	case ACTION_QUARANTINE:
	case ACTION_LOG:
	case ACTION_TAG:
	case ACTION_SCORE:
	case ACTION_ADD_HEADER:
	case ACTION_COUNT:
		break;
	}
	return false;
}

/* Whether an unconditional verdict leaves nothing to the stages to come. */
static bool
ends_later(const struct rule *rule, enum stage stage)
{
	switch (stage) {
	case STAGE_CONNECT:
		return rule->action == ACTION_ACCEPT_CONNECTION ||
		       rule->action == ACTION_DISCONNECT;
	case STAGE_MAIL:
	case STAGE_RCPT:
	case STAGE_DATA:
		return rule->action != ACTION_ACCEPT && !rule->late;
	case STAGE_HELO:
	case STAGE_MESSAGE:
	case STAGE_UNKNOWN:
	case STAGE_COUNT:
		break;
	}
	return false;
}

static void
tell(struct flow *f, struct checked_stmt *cs, const struct checked_stmt *by,
    struct str test)
{
	struct pos pos =
	    cs->stmt->kind == STMT_RULE ? cs->stmt->action_pos : cs->stmt->pos;

	if (cs->told)
		return;
	cs->told = true;
	if (by == f->last)
		diag_add(f->c->diags, DIAG_WARNING, pos,
		    "this can never run at %s, because at %s already the rule "
		    "%.*s always ends all that follows",
		    stage_name(f->stage), stage_name(f->last_at),
		    STR_FMT(by->rule->name));
	else if (str_is_none(test))
		diag_add(f->c->diags, DIAG_WARNING, pos,
		    "this can never run at %s, because the rule %.*s before "
		    "it always ends the stage",
		    stage_name(f->stage), STR_FMT(by->rule->name));
	else
		diag_add(f->c->diags, DIAG_WARNING, pos,
		    "this can never run at %s, because the rule %.*s before "
		    "it ends the stage where %.*s",
		    stage_name(f->stage), STR_FMT(by->rule->name),
		    STR_FMT(test));
	diag_add(f->c->diags, DIAG_NOTE, by->stmt->action_pos, "%.*s is here",
	    STR_FMT(by->rule->name));
}

/* ---- tests -------------------------------------------------------------- */

static void
push(struct flow *f, const struct node *n, const struct checked_stmt *by)
{
	struct str text = print_node(n, f->c->scratch);
	struct name_slot *slot;
	bool old;

	slot = names_put(&f->texts, text, (uint32_t)f->texts.n, &old);
	if (old && f->decided[slot->value].by != NULL)
		return;
	if (slot->value >= f->room || f->n_stack >= f->room)
		return;
	f->decided[slot->value] = (struct decided){ text, by };
	f->stack[f->n_stack++] = slot->value;
}

static void
pop_to(struct flow *f, uint32_t n)
{
	while (f->n_stack > n)
		f->decided[f->stack[--f->n_stack]].by = NULL;
}

/* Each part of a chain of `or` is decided by a verdict on the chain. */
static void
push_parts(struct flow *f, const struct node *n, const struct checked_stmt *by)
{
	if (n->kind == NODE_OR) {
		push_parts(f, n->a, by);
		push_parts(f, n->b, by);
	}
	push(f, n, by);
}

static bool
find(struct flow *f, struct checked_stmt *cs, const struct node *n)
{
	struct str text = print_node(n, f->c->scratch);
	uint32_t i;

	if (names_find(&f->texts, text, &i) && i < f->room &&
	    f->decided[i].by != NULL) {
		tell(f, cs, f->decided[i].by, text);
		return true;
	}
	if (n->kind != NODE_AND)
		return false;
	return find(f, cs, n->a) || find(f, cs, n->b);
}

/* ---- statements --------------------------------------------------------- */

static const struct checked_stmt *walk(
    struct flow *f, struct checked_stmt *first);

/* Both return the unconditional verdict behind which nothing runs, or NULL:
 * of two branches' verdicts one that leaves later stages alone, if any. */
static const struct checked_stmt *
walk_when(struct flow *f, struct checked_stmt *cs)
{
	uint32_t mark = f->n_stack;
	const struct checked_stmt *then;
	const struct checked_stmt *other;

	then = walk(f, cs->then);
	pop_to(f, mark);
	other = walk(f, cs->other);
	pop_to(f, mark);
	if (then == NULL || other == NULL)
		return NULL;
	return ends_later(other->rule, f->stage) ? then : other;
}

static const struct checked_stmt *
walk(struct flow *f, struct checked_stmt *first)
{
	const struct checked_stmt *by = NULL;

	for (struct checked_stmt *cs = first; cs != NULL; cs = cs->next) {
		bool stable = cs->node != NULL && !cs->uses.state;
		if (by != NULL) {
			tell(f, cs, by, STR_NONE);
			return by;
		}
		if (stable && find(f, cs, cs->node))
			continue;
		if (cs->stmt->kind == STMT_WHEN) {
			by = walk_when(f, cs);
			continue;
		}
		if (!ends_stage(cs->rule))
			continue;
		if (cs->node == NULL)
			by = cs;
		else if (stable)
			push_parts(f, cs->node, cs);
	}
	return by;
}

/* The verdict of an earlier stage behind which this one never runs, or NULL.
 * Unknown commands come at any time. */
static const struct checked_stmt *
ended_before(const struct flow *f)
{
	if (f->stage == STAGE_UNKNOWN && f->last_at != STAGE_CONNECT)
		return NULL;
	return f->last;
}

/* All blocks of a stage are one program: what is decided stays decided. */
static void
walk_stage(struct flow *f)
{
	const struct checked_stmt *by = ended_before(f);

	for (struct checked_block *b = f->c->blocks; b != NULL; b = b->next) {
		if ((b->stages & 1u << f->stage) == 0 || b->first == NULL)
			continue;
		if (by != NULL && by != b->first) {
			tell(f, b->first, by, STR_NONE);
			break;
		}
		by = walk(f, b->first);
	}
	if (f->last == NULL && by != NULL && ends_later(by->rule, f->stage)) {
		f->last = by;
		f->last_at = f->stage;
	}
}

static uint32_t
count_nodes(const struct node *n)
{
	if (n->kind != NODE_OR)
		return 1;
	return 1 + count_nodes(n->a) + count_nodes(n->b);
}

static uint32_t
count_parts(const struct checked_stmt *cs)
{
	uint32_t n = 0;

	for (; cs != NULL; cs = cs->next) {
		if (cs->node != NULL)
			n += count_nodes(cs->node);
		n += count_parts(cs->then) + count_parts(cs->other);
	}
	return n;
}

void
check_flow(struct check *c)
{
	struct flow f = { .c = c };

	for (const struct checked_block *b = c->blocks; b != NULL; b = b->next)
		f.room += count_parts(b->first);
	f.decided = arena_xalloc(c->scratch, (f.room + 1) * sizeof(*f.decided));
	f.stack = arena_xalloc(c->scratch, (f.room + 1) * sizeof(*f.stack));
	names_init(&f.texts, c->scratch, false);
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		f.stage = (enum stage)i;
		pop_to(&f, 0);
		walk_stage(&f);
	}
}
