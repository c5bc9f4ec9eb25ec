/*
 * check_value - values: facts, literals, header fields, macros, maps and
 * arithmetic.
 *
 * Depth is counted on the way down, so that no policy, however it nests,
 * can take more stack than its limit; evaluation walks the same tree.
 */
#include "lang/check.h"

#include "lang/print.h"
#include "lang/type.h"
#include "lang/word.h"

const struct expr expr_bad = {
	.kind = EXPR_CONST, .type = T_NONE, .text = { "?", 1 }
};

struct expr *
check_expr_new(struct check *c, enum expr_kind kind, enum type type)
{
	struct expr *e = arena_xalloc(c->arena, sizeof(*e));

	e->kind = kind;
	e->type = type;
	e->text = STR_NONE;
	return e;
}

struct expr *
check_expr_of(
    struct check *c, enum expr_kind kind, enum type type, const struct node *n)
{
	struct expr *e = check_expr_new(c, kind, type);

	e->text = print_node(n, c->arena);
	if (type == T_BOOL)
		check_share(c, e, n);
	return e;
}

bool
check_down(struct check *c, struct pos pos, unsigned levels)
{
	struct scope *scope = c->scope;

	if (scope->depth + levels > EXPR_DEPTH_MAX) {
		diag_add(c->diags, DIAG_ERROR, pos,
		    "this condition nests over %d levels deep, the lets it "
		    "uses included; split it into several rules",
		    EXPR_DEPTH_MAX);
		return false;
	}
	scope->depth += levels;
	if (scope->deepest < scope->depth)
		scope->deepest = scope->depth;
	return true;
}

void
check_up(struct check *c, unsigned levels)
{
	c->scope->depth -= levels;
}

/* ---- what a stage knows ------------------------------------------------- */

void
check_use_stage(
    struct check *c, struct pos pos, struct str name, enum stage from)
{
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		enum stage at = (enum stage)i;
		if ((c->scope->stages & 1u << i) == 0 || stage_knows(at, from))
			continue;
		if (from == STAGE_UNKNOWN)
			diag_add(c->diags, DIAG_ERROR, pos,
			    "%.*s is not known at %s; it is there at unknown "
			    "only",
			    STR_FMT(name), stage_name(at));
		else
			diag_add(c->diags, DIAG_ERROR, pos,
			    "%.*s is not known at %s%s; the first stage that "
			    "knows it is %s",
			    STR_FMT(name), stage_name(at),
			    at == STAGE_UNKNOWN
				? ", which can come before any MAIL"
				: "",
			    stage_name(from));
		return;
	}
}

void
check_use_fact(struct check *c, struct pos pos, enum fact fact)
{
	const struct fact_row *row = &fact_rows[fact];
	struct scope *scope = c->scope;

	scope->uses.facts[fact / 64] |= UINT64_C(1) << fact % 64;
	if (row->macro != NULL)
		scope->uses.macros |=
		    UINT64_C(1) << check_macro_slot(c, pos, str_c(row->macro),
			row->stage, (row->flags & F_REREAD) != 0);
	if ((row->flags & F_RCPTS) != 0)
		scope->uses.recipients = true;
	/* Elements were checked where any or all stands. */
	if ((row->flags & F_ELEMENT) == 0)
		check_use_stage(c, pos, row->name, row->stage);
}

/* rcpt facts behind rcpt are those of one recipient among many. */
static void
warn_last_rcpt(struct check *c, struct pos pos, enum fact fact)
{
	const unsigned later = 1u << STAGE_DATA | 1u << STAGE_MESSAGE;
	struct str name = fact_rows[fact].name;

	if ((fact_rows[fact].flags & F_CURRENT) == 0 ||
	    (c->scope->stages & later) == 0)
		return;
	diag_add(c->diags, DIAG_WARNING, pos,
	    "at %s, %.*s is that of the last recipient accepted; for all of "
	    "them write any recipient (...) or all recipient (...)",
	    stage_name((c->scope->stages & 1u << STAGE_DATA) != 0
			   ? STAGE_DATA
			   : STAGE_MESSAGE),
	    STR_FMT(name));
}

static const struct expr *
value_fact(struct check *c, const struct node *n, enum fact fact)
{
	const struct fact_row *row = &fact_rows[fact];
	struct expr *e;

	if ((row->flags & F_ELEMENT) != 0 && !c->scope->recipient) {
		struct str rest = str_from(row->name, 9);
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s stands for one of the accepted recipients and is "
		    "known inside \"any recipient\" and \"all recipient\" "
		    "only; "
		    "the recipient of this RCPT TO is rcpt%.*s",
		    STR_FMT(row->name), STR_FMT(rest));
		return &expr_bad;
	}
	check_use_fact(c, n->pos, fact);
	warn_last_rcpt(c, n->pos, fact);
	e = check_expr_new(c, EXPR_FACT, row->type);
	e->slot = fact;
	e->text = row->name;
	return e;
}

