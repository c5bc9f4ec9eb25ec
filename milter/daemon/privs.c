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
privileges_no_answer(int error)
{
	switch (error) {
	case EINTR:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return true;
	default:
		return false;
	}
}

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
		errno = 0;
		pw = getpwnam(buf_cstr(&b));
		if (pw == NULL && privileges_no_answer(errno))
			return why_set(why, "cannot look for user \"%.*s\": %s",
			    STR_FMT(user), strerror(errno));
		if (pw == NULL)
			return why_set(why,
			    "there is no user \"%.*s\" on this machine; make "
			    "it: adduser --system --group --no-create-home "
			    "%.*s",
			    STR_FMT(user), STR_FMT(user));
		*uid_r = pw->pw_uid;
		*gid_r = pw->pw_gid;
	}
	b.n = 0;
	if (group.n > 0) {
		buf_str_add(&b, group);
		errno = 0;
		gr = getgrnam(buf_cstr(&b));
		if (gr == NULL && privileges_no_answer(errno))
			return why_set(why,
			    "cannot look for group \"%.*s\": %s",
			    STR_FMT(group), strerror(errno));
		if (gr == NULL)
			return why_set(why,
			    "there is no group \"%.*s\" on this machine; make "
			    "it: addgroup --system %.*s",
			    STR_FMT(group), STR_FMT(group));
		*gid_r = gr->gr_gid;
	}
	return true;
}

/* Groups first: after the user there is no right to change them. */
static bool
become(struct str user, uid_t uid, gid_t gid)
{
	char text[128];
	struct buf b = BUF_ON(text);

	buf_str_add(&b, user);
	return initgroups(buf_cstr(&b), gid) == 0 &&
	       setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0 &&
	       (uid == 0 || setuid(0) != 0);
}

/* Nothing of root's is left in memory that a core file could not have; and
 * without that mark, /proc/self belongs to root. */
static bool
no_way_back(struct why *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0)
		return true;
	return why_set(why, "cannot give up privileges: %s", strerror(errno));
}

static bool
why_other(struct str user, struct str group, struct why *why)
{
	char text[256];
	struct buf b = BUF_ON(text);

	if (user.n > 0)
		buf_printf(&b, "user \"%.*s\"", STR_FMT(user));
	if (group.n > 0)
		buf_printf(&b, "%sgroup \"%.*s\"", b.n > 0 ? " with " : "",
		    STR_FMT(group));
	return why_set(why,
	    "only root can become %s: start as root, or as that already; or "
	    "leave the lines user and group out of the policy",
	    buf_cstr(&b));
}

bool
privileges_can(struct str user, struct str group, struct why *why)
{
	uid_t uid;
	gid_t gid;

	if (!privileges_find(user, group, &uid, &gid, why))
		return false;
	if (geteuid() == 0 && user.n == 0)
		return why_set(why,
		    "this is root, which a mail filter does not need: write "
		    "into the policy whom to become, such as: user portreeve "
		    "(an account made by: adduser --system --group "
		    "--no-create-home portreeve); or, if root is really "
		    "wanted: user root");
	if (geteuid() != 0 && (uid != geteuid() || gid != getegid()))
		return why_other(user, group, why);
	return true;
}

bool
privileges_drop(struct str user, struct str group, struct why *why)
{
	uid_t uid;
	gid_t gid;

	if (!privileges_can(user, group, why) ||
	    !privileges_find(user, group, &uid, &gid, why))
		return false;
	if (geteuid() == 0 && !become(user, uid, gid))
		return why_set(why, "cannot become user \"%.*s\": %s",
		    STR_FMT(user), strerror(errno));
	return no_way_back(why);
}
