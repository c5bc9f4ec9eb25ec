/*
 * print_expr - items, texts and expressions in canonical form; parentheses
 * stand only where the tree needs them.
 */
#include "lang/print_int.h"

#include <inttypes.h>
#include <stdarg.h>

#include "lang/value.h"

enum {
	SET_WIDTH = 56, /* a list that is wider has one item a line */
};

void
print_str(struct writer *w, struct str s)
{
	if (w->out != NULL && s.n > 0)
		fwrite(s.p, 1, s.n, w->out);
	if (w->p != NULL && s.n > 0)
		memcpy(w->p + w->n, s.p, s.n);
	w->n += s.n;
}

void
print_c(struct writer *w, const char *s)
{
	print_str(w, str_c(s));
}

void
print_f(struct writer *w, const char *fmt, ...)
{
	char text[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_c(w, text);
}

void
print_line(struct writer *w)
{
	if (w->one_line) {
		print_c(w, " ");
		return;
	}
	print_c(w, "\n");
	for (unsigned i = 0; i < w->tabs; i++)
		print_c(w, "\t");
}

/* ---- strings and regexes ------------------------------------------------ */

/* Text as it stands between quotes. */
void
print_escaped(struct writer *w, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *escape = s.p[i] == '"'    ? "\\\""
				     : s.p[i] == '\\' ? "\\\\"
				     : s.p[i] == '\n' ? "\\n"
				     : s.p[i] == '\t' ? "\\t"
				     : s.p[i] == '$'  ? "$$"
						      : NULL;
		if (escape == NULL)
			continue;
		print_str(w, str_sub(s, from, i - from));
		print_c(w, escape);
		from = i + 1;
	}
	print_str(w, str_from(s, from));
}

void
print_quoted(struct writer *w, struct str s)
{
	print_c(w, "\"");
	print_escaped(w, s);
	print_c(w, "\"");
}

static void
put_regex(struct writer *w, struct str pattern, unsigned flags)
{
	print_c(w, "/");
	for (size_t i = 0; w->one_line && i < pattern.n; i++) {
		if (pattern.p[i] == '\n' || pattern.p[i] == '\r')
			print_c(w, " ");
		else
			print_str(w, str_sub(pattern, i, 1));
	}
	if (!w->one_line)
		print_str(w, pattern);
	print_c(w, "/");
	if ((flags & REGEX_ICASE) != 0)
		print_c(w, "i");
	if ((flags & REGEX_EXTENDED) != 0)
		print_c(w, "x");
}

/* ---- sets --------------------------------------------------------------- */

static void
put_item(struct writer *w, const struct ast_item *item)
{
	if (item->is_regex)
		put_regex(w, item->text, item->regex_flags);
	else if (item->quoted)
		print_quoted(w, item->text);
	else
		print_str(w, item->text);
	if (str_is_none(item->value.s))
		return;
	print_c(w, " ");
	if (item->value_quoted)
		print_quoted(w, item->value.s);
	else
		print_str(w, item->value.s);
}

/* Octets of a set on one line; stops where it is too wide. */
static size_t
set_width(const struct ast_item *items)
{
	size_t n = 0;

	for (const struct ast_item *i = items; i != NULL && n <= SET_WIDTH;
	     i = i->next)
		n += i->text.n + i->value.s.n + 2;
	return n;
}

void
print_set(struct writer *w, const struct ast_item *items, bool may_break)
{
	bool lines = may_break && set_width(items) > SET_WIDTH;

	print_c(w, "{");
	w->tabs++;
	for (const struct ast_item *i = items; i != NULL; i = i->next) {
		if (lines)
			print_line(w);
		else
			print_c(w, " ");
		put_item(w, i);
	}
	w->tabs--;
	if (lines)
		print_line(w);
	else
		print_c(w, " ");
	print_c(w, "}");
}

/* ---- expressions -------------------------------------------------------- */

/* How tight an operator binds; as in the table of parse_expr.c. */
enum binds {
	BINDS_OR = 1,
	BINDS_AND,
	BINDS_NOT,
	BINDS_TEST,
	BINDS_SUM,
	BINDS_PRODUCT,
	BINDS_VALUE,
};

static enum binds binds(const struct node *node);

/* In parentheses unless it binds at least so tight. */
static void
put_at(struct writer *w, const struct node *node, enum binds least)
{
	bool parens = binds(node) < least;

	if (parens)
		print_c(w, "(");
	print_expr(w, node);
	if (parens)
		print_c(w, ")");
}

