/*
 * check_cond - conditions.
 *
 * `a != b` becomes not (a == b) and `a not in b` not (a in b), so that a
 * positive test of an absent fact is false and its negation true, by the
 * shape of the tree alone.  Chains of and / or, balanced trees in the AST, are
 * built again along their right side, as evaluation walks them in a loop.
 */
#include "lang/check.h"

#include "lang/print.h"
#include "lang/type.h"
#include "lang/fact_word.h"

static const struct expr *
negate(struct check *c, const struct expr *a, const struct node *n)
{
	struct expr *e;

	if (a->type == T_NONE)
		return a;
	e = check_expr_new(c, EXPR_NOT, T_BOOL);
	e->a = a;
	if (n != NULL)
		e->text = print_node(n, c->arena);
	return e;
}

/* ---- and, or ------------------------------------------------------------ */

static size_t
count_operands(const struct node *n, enum node_kind kind)
{
	if (n->kind != kind)
		return 1;
	return count_operands(n->a, kind) + count_operands(n->b, kind);
}

/* The operands of a chain, in the order of writing; the tree is balanced. */
static const struct node **
gather(const struct node *n, enum node_kind kind, const struct node **to)
{
	if (n->kind == kind)
		return gather(n->b, kind, gather(n->a, kind, to));
	*to = n;
	return to + 1;
}

static const struct expr *
cond_chain(struct check *c, const struct node *n)
{
	enum expr_kind kind = n->kind == NODE_AND ? EXPR_AND : EXPR_OR;
	size_t count = count_operands(n, n->kind);
	const struct node **operands =
	    arena_xalloc(c->scratch, count * sizeof(*operands));
	const struct expr **exprs =
	    arena_xalloc(c->scratch, count * sizeof(*exprs));
	const struct expr *e;
	bool bad = false;

	(void)gather(n, n->kind, operands);
	for (size_t i = 0; i < count; i++) {
		exprs[i] = check_cond(c, operands[i]);
		bad = bad || exprs[i]->type == T_NONE;
	}
	if (bad)
		return &expr_bad;
	e = exprs[count - 1];
	for (size_t i = count - 1; i-- > 0;) {
		struct expr *pair = check_expr_new(c, kind, T_BOOL);
		pair->a = exprs[i];
		pair->b = e;
		e = pair;
		if (i > 0)
			continue;
		pair->order = check_order(c, exprs, count);
		pair->n_values = (uint32_t)count;
	}
	return e;
}

/* ---- comparisons -------------------------------------------------------- */

static bool
is_ordering(enum cmp cmp)
{
	return cmp != CMP_EQ && cmp != CMP_NE;
}

/* The fact whose name is this one's with ".domain", if it has one. */
static bool
domain_of_fact(const struct expr *e, char *name, size_t room)
{
	enum fact fact;

	if (e->kind != EXPR_FACT)
		return false;
	snprintf(name, room, "%.*s.domain", STR_FMT(e->text));
	return fact_find(str_c(name), &fact);
}

static void
tell_impossible(struct check *c, const struct node *n, const struct expr *a,
    const struct expr *b)
{
	char other[64];

	if (a->type == T_BOOL || b->type == T_BOOL) {
		const struct expr *truth = a->type == T_BOOL ? a : b;
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is true or false: write it alone, or with not",
		    STR_FMT(truth->text));
	} else if (a->type == T_ADDRESS && b->type == T_DOMAIN &&
		   domain_of_fact(a, other, sizeof(other))) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is an address and %.*s a domain: compare %s",
		    STR_FMT(a->text), STR_FMT(b->text), other);
	} else if (b->type == T_ADDRESS && a->type == T_DOMAIN &&
		   domain_of_fact(b, other, sizeof(other))) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is a domain and %.*s an address: compare with %s",
		    STR_FMT(a->text), STR_FMT(b->text), other);
	} else if (a->kind == EXPR_HEADER && b->type == T_NUMBER) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s and is not compared with %.*s; how many such "
		    "fields there are is %.*s.count",
		    STR_FMT(a->text), type_name(a->type), STR_FMT(b->text),
		    STR_FMT(a->text));
	} else if (type_unit(a->type) != NULL && type_unit(b->type) != NULL) {
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "%.*s counts %s and %.*s counts %s; write %s such as %s",
		    STR_FMT(a->text), type_unit(a->type), STR_FMT(b->text),
		    type_unit(b->type), type_name(a->type),
		    type_example(a->type));
	} else {
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "%.*s is %s and %.*s is %s, and these cannot be "
		    "compared; write %s such as %s",
		    STR_FMT(a->text), type_name(a->type), STR_FMT(b->text),
		    type_name(b->type), type_name(a->type),
		    type_example(a->type));
	}
}

