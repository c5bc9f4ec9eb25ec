/*
 * print_int - between the files of the printer; for nobody else.
 */
#ifndef LANG_PRINT_INT_H
#define LANG_PRINT_INT_H

#include "lang/print.h"

/* Writes, or only counts, so that print_node can allocate exactly. */
struct writer {
	FILE *out;     /* or NULL: into p */
	char *p;       /* or NULL: only counts */
	size_t n;      /* octets so far */
	unsigned tabs; /* indentation */
	bool one_line; /* no line ends at all */
	const struct ast *ast;
};

void print_str(struct writer *w, struct str s);
void print_c(struct writer *w, const char *s);
/* For short things: numbers and the like. */
void print_f(struct writer *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The end of a line and the next one's indentation. */
void print_line(struct writer *w);
/* Text as it stands between quotes; the same with them. */
void print_escaped(struct writer *w, struct str s);
void print_quoted(struct writer *w, struct str s);
/* "{ ... }", one item a line if it is wide and may have `lines`. */
void print_set(struct writer *w, const struct ast_item *items, bool lines);
void print_expr(struct writer *w, const struct node *node);

#endif
