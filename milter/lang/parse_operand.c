/*
 * parse_operand - what stands between operators: literals, names, look-ups,
 * any and all; and texts with ${...}, whose expressions are read by the same
 * parser with the lexer set into the string.
 */
#include "lang/parse_int.h"

#include "lang/fact.h"
#include "lang/word.h"

/* ---- literals ----------------------------------------------------------- */

/* "25 M": the unit stands apart.  Told, and taken as meant. */
static void
fault_apart(struct parser *p, const struct token *number)
{
	const struct token *unit = parse_look(p, LEX_PLAIN);
	char letter;

	if (unit->kind != TOKEN_NAME || unit->first)
		return;
	letter = lex_unit(unit->text);
	if (letter == 0)
		return;
	parse_complain(p, unit->pos,
	    "write number and unit without white space: %.*s%c",
	    STR_FMT(str_sub(number->text, 0, 30)), letter);
	parse_seek(p, &p->lex);
}

static struct node *
parse_number(struct parser *p, enum node_kind kind)
{
	struct token token = parse_take(p);
	struct node *node = parse_node(p, kind, token.pos);

	if (!str_is_none(token.fault))
		return parse_bad(p);
	node->num = token.num;
	node->text = token.text;
	if (kind == NODE_NUMBER)
		fault_apart(p, &token);
	return node;
}

/* A minus sign right before a plain number. */
static struct node *
parse_negative(struct parser *p)
{
	struct token minus = parse_take(p);
	const struct token *token = parse_look(p, LEX_VALUE);
	struct node *node;

	if (token->kind != TOKEN_NUMBER || token->spaced) {
		parse_fail(p, minus.pos,
		    "\"-\" stands between two values, or right before a "
		    "plain number");
		return parse_bad(p);
	}
	node = parse_number(p, NODE_NUMBER);
	if (node->kind == NODE_BAD)
		return node;
	node->num = -node->num;
	node->pos = minus.pos;
	node->pos.len += node->text.n < 64 ? (uint32_t)node->text.n : 64;
	return node;
}

/* ---- strings ------------------------------------------------------------ */

/* The expression of ${...}; a fault in it does not spoil what is around. */
static struct node *
parse_shown(struct parser *p, const struct lex *in, const struct token *piece)
{
	struct lex lex = p->lex;
	struct token last = p->last;
	bool panic = p->panic;
	struct node *node;

	if (!parse_enter(p, piece->pos))
		return parse_bad(p);
	p->lex = lex_enter(in, piece, 2, 1);
	p->looked = false;
	p->last = *piece;
	node = parse_value(p);
	if (!p->panic && parse_look(p, LEX_PLAIN)->kind != TOKEN_END)
		parse_expected(p,
		    "} behind the value (a text shows values, not "
		    "conditions)");
	if (p->panic)
		node = parse_bad(p);
	p->panic = panic;
	p->last = last;
	parse_seek(p, &lex);
	parse_leave(p);
	return node;
}

static void
add_piece(struct parser *p, struct node *node, struct ast_piece ***end,
    const struct lex *in, const struct token *token)
{
	struct ast_piece *piece = arena_xalloc(p->arena, sizeof(*piece));

	if (token->kind == TOKEN_EXPR) {
		piece->expr = parse_shown(p, in, token);
		if (piece->expr->height >= node->height)
			node->height = piece->expr->height + 1;
	} else {
		piece->text = token->str;
	}
	**end = piece;
	*end = &piece->next;
}

struct node *
parse_text(struct parser *p)
{
	struct token string = parse_take(p);
	struct node *node = parse_node(p, NODE_STRING, string.pos);
	struct ast_piece **end = &node->pieces;
	struct lex in = lex_enter(&p->lex, &string, 1, 1);
	struct token token;

	node->text = string.text;
	for (;;) {
		lex_next(&in, LEX_STRING, &token);
		if (token.kind == TOKEN_END)
			break;
		if (!str_is_none(token.fault))
			parse_complain(
			    p, token.fault_pos, "%.*s", STR_FMT(token.fault));
		if (token.kind != TOKEN_BAD)
			add_piece(p, node, &end, &in, &token);
	}
	if (node->height <= NODE_HEIGHT_MAX)
		return node;
	parse_fail(p, node->pos, "more than %d expressions within each other",
	    NODE_HEIGHT_MAX);
	return parse_bad(p);
}

