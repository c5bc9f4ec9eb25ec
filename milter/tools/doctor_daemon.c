/*
 * doctor_daemon - does one run, with what is in the files now?
 *
 * The policy's text is compared by its fingerprint, which the daemon tells;
 * of its list files the daemon tells when they were last changed, in the order
 * in which the policy has them.
 */
#include "tools/doctor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "lang/default.h"
#include "lang/kept.h"
#include "tools/ask_status.h"

enum {
	/* In this time `watch lists` has loaded what has changed. */
	WATCH_S = 90,
};

/* ---- the policy that it runs with --------------------------------------- */

static bool
same_text(const struct doctor *d, const struct status *status)
{
	char room[20];
	struct buf text = BUF_ON(room);

	buf_printf(&text, "%016" PRIx64, d->policy->fingerprint);
	return str_eq(buf_str(&text),
	    status_info(status, METRIC_POLICY_INFO, "fingerprint"));
}

/* Whether it runs with the file that was named. */
static bool
same_file(struct doctor *d, struct str running)
{
	struct stat a;
	struct stat b;

	return stat(doctor_file(d), &a) == 0 &&
	       stat(arena_xstr(d->arena, running).p, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void
mend_reload(struct doctor *d)
{
	finding_mend(&d->findings, "portreeve reload -c %s", doctor_file(d));
}

/* Whether the file was written, or put where it is, since that second. */
static bool
changed_since(struct doctor *d, struct str path, double second)
{
	struct stat st;

	if (stat(arena_xstr(d->arena, path).p, &st) != 0)
		return false;
	return (double)st.st_mtime >= second || (double)st.st_ctime >= second;
}

static void
text_changed(struct doctor *d, const struct status *status)
{
	double loaded = status_number(status, METRIC_LOADED);
	bool known = false;

	for (const struct policy_text *t = d->policy->texts; t != NULL;
	     t = t->next) {
		if (!changed_since(d, t->name, loaded))
			continue;
		finding_add(&d->findings, FINDING_WARNING,
		    "%.*s was changed after it was loaded: the old policy is "
		    "in force",
		    STR_FMT(t->name));
		mend_reload(d);
		known = true;
	}
	if (known)
		return;
	finding_add(&d->findings, FINDING_WARNING,
	    "the policy in force has another text than %s and what it "
	    "includes have now",
	    doctor_file(d));
	mend_reload(d);
}

static void
list_changed(
    struct doctor *d, const struct kept_def *def, const struct kept_file *file)
{
	double then = (double)(clock_system.wall(clock_system.ctx) - WATCH_S);
	bool watched = d->policy->watch_lists;

	if (watched && changed_since(d, file->path, then))
		return;
	finding_add(&d->findings, FINDING_WARNING,
	    "%.*s was changed after it was loaded: the old list %.*s is in "
	    "force%s",
	    STR_FMT(file->path), STR_FMT(def->name),
	    watched ? "; \"watch lists\" should have loaded it, and the log "
		      "says why it did not"
		    : "");
	mend_reload(d);
}

/* The next one that the daemon tells of, from *at on; NULL at the end. */
static const struct series *
next_modified(const struct status *status, size_t *at)
{
	struct str name = str_c(metric_rows[METRIC_LIST_MODIFIED].name);

	while (*at < status->series.n) {
		const struct series *series = &status->series.items[(*at)++];

		if (str_eq(series->name, name))
			return series;
	}
	return NULL;
}

static void
compare_lists(struct doctor *d, const struct status *status)
{
	size_t at = 0;

	for (const struct kept_def *k = d->policy->kept; k != NULL; k = k->next)
		for (uint32_t i = 0; i < k->n_files; i++) {
			const struct series *s = next_modified(status, &at);

			if (s != NULL &&
			    (int64_t)s->number !=
				(int64_t)k->files[i].stamp.mtime.tv_sec)
				list_changed(d, k, &k->files[i]);
		}
}

static void
other_policy(struct doctor *d, struct str running)
{
	if (str_eq(running, STR(DEFAULT_NAME))) {
		finding_add(&d->findings, FINDING_WARNING,
		    "portreeve runs with the policy that is built in; %s was "
		    "not there when it was started",
		    doctor_file(d));
		if (strcmp(doctor_file(d), DEFAULT_FILE) == 0)
			mend_reload(d);
		else
			finding_mend(&d->findings,
			    "restart it with: portreeve run -c %s",
			    doctor_file(d));
		return;
	}
	finding_add(&d->findings, FINDING_WARNING,
	    "portreeve runs with another policy: %.*s", STR_FMT(running));
	finding_mend(
	    &d->findings, "portreeve doctor -c %.*s", STR_FMT(running));
}

static void
daemon_policy(struct doctor *d, const struct status *status, int64_t now)
{
	struct str running = status_info(status, METRIC_POLICY_INFO, "file");
	char room[64];
	struct buf age = BUF_ON(room);

	if (d->policy == NULL) {
		status_print_span(
		    (double)now - status_number(status, METRIC_LOADED), &age);
		finding_add(&d->findings, FINDING_NOTE,
		    "what was loaded %s ago from %.*s stays in force",
		    buf_cstr(&age), STR_FMT(running));
	} else if (same_text(d, status)) {
		compare_lists(d, status);
	} else if (same_file(d, running)) {
		text_changed(d, status);
	} else {
		other_policy(d, running);
	}
}

/* ---- how it fares ------------------------------------------------------- */

/* What only a restart, or time, mends. */
static void
daemon_waits(struct doctor *d, const struct status *status)
{
	double waiting = status_number(status, METRIC_WAITING);
	double lost = status_number(status, METRIC_LOG_DROPPED);

	if (waiting > 0) {
		finding_add(&d->findings, FINDING_WARNING,
		    "%.0f setting%s of the policy in force (of listen, "
		    "control, metrics, user, group) %s for a restart",
		    waiting, waiting == 1 ? "" : "s",
		    waiting == 1 ? "waits" : "wait");
		finding_mend(&d->findings, "systemctl restart portreeve");
	}
	if (status_number(status, METRIC_REFUSING) > 0) {
		finding_add(&d->findings, FINDING_WARNING,
		    "it turns more connections away: it is stopping, or short "
		    "of descriptors");
		finding_mend(&d->findings,
		    "look for \"stopping\" and \"descriptors:\" in its log");
	}
	if (lost > 0) {
		finding_add(&d->findings, FINDING_WARNING,
		    "%.0f log line%s lost", lost,
		    lost == 1 ? " was" : "s were");
		finding_mend(&d->findings,
		    "see whether the disk of the log is full, and whether a "
		    "syslog daemon runs");
	}
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
	daemon_waits(d, status);
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

/* ---- whether there is one ----------------------------------------------- */

/* Why it could not be asked. */
static void
daemon_silent(struct doctor *d, enum ask_end end, const char *why)
{
	if (end == ASK_DENIED) {
		finding_add(&d->findings, FINDING_WARNING,
		    "this user cannot see whether portreeve runs: %s", why);
		finding_mend(&d->findings, "sudo portreeve doctor -c %s",
		    doctor_file(d));
		return;
	}
	finding_add(
	    &d->findings, FINDING_FAULT, "portreeve does not answer: %s", why);
	doctor_start(d);
}

void
doctor_daemon(struct doctor *d)
{
	struct status status;
	struct why why = { .text = "" };
	char room[64];
	struct buf up = BUF_ON(room);
	int64_t now = clock_system.wall(clock_system.ctx);
	enum ask_end end;

	end = ask_status(&d->ask, d->arena, &status, &why);
	if (end != ASK_OK) {
		daemon_silent(d, end, why.text);
		return;
	}
	status_print_span(
	    (double)now - status_number(&status, METRIC_STARTED), &up);
	finding_add(&d->findings, FINDING_OK,
	    "portreeve runs, for %s; sessions open: %.0f", buf_cstr(&up),
	    status_number(&status, METRIC_OPEN));
	daemon_policy(d, &status, now);
	daemon_troubles(d, &status);
}
