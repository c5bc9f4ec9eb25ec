/*
 * trace - what a rule tested and what it looked at, for people who ask why.
 *
 * Conditions are printed from the compiled tree, whose leaves carry the words
 * of the policy.  Values are read again behind the evaluation, which changes
 * nothing but the scratch arena; also those that an earlier test made
 * needless.  Regexes are not run again.
 *
 * The same value is told once, so the shared parts of `let`s cost nothing.
 */
#include "core/eval_int.h"

enum {
	LEAVES_MAX = 32,   /* values told of one condition */
	ELEMENTS_MAX = 8,  /* of those that any and all go through */
	PRINT_ROOM = 1024, /* one value before it is cut */
};

/* ---- the test ----------------------------------------------------------- */

/* How tightly an operator binds. */
enum bind {
	BIND_OR,
	BIND_AND
};

static void print_cond(const struct expr *e, enum bind around, struct buf *out);

static void
print_chain(const struct expr *e, enum bind around, struct buf *out)
{
	const enum expr_kind kind = e->kind;
	const enum bind own = kind == EXPR_AND ? BIND_AND : BIND_OR;

	if (own < around)
		buf_char(out, '(');
	for (; e->kind == kind; e = e->b) {
		print_cond(e->a, own, out);
		buf_c(out, kind == EXPR_AND ? " and " : " or ");
	}
	print_cond(e, own, out);
	if (own < around)
		buf_char(out, ')');
}

/* The condition of a `when`, which a memo carries as text. */
static void
print_when(struct str text, enum bind around, struct buf *out)
{
	bool one = around == BIND_OR || str_find(text, ' ') == STR_NOWHERE;

	buf_c(out, one ? "" : "(");
	buf_str_add(out, text);
	buf_c(out, one ? "" : ")");
}

/* not trusted, not (helo is valid): the parentheses are for the reader. */
static void
print_not(const struct expr *e, struct buf *out)
{
	bool one = e->kind != EXPR_AND && e->kind != EXPR_OR &&
		   str_find(e->text, ' ') == STR_NOWHERE;

	buf_c(out, one ? "not " : "not (");
	print_cond(e, BIND_OR, out);
	buf_c(out, one ? "" : ")");
}

static void
print_cond(const struct expr *e, enum bind around, struct buf *out)
{
	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		print_chain(e, around, out);
		break;
	case EXPR_NOT:
		if (e->text.p != NULL)
			buf_str_add(out, e->text);
		else
			print_not(e->a, out);
		break;
	case EXPR_MEMO:
		print_when(e->text, around, out);
		break;
	default:
		buf_str_add(out, e->text);
		break;
	}
}

/* Without the guard that the compiler put in front. */
static const struct expr *
own_part(const struct expr *e)
{
	if (e != NULL && e->kind == EXPR_AND && e->a->kind == EXPR_MEMO &&
	    e->a->a == NULL)
		return e->b;
	if (e != NULL && e->kind == EXPR_MEMO && e->a == NULL)
		return NULL;
	return e;
}

/* ---- values ------------------------------------------------------------- */

struct leaves {
	struct eval *ev;
	struct buf *out;
	const struct expr *header; /* the any or all over a header around */
	bool recipients;           /* inside one over recipients */
	struct str told[LEAVES_MAX];
	size_t n;
};

static void tell_values(struct leaves *l, const struct expr *e);

/* False if it was told before, or no more can be. */
static bool
tell_name(struct leaves *l, struct str name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->told[i], name))
			return false;
	if (l->n == LEAVES_MAX)
		return false;
	l->told[l->n++] = name;
	if (l->out->n > 0)
		buf_char(l->out, ' ');
	buf_str_add(l->out, name);
	buf_char(l->out, '=');
	return true;
}

static void
tell_value(struct leaves *l, const struct value *v)
{
	char room[PRINT_ROOM];
	struct buf text = BUF_ON(room);
	bool quote = v->type == T_STRING && v->state == VALUE_PRESENT;

	if (v->state == VALUE_ABSENT)
		buf_c(&text, "absent");
	else if (v->state == VALUE_UNKNOWN)
		buf_c(&text, "unknown");
	else
		value_print(v, &text);
	if (v->type == T_ADDRESS && text.n == 0)
		buf_c(&text, "<>");
	if (quote)
		buf_char(l->out, '"');
	buf_safe(l->out, buf_str(&text), TRACE_VALUE_MAX);
	if (text.n > TRACE_VALUE_MAX)
		buf_c(l->out, "...");
	if (quote)
		buf_char(l->out, '"');
	if (v->state == VALUE_PENDING)
		buf_c(l->out, " (so far)");
}

/* Whether it is another value for each recipient that `any` stands at. */
static bool
is_of_element(const struct expr *e)
{
	for (; e != NULL; e = e->b) {
		if (e->kind == EXPR_FACT &&
		    (fact_rows[e->slot].flags & F_ELEMENT) != 0)
			return true;
		if (e->a != NULL && is_of_element(e->a))
			return true;
	}
	return false;
}

static void
tell_of_recipients(struct leaves *l, const struct expr *e)
{
	const struct recipient *r = l->ev->s->recipients;
	struct value v;
	size_t n = 0;

	if (!tell_name(l, e->text))
		return;
	buf_char(l->out, '{');
	for (; r != NULL && n < ELEMENTS_MAX; r = r->next) {
		l->ev->element = r;
		eval_value(l->ev, e, &v);
		buf_c(l->out, n++ > 0 ? " " : "");
		tell_value(l, &v);
	}
	l->ev->element = NULL;
	buf_c(l->out, r != NULL ? " ...}" : "}");
}

