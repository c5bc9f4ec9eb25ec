/*
 * expr - names of what stands in compiled expressions.
 */
#include "lang/expr.h"

static const char *const is_kinds[IS_KIND_COUNT] = {
	[IS_ABSENT] = "absent",
	[IS_PRESENT] = "present",
	[IS_NULL] = "null",
	[IS_VALID] = "valid",
	[IS_IP] = "ip",
	[IS_LITERAL] = "literal",
	[IS_FQDN] = "fqdn",
	[IS_ASCII] = "ascii",
};

const char *
is_kind_name(enum is_kind kind)
{
	return is_kinds[kind];
}

bool
is_kind_find(struct str name, enum is_kind *kind_r)
{
	for (unsigned i = 0; i < IS_KIND_COUNT; i++) {
		if (!str_eq(name, str_c(is_kinds[i])))
			continue;
		*kind_r = (enum is_kind)i;
		return true;
	}
	return false;
}
