/*
 * parse_def - lists, maps, let; and the sets in braces.
 *
 * A definition whose name could be read is kept however faulty the rest is,
 * so that its uses are not reported too.  A set takes its own braces in any
 * case, so that a block's } is never mistaken for its.
 */
#include "lang/parse_int.h"
#include "lang/word.h"

/* ---- sets --------------------------------------------------------------- */

struct set {
	struct token open;
	enum lex_mode mode;
	struct ast_item **end;
	bool many; /* several values behind a key (a map of lists) */
	bool may_resume;
	struct lex resume; /* a line that begins like a statement */
};

/* The } of a set is missing: goes on where it is likely to have been. */
static void
set_open(struct parser *p, const struct set *set)
{
	const char *fault = "this set is not closed; write } behind its last "
			    "item";

	if (p->tok.kind == TOKEN_END)
		parse_fail(p, set->open.pos, "%s", fault);
	else
		parse_fail_note(
		    p, set->open.pos, p->tok.pos, fault, "it was noticed here");
	if (set->may_resume)
		parse_seek(p, &set->resume);
	p->panic = !set->may_resume;
}

static struct ast_item *
new_item(struct parser *p, struct set *set)
{
	struct ast_item *item = arena_xalloc(p->arena, sizeof(*item));

	item->pos = p->tok.pos;
	*set->end = item;
	set->end = &item->next;
	return item;
}

/* The word, string or regex that was looked at. */
static void
take_item(struct parser *p, struct set *set)
{
	struct lex before = p->before;
	struct ast_item *item = new_item(p, set);
	struct token token = parse_take(p);

	item->text = token.str;
	if (token.kind == TOKEN_STRING) {
		item->text = parse_plain(p, &token).s;
		item->quoted = true;
	} else if (token.kind == TOKEN_REGEX) {
		item->is_regex = true;
		item->regex_flags = (unsigned)token.num;
	} else if (set->mode == LEX_PATTERNS) {
		parse_complain(p, token.pos,
		    "a pattern is a regex between slashes; write /%.*s/",
		    STR_FMT(str_sub(token.str, 0, 60)));
	}
	if (token.kind == TOKEN_WORD && token.first && !set->may_resume &&
	    parse_begins_top(token.str)) {
		set->may_resume = true;
		set->resume = before;
	}
}

static bool
is_item(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_STRING ||
	       token->kind == TOKEN_REGEX;
}

/*
 * What cannot be an item: a line that begins like a statement, where items
 * are regexes, or the "=" behind such a beginning.
 */
static bool
is_overrun(struct parser *p, struct set *set)
{
	const struct token *token = &p->tok;

	if (token->kind != TOKEN_WORD)
		return false;
	if (set->may_resume && str_eq(token->str, STR("=")))
		return true;
	if (set->mode != LEX_PATTERNS || !token->first ||
	    !parse_begins_top(token->str))
		return false;
	set->may_resume = true;
	set->resume = p->before;
	return true;
}

static bool
is_sign(const struct token *token, char sign)
{
	return token->kind == TOKEN_PUNCT && token->text.p[0] == sign;
}

static void
take_comma(struct parser *p, bool behind_item)
{
	struct token comma = parse_take(p);

	if (!behind_item)
		parse_complain(
		    p, comma.pos, "before this comma an item is missing");
}

/* braces = "{" { ENTRY [ "," ] } "}"; `take` takes the entry looked at. */
static bool
take_braces(struct parser *p, struct set *set,
    void (*take)(struct parser *p, struct set *set))
{
	bool behind_item = false;

	for (;;) {
		const struct token *token = parse_look(p, set->mode);
		if (is_sign(token, '}')) {
			parse_close(p, &set->open);
			return true;
		}
		if (token->kind == TOKEN_END || is_sign(token, '{') ||
		    is_overrun(p, set)) {
			set_open(p, set);
			return false;
		}
		if (is_sign(token, ',')) {
			take_comma(p, behind_item);
			behind_item = false;
			continue;
		}
		if (is_item(token))
			take(p, set);
		else
			parse_take(p); /* it tells its fault */
		behind_item = true;
	}
}

/* set = "{" { ITEM [ "," ] } "}" */
bool
parse_set(struct parser *p, enum lex_mode mode, struct ast_item **first)
{
	struct set set = { .open = p->last, .mode = mode, .end = first };

	return take_braces(p, &set, take_item);
}

/* ---- maps --------------------------------------------------------------- */

/* Values of one key, joined by commas as they stand in a file. */
static void
join_values(
    struct parser *p, struct ast_item *pair, const struct ast_item *values)
{
	size_t n = 0;
	char *text;

