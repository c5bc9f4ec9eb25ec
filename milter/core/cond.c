/*
 * cond - walks compiled conditions and values.
 *
 * Truth is Kleene's logic as arithmetic: FALSE 0, UNKNOWN 1, TRUE 3; and is
 * x & y, or is x | y, not is 3 >> x.  A chain of `and` or `or` is walked in
 * a loop along its right side, so depth is bounded by the nesting that the
 * parser allows.
 */
#include "core/eval_int.h"

/* The first test that could not be told is the reason in the log. */
static enum truth
note_unknown(struct eval *ev, const struct expr *e, enum truth t)
{
	if (t == TRUTH_UNKNOWN && !ev->pending && ev->reason.p == NULL)
		ev->reason =
		    e->text.p == NULL ? STR("a look-up failed") : e->text;
	return t;
}

/* ---- values ------------------------------------------------------------- */

static void
value_header(struct eval *ev, const struct expr *e, struct value *v)
{
	const struct session *s = ev->s;

	if (s->headers == NULL || s->headers[e->slot].first == NULL)
		return;
	v->state = VALUE_PRESENT;
	v->str = e->kind == EXPR_HEADER_RAW ? s->headers[e->slot].first->raw
					    : s->headers[e->slot].first->value;
}

static void
value_header_count(struct eval *ev, const struct expr *e, struct value *v)
{
	const struct session *s = ev->s;

	v->state = VALUE_PRESENT;
	if (s->headers != NULL)
		v->num = (int64_t)s->headers[e->slot].count;
}

static void
value_macro(struct eval *ev, const struct expr *e, struct value *v)
{
	const struct macro_use *use = &ev->s->policy->macros[e->slot];

	v->str = session_macro(ev->s, use->name.p);
	if (v->str.p != NULL)
		v->state = VALUE_PRESENT;
}

static void
value_map(struct eval *ev, const struct expr *e, struct value *v)
{
	struct value key;
	uint32_t index;

	eval_value(ev, e->a, &key);
	if (key.state == VALUE_UNKNOWN || key.state == VALUE_PENDING)
		v->state = key.state;
	else if (ops_map_get(e->map, &key, &index))
		*v = e->map_values[index];
	else if (e->fallback != NULL)
		eval_value(ev, e->fallback, v);
}

static void
value_arith(struct eval *ev, const struct expr *e, struct value *v)
{
	struct value a, b;

	eval_value(ev, e->a, &a);
	eval_value(ev, e->b, &b);
	if (a.state == VALUE_ABSENT || b.state == VALUE_ABSENT)
		return;
	if (a.state == VALUE_UNKNOWN || b.state == VALUE_UNKNOWN) {
		v->state = VALUE_UNKNOWN;
		return;
	}
	v->num = ops_arith((char)e->op, a.num, b.num);
	v->state = VALUE_PRESENT;
	if (a.state == VALUE_PRESENT && b.state == VALUE_PRESENT)
		return;
	/* Only a sum of counts surely grows with them. */
	v->state = VALUE_PENDING;
	if (e->op != '+')
		v->num = INT64_MIN;
}

static void
value_score(const struct eval *ev, struct value *v)
{
	v->state = VALUE_PRESENT;
	for (int i = 0; i < SCOPE_COUNT; i++)
		v->num = ops_arith('+', v->num, ev->s->score[i]);
}

static void
value_fact(struct eval *ev, const struct expr *e, struct value *v)
{
	const struct recipient *element =
	    ev->element == NULL ? ev->found : ev->element;

	fact_get(ev->s, (enum fact)e->slot, element, v);
	if (v->state == VALUE_PENDING)
		ev->pending = true;
}

/* What is neither a constant nor a fact; v is absent. */
static void
value_other(struct eval *ev, const struct expr *e, struct value *v)
{
	switch (e->kind) {
	case EXPR_HEADER:
	case EXPR_HEADER_RAW:
		value_header(ev, e, v);
		break;
	case EXPR_HEADER_COUNT:
		value_header_count(ev, e, v);
		break;
	case EXPR_HEADER_ELEMENT:
		if (ev->header != NULL)
			*v = *ev->header;
		break;
	case EXPR_MACRO:
		value_macro(ev, e, v);
		break;
	case EXPR_MAP:
		value_map(ev, e, v);
		break;
	case EXPR_ARITH:
		value_arith(ev, e, v);
		break;
	case EXPR_SCORE:
		value_score(ev, v);
		break;
	default:
		v->state = VALUE_UNKNOWN;
		break;
	}
	if (v->state == VALUE_PENDING)
		ev->pending = true;
}

