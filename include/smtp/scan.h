/*
 * scan - the grammar of RFC 5321 4.1.2 in one pass over the octets; for
 * smtp/ only.
 */
#ifndef SMTP_SCAN_H
#define SMTP_SCAN_H

#include "smtp/address.h"

/* Octets over 0x7f count as letters here: who reads them judges them. */
struct local_scan {
	size_t n;         /* octets before the first @ outside quotes, or all */
	enum fault fault; /* none: these are a Dot-string or Quoted-string */
	bool eight_bit;
	bool normal; /* without a fault, and its own normal form */
};

/* Local-part = Dot-string / Quoted-string, up to an @ or the end. */
void scan_local(struct str s, struct local_scan *scan_r);

/* Dot-string = Atom *("." Atom) */
bool scan_is_dot_string(struct str s);

/* Only `good` is told of a name that is not. */
struct domain_scan {
	bool good;
	bool eight_bit;
	bool upper;
	bool number;    /* its last label is digits */
	bool a_label;   /* a label begins with xn-- */
	size_t longest; /* octets of the longest label */
};

/* Domain = sub-domain *("." sub-domain) */
void scan_domain(struct str name, struct domain_scan *scan_r);

/* domain_fault of a name that was scanned. */
enum fault domain_scan_fault(
    struct str name, bool utf8, const struct domain_scan *scan);

/* Whether domain_normal would change nothing; it may say no and be wrong. */
bool domain_is_normal(struct str name, const struct domain_scan *scan);

#endif
