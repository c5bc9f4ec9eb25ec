/*
 * arena - memory of one lifetime, given back in one call.
 *
 *     chunk ──▶ chunk ──▶ chunk      allocation bumps a pointer in the last
 *
 * Three lifetimes exist: a policy, a session (with marks for HELO and
 * message), one run of a tool.  An arena is used by one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena;

/* A point to which arena_release() goes back. */
struct arena_mark {
	void *chunk;
	size_t used;
	void *deferred;
};

/* No bound on what the arena may hold. */
#define ARENA_UNLIMITED SIZE_MAX

/*
 * An empty arena that will hold at most `limit` octets.  NULL when memory
 * is out.  One small allocation; what stays below a kilobyte needs no other.
 */
struct arena *arena_new(size_t limit);
/* Runs what was deferred, last first, and frees all.  NULL is fine. */
void arena_free(struct arena *a);

/*
 * n zeroed octets, aligned for any type, valid until the arena is freed or
 * released past them.  NULL when memory is out or the limit is reached;
 * arena_failed() then stays true until arena_clear_failed().
 */
void *arena_alloc(struct arena *a, size_t n);
/* n * size octets, with the product checked. */
void *arena_calloc(struct arena *a, size_t n, size_t size);
/* As arena_alloc, but ends the process: for load time and tools only. */
void *arena_xalloc(struct arena *a, size_t n);

/*
 * A copy of s, followed by a NUL.  None gives none.  On failure none is
 * returned too: tell them apart with arena_failed().
 */
struct str arena_str(struct arena *a, struct str s);
struct str arena_xstr(struct arena *a, struct str s);
/* The same as a C string (s may be none: NULL). */
char *arena_cstr(struct arena *a, struct str s);

/* printf into the arena; none on failure. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Calls fn(object) at free, or at a release past this point. */
bool arena_defer(struct arena *a, void (*fn)(void *), void *object);

struct arena_mark arena_mark(const struct arena *a);
/* Frees everything allocated since the mark.  Whole chunks go back, but for
 * the first. */
void arena_release(struct arena *a, struct arena_mark mark);

bool arena_failed(const struct arena *a);
/* As if an allocation had failed: for memory that a library could not get. */
void arena_fail(struct arena *a);
void arena_clear_failed(struct arena *a);
/* Octets handed out and not released. */
size_t arena_used(const struct arena *a);

/*
 * For tests: let the next `after` allocations pass and every later one
 * fail, until called again with SIZE_MAX.
 */
void arena_fail_after(struct arena *a, size_t after);

#endif