/* Operands of a comparison: a string literal takes the other's type. */
static void
check_operands(struct check *c, const struct node *n, const struct expr **a_r,
    const struct expr **b_r)
{
	bool literal_a = n->a->kind == NODE_STRING;
	bool literal_b = n->b->kind == NODE_STRING;

	if (literal_a && !literal_b) {
		*b_r = check_value(c, n->b);
		*a_r = check_literal(c, n->a, (*b_r)->type);
		return;
	}
	*a_r = check_value(c, n->a);
	*b_r = literal_b ? check_literal(c, n->b, (*a_r)->type)
			 : check_value(c, n->b);
}

/* "is one of a few words" against a word it never is. */
static void
warn_never(struct check *c, const struct node *n, const struct expr *fact,
    const struct expr *word)
{
	if (fact->kind == EXPR_FACT && word->kind == EXPR_CONST &&
	    (word->type == T_STRING || word->type == T_DOMAIN))
		fact_word_check(
		    c->diags, n->pos, (enum fact)fact->slot, word->value.str);
}

static const struct expr *
cond_cmp(struct check *c, const struct node *n)
{
	const struct expr *a;
	const struct expr *b;
	enum cmp_can can;
	struct expr *e;

	check_operands(c, n, &a, &b);
	if (a->type == T_NONE || b->type == T_NONE)
		return &expr_bad;
	can = type_cmp(a->type, b->type);
	if (can == CMP_IMPOSSIBLE) {
		tell_impossible(c, n, a, b);
		return &expr_bad;
	}
	if (can == CMP_EQUALITY && is_ordering(n->cmp)) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s and has no order; compare it with == or !=, "
		    "or with several by in { ... }",
		    STR_FMT(a->text), type_name(a->type));
		return &expr_bad;
	}
	warn_never(c, n->b, a, b);
	warn_never(c, n->a, b, a);
	e = check_expr_of(c, EXPR_CMP, T_BOOL, n);
	e->op = n->cmp == CMP_NE ? CMP_EQ : (uint8_t)n->cmp;
	e->a = a;
	e->b = b;
	return n->cmp == CMP_NE ? negate(c, e, n) : e;
}

/* ---- matches ------------------------------------------------------------ */

static void
free_regex(void *re)
{
	regex_free(re);
}

static const struct expr *
cond_matches(struct check *c, const struct node *n)
{
	const struct expr *a = check_value(c, n->a);
	struct pos pos = n->regex_pos;
	struct regex *re;
	struct why why;
	struct expr *e;

	re = regex_new(n->text, n->regex_flags, &why);
	if (re == NULL) {
		pos.col += (uint32_t)why.at;
		pos.len = 1;
		diag_add(c->diags, DIAG_ERROR, pos, "%s", why.text);
		return &expr_bad;
	}
	if (!arena_defer(c->arena, free_regex, re))
		check_no_memory(c);
	check_regex(c, n->regex_pos, n->text, n->regex_flags);
	c->scope->uses.fallible = true;
	if (a->type == T_NONE)
		return a;
	if (!type_matches(a->type)) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s, and \"matches\" takes strings, domains and "
		    "addresses%s",
		    STR_FMT(a->text), type_name(a->type),
		    a->type == T_IP ? "; write client.ip in 192.0.2.0/24" : "");
		return &expr_bad;
	}
	e = check_expr_of(c, EXPR_MATCHES, T_BOOL, n);
	e->a = a;
	e->regex = re;
	return n->negated ? negate(c, e, n) : e;
}

/* ---- is ----------------------------------------------------------------- */

static void
tell_not_of_kind(struct check *c, const struct node *n, const struct expr *a)
{
	char room[128];
	struct buf kinds = BUF_ON(room);

	if (a->type == T_BOOL) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is true or false: write it alone, or with not",
		    STR_FMT(a->text));
		return;
	}
	for (unsigned i = 0; i < IS_KIND_COUNT; i++) {
		if (!type_is(a->type, (enum is_kind)i))
			continue;
		if (kinds.n > 0)
			buf_c(&kinds, ", ");
		buf_c(&kinds, is_kind_name((enum is_kind)i));
	}
	diag_add(c->diags, DIAG_ERROR, n->name.pos,
	    "%.*s is %s, which is never \"%.*s\"; it can be tested for %s",
	    STR_FMT(a->text), type_name(a->type), STR_FMT(n->name.s),
	    buf_cstr(&kinds));
}

