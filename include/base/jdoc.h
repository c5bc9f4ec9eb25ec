/*
 * jdoc - one JSON document, built from the outside in.
 *
 *     struct jdoc *j = jdoc_new(&why);
 *     jdoc_object(j, NULL);
 *     jdoc_u64(j, "code", 550);
 *     jdoc_array(j, "rfc");
 *     jdoc_str(j, NULL, STR("RFC 5321 4.2.2"));
 *     jdoc_end(j);
 *     jdoc_end(j);
 *     good = jdoc_print(j, stdout);
 *     jdoc_free(j);
 *
 * The library is jansson; it is optional, and shows nowhere but in jdoc.c.
 * A fault on the way (memory) is kept, and told at the end.
 */
#ifndef BASE_JDOC_H
#define BASE_JDOC_H

#include <stdio.h>

#include "base/diag.h"

struct jdoc;

enum { JDOC_DEPTH_MAX = 16 };

/* NULL with *why: no memory, or built without jansson. */
struct jdoc *jdoc_new(struct why *why);
void jdoc_free(struct jdoc *j); /* NULL is fine */

/*
 * Values.  `key` is the member's name within an object and NULL within an
 * array; the first one, which is the document, is an object or array and has
 * none.  Not deeper than JDOC_DEPTH_MAX.
 */
void jdoc_object(struct jdoc *j, const char *key);
void jdoc_array(struct jdoc *j, const char *key);
void jdoc_end(struct jdoc *j); /* of the object or array begun last */
/* None gives null; of a text that is not UTF-8, 8-bit octets become '?'. */
void jdoc_str(struct jdoc *j, const char *key, struct str s);
void jdoc_u64(struct jdoc *j, const char *key, uint64_t v);
void jdoc_bool(struct jdoc *j, const char *key, bool v);

/* The document in lines, with an end of line.  False if something went
 * wrong, now or before. */
bool jdoc_print(const struct jdoc *j, FILE *out);

#endif
