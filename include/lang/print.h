/*
 * print - a tree in canonical form; print(parse(x)) parses to the same.
 *
 * Settings come first, then definitions, then blocks, each in the order
 * written; what was included is printed in its place.  Comments are not in
 * the tree and so are lost.  Only trees without errors are printed.
 */
#ifndef LANG_PRINT_H
#define LANG_PRINT_H

#include <stdio.h>

#include "lang/ast.h"

void print_policy(const struct ast *ast, FILE *out);
/* One definition of it; in the arena. */
struct str print_def(
    const struct ast *ast, const struct def *def, struct arena *arena);
/*
 * One condition or value on one line ("client.ip in office and not
 * trusted"), as traces and diagnostics show it; in the arena.  Line ends
 * within a regex (flag x) become spaces.
 */
struct str print_node(const struct node *node, struct arena *arena);

#endif
