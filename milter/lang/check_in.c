/*
 * check_in - `in`: lists, inline sets, networks, maps of lists; and string
 * literals that take the type of what they are compared with.
 */
#include "lang/check.h"

#include "lang/fact_word.h"
#include "lang/literal.h"
#include "lang/print.h"
#include "lang/type.h"

/* ---- literals ----------------------------------------------------------- */

bool
check_plain(const struct node *n, struct arena *arena, struct str *s_r)
{
	size_t size = 0;
	char *p;

	for (const struct ast_piece *i = n->pieces; i != NULL; i = i->next) {
		if (i->expr != NULL)
			return false;
		size += i->text.n;
	}
	p = arena_xalloc(arena, size + 1);
	*s_r = str_of(p, size);
	for (const struct ast_piece *i = n->pieces; i != NULL; i = i->next) {
		if (i->text.n > 0)
			memcpy(p, i->text.p, i->text.n);
		p += i->text.n;
	}
	return true;
}

static bool
domain_literal(
    struct check *c, const struct node *n, struct str s, struct value *v)
{
	size_t at = str_rfind(s, '@');

	if (at != STR_NOWHERE) {
		struct str domain = str_from(s, at + 1);
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "\"%.*s\" is an address and this compares domains; "
		    "write \"%.*s\", or compare the address",
		    STR_FMT(s), STR_FMT(domain));
		return false;
	}
	if (str_starts(s, STR("*."))) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "\"%.*s\" has a wildcard; for every name below it test: "
		    "in { %.*s }",
		    STR_FMT(s), STR_FMT(str_from(s, 1)));
		return false;
	}
	if (s.n > 0 && s.p[0] == '.') {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "\"%.*s\" stands for every name below it; test that with: "
		    "in { %.*s }",
		    STR_FMT(s), STR_FMT(s));
		return false;
	}
	if (s.n == 0) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "no domain is \"\"; write is absent");
		return false;
	}
	v->str = domain_normal(s, c->arena);
	return true;
}

static bool
address_literal(
    struct check *c, const struct node *n, struct str s, struct value *v)
{
	struct address *a = arena_xalloc(c->arena, sizeof(*a));
	size_t at = str_rfind(s, '@');
	struct str rest = str_from(s, at == STR_NOWHERE ? s.n : at + 1);

	if (s.n == 0 || str_eq(s, STR("<>")))
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "the null sender is no address to compare with; write "
		    "sender is null");
	else if (at == STR_NOWHERE)
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "\"%.*s\" is no address: it has no @ and no domain; for "
		    "the local part compare sender.local or rcpt.local",
		    STR_FMT(s));
	else if ((at == 0 || str_starts(s, STR("*@"))) && rest.n > 0)
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "\"%.*s\" stands for many addresses; compare the domain: "
		    "sender.domain == \"%.*s\"",
		    STR_FMT(s), STR_FMT(rest));
	else if (!address_parse(
		     arena_xstr(c->arena, s), PATH_MAILBOX, true, c->arena, a))
		check_no_memory(c);
	else if (a->fault != FAULT_NONE)
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "\"%.*s\" is no valid address: %s", STR_FMT(s),
		    fault_sentence(a->fault));
	else {
		v->address = a;
		return true;
	}
	return false;
}

static bool
ip_literal(struct check *c, const struct node *n, struct str s, struct value *v)
{
	struct why why;

	if (ip_parse(s, &v->ip, &why))
		return true;
	diag_add(c->diags, DIAG_ERROR, n->pos, "%s", why.text);
	return false;
}

static bool
fill_literal(
    struct check *c, const struct node *n, struct str s, struct value *v)
{
	switch (v->type) {
	case T_DOMAIN:
		return domain_literal(c, n, s, v);
	case T_ADDRESS:
		return address_literal(c, n, s, v);
	case T_IP:
		return ip_literal(c, n, s, v);
	case T_NUMBER:
	case T_SIZE:
	case T_DURATION:
	case T_CLOCK:
	case T_DATE:
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "this is compared with %s; write it without quotes, as "
		    "in %s",
		    type_name(v->type), type_example(v->type));
		return false;
	case T_BOOL:
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "what is true or false is not compared; write it alone, "
		    "or with not");
		return false;
	case T_NONE:
	case T_STRING:
	case T_COUNT:
		break;
	}
	v->str = arena_xstr(c->arena, s);
	return true;
}

const struct expr *
check_literal(struct check *c, const struct node *n, enum type type)
{
	struct value v = { .type = type, .state = VALUE_PRESENT };
	struct expr *e;
	struct str s;

	if (!check_plain(n, c->scratch, &s)) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "${...} works in the text of a rule only; in a condition "
		    "write the fact itself, without quotes");
		return &expr_bad;
	}
	if (type == T_NONE || !fill_literal(c, n, s, &v))
		return &expr_bad;
	e = check_expr_of(c, EXPR_CONST, type, n);
	e->value = v;
	return e;
}

