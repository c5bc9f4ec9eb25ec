/*
 * doctor_sendmail - how Sendmail is attached, from its sendmail.cf.
 *
 *     Xportreeve, S=unix:/run/portreeve/portreeve.sock, F=T, T=C:30s;R:10s
 *     O InputMailFilters=opendkim,portreeve
 */
#include "tools/doctor.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/attach.h"
#include "lang/source.h"
#include "tools/reach.h"

#define SENDMAIL_CF "/etc/mail/sendmail.cf"

enum {
	ADDRESS_MAX = 300,
};

struct sendmail {
	struct doctor *d;
	const char *file;
	struct str attach;  /* our socket as S= should have it */
	struct str name;    /* of our X line; none: there is none */
	struct str flags;   /* its F=; none */
	struct str filters; /* InputMailFilters */
	struct str user;    /* RunAsUser; none: root */
};

/* ---- reading ------------------------------------------------------------ */

/* "S=unix:/x" of a list with commas between; none where it is not there. */
static struct str
equate(struct str list, char key)
{
	struct str item;

	while (str_split(&list, ',', &item)) {
		item = str_trim(item);
		if (item.n > 1 && item.p[0] == key && item.p[1] == '=')
			return str_trim(str_from(item, 2));
	}
	return STR_NONE;
}

/* Xname, S=..., F=..., T=... */
static void
read_filter(struct sendmail *s, struct str line)
{
	size_t comma = str_find(line, ',');

	if (comma == STR_NOWHERE || !str_eq(equate(line, 'S'), s->attach))
		return;
	s->name = str_trim(str_sub(line, 1, comma - 1));
	s->flags = equate(line, 'F');
}

static void
read_line(struct sendmail *s, struct str line)
{
	static const struct str filters = { "O InputMailFilters=", 19 };
	static const struct str user = { "O RunAsUser=", 12 };

	if (str_starts(line, STR("X")))
		read_filter(s, line);
	else if (str_starts(line, filters))
		s->filters = str_trim(str_from(line, filters.n));
	else if (str_starts(line, user))
		s->user = str_trim(str_from(line, user.n));
}

static bool
read_file(struct sendmail *s, struct why *why)
{
	struct sources sources;
	const struct source *source;
	struct str text;
	struct str line;

	sources_init(&sources, s->d->arena);
	source = source_read(&sources, str_c(s->file), SOURCE_MAX, why);
	if (source == NULL)
		return false;
	text = source->text;
	while (str_split(&text, '\n', &line))
		read_line(s, line);
	return true;
}

/* ---- judging ------------------------------------------------------------ */

static void
mend_mc(const struct sendmail *s)
{
	bool open = !policy_refuses_on_error(s->d->policy);

	finding_mend(&s->d->findings,
	    "in sendmail.mc, then make sendmail.cf anew and restart it:\n"
	    "INPUT_MAIL_FILTER(`portreeve',\n"
	    "    `S=%.*s, %sT=C:30s;S:10s;R:10s;E:5m')dnl",
	    STR_FMT(s->attach), open ? "" : "F=T, ");
}

/* The filter that is asked before ours; none: ours is the first.  False if
 * ours is not in the list. */
static bool
find_filter(const struct sendmail *s, struct str *before_r)
{
	struct str list = s->filters;
	struct str item;

	*before_r = STR_NONE;
	while (str_split(&list, ',', &item)) {
		item = str_trim(item);
		if (str_eq(item, s->name))
			return true;
		*before_r = item;
	}
	return false;
}

static void
check_list(const struct sendmail *s)
{
	struct findings *f = &s->d->findings;
	struct str before;

	if (!find_filter(s, &before)) {
		finding_add(f, FINDING_FAULT,
		    "%s defines the filter %.*s, and InputMailFilters does not "
		    "name it: it is never asked",
		    s->file, STR_FMT(s->name));
		mend_mc(s);
		return;
	}
	finding_add(f, FINDING_OK,
	    "Sendmail asks portreeve, as the filter %.*s", STR_FMT(s->name));
	if (before.n > 0)
		finding_add(f, FINDING_NOTE,
		    "it asks another filter before: %.*s; what that one "
		    "refuses does not come here",
		    STR_FMT(before));
}

static void
check_flags(const struct sendmail *s)
{
	struct findings *f = &s->d->findings;
	bool open = !policy_refuses_on_error(s->d->policy);

	if (str_eq(s->flags, STR("T")) || (open && s->flags.n == 0)) {
		finding_add(f, FINDING_OK,
		    "while portreeve does not answer, Sendmail %s",
		    s->flags.n > 0 ? "asks clients to come again"
				   : "lets mail in");
		return;
	}
	if (str_eq(s->flags, STR("R")))
		finding_add(f, FINDING_WARNING,
		    "F=R: while portreeve does not answer, all mail is refused "
		    "for good");
	else
		finding_add(f, FINDING_WARNING,
		    "there is no F=T: while portreeve does not answer, mail "
		    "comes in unchecked");
	mend_mc(s);
}

static void
check_socket(const struct sendmail *s)
{
	struct str user = str_is_none(s->user) ? STR("root") : s->user;
	struct account account;
	struct obstacle obstacle;
	struct reach reach = { .account = &account,
		.root = STR(""),
		.cwd = STR(""),
		.path = str_from(s->attach, 5) };

	if (!str_starts(s->attach, STR("unix:")))
		return;
	user = str_sub(user, 0, str_find(user, ':'));
	if (!account_find(user, s->d->arena, &account)) {
		finding_add(&s->d->findings, FINDING_FAULT,
		    "RunAsUser of Sendmail is \"%.*s\", and there is no such "
		    "account",
		    STR_FMT(user));
		return;
	}
	reach_try(&reach, s->d->arena, &obstacle);
	if (doctor_obstacle(s->d, "Sendmail", &account, &obstacle))
		finding_add(
		    &s->d->findings, FINDING_OK, "Sendmail reaches the socket");
}

static void
check_all(struct sendmail *s)
{
	if (str_is_none(s->name)) {
		finding_add(&s->d->findings, FINDING_FAULT,
		    "%s has no filter at %.*s: Sendmail does not ask portreeve",
		    s->file, STR_FMT(s->attach));
		mend_mc(s);
		return;
	}
	check_list(s);
	check_flags(s);
	check_socket(s);
}

void
doctor_sendmail(struct doctor *d)
{
	struct sendmail s = { .d = d,
		.file = d->sendmail != NULL ? d->sendmail : SENDMAIL_CF,
		.name = STR_NONE,
		.flags = STR_NONE,
		.user = STR_NONE };
	struct why why = { .text = "" };
	struct stat st;
	char room[ADDRESS_MAX];
	struct buf attach = BUF_ON(room);

	if (d->sendmail == NULL && stat(s.file, &st) != 0)
		return;
	if (d->policy != NULL)
		attach_sendmail(d->policy->listen.address, &attach);
	s.attach = buf_str(&attach);
	if (!read_file(&s, &why)) {
		finding_add(&d->findings, FINDING_FAULT, "%s", why.text);
		return;
	}
	d->servers++;
	finding_add(
	    &d->findings, FINDING_OK, "there is a Sendmail: %s", s.file);
	if (d->policy != NULL && d->policy->listen.address.n > 0)
		check_all(&s);
}
