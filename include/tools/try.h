/*
 * try - an SMTP prompt on the offline MTA.
 */
#ifndef TOOLS_TRY_H
#define TOOLS_TRY_H

#include <stdio.h>

#include "lang/policy.h"

struct try_how {
	const char *file; /* of the policy, to load it again */
	bool verbose;     /* say which rules were tried, and why */
	bool transcript;  /* print what `portreeve test` reads */
};

/*
 * Reads what the client says from `in`, prints the dialogue on `out`, until
 * the client quits or the input ends; to the exit status.  Takes over the
 * caller's reference to the policy.
 */
int try_run(
    struct policy *policy, const struct try_how *how, FILE *in, FILE *out);

#endif
