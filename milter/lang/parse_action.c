/*
 * parse_action - what a rule does: the verbs, one row each.
 */
#include "lang/parse_int.h"

#include "lang/word.h"
#include "smtp/reply.h"

enum {
	SCORE_MOST = 1000000, /* either way */
};

/* ---- replies ------------------------------------------------------------ */

/* [ "late" ]; late is checked against the stages later */
static void
try_late(struct parser *p, struct stmt *stmt)
{
	if (!parse_try_word(p, LEX_PLAIN, "late"))
		return;
	stmt->late = true;
	stmt->late_pos = p->last.pos;
}

static void
fault_code(struct parser *p, const struct token *token)
{
	if (!str_is_none(token->fault) &&
	    str_find(token->text, '-') != STR_NOWHERE) {
		parse_fail(p, token->pos, "%.*s", STR_FMT(token->fault));
		return;
	}
	parse_fail(p, token->pos,
	    "\"%.*s\" is no reply code; it has three digits, such as 550",
	    STR_FMT(str_sub(token->text, 0, 20)));
}

/* Something like an enhanced code, with too few or too many parts. */
static bool
is_dotted(const struct token *token)
{
	return token->kind == TOKEN_ADDRESS ||
	       (token->kind == TOKEN_NUMBER &&
		   str_find(token->text, '.') != STR_NOWHERE &&
		   str_find(token->text, '-') == STR_NOWHERE);
}

/* [ CODE ] */
static void
try_code(struct parser *p, struct stmt *stmt)
{
	const struct token *token = parse_look(p, LEX_PLAIN);
	struct why why = { "", 0 };

	if (token->kind == TOKEN_SIZE || token->kind == TOKEN_DURATION) {
		fault_code(p, token);
		return;
	}
	if (token->kind != TOKEN_NUMBER || is_dotted(token))
		return;
	if (token->text.n != 3) {
		fault_code(p, token);
		return;
	}
	if (!reply_code_parse(token->text, &stmt->code, &why)) {
		parse_fail(p, token->pos, "%s", why.text);
		return;
	}
	stmt->code_pos = token->pos;
	parse_take(p);
}

/* [ ENHANCED-CODE ] */
static void
try_xcode(struct parser *p, struct stmt *stmt)
{
	const struct token *token = parse_look(p, LEX_PLAIN);
	struct why why = { "", 0 };
	char xcode[REPLY_XCODE_MAX];

	if (is_dotted(token)) {
		parse_fail(p, token->pos,
		    "\"%.*s\" is no enhanced code; it has three parts, such "
		    "as 5.7.1",
		    STR_FMT(str_sub(token->text, 0, 40)));
		return;
	}
	if (token->kind != TOKEN_XCODE)
		return;
	if (!reply_xcode_parse(token->text, xcode, &why)) {
		parse_fail(p, token->pos, "%s", why.text);
		return;
	}
	stmt->xcode = (struct ast_str){ token->text, token->pos };
	parse_take(p);
}

static void
try_text(struct parser *p, struct stmt *stmt)
{
	if (!p->panic && parse_look(p, LEX_PLAIN)->kind == TOKEN_STRING)
		stmt->text = parse_text(p);
}

/* reject, defer: [ "late" ] [ CODE ] [ ENHANCED-CODE ] [ TEXT ] */
static void
parse_reply(struct parser *p, struct stmt *stmt)
{
	try_late(p, stmt);
	try_code(p, stmt);
	if (!p->panic)
		try_xcode(p, stmt);
	try_text(p, stmt);
	if (p->panic || stmt->code != 0)
		return;
	if (parse_look(p, LEX_PLAIN)->kind == TOKEN_NUMBER)
		parse_fail(p, p->tok.pos,
		    "the code stands before enhanced code and text: %s %.*s "
		    "...",
		    action_name(stmt->action),
		    STR_FMT(str_sub(p->tok.text, 0, 20)));
}

/* A code where none can be given. */
static bool
refuse_code(struct parser *p, const char *why)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	if (token->kind != TOKEN_NUMBER && token->kind != TOKEN_XCODE &&
	    !parse_is_word(p, LEX_PLAIN, "late"))
		return true;
	parse_fail(p, token->pos, "%s", why);
	return false;
}

/* disconnect: [ TEXT ] */
static void
parse_disconnect(struct parser *p, struct stmt *stmt)
{
	if (refuse_code(p,
		"disconnect is always 421 4.7.0, and at once; only a text "
		"may follow"))
		try_text(p, stmt);
}

/* discard: nothing */
static void
parse_discard(struct parser *p, struct stmt *stmt)
{
	(void)stmt;
	if (refuse_code(
		p, "discard has no reply of its own; leave the code out") &&
	    parse_look(p, LEX_PLAIN)->kind == TOKEN_STRING)
		parse_fail(p, p->tok.pos,
		    "discard has no reply of its own; leave the text out (or "
		    "write log \"text\" before it)");
}

/* quarantine: TEXT */
static void
parse_quarantine(struct parser *p, struct stmt *stmt)
{
	if (!refuse_code(p,
		"quarantine has no reply of its own; only the reason "
		"follows"))
		return;
	try_text(p, stmt);
	if (stmt->text == NULL)
		parse_expected(
		    p, "a reason in double quotes behind quarantine");
}

