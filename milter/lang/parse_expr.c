/*
 * parse_expr - conditions: operators by precedence, from one table.
 *
 *     or < and < not < tests (== in matches is) < + - < *
 *
 * Chains of `and` and of `or` become balanced trees, so that ten thousand
 * terms are as flat as fourteen; every tree is at most NODE_HEIGHT_MAX high.
 */
#include "lang/expr.h"
#include "lang/parse_int.h"
#include "lang/word.h"

enum prec {
	PREC_OR = 1,
	PREC_AND,
	PREC_NOT,
	PREC_TEST,
	PREC_SUM,
	PREC_PRODUCT,
};

struct op {
	enum token_kind token;
	const char *text;
	enum prec prec;
	enum node_kind node;
	enum cmp cmp;
	bool negated;
};

static const struct op ops[] = {
	{ TOKEN_NAME, "or", PREC_OR, NODE_OR, 0, false },
	{ TOKEN_NAME, "and", PREC_AND, NODE_AND, 0, false },
	{ TOKEN_PUNCT, "==", PREC_TEST, NODE_CMP, CMP_EQ, false },
	{ TOKEN_PUNCT, "=", PREC_TEST, NODE_CMP, CMP_EQ, false },
	{ TOKEN_PUNCT, "!=", PREC_TEST, NODE_CMP, CMP_NE, false },
	{ TOKEN_PUNCT, "<", PREC_TEST, NODE_CMP, CMP_LT, false },
	{ TOKEN_PUNCT, "<=", PREC_TEST, NODE_CMP, CMP_LE, false },
	{ TOKEN_PUNCT, ">", PREC_TEST, NODE_CMP, CMP_GT, false },
	{ TOKEN_PUNCT, ">=", PREC_TEST, NODE_CMP, CMP_GE, false },
	{ TOKEN_NAME, "in", PREC_TEST, NODE_IN, 0, false },
	{ TOKEN_NAME, "matches", PREC_TEST, NODE_MATCHES, 0, false },
	{ TOKEN_PUNCT, "=~", PREC_TEST, NODE_MATCHES, 0, false },
	{ TOKEN_PUNCT, "!~", PREC_TEST, NODE_MATCHES, 0, true },
	{ TOKEN_NAME, "is", PREC_TEST, NODE_IS, 0, false },
	/* in front of in and matches */
	{ TOKEN_NAME, "not", PREC_TEST, NODE_NOT, 0, true },
	{ TOKEN_PUNCT, "+", PREC_SUM, NODE_ARITH, 0, false },
	{ TOKEN_PUNCT, "-", PREC_SUM, NODE_ARITH, 0, false },
	{ TOKEN_PUNCT, "*", PREC_PRODUCT, NODE_ARITH, 0, false },
};

static const struct op *
look_op(struct parser *p)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (token->kind == ops[i].token &&
		    str_eq(token->str, str_c(ops[i].text)))
			return &ops[i];
	return NULL;
}

/* ---- nodes -------------------------------------------------------------- */

struct node *
parse_node(struct parser *p, enum node_kind kind, struct pos pos)
{
	struct node *node = arena_xalloc(p->arena, sizeof(*node));

	node->kind = kind;
	node->pos = pos;
	node->height = 1;
	return node;
}

struct node *
parse_bad(struct parser *p)
{
	return parse_node(p, NODE_BAD, p->last.pos);
}

static unsigned
height(const struct node *node)
{
	return node == NULL ? 0 : node->height;
}

struct node *
parse_join(struct parser *p, struct node *node, struct node *a, struct node *b)
{
	node->a = a;
	node->b = b;
	node->height = 1 + (height(a) > height(b) ? height(a) : height(b));
	if (node->height <= NODE_HEIGHT_MAX)
		return node;
	parse_fail(p, node->pos,
	    "this expression is more than %d operators deep; give parts of "
	    "it a name with let",
	    NODE_HEIGHT_MAX);
	return parse_bad(p);
}

/* ---- and, or ------------------------------------------------------------ */

struct terms {
	struct node **v;
	size_t n;
	size_t room;
	enum node_kind kind;
};

/* Adds a term; one that is a chain of the same operator adds its terms. */
static void
add_term(struct parser *p, struct terms *terms, struct node *node)
{
	if (node->kind == terms->kind) {
		add_term(p, terms, node->a);
		add_term(p, terms, node->b);
		return;
	}
	if (terms->n == terms->room) {
		size_t room = terms->room == 0 ? 8 : terms->room * 2;
		struct node **v = arena_xalloc(p->arena, room * sizeof(*v));
		if (terms->n > 0)
			memcpy(v, terms->v, terms->n * sizeof(*v));
		terms->v = v;
		terms->room = room;
	}
	terms->v[terms->n++] = node;
}

