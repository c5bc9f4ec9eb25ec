/*
 * privs - giving up root, before any thread and after the socket.
 */
#include "daemon/privs.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"

bool
privileges_find(struct str user, struct str group, uid_t *uid_r, gid_t *gid_r,
    struct why *why)
{
	char text[128];
	struct buf b = BUF_ON(text);
	const struct passwd *pw;
	const struct group *gr;

	*uid_r = geteuid();
	*gid_r = getegid();
	if (user.n > 0) {
		buf_str_add(&b, user);
		pw = getpwnam(buf_cstr(&b));
		if (pw == NULL)
			return why_set(why,
			    "there is no user \"%.*s\" on this machine; make "
			    "it: adduser --system --group %.*s",
			    STR_FMT(user), STR_FMT(user));
		*uid_r = pw->pw_uid;
		*gid_r = pw->pw_gid;
	}
	b.n = 0;
	if (group.n > 0) {
		buf_str_add(&b, group);
		gr = getgrnam(buf_cstr(&b));
		if (gr == NULL)
			return why_set(why,
			    "there is no group \"%.*s\" on this machine; make "
			    "it: addgroup --system %.*s",
			    STR_FMT(group), STR_FMT(group));
		*gid_r = gr->gr_gid;
	}
	return true;
}

bool
privileges_drop(struct str user, struct str group, struct why *why)
{
	char text[128];
	struct buf b = BUF_ON(text);
	uid_t uid;
	gid_t gid;
	bool ok;

	if (user.n == 0 && group.n == 0)
		return true;
	if (!privileges_find(user, group, &uid, &gid, why))
		return false;
	if (uid == geteuid() && gid == getegid() && geteuid() != 0)
		return true;
	if (geteuid() != 0)
		return why_set(why,
		    "only root can become user \"%.*s\" and group \"%.*s\": "
		    "start as root, or leave these lines out of the policy",
		    STR_FMT(user), STR_FMT(group));
	buf_str_add(&b, user);
	ok = (user.n > 0 ? initgroups(buf_cstr(&b), gid)
			 : setgroups(1, &gid)) == 0 &&
	     setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0 &&
	     prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	if (!ok)
		return why_set(why, "cannot become user \"%.*s\": %s",
		    STR_FMT(user), strerror(errno));
	return true;
}
