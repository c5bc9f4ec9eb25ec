/*
 * octets - one loop for each thing that is looked for, at the speed of
 * memchr or of whole words; what was found is not looked for again.
 *
 * Between two pieces of a body only this is carried: the length of the line
 * under way, and whether the last octet was a CR, of which the next octet
 * says whether it belongs to a line end.
 */
#include "core/octets.h"

#include <string.h>

static bool
has_eight_bit(const char *p, size_t n)
{
	uint64_t all = 0;
	uint64_t word;

	for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
		memcpy(&word, p, sizeof word);
		all |= word;
	}
	for (; n > 0; p++, n--)
		all |= (unsigned char)*p;
	return (all & UINT64_C(0x8080808080808080)) != 0;
}

/* A CR that is followed by another octet than LF.  The last octet is not
 * followed by any. */
static bool
has_bare_cr(const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end && (p = memchr(p, '\r', (size_t)(end - p))) != NULL) {
		if (++p < end && *p != '\n')
			return true;
		if (p == end)
			break;
	}
	return false;
}

/* A LF behind another octet than CR; `cr`: a CR stands before p. */
static bool
has_bare_lf(const char *p, size_t n, bool cr)
{
	const char *begin = p;
	const char *end = p + n;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (p == begin ? !cr : p[-1] != '\r')
			return true;
		p++;
	}
	return false;
}

static void
line_seen(struct octets *o, uint64_t length)
{
	if (length > o->longest)
		o->longest = length;
}

/* The lines of a piece; a CR at its end is left to the next piece. */
static void
lines(struct octets *o, const char *p, size_t n)
{
	const char *end = p + n;
	const char *lf;
	uint64_t before = o->line;

	/* That CR was part of the line, unless this begins with its LF. */
	if (o->cr && *p != '\n')
		before++;
	while ((lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		size_t length = (size_t)(lf - p);

		if (length > 0 && lf[-1] == '\r')
			length--;
		line_seen(o, before + length);
		before = 0;
		p = lf + 1;
		if (p == end)
			break;
	}
	o->line = before + (uint64_t)(end - p);
	if (p < end && end[-1] == '\r')
		o->line--;
	line_seen(o, o->line);
}

void
octets_body(struct octets *o, unsigned looks, const char *p, size_t n)
{
	if (looks == 0 || n == 0)
		return;
	if ((looks & LOOK_LINES) != 0)
		lines(o, p, n);
	if ((looks & LOOK_EIGHT_BIT) != 0 && !o->eight_bit)
		o->eight_bit = has_eight_bit(p, n);
	if ((looks & LOOK_BARE_CR) != 0 && !o->bare_cr)
		o->bare_cr = (o->cr && *p != '\n') || has_bare_cr(p, n);
	if ((looks & LOOK_BARE_LF) != 0 && !o->bare_lf)
		o->bare_lf = has_bare_lf(p, n, o->cr);
	if ((looks & LOOK_NUL) != 0 && !o->nul)
		o->nul = memchr(p, '\0', n) != NULL;
	o->cr = p[n - 1] == '\r';
}

/* Its first line goes on behind the name; the LF of a fold is a line end
 * whatever stands before it. */
void
octets_field(
    struct octets *o, unsigned looks, struct str name, struct str value)
{
	const unsigned apart =
	    LOOK_HEADER_EIGHT_BIT | LOOK_EIGHT_BIT | LOOK_BARE_LF;
	struct octets field = { .line = (uint64_t)name.n + STR(": ").n };

	if (looks == 0)
		return;
	if ((looks & (LOOK_HEADER_EIGHT_BIT | LOOK_EIGHT_BIT)) != 0 &&
	    !o->header_eight_bit)
		o->header_eight_bit = has_eight_bit(name.p, name.n) ||
				      has_eight_bit(value.p, value.n);
	o->eight_bit = o->eight_bit || o->header_eight_bit;
	if ((looks & LOOK_LINES) != 0)
		line_seen(&field, field.line);
	octets_body(&field, looks & ~apart, value.p, value.n);
	octets_end(&field, looks);
	line_seen(o, field.longest);
	o->bare_cr = o->bare_cr || field.bare_cr;
	o->nul = o->nul || field.nul;
}

void
octets_end(struct octets *o, unsigned looks)
{
	if (!o->cr)
		return;
	o->cr = false;
	if ((looks & LOOK_LINES) != 0)
		line_seen(o, ++o->line);
	if ((looks & LOOK_BARE_CR) != 0)
		o->bare_cr = true;
}
