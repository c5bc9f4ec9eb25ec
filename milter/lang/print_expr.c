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

/* How tight a node's operator binds; as in the table of parse_expr.c. */
static unsigned
binds(const struct node *node)
{
	switch (node->kind) {
	case NODE_OR:
		return 1;
	case NODE_AND:
		return 2;
	case NODE_NOT:
		return 3;
	case NODE_CMP:
	case NODE_IN:
	case NODE_MATCHES:
	case NODE_IS:
	case NODE_QUANT:
		return 4;
	case NODE_ARITH:
		return node->op == '*' ? 6 : 5;
	case NODE_BAD:
	case NODE_NAME:
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
	case NODE_SET:
	case NODE_TAGGED:
		return 7;
	}
	return 7;
}

/* In parentheses unless it binds at least so tight. */
static void
put_at(struct writer *w, const struct node *node, unsigned least)
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
    unsigned left, unsigned right)
{
	put_at(w, node->a, left);
	print_c(w, " ");
	print_c(w, op);
	print_c(w, " ");
	put_at(w, node->b, right);
}

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
put_value(struct writer *w, enum type type, int64_t num)
{
	char text[32];
	struct buf out = BUF_ON(text);
	struct value value = {
		.type = type, .state = VALUE_PRESENT, .num = num
	};

	value_print(&value, &out);
	print_str(w, buf_str(&out));
}

/* In the largest unit that fits; parse knows no size without a unit. */
static void
put_size(struct writer *w, int64_t num)
{
	size_t i = 0;

	while (i < 2 && (num == 0 || num % sizes[i].factor != 0))
		i++;
	print_f(w, "%" PRId64 "%c", num / sizes[i].factor, sizes[i].letter);
}

static void
put_duration(struct writer *w, int64_t num)
{
	size_t i = 0;

	while (i < 3 && (num == 0 || num % durations[i].factor != 0))
		i++;
	print_f(
	    w, "%" PRId64 "%c", num / durations[i].factor, durations[i].letter);
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

static const char *const cmp_signs[] = {
	[CMP_EQ] = "==",
	[CMP_NE] = "!=",
	[CMP_LT] = "<",
	[CMP_LE] = "<=",
	[CMP_GT] = ">",
	[CMP_GE] = ">=",
};

static void
put_operator(struct writer *w, const struct node *node)
{
	char op[2] = { node->op, 0 };

	switch (node->kind) {
	case NODE_AND:
		put_infix(w, node, "and", 2, 2);
		return;
	case NODE_OR:
		put_infix(w, node, "or", 1, 1);
		return;
	case NODE_CMP:
		put_infix(w, node, cmp_signs[node->cmp], 5, 5);
		return;
	case NODE_IN:
		put_infix(w, node, node->negated ? "not in" : "in", 5, 5);
		return;
	case NODE_ARITH:
		put_infix(w, node, op, binds(node), binds(node) + 1);
		return;
	case NODE_NOT:
		print_c(w, "not ");
		put_at(w, node->a, 3);
		return;
	case NODE_MATCHES:
		put_at(w, node->a, 5);
		print_c(w, node->negated ? " not matches " : " matches ");
		put_regex(w, node->text, node->regex_flags);
		return;
	case NODE_IS:
		put_at(w, node->a, 5);
		print_c(w, node->negated ? " is not " : " is ");
		print_str(w, node->name.s);
		return;
	default:
		return;
	}
}

void
print_expr(struct writer *w, const struct node *node)
{
	switch (node->kind) {
	case NODE_BAD:
		print_c(w, "...");
		return;
	case NODE_NAME:
		print_str(w, node->name.s);
		return;
	case NODE_NUMBER:
		print_f(w, "%" PRId64, node->num);
		return;
	case NODE_SIZE:
		put_size(w, node->num);
		return;
	case NODE_DURATION:
		put_duration(w, node->num);
		return;
	case NODE_CLOCK:
		put_value(w, T_CLOCK, node->num);
		return;
	case NODE_DATE:
		put_value(w, T_DATE, node->num);
		return;
	case NODE_STRING:
		put_string(w, node);
		return;
	case NODE_IP:
		print_str(w, node->text);
		return;
	case NODE_HEADER:
		put_call(w, "header", node->name.s);
		return;
	case NODE_HEADER_COUNT:
		put_call(w, "header", node->name.s);
		print_c(w, ".count");
		return;
	case NODE_HEADER_RAW:
		put_call(w, "header-raw", node->name.s);
		return;
	case NODE_MACRO:
		put_call(w, "macro", node->name.s);
		return;
	case NODE_MAP:
		print_str(w, node->name.s);
		print_c(w, "[");
		print_expr(w, node->a);
		print_c(w, "]");
		return;
	case NODE_SET:
		print_set(w, node->items, false);
		return;
	case NODE_TAGGED:
		print_c(w, "tagged ");
		print_str(w, node->name.s);
		return;
	case NODE_QUANT:
		put_quant(w, node);
		return;
	case NODE_ARITH:
	case NODE_AND:
	case NODE_OR:
	case NODE_NOT:
	case NODE_CMP:
	case NODE_IN:
	case NODE_MATCHES:
	case NODE_IS:
		put_operator(w, node);
		return;
	}
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