/* Terms from up to (not with) end, at least one; halves in depth. */
static struct node *
balance(struct parser *p, const struct terms *terms, size_t from, size_t end)
{
	size_t half = from + (end - from) / 2;
	struct node *node;

	if (end - from == 1)
		return terms->v[from];
	node = parse_node(p, terms->kind, terms->v[from]->pos);
	return parse_join(p, node, balance(p, terms, from, half),
	    balance(p, terms, half, end));
}

/* What `and` and `or` join, `left` being the first. */
static struct node *
parse_chain(struct parser *p, const struct op *op, struct node *left)
{
	struct terms terms = { NULL, 0, 0, op->node };

	add_term(p, &terms, left);
	while (!p->panic && look_op(p) == op) {
		parse_take(p);
		add_term(p, &terms, parse_binary(p, op->prec + 1));
	}
	return balance(p, &terms, 0, terms.n);
}

/* ---- tests -------------------------------------------------------------- */

static struct node *
parse_cmp(struct parser *p, const struct op *op, struct node *left)
{
	struct node *node = parse_node(p, NODE_CMP, left->pos);
	struct token sign = parse_take(p);
	enum is_kind kind;

	if (parse_look(p, LEX_VALUE)->kind == TOKEN_NAME &&
	    is_kind_find(p->tok.str, &kind) && !p->tok.first &&
	    (op->cmp == CMP_EQ || op->cmp == CMP_NE)) {
		parse_fail(p, p->tok.pos,
		    "\"%.*s\" is a kind and no value; write %s %.*s",
		    STR_FMT(p->tok.str), op->cmp == CMP_EQ ? "is" : "is not",
		    STR_FMT(p->tok.str));
		return parse_bad(p);
	}
	if (str_eq(sign.text, STR("=")))
		parse_complain(p, sign.pos, "write == to compare");
	node->cmp = op->cmp;
	return parse_join(p, node, left, parse_binary(p, PREC_SUM));
}

/* An inline set has no regexes. */
static void
check_items(struct parser *p, const struct ast_item *items)
{
	for (const struct ast_item *i = items; i != NULL; i = i->next) {
		size_t end = str_rfind(i->text, '/');
		if (i->quoted || i->text.n < 3 || i->text.p[0] != '/' ||
		    end == 0 || end + 3 < i->text.n)
			continue;
		parse_complain(p, i->pos,
		    "a regex stands behind matches or in a patterns list "
		    "(quote it, if it is a text)");
	}
}

static struct node *
parse_inline_set(struct parser *p)
{
	struct node *node = parse_node(p, NODE_SET, p->tok.pos);
	size_t errors = p->diags->errors;

	parse_take(p);
	if (!parse_set(p, LEX_SET, &node->items) || p->diags->errors > errors)
		return parse_bad(p);
	check_items(p, node->items);
	return node;
}

/* What stands behind `in`: a set, a list, a map's value or a network. */
static struct node *
parse_in_what(struct parser *p)
{
	const struct token *token = parse_look(p, LEX_VALUE);
	struct str text = str_sub(token->text, 0, 60);

	if (parse_is_punct(p, LEX_VALUE, "{"))
		return parse_inline_set(p);
	if (token->kind == TOKEN_ADDRESS)
		return parse_operand(p);
	if (token->kind == TOKEN_NAME && !parse_ends_rule(token) &&
	    !parse_is_word(p, LEX_VALUE, "file"))
		return parse_operand(p);
	if (parse_is_word(p, LEX_VALUE, "file"))
		parse_fail(p, token->pos,
		    "a file is read into a list: write words NAME = file "
		    "\"...\" outside of blocks (or another kind), and here "
		    "in NAME");
	else if (token->kind == TOKEN_STRING)
		parse_fail(p, token->pos,
		    "in looks into a set: write in { %.*s }, or == %.*s",
		    STR_FMT(text), STR_FMT(text));
	else if (parse_is_punct(p, LEX_VALUE, "(") ||
		 parse_is_punct(p, LEX_VALUE, "["))
		parse_fail(p, token->pos,
		    "a set stands in braces, its items apart by white space: "
		    "{ a b }");
	else
		parse_expected(p, "a list's name or a set { ... } behind in");
	return parse_bad(p);
}

