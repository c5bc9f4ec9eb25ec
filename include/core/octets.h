/*
 * octets - what the octets of a message are like: how long its lines are,
 * and whether there are octets in it that break mail.
 *
 *     field, field ... ──▶ body in pieces ──▶ end
 *
 * A line ends at LF; CR before it is of the line end.  The pieces may be cut
 * anywhere.  What is not looked for costs nothing.
 */
#ifndef CORE_OCTETS_H
#define CORE_OCTETS_H

#include "base/str.h"

/* What to look for, as bits. */
enum look {
	LOOK_LINES = 1,            /* longest */
	LOOK_HEADER_EIGHT_BIT = 2, /* header_eight_bit */
	LOOK_EIGHT_BIT = 4,        /* eight_bit, header_eight_bit */
	LOOK_BARE_CR = 8,          /* bare_cr */
	LOOK_BARE_LF = 16,         /* bare_lf */
	LOOK_NUL = 32,             /* nul */
};

/* All zero at the beginning of a message.  Each member only ever grows. */
struct octets {
	uint64_t longest; /* octets of the longest line, its end not counted */
	bool header_eight_bit; /* an octet over 127 in the header */
	bool eight_bit;        /* an octet over 127 anywhere */
	bool bare_cr;          /* a CR without LF behind it */
	bool bare_lf;          /* a LF without CR before it; in the body */
	bool nul;              /* a NUL; in the body */
	/* Where the body so far ends. */
	uint64_t line; /* octets of the line under way, but for `cr` */
	bool cr;       /* its last octet was a CR */
};

/* One header field; a fold in the value is "\n" or "\r\n". */
void octets_field(
    struct octets *o, unsigned looks, struct str name, struct str value);
/* One piece of the body. */
void octets_body(struct octets *o, unsigned looks, const char *p, size_t n);
/* The body has ended. */
void octets_end(struct octets *o, unsigned looks);

#endif
