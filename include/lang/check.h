/*
 * check - from what was written to what it means, or to what is wrong.
 *
 *   check.c          order of the work; what is known of names
 *   check_setting.c  listen, log, on error, ...
 *   check_def.c      lists, lets       check_map.c     maps
 *   check_kept.c     what of them is as it was in the policy before
 *   check_value.c    values            check_cond.c    conditions
 *   check_in.c       `in`, and literals that take a type
 *   check_rule.c     rules             check_reply.c   replies and texts
 *   check_flow.c     rules that never run
 *   check_absent.c   negated tests of what may be absent
 *   check_regex.c    regexes that are slow
 *   check_share.c    tests that are told once   check_order.c  cheap ones first
 *
 * A condition is typed and compiled in one walk: the checker's result is the
 * tree that core/eval runs.  Rules come out as a tree of the same shape as
 * the AST's, with their conditions and what these use; compile.c lays them
 * out as programs.
 *
 * A fault is reported once: an expression in error has type T_NONE, and
 * nobody complains about it again.
 */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

#include "lang/ast.h"
#include "lang/kept.h"
#include "lang/names.h"
#include "lang/policy.h"
#include "lang/source.h"

enum {
	DEF_DEPTH_MAX = 100,  /* lists of lists of ..., lets of lets of ... */
	EXPR_DEPTH_MAX = 256, /* of one condition, with the lets it uses */
	LIST_FILE_MAX = 256 * 1024 * 1024, /* octets of a list or map file */
	MACROS_MAX = 64,                   /* different ones in a policy */
	FACT_WORDS = (FACT_COUNT + 63) / 64,
};

/* What an expression reads. */
struct uses {
	uint64_t facts[FACT_WORDS];
	uint64_t macros; /* bit per slot of policy->macros */
	bool headers;    /* values or counts of header fields */
	bool recipients; /* goes through the accepted recipients */
	bool state;      /* tags or the score: can change within a stage */
	bool fallible;   /* may come out unknown: a regex over its limit */
};

static inline bool
uses_fact(const struct uses *uses, enum fact fact)
{
	return (uses->facts[fact / 64] >> (fact % 64) & 1) != 0;
}

void uses_add(struct uses *uses, const struct uses *more);

/* ---- definitions ------------------------------------------------------ */

enum defn_state {
	DEFN_NEW,
	DEFN_OPEN, /* under way: to come by it again is a loop */
	DEFN_DONE,
	DEFN_BAD, /* a fault was reported */
};

struct defn {
	const struct def *def;
	enum defn_state state;
	bool used;
	unsigned depth;        /* of what it is made of */
	struct list *list;     /* DEF_LIST; the policy's arena owns it */
	const struct map *map; /* DEF_MAP */
	enum type type;        /* DEF_MAP: of its values */
	const struct value *values;
	struct list *const *lists; /* DEF_MAP of KIND */
	const struct expr *fallback;
	const struct list *fallback_list;
	const struct expr *cond; /* DEF_LET */
	uint32_t slot;
	struct uses uses;
};

/* ---- rules ------------------------------------------------------------ */

struct checked_stmt {
	struct checked_stmt *next;
	const struct stmt *stmt;
	struct rule *rule;       /* STMT_RULE */
	const struct expr *cond; /* NULL: always; `unless` is in it */
	const struct node *node; /* the same as it was written, or NULL */
	struct uses uses;        /* of condition and text */
	bool fallible;           /* condition may come out unknown */
	bool inside_fallible;    /* the same, of a `when` around it too */
	bool inside_body;        /* it, or a `when` around it, needs the body */
	bool told;               /* that it can never run */
	struct checked_stmt *then;
	struct checked_stmt *other;
};

struct checked_block {
	struct checked_block *next;
	unsigned stages;
	struct checked_stmt *first;
};

/* ---- the work --------------------------------------------------------- */

/* Where an expression stands. */
struct scope {
	unsigned stages;  /* in which it is evaluated; 0: not known (let) */
	struct uses uses; /* so far */
	unsigned depth;   /* now */
	unsigned deepest;
	bool recipient; /* inside any recipient, or its text */
	bool header;    /* inside any header(...) */
	struct str header_name;
};

struct check {
	struct arena *arena;   /* the policy's: what lives on */
	struct arena *scratch; /* the tree's: dies with policy_load */
	struct sources *sources;
	struct diags *diags;
	struct policy *policy;
	const struct policy *old; /* to share lists with, or NULL */
	const struct ast *ast;

	struct names defn_names;
	struct defn *defns;
	uint32_t n_defns;
	unsigned def_depth; /* of the definition under way */

	struct names labels; /* to label_pos */
	struct pos *label_pos;
	struct names tags; /* those that are set; to tag_pos */
	struct pos *tag_pos;
	bool *tag_tested;
	bool score_set;
	bool score_tested;
	struct pos score_pos; /* where it is tested */

	struct names header_names; /* no case */
	struct names macro_names;
	struct macro_use macros[MACROS_MAX];
	uint32_t n_macros;
	bool macros_full; /* that there are too many was told */
	uint32_t n_memos;
	struct shared *shared; /* tests: see check_share.c */

	const struct stmt *on_error;
	struct uses on_error_uses;
	struct checked_block *blocks;
	struct scope *scope;
};

/*
 * Checks the whole tree.  Fills policy's settings, rules, tags and headers,
 * and c->blocks.  What was wrong is in c->diags.
 */