/* ---- names -------------------------------------------------------------- */

/* How to define a list in which such values are looked up. */
static const char *
list_words(enum type type)
{
	switch (type) {
	case T_IP:
		return "networks";
	case T_DOMAIN:
		return "domains";
	case T_ADDRESS:
		return "addresses";
	case T_NONE:
	case T_BOOL:
	case T_NUMBER:
	case T_SIZE:
	case T_DURATION:
	case T_CLOCK:
	case T_DATE:
	case T_STRING:
	case T_COUNT:
		break;
	}
	return "words";
}

static void
tell_unknown_list(
    struct check *c, struct pos pos, struct str name, enum type type)
{
	if (str_find(name, '.') != STR_NOWHERE)
		diag_add(c->diags, DIAG_ERROR, pos,
		    "there is no list \"%.*s\"; if it is meant itself, write "
		    "in { %s%.*s }",
		    STR_FMT(name), type == T_ADDRESS ? "@" : "", STR_FMT(name));
	else
		diag_add(c->diags, DIAG_ERROR, pos,
		    "there is no list \"%.*s\"; define it outside of blocks: "
		    "%s %.*s = { ... }",
		    STR_FMT(name), list_words(type), STR_FMT(name));
}

/* NAME.X, where NAME is something.  False if it is nothing. */
static bool
tell_unknown_part(struct check *c, struct pos pos, struct str name)
{
	size_t dot = str_find(name, '.');
	struct str first = str_sub(name, 0, dot == STR_NOWHERE ? 0 : dot);
	const struct defn *d = check_find_defn(c, first);
	uint32_t tag;

	if (names_find(&c->tags, name, &tag))
		diag_add(c->diags, DIAG_ERROR, pos,
		    "%.*s is a tag; write tagged %.*s", STR_FMT(name),
		    STR_FMT(name));
	else if (word_is_reserved(first))
		diag_add(c->diags, DIAG_ERROR, pos,
		    "\"%.*s\" is kept for a later version of the language; "
		    "this one does not know it",
		    STR_FMT(name));
	else if (d != NULL && d->def->kind == DEF_MAP)
		diag_add(c->diags, DIAG_ERROR, pos,
		    "a map is looked up by %.*s[%.*s]", STR_FMT(first),
		    STR_FMT(str_from(name, dot + 1)));
	else
		return false;
	return true;
}

static void
tell_unknown(
    struct check *c, struct pos pos, struct str name, const enum type *in)
{
	int most = NAMES_NEAR;
	const char *alias = fact_alias(name);
	struct str near;
	struct str defn;

	if (c->diags->errors >= DIAG_MOST) {
		/* Not shown: do not search for it. */
		c->diags->errors++;
		return;
	}
	near = fact_near(name);
	if (!str_is_none(near))
		name_is_near(name, near, &most);
	defn = names_near(&c->defn_names, name, &most);
	if (!str_is_none(defn))
		near = defn;
	if (tell_unknown_part(c, pos, name))
		return;
	if (in != NULL && str_is_none(defn))
		tell_unknown_list(c, pos, name, *in);
	else if (alias != NULL)
		diag_add(c->diags, DIAG_ERROR, pos,
		    "there is no fact and no definition \"%.*s\"; write %s",
		    STR_FMT(name), alias);
	else if (str_starts(name, STR("header.")) && name.n > 7)
		diag_add(c->diags, DIAG_ERROR, pos,
		    "there is no fact \"%.*s\"; write header(\"%.*s\")",
		    STR_FMT(name), STR_FMT(str_from(name, 7)));
	else if (!str_is_none(near))
		diag_add(c->diags, DIAG_ERROR, pos,
		    "there is no fact and no definition \"%.*s\"; did you mean "
		    "%.*s?",
		    STR_FMT(name), STR_FMT(near));
	else
		diag_add(c->diags, DIAG_ERROR, pos,
		    "there is no fact and no definition \"%.*s\"; if it is "
		    "meant as text, write it in quotes: \"%.*s\"",
		    STR_FMT(name), STR_FMT(name));
}

void
check_unknown(struct check *c, struct pos pos, struct str name)
{
	tell_unknown(c, pos, name, NULL);
}

void
check_unknown_list(
    struct check *c, struct pos pos, struct str name, enum type type)
{
	tell_unknown(c, pos, name, &type);
}

