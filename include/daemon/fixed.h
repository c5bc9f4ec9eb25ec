/*
 * fixed - the settings of a policy that a start alone puts in effect: the
 * sockets, and whom the process becomes.
 *
 * A reload can bring others; what is in effect are still those of the start,
 * however many reloads and filter processes there were since.
 */
#ifndef DAEMON_FIXED_H
#define DAEMON_FIXED_H

#include "base/buf.h"
#include "lang/policy.h"

struct fixed;

/* Those of this policy, which need not live on; NULL when memory is out. */
struct fixed *fixed_new(const struct policy *policy);
void fixed_free(struct fixed *fixed);

/* How many of the policy's are others; `names_r` (NULL: none wanted) gets
 * "listen, user". */
unsigned fixed_waiting(const struct fixed *fixed, const struct policy *policy,
    struct buf *names_r);

#endif
