/*
 * wrap - text in lines of a given width.
 */
#ifndef TOOLS_WRAP_H
#define TOOLS_WRAP_H

#include <stdio.h>

#include "base/str.h"

enum {
	WRAP_WIDTH = 80, /* where no terminal says otherwise */
	WRAP_LEAST = 40,
	WRAP_MOST = 100, /* longer lines are hard to read */
};

/* The width of the terminal behind `out`, within the bounds; WRAP_WIDTH where
 * there is none. */
size_t wrap_width(FILE *out);

/*
 * Takes the next line of at most `width` octets off *rest, cut at a blank; a
 * single word may be longer.  False when there is none left.
 */
bool wrap_next(struct str *rest, size_t width, struct str *line_r);
/* s in lines; the first one stands at the cursor, the others behind `indent`
 * blanks.  Ends with an end of line. */
void wrap_put(struct str s, size_t indent, size_t width, FILE *out);

#endif
