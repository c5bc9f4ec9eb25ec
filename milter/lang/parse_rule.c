/*
 * parse_rule - blocks, when, and rules but for what they do.
 *
 * A } that is missing cannot be told from one that stands elsewhere; so a
 * word that begins a setting, definition or block ends a block which it does
 * not stand inside of by its indentation, and the first } that stood further
 * left than its { is named as the likely place.
 */
#include "lang/parse_int.h"

static struct stmt *parse_rules(struct parser *p, const struct token *open);

/* ---- what ends a rule --------------------------------------------------- */

bool
parse_ends_rule(const struct token *token)
{
	if (token->kind == TOKEN_END || token->kind == TOKEN_LABEL)
		return true;
	if (token->kind == TOKEN_PUNCT)
		return token->text.p[0] == '}';
	return token->kind == TOKEN_NAME &&
	       (parse_begins_top(token->str) || parse_begins_rule(token->str) ||
		   str_eq(token->str, STR("else")) || token->first);
}

/* Behind the action, where neither a condition nor the end came. */
static void
check_end(struct parser *p)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	if (p->panic || parse_ends_rule(token))
		return;
	if (token->kind == TOKEN_STRING)
		parse_fail(p, token->pos,
		    "a second text is one too many; for a further line of "
		    "the reply write \\n in the first");
	else if (parse_is_punct(p, LEX_PLAIN, ",") &&
		 p->last.kind == TOKEN_STRING)
		parse_fail(p, token->pos,
		    "a value stands in the text itself: \"for ${rcpt}\"");
	else if (parse_is_punct(p, LEX_PLAIN, "("))
		parse_fail(p, token->pos,
		    "what follows an action stands without parentheses: "
		    "reject 550 5.7.1 \"text\"");
	else if (parse_is_punct(p, LEX_PLAIN, ","))
		parse_fail(p, token->pos,
		    "code, enhanced code and text stand apart by white space, "
		    "without commas");
	else if (token->kind == TOKEN_NUMBER || token->kind == TOKEN_XCODE)
		parse_fail(p, token->pos,
		    "%.*s stands in the wrong place; the order is: reject "
		    "late CODE ENHANCED-CODE \"text\"",
		    STR_FMT(str_sub(token->text, 0, 20)));
	else if (token->kind == TOKEN_NAME && str_eq(token->str, STR("late")))
		parse_fail(p, token->pos,
		    "late stands directly behind reject or defer");
	else if (parse_is_punct(p, LEX_PLAIN, "+") &&
		 p->last.kind == TOKEN_STRING)
		parse_fail(p, token->pos,
		    "a value stands in the text itself: \"for ${rcpt}\"");
	else if (token->kind == TOKEN_NAME)
		parse_expected(p,
		    "if, unless or the next rule (a text stands in double "
		    "quotes)");
	else
		parse_expected(p, "if, unless or the next rule");
}

/* [ "if" condition | "unless" condition ] */
static void
parse_tail(struct parser *p, struct stmt *stmt)
{
	bool unless = parse_is_word(p, LEX_PLAIN, "unless");

	if (!unless && !parse_is_word(p, LEX_PLAIN, "if")) {
		check_end(p);
		return;
	}
	parse_take(p);
	stmt->unless = unless;
	stmt->cond = parse_condition(p, false);
}

/* ---- conditions in front of their action -------------------------------- */

/*
 * "if CONDITION ACTION", as other languages have it: told once, and read as
 * what it means.
 */
static struct stmt *
parse_if_first(struct parser *p)
{
	struct token word = parse_take(p);
	struct stmt *stmt;
	struct token open;
	struct node *cond;

	parse_complain(p, word.pos,
	    "the condition follows the action: write ACTION %.*s CONDITION, "
	    "or when CONDITION { ... } for several rules",
	    STR_FMT(word.str));
	cond = parse_binary(p, 1);
	if (!p->panic)
		(void)parse_try_word(p, LEX_PLAIN, "then");
	if (p->panic || !parse_is_punct(p, LEX_PLAIN, "{"))
		return NULL;
	open = parse_take(p);
	stmt = arena_xalloc(p->arena, sizeof(*stmt));
	stmt->kind = STMT_WHEN;
	stmt->pos = word.pos;
	stmt->cond = cond;
	if (!parse_enter(p, word.pos))
		return NULL;
	stmt->then = parse_rules(p, &open);
	parse_leave(p);
	return stmt;
}

