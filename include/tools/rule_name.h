/*
 * rule_name - rules as people are told of them, without the directory that
 * all of a policy lies in.
 */
#ifndef TOOLS_RULE_NAME_H
#define TOOLS_RULE_NAME_H

#include <stdio.h>

#include "lang/policy.h"

/* The directory of a policy, with the slash; "./" where it has none. */
struct str policy_directory(const struct policy *policy);
/* A file, or a rule without a label, as it is named from there. */
struct str name_from(struct str directory, struct str name);
/* "spoof (portreeve.conf:31)", "portreeve.conf:31" */
void rule_put(const struct rule *rule, struct str directory, FILE *out);

#endif
