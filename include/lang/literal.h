/*
 * literal - numbers with their kind, as they stand in sets and maps.
 */
#ifndef LANG_LITERAL_H
#define LANG_LITERAL_H

#include "base/diag.h"
#include "lang/value.h"

/*
 * "10", "25M", "30s", "22:00", "2026-12-24" as a number, size, duration,
 * clock or date.  0: it has none of these forms (a word); 1: *value_r is
 * set; -1: it has one of these forms and is wrong (too large, no such day):
 * *why.
 */
int literal_parse(struct str s, struct value *value_r, struct why *why);

#endif
