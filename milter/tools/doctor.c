/*
 * doctor - policy, daemon, and what can stand before a socket.
 */
#include "tools/doctor.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "lang/default.h"
#include "tools/ask_status.h"
#include "tools/reach.h"

/* ---- the policy --------------------------------------------------------- */

void
doctor_policy(struct doctor *d)
{
	struct diags diags;
	const char *file = d->ask.file;

	diags_init(&diags, d->arena);
	d->policy = policy_load(file, &diags);
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

/* ---- the daemon --------------------------------------------------------- */

/* Whether it runs with the file that was named. */
static bool
same_file(struct doctor *d, struct str running)
{
	struct stat a;
	struct stat b;

	return stat(d->ask.file, &a) == 0 &&
	       stat(arena_xstr(d->arena, running).p, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void
daemon_policy(struct doctor *d, const struct status *status)
{
	struct str file = status_info(status, METRIC_POLICY_INFO, "file");
	struct stat st;

	if (!same_file(d, file)) {
		finding_add(&d->findings, FINDING_WARNING,
		    "portreeve runs with another policy: %.*s", STR_FMT(file));
		finding_mend(
		    &d->findings, "portreeve doctor -c %.*s", STR_FMT(file));
		return;
	}
	if (stat(d->ask.file, &st) != 0 ||
	    (double)st.st_mtime <= status_number(status, METRIC_LOADED))
		return;
	finding_add(&d->findings, FINDING_WARNING,
	    "%s was changed after it was loaded: the old policy is in force",
	    d->ask.file);
	finding_mend(&d->findings, "portreeve reload -c %s", d->ask.file);
}

static void
daemon_troubles(struct doctor *d, const struct status *status)
{
	struct str version = status_info(status, METRIC_BUILD_INFO, "version");
	double restarts = status_number(status, METRIC_RESTARTS);
	double undecided = status_number(status, METRIC_UNDECIDED) +
			   status_number(status, METRIC_NO_MEMORY);

	if (!str_eq(version, str_c(PACKAGE_VERSION)))
		finding_add(&d->findings, FINDING_WARNING,
		    "portreeve %.*s runs, and %s is installed: restart it",
		    STR_FMT(version), PACKAGE_VERSION);
	if (restarts > 0) {
		finding_add(&d->findings, FINDING_WARNING,
		    "its filter process died %.0f time%s; the log says of what",
		    restarts, restarts == 1 ? "" : "s");
		finding_mend(
		    &d->findings, "look for \"the filter process\" in its log");
	}
	if (undecided > 0) {
		finding_add(&d->findings, FINDING_WARNING,
		    "%.0f condition%s could not be told: on error decided; the "
		    "log gives rules and reasons",
		    undecided, undecided == 1 ? "" : "s");
		finding_mend(
		    &d->findings, "look for \"could not be told\" in its log");
	}
}

/* Why it could not be asked. */
static void
daemon_silent(struct doctor *d, enum ask_end end, const char *why)
{
	if (end == ASK_DENIED) {
		finding_add(&d->findings, FINDING_WARNING,
		    "this user cannot see whether portreeve runs: %s", why);
		finding_mend(
		    &d->findings, "sudo portreeve doctor -c %s", d->ask.file);
		return;
	}
	finding_add(
	    &d->findings, FINDING_FAULT, "portreeve does not answer: %s", why);
	finding_mend(&d->findings,
	    "systemctl start portreeve, or: portreeve run -c %s", d->ask.file);
}

void
doctor_daemon(struct doctor *d)
{
	struct status status;
	struct why why = { .text = "" };
	char room[64];
	struct buf up = BUF_ON(room);
	enum ask_end end;

	end = ask_status(&d->ask, d->arena, &status, &why);
	if (end != ASK_OK) {
		daemon_silent(d, end, why.text);
		return;
	}
	status_print_span((double)clock_system.wall(clock_system.ctx) -
			      status_number(&status, METRIC_STARTED),
	    &up);
	finding_add(&d->findings, FINDING_OK,
	    "portreeve runs, for %s; sessions open: %.0f", buf_cstr(&up),
	    status_number(&status, METRIC_OPEN));
	daemon_policy(d, &status);
	daemon_troubles(d, &status);
}

/* ---- obstacles ---------------------------------------------------------- */

static void
mend_search(
    struct doctor *d, const struct account *account, const struct obstacle *o)
{
	if ((o->mode & 010) != 0 || (o->mode & 070) == 0)
		finding_mend(&d->findings, "chgrp %.*s %.*s && chmod g+x %.*s",
		    STR_FMT(account->name), STR_FMT(o->path), STR_FMT(o->path));
	else
		finding_mend(&d->findings, "chmod g+x %.*s", STR_FMT(o->path));
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
		mend_search(d, account, o);
	else
		finding_mend(&d->findings,
		    "in the listen line of %s: mode 0660 group %.*s; then "
		    "restart portreeve",
		    d->ask.file, STR_FMT(account->name));
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
		finding_mend(
		    &d->findings, "sudo portreeve doctor -c %s", d->ask.file);
		break;
	case OBSTACLE_ERROR:
		finding_add(&d->findings, FINDING_FAULT,
		    "%s cannot connect to %.*s: %s", who, STR_FMT(o->path),
		    strerror(o->error));
		break;
	}
	return false;
}