struct ast_str
parse_plain(struct parser *p, const struct token *string)
{
	struct lex in = lex_enter(&p->lex, string, 1, 1);
	struct ast_str plain = { STR(""), string->pos };
	struct token token;
	bool shown = false;

	for (;;) {
		lex_next(&in, LEX_STRING, &token);
		if (token.kind == TOKEN_END)
			return plain;
		if (!str_is_none(token.fault))
			parse_complain(
			    p, token.fault_pos, "%.*s", STR_FMT(token.fault));
		if (token.kind == TOKEN_TEXT && plain.s.n == 0)
			plain.s = token.str;
		if (token.kind == TOKEN_TEXT || shown)
			continue;
		shown = true;
		parse_complain(p, token.pos,
		    "${...} has no place here; a dollar is written $$");
	}
}

struct ast_str
parse_want_plain(struct parser *p, const char *what, const char *example)
{
	const struct token *token = parse_look(p, LEX_VALUE);
	struct ast_str none = { STR_NONE, token->pos };
	struct token string;

	if (token->kind != TOKEN_STRING) {
		if (str_starts(token->text, STR("/")))
			parse_fail(p, token->pos,
			    "a path stands in double quotes: %s", example);
		else
			parse_expected(p, "%s (%s)", what, example);
		return none;
	}
	string = parse_take(p);
	return parse_plain(p, &string);
}

/* ---- header, macro ------------------------------------------------------ */

/* `word` "(" STRING ")", with the word taken. */
static bool
parse_argument(
    struct parser *p, const struct token *word, struct ast_str *name_r)
{
	if (!parse_try_punct(p, LEX_PLAIN, "(")) {
		parse_expected(p, "%.*s(\"Name\")", STR_FMT(word->str));
		return false;
	}
	if (parse_look(p, LEX_VALUE)->kind != TOKEN_STRING) {
		parse_expected(p, "a name in double quotes: %.*s(\"Name\")",
		    STR_FMT(word->str));
		return false;
	}
	*name_r = parse_want_plain(p, "a name", "");
	if (name_r->s.n == 0)
		parse_complain(p, name_r->pos, "the name is empty");
	return parse_want_punct(p, LEX_PLAIN, ")", ") behind the name");
}

static struct node *
parse_dot_count(struct parser *p, struct node *node)
{
	if (!parse_try_punct(p, LEX_PLAIN, "."))
		return node;
	if (node->kind == NODE_HEADER &&
	    parse_try_word(p, LEX_PLAIN, "count")) {
		node->kind = NODE_HEADER_COUNT;
		return node;
	}
	if (parse_look(p, LEX_PLAIN)->kind == TOKEN_NAME &&
	    word_is_reserved(p->tok.str))
		parse_fail(p, p->tok.pos,
		    ".%.*s is kept for a later version of the language; this "
		    "one does not know it",
		    STR_FMT(p->tok.str));
	else if (node->kind == NODE_HEADER)
		parse_expected(p,
		    "count behind the dot: header(\"%.*s\").count",
		    STR_FMT(str_sub(node->name.s, 0, 60)));
	else
		parse_fail(p, p->tok.pos,
		    "header-raw has nothing behind it; for the count write "
		    "header(\"%.*s\").count",
		    STR_FMT(str_sub(node->name.s, 0, 60)));
	return parse_bad(p);
}

/* header = "header" "(" STRING ")" [ "." "count" ] */
static struct node *
parse_header(struct parser *p, const struct token *word)
{
	struct node *node = parse_node(p, NODE_HEADER, word->pos);

	if (str_eq(word->str, STR("header-raw")))
		node->kind = NODE_HEADER_RAW;
	if (!parse_argument(p, word, &node->name))
		return parse_bad(p);
	return parse_dot_count(p, node);
}

static struct node *
parse_macro(struct parser *p, const struct token *word)
{
	struct node *node = parse_node(p, NODE_MACRO, word->pos);

	return parse_argument(p, word, &node->name) ? node : parse_bad(p);
}

/* ---- tagged, any, all --------------------------------------------------- */

static struct node *
parse_tagged(struct parser *p, const struct token *word)
{
	struct node *node = parse_node(p, NODE_TAGGED, word->pos);
	const struct token *token = parse_look(p, LEX_PLAIN);

	if (token->kind == TOKEN_STRING) {
		parse_fail(p, token->pos,
		    "a tag is a name without quotes, such as tagged nameless");
		return parse_bad(p);
	}
	if (token->kind != TOKEN_NAME || word_is_keyword(token->str)) {
		parse_expected(p, "the name of a tag behind tagged");
		return parse_bad(p);
	}
	node->name = (struct ast_str){ token->str, token->pos };
	parse_take(p);
	return node;
}

/* "(" condition ")", with the ( looked at */
static struct node *
parse_parens(struct parser *p)
{
	struct token open;
	struct node *node;

	if (!parse_enter(p, p->tok.pos))
		return parse_bad(p);
	open = parse_take(p);
	node = parse_binary(p, 1);
	if (!p->panic && !parse_try_punct(p, LEX_PLAIN, ")")) {
		if (open.pos.line == p->last.pos.line)
			parse_expected(p, "a test, and, or, or )");
		else
			parse_expected(p,
			    "a test, and, or, or the ) of the ( in line %lu",
			    (unsigned long)open.pos.line);
	}
	parse_leave(p);
	return p->panic ? parse_bad(p) : node;
}