static struct node *
parse_in(struct parser *p, bool negated, struct node *left)
{
	struct node *node = parse_node(p, NODE_IN, left->pos);

	parse_take(p);
	node->negated = negated;
	return parse_join(p, node, left, parse_in_what(p));
}

static struct node *
parse_matches(struct parser *p, bool negated, struct node *left)
{
	struct node *node = parse_node(p, NODE_MATCHES, left->pos);
	const struct token *token;

	parse_take(p);
	token = parse_look(p, LEX_REGEX);
	if (token->kind == TOKEN_REGEX) {
		node->negated = negated;
		node->text = token->str;
		node->regex_flags = (unsigned)token->num;
		node->regex_pos = token->pos;
		node->regex_pos.col++;
		node->regex_pos.len =
		    token->str.n == 0 ? 1 : (uint32_t)token->str.n;
		parse_take(p);
		return parse_join(p, node, left, NULL);
	}
	if (token->kind == TOKEN_STRING)
		parse_fail(p, token->pos,
		    "a regex stands between slashes instead of quotes: /%.*s/",
		    STR_FMT(str_sub(token->text, 1,
			token->text.n < 62 ? token->text.n - 2 : 60)));
	else if (token->kind == TOKEN_NAME && !parse_ends_rule(token))
		parse_fail(p, token->pos,
		    "a regex stands behind matches; for a patterns list "
		    "write in %.*s",
		    STR_FMT(str_sub(token->str, 0, 60)));
	else
		parse_expected(p, "a regex behind matches, such as "
				  "/^mail[0-9]/i");
	return parse_bad(p);
}

static const char *const kind_words[] = { "absent", "present", "null", "valid",
	"ip", "literal", "fqdn", "ascii", NULL };

_Static_assert(sizeof(kind_words) / sizeof(kind_words[0]) == IS_KIND_COUNT + 1,
    "one word per kind");

static struct node *
parse_is(struct parser *p, struct node *left)
{
	struct node *node = parse_node(p, NODE_IS, left->pos);
	const struct token *token;
	enum is_kind kind;

	parse_take(p);
	node->negated = parse_try_word(p, LEX_PLAIN, "not");
	token = parse_look(p, LEX_PLAIN);
	if (token->kind == TOKEN_NAME && is_kind_find(token->str, &kind)) {
		node->name = (struct ast_str){ token->str, token->pos };
		parse_take(p);
		return parse_join(p, node, left, NULL);
	}
	if (token->kind == TOKEN_NAME && !parse_ends_rule(token))
		parse_unknown_word(p, "kind", HINT_KIND, kind_words);
	else if (str_eq(token->text, STR("<>")))
		parse_fail(p, token->pos, "for the null sender write is null");
	else if (token->kind == TOKEN_STRING || token->kind == TOKEN_NUMBER ||
		 token->kind == TOKEN_SIZE || token->kind == TOKEN_DURATION)
		parse_fail(p, token->pos,
		    "behind is stands a kind (absent, valid, ...); to compare "
		    "write %s %.*s",
		    node->negated ? "!=" : "==",
		    STR_FMT(str_sub(token->text, 0, 60)));
	else
		parse_expected(p, "a kind behind is: absent, present, null, "
				  "valid, ip, literal, fqdn or ascii");
	return parse_bad(p);
}

/* "not" behind a value: not in, not matches */
static struct node *
parse_not_test(struct parser *p, struct node *left)
{
	parse_take(p);
	if (parse_is_word(p, LEX_PLAIN, "in"))
		return parse_in(p, true, left);
	if (parse_is_word(p, LEX_PLAIN, "matches"))
		return parse_matches(p, true, left);
	if (parse_is_punct(p, LEX_PLAIN, "=="))
		parse_fail(p, p->tok.pos, "write != for not ==");
	else if (parse_is_word(p, LEX_PLAIN, "is"))
		parse_fail(p, p->tok.pos, "write is not instead of not is");
	else
		parse_expected(p, "in or matches behind not");
	return parse_bad(p);
}

static struct node *
apply_test(struct parser *p, const struct op *op, struct node *left)
{
	if (left->kind == NODE_CMP || left->kind == NODE_IN ||
	    left->kind == NODE_MATCHES || left->kind == NODE_IS) {
		parse_fail(p, p->tok.pos,
		    "tests do not chain; join two of them with and");
		return parse_bad(p);
	}
	if (op->node == NODE_CMP)
		return parse_cmp(p, op, left);
	if (op->node == NODE_IN)
		return parse_in(p, false, left);
	if (op->node == NODE_MATCHES)
		return parse_matches(p, op->negated, left);
	if (op->node == NODE_IS)
		return parse_is(p, left);
	return parse_not_test(p, left);
}