/* Most values are constants and facts. */
void
eval_value(struct eval *ev, const struct expr *e, struct value *v_r)
{
	if (e->kind == EXPR_FACT) {
		value_fact(ev, e, v_r);
	} else if (e->kind == EXPR_CONST) {
		*v_r = e->value;
	} else {
		*v_r = (struct value){ .type = e->type, .state = VALUE_ABSENT };
		value_other(ev, e, v_r);
	}
}

/* ---- conditions --------------------------------------------------------- */

static enum truth
cond_compare(struct eval *ev, const struct expr *e)
{
	struct value a, b;

	eval_value(ev, e->a, &a);
	eval_value(ev, e->b, &b);
	if (a.type != b.type)
		ops_align(ev, &a, &b);
	return ops_compare((enum cmp)e->op, &a, &b);
}

static enum truth
cond_in_list(struct eval *ev, const struct expr *e)
{
	struct value v;

	eval_value(ev, e->a, &v);
	return ops_in_list(ev, e->list, &v);
}

static enum truth
cond_in_values(struct eval *ev, const struct expr *e)
{
	enum truth t = TRUTH_FALSE;
	struct value v;

	eval_value(ev, e->a, &v);
	for (uint32_t i = 0; i < e->n_values && t != TRUTH_TRUE; i++)
		t = t | ops_compare(CMP_EQ, &v, &e->values[i]);
	return t;
}

static enum truth
cond_in_map_list(struct eval *ev, const struct expr *e)
{
	struct value v, key;
	uint32_t index;

	eval_value(ev, e->a, &v);
	eval_value(ev, e->b, &key);
	if (key.state == VALUE_UNKNOWN || key.state == VALUE_PENDING)
		return TRUTH_UNKNOWN;
	if (!ops_map_get(e->map, &key, &index))
		return e->fallback == NULL ? TRUTH_FALSE
					   : eval_cond(ev, e->fallback);
	return ops_in_list(ev, e->map_lists[index], &v);
}

static enum truth
cond_matches(struct eval *ev, const struct expr *e)
{
	struct value v;

	eval_value(ev, e->a, &v);
	return ops_matches(ev, e->regex, &v);
}

