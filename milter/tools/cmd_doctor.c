/*
 * cmd_doctor - portreeve doctor: what is wrong with this machine, and what
 * mends it.
 */
#include "tools/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* What this user cannot read says nothing about who has to. */
static bool
may_look(struct doctor *d)
{
	if (access(doctor_file(d), R_OK) == 0 || errno != EACCES)
		return true;
	finding_add(&d->findings, FINDING_WARNING,
	    "this user cannot read the policy %s", doctor_file(d));
	finding_mend(
	    &d->findings, "sudo portreeve doctor -c %s", doctor_file(d));
	return false;
}

static void
look(struct doctor *d)
{
	if (!may_look(d))
		return;
	doctor_policy(d);
	doctor_user(d);
	doctor_daemon(d);
	doctor_files(d);
	doctor_postfix(d);
	doctor_sendmail(d);
	if (d->servers == 0)
		finding_add(&d->findings, FINDING_WARNING,
		    "there is no Postfix and no Sendmail on this machine, or "
		    "not in their usual places (--postfix, --sendmail)");
	if (geteuid() != 0)
		finding_add(&d->findings, FINDING_NOTE,
		    "root sees more: what another account can reach was not "
		    "tried, but read off permissions");
}

int
cmd_doctor(const struct command *self, int argc, char **argv)
{
	struct doctor d = { .arena = NULL };
	const struct cmd_option options[] = {
		ASK_OPTIONS(d.ask),
		{ "--postfix", 0, "DIR",
		    "the directory of main.cf, instead of the usual one", NULL,
		    &d.postfix },
		{ "--sendmail", 0, "FILE",
		    "the sendmail.cf, instead of /etc/mail/sendmail.cf", NULL,
		    &d.sendmail },
	};
	int status = options_only(
	    self, options, sizeof options / sizeof options[0], argc, argv);

	if (status >= 0)
		return status;
	d.arena = arena_new(ARENA_UNLIMITED);
	if (d.arena == NULL) {
		(void)fputs("portreeve doctor: out of memory\n", stderr);
		return STATUS_FAULT;
	}
	d.findings.arena = d.arena;
	look(&d);
	findings_print(&d.findings, stdout);
	status = d.findings.n[FINDING_FAULT] == 0 ? EXIT_SUCCESS : STATUS_FAULT;
	policy_unref(d.policy);
	arena_free(d.arena);
	return status;
}
