/*
 * parse_int - between the files of the parser; for nobody else.
 *
 *   parse.c         tokens, complaints, recovery
 *   parse_top.c     what stands outside of blocks; include
 *   parse_setting.c settings
 *   parse_def.c     definitions, { ... } of lists and maps
 *   parse_rule.c    blocks, when, rules
 *   parse_action.c  what a rule does
 *   parse_expr.c    conditions and values
 *   parse_operand.c values, any/all, strings
 *   parse_hint.c    words of other languages
 */
#ifndef LANG_PARSE_INT_H
#define LANG_PARSE_INT_H

#include "lang/ast.h"
#include "lang/lex.h"
#include "lang/parse.h"

/* The texts that are being read, the innermost first. */
struct parse_file {
	const struct source *source;
	const struct parse_file *outer;
};

struct parser {
	struct arena *arena;
	struct diags *diags;
	struct sources *sources;
	struct ast *ast;
	struct setting **settings_end;
	struct def **defs_end;
	struct block **blocks_end;

	const struct parse_file *file;
	struct lex lex;     /* behind tok if looked, else behind last */
	struct lex before;  /* in front of tok */
	struct token tok;   /* only if looked */
	struct token last;  /* the last one taken */
	enum lex_mode mode; /* in which tok was read */
	bool looked;

	bool panic;          /* a fault was reported: silent until sync */
	bool semicolon;      /* one was complained about in this file */
	bool stray;          /* a rule outside of a block was, since the last */
	bool too_many;       /* PARSE_RULES_MAX was reached */
	struct str reserved; /* a definition had this name, which was told */
	unsigned depth;      /* of when, parentheses and ${...} */
	size_t unclosed;     /* where a block was last found to lack its } */
	struct pos suspect;  /* a { whose } stands too far left */
};

/* ---- tokens ------------------------------------------------------------- */

/* The next token, read in that mode, without taking it. */
const struct token *parse_look(struct parser *p, enum lex_mode mode);
/* Takes the token that was looked at last, and tells its fault. */
struct token parse_take(struct parser *p);
/* The offset at which the next token begins, roughly: it grows with every
 * token taken. */
size_t parse_offset(const struct parser *p);
/* Goes back to (or on at) a copy of p->lex made when nothing was looked at. */
void parse_seek(struct parser *p, const struct lex *lex);

bool parse_is_word(struct parser *p, enum lex_mode mode, const char *word);
bool parse_is_punct(struct parser *p, enum lex_mode mode, const char *punct);
/* True if it was that, which is then taken. */
bool parse_try_word(struct parser *p, enum lex_mode mode, const char *word);
bool parse_try_punct(struct parser *p, enum lex_mode mode, const char *punct);
/* As parse_try_punct; if not, parse_expected(what). */
bool parse_want_punct(
    struct parser *p, enum lex_mode mode, const char *punct, const char *what);

/* ---- complaints --------------------------------------------------------- */

