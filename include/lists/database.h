/*
 * database - files that Postfix's postmap makes, as lines of text.
 *
 *     octets ──format──▶ entries ──▶ "key\n" of a list, "key value\n" of a map
 *
 * What comes out is what lists/load reads, and but for comments what postmap
 * was given, so that "quota" and "quota.lmdb" mean the same.  Postmap makes
 * the keys lower case, and leaves quotes as they are.  A NUL at the end of a
 * key or value is not part of it: Postfix writes one to LMDB, none to cdb.
 */
#ifndef LISTS_DATABASE_H
#define LISTS_DATABASE_H

#include "base/arena.h"
#include "base/diag.h"

struct database_format;

/* What a file of that name and content is; NULL: no database. */
const struct database_format *database_find(struct str name, struct str octets);

/*
 * The text, in the arena; `values`: of a map.  False with *why for octets
 * that are none of the format, and for an entry that fits no line.  Any
 * octets will do.
 */
bool database_text(const struct database_format *format, struct str octets,
    bool values, struct arena *arena, struct str *text_r, struct why *why);

#endif