/* absent and present, of what is always there. */
static void
warn_always(struct check *c, const struct node *n, const struct expr *a)
{
	if (a->kind == EXPR_FACT && (fact_rows[a->slot].flags & F_ABSENT) != 0)
		return;
	if (a->kind != EXPR_FACT && a->kind != EXPR_CONST &&
	    a->kind != EXPR_HEADER_COUNT && a->kind != EXPR_SCORE)
		return;
	diag_add(c->diags, DIAG_WARNING, n->pos, "%.*s is never absent%s",
	    STR_FMT(a->text),
	    a->kind == EXPR_FACT && a->slot == FACT_SENDER
		? "; for the sender <> write sender is null"
		: "");
}

static const struct expr *
cond_is(struct check *c, const struct node *n)
{
	const struct expr *a = check_value(c, n->a);
	enum is_kind kind;
	struct expr *e;

	/* An unknown kind was told by the parser. */
	if (a->type == T_NONE || !is_kind_find(n->name.s, &kind))
		return &expr_bad;
	if (!type_is(a->type, kind)) {
		tell_not_of_kind(c, n, a);
		return &expr_bad;
	}
	if (kind == IS_ABSENT || kind == IS_PRESENT)
		warn_always(c, n, a);
	e = check_expr_of(c, EXPR_IS, T_BOOL, n);
	e->op = (uint8_t)kind;
	e->a = a;
	return n->negated ? negate(c, e, n) : e;
}

/* ---- tags, names -------------------------------------------------------- */

static const struct expr *
cond_tagged(struct check *c, const struct node *n)
{
	int most = NAMES_NEAR;
	struct str near;
	uint32_t slot;
	struct expr *e;

	c->scope->uses.state = true;
	if (names_find(&c->tags, n->name.s, &slot)) {
		c->tag_tested[slot] = true;
		e = check_expr_of(c, EXPR_TAGGED, T_BOOL, n);
		e->slot = slot;
		return e;
	}
	near = names_near(&c->tags, n->name.s, &most);
	if (!str_is_none(near))
		diag_add(c->diags, DIAG_ERROR, n->name.pos,
		    "no rule sets the tag \"%.*s\"; did you mean %.*s?",
		    STR_FMT(n->name.s), STR_FMT(near));
	else
		diag_add(c->diags, DIAG_ERROR, n->name.pos,
		    "no rule sets the tag \"%.*s\"; set it with: tag %.*s if "
		    "...",
		    STR_FMT(n->name.s), STR_FMT(n->name.s));
	return &expr_bad;
}

/* Whether each stage here knows all that a let reads. */
static void
check_let_stages(struct check *c, const struct node *n, const struct defn *d)
{
	size_t before = c->diags->errors;
	char room[160];

	for (unsigned i = 0; i < FACT_COUNT; i++) {
		const struct fact_row *row = &fact_rows[i];
		struct buf name = BUF_ON(room);
		if (!uses_fact(&d->uses, (enum fact)i) ||
		    c->diags->errors > before)
			continue;
		buf_printf(&name, "%.*s, which \"%.*s\" uses,",
		    STR_FMT(row->name), STR_FMT(n->name.s));
		check_use_stage(c, n->pos, buf_str(&name), row->stage);
	}
	if (d->uses.headers && c->diags->errors == before)
		check_use_stage(c, n->pos, STR("header(...)"), STAGE_MESSAGE);
	if (c->diags->errors > before)
		diag_add(c->diags, DIAG_NOTE, d->def->name.pos,
		    "\"%.*s\" is defined here", STR_FMT(n->name.s));
}

uint8_t
check_memo_reads(const struct uses *uses)
{
	unsigned reads = uses->state ? MEMO_STATE : 0;

	if (uses->macros != 0)
		reads |= MEMO_EVENT;
	for (unsigned i = 0; i < FACT_COUNT; i++)
		if (uses_fact(uses, (enum fact)i) &&
		    fact_is_fresh((enum fact)i))
			reads |= MEMO_EVENT;
	return (uint8_t)reads;
}

static const struct expr *
cond_let(struct check *c, const struct node *n, struct defn *d)
{
	struct expr *e;

	d->used = true;
	if (!check_defn(c, d, n->pos))
		return &expr_bad;
	if (!check_down(c, n->pos, d->depth + 1))
		return &expr_bad;
	check_up(c, d->depth + 1);
	check_let_stages(c, n, d);
	uses_add(&c->scope->uses, &d->uses);
	e = check_expr_new(c, EXPR_MEMO, T_BOOL);
	e->slot = d->slot;
	e->a = d->cond;
	e->op = check_memo_reads(&d->uses);
	e->text = arena_xstr(c->arena, n->name.s);
	return e;
}

