/*
 * doctor_files - whether the user that portreeve runs as can have what the
 * policy names.
 *
 * Who looks is root, mostly, and may read and write all; so it is tried as
 * that user.  A start as root reads the files before it becomes the user: what
 * shows first is a reload that fails.
 */
#include "tools/doctor.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/kept.h"
#include "tools/reach.h"

#define SYSLOG_SOCKET "/dev/log"
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* ---- the user ----------------------------------------------------------- */

void
doctor_user(struct doctor *d)
{
	struct account *account = arena_xalloc(d->arena, sizeof *account);
	const struct policy *policy = d->policy;

	if (policy == NULL || str_is_none(policy->user))
		return;
	if (!account_find(policy->user, d->arena, account)) {
		finding_add(&d->findings, FINDING_FAULT,
		    "the policy says user %.*s, and there is no such account: "
		    "portreeve does not start",
		    STR_FMT(policy->user));
		finding_mend(&d->findings,
		    "adduser --system --group --no-create-home %.*s",
		    STR_FMT(policy->user));
		return;
	}
	if (!str_is_none(policy->group) &&
	    !group_find(policy->group, d->arena, &account->gid)) {
		finding_add(&d->findings, FINDING_FAULT,
		    "the policy says group %.*s, and there is no such group: "
		    "portreeve does not start",
		    STR_FMT(policy->group));
		finding_mend(&d->findings, "addgroup --system %.*s",
		    STR_FMT(policy->group));
		return;
	}
	d->user = account;
}

/* ---- what it reads ------------------------------------------------------ */

/* From the root directory, since it is not said where portreeve is started. */
static struct str
absolute(struct doctor *d, struct str path)
{
	char here[PATH_MAX];

	if (str_starts(path, STR("/")) || getcwd(here, sizeof here) == NULL)
		return path;
	return arena_printf(d->arena, "%s/%.*s", here, STR_FMT(path));
}

static struct obstacle
obstacle_to(struct doctor *d, enum reach_goal goal, struct str path)
{
	struct reach reach = { .account = d->user,
		.goal = goal,
		.root = STR(""),
		.cwd = STR(""),
		.path = absolute(d, path) };
	struct obstacle o;

	reach_try(&reach, d->arena, &o);
	return o;
}

/* *told_r: the directory in the way that was told of last. */
static void
check_read(struct doctor *d, struct str file, struct str *told_r)
{
	struct obstacle o = obstacle_to(d, REACH_READ, file);

	if (o.kind == OBSTACLE_NONE || o.kind == OBSTACLE_UNSEEN ||
	    str_eq(o.path, *told_r))
		return;
	finding_add(&d->findings, FINDING_WARNING,
	    "portreeve runs as %.*s, which cannot read %.*s, so that a reload "
	    "fails: %.*s",
	    STR_FMT(d->user->name), STR_FMT(file),
	    STR_FMT(doctor_reason(d, &o)));
	if (o.kind == OBSTACLE_SEARCH)
		doctor_mend_permission(d, d->user, &o, "x");
	else if (o.kind == OBSTACLE_PERMISSION)
		doctor_mend_permission(d, d->user, &o, "r");
	*told_r = o.path;
}

static void
check_reads(struct doctor *d)
{
	struct str told = STR_NONE;

	for (const struct policy_text *t = d->policy->texts; t != NULL;
	     t = t->next)
		check_read(d, t->name, &told);
	for (const struct kept_def *k = d->policy->kept; k != NULL; k = k->next)
		for (uint32_t i = 0; i < k->n_files; i++)
			check_read(d, k->files[i].path, &told);
}

/* ---- where it logs ------------------------------------------------------ */

static void
check_log_file(struct doctor *d, struct str file)
{
	struct str path = absolute(d, file);
	struct stat st;
	bool there = stat(arena_xstr(d->arena, path).p, &st) == 0;
	struct obstacle o = obstacle_to(d, there ? REACH_WRITE : REACH_MAKE,
	    there ? path : str_directory(path));

	if (o.kind == OBSTACLE_NONE || o.kind == OBSTACLE_UNSEEN)
		return;
	finding_add(&d->findings, FINDING_FAULT,
	    "portreeve runs as %.*s, which cannot write the log file %.*s: "
	    "%.*s",
	    STR_FMT(d->user->name), STR_FMT(file),
	    STR_FMT(doctor_reason(d, &o)));
	if (o.kind == OBSTACLE_MISSING)
		finding_mend(&d->findings, "install -d -o %.*s -m 0750 %.*s",
		    STR_FMT(d->user->name), STR_FMT(str_directory(path)));
	else if (o.kind == OBSTACLE_SEARCH)
		doctor_mend_permission(d, d->user, &o, "x");
	else if (o.kind == OBSTACLE_PERMISSION)
		finding_mend(&d->findings, "chown %.*s %.*s",
		    STR_FMT(d->user->name), STR_FMT(o.path));
}

/* Somebody must be there to take the lines. */
static bool
is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && errno == ENOENT;
}

static void
check_syslog(struct doctor *d)
{
	if (!is_missing(SYSLOG_SOCKET))
		return;
	finding_add(&d->findings, FINDING_WARNING,
	    "the policy says log syslog, and there is no " SYSLOG_SOCKET
	    ": these lines are lost");
	finding_mend(&d->findings,
	    "start a syslog daemon (apt install rsyslog), or write into the "
	    "policy: log file \"/var/log/portreeve/log\"");
}

static void
check_journal(struct doctor *d)
{
	if (!is_missing(JOURNAL_SOCKET))
		return;
	finding_add(&d->findings, FINDING_FAULT,
	    "the policy says log journal, and there is no " JOURNAL_SOCKET
	    ": portreeve does not start");
	finding_mend(&d->findings,
	    "in %s: log syslog; or, where there is systemd: systemctl start "
	    "systemd-journald.socket",
	    doctor_file(d));
}

static void
check_log(struct doctor *d, const struct setting_log *log)
{
	switch (log->target) {
	case LOG_TO_SYSLOG:
		check_syslog(d);
		break;
	case LOG_TO_JOURNAL:
		check_journal(d);
		break;
	case LOG_TO_FILE:
		if (d->user != NULL)
			check_log_file(d, log->value);
		break;
	case LOG_TO_STDERR:
		break;
	}
}

void
doctor_files(struct doctor *d)
{
	if (d->policy == NULL)
		return;
	if (d->user != NULL)
		check_reads(d);
	for (const struct setting_log *l = d->policy->logs; l != NULL;
	     l = l->next)
		check_log(d, l);
}