/* ---- when --------------------------------------------------------------- */

/* "{" rules "}"; false if there was no {. */
static bool
parse_branch(struct parser *p, const char *behind, struct stmt **first)
{
	struct token open;

	if (p->panic && !parse_sync_brace(p))
		return false;
	if (!parse_is_punct(p, LEX_PLAIN, "{")) {
		parse_expected(p, "{ behind %s", behind);
		return false;
	}
	open = parse_take(p);
	*first = parse_rules(p, &open);
	return true;
}

/* "when" condition branch, without what else there may be */
static struct stmt *
parse_one_when(struct parser *p, struct pos pos)
{
	struct stmt *stmt = arena_xalloc(p->arena, sizeof(*stmt));

	stmt->kind = STMT_WHEN;
	stmt->pos = pos;
	if (parse_is_punct(p, LEX_VALUE, "{")) {
		parse_complain(p, pos,
		    "this when has no condition; write when CONDITION { ... "
		    "}");
		stmt->cond = parse_bad(p);
	} else {
		stmt->cond = parse_condition(p, true);
	}
	if (!p->panic && p->tok.kind == TOKEN_NAME &&
	    parse_begins_rule(p->tok.str)) {
		parse_fail(p, p->tok.pos,
		    "expected { behind the condition of when; a single rule is "
		    "%.*s ... if CONDITION",
		    STR_FMT(p->tok.str));
		return NULL;
	}
	return parse_branch(p, "the condition of when", &stmt->then) ? stmt
								     : NULL;
}

/* Words for "else when"; the next of them was looked at. */
static bool
try_else_when(struct parser *p)
{
	static const char *const words[] = { "if", "elif", "elsif", "elseif",
		NULL };

	if (parse_try_word(p, LEX_PLAIN, "when"))
		return true;
	for (size_t i = 0; words[i] != NULL; i++) {
		if (!parse_is_word(p, LEX_PLAIN, words[i]))
			continue;
		parse_complain(p, p->tok.pos, "write else when");
		parse_take(p);
		return true;
	}
	return false;
}

static bool
at_else(struct parser *p)
{
	return parse_is_word(p, LEX_PLAIN, "else") ||
	       parse_is_word(p, LEX_PLAIN, "elif") ||
	       parse_is_word(p, LEX_PLAIN, "elsif") ||
	       parse_is_word(p, LEX_PLAIN, "elseif");
}

/*
 * when = "when" condition "{" rules "}"
 *        { "else" "when" condition "{" rules "}" } [ "else" "{" rules "}" ]
 */
static struct stmt *
parse_when(struct parser *p)
{
	struct pos pos = parse_take(p).pos;
	unsigned depth = p->depth;
	struct stmt *first = NULL;
	struct stmt *last = NULL;

	do {
		struct stmt *stmt;
		if (!parse_enter(p, pos))
			break;
		stmt = parse_one_when(p, pos);
		if (stmt == NULL)
			break;
		if (last == NULL)
			first = stmt;
		else
			last->other = stmt;
		last = stmt;
		if (p->panic || !at_else(p))
			break;
		(void)parse_try_word(p, LEX_PLAIN, "else");
		pos = p->last.pos;
		last->has_else = true;
		if (try_else_when(p))
			continue;
		(void)parse_branch(
		    p, "else (or write else when)", &last->other);
		break;
	} while (true);
	p->depth = depth;
	return first;
}

/* ---- rules -------------------------------------------------------------- */

/* Too many rules: told once, and nothing more is read. */
static bool
count_rule(struct parser *p, struct pos pos)
{
	if (p->ast->rules < PARSE_RULES_MAX) {
		p->ast->rules++;
		return true;
	}
	if (!p->too_many)
		parse_complain(p, pos, "more than %d rules", PARSE_RULES_MAX);
	p->too_many = true;
	return false;
}

