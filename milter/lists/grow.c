/*
 * grow - an array on the heap that becomes larger as it is filled.
 *
 * Doubles, so that filling costs a constant per item; the owner of a list
 * shrinks once, when it is sealed.
 */
#include "lists/grow.h"

#include <stdint.h>
#include <stdlib.h>

enum {
	GROW_FIRST = 16, /* items: most lists of a policy are short */
};

void *
grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t larger = *cap < GROW_FIRST / 2 ? GROW_FIRST : *cap;
	void *moved;

	if (need <= *cap)
		return p;
	if (larger <= SIZE_MAX / 2)
		larger *= 2;
	if (larger < need)
		larger = need;
	if (larger > SIZE_MAX / size)
		return NULL;
	moved = realloc(p, larger * size);
	if (moved != NULL)
		*cap = larger;
	return moved;
}

void *
shrink(void *p, size_t *cap, size_t n, size_t size)
{
	void *moved;

	if (n == *cap || n == 0)
		return p;
	moved = realloc(p, n * size);
	if (moved == NULL)
		return p;
	*cap = n;
	return moved;
}
