/*
 * load - a policy from a file, with its diagnostics on standard error.
 */
#include "tools/tools.h"

#include <stdio.h>

struct policy *
load_policy(const char *file, size_t *warnings_r)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;
	struct diags diags;

	if (arena == NULL) {
		(void)fprintf(stderr, "portreeve: out of memory\n");
		return NULL;
	}
	diags_init(&diags, arena);
	policy = policy_load(file, &diags);
	diags_print(&diags, stderr);
	if (warnings_r != NULL)
		*warnings_r = diags.warnings;
	arena_free(arena);
	if (policy != NULL && str_eq(policy->file, STR(DEFAULT_NAME)))
		(void)fprintf(stderr,
		    "portreeve: there is no %s; the default policy is used "
		    "(\"portreeve print --default\" shows it)\n",
		    DEFAULT_FILE);
	return policy;
}
