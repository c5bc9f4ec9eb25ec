/*
 * plan - what a policy makes a mail server do, and why: for `check --plan`.
 */
#ifndef TOOLS_PLAN_H
#define TOOLS_PLAN_H

#include <stdio.h>

#include "lang/policy.h"

/* All of it.  False when memory is out. */
bool plan_print(const struct policy *policy, FILE *out);

#endif