static bool
is_recipient(const struct token *token)
{
	return token->kind == TOKEN_NAME &&
	       (str_eq(token->str, STR("recipient")) ||
		   str_starts(token->str, STR("recipient.")));
}

/*
 * quant = ( "any" | "all" ) ( element test | element "(" condition ")" )
 * element = "recipient" [ "." NAME ] | "header" "(" STRING ")"
 */
static struct node *
parse_quant(struct parser *p, const struct token *word)
{
	struct node *node = parse_node(p, NODE_QUANT, word->pos);
	const struct token *token = parse_look(p, LEX_VALUE);
	bool bare = str_eq(token->str, STR("recipient"));
	struct node *element;

	node->all = str_eq(word->str, STR("all"));
	if (str_starts(token->str, STR("rcpt"))) {
		parse_fail(p, token->pos, "behind %.*s it is recipient%.*s",
		    STR_FMT(word->str), STR_FMT(str_from(token->str, 4)));
		return parse_bad(p);
	}
	if (!is_recipient(token) && !parse_is_word(p, LEX_VALUE, "header")) {
		parse_expected(p, "recipient or header(\"Name\") behind %s",
		    node->all ? "all" : "any");
		return parse_bad(p);
	}
	node->over = is_recipient(token) ? OVER_RECIPIENT : OVER_HEADER;
	if (node->over == OVER_RECIPIENT) {
		struct token name = parse_take(p);
		element = parse_node(p, NODE_NAME, name.pos);
		element->name = (struct ast_str){ name.str, name.pos };
	} else {
		struct token header = parse_take(p);
		element = parse_header(p, &header);
		node->name = element->name;
		bare = element->kind == NODE_HEADER;
	}
	if (p->panic)
		return parse_bad(p);
	if (element->kind == NODE_HEADER_COUNT) {
		parse_fail(p, element->pos,
		    "there is one count for all values; leave %s out",
		    node->all ? "all" : "any");
		return parse_bad(p);
	}
	node->parens = bare && parse_is_punct(p, LEX_PLAIN, "(");
	return parse_join(p, node,
	    node->parens ? parse_parens(p) : parse_test_of(p, element), NULL);
}

/* ---- names -------------------------------------------------------------- */

/* Keywords that are facts, or score. */
static bool
is_value_word(struct str word)
{
	return str_eq(word, STR("helo")) || str_eq(word, STR("rcpt")) ||
	       str_eq(word, STR("recipient")) || str_eq(word, STR("score"));
}

static void
no_operand(struct parser *p)
{
	const struct token *token = &p->tok;
	const char *hint = parse_hint(token->str, HINT_VALUE);

	if (parse_ends_rule(token))
		parse_expected(p, "a value or a condition");
	else if (hint != NULL)
		parse_fail(p, token->pos, "\"%.*s\" is no value; %s",
		    STR_FMT(token->str), hint);
	else if (word_is_reserved(token->str))
		parse_fail(p, token->pos,
		    "\"%.*s\" is kept for a later version of the language; "
		    "this one does not know it",
		    STR_FMT(token->str));
	else
		parse_expected(p, "a value or a condition");
}

/* NAME "[" value "]", with the name taken */
static struct node *
parse_lookup(struct parser *p, const struct token *name)
{
	struct node *node = parse_node(p, NODE_MAP, name->pos);
	struct node *key;

	if (!parse_enter(p, p->tok.pos))
		return parse_bad(p);
	parse_take(p);
	node->name = (struct ast_str){ name->str, name->pos };
	key = parse_value(p);
	if (!p->panic)
		(void)parse_want_punct(
		    p, LEX_PLAIN, "]", "] behind the key of the map");
	parse_leave(p);
	return p->panic ? parse_bad(p) : parse_join(p, node, key, NULL);
}

static const struct {
	const char *word;
	struct node *(*parse)(struct parser *p, const struct token *word);
} forms[] = {
	{ "all", parse_quant },
	{ "any", parse_quant },
	{ "header", parse_header },
	{ "header-raw", parse_header },
	{ "macro", parse_macro },
	{ "tagged", parse_tagged },
};

