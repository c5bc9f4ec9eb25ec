/*
 * privs - giving up root.
 */
#ifndef DAEMON_PRIVS_H
#define DAEMON_PRIVS_H

#include <sys/types.h>

#include "base/diag.h"

/* The ids of these accounts; those that the process has, where the name is
 * none.  A group that is none is the user's own. */
bool privileges_find(struct str user, struct str group, uid_t *uid_r,
    gid_t *gid_r, struct why *why);

/* Whether that errno of getpwnam() or getgrnam() says that it could not look,
 * and not that there is none. */
bool privileges_no_answer(int error);

/* Whether privileges_drop() can succeed, as far as can be told before; else
 * *why says what to write instead. */
bool privileges_can(struct str user, struct str group, struct why *why);

/*
 * Becomes `user` and `group` for good, without a way to gain anything by
 * running a program; none: stays what it is (a group that is none is the
 * user's own).  False with *why if that cannot be done; so it is for root
 * where `user` is none: who means that says "root".
 */
bool privileges_drop(struct str user, struct str group, struct why *why);

#endif
