/*
 * test_hint - what is likely to be wrong with a transcript that does not hold
 * offline.
 */
#ifndef TOOLS_TEST_HINT_H
#define TOOLS_TEST_HINT_H

#include "lang/policy.h"
#include "tools/play.h"

/* Nothing, or lines that begin with '#', as play_explain has them. */
void test_hint(const struct policy *policy, const struct play_failure *failure,
    FILE *out);

#endif
