/*
 * doctor - looks at policy, daemon and mail server as a colleague would;
 * changes nothing.
 */
#ifndef TOOLS_DOCTOR_H
#define TOOLS_DOCTOR_H

#include "tools/ask.h"
#include "tools/finding.h"

struct account;
struct obstacle;

struct doctor {
	struct arena *arena;
	struct findings findings;
	struct ask ask;        /* the policy and its control socket */
	const char *postfix;   /* directory of main.cf; NULL: the usual */
	const char *sendmail;  /* sendmail.cf; NULL: the usual */
	struct policy *policy; /* NULL: it does not load */
	struct account *user;  /* that the policy names; NULL: none, or there
				* is no such account */
	unsigned servers;      /* mail servers found */
};

/* The policy's file, named or not. */
const char *doctor_file(const struct doctor *d);

/* Does the policy load?  Fills d->policy. */
void doctor_policy(struct doctor *d);
/* Is there the user that it names?  Fills d->user. */
void doctor_user(struct doctor *d);
/* Does a daemon run with it, as it is now in its files, and how does it fare?
 * If none runs: doctor_start(). */
void doctor_daemon(struct doctor *d);
/* What would keep a start from succeeding, what the last one said, and how to
 * start it. */
void doctor_start(struct doctor *d);
/* Can d->user have the files that the policy names, and is there somebody to
 * take the log? */
void doctor_files(struct doctor *d);
/* Is Postfix attached, and can its smtpd reach the socket?  Nothing is found
 * where there is no Postfix. */
void doctor_postfix(struct doctor *d);
/* The same of Sendmail. */
void doctor_sendmail(struct doctor *d);

/*
 * The finding for a socket that `who` (a sentence's subject) cannot reach;
 * true if nothing is in the way.
 */
bool doctor_obstacle(struct doctor *d, const char *who,
    const struct account *account, const struct obstacle *o);

/* What is in the way: "the directory /x belongs to root:root with mode 0700",
 * "/x: Connection refused". */
struct str doctor_reason(struct doctor *d, const struct obstacle *o);

/* The mend for an obstacle that is a matter of permission: `letters` of
 * chmod(1). */
void doctor_mend_permission(struct doctor *d, const struct account *account,
    const struct obstacle *o, const char *letters);

#endif