static void
put_infix(struct writer *w, const struct node *node, const char *op,
    enum binds left, enum binds right)
{
	put_at(w, node->a, left);
	print_c(w, " ");
	print_c(w, op);
	print_c(w, " ");
	put_at(w, node->b, right);
}

/* ---- values ------------------------------------------------------------- */

static const struct {
	char letter;
	int64_t factor;
} sizes[] = {
	{ 'G', 1024 * 1024 * 1024 },
	{ 'M', 1024 * 1024 },
	{ 'K', 1024 },
}, durations[] = {
	{ 'd', 24 * 60 * 60 },
	{ 'h', 60 * 60 },
	{ 'm', 60 },
	{ 's', 1 },
};

static void
put_bad(struct writer *w, const struct node *node)
{
	(void)node;
	print_c(w, "...");
}

static void
put_name(struct writer *w, const struct node *node)
{
	print_str(w, node->name.s);
}

static void
put_number(struct writer *w, const struct node *node)
{
	print_f(w, "%" PRId64, node->num);
}

/* In the largest unit that fits; parse knows no size without a unit. */
static void
put_size(struct writer *w, const struct node *node)
{
	size_t i = 0;

	while (i < 2 && (node->num == 0 || node->num % sizes[i].factor != 0))
		i++;
	print_f(
	    w, "%" PRId64 "%c", node->num / sizes[i].factor, sizes[i].letter);
}

static void
put_duration(struct writer *w, const struct node *node)
{
	size_t i = 0;

	while (
	    i < 3 && (node->num == 0 || node->num % durations[i].factor != 0))
		i++;
	print_f(w, "%" PRId64 "%c", node->num / durations[i].factor,
	    durations[i].letter);
}

/* A clock or a date. */
static void
put_time(struct writer *w, const struct node *node)
{
	char text[32];
	struct buf out = BUF_ON(text);
	struct value value = { .state = VALUE_PRESENT, .num = node->num };

	value.type = node->kind == NODE_CLOCK ? T_CLOCK : T_DATE;
	value_print(&value, &out);
	print_str(w, buf_str(&out));
}

static void
put_string(struct writer *w, const struct node *node)
{
	print_c(w, "\"");
	for (const struct ast_piece *p = node->pieces; p != NULL; p = p->next) {
		if (p->expr == NULL) {
			print_escaped(w, p->text);
			continue;
		}
		print_c(w, "${");
		print_expr(w, p->expr);
		print_c(w, "}");
	}
	print_c(w, "\"");
}

static void
put_ip(struct writer *w, const struct node *node)
{
	print_str(w, node->text);
}

/* header("Name") and the like */
static void
put_call(struct writer *w, const char *word, struct str name)
{
	print_c(w, word);
	print_c(w, "(");
	print_quoted(w, name);
	print_c(w, ")");
}

static void
put_header(struct writer *w, const struct node *node)
{
	put_call(w, node->kind == NODE_HEADER_RAW ? "header-raw" : "header",
	    node->name.s);
	if (node->kind == NODE_HEADER_COUNT)
		print_c(w, ".count");
}

static void
put_macro(struct writer *w, const struct node *node)
{
	put_call(w, "macro", node->name.s);
}

static void
put_map(struct writer *w, const struct node *node)
{
	print_str(w, node->name.s);
	print_c(w, "[");
	print_expr(w, node->a);
	print_c(w, "]");
}

static void
put_arith(struct writer *w, const struct node *node)
{
	char op[2] = { node->op, 0 };
	bool product = node->op == '*';

	put_infix(w, node, op, product ? BINDS_PRODUCT : BINDS_SUM,
	    product ? BINDS_VALUE : BINDS_PRODUCT);
}

/* ---- conditions --------------------------------------------------------- */

static void
put_and(struct writer *w, const struct node *node)
{
	put_infix(w, node, "and", BINDS_AND, BINDS_AND);
}

static void
put_or(struct writer *w, const struct node *node)
{
	put_infix(w, node, "or", BINDS_OR, BINDS_OR);
}

static void
put_not(struct writer *w, const struct node *node)
{
	print_c(w, "not ");
	put_at(w, node->a, BINDS_NOT);
}

