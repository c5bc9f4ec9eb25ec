/*
 * ast - a policy as it was written.
 *
 *   ast ── settings ── definitions ── blocks
 *                          │             └─ stmt ── stmt ── …   (rule | when)
 *                          │                 └─ node (condition)
 *                          └─ parts, entries
 *
 * All of it lives in one arena which dies at the end of policy_load.  The
 * parser gives every node a position and resolves nothing: names, types and
 * stages are the checker's.  print() of it is the canonical form.
 */
#ifndef LANG_AST_H
#define LANG_AST_H

#include "base/arena.h"
#include "base/diag.h"
#include "lists/list.h"
#include "smtp/stage.h"

/* A name or string with its place. */
struct ast_str {
	struct str s;
	struct pos pos;
};

/* ---- expressions ------------------------------------------------------ */

/*
 * A tree is never higher than this, so that recursion over it is bounded.
 * Chains of `and` (or `or`) are balanced trees: the order of the terms is
 * kept, and parentheses within a chain of the same operator are dropped.
 */
enum {
	NODE_HEIGHT_MAX = 250
};

enum node_kind {
	NODE_BAD,    /* a fault was reported: nobody complains again */
	NODE_NAME,   /* name: a fact, a let, a list, `score` */
	NODE_NUMBER, /* lit.num, plain */
	NODE_SIZE,
	NODE_DURATION,
	NODE_CLOCK,
	NODE_DATE,
	NODE_STRING,       /* pieces */
	NODE_IP,           /* lit.text: address or CIDR, not yet parsed */
	NODE_HEADER,       /* header("name"): name */
	NODE_HEADER_COUNT, /* header("name").count: name */
	NODE_HEADER_RAW,   /* header-raw("name"): name */
	NODE_MACRO,        /* macro("name"): name */
	NODE_MAP,          /* name[a] */
	NODE_ARITH,        /* a op b; op one of + - * */
	NODE_AND,          /* a and b */
	NODE_OR,
	NODE_NOT,     /* not a */
	NODE_CMP,     /* a cmp b */
	NODE_IN,      /* a in b; negated for not in; b NAME, SET, IP or MAP */
	NODE_SET,     /* { ... }: items */
	NODE_MATCHES, /* a matches /re/; negated */
	NODE_IS,      /* a is KIND; negated; name is KIND */
	NODE_TAGGED,  /* tagged name */
	NODE_QUANT,   /* any/all: see over, a is the condition */
};

enum cmp {
	CMP_EQ,
	CMP_NE,
	CMP_LT,
	CMP_LE,
	CMP_GT,
	CMP_GE,
};

/* What any and all go through. */
enum quant_over {
	OVER_RECIPIENT, /* any recipient... */
	OVER_HEADER,    /* any header("Name") TEST; the element is the value */
};

/* A piece of a string: text, or ${expression}; expr == NULL for text. */
struct ast_piece {
	struct ast_piece *next;
	struct str text;
	struct node *expr;
};

/* One item of a set as it was written. */
struct ast_item {
	struct ast_item *next;
	struct pos pos;
	struct str text; /* the word, decoded if it was quoted */
	bool quoted;
	bool is_regex; /* /re/flags: text is the pattern */
	unsigned regex_flags;
	struct ast_str value; /* maps only: what follows the key */
	bool value_quoted;
};

struct node {
	enum node_kind kind;
	unsigned height; /* 1 + that of the higher of a and b */
	struct pos pos;  /* spans the whole expression's first token */
	struct node *a;
	struct node *b;
	enum cmp cmp;
	char op;              /* NODE_ARITH */
	bool negated;         /* NODE_IN, NODE_MATCHES, NODE_IS */
	bool all;             /* NODE_QUANT: all, not any */
	bool parens;          /* NODE_QUANT: condition in parentheses */
	enum quant_over over; /* NODE_QUANT; header's name in `name` */
	struct ast_str name;
	int64_t num;     /* numeric literals */
	struct str text; /* NODE_IP, NODE_MATCHES pattern; literal text */
	unsigned regex_flags;
	struct pos regex_pos;     /* of the pattern's first octet */
	struct ast_piece *pieces; /* NODE_STRING */
	struct ast_item *items;   /* NODE_SET */
};

/* ---- rules ------------------------------------------------------------ */

