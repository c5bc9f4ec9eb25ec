/*
 * pattern_scan - which of many regexes can match a text; for lists/ only.
 */
#ifndef LISTS_PATTERN_SCAN_H
#define LISTS_PATTERN_SCAN_H

#include "base/regex.h"
#include "base/scanner.h"

struct pattern_scan {
	struct scanner *scanner; /* literals to numbers of regexes; or NULL */
	uint32_t *always;        /* regexes that can match without any */
	size_t n_always;
};

/* False when memory is out; pattern_scan_free() is due all the same. */
bool pattern_scan_make(
    struct pattern_scan *scan, struct regex *const *regexes, size_t n);
void pattern_scan_free(struct pattern_scan *scan);

#endif