static const char *const cmp_signs[] = {
	[CMP_EQ] = "==",
	[CMP_NE] = "!=",
	[CMP_LT] = "<",
	[CMP_LE] = "<=",
	[CMP_GT] = ">",
	[CMP_GE] = ">=",
};

static void
put_cmp(struct writer *w, const struct node *node)
{
	put_infix(w, node, cmp_signs[node->cmp], BINDS_SUM, BINDS_SUM);
}

static void
put_in(struct writer *w, const struct node *node)
{
	put_infix(
	    w, node, node->negated ? "not in" : "in", BINDS_SUM, BINDS_SUM);
}

static void
put_inline_set(struct writer *w, const struct node *node)
{
	print_set(w, node->items, false);
}

static void
put_matches(struct writer *w, const struct node *node)
{
	put_at(w, node->a, BINDS_SUM);
	print_c(w, node->negated ? " not matches " : " matches ");
	put_regex(w, node->text, node->regex_flags);
}

static void
put_is(struct writer *w, const struct node *node)
{
	put_at(w, node->a, BINDS_SUM);
	print_c(w, node->negated ? " is not " : " is ");
	print_str(w, node->name.s);
}

static void
put_tagged(struct writer *w, const struct node *node)
{
	print_c(w, "tagged ");
	print_str(w, node->name.s);
}

static void
put_quant(struct writer *w, const struct node *node)
{
	print_c(w, node->all ? "all " : "any ");
	if (!node->parens) {
		print_expr(w, node->a);
		return;
	}
	if (node->over == OVER_RECIPIENT)
		print_c(w, "recipient");
	else
		put_call(w, "header", node->name.s);
	print_c(w, " (");
	print_expr(w, node->a);
	print_c(w, ")");
}

/* ---- the table ---------------------------------------------------------- */

static const struct {
	void (*put)(struct writer *w, const struct node *node);
	enum binds binds;
} forms[] = {
	[NODE_BAD] = { put_bad, BINDS_VALUE },
	[NODE_NAME] = { put_name, BINDS_VALUE },
	[NODE_NUMBER] = { put_number, BINDS_VALUE },
	[NODE_SIZE] = { put_size, BINDS_VALUE },
	[NODE_DURATION] = { put_duration, BINDS_VALUE },
	[NODE_CLOCK] = { put_time, BINDS_VALUE },
	[NODE_DATE] = { put_time, BINDS_VALUE },
	[NODE_STRING] = { put_string, BINDS_VALUE },
	[NODE_IP] = { put_ip, BINDS_VALUE },
	[NODE_HEADER] = { put_header, BINDS_VALUE },
	[NODE_HEADER_COUNT] = { put_header, BINDS_VALUE },
	[NODE_HEADER_RAW] = { put_header, BINDS_VALUE },
	[NODE_MACRO] = { put_macro, BINDS_VALUE },
	[NODE_MAP] = { put_map, BINDS_VALUE },
	[NODE_ARITH] = { put_arith, BINDS_SUM },
	[NODE_AND] = { put_and, BINDS_AND },
	[NODE_OR] = { put_or, BINDS_OR },
	[NODE_NOT] = { put_not, BINDS_NOT },
	[NODE_CMP] = { put_cmp, BINDS_TEST },
	[NODE_IN] = { put_in, BINDS_TEST },
	[NODE_SET] = { put_inline_set, BINDS_VALUE },
	[NODE_MATCHES] = { put_matches, BINDS_TEST },
	[NODE_IS] = { put_is, BINDS_TEST },
	[NODE_TAGGED] = { put_tagged, BINDS_VALUE },
	[NODE_QUANT] = { put_quant, BINDS_TEST },
};

_Static_assert(sizeof(forms) / sizeof(forms[0]) == NODE_QUANT + 1,
    "one row per kind of node");

static enum binds
binds(const struct node *node)
{
	if (node->kind == NODE_ARITH && node->op == '*')
		return BINDS_PRODUCT;
	return forms[node->kind].binds;
}

void
print_expr(struct writer *w, const struct node *node)
{
	forms[node->kind].put(w, node);
}

struct str
print_node(const struct node *node, struct arena *arena)
{
	struct writer count = { .one_line = true };
	struct writer w = { .one_line = true };

	print_expr(&count, node);
	w.p = arena_alloc(arena, count.n + 1);
	if (w.p == NULL)
		return STR_NONE;
	print_expr(&w, node);
	return str_of(w.p, w.n);
}
