/*
 * bench_address - what parsing an address costs, beside a floor: a pass that
 * looks each octet up in a table of 256 and does nothing else.
 *
 *     bench_address [ROUNDS]
 *
 * One line per kind of address: its octets, ns per parse, that over the
 * floor's, and what was allocated in all rounds: calls of malloc, and octets
 * of the arena.  Both are 0 where the address is in normal form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "smtp/address.h"

enum {
	ROUNDS = 200000,
	TRIES = 5,
};

/* ---- counting ----------------------------------------------------------- */

static size_t mallocs;

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);

void *
__wrap_malloc(size_t n)
{
	mallocs++;
	return __real_malloc(n);
}

/* ---- what is parsed ----------------------------------------------------- */

/* The last two are not in normal form. */
enum {
	IN_NORMAL_FORM = 7
};
static char longest[257];
static const char *const addresses[] = {
	longest,
	"<joe@example.org>",
	"<bounces+4711-joe=example.org@news.mailer.example.com>",
	"<\"joe user\"@example.org>",
	"<joe@[192.0.2.1]>",
	"<>",
	"<@relay.example,@mx.example:joe@example.org>",
	"<Joe.User@Example.ORG>",
	"<joe (home) @example.org>",
};

/* The longest mailbox there is: 64 octets, @, 189 octets, in brackets. */
static void
make_longest(void)
{
	struct buf b = BUF_ON(longest);

	buf_char(&b, '<');
	for (size_t i = 1; i <= 64; i++)
		buf_char(&b, i % 16 == 0 && i < 64 ? '.' : 'l');
	buf_char(&b, '@');
	for (size_t i = 1; i <= 189; i++)
		buf_char(&b, i % 50 == 0 ? '.' : 'd');
	buf_char(&b, '>');
	(void)buf_cstr(&b);
}

/* ---- the clock ---------------------------------------------------------- */

static unsigned char classes[256];
static volatile unsigned sink;

static void
look_at(struct str s, struct arena *arena)
{
	unsigned sum = 0;

	(void)arena;
	for (size_t i = 0; i < s.n; i++)
		sum += classes[str_at(s, i)];
	sink = sum;
}

static void
parse(struct str s, struct arena *arena)
{
	struct address a;

	if (!address_parse(s, PATH_REVERSE, false, arena, &a) ||
	    a.fault >= FAULT_COUNT)
		abort();
	sink = (unsigned)a.norm.n;
}

/* ns of one call: the best of a few tries. */
static double
measure(void (*call)(struct str, struct arena *), struct str s,
    struct arena *arena, long rounds)
{
	struct arena_mark mark = arena_mark(arena);
	double best = 0;

	for (int try = 0; try < TRIES; try++) {
		struct timespec from, to;
		double ns;

		(void)clock_gettime(CLOCK_MONOTONIC, &from);
		for (long i = 0; i < rounds; i++) {
			call(s, arena);
			arena_release(arena, mark);
		}
		(void)clock_gettime(CLOCK_MONOTONIC, &to);
		ns = ((double)(to.tv_sec - from.tv_sec) * 1e9 +
			 (double)(to.tv_nsec - from.tv_nsec)) /
		     (double)rounds;
		if (try == 0 || ns < best)
			best = ns;
	}
	return best;
}

/* False where an address in normal form was not simply borrowed. */
static bool
bench(size_t i, struct arena *arena, long rounds)
{
	struct str s = str_c(addresses[i]);
	size_t before = mallocs;
	struct arena_mark mark;
	size_t octets;
	double floor = measure(look_at, s, arena, rounds);
	double ns = measure(parse, s, arena, rounds);
	size_t made = mallocs - before;

	mark = arena_mark(arena);
	octets = arena_used(arena);
	parse(s, arena);
	octets = arena_used(arena) - octets;
	arena_release(arena, mark);
	printf("%4zu octets %8.1f ns %6.1f x floor %8zu mallocs %6zu arena "
	       "octets  %.40s\n",
	    s.n, ns, ns / floor, made, octets, s.p);
	return i >= IN_NORMAL_FORM || (made == 0 && octets == 0);
}

int
main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : ROUNDS;
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	bool ok = true;

	if (rounds < 1 || arena == NULL)
		return EXIT_FAILURE;
	for (size_t i = 0; i < sizeof(classes); i++)
		classes[i] = (unsigned char)(i * 7);
	make_longest();
	/* The arena's first chunk is the session's, not the address's. */
	(void)arena_alloc(arena, 1);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		ok = bench(i, arena, rounds) && ok;
	arena_free(arena);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