/* An error, unless the parser is in panic. */
void parse_complain(struct parser *p, struct pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, and panic: what follows cannot be understood. */
void parse_fail(struct parser *p, struct pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Belongs to the complaint before it; call it before panic is set, or by
 * parse_fail_note. */
void parse_fail_note(struct parser *p, struct pos pos, struct pos note_pos,
    const char *text, const char *note);
/*
 * Fails with "expected WHAT, not FOUND" at the token that was looked at, or
 * behind the last one taken where that ended its line; a fault of the token
 * goes first.
 */
void parse_expected(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What a token is, for messages: `"foo"`, `the end of the text`. */
struct str parse_found(struct parser *p, const struct token *token);

/* ---- recovery and limits ------------------------------------------------ */

/* Skips to what can begin a statement, or to the end of the block. */
void parse_sync(struct parser *p);
/*
 * Behind a statement that began at the offset: ends a panic, and passes over
 * what could not be read at all.
 */
void parse_go_on(struct parser *p, size_t begin);
/* Skips to the { of a block whose head was faulty; false if there is none
 * before the next statement. */
bool parse_sync_brace(struct parser *p);
/* One level deeper; false, and failed, over PARSE_NESTING_MAX. */
bool parse_enter(struct parser *p, struct pos pos);
void parse_leave(struct parser *p);
/* Takes the } that was looked at; a suspicious one is remembered. */
void parse_close(struct parser *p, const struct token *open);
/* How far the line of a token is indented (a tab goes to a multiple of 8). */
unsigned parse_indent(const struct token *token);
/* Whether an optional part belongs to the statement that began at `start`:
 * it stands in the same line as what is before it, or further right than
 * the statement (`user NAME` is a part of listen, and a setting too). */
bool parse_goes_on(struct parser *p, struct pos start);

/* ---- words -------------------------------------------------------------- */

enum hint_place {
	HINT_TOP = 1,  /* where a setting, definition or block may begin */
	HINT_RULE = 2, /* where a rule may begin */
	HINT_STAGE = 4,
	HINT_TEST = 8,   /* behind a value or a condition */
	HINT_VALUE = 16, /* where a value must stand */
	HINT_KIND = 32,  /* behind is */
	HINT_CALL = 64,  /* in front of ( */
};

/* What to write instead of a word of another language, or NULL. */
const char *parse_hint(struct str word, enum hint_place place);
/* The name of a table (ended by NULL) that is nearest to a word, or none. */
struct str parse_near(struct str word, const char *const *names);
/* Whether a word begins a statement outside of blocks, or a rule. */
bool parse_begins_top(struct str word);
bool parse_begins_rule(struct str word);
/* Those words, for parse_near. */
extern const char *const parse_top_words[];
extern const char *const parse_rule_words[];
/* Fails at an unknown word that was looked at: hint, near miss, reserved. */
void parse_unknown_word(struct parser *p, const char *what,
    enum hint_place place, const char *const *names);

/* ---- the grammar -------------------------------------------------------- */

/* All of p->lex's text: what stands outside of blocks. */
void parse_top(struct parser *p);
/* One statement outside of blocks; the word that begins it was looked at. */
void parse_top_statement(struct parser *p);
/* The statements; `start` is the word that begins them and was taken. */
void parse_include(struct parser *p, const struct token *start);
void parse_listen(struct parser *p, const struct token *start);
void parse_log(struct parser *p, const struct token *start);
void parse_observe_all(struct parser *p, const struct token *start);
void parse_on_error(struct parser *p, const struct token *start);
void parse_timezone(struct parser *p, const struct token *start);
void parse_account(struct parser *p, const struct token *start);
void parse_control(struct parser *p, const struct token *start);
void parse_drain(struct parser *p, const struct token *start);
void parse_watch_lists(struct parser *p, const struct token *start);
void parse_list(struct parser *p, const struct token *start);
void parse_map(struct parser *p, const struct token *start);
void parse_let(struct parser *p, const struct token *start);
void parse_block(struct parser *p, const struct token *start);

/* A rule or when; NULL if it was too faulty. */
struct stmt *parse_stmt(struct parser *p);
/* Whether a rule or let can end before the token that was looked at. */
bool parse_ends_rule(const struct token *token);
/* A verb of a rule (accept, reject, ...) and what belongs to it; false if it
 * was too faulty. */
bool parse_action(struct parser *p, struct stmt *stmt);

/* `{` was taken.  False if no `}` was found. */
bool parse_set(struct parser *p, enum lex_mode mode, struct ast_item **first);
/* Keys and values; `many`: a value may be several words with commas. */
bool parse_pairs(struct parser *p, bool many, struct ast_item **first);

/* A condition up to a rule's end, or to the { of a when. */
struct node *parse_condition(struct parser *p, bool when);
/* A value, as in ${...} and map[...]. */
struct node *parse_value(struct parser *p);
/* What stands between operators; internal to parse_expr and _operand. */
struct node *parse_operand(struct parser *p);
/* Operators that bind at least so tight; 1: all. */
struct node *parse_binary(struct parser *p, unsigned least);
/* `left` was read, an operator of a test (==, in, is) must follow. */
struct node *parse_test_of(struct parser *p, struct node *left);

struct node *parse_node(struct parser *p, enum node_kind kind, struct pos pos);
struct node *parse_bad(struct parser *p);
/* Sets a and b, and the height; fails over NODE_HEIGHT_MAX. */
struct node *parse_join(
    struct parser *p, struct node *node, struct node *a, struct node *b);

/* The string that was looked at: with ${...}, and without. */
struct node *parse_text(struct parser *p);
struct ast_str parse_plain(struct parser *p, const struct token *string);
/* A string without ${...} that must stand here: "a path"; s none if not. */
struct ast_str parse_want_plain(
    struct parser *p, const char *what, const char *example);

#endif
