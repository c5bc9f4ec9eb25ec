/*
 * typography - characters that come along with what is pasted from a web page
 * or written with a word processor, and what was meant by them.
 */
#ifndef BASE_TYPOGRAPHY_H
#define BASE_TYPOGRAPHY_H

#include "base/str.h"

struct typography {
	const char *octets;
	const char *what;    /* "a typographic dash" */
	const char *instead; /* "write -" */
	const char *in_text; /* the same, inside of double quotes */
	bool dash;
};

/* The one that a text begins with, or NULL. */
const struct typography *typography_at(struct str text);

#endif
