/*
 * differential - the parts of the differential test to each other.
 */
#ifndef DIFFERENTIAL_H
#define DIFFERENTIAL_H

#include "base/buf.h"

/* splitmix64: small, and the same everywhere. */
struct chance {
	uint64_t state;
};

uint64_t chance_next(struct chance *c);
/* 0 .. n - 1 */
unsigned below(struct chance *c, unsigned n);
/* True in `percent` of a hundred cases. */
bool often(struct chance *c, unsigned percent);

#define COUNT(array) ((unsigned)(sizeof(array) / sizeof((array)[0])))
/* One of an array. */
#define ONE_OF(c, array) ((array)[below(c, COUNT(array))])

/*
 * Words that policies compare with and clients send, few, so that they meet.
 * Some are hosts, some are addresses, some are neither.
 */
const char *random_domain(struct chance *c);
const char *random_local(struct chance *c);
const char *random_ip(struct chance *c);
const char *random_word(struct chance *c);
void random_address(struct chance *c, struct buf *out);

/* A policy without errors. */
void random_policy(struct chance *c, struct buf *out);

/*
 * What a client and its mail server do, one event a line:
 *   connect NAME IP|local   helo ARG        mail ARG...     rcpt ARG...
 *   refused                 data            header NAME: VALUE
 *   eoh                     body OCTETS     eom             end
 *   unknown LINE            macro NAME VALUE (from here on)  clock MINUTES
 * In a VALUE, "|" is a fold.
 */
void random_events(struct chance *c, struct buf *out);

#endif