static const struct expr *
value_defn(struct check *c, const struct node *n, struct defn *d)
{
	struct str name = n->name.s;

	d->used = true;
	switch (d->def->kind) {
	case DEF_LIST:
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is a list, not a value; look something up in it: "
		    "... in %.*s",
		    STR_FMT(name), STR_FMT(name));
		break;
	case DEF_MAP:
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is a map and needs a key: %.*s[sender.domain]",
		    STR_FMT(name), STR_FMT(name));
		break;
	case DEF_LET:
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is a condition (let), not a value; combine it with "
		    "and, or, not",
		    STR_FMT(name));
		break;
	}
	return &expr_bad;
}

static const struct expr *
value_name(struct check *c, const struct node *n)
{
	struct defn *d;
	enum fact fact;

	if (fact_find(n->name.s, &fact))
		return value_fact(c, n, fact);
	if (str_eq(n->name.s, STR("score"))) {
		struct expr *e = check_expr_new(c, EXPR_SCORE, T_NUMBER);
		e->text = STR("score");
		c->score_tested = true;
		c->score_pos = n->pos;
		c->scope->uses.state = true;
		return e;
	}
	d = check_find_defn(c, n->name.s);
	if (d != NULL)
		return value_defn(c, n, d);
	check_unknown(c, n->name.pos, n->name.s);
	return &expr_bad;
}

/* ---- header fields and macros ------------------------------------------- */

/* RFC 5322 3.6.8: printable, and no colon. */
static bool
is_field_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_print(str_at(s, i)) || str_at(s, i) == ' ' ||
		    str_at(s, i) == ':')
			return false;
	return s.n > 0;
}

uint32_t
check_header_slot(struct check *c, const struct ast_str *name)
{
	uint32_t next = (uint32_t)c->header_names.n;
	struct name_slot *slot;
	bool old;

	if (!is_field_name(name->s))
		diag_add(c->diags, DIAG_ERROR, name->pos,
		    "\"%.*s\" is no name of a header field; write it without "
		    "colon and blanks, as in header(\"Subject\")",
		    STR_FMT(name->s));
	slot = names_put(&c->header_names, name->s, next, &old);
	if (!old)
		slot->name = arena_xstr(c->arena, name->s);
	return slot->value;
}

static const struct expr *
value_header(struct check *c, const struct node *n)
{
	const struct scope *scope = c->scope;
	struct expr *e;

	c->scope->uses.headers = true;
	if (n->kind == NODE_HEADER && scope->header &&
	    str_eq_ci(scope->header_name, n->name.s))
		return check_expr_of(c, EXPR_HEADER_ELEMENT, T_STRING, n);
	switch (n->kind) {
	case NODE_HEADER_COUNT:
		e = check_expr_of(c, EXPR_HEADER_COUNT, T_NUMBER, n);
		break;
	case NODE_HEADER_RAW:
		e = check_expr_of(c, EXPR_HEADER_RAW, T_STRING, n);
		break;
	default:
		e = check_expr_of(c, EXPR_HEADER, T_STRING, n);
		break;
	}
	e->slot = check_header_slot(c, &n->name);
	check_use_stage(c, n->pos, e->text, STAGE_MESSAGE);
	return e;
}

/* A macro that MTAs have later only. */
static void
warn_early(struct check *c, struct pos pos, struct str name, enum stage first)
{
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		if ((c->scope->stages & 1u << i) == 0 ||
		    stage_knows((enum stage)i, first))
			continue;
		diag_add(c->diags, DIAG_WARNING, pos,
		    "MTAs send the macro %.*s from %s on; at %s it is absent",
		    STR_FMT(name), stage_name(first),
		    stage_name((enum stage)i));
		return;
	}
}

static const struct expr *
value_macro(struct check *c, const struct node *n)
{
	struct str name = check_macro_name(c, &n->name);
	enum stage first = STAGE_COUNT;
	bool reread = true;
	struct expr *e;

	if (str_is_none(name))
		return &expr_bad;
	if (macro_stage(name, &first, &reread))
		warn_early(c, n->pos, name, first);
	e = check_expr_of(c, EXPR_MACRO, T_STRING, n);
	e->slot = check_macro_slot(c, n->name.pos, name, first, reread);
	c->scope->uses.macros |= UINT64_C(1) << e->slot;
	return e;
}

/* ---- maps and arithmetic ------------------------------------------------ */