/* ---- sets --------------------------------------------------------------- */

/* `not in` is the negation of `in`. */
static const struct expr *
with_not(struct check *c, const struct node *n, const struct expr *e)
{
	struct expr *no;

	if (!n->negated)
		return e;
	no = check_expr_new(c, EXPR_NOT, T_BOOL);
	no->text = e->text;
	no->a = e;
	return no;
}

static const struct expr *
in_list(struct check *c, const struct node *n, const struct expr *a,
    const struct list *list)
{
	struct expr *e = check_expr_of(c, EXPR_IN_LIST, T_BOOL, n);

	if (list_kind(list) == LIST_PATTERNS)
		c->scope->uses.fallible = true;
	e->a = a;
	e->list = list;
	return with_not(c, n, e);
}

static size_t
count_items(const struct ast_item *items)
{
	size_t n = 0;

	for (; items != NULL; items = items->next)
		n++;
	return n;
}

static bool
item_value(struct check *c, const struct ast_item *item, enum type type,
    struct value *v)
{
	struct why why;
	int form = literal_parse(item->text, v, &why);

	if (item->text.n == 0 && !item->quoted)
		return false; /* the parser told why */
	if (form == 1 && type_cmp(type, v->type) != CMP_IMPOSSIBLE)
		return true;
	if (form < 0)
		diag_add(c->diags, DIAG_ERROR, item->pos, "%s", why.text);
	else if (form == 0 && str_find(item->text, '-') != STR_NOWHERE)
		diag_add(c->diags, DIAG_ERROR, item->pos,
		    "\"%.*s\" is no single value, and a set has no ranges; "
		    "compare with >= and < instead",
		    STR_FMT(item->text));
	else
		diag_add(c->diags, DIAG_ERROR, item->pos,
		    "\"%.*s\" is not %s, which stands on the left of \"in\"; "
		    "write values such as %s",
		    STR_FMT(item->text), type_name(type), type_example(type));
	return false;
}

static const struct expr *
in_values(struct check *c, const struct node *n, const struct expr *a)
{
	size_t count = count_items(n->b->items);
	struct value *values =
	    arena_xalloc(c->arena, (count + 1) * sizeof(*values));
	struct expr *e;
	size_t i = 0;
	bool good = true;

	for (const struct ast_item *item = n->b->items; item != NULL;
	     item = item->next)
		good = item_value(c, item, a->type, &values[i++]) && good;
	if (!good)
		return &expr_bad;
	e = check_expr_of(c, EXPR_IN_VALUES, T_BOOL, n);
	e->a = a;
	e->values = values;
	e->n_values = (uint32_t)count;
	return with_not(c, n, e);
}

static const struct expr *
in_set(struct check *c, const struct node *n, const struct expr *a)
{
	const struct ast_item *items = n->b->items;
	enum list_kind kind;
	struct list *list;
	size_t before = c->diags->errors;

	if (items == NULL)
		diag_add(c->diags, DIAG_WARNING, n->b->pos,
		    "this set is empty: nothing is ever in it");
	if (!type_set(a->type, &kind)) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s, which is in no set", STR_FMT(a->text),
		    type_name(a->type));
		return &expr_bad;
	}
	if (kind == LIST_KIND_COUNT)
		return in_values(c, n, a);
	list = check_list_new(c, c->arena, kind);
	for (; items != NULL; items = items->next) {
		check_list_item(c, list, items);
		if (a->kind == EXPR_FACT && kind == LIST_WORDS)
			fact_word_check(c->diags, items->pos,
			    (enum fact)a->slot, items->text);
	}
	check_list_seal(c, list);
	return c->diags->errors > before ? &expr_bad : in_list(c, n, a, list);
}

/* client.ip in 192.0.2.0/24 */
static const struct expr *
in_network(struct check *c, const struct node *n, const struct expr *a)
{
	struct list *list;
	struct why why;

	if (a->type == T_CLOCK || a->type == T_DATE) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "there are no spans of time; write %.*s >= %s and "
		    "%.*s < ...",
		    STR_FMT(a->text), type_example(a->type), STR_FMT(a->text));
		return &expr_bad;
	}
	if (a->type != T_IP) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s; only an IP address is in a network",
		    STR_FMT(a->text), type_name(a->type));
		return &expr_bad;
	}
	list = check_list_new(c, c->arena, LIST_NETWORKS);
	if (!list_add(list, n->b->text, &why)) {
		diag_add(c->diags, DIAG_ERROR, n->b->pos, "%s", why.text);
		return &expr_bad;
	}
	check_list_seal(c, list);
	return in_list(c, n, a, list);
}

/* ---- names -------------------------------------------------------------- */

/* What the type on the left can be looked up in. */
static void
tell_wrong_kind(struct check *c, const struct node *n, const struct expr *a,
    struct str name, enum list_kind kind)
{
	char room[128];
	struct buf kinds = BUF_ON(room);