/* [ "observe" ] ACTION tail */
static struct stmt *
parse_rule(struct parser *p, struct stmt *stmt)
{
	struct pos observe = p->tok.pos;

	stmt->observe = parse_try_word(p, LEX_PLAIN, "observe");
	if (stmt->observe && parse_is_word(p, LEX_PLAIN, "all")) {
		parse_fail(p, observe,
		    "observe all stands outside of blocks; in a block write "
		    "observe before a verdict");
		return NULL;
	}
	if (stmt->observe && parse_look(p, LEX_PLAIN)->kind == TOKEN_STRING) {
		parse_fail(p, observe,
		    "observe stands in front of the verdict: observe reject "
		    "...");
		return NULL;
	}
	if (!parse_action(p, stmt))
		return NULL;
	if (stmt->observe && !action_is_refusal(stmt->action)) {
		parse_complain(p, observe,
		    "observe stands before a refusal (reject, defer, "
		    "disconnect, discard, quarantine); %s always acts",
		    action_name(stmt->action));
		stmt->observe = false;
	}
	parse_tail(p, stmt);
	return count_rule(p, stmt->pos) ? stmt : NULL;
}

static void
parse_label(struct parser *p, struct stmt *stmt)
{
	while (parse_look(p, LEX_PLAIN)->kind == TOKEN_LABEL) {
		struct token label = parse_take(p);
		if (!str_is_none(stmt->label.s))
			parse_complain(p, label.pos,
			    "a rule has one label, and this is its second");
		stmt->label = (struct ast_str){ label.str, label.pos };
	}
}

static struct stmt *
parse_not_a_rule(struct parser *p, const struct stmt *labelled)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	if (parse_is_word(p, LEX_PLAIN, "if") ||
	    parse_is_word(p, LEX_PLAIN, "unless"))
		return parse_if_first(p);
	if (parse_is_word(p, LEX_PLAIN, "else"))
		parse_fail(p, token->pos,
		    "else stands directly behind the } of a when; a rule "
		    "needs none, the next one is tried where it does not "
		    "match");
	else if (token->kind == TOKEN_NAME && !parse_begins_top(token->str))
		parse_unknown_word(p, "rule", HINT_RULE, parse_rule_words);
	else if (!str_is_none(labelled->label.s))
		parse_expected(p,
		    "a rule behind its label, such as %.*s: reject ...",
		    STR_FMT(str_sub(labelled->label.s, 0, 60)));
	else if (str_ends(token->str, STR(":")))
		parse_fail(p, token->pos,
		    "a label begins with a letter, such as r%.*s accept",
		    STR_FMT(str_sub(token->str, 0, 60)));
	else if (token->kind == TOKEN_NUMBER)
		parse_fail(p, token->pos,
		    "a reply code follows reject or defer: reject %.*s ...",
		    STR_FMT(str_sub(token->text, 0, 20)));
	else
		parse_expected(p, "a rule or }");
	return NULL;
}

/* stmt = [ LABEL ] rule | when */
struct stmt *
parse_stmt(struct parser *p)
{
	struct stmt *stmt = arena_xalloc(p->arena, sizeof(*stmt));

	stmt->pos = parse_look(p, LEX_PLAIN)->pos;
	parse_label(p, stmt);
	if (parse_is_word(p, LEX_PLAIN, "when")) {
		if (!str_is_none(stmt->label.s))
			parse_complain(p, stmt->label.pos,
			    "a label names a rule; when has none");
		return parse_when(p);
	}
	if (p->tok.kind == TOKEN_NAME && parse_begins_rule(p->tok.str))
		return parse_rule(p, stmt);
	return parse_not_a_rule(p, stmt);
}

/* ---- blocks ------------------------------------------------------------- */

/* Told once, for the innermost of the blocks that end here. */
static void
block_open(struct parser *p, const struct token *open)
{
	bool told = p->unclosed == p->tok.at;

	p->unclosed = p->tok.at;
	if (told || p->panic)
		return;
	if (p->suspect.source != NULL || p->tok.kind == TOKEN_END)
		diag_add(p->diags, DIAG_ERROR, open->pos,
		    "this block is not closed; write } at its end");
	else
		diag_add(p->diags, DIAG_ERROR, p->tok.pos,
		    "expected } to close the block of line %lu, not %.*s",
		    (unsigned long)open->pos.line,
		    STR_FMT(parse_found(p, &p->tok)));
	if (p->suspect.source != NULL)
		diag_add(p->diags, DIAG_NOTE, p->suspect,
		    "perhaps it is the } of this one that is missing: the } "
		    "that closes it stands further left");
	else if (p->tok.kind != TOKEN_END)
		diag_add(
		    p->diags, DIAG_NOTE, open->pos, "the block begins here");
}

/* Whether a block ends before the word that has no place in it. */
static bool
ends_block(struct parser *p, const struct token *open)
{
	return p->tok.first && parse_indent(&p->tok) <= parse_indent(open);
}