/* NAME "(", with the name taken */
static void
no_function(struct parser *p, const struct token *name)
{
	size_t dot = str_rfind(name->str, '.');
	struct str last = str_from(name->str, dot == STR_NOWHERE ? 0 : dot + 1);
	struct str shown = str_sub(name->str, 0, 60);
	const char *hint = parse_hint(last, HINT_CALL);

	if (hint != NULL)
		parse_fail(p, name->pos, "there is no %.*s(...); %s",
		    STR_FMT(shown), hint);
	else
		parse_fail(p, name->pos,
		    "there is no %.*s(...); there are header(\"Name\"), "
		    "header-raw(\"Name\") and macro(\"name\"), and a map is "
		    "looked up by NAME[KEY]",
		    STR_FMT(shown));
}

/* NAME as others call a fact, misspelt too: one fault tells both. */
static struct node *
parse_alias(struct parser *p, const struct token *name, const char *alias)
{
	p->tok.fault = STR_NONE;
	parse_take(p);
	parse_complain(p, name->pos, "there is no \"%.*s\"; write %s",
	    STR_FMT(str_sub(name->text, 0, 60)), alias);
	return parse_bad(p);
}

static bool
has_capitals(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_lower(str_at(s, i)) != str_at(s, i))
			return true;
	return false;
}

static struct node *
parse_name(struct parser *p)
{
	const char *alias;
	enum fact fact;
	struct token name = p->tok;
	struct node *node;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!str_eq(name.str, str_c(forms[i].word)))
			continue;
		parse_take(p);
		return forms[i].parse(p, &name);
	}
	if (!is_value_word(name.str) &&
	    (word_is_keyword(name.str) ||
		(word_is_reserved(name.str) &&
		    !str_eq(name.str, p->reserved)))) {
		no_operand(p);
		return parse_bad(p);
	}
	alias = str_is_none(name.fault) ? NULL : fact_alias(name.str);
	if (alias != NULL)
		return parse_alias(p, &name, alias);
	if (has_capitals(name.text) && !fact_find(name.str, &fact)) {
		p->tok.fault = STR_NONE;
		parse_complain(p, name.pos,
		    "a text stands in double quotes: \"%.*s\" (and a name has "
		    "small letters: %.*s)",
		    STR_FMT(str_sub(name.text, 0, 60)),
		    STR_FMT(str_sub(name.str, 0, 60)));
		parse_take(p);
		return parse_bad(p);
	}
	parse_take(p);
	if (parse_is_punct(p, LEX_PLAIN, "["))
		return parse_lookup(p, &name);
	if (parse_is_punct(p, LEX_PLAIN, "(")) {
		no_function(p, &name);
		return parse_bad(p);
	}
	node = parse_node(p, NODE_NAME, name.pos);
	node->name = (struct ast_str){ name.str, name.pos };
	return node;
}

/* ---- all ---------------------------------------------------------------- */

static struct node *
fault_operand(struct parser *p)
{
	const struct token *token = &p->tok;

	if (parse_is_punct(p, p->mode, "."))
		parse_fail(p, token->pos,
		    "a domain stands in double quotes, such as "
		    "\".example.org\"");
	else if (parse_is_punct(p, p->mode, "{"))
		parse_fail(
		    p, token->pos, "a set stands behind in: VALUE in { ... }");
	else if (token->kind == TOKEN_XCODE)
		parse_fail(p, token->pos,
		    "%.*s is no value; an IPv4 address has four parts",
		    STR_FMT(token->text));
	else
		parse_expected(p, "a value or a condition");
	return parse_bad(p);
}

struct node *
parse_operand(struct parser *p)
{
	const struct token *token = parse_look(p, LEX_VALUE);
	struct node *node;

	switch (token->kind) {
	case TOKEN_NAME:
		return parse_name(p);
	case TOKEN_NUMBER:
		return parse_number(p, NODE_NUMBER);
	case TOKEN_SIZE:
		return parse_number(p, NODE_SIZE);
	case TOKEN_DURATION:
		return parse_number(p, NODE_DURATION);
	case TOKEN_CLOCK:
		return parse_number(p, NODE_CLOCK);
	case TOKEN_DATE:
		return parse_number(p, NODE_DATE);
	case TOKEN_STRING:
		return parse_text(p);
	case TOKEN_ADDRESS:
		node = parse_node(p, NODE_IP, token->pos);
		node->text = token->text;
		parse_take(p);
		return node;
	case TOKEN_PUNCT:
		if (parse_is_punct(p, LEX_VALUE, "("))
			return parse_parens(p);
		if (parse_is_punct(p, LEX_VALUE, "-"))
			return parse_negative(p);
		return fault_operand(p);
	case TOKEN_END:
	case TOKEN_BAD:
	case TOKEN_LABEL:
	case TOKEN_XCODE:
	case TOKEN_REGEX:
	case TOKEN_WORD:
	case TOKEN_TEXT:
	case TOKEN_EXPR:
	case TOKEN_KIND_COUNT:
		return fault_operand(p);
	}
	return fault_operand(p);
}
