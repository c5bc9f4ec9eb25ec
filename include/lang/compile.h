/*
 * compile - checked rules to the programs that core/eval runs.
 */
#ifndef LANG_COMPILE_H
#define LANG_COMPILE_H

#include "lang/check.h"

/*
 * Lays out c->blocks as one program a stage, and works out what must be had
 * from the MTA.  Only after check_policy found no error.
 */
void compile_policy(struct check *c);

/* What is needed for it: facts, macros, events (compile_needs.c). */
void compile_needs(struct check *c);

#endif
