/*
 * buf - text built piece by piece into memory of a fixed size.
 *
 * Invariant: n <= cap, and once `cut` is set nothing is added, so that the
 * text is always a beginning of what was meant.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void
buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	buf_str_add(b, str_of(digits + n, sizeof(digits) - n));
}

void
buf_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_char(b, '-');
	buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->cap - b->n;
	va_list args;
	int n;

	if (b->cut)
		return;
	va_start(args, fmt);
	n = vsnprintf(room == 0 ? NULL : b->p + b->n, room, fmt, args);
	va_end(args);
	if (n <= 0)
		return;
	b->cut = (size_t)n >= room;
	if (!b->cut)
		b->n += (size_t)n;
	else if (room > 0)
		b->n += room - 1;
}

void
buf_safe(struct buf *b, struct str s, size_t most)
{
	if (most == 0 || most > s.n)
		most = s.n;
	for (size_t i = 0; i < most && !b->cut; i++) {
		unsigned char c = str_at(s, i);
		buf_char(b, ascii_is_print(c) ? (char)c : '?');
	}
}

const char *
buf_cstr(struct buf *b)
{
	if (b->n == b->cap) {
		b->n--;
		b->cut = true;
	}
	b->p[b->n] = '\0';
	return b->p;
}