/* accept: [ "message" | "connection" ] */
static void
parse_accept(struct parser *p, struct stmt *stmt)
{
	if (parse_try_word(p, LEX_PLAIN, "message"))
		stmt->action = ACTION_ACCEPT_MESSAGE;
	else if (parse_try_word(p, LEX_PLAIN, "connection"))
		stmt->action = ACTION_ACCEPT_CONNECTION;
	else if (parse_look(p, LEX_PLAIN)->kind == TOKEN_STRING)
		parse_fail(p, p->tok.pos,
		    "accept has no text: the MTA words a positive reply");
	else
		(void)refuse_code(
		    p, "accept has no code: the MTA words a positive reply");
}

/* ---- effects ------------------------------------------------------------ */

/* log: TEXT */
static void
parse_log_rule(struct parser *p, struct stmt *stmt)
{
	try_text(p, stmt);
	if (stmt->text == NULL)
		parse_expected(p, "a text in double quotes behind log");
}

/* tag: NAME */
static void
parse_tag(struct parser *p, struct stmt *stmt)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	if (token->kind == TOKEN_STRING) {
		parse_fail(p, token->pos,
		    "a tag is a name without quotes, such as tag nameless");
		return;
	}
	if (token->kind != TOKEN_NAME ||
	    (token->first && word_is_keyword(token->str))) {
		parse_expected(p, "the name of the tag");
		return;
	}
	if (word_is_keyword(token->str))
		parse_complain(p, token->pos,
		    "\"%.*s\" is a keyword of the language; choose another "
		    "name for the tag",
		    STR_FMT(token->str));
	else if (str_find(token->str, '.') != STR_NOWHERE)
		parse_complain(p, token->pos, "a tag's name has no dots");
	stmt->name = (struct ast_str){ token->str, token->pos };
	parse_take(p);
}

/* score: [ "-" ] NUMBER */
static void
parse_score(struct parser *p, struct stmt *stmt)
{
	bool minus = parse_try_punct(p, LEX_PLAIN, "-");
	const struct token *token = parse_look(p, LEX_PLAIN);

	if (parse_is_punct(p, LEX_PLAIN, "+")) {
		parse_fail(p, token->pos,
		    "write the number without \"+\": it is added");
		return;
	}
	if (token->kind != TOKEN_NUMBER) {
		parse_expected(p, "a number behind score, such as 3 or -3");
		return;
	}
	if (token->num > SCORE_MOST) {
		parse_fail(p, token->pos, "a score lies between -%d and %d",
		    SCORE_MOST, SCORE_MOST);
		return;
	}
	stmt->score = minus ? -token->num : token->num;
	parse_take(p);
}

/* add header: NAME VALUE, both in quotes */
static void
parse_add(struct parser *p, struct stmt *stmt)
{
	if (!parse_try_word(p, LEX_PLAIN, "header")) {
		parse_expected(p, "header behind add: add header \"Name\" "
				  "\"value\"");
		return;
	}
	stmt->name = parse_want_plain(p, "the header's name in double quotes",
	    "add header \"X-Policy\" \"value\"");
	if (p->panic)
		return;
	try_text(p, stmt);
	if (stmt->text == NULL)
		parse_expected(
		    p, "the header's value in double quotes behind its name");
}

/* ---- the table ---------------------------------------------------------- */

static const struct {
	const char *word;
	enum action action;
	void (*parse)(struct parser *p, struct stmt *stmt);
} verbs[] = {
	{ "accept", ACTION_ACCEPT, parse_accept },
	{ "add", ACTION_ADD_HEADER, parse_add },
	{ "defer", ACTION_DEFER, parse_reply },
	{ "discard", ACTION_DISCARD, parse_discard },
	{ "disconnect", ACTION_DISCONNECT, parse_disconnect },
	{ "log", ACTION_LOG, parse_log_rule },
	{ "quarantine", ACTION_QUARANTINE, parse_quarantine },
	{ "reject", ACTION_REJECT, parse_reply },
	{ "score", ACTION_SCORE, parse_score },
	{ "tag", ACTION_TAG, parse_tag },
};

enum {
	VERBS = sizeof(verbs) / sizeof(verbs[0])
};

const char *const parse_rule_words[] = { "accept", "add", "defer", "discard",
	"disconnect", "log", "quarantine", "reject", "score", "tag", "observe",
	"when", NULL };

_Static_assert(
    sizeof(parse_rule_words) / sizeof(parse_rule_words[0]) == VERBS + 3,
    "one word per verb, observe and when");

bool
parse_begins_rule(struct str word)
{
	for (size_t i = 0; parse_rule_words[i] != NULL; i++)
		if (str_eq(word, str_c(parse_rule_words[i])))
			return true;
	return false;
}

bool
parse_action(struct parser *p, struct stmt *stmt)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	for (size_t i = 0; i < VERBS; i++) {
		if (token->kind != TOKEN_NAME ||
		    !str_eq(token->str, str_c(verbs[i].word)))
			continue;
		stmt->action = verbs[i].action;
		stmt->action_pos = token->pos;
		parse_take(p);
		verbs[i].parse(p, stmt);
		return !p->panic;
	}
	if (token->kind == TOKEN_NAME)
		parse_unknown_word(p, "rule", HINT_RULE, parse_rule_words);
	else
		parse_expected(p, "a verdict (reject, defer, disconnect, "
				  "discard, quarantine)");
	return false;
}
