/*
 * grow - an array on the heap that becomes larger as it is filled.
 */
#ifndef LISTS_GROW_H
#define LISTS_GROW_H

#include <stddef.h>

/*
 * Room for at least `need` items of `size` octets: p itself where *cap
 * already is enough, else p moved, with *cap set.  NULL when memory is out
 * or the product is too large; p and *cap are then as they were.
 */
void *grow(void *p, size_t *cap, size_t need, size_t size);

/*
 * Gives back what is behind the first n items; p where that cannot be done.
 */
void *shrink(void *p, size_t *cap, size_t n, size_t size);

#endif