	for (const struct ast_item *v = values; v != NULL; v = v->next) {
		n += v->text.n + 1;
		pair->value_quoted = pair->value_quoted || v->quoted;
	}
	pair->value.pos = values->pos;
	pair->value.s = values->text;
	if (values->next == NULL)
		return;
	text = arena_xalloc(p->arena, n);
	n = 0;
	for (const struct ast_item *v = values; v != NULL; v = v->next) {
		if (v->text.n > 0)
			memcpy(text + n, v->text.p, v->text.n);
		n += v->text.n;
		text[n++] = ',';
	}
	pair->value.s = str_of(text, n - 1);
}

/* "a: 1" or "a = 1", where "a 1" is meant. */
static void
check_key(struct parser *p, struct ast_item *pair)
{
	if (!pair->quoted && str_ends(pair->text, STR(":")) &&
	    !str_ends(pair->text, STR("::")))
		parse_complain(p, pair->pos,
		    "key and value stand side by side, without \":\"");
	if (parse_look(p, LEX_SET)->kind != TOKEN_WORD)
		return;
	if (!str_eq(p->tok.str, STR("=")) && !str_eq(p->tok.str, STR("=>")) &&
	    !str_eq(p->tok.str, STR("->")) && !str_eq(p->tok.str, STR(":")))
		return;
	parse_complain(p, p->tok.pos,
	    "key and value stand side by side, without \"%.*s\"",
	    STR_FMT(p->tok.str));
	parse_take(p);
}

/* The value or values behind a key; false if there is none. */
static bool
take_values(struct parser *p, bool many, struct ast_item *pair)
{
	struct ast_item *values = NULL;
	struct set set = { .mode = LEX_SET, .end = &values };

	if (!is_item(parse_look(p, LEX_SET))) {
		/* What is BAD tells its fault when it is taken. */
		if (p->tok.kind != TOKEN_BAD)
			parse_complain(p, pair->pos,
			    "the key %.*s has no value behind it",
			    STR_FMT(str_sub(pair->text, 0, 60)));
		return false;
	}
	take_item(p, &set);
	while (many && is_sign(parse_look(p, LEX_SET), ',')) {
		parse_take(p);
		if (!is_item(parse_look(p, LEX_SET)))
			break;
		take_item(p, &set);
	}
	join_values(p, pair, values);
	return true;
}

/* A key that was looked at, and what stands behind it; a key without value
 * is left out. */
static void
take_pair(struct parser *p, struct set *set)
{
	struct ast_item **pair = set->end;

	take_item(p, set);
	check_key(p, *pair);
	if (take_values(p, set->many, *pair))
		return;
	set->end = pair;
	*pair = NULL;
}

/* pairs = "{" { KEY VALUE [ "," ] } "}" */
bool
parse_pairs(struct parser *p, bool many, struct ast_item **first)
{
	struct set set = {
		.open = p->last, .mode = LEX_SET, .end = first, .many = many
	};

	return take_braces(p, &set, take_pair);
}

/* ---- names -------------------------------------------------------------- */

static void
check_name(struct parser *p, const struct token *name)
{
	if (str_find(name->str, '.') != STR_NOWHERE)
		parse_complain(
		    p, name->pos, "a name has no dots; those are for facts");
	else if (word_is_keyword(name->str))
		parse_complain(p, name->pos,
		    "\"%.*s\" is a keyword of the language; choose another "
		    "name",
		    STR_FMT(name->str));
	else if (word_is_reserved(name->str)) {
		parse_complain(p, name->pos,
		    "\"%.*s\" is reserved for a later version of the "
		    "language; choose another name",
		    STR_FMT(name->str));
		p->reserved = name->str;
	}
}

/* A new definition with the name that must stand here; NULL if none does. */
static struct def *
new_def(struct parser *p, enum def_kind kind, const char *what)
{
	const struct token *token = parse_look(p, LEX_PLAIN);
	struct def *def;
	struct token name;

	if ((token->kind != TOKEN_NAME && token->kind != TOKEN_LABEL) ||
	    (token->first && parse_begins_top(token->str))) {
		parse_expected(p, "a name for the %s", what);
		return NULL;
	}
	name = parse_take(p);
	if (name.kind == TOKEN_LABEL)
		parse_complain(
		    p, name.pos, "write = instead of \":\" behind the name");
	check_name(p, &name);
	def = arena_xalloc(p->arena, sizeof(*def));
	def->kind = kind;
	def->name = (struct ast_str){ name.str, name.pos };
	*p->defs_end = def;
	p->defs_end = &def->next;
	return def;
}

