/*
 * word - keywords of the policy language, and the words kept for later
 * (LANGUAGE sections 3 and 9).  No definition may be named like one.
 */
#ifndef LANG_WORD_H
#define LANG_WORD_H

#include "base/str.h"

/* A keyword of the language as it is, kinds of `is` included. */
bool word_is_keyword(struct str word);
/* A word that a later version will use. */
bool word_is_reserved(struct str word);

/* All keywords, then all reserved words, by index; NULL behind the last. */
const char *word_keyword(size_t i);
const char *word_reserved(size_t i);

#endif
