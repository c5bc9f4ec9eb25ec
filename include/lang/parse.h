/*
 * parse - tokens to the tree of ast.h: recursive descent with recovery, so
 * that one run reports many faults and few false ones.
 */
#ifndef LANG_PARSE_H
#define LANG_PARSE_H

#include "lang/ast.h"
#include "lang/source.h"

enum {
	PARSE_NESTING_MAX = 100, /* when blocks and parentheses */
	PARSE_RULES_MAX = 100000,
	PARSE_INCLUDE_MAX = 16,
};

/*
 * Parses a source and what it includes into `arena`.  Always returns a tree
 * (what could not be read is left out); whether it may be used is said by
 * diags->errors.
 */
struct ast *parse_policy(struct sources *sources, const struct source *source,
    struct arena *arena, struct diags *diags);

#endif
