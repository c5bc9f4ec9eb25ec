/*
 * doctor - looks at policy, daemon and mail server as a colleague would;
 * changes nothing.
 */
#ifndef TOOLS_DOCTOR_H
#define TOOLS_DOCTOR_H

#include "tools/ask.h"
#include "tools/finding.h"

struct doctor {
	struct arena *arena;
	struct findings findings;
	struct ask ask;        /* the policy and its control socket */
	const char *postfix;   /* directory of main.cf; NULL: the usual */
	const char *sendmail;  /* sendmail.cf; NULL: the usual */
	struct policy *policy; /* NULL: it does not load */
	unsigned servers;      /* mail servers found */
};

/* Does the policy load?  Fills d->policy. */
void doctor_policy(struct doctor *d);
/* Does a daemon run with it, and how does it fare? */
void doctor_daemon(struct doctor *d);
/* Is Postfix attached, and can its smtpd reach the socket?  Nothing is found
 * where there is no Postfix. */
void doctor_postfix(struct doctor *d);
/* The same of Sendmail. */
void doctor_sendmail(struct doctor *d);

/*
 * The finding for a socket that `who` (a sentence's subject) cannot reach;
 * true if nothing is in the way.
 */
struct obstacle;
struct account;
bool doctor_obstacle(struct doctor *d, const char *who,
    const struct account *account, const struct obstacle *o);

#endif