void check_policy(struct check *c);

/* ---- between its files ------------------------------------------------ */

/* What an expression in error is: type T_NONE, never NULL. */
extern const struct expr expr_bad;

struct expr *check_expr_new(
    struct check *c, enum expr_kind kind, enum type type);
/* The same with the node's text. */
struct expr *check_expr_of(
    struct check *c, enum expr_kind kind, enum type type, const struct node *n);

/* A value or condition in the scope c->scope; never NULL. */
const struct expr *check_value(struct check *c, const struct node *n);
const struct expr *check_cond(struct check *c, const struct node *n);
const struct expr *check_in(struct check *c, const struct node *n);
/* A string literal as a constant of that type. */
const struct expr *check_literal(
    struct check *c, const struct node *n, enum type type);
/* The octets of a string without ${...}; false where it has one. */
bool check_plain(const struct node *n, struct arena *arena, struct str *s_r);
/* One level down (and up again with check_up); false: too deep, told. */
bool check_down(struct check *c, struct pos pos, unsigned levels);
void check_up(struct check *c, unsigned levels);
/* Notes the use of a fact, of header fields or of recipients; tells where
 * a stage does not know it. */
void check_use_fact(struct check *c, struct pos pos, enum fact fact);
void check_use_stage(
    struct check *c, struct pos pos, struct str name, enum stage from);

/* What of it makes it matter when a memo is filled: enum memo_reads. */
uint8_t check_memo_reads(const struct uses *uses);
struct defn *check_find_defn(struct check *c, struct str name);
/* Whether it can be used: checks it first where that was not done. */
bool check_defn(struct check *c, struct defn *d, struct pos pos);
void check_list_defn(struct check *c, struct defn *d);
void check_map_defn(struct check *c, struct defn *d);
void check_let_defn(struct check *c, struct defn *d);
void check_definitions(struct check *c);
/* A new list that goes with the arena. */
struct list *check_list_new(
    struct check *c, struct arena *arena, enum list_kind kind);
/* One item of a set into a list. */
void check_list_item(
    struct check *c, struct list *list, const struct ast_item *item);
void check_list_seal(struct check *c, struct list *list);

/* A list or map definition on its way to be kept. */
struct making {
	const struct def *def;
	struct kept_def *kept;
	const struct part **parts;     /* of its files */
	const struct source **sources; /* the same; NULL: not read */
	bool *failed;                  /* to read; that was told */
};

/* Begins with what the definition is made of; its lists have been checked. */
void check_making_begin(
    struct check *c, const struct def *def, struct making *m);
/* The same definition of the old policy, if nothing of it has changed. */
const struct kept_def *check_making_find(struct check *c, struct making *m);
/* The text of its file i, or that of a database there (lists/database); NULL
 * after telling why not. */
const struct source *check_making_read(
    struct check *c, struct making *m, uint32_t i);
/* Keeps it, good and complete, with a list or a map. */
void check_making_end(struct check *c, struct making *m, struct list *list,
    struct valued *valued);
/* Ends the process where memory is out: load time only. */
_Noreturn void check_no_memory(struct check *c);

/* "there is no X; did you mean Y?" */
void check_unknown(struct check *c, struct pos pos, struct str name);
/* The same behind `in`: how to define a list for values of this type. */
void check_unknown_list(
    struct check *c, struct pos pos, struct str name, enum type type);

uint32_t check_header_slot(struct check *c, const struct ast_str *name);
uint32_t check_macro_slot(struct check *c, struct pos pos, struct str name,
    enum stage first, bool reread);
/* A macro as it was written, in the form that libmilter wants; none with a
 * diagnostic where it is none. */
struct str check_macro_name(struct check *c, const struct ast_str *name);
/* The stage from which MTAs send a macro, where that is known. */
bool macro_stage(struct str name, enum stage *stage_r, bool *reread_r);

void check_settings(struct check *c);
void check_names_of_rules(struct check *c);
void check_rules(struct check *c);
/* Codes, enhanced codes and text of a refusal. */
void check_reply(struct check *c, const struct stmt *s, unsigned stages);
/* What is doubtful about them, where nothing is wrong. */
void check_reply_doubts(struct check *c, const struct stmt *s, unsigned stages);
/* The reply of a refusal at a stage, completed. */
void reply_of(const struct stmt *s, enum stage stage, struct reply *reply_r);
/* The stage where it is spoken. */
enum stage stage_spoken(const struct stmt *s, enum stage stage);
/* A text with its values; NULL for none or in error. */
const struct template *check_template(struct check *c, const struct node *n);
/* Octets of the literal pieces, in scratch. */
struct str check_literal_text(struct check *c, const struct node *n);

/*
 * A test was made of a node in the scope c->scope; a and b need not be set.
 * At the end those of equal meaning get a slot to share (check_share.c).
 */
void check_share(struct check *c, struct expr *test, const struct node *n);
void check_shared_slots(struct check *c);
/*
 * The order in which the parts of a chain are cheapest to ask; NULL where it
 * is as they stand, or it matters (check_order.c).
 */
const struct expr *const *check_order(
    struct check *c, const struct expr *const *parts, size_t n);

void check_flow(struct check *c);
void check_absent(struct check *c);
void check_regex(
    struct check *c, struct pos pos, struct str pattern, unsigned flags);

#endif
