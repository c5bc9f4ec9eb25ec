/*
 * fact_word - facts that are one of a few words.
 */
#ifndef LANG_FACT_WORD_H
#define LANG_FACT_WORD_H

#include "base/diag.h"
#include "lang/fact.h"

/* Warns where a fact is compared with a word that it never is. */
void fact_word_check(
    struct diags *diags, struct pos pos, enum fact fact, struct str word);

#endif
