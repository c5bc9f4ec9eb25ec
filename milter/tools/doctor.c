/*
 * doctor - the policy, and what can stand before a socket.
 */
#include "tools/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lang/default.h"
#include "tools/reach.h"

const char *
doctor_file(const struct doctor *d)
{
	return d->ask.file == NULL ? DEFAULT_FILE : d->ask.file;
}

/* ---- the policy --------------------------------------------------------- */

void
doctor_policy(struct doctor *d)
{
	struct diags diags;
	const char *file = doctor_file(d);

	diags_init(&diags, d->arena);
	d->policy = policy_load(d->ask.file, &diags);
	if (d->policy == NULL) {
		finding_add(&d->findings, FINDING_FAULT,
		    "the policy %s does not load: %zu error%s", file,
		    diags.errors, diags.errors == 1 ? "" : "s");
		finding_mend(&d->findings, "portreeve check -c %s", file);
		return;
	}
	finding_add(&d->findings, FINDING_OK, "the policy %s loads: %u rule%s",
	    file, d->policy->n_rules, d->policy->n_rules == 1 ? "" : "s");
	if (str_eq(d->policy->file, STR(DEFAULT_NAME))) {
		finding_add(&d->findings, FINDING_NOTE,
		    "there is no such file: it is the default policy");
		finding_mend(
		    &d->findings, "portreeve print --default > %s", file);
	}
	if (diags.warnings > 0) {
		finding_add(&d->findings, FINDING_NOTE,
		    "it loads with %zu warning%s", diags.warnings,
		    diags.warnings == 1 ? "" : "s");
		finding_mend(&d->findings, "portreeve check -c %s", file);
	}
	if (d->policy->listen.address.n > 0)
		return;
	finding_add(&d->findings, FINDING_FAULT,
	    "it does not say where to listen: no mail server can ask it");
	finding_mend(&d->findings,
	    "in %s: listen \"unix:/var/spool/postfix/portreeve/"
	    "portreeve.sock\" mode 0660 group postfix",
	    file);
}

/* ---- obstacles ---------------------------------------------------------- */

/* The errno of the kinds that are not told in words. */
static int
error_of(const struct obstacle *o)
{
	switch (o->kind) {
	case OBSTACLE_MISSING:
		return ENOENT;
	case OBSTACLE_NO_SOCKET:
		return ENOTSOCK;
	case OBSTACLE_NOBODY:
		return ECONNREFUSED;
	case OBSTACLE_NONE:
	case OBSTACLE_SEARCH:
	case OBSTACLE_PERMISSION:
	case OBSTACLE_UNSEEN:
	case OBSTACLE_ERROR:
		break;
	}
	return o->error;
}

struct str
doctor_reason(struct doctor *d, const struct obstacle *o)
{
	if (o->kind == OBSTACLE_SEARCH || o->kind == OBSTACLE_PERMISSION)
		return arena_printf(d->arena,
		    "%s%.*s belongs to %.*s with mode %04o",
		    o->kind == OBSTACLE_SEARCH ? "the directory " : "",
		    STR_FMT(o->path), STR_FMT(o->owner), o->mode);
	return arena_printf(
	    d->arena, "%.*s: %s", STR_FMT(o->path), strerror(error_of(o)));
}

void
doctor_mend_permission(struct doctor *d, const struct account *account,
    const struct obstacle *o, const char *letters)
{
	struct findings *f = &d->findings;

	if (account->uid == o->uid)
		finding_mend(f, "chmod u+%s %.*s", letters, STR_FMT(o->path));
	else if (account_in_group(account, o->gid))
		finding_mend(f, "chmod g+%s %.*s", letters, STR_FMT(o->path));
	else
		finding_mend(f, "chgrp %.*s %.*s && chmod g+%s %.*s",
		    STR_FMT(group_name(account->gid, d->arena)),
		    STR_FMT(o->path), letters, STR_FMT(o->path));
}

static void
mend_listen(struct doctor *d, const struct account *account)
{
	finding_mend(&d->findings,
	    "in the listen line of %s: mode 0660 group %.*s; then restart "
	    "portreeve",
	    doctor_file(d), STR_FMT(group_name(account->gid, d->arena)));
}

