/*
 * privs - giving up root.
 */
#ifndef DAEMON_PRIVS_H
#define DAEMON_PRIVS_H

#include "base/diag.h"

/*
 * Becomes `user` and `group` for good; none: stays what it is (a group that
 * is none is the user's own).  False with *why if that cannot be done.
 */
bool privileges_drop(struct str user, struct str group, struct why *why);

#endif
