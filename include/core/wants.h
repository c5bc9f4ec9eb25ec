/*
 * wants - what a policy asks of a mail server: which events, in which of them
 * it may speak, which macros, which changes at the end of a message.
 *
 * Without libmilter: the daemon makes its bits from it (daemon/plan.h), and
 * `check --plan` tells it.  The less is asked, the cheaper a session: see
 * ARCHITECTURE, "Speed comes from not being asked".
 */
#ifndef CORE_WANTS_H
#define CORE_WANTS_H

#include "lang/policy.h"

/* The events of the milter protocol, in the order in which they come. */
enum want {
	WANT_CONNECT,
	WANT_HELO,
	WANT_MAIL,
	WANT_RCPT,
	WANT_DATA,
	WANT_HEADER, /* one header field */
	WANT_EOH,    /* the end of the header */
	WANT_BODY,   /* a piece of the body */
	WANT_EOM,    /* the end of the message: cannot be declined */
	WANT_UNKNOWN,
	WANT_COUNT
};

enum {
	WANTS_MACROS_MAX = 50, /* a stage; Sendmail reads no more */
};

struct wants {
	bool nothing;           /* no rules and no log: no event at all */
	bool comes[WANT_COUNT]; /* the event is asked for */
	/* The reply could be other than "go on". */
	bool speaks[WANT_COUNT];
	/* The mail server is to wait for the reply; otherwise it is told not
	 * to (where the protocol lets us say so). */
	bool waits[WANT_COUNT];
	bool refused; /* recipients that the mail server itself refuses */
	bool add_header;
	bool quarantine;
};

/* "connect", "end of header", ... */
const char *want_name(enum want want);
/* The stage whose rules are asked at that event. */
enum stage want_stage(enum want want);

/* `pass`: the log takes a line for each message that went through. */
void wants_find(const struct policy *policy, bool pass, struct wants *wants_r);
/* The same from the `log` lines of the policy. */
bool wants_pass(const struct policy *policy);

/*
 * The macros that the mail server is to send with that stage, as libmilter
 * names them; the result is how many.  0: then it sends what it is
 * configured to.
 */
size_t wants_macros(const struct policy *policy, const struct wants *wants,
    enum stage stage, struct str names_r[WANTS_MACROS_MAX]);

#endif
