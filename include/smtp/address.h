/*
 * address - paths, mailboxes, domains and literals of RFC 5321 4.1.2, 4.1.3
 * and 4.5.3.1, with RFC 6531 where the client said SMTPUTF8.
 *
 * A malformed address still gets a normal form (as well as can be), so that
 * no fault gets round a list.
 */
#ifndef SMTP_ADDRESS_H
#define SMTP_ADDRESS_H

#include "base/arena.h"
#include "base/ip.h"

enum fault {
	FAULT_NONE,
#define FAULT(id, word, sentence) FAULT_##id,
#include "smtp/fault.def"
#undef FAULT
	FAULT_COUNT,
	/* What is wrong, if anything, could not be told: memory was out.  It
	 * has no word, and no parsed address has it. */
	FAULT_UNTOLD
};

/* The word of a fault ("local-too-long"); none for FAULT_NONE. */
struct str fault_word(enum fault fault);
/* The sentence that explains it. */
const char *fault_sentence(enum fault fault);

struct address {
	struct str raw;   /* as typed, brackets included; borrowed */
	struct str norm;  /* normal form; "" is the null path <> */
	struct str local; /* part of norm before its @; none for <> */
	struct str
	    domain; /* part of norm behind its @; none if there is none */
	enum fault fault;
};

enum path_kind {
	PATH_REVERSE, /* MAIL FROM: <> is the null path */
	PATH_FORWARD, /* RCPT TO: <Postmaster> is valid, <> is a fault */
	PATH_MAILBOX, /* in a policy or list: no brackets; must be valid */
};

/*
 * Parses a path as the client typed it (the argument without "FROM:" and
 * without ESMTP parameters).  Brackets may be missing (non-SMTP mail); an
 * empty string is the null path at PATH_REVERSE.
 *
 * The normal form: brackets and source route dropped; quotes dropped and
 * put back only where the local part needs them; domain in lower case, as
 * A-labels, without a final dot; split at the last @ outside quotes; an
 * unclosed quote runs to the end of the local part; white space and comments
 * outside quotes dropped.  Case of the local part is kept (comparisons fold
 * it).  "user@" has domain "" and fault
 * empty-domain.
 *
 * raw is borrowed.  So are norm, local and domain where what was typed is in
 * normal form, brackets and source route apart: then nothing is allocated.
 * Else they live in `arena`.
 * False only when the arena failed.
 */
bool address_parse(struct str raw, enum path_kind kind, bool smtputf8,
    struct arena *arena, struct address *address_r);

/*
 * The normal form of a domain or of an address literal: lower case,
 * A-labels (libidn2; a label it refuses stays as it is, in lower case), no
 * final dot; a literal with its address in canonical form ("[192.0.2.1]",
 * "[ipv6:2001:db8::1]").  In `arena`; none when the arena failed.
 */
struct str domain_normal(struct str name, struct arena *arena);

/*
 * What is wrong with a domain name (not a literal), FAULT_NONE if nothing.
 * RFC 5321 4.1.2 Domain; one label is enough; underscores are a fault here
 * and allowed in lists; U-labels only with `utf8`.  A-labels must be what
 * libidn2 makes of a U-label; U-labels may need its mapping (capitals, other
 * forms than NFC), but what IDNA 2008 disallows is a fault in both forms.
 * FAULT_UNTOLD when libidn2 has no memory.
 */
enum fault domain_fault(struct str name, bool utf8);

/*
 * What is wrong with "[...]", an address literal (RFC 5321 4.1.3): IPv4, or
 * IPv6 with its tag.  Where it is right and ip_r is not NULL, the address.
 */
enum fault literal_fault(struct str literal, struct ip *ip_r);

/*
 * What is wrong with the argument of HELO or EHLO: a domain or a literal.
 * ip_r (may be NULL) is set to the address of a literal or of a bare
 * address (which is FAULT_BARE_IP), else to family IP_NONE.  FAULT_UNTOLD
 * when libidn2 has no memory.
 */
enum fault helo_fault(struct str argument, struct ip *ip_r);

#endif