/* A value where a condition is needed. */
static const struct expr *
cond_value(struct check *c, const struct node *n)
{
	const struct expr *a = check_value(c, n);
	struct expr *e;

	if (a->type == T_NONE)
		return a;
	if (a->type == T_BOOL) {
		e = check_expr_new(c, EXPR_TRUTH, T_BOOL);
		e->a = a;
		e->text = a->text;
		return e;
	}
	if (a->kind == EXPR_CONST && a->type == T_STRING)
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s, not a condition; compare a fact with it, and "
		    "with several by in { ... }",
		    STR_FMT(a->text), type_name(a->type));
	else if (a->kind == EXPR_CONST)
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s, not a condition; write what is compared with "
		    "it, as in message.size > 25M",
		    STR_FMT(a->text), type_name(a->type));
	else
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s, not a condition; compare it, or write "
		    "%.*s is present",
		    STR_FMT(a->text), type_name(a->type), STR_FMT(a->text));
	return &expr_bad;
}

static const struct expr *
cond_name(struct check *c, const struct node *n)
{
	struct defn *d = check_find_defn(c, n->name.s);
	enum fact fact;

	if (d == NULL || fact_find(n->name.s, &fact))
		return cond_value(c, n);
	if (d->def->kind == DEF_LET)
		return cond_let(c, n, d);
	return cond_value(c, n);
}

/* ---- any, all ----------------------------------------------------------- */

static const struct expr *
cond_quant(struct check *c, const struct node *n)
{
	bool *inside = n->over == OVER_RECIPIENT ? &c->scope->recipient
						 : &c->scope->header;
	const char *what =
	    n->over == OVER_RECIPIENT ? "recipient" : "header(...)";
	const struct expr *a;
	struct expr *e;

	if (*inside) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "this stands inside another \"any\" or \"all\" over %s; "
		    "put "
		    "the inner one into a let",
		    what);
		return &expr_bad;
	}
	e = check_expr_of(c, EXPR_QUANT, T_BOOL, n);
	if (n->over == OVER_RECIPIENT) {
		c->scope->uses.recipients = true;
		check_use_fact(c, n->pos, FACT_RECIPIENT);
		check_use_stage(c, n->pos, STR("any recipient"), STAGE_RCPT);
	} else {
		c->scope->uses.headers = true;
		c->scope->header_name = n->name.s;
		e->slot = check_header_slot(c, &n->name);
		check_use_stage(
		    c, n->pos, STR("any header(...)"), STAGE_MESSAGE);
	}
	*inside = true;
	a = check_cond(c, n->a);
	*inside = false;
	if (a->type == T_NONE)
		return a;
	e->op = (uint8_t)n->over;
	e->all = n->all;
	e->a = a;
	return e;
}

static const struct expr *
cond_by_kind(struct check *c, const struct node *n)
{
	switch (n->kind) {
	case NODE_BAD:
		return &expr_bad;
	case NODE_NAME:
		return cond_name(c, n);
	case NODE_AND:
	case NODE_OR:
		return cond_chain(c, n);
	case NODE_NOT:
		return negate(c, check_cond(c, n->a), NULL);
	case NODE_CMP:
		return cond_cmp(c, n);
	case NODE_IN:
		return check_in(c, n);
	case NODE_MATCHES:
		return cond_matches(c, n);
	case NODE_IS:
		return cond_is(c, n);
	case NODE_TAGGED:
		return cond_tagged(c, n);
	case NODE_QUANT:
		return cond_quant(c, n);
	case NODE_NUMBER:
	case NODE_SIZE:
	case NODE_DURATION:
	case NODE_CLOCK:
	case NODE_DATE:
	case NODE_STRING:
	case NODE_IP:
	case NODE_HEADER:
	case NODE_HEADER_COUNT:
	case NODE_HEADER_RAW:
	case NODE_MACRO:
	case NODE_MAP:
	case NODE_ARITH:
	case NODE_SET:
		break;
	}
	return cond_value(c, n);
}

const struct expr *
check_cond(struct check *c, const struct node *n)
{
	const struct expr *e;

	if (!check_down(c, n->pos, 1))
		return &expr_bad;
	e = cond_by_kind(c, n);
	check_up(c, 1);
	return e;
}