static enum truth
cond_truth(struct eval *ev, const struct expr *e)
{
	struct value v;

	eval_value(ev, e->a, &v);
	if (v.state == VALUE_ABSENT)
		return TRUTH_FALSE;
	if (v.state != VALUE_PRESENT)
		return TRUTH_UNKNOWN;
	return v.truth ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth eval_test(struct eval *ev, const struct expr *e);

/*
 * What came of it is kept in the slot; not what is pending.  The reason is
 * the reader's: it must not depend on who came first.
 */
static enum truth
fill(struct eval *ev, uint8_t *slot, const struct expr *e,
    enum truth (*tell)(struct eval *ev, const struct expr *e))
{
	struct str reason = ev->reason;
	bool pending = ev->pending;
	enum truth t;

	ev->pending = false;
	t = tell(ev, e);
	if (t != TRUTH_UNKNOWN || !ev->pending)
		*slot = (uint8_t)t;
	ev->pending = ev->pending || pending;
	ev->reason = reason;
	return t;
}

/* A `let` fills its slot when it is first read in a stage. */
static enum truth
cond_memo(struct eval *ev, const struct expr *e)
{
	uint8_t *slot = &ev->s->memos[e->slot];

	if (*slot != MEMO_EMPTY)
		return (enum truth) * slot;
	if (e->a == NULL)
		return TRUTH_FALSE;
	return fill(ev, slot, e->a, eval_cond);
}

/* So does a test that stands in several places. */
static enum truth
cond_shared(struct eval *ev, const struct expr *e)
{
	uint8_t *slot = &ev->s->memos[e->shared - 1];

	if (*slot != MEMO_EMPTY)
		return (enum truth) * slot;
	return fill(ev, slot, e, eval_test);
}

/* any: or over the elements; all: and, and false of none. */
struct quant {
	enum truth t;
	bool all;
	bool some;
};

/* True when the rest cannot change it. */
static bool
quant_add(struct quant *q, enum truth t)
{
	q->some = true;
	q->t = q->all ? (q->t & t) : (q->t | t);
	return q->t == (q->all ? TRUTH_FALSE : TRUTH_TRUE);
}

static void
quant_recipients(struct eval *ev, const struct expr *e, struct quant *q)
{
	const struct recipient *r;
	const struct recipient *outer = ev->element;

	for (r = ev->s->recipients; r != NULL; r = r->next) {
		ev->element = r;
		if (quant_add(q, eval_cond(ev, e->a))) {
			if (!q->all)
				ev->found = r;
			break;
		}
	}
	ev->element = outer;
}

static void
quant_headers(struct eval *ev, const struct expr *e, struct quant *q)
{
	const struct header_value *h = NULL;
	const struct value *outer = ev->header;
	struct value v = { .type = T_STRING, .state = VALUE_PRESENT };

	if (ev->s->headers != NULL)
		h = ev->s->headers[e->slot].first;
	for (; h != NULL; h = h->next) {
		v.str = h->value;
		ev->header = &v;
		if (quant_add(q, eval_cond(ev, e->a)))
			break;
	}
	ev->header = outer;
}

static enum truth
cond_quant(struct eval *ev, const struct expr *e)
{
	struct quant q = { e->all ? TRUTH_TRUE : TRUTH_FALSE, e->all, false };
	struct str reason = ev->reason;

	if (e->op == OVER_RECIPIENT)
		quant_recipients(ev, e, &q);
	else
		quant_headers(ev, e, &q);
	if (q.t != TRUTH_UNKNOWN)
		ev->reason = reason;
	return q.some ? q.t : TRUTH_FALSE;
}

static bool
is_decided(enum expr_kind kind, enum truth t)
{
	return t == (kind == EXPR_AND ? TRUTH_FALSE : TRUTH_TRUE);
}

static enum truth
join(enum expr_kind kind, enum truth a, enum truth b)
{
	return kind == EXPR_AND ? (a & b) : (a | b);
}

/* The rest of a chain, from where it has an order of its own. */
static enum truth
chain_ordered(struct eval *ev, const struct expr *e, enum truth t)
{
	for (uint32_t i = 0; i < e->n_values && !is_decided(e->kind, t); i++)
		t = join(e->kind, t, eval_cond(ev, e->order[i]));
	return t;
}

static enum truth
chain(struct eval *ev, const struct expr *e)
{
	const enum expr_kind kind = e->kind;
	enum truth t = kind == EXPR_AND ? TRUTH_TRUE : TRUTH_FALSE;

	for (; e->kind == kind; e = e->b) {
		if (e->order != NULL && !ev->plain)
			return chain_ordered(ev, e, t);
		t = join(kind, t, eval_cond(ev, e->a));
		if (is_decided(kind, t))
			return t;
	}
	return join(kind, t, eval_cond(ev, e));
}

/* What could not be told is no reason where the others decide: so it does
 * not matter which of them are asked first. */
static enum truth
cond_chain(struct eval *ev, const struct expr *e)
{
	struct str reason = ev->reason;
	enum truth t = chain(ev, e);

	if (t != TRUTH_UNKNOWN)
		ev->reason = reason;
	return t;
}

static enum truth
eval_test(struct eval *ev, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CMP:
		return cond_compare(ev, e);
	case EXPR_IN_LIST:
		return cond_in_list(ev, e);
	case EXPR_IN_VALUES:
		return cond_in_values(ev, e);
	case EXPR_IN_MAP_LIST:
		return cond_in_map_list(ev, e);
	case EXPR_MATCHES:
		return cond_matches(ev, e);
	case EXPR_IS:
		return ops_is(ev, e);
	case EXPR_TAGGED:
		return ev->s->tags[e->slot] != SCOPE_NONE ? TRUTH_TRUE
							  : TRUTH_FALSE;
	case EXPR_TRUTH:
		return cond_truth(ev, e);
	default:
		return TRUTH_UNKNOWN;
	}
}

enum truth
eval_cond(struct eval *ev, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		return cond_chain(ev, e);
	case EXPR_NOT:
		return (enum truth)(3 >> eval_cond(ev, e->a));
	case EXPR_MEMO:
		return note_unknown(ev, e, cond_memo(ev, e));
	case EXPR_QUANT:
		return cond_quant(ev, e);
	default:
		break;
	}
	if (e->shared != 0 && !ev->plain)
		return note_unknown(ev, e, cond_shared(ev, e));
	return note_unknown(ev, e, eval_test(ev, e));
}

struct regex_room *
eval_regex_room(struct eval *ev)
{
	if (ev->s->room == NULL)
		ev->s->room = regex_room_new();
	return ev->s->room;
}