static void
parse_misplaced(struct parser *p)
{
	parse_complain(p, p->tok.pos,
	    "%.*s stands outside of blocks; write it behind the } of this "
	    "one",
	    STR_FMT(p->tok.str));
	if (!parse_enter(p, p->tok.pos))
		return;
	parse_top_statement(p);
	parse_leave(p);
}

/* log and observe begin rules and settings alike. */
static bool
is_log_setting(struct parser *p)
{
	struct lex before = p->before;
	bool is;

	if (!parse_is_word(p, LEX_PLAIN, "log"))
		return false;
	parse_seek(p, &p->lex);
	is = parse_is_word(p, LEX_PLAIN, "syslog") ||
	     parse_is_word(p, LEX_PLAIN, "stderr") ||
	     parse_is_word(p, LEX_PLAIN, "file");
	parse_seek(p, &before);
	(void)parse_look(p, LEX_PLAIN);
	return is;
}

static bool
is_top_only(struct parser *p)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	return token->kind == TOKEN_NAME && parse_begins_top(token->str) &&
	       (!parse_begins_rule(token->str) || is_log_setting(p));
}

/* { stmt } "}", with the { taken already */
static struct stmt *
parse_rules(struct parser *p, const struct token *open)
{
	struct stmt *first = NULL;
	struct stmt **end = &first;

	for (;;) {
		size_t begin = parse_offset(p);
		if (parse_is_punct(p, LEX_PLAIN, "}")) {
			parse_close(p, open);
			return first;
		}
		if (p->tok.kind == TOKEN_END ||
		    (is_top_only(p) && ends_block(p, open))) {
			block_open(p, open);
			return first;
		}
		if (is_top_only(p))
			parse_misplaced(p);
		else
			*end = parse_stmt(p);
		if (*end != NULL)
			end = &(*end)->next;
		parse_go_on(p, begin);
	}
}

/* ---- on STAGE ----------------------------------------------------------- */

static const char *const stage_words[] = { "connect", "helo", "mail", "rcpt",
	"data", "message", "unknown", NULL };

static bool
parse_stage(struct parser *p, struct block *block)
{
	const struct token *token = parse_look(p, LEX_PLAIN);
	bool label = token->kind == TOKEN_LABEL;
	enum stage stage;

	if (label) {
		parse_complain(p, token->pos,
		    "a stage has no \":\" behind it; its rules stand in "
		    "{ ... }");
		p->stray = true;
	}
	if (token->kind != TOKEN_NAME && token->kind != TOKEN_LABEL) {
		parse_expected(p,
		    "a stage: connect, helo, mail, rcpt, data, message or "
		    "unknown");
		return false;
	}
	if (!stage_find(token->str, &stage)) {
		parse_unknown_word(p, "stage", HINT_STAGE, stage_words);
		return false;
	}
	if ((block->stages & (1u << stage)) != 0)
		parse_complain(
		    p, token->pos, "%s stands here twice", stage_name(stage));
	block->stages |= 1u << stage;
	parse_take(p);
	/* Who writes ":" leaves out the { too, and has been told. */
	p->panic = p->panic || (label && !parse_is_punct(p, LEX_PLAIN, "{"));
	return true;
}

/* What joins two stages; false before the {. */
static bool
another_stage(struct parser *p)
{
	enum stage stage;

	if (parse_try_punct(p, LEX_PLAIN, ","))
		return true;
	if (parse_look(p, LEX_PLAIN)->kind != TOKEN_NAME)
		return false;
	if (!parse_is_word(p, LEX_PLAIN, "and") &&
	    !parse_is_word(p, LEX_PLAIN, "or") &&
	    !stage_find(p->tok.str, &stage))
		return false;
	parse_complain(p, p->tok.pos, "between stages stands a comma");
	if (!stage_find(p->tok.str, &stage))
		parse_take(p);
	return true;
}

/* block = "on" STAGE { "," STAGE } "{" { stmt } "}" */
void
parse_block(struct parser *p, const struct token *start)
{
	struct block *block = arena_xalloc(p->arena, sizeof(*block));
	bool stages;

	block->pos = start->pos;
	p->suspect.source = NULL;
	do
		stages = parse_stage(p, block);
	while (stages && another_stage(p));
	if (!parse_branch(p, "the stages", &block->first))
		return;
	*p->blocks_end = block;
	p->blocks_end = &block->next;
}