/* The "=" behind the name; where it is forgotten, as if it were there. */
static bool
want_equals(struct parser *p, bool open_follows)
{
	if (parse_try_punct(p, LEX_PLAIN, "="))
		return true;
	if (p->last.kind == TOKEN_LABEL)
		return true;
	if (parse_is_punct(p, LEX_PLAIN, "==")) {
		parse_complain(p, p->tok.pos, "write = to define; == compares");
		parse_take(p);
		return true;
	}
	if (open_follows && (parse_is_punct(p, LEX_PLAIN, "{") ||
				parse_is_word(p, LEX_PLAIN, "file"))) {
		parse_complain(p, p->tok.pos,
		    "write = between the name and what it stands for");
		return true;
	}
	parse_expected(p, "= behind the name");
	return false;
}

/* ---- parts -------------------------------------------------------------- */

static struct part *
new_part(struct parser *p, struct part ***end)
{
	struct part *part = arena_xalloc(p->arena, sizeof(*part));

	part->pos = parse_look(p, LEX_PLAIN)->pos;
	**end = part;
	*end = &part->next;
	return part;
}

/* A file, in lists and maps alike; `file` was looked at. */
static void
take_file(struct parser *p, struct part *part)
{
	parse_take(p);
	part->kind = PART_FILE;
	part->name =
	    parse_want_plain(p, "a path in double quotes", "file \"vips\"");
	if (!str_is_none(part->name.s) && part->name.s.n == 0)
		parse_complain(p, part->name.pos, "the path is empty");
}

static bool
can_name_list(const struct token *token)
{
	return token->kind == TOKEN_NAME &&
	       !(token->first && parse_begins_top(token->str));
}

static void
part_fault(struct parser *p, const char *items)
{
	const struct token *token = &p->tok;

	if (token->kind == TOKEN_STRING)
		parse_fail(p, token->pos,
		    "a file is named by: file %.*s; an item stands in "
		    "braces: { %.*s }",
		    STR_FMT(str_sub(token->text, 0, 60)),
		    STR_FMT(str_sub(token->text, 0, 60)));
	else if (token->kind == TOKEN_ADDRESS || token->kind == TOKEN_NUMBER ||
		 (token->kind == TOKEN_BAD && !token->first))
		parse_fail(p, token->pos,
		    "items stand in braces, such as { %s }", items);
	else
		parse_expected(p, "{ items }, file \"path\" or a list's name");
}

static const char *const item_examples[LIST_KIND_COUNT] = {
	[LIST_NETWORKS] = "192.0.2.0/24 2001:db8::/32",
	[LIST_DOMAINS] = "example.org .example.net",
	[LIST_ADDRESSES] = "user@example.org @example.net",
	[LIST_WORDS] = "one two",
	[LIST_PATTERNS] = "/^dsl/i /pool/",
};

/* part = "{" { ITEM } "}" | "file" STRING | NAME */
static bool
parse_part(struct parser *p, enum list_kind kind, struct part ***end)
{
	const struct token *token = parse_look(p, LEX_PLAIN);
	size_t errors = p->diags->errors;
	struct part *part;
	bool whole;

	if (parse_is_punct(p, LEX_PLAIN, "{")) {
		part = new_part(p, end);
		part->kind = PART_SET;
		parse_take(p);
		whole =
		    parse_set(p, kind == LIST_PATTERNS ? LEX_PATTERNS : LEX_SET,
			&part->items);
		part->faulty = p->diags->errors > errors;
		return whole;
	}
	if (parse_is_word(p, LEX_PLAIN, "file")) {
		take_file(p, new_part(p, end));
		return !p->panic;
	}
	if (!can_name_list(token)) {
		part_fault(p, item_examples[kind]);
		return false;
	}
	if (str_find(token->str, '.') != STR_NOWHERE ||
	    word_is_keyword(token->str)) {
		parse_fail(p, token->pos,
		    "\"%.*s\" cannot be a list's name; items stand in "
		    "braces, such as { %s }",
		    STR_FMT(str_sub(token->str, 0, 60)), item_examples[kind]);
		return false;
	}
	part = new_part(p, end);
	part->kind = PART_NAME;
	part->name = (struct ast_str){ token->str, token->pos };
	parse_take(p);
	return true;
}

/* What joins two parts; false if the list ends here. */
static bool
another_part(struct parser *p)
{
	if (parse_try_punct(p, LEX_PLAIN, "+"))
		return true;
	if (parse_is_punct(p, LEX_PLAIN, ",")) {
		parse_complain(
		    p, p->tok.pos, "the parts of a list are joined by +");
		parse_take(p);
		return true;
	}
	if (parse_is_punct(p, LEX_PLAIN, "-")) {
		parse_fail(p, p->tok.pos,
		    "a list has no exceptions; put them into a list of their "
		    "own, and test: in this and not in that");
		return false;
	}
	if (parse_is_punct(p, LEX_PLAIN, "{") ||
	    parse_is_word(p, LEX_PLAIN, "file")) {
		parse_complain(
		    p, p->tok.pos, "the parts of a list are joined by +");
		return true;
	}
	return false;
}