	for (unsigned i = 0; i < LIST_KIND_COUNT; i++) {
		if (!type_in(a->type, (enum list_kind)i))
			continue;
		if (kinds.n > 0)
			buf_c(&kinds, ", ");
		buf_c(&kinds, list_kind_name((enum list_kind)i));
	}
	if (kinds.n == 0)
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s, which is in no list; write a set of values: "
		    "in { %s }",
		    STR_FMT(a->text), type_name(a->type),
		    type_example(a->type));
	else
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "%.*s is %s and %.*s a list of %s; it can be looked up "
		    "in: %s%s",
		    STR_FMT(a->text), type_name(a->type), STR_FMT(name),
		    list_kind_name(kind), buf_cstr(&kinds),
		    a->type == T_ADDRESS ? " (or look up its .local)" : "");
}

static const struct expr *
in_defn(
    struct check *c, const struct node *n, const struct expr *a, struct defn *d)
{
	struct str name = n->b->name.s;

	d->used = true;
	if (d->def->kind == DEF_LET) {
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "%.*s is a condition (let), not a list", STR_FMT(name));
		return &expr_bad;
	}
	if (d->def->kind == DEF_MAP) {
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "%.*s is a map: write %.*s[...] with a key", STR_FMT(name),
		    STR_FMT(name));
		return &expr_bad;
	}
	if (!check_defn(c, d, n->b->pos))
		return &expr_bad;
	if (a->type == T_NONE)
		return a;
	if (!type_in(a->type, d->def->list_kind)) {
		tell_wrong_kind(c, n, a, name, d->def->list_kind);
		return &expr_bad;
	}
	return in_list(c, n, a, d->list);
}

static const struct expr *
in_name(struct check *c, const struct node *n, const struct expr *a)
{
	struct str name = n->b->name.s;
	struct defn *d = check_find_defn(c, name);
	enum fact fact;

	if (d != NULL)
		return in_defn(c, n, a, d);
	if (fact_find(name, &fact) && n->a->kind == NODE_STRING)
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "%.*s is a fact, not a list; for a part of it write "
		    "%.*s matches /.../",
		    STR_FMT(name), STR_FMT(name));
	else if (fact_find(name, &fact))
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "%.*s is a fact, not a list; compare it with ==",
		    STR_FMT(name));
	else
		check_unknown_list(c, n->b->pos, name, a->type);
	return &expr_bad;
}

/* sender in may-send-as[auth.user] */
static const struct expr *
in_map(struct check *c, const struct node *n, const struct expr *a)
{
	const struct node *b = n->b;
	const struct expr *key = check_value(c, b->a);
	struct defn *d = check_find_defn(c, b->name.s);
	struct expr *e;

	if (d == NULL) {
		check_unknown(c, b->name.pos, b->name.s);
		return &expr_bad;
	}
	d->used = true;
	if (d->def->kind != DEF_MAP || !d->def->has_of) {
		diag_add(c->diags, DIAG_ERROR, b->pos,
		    d->def->kind != DEF_MAP
			? "%.*s is no map, and [...] looks up in a map"
			: "the values of %.*s are no lists; compare with "
			  "==, or define it as \"map ... of addresses\"",
		    STR_FMT(b->name.s));
		return &expr_bad;
	}
	if (!check_defn(c, d, b->name.pos) || key->type == T_NONE ||
	    a->type == T_NONE)
		return &expr_bad;
	if (!type_in(a->type, d->def->list_kind)) {
		tell_wrong_kind(c, n, a, b->name.s, d->def->list_kind);
		return &expr_bad;
	}
	if (d->def->list_kind == LIST_PATTERNS)
		c->scope->uses.fallible = true;
	e = check_expr_of(c, EXPR_IN_MAP_LIST, T_BOOL, n);
	e->a = a;
	e->b = key;
	e->map = d->map;
	e->map_lists = d->lists;
	if (d->fallback_list != NULL) {
		struct expr *other = check_expr_of(c, EXPR_IN_LIST, T_BOOL, n);
		other->a = a;
		other->list = d->fallback_list;
		e->fallback = other;
	}
	return with_not(c, n, e);
}

static const struct expr *
in_by_kind(struct check *c, const struct node *n, const struct expr *a)
{
	switch (n->b->kind) {
	case NODE_NAME:
		return in_name(c, n, a);
	case NODE_MAP:
		return in_map(c, n, a);
	case NODE_BAD:
		return &expr_bad;
	case NODE_SET:
		return a->type == T_NONE ? a : in_set(c, n, a);
	case NODE_IP:
		return a->type == T_NONE ? a : in_network(c, n, a);
	default:
		diag_add(c->diags, DIAG_ERROR, n->b->pos,
		    "\"in\" takes the name of a list, a set { ... } or a "
		    "network; compare a single value with ==");
		return &expr_bad;
	}
}

const struct expr *
check_in(struct check *c, const struct node *n)
{
	return in_by_kind(c, n, check_value(c, n->a));
}
