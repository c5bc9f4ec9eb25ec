/*
 * ip - IPv4 and IPv6 addresses and networks.
 *
 * IPv4-mapped IPv6 (::ffff:a.b.c.d) is IPv4 everywhere.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/buf.h"
#include "base/diag.h"

enum ip_family {
	IP_NONE,
	IP_V4,
	IP_V6,
};

struct ip {
	enum ip_family family;
	uint8_t b[16]; /* network order; v4 in b[0..3] */
};

struct cidr {
	struct ip ip;   /* host bits are zero */
	uint8_t prefix; /* 0..32 or 0..128 */
};

/* Room for any address as text, with NUL. */
enum {
	IP_TEXT_MAX = 46
};

/*
 * A dotted quad (four decimal numbers, leading zeros let pass) or an IPv6
 * address (RFC 4291 2.2; no scope).  On failure false, *why filled, *ip_r
 * untouched.
 */
bool ip_parse(struct str s, struct ip *ip_r, struct why *why);
/*
 * "192.0.2.0/24" or a bare address (a network of one).  Host bits set under
 * the mask are an error whose text names the network that was meant:
 * "192.0.2.7/24 has bits set behind its /24; write 192.0.2.0/24, or
 * 192.0.2.7 for that one address".
 */
bool cidr_parse(struct str s, struct cidr *net_r, struct why *why);

/* From struct sockaddr_in's or sockaddr_in6's address octets. */
struct ip ip_from_v4(const uint8_t octets[4]);
struct ip ip_from_v6(const uint8_t octets[16]);

/* Canonical text (RFC 5952 for IPv6; "-" for none).  A network of one prints
 * as its address. */
void ip_print(struct ip ip, struct buf *out);
void cidr_print(struct cidr net, struct buf *out);

bool ip_eq(struct ip a, struct ip b);
bool cidr_has(struct cidr net, struct ip ip);

#endif
