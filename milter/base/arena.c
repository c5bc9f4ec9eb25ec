/*
 * arena - memory of one lifetime, given back in one call.
 *
 *     last ──▶ older ──▶ first      chunks, each: head | used | free
 *
 * The first chunk is one piece of memory with the arena itself and is kept at a
 * release, so that an arena that stays small costs one malloc in its life.  A
 * request that does not fit into the last chunk opens a new one, twice as
 * large as the one before up to CHUNK_MAX, or as large as the request.  What
 * is left of the older chunk stays unused, so that chunks and marks are a
 * stack.  Deferred calls are nodes inside the arena itself, last first.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#endif

enum {
	ARENA_SIZE = 1024, /* with its first chunk: an idle session is small */
	CHUNK_MAX = 64 * 1024,
};

struct chunk {
	struct chunk *older;
	size_t size; /* of `octets` */
	size_t used;
	_Alignas(max_align_t) char octets[];
};

struct deferred {
	struct deferred *before;
	void (*fn)(void *);
	void *object;
};

struct arena {
	struct chunk *last;
	struct deferred *deferred;
	size_t limit;
	size_t used;   /* sum of the chunks' used */
	size_t passes; /* allocations until they are made to fail (tests) */
	bool failed;
	struct chunk first; /* its octets end the arena */
};

_Static_assert(ARENA_SIZE > 2 * sizeof(struct arena), "room for octets");

/* What is free in a chunk is out of bounds for the address sanitizer, so that
 * it finds what is used after its release. */
static void
hide_free(struct chunk *chunk)
{
#ifdef ARENA_ASAN
	ASAN_POISON_MEMORY_REGION(
	    chunk->octets + chunk->used, chunk->size - chunk->used);
#else
	(void)chunk;
#endif
}

static void
show(const void *p, size_t n)
{
#ifdef ARENA_ASAN
	ASAN_UNPOISON_MEMORY_REGION(p, n);
#else
	(void)p;
	(void)n;
#endif
}

struct arena *
arena_new(size_t limit)
{
	struct arena *a = malloc(ARENA_SIZE);

	if (a == NULL)
		return NULL;
	*a = (struct arena){
		.last = &a->first,
		.limit = limit,
		.passes = SIZE_MAX,
		.first = { .size = ARENA_SIZE - sizeof(struct arena) },
	};
	hide_free(&a->first);
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_release(a, (struct arena_mark){ &a->first, 0, NULL });
	free(a);
}

static void *
fail(struct arena *a)
{
	a->failed = true;
	return NULL;
}

static struct chunk *
chunk_open(struct arena *a, size_t n)
{
	struct chunk *chunk;
	size_t size =
	    a->last->size < CHUNK_MAX / 2 ? a->last->size * 2 : CHUNK_MAX;

	if (size < n)
		size = n;
	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = malloc(sizeof(*chunk) + size);
	if (chunk == NULL)
		return NULL;
	chunk->older = a->last;
	chunk->size = size;
	chunk->used = 0;
	a->last = chunk;
	hide_free(chunk);
	return chunk;
}

/* align is a power of two, at most that of max_align_t. */
static void *
alloc_aligned(struct arena *a, size_t n, size_t align)
{
	struct chunk *chunk = a->last;
	size_t pad = -chunk->used & (align - 1);
	void *p;

	if (a->passes == 0)
		return fail(a);
	if (a->passes != SIZE_MAX)
		a->passes--;
	if (n == 0)
		n = 1; /* a pointer of its own */
	if (pad > chunk->size - chunk->used ||
	    n > chunk->size - chunk->used - pad) {
		pad = 0;
		chunk = NULL;
	}
	if (n > a->limit - a->used || pad > a->limit - a->used - n)
		return fail(a);
	if (chunk == NULL)
		chunk = chunk_open(a, n);
	if (chunk == NULL)
		return fail(a);
	p = chunk->octets + chunk->used + pad;
	chunk->used += pad + n;
	a->used += pad + n;
	show(p, n);
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	void *p = alloc_aligned(a, n, _Alignof(max_align_t));

	if (p != NULL)
		memset(p, 0, n);
	return p;
}

void *
arena_calloc(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return fail(a);
	return arena_alloc(a, n * size);
}

/* There is no one to hand the failure to while a policy is loaded. */
static _Noreturn void
die(const struct arena *a)
{
	if (a->limit == ARENA_UNLIMITED)
		fprintf(stderr, "out of memory\n");
	else
		fprintf(stderr, "out of memory (limit %zu octets)\n", a->limit);
	_Exit(1);
}

void *
arena_xalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p == NULL)
		die(a);
	return p;
}

char *
arena_cstr(struct arena *a, struct str s)
{
	char *p;

	if (str_is_none(s))
		return NULL;
	p = s.n == SIZE_MAX ? fail(a) : alloc_aligned(a, s.n + 1, 1);
	if (p == NULL)
		return NULL;
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p = arena_cstr(a, s);

	return p == NULL ? STR_NONE : str_of(p, s.n);
}

struct str
arena_xstr(struct arena *a, struct str s)
{
	struct str copy = arena_str(a, s);

	if (str_is_none(copy) && !str_is_none(s))
		die(a);
	return copy;
}

struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	int n;
	char *p;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	p = n < 0 ? fail(a) : alloc_aligned(a, (size_t)n + 1, 1);
	if (p == NULL)
		return STR_NONE;
	va_start(args, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	return str_of(p, (size_t)n);
}

bool
arena_defer(struct arena *a, void (*fn)(void *), void *object)
{
	struct deferred *d = arena_alloc(a, sizeof(*d));

	if (d == NULL)
		return false;
	d->before = a->deferred;
	d->fn = fn;
	d->object = object;
	a->deferred = d;
	return true;
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){
		.chunk = a->last,
		.used = a->last->used,
		.deferred = a->deferred,
	};
}

void
arena_release(struct arena *a, struct arena_mark mark)
{
	while (a->deferred != mark.deferred) {
		struct deferred *d = a->deferred;
		a->deferred = d->before;
		d->fn(d->object);
	}
	while (a->last != mark.chunk) {
		struct chunk *chunk = a->last;
		a->last = chunk->older;
		a->used -= chunk->used;
		free(chunk);
	}
	a->used -= a->last->used - mark.used;
	a->last->used = mark.used;
	hide_free(a->last);
}

bool
arena_failed(const struct arena *a)
{
	return a->failed;
}

void
arena_fail(struct arena *a)
{
	a->failed = true;
}

void
arena_clear_failed(struct arena *a)
{
	a->failed = false;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

void
arena_fail_after(struct arena *a, size_t after)
{
	a->passes = after;
}