enum action {
	ACTION_ACCEPT,
	ACTION_ACCEPT_MESSAGE,
	ACTION_ACCEPT_CONNECTION,
	ACTION_REJECT,
	ACTION_DEFER,
	ACTION_DISCONNECT,
	ACTION_DISCARD,
	ACTION_QUARANTINE,
	ACTION_LOG,
	ACTION_TAG,
	ACTION_SCORE,
	ACTION_ADD_HEADER,
	ACTION_COUNT
};

/* "accept", "accept message", ... */
const char *action_name(enum action action);
/* reject, defer, disconnect, discard, quarantine */
bool action_is_refusal(enum action action);
/* log, tag, score, add header */
bool action_is_effect(enum action action);

enum stmt_kind {
	STMT_RULE,
	STMT_WHEN,
};

struct stmt {
	struct stmt *next;
	enum stmt_kind kind;
	struct pos pos;
	/* STMT_RULE */
	struct ast_str label; /* s none where there is none */
	bool observe;
	bool late;
	struct pos late_pos;
	enum action action;
	struct pos action_pos;
	unsigned code; /* 0: not given */
	struct pos code_pos;
	struct ast_str xcode; /* s none: not given */
	struct node *text;    /* NODE_STRING or NULL */
	struct ast_str name;  /* tag's name, header's name */
	int64_t score;
	bool unless;
	/* both */
	struct node *cond; /* NULL: always */
	/* STMT_WHEN */
	struct stmt *then;
	struct stmt *other; /* else branch; else when is one STMT_WHEN */
	bool has_else;
};

/* on STAGE, STAGE { ... } */
struct block {
	struct block *next;
	struct pos pos;
	unsigned stages; /* bit 1u << STAGE_x */
	struct stmt *first;
};

/* ---- definitions and settings ----------------------------------------- */

enum part_kind {
	PART_SET,  /* { ... } */
	PART_FILE, /* file "path" */
	PART_NAME, /* another list */
};

struct part {
	struct part *next;
	enum part_kind kind;
	struct pos pos;
	struct ast_item *items;
	bool faulty;         /* PART_SET: items were left out, and told */
	struct ast_str name; /* PART_FILE: path as written; PART_NAME */
};

enum def_kind {
	DEF_LIST,
	DEF_MAP,
	DEF_LET,
};

struct def {
	struct def *next;
	enum def_kind kind;
	struct ast_str name;
	enum list_kind list_kind; /* DEF_LIST; DEF_MAP with has_of */
	bool has_of;
	struct part *parts;    /* DEF_LIST; DEF_MAP: exactly one */
	struct node *fallback; /* DEF_MAP: default, or NULL */
	struct node *cond;     /* DEF_LET */
};

enum setting_kind {
	SETTING_LISTEN, /* words: address, then pairs */
	SETTING_LOG,
	SETTING_OBSERVE_ALL,
	SETTING_ON_ERROR, /* as a rule in `rule` */
	SETTING_TIMEZONE,
	SETTING_USER,
	SETTING_GROUP,
	SETTING_CONTROL,
	SETTING_METRICS, /* as SETTING_LISTEN */
	SETTING_DRAIN,
	SETTING_WATCH_LISTS,
};

enum log_target {
	LOG_TO_SYSLOG,
	LOG_TO_STDERR,
	LOG_TO_FILE,
	LOG_TO_JOURNAL,
};

struct setting {
	struct setting *next;
	enum setting_kind kind;
	struct pos pos;
	struct ast_str value;   /* listen address, log path or facility,
				 * timezone, user, group, control, drain as
				 * written; s none: not given */
	int64_t seconds;        /* SETTING_DRAIN */
	enum log_target target; /* SETTING_LOG */
	bool decisions;         /* SETTING_LOG: without the pass lines */
	bool json;              /* SETTING_LOG: objects, not lines of text */
	struct ast_str mode;    /* SETTING_LISTEN: octal as written */
	struct ast_str user;
	struct ast_str group;
	struct stmt *rule; /* SETTING_ON_ERROR: accept, reject, defer */
};

struct ast {
	const struct source *source; /* the one that includes the others */
	struct setting *settings;    /* in the order written */
	struct def *defs;
	struct block *blocks;
	size_t rules; /* STMT_RULE nodes */
};

#endif