/* list = KIND NAME "=" part { "+" part } */
void
parse_list(struct parser *p, const struct token *start)
{
	enum list_kind kind = LIST_WORDS;
	struct part **end;
	struct def *def;

	(void)list_kind_find(start->str, &kind);
	def = new_def(p, DEF_LIST, "list");
	if (def == NULL)
		return;
	def->list_kind = kind;
	end = &def->parts;
	if (!want_equals(p, true))
		return;
	do {
		if (!parse_part(p, kind, &end))
			return;
	} while (another_part(p));
}

/* ---- map and let -------------------------------------------------------- */

static const char *const list_words[] = { "networks", "domains", "addresses",
	"words", "patterns", NULL };

static void
parse_of(struct parser *p, struct def *def)
{
	if (!parse_try_word(p, LEX_PLAIN, "of"))
		return;
	if (parse_look(p, LEX_PLAIN)->kind != TOKEN_NAME)
		parse_expected(p, "a kind of list behind of, such as "
				  "addresses");
	else if (!list_kind_find(p->tok.str, &def->list_kind))
		parse_unknown_word(p, "kind of list", HINT_TEST, list_words);
	else
		parse_take(p);
	def->has_of = !p->panic;
}

/* What a map gives where nothing is found: a literal or, of lists, a set. */
static void
parse_default(struct parser *p, struct def *def)
{
	const struct token *token;

	if (!parse_try_word(p, LEX_PLAIN, "default"))
		return;
	token = parse_look(p, LEX_VALUE);
	if (parse_is_punct(p, LEX_VALUE, "{") && def->has_of) {
		def->fallback = parse_node(p, NODE_SET, token->pos);
		parse_take(p);
		(void)parse_set(p,
		    def->list_kind == LIST_PATTERNS ? LEX_PATTERNS : LEX_SET,
		    &def->fallback->items);
		return;
	}
	if (token->kind == TOKEN_NAME && !token->first) {
		parse_fail(p, token->pos,
		    "a default is a number, a size, a duration or a text in "
		    "double quotes; write default \"%.*s\"",
		    STR_FMT(str_sub(token->str, 0, 60)));
		return;
	}
	if (token->kind == TOKEN_END || token->kind == TOKEN_LABEL ||
	    token->kind == TOKEN_NAME ||
	    (token->kind == TOKEN_PUNCT && !is_sign(token, '-'))) {
		parse_expected(p, "a value behind default, such as 25M or "
				  "\"text\"");
		return;
	}
	def->fallback = parse_operand(p);
}

/* map = "map" NAME [ "of" KIND ] "=" ( "{" pairs "}" | "file" STRING )
 *       [ "default" VALUE ] */
void
parse_map(struct parser *p, const struct token *start)
{
	struct def *def = new_def(p, DEF_MAP, "map");
	struct part **end;
	size_t errors = p->diags->errors;
	bool whole;

	(void)start;
	if (def == NULL)
		return;
	end = &def->parts;
	parse_of(p, def);
	if (p->panic || !want_equals(p, true))
		return;
	if (parse_is_punct(p, LEX_PLAIN, "{")) {
		struct part *part = new_part(p, &end);
		part->kind = PART_SET;
		parse_take(p);
		whole = parse_pairs(p, def->has_of, &part->items);
		part->faulty = p->diags->errors > errors;
		if (!whole)
			return;
	} else if (parse_is_word(p, LEX_PLAIN, "file")) {
		take_file(p, new_part(p, &end));
	} else {
		parse_expected(p, "{ key value ... } or file \"path\"");
	}
	if (!p->panic)
		parse_default(p, def);
}

/* let = "let" NAME "=" condition */
void
parse_let(struct parser *p, const struct token *start)
{
	struct def *def = new_def(p, DEF_LET, "condition");

	(void)start;
	if (def == NULL)
		return;
	def->cond = parse_bad(p);
	if (!want_equals(p, false))
		return;
	if (parse_is_punct(p, LEX_VALUE, "{"))
		parse_fail(p, p->tok.pos,
		    "let names a condition; a list says its kind: write "
		    "domains %.*s = { ... }, or networks, addresses, words or "
		    "patterns",
		    STR_FMT(str_sub(def->name.s, 0, 60)));
	else
		def->cond = parse_condition(p, false);
}