struct node *
parse_test_of(struct parser *p, struct node *left)
{
	const struct op *op;

	if (p->panic)
		return left;
	op = look_op(p);
	if (op != NULL && op->prec == PREC_TEST)
		return apply_test(p, op, left);
	parse_expected(p, "a test such as ==, in, matches or is");
	return parse_bad(p);
}

/* ---- arithmetic --------------------------------------------------------- */

static struct node *
parse_arith(struct parser *p, const struct op *op, struct node *left)
{
	struct node *node = parse_node(p, NODE_ARITH, left->pos);
	struct token sign = parse_take(p);

	node->op = op->text[0];
	if (!sign.spaced || !parse_look(p, LEX_VALUE)->spaced)
		parse_complain(p, sign.pos,
		    "write white space on both sides of \"%c\"", node->op);
	return parse_join(p, node, left, parse_binary(p, op->prec + 1));
}

/* ---- all together ------------------------------------------------------- */

/* not = "not" test */
static struct node *
parse_not(struct parser *p)
{
	struct node *node = parse_node(p, NODE_NOT, p->tok.pos);

	if (!parse_enter(p, p->tok.pos))
		return parse_bad(p);
	parse_take(p);
	node = parse_join(p, node, parse_binary(p, PREC_TEST), NULL);
	parse_leave(p);
	return node;
}

struct node *
parse_binary(struct parser *p, unsigned least)
{
	struct node *left;
	const struct op *op;

	if (least <= PREC_TEST && parse_is_word(p, LEX_VALUE, "not"))
		left = parse_not(p);
	else
		left = parse_operand(p);
	while (!p->panic) {
		op = look_op(p);
		if (op == NULL || (unsigned)op->prec < least)
			break;
		if (op->prec == PREC_TEST)
			left = apply_test(p, op, left);
		else if (op->node == NODE_ARITH)
			left = parse_arith(p, op, left);
		else
			left = parse_chain(p, op, left);
	}
	return p->panic ? parse_bad(p) : left;
}

struct node *
parse_value(struct parser *p)
{
	return parse_binary(p, PREC_SUM);
}

/* Behind a condition, where nothing that may follow it came. */
static void
check_end(struct parser *p, bool when)
{
	const struct token *token = parse_look(p, LEX_PLAIN);
	const char *hint = token->kind == TOKEN_NAME
			       ? parse_hint(token->str, HINT_TEST)
			       : NULL;
	const char *before = p->last.kind == TOKEN_NAME
				 ? parse_hint(p->last.str, HINT_VALUE)
				 : NULL;

	if (before != NULL && !parse_ends_rule(token))
		parse_fail(p, p->last.pos, "\"%.*s\" is no value; %s",
		    STR_FMT(p->last.str), before);
	else if (parse_is_word(p, LEX_PLAIN, "if") ||
		 parse_is_word(p, LEX_PLAIN, "unless"))
		parse_fail(p, token->pos,
		    "a rule has one condition; join both with and (for "
		    "unless: and not)");
	else if (token->kind == TOKEN_NAME && word_is_reserved(token->str))
		parse_fail(p, token->pos,
		    "\"%.*s\" is kept for a later version of the language; "
		    "this one does not know it",
		    STR_FMT(token->str));
	else if (hint != NULL)
		parse_fail(p, token->pos, "there is no \"%.*s\"; %s",
		    STR_FMT(str_sub(token->str, 0, 60)), hint);
	else if (parse_ends_rule(token))
		return;
	else if (parse_is_punct(p, LEX_PLAIN, "{"))
		parse_fail(p, token->pos,
		    "a rule has no block; for several rules under one "
		    "condition write when CONDITION { ... }");
	else if (parse_is_punct(p, LEX_PLAIN, ")"))
		parse_fail(p, token->pos, "this ) closes nothing");
	else if (parse_is_punct(p, LEX_PLAIN, ","))
		parse_fail(p, token->pos,
		    "join conditions with \"and\" or \"or\"; several values "
		    "stand in a set: in { a b }");
	else if (when)
		parse_expected(p, "a test, and, or, or the { of when");
	else
		parse_expected(
		    p, "a test (==, in, ...), and, or, or the next statement");
}

struct node *
parse_condition(struct parser *p, bool when)
{
	struct node *node = parse_binary(p, PREC_OR);

	if (!p->panic && !(when && parse_is_punct(p, LEX_PLAIN, "{")))
		check_end(p, when);
	return p->panic ? parse_bad(p) : node;
}