static const struct expr *
value_map(struct check *c, const struct node *n)
{
	const struct expr *key = check_value(c, n->a);
	struct defn *d = check_find_defn(c, n->name.s);
	struct expr *e;

	if (d == NULL) {
		check_unknown(c, n->name.pos, n->name.s);
		return &expr_bad;
	}
	d->used = true;
	if (d->def->kind != DEF_MAP) {
		diag_add(c->diags, DIAG_ERROR, n->name.pos,
		    "%.*s is no map, and [...] looks up in a map",
		    STR_FMT(n->name.s));
		return &expr_bad;
	}
	if (!check_defn(c, d, n->name.pos) || key->type == T_NONE)
		return &expr_bad;
	if (d->def->has_of) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "the values of %.*s are lists of %s; look something up "
		    "in one: ... in %.*s[...]",
		    STR_FMT(n->name.s), list_kind_name(d->def->list_kind),
		    STR_FMT(n->name.s));
		return &expr_bad;
	}
	if (key->type == T_BOOL) {
		diag_add(c->diags, DIAG_ERROR, n->a->pos,
		    "%.*s is true or false, which is no key of a map",
		    STR_FMT(key->text));
		return &expr_bad;
	}
	e = check_expr_of(c, EXPR_MAP, d->type, n);
	e->a = key;
	e->map = d->map;
	e->map_values = d->values;
	e->fallback = d->fallback;
	return e;
}

static const struct expr *
value_arith(struct check *c, const struct node *n)
{
	const struct expr *a = check_value(c, n->a);
	const struct expr *b = check_value(c, n->b);
	enum type type;
	struct expr *e;

	if (a->type == T_NONE || b->type == T_NONE)
		return &expr_bad;
	type = type_arith(n->op, a->type, b->type);
	if (type == T_NONE) {
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "%.*s is %s and %.*s is %s; %s", STR_FMT(a->text),
		    type_name(a->type), STR_FMT(b->text), type_name(b->type),
		    n->op == '*'   ? "one side of \"*\" is a plain number, "
				     "such as 2"
		    : n->op == '+' ? "\"+\" takes numbers of one kind"
				   : "\"-\" takes numbers of one kind");
		return &expr_bad;
	}
	e = check_expr_of(c, EXPR_ARITH, type, n);
	e->op = (uint8_t)n->op;
	e->a = a;
	e->b = b;
	return e;
}

/* ---- literals ----------------------------------------------------------- */

static const struct expr *
value_number(struct check *c, const struct node *n, enum type type)
{
	struct expr *e = check_expr_of(c, EXPR_CONST, type, n);

	e->value = (struct value){
		.type = type, .state = VALUE_PRESENT, .num = n->num
	};
	return e;
}

static const struct expr *
value_ip(struct check *c, const struct node *n)
{
	struct why why;
	struct expr *e;
	struct ip ip;

	if (str_find(n->text, '/') != STR_NOWHERE) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is a network; test whether an address is in it: "
		    "client.ip in %.*s",
		    STR_FMT(n->text), STR_FMT(n->text));
		return &expr_bad;
	}
	if (!ip_parse(n->text, &ip, &why)) {
		diag_add(c->diags, DIAG_ERROR, n->pos, "%s", why.text);
		return &expr_bad;
	}
	e = check_expr_of(c, EXPR_CONST, T_IP, n);
	e->value =
	    (struct value){ .type = T_IP, .state = VALUE_PRESENT, .ip = ip };
	return e;
}

static const struct expr *
value_by_kind(struct check *c, const struct node *n)
{
	switch (n->kind) {
	case NODE_BAD:
		return &expr_bad;
	case NODE_NAME:
		return value_name(c, n);
	case NODE_NUMBER:
		return value_number(c, n, T_NUMBER);
	case NODE_SIZE:
		return value_number(c, n, T_SIZE);
	case NODE_DURATION:
		return value_number(c, n, T_DURATION);
	case NODE_CLOCK:
		return value_number(c, n, T_CLOCK);
	case NODE_DATE:
		return value_number(c, n, T_DATE);
	case NODE_STRING:
		return check_literal(c, n, T_STRING);
	case NODE_IP:
		return value_ip(c, n);
	case NODE_HEADER:
	case NODE_HEADER_COUNT:
	case NODE_HEADER_RAW:
		return value_header(c, n);
	case NODE_MACRO:
		return value_macro(c, n);
	case NODE_MAP:
		return value_map(c, n);
	case NODE_ARITH:
		return value_arith(c, n);
	case NODE_SET:
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "a set stands behind \"in\" only");
		return &expr_bad;
	case NODE_AND:
	case NODE_OR:
	case NODE_NOT:
	case NODE_CMP:
	case NODE_IN:
	case NODE_MATCHES:
	case NODE_IS:
	case NODE_TAGGED:
	case NODE_QUANT:
		break;
	}
	diag_add(c->diags, DIAG_ERROR, n->pos,
	    "a condition stands here where a value is needed");
	return &expr_bad;
}

const struct expr *
check_value(struct check *c, const struct node *n)
{
	const struct expr *e;

	if (!check_down(c, n->pos, 1))
		return &expr_bad;
	e = value_by_kind(c, n);
	check_up(c, 1);
	return e;
}
