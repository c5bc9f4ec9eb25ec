/*
 * scanner - finds many texts in one walk over a subject (Aho, Corasick 1975).
 *
 * Each text stands for numbers: those of the regexes, rules or whatever else
 * waits for it.  ASCII case is ignored.  Built by one thread, then read by
 * any number.
 */
#ifndef BASE_SCANNER_H
#define BASE_SCANNER_H

#include "base/str.h"

struct scanner;

struct scanner_item {
	struct str text; /* in lower case, not empty */
	uint32_t number;
};

/*
 * The same text may stand in several items.  NULL when memory is out.
 * `items` is sorted on the way and not needed afterwards.
 */
struct scanner *scanner_new(struct scanner_item *items, size_t n);
void scanner_free(struct scanner *scanner);
/* Octets that it takes. */
size_t scanner_memory(const struct scanner *scanner);

/*
 * Calls found() with the numbers of a text, ascending and each once, where
 * one ends in the subject; again where it does so again.  The numbers live
 * as long as the scanner.  True when all was walked, false when found() gave
 * false.
 */
bool scanner_scan(const struct scanner *scanner, struct str subject,
    bool (*found)(void *ctx, const uint32_t *numbers, size_t n), void *ctx);

#endif
