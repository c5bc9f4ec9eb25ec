/*
 * buf - text built piece by piece into memory of a fixed size.
 *
 * Never writes past `cap`; what does not fit is left out and `cut` is set;
 * then nothing more is added.  The caller owns the memory.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

struct buf {
	char *p;
	size_t n;
	size_t cap;
	bool cut;
};

/* A buffer over an array: struct buf b = BUF_ON(array); */
#define BUF_ON(array) ((struct buf){ (array), 0, sizeof(array), false })

static inline struct str
buf_str(const struct buf *b)
{
	return str_of(b->p, b->n);
}

static inline void
buf_char(struct buf *b, char c)
{
	if (b->cut)
		return;
	if (b->n == b->cap)
		b->cut = true;
	else
		b->p[b->n++] = c;
}

static inline void
buf_str_add(struct buf *b, struct str s)
{
	size_t room = b->cap - b->n;
	size_t n = s.n < room ? s.n : room;

	if (b->cut || s.n == 0)
		return;
	if (n > 0)
		memcpy(b->p + b->n, s.p, n);
	b->n += n;
	b->cut = n < s.n;
}

static inline void
buf_c(struct buf *b, const char *s)
{
	buf_str_add(b, str_c(s));
}

void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
/* Needs one octet more than its text (libc ends it with a NUL). */
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * s made safe for a reply or a human's screen: control and 8-bit octets
 * become '?', and no more than `most` octets are added (0: no bound).
 */
void buf_safe(struct buf *b, struct str s, size_t most);

/*
 * Ends the text with a NUL inside the memory (overwriting the last octet
 * when full) and returns it.  cap >= 1.
 */
const char *buf_cstr(struct buf *b);

#endif