/* The values of the header field that any or all goes through. */
static void
tell_of_header(struct leaves *l)
{
	const struct session *s = l->ev->s;
	uint32_t slot = l->header->slot;
	const struct header_value *h = NULL;
	struct value v = { .type = T_STRING, .state = VALUE_PRESENT };
	struct str name = arena_printf(l->ev->s->scratch, "header(\"%.*s\")",
	    STR_FMT(s->policy->headers[slot]));
	size_t n = 0;

	if (name.p == NULL || !tell_name(l, name))
		return;
	if (s->headers != NULL)
		h = s->headers[slot].first;
	buf_char(l->out, '{');
	for (; h != NULL && n < ELEMENTS_MAX; h = h->next) {
		v.str = h->value;
		buf_c(l->out, n++ > 0 ? " " : "");
		tell_value(l, &v);
	}
	buf_c(l->out, h != NULL ? " ...}" : "}");
}

static void
tell_leaf(struct leaves *l, const struct expr *e)
{
	struct value v;

	if (l->recipients && is_of_element(e)) {
		tell_of_recipients(l, e);
		return;
	}
	if (!tell_name(l, e->text))
		return;
	eval_value(l->ev, e, &v);
	tell_value(l, &v);
}

static void
tell_truth(struct leaves *l, unsigned truth)
{
	buf_c(l->out, truth == TRUTH_TRUE    ? "true"
		      : truth == TRUTH_FALSE ? "false"
					     : "unknown");
}

/* A `let`; the condition of a `when` has no name. */
static bool
is_let(const struct expr *e)
{
	for (size_t i = 0; i < e->text.n; i++)
		if (!ascii_is_alnum(str_at(e->text, i)) && e->text.p[i] != '-')
			return false;
	return true;
}

/* What a memo that was needed came to, and what it looked at. */
static void
tell_memo(struct leaves *l, const struct expr *e)
{
	unsigned truth = l->ev->s->memos[e->slot];

	if (e->a == NULL || truth == MEMO_EMPTY)
		return;
	if (is_let(e)) {
		if (!tell_name(l, e->text))
			return;
		tell_truth(l, truth);
	}
	tell_values(l, e->a);
}

static void
tell_quant(struct leaves *l, const struct expr *e)
{
	const struct expr *header = l->header;
	bool recipients = l->recipients;

	if (e->op == OVER_RECIPIENT)
		l->recipients = true;
	else
		l->header = e;
	tell_values(l, e->a);
	l->header = header;
	l->recipients = recipients;
}

static void
tell_values(struct leaves *l, const struct expr *e)
{
	for (; e != NULL; e = e->b) {
		switch (e->kind) {
		case EXPR_FACT:
		case EXPR_HEADER:
		case EXPR_HEADER_RAW:
		case EXPR_HEADER_COUNT:
		case EXPR_MACRO:
		case EXPR_SCORE:
			tell_leaf(l, e);
			break;
		case EXPR_MAP:
			tell_values(l, e->a);
			tell_leaf(l, e);
			break;
		case EXPR_HEADER_ELEMENT:
			if (l->header != NULL)
				tell_of_header(l);
			break;
		case EXPR_TAGGED:
			if (tell_name(l, e->text))
				tell_truth(
				    l, l->ev->s->tags[e->slot] != SCOPE_NONE
					   ? TRUTH_TRUE
					   : TRUTH_FALSE);
			break;
		case EXPR_MEMO:
			tell_memo(l, e);
			break;
		case EXPR_QUANT:
			tell_quant(l, e);
			break;
		default:
			if (e->a != NULL)
				tell_values(l, e->a);
			break;
		}
	}
}

/* ---- events ------------------------------------------------------------- */

void
trace_step(struct eval *ev, const struct trace *trace, const struct step *step,
    enum truth t, bool waits)
{
	char test_room[TRACE_TEXT_MAX];
	char value_room[TRACE_TEXT_MAX];
	struct buf test = BUF_ON(test_room);
	struct buf values = BUF_ON(value_room);
	struct leaves leaves = { .ev = ev, .out = &values };
	const struct expr *own = own_part(step->cond);
	struct trace_event event = { .kind = TRACE_RULE,
		.stage = ev->s->stage,
		.rule = step->rule,
		.truth = t };
	bool pending = ev->pending;

	if (own != NULL)
		print_cond(own, BIND_OR, &test);
	tell_values(&leaves, own);
	ev->pending = pending;
	if (step->rule == NULL)
		event.kind = TRACE_WHEN;
	if (waits)
		event.kind = TRACE_WAIT;
	event.test = buf_str(&test);
	event.values = buf_str(&values);
	trace->event(trace->ctx, &event);
}

void
trace_end(struct session *s, const struct trace *trace,
    const struct kept *spoke, const struct decision *d)
{
	struct trace_event event = { .kind = TRACE_SILENT, .stage = d->stage };

	if (d->outcome == OUTCOME_SILENT)
		trace->event(trace->ctx, &event);
	for (int i = 0; i < KEPT_COUNT && d->stage == STAGE_RCPT &&
			d->outcome != OUTCOME_SILENT;
	     i++) {
		if (s->kept[i].rule == NULL)
			continue;
		event.kind = TRACE_LATE;
		event.stage = s->kept[i].stage;
		event.rule = s->kept[i].rule;
		event.truth = &s->kept[i] == spoke ? TRUTH_TRUE : TRUTH_FALSE;
		trace->event(trace->ctx, &event);
	}
	if (trace->decided != NULL)
		trace->decided(trace->ctx, d);
}