static void
blocked(struct doctor *d, const char *who, const struct account *account,
    const struct obstacle *o)
{
	const char *what =
	    o->kind == OBSTACLE_SEARCH ? "the directory" : "the socket";

	finding_add(&d->findings, FINDING_FAULT,
	    "%s cannot reach the socket: %s %.*s belongs to %.*s with mode "
	    "%04o, and it runs as %.*s",
	    who, what, STR_FMT(o->path), STR_FMT(o->owner), o->mode,
	    STR_FMT(account->name));
	if (o->kind == OBSTACLE_SEARCH)
		doctor_mend_permission(d, account, o, "x");
	else
		mend_listen(d, account);
}

/* Whose the socket will be, as far as the policy and its directory say. */
static bool
socket_owner(struct doctor *d, uid_t *uid_r, gid_t *gid_r)
{
	const struct setting_listen *listen = &d->policy->listen;
	struct str path = str_from(listen->address, strlen("unix:"));
	struct account owner;
	struct stat st;

	*uid_r = d->user == NULL ? 0 : d->user->uid;
	if (listen->user.n > 0 && account_find(listen->user, d->arena, &owner))
		*uid_r = owner.uid;
	if (listen->group.n > 0)
		return group_find(listen->group, d->arena, gid_r);
	if (stat(arena_xstr(d->arena, str_directory(path)).p, &st) != 0)
		return false;
	*gid_r = st.st_gid;
	return (st.st_mode & S_ISGID) != 0;
}

/* It is not there now; would the account get at it? */
static void
promised(struct doctor *d, const char *who, const struct account *account)
{
	unsigned mode = d->policy->listen.mode;
	uid_t uid;
	gid_t gid;

	if (mode == 0)
		mode = LISTEN_MODE;
	if (!str_starts(d->policy->listen.address, STR("unix:")) ||
	    !socket_owner(d, &uid, &gid) ||
	    account_may(account, uid, gid, mode, 2))
		return;
	finding_add(&d->findings, FINDING_FAULT,
	    "once portreeve runs, %s could not connect: the socket gets mode "
	    "%04o and group %.*s, and it runs as %.*s",
	    who, mode, STR_FMT(group_name(gid, d->arena)),
	    STR_FMT(account->name));
	mend_listen(d, account);
}

bool
doctor_obstacle(struct doctor *d, const char *who,
    const struct account *account, const struct obstacle *o)
{
	switch (o->kind) {
	case OBSTACLE_NONE:
		return true;
	case OBSTACLE_SEARCH:
	case OBSTACLE_PERMISSION:
		blocked(d, who, account, o);
		break;
	case OBSTACLE_MISSING:
		finding_add(&d->findings, FINDING_FAULT,
		    "%s finds nothing at %.*s", who, STR_FMT(o->path));
		finding_mend(&d->findings,
		    "start portreeve; if it runs, compare its listen line "
		    "with this path");
		promised(d, who, account);
		break;
	case OBSTACLE_NO_SOCKET:
		finding_add(&d->findings, FINDING_FAULT,
		    "%s finds no socket at %.*s, but something else", who,
		    STR_FMT(o->path));
		finding_mend(&d->findings,
		    "move %.*s away and restart portreeve", STR_FMT(o->path));
		break;
	case OBSTACLE_NOBODY:
		finding_add(&d->findings, FINDING_FAULT,
		    "%s finds the socket %.*s, and nobody listens on it", who,
		    STR_FMT(o->path));
		finding_mend(&d->findings, "start portreeve");
		break;
	case OBSTACLE_UNSEEN:
		finding_add(&d->findings, FINDING_WARNING,
		    "this user cannot see whether %s reaches %.*s", who,
		    STR_FMT(o->path));
		finding_mend(&d->findings, "sudo portreeve doctor -c %s",
		    doctor_file(d));
		break;
	case OBSTACLE_ERROR:
		finding_add(&d->findings, FINDING_FAULT,
		    "%s cannot connect to %.*s: %s", who, STR_FMT(o->path),
		    strerror(o->error));
		break;
	}
	return false;
}
