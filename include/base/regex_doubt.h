/*
 * regex_doubt - regexes that compile and are hardly what was meant.
 */
#ifndef BASE_REGEX_DOUBT_H
#define BASE_REGEX_DOUBT_H

#include "base/diag.h"

/*
 * True, and *why with the offset and what to write instead, for a pattern
 * that can take very long (a repeated group that repeats itself), that takes
 * an octet for a letter outside of ASCII, or that begins with .* for nothing.
 * The pattern must be one that regex_new took; flags as there.
 */
bool regex_doubt(struct str pattern, unsigned flags, struct why *why);

#endif
