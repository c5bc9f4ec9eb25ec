/*
 * expr - compiled conditions and values, as core/eval walks them.
 *
 * Types were checked: every operator has operands that fit.  Immutable.
 */
#ifndef LANG_EXPR_H
#define LANG_EXPR_H

#include "base/regex.h"
#include "lang/ast.h"
#include "lang/fact.h"
#include "lang/value.h"
#include "lists/list.h"
#include "lists/map.h"

enum expr_kind {
	/* values */
	EXPR_CONST,        /* value */
	EXPR_FACT,         /* slot: enum fact */
	EXPR_HEADER,       /* slot: policy->headers; the first value, decoded */
	EXPR_HEADER_RAW,   /* slot; the first value, its octets unfolded */
	EXPR_HEADER_COUNT, /* slot */
	EXPR_HEADER_ELEMENT, /* inside EXPR_QUANT over a header */
	EXPR_MACRO,        /* slot: policy->macros */
	EXPR_MAP,          /* map[a]; values in map_values */
	EXPR_ARITH,        /* a op b, saturating */
	EXPR_SCORE,        /* the score so far */
	/* conditions */
	EXPR_AND,
	EXPR_OR,
	EXPR_NOT,          /* a */
	EXPR_CMP,          /* a cmp b; op: enum cmp */
	EXPR_IN_LIST,      /* a in list */
	EXPR_IN_VALUES,    /* a in { numbers, clocks, dates }: values, n_values */
	EXPR_IN_MAP_LIST,  /* a in map[b]: map, map_lists; where no key is
	                    * found, fallback (a condition), if not NULL */
	EXPR_MATCHES,      /* a matches regex */
	EXPR_IS,           /* a is op: enum is_kind */
	EXPR_TAGGED,       /* slot: policy->tags */
	EXPR_TRUTH,        /* a: a boolean fact as a condition */
	EXPR_MEMO,         /* memo slot `slot`; a: how to fill it if it is not
	                    * (a let), NULL for a `when` (a guard filled it);
	                    * op: enum memo_reads */
	EXPR_QUANT,        /* op: enum quant_over; all; slot: header; a: cond */
	EXPR_KIND_COUNT
};

enum is_kind {
	IS_ABSENT,
	IS_PRESENT,
	IS_NULL,
	IS_VALID,
	IS_IP,
	IS_LITERAL,
	IS_FQDN,
	IS_ASCII,
	IS_KIND_COUNT
};

/*
 * When a let is told first can matter: bits of what it reads, itself or by
 * the lets in it.
 */
enum memo_reads {
	MEMO_STATE = 1, /* tags or the score */
	MEMO_EVENT = 2, /* macros, the time, the size so far: a later event may
	                 * bring others */
};

/* "absent", ... */
const char *is_kind_name(enum is_kind kind);
bool is_kind_find(struct str name, enum is_kind *kind_r);

struct expr {
	enum expr_kind kind;
	enum type type;   /* T_BOOL for conditions */
	uint8_t op;       /* enum cmp, enum is_kind, enum quant_over, + - *,
	                   * enum memo_reads */
	bool all;
	/* A test that stands in several places: 1 + the memo slot that keeps
	 * what came of it; 0: it has none. */
	uint32_t shared;
	uint32_t slot;
	uint32_t n_values;
	const struct expr *a;
	const struct expr *b;
	union {
		/* EXPR_AND, EXPR_OR at the head of a chain: its n_values parts,
		 * those first that cost least; NULL: as they stand.  Only the
		 * time that it takes tells the difference. */
		const struct expr *const *order;
		struct value value;          /* EXPR_CONST */
		const struct list *list;     /* EXPR_IN_LIST; lives with policy */
		const struct value *values;  /* EXPR_IN_VALUES */
		const struct regex *regex;   /* EXPR_MATCHES */
		struct {                     /* EXPR_MAP, EXPR_IN_MAP_LIST */
			const struct map *map;
			const struct value *map_values;   /* by map index */
			struct list *const *map_lists;    /* by map index */
			const struct expr *fallback;      /* or NULL */
		};
	};
	struct str text;  /* as written, canonical: for traces and reasons */
};

/* A text with ${...}: literal pieces and values, in order. */
struct template_piece {
	struct str text;         /* if expr == NULL */
	const struct expr *expr; /* a value */
};

struct template {
	uint32_t n;
	struct template_piece pieces[];
};

#endif
