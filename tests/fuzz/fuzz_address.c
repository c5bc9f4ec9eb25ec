/*
 * fuzz_address - any octets as a path, a domain, a literal, a HELO argument.
 * What was parsed must hold what address.h promises.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "smtp/address.h"

static void
require(bool truth)
{
	if (!truth)
		abort();
}

static bool
inside(struct str part, struct str whole)
{
	return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static void
check_address(const struct address *a, struct str raw)
{
	require(a->raw.p == raw.p && a->raw.n == raw.n);
	require(a->norm.p != NULL);
	require(a->local.p == NULL || inside(a->local, a->norm));
	require(a->domain.p == NULL || inside(a->domain, a->norm));
	require(a->fault < FAULT_COUNT);
	require(str_is_none(a->local) == (a->norm.n == 0));
}

/* The normal form of a normal form is the same, and needs no memory where it
 * has no fault. */
static void
check_again(const struct address *a, struct arena *arena)
{
	struct address again;
	size_t used = arena_used(arena);

	require(address_parse(a->norm, PATH_REVERSE, true, arena, &again));
	require(str_eq(again.norm, a->norm));
	require(str_eq(again.local, a->local));
	require(str_eq(again.domain, a->domain));
	require(again.fault != FAULT_NONE || arena_used(arena) == used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str raw = str_of(size == 0 ? "" : (const char *)data, size);
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct address a;
	struct ip ip;

	if (arena == NULL)
		abort();
	for (int kind = PATH_REVERSE; kind <= PATH_MAILBOX; kind++) {
		for (int utf8 = 0; utf8 < 2; utf8++) {
			require(address_parse(
			    raw, (enum path_kind)kind, utf8 != 0, arena, &a));
			check_address(&a, raw);
			check_again(&a, arena);
		}
	}
	require(domain_normal(raw, arena).p != NULL);
	(void)domain_fault(raw, false);
	(void)domain_fault(raw, true);
	(void)literal_fault(raw, &ip);
	(void)helo_fault(raw, &ip);
	arena_free(arena);
	return 0;
}
