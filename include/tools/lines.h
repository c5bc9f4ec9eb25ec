/*
 * lines - what somebody types, or a file, line by line.
 */
#ifndef TOOLS_LINES_H
#define TOOLS_LINES_H

#include <stdio.h>

#include "base/str.h"

struct lines;

/*
 * Reads `in`.  Where `in` and `out` are a terminal, each line is asked for
 * with `prompt`, can be edited, and is kept for the arrow keys (with libedit,
 * else the prompt only).  NULL when memory is out.
 */
struct lines *lines_new(FILE *in, FILE *out, const char *prompt);
void lines_free(struct lines *l);

/* Somebody sits there. */
bool lines_is_terminal(const struct lines *l);
/* The next line without its end (LF or CRLF), borrowed until the next call;
 * false at the end. */
bool lines_next(struct lines *l, struct str *line_r);

#endif
