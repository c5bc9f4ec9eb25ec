/*
 * doctor_postfix - how Postfix is attached, service by service.
 *
 * What smtpd does is followed to the letter: a path without a slash in front
 * is below the queue directory, one with a slash below the chroot of that
 * service, and smtpd has the groups of mail_owner.
 */
#include "tools/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/attach.h"
#include "tools/postconf.h"
#include "tools/reach.h"

enum {
	ADDRESS_MAX = 300,
	COMMAND_S_LEAST = 10,
	WHO_MAX = 200,
};

struct postfix {
	struct doctor *d;
	struct postconf conf;
	struct account owner;
	struct str attach; /* our socket as smtpd_milters should have it */
};

/* "smtpd (service smtp/inet)" */
static const char *
who_of(const struct postconf_service *s, struct buf *out)
{
	buf_printf(out, "smtpd of the service %.*s", STR_FMT(s->name));
	if (s->chroot)
		buf_c(out, " (in a chroot)");
	return buf_cstr(out);
}

/* ---- whose socket ------------------------------------------------------- */

static struct reach
reach_of(
    const struct postfix *p, const struct postconf_service *s, struct str path)
{
	struct str queue = postconf_get(&p->conf, NULL, "queue_directory");

	return (struct reach){
		.account = &p->owner,
		.root = s->chroot ? queue : STR(""),
		.cwd = queue,
		.path = path,
	};
}

static bool
same_path(const char *a, const char *b)
{
	struct stat x;
	struct stat y;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Whether the address, as that service has it, is where the policy listens. */
static bool
is_ours(const struct postfix *p, const struct postconf_service *s,
    struct str address)
{
	struct arena *arena = p->d->arena;
	struct str listen = p->d->policy->listen.address;
	struct reach reach;

	if (!str_starts(listen, STR("unix:")))
		return str_eq_ci(address, p->attach);
	if (!str_starts(address, STR("unix:")))
		return false;
	reach = reach_of(p, s, str_from(address, 5));
	return same_path(reach_path(&reach, arena).p,
	    arena_xstr(arena, str_from(listen, 5)).p);
}

/* The text names our socket, wherever that leads. */
static bool
looks_ours(const struct postfix *p, struct str address)
{
	return str_eq(address, p->attach) ||
	       str_eq(address, p->d->policy->listen.address);
}

/* ---- a service ---------------------------------------------------------- */

static bool
is_submission(struct str name)
{
	static const char *const names[] = { "submission", "submissions",
		"smtps", "465", "587" };
	size_t colon = str_rfind(name, ':');
	struct str port =
	    colon == STR_NOWHERE ? name : str_from(name, colon + 1);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_eq(port, str_c(names[i])))
			return true;
	return false;
}

static bool
has_own_milters(const struct postconf_service *s)
{
	for (const struct postconf_pair *own = s->own; own != NULL;
	     own = own->next)
		if (str_eq(own->name, STR("smtpd_milters")))
			return true;
	return false;
}

/* The -c option of Postfix's commands, where it is not the usual one. */
static const char *
directory_option(const struct postfix *p)
{
	if (p->conf.directory == NULL)
		return "";
	return arena_printf(p->d->arena, "-c %s ", p->conf.directory).p;
}

static void
mend_milters(
    const struct postfix *p, const struct postconf_service *s, struct str have)
{
	const char *before = have.n > 0 ? " " : "";

	if (has_own_milters(s))
		finding_mend(&p->d->findings,
		    "postconf %s-P '%.*s/%.*s/smtpd_milters=%.*s%s%.*s' && "
		    "postfix %sreload",
		    directory_option(p), STR_FMT(s->name), STR_FMT(s->type),
		    STR_FMT(have), before, STR_FMT(p->attach),
		    directory_option(p));
	else
		finding_mend(&p->d->findings,
		    "postconf %s-e 'smtpd_milters = %.*s%s%.*s' && postfix "
		    "%sreload",
		    directory_option(p), STR_FMT(have), before,
		    STR_FMT(p->attach), directory_option(p));
}

/* It does not ask us.  Submission need not, and who sets an own list for a
 * service, such as that of a content filter, has thought of it. */
static void
not_attached(const struct postfix *p, const struct postconf_service *s,
    struct str milters)
{
	struct findings *f = &p->d->findings;

	if (has_own_milters(s) || is_submission(s->name)) {
		finding_add(f, FINDING_NOTE,
		    "the service %.*s does not ask portreeve: its "
		    "smtpd_milters is \"%.*s\"",
		    STR_FMT(s->name), STR_FMT(milters));
		return;
	}
	finding_add(f, FINDING_FAULT,
	    "the service %.*s does not ask portreeve: smtpd_milters is "
	    "\"%.*s\"",
	    STR_FMT(s->name), STR_FMT(milters));
	mend_milters(p, s, milters);
}

/* smtpd_milters names our socket, and it is another for this smtpd. */
static void
misnamed(const struct postfix *p, const struct postconf_service *s,
    struct str address)
{
	struct reach reach = reach_of(p, s, str_from(address, 5));
	char room[WHO_MAX];
	struct buf who = BUF_ON(room);

	finding_add(&p->d->findings, FINDING_FAULT,
	    "for %s, %.*s is %.*s, and portreeve listens on %.*s",
	    who_of(s, &who), STR_FMT(address),
	    STR_FMT(reach_path(&reach, p->d->arena)),
	    STR_FMT(str_from(p->d->policy->listen.address, 5)));
	if (looks_ours(p, address) && !str_eq(address, p->attach))
		mend_milters(p, s, STR(""));
	else
		finding_mend(&p->d->findings,
		    "in the listen line of %s: a path below %.*s",
		    doctor_file(p->d), STR_FMT(reach.cwd));
}

static void
check_reach(const struct postfix *p, const struct postconf_service *s,
    struct str address)
{
	struct reach reach;
	struct obstacle obstacle;
	char room[WHO_MAX];
	struct buf who = BUF_ON(room);

	if (!str_starts(address, STR("unix:")))
		return;
	reach = reach_of(p, s, str_from(address, 5));
	reach_try(&reach, p->d->arena, &obstacle);
	(void)who_of(s, &who);
	if (doctor_obstacle(p->d, buf_cstr(&who), &p->owner, &obstacle))
		finding_add(&p->d->findings, FINDING_OK,
		    "%s reaches the socket", buf_cstr(&who));
}

static void
check_action(const struct postfix *p, const struct postconf_service *s,
    const struct postconf_milter *milter)
{
	struct str action = milter->action;
	struct findings *f = &p->d->findings;
	bool open = !policy_refuses_on_error(p->d->policy);

	if (str_is_none(action))
		action = postconf_get(&p->conf, s, "milter_default_action");
	if (str_eq(action, STR("accept")) && !open) {
		finding_add(f, FINDING_WARNING,
		    "milter_default_action is accept: while portreeve does "
		    "not answer, mail comes in unchecked (service %.*s)",
		    STR_FMT(s->name));
		finding_mend(f,
		    "postconf %s-e milter_default_action=tempfail && postfix "
		    "%sreload",
		    directory_option(p), directory_option(p));
	} else if (str_eq(action, STR("reject"))) {
		finding_add(f, FINDING_WARNING,
		    "milter_default_action is reject: while portreeve does "
		    "not answer, all mail is refused for good (service %.*s)",
		    STR_FMT(s->name));
		finding_mend(f,
		    "postconf %s-e milter_default_action=tempfail && postfix "
		    "%sreload",
		    directory_option(p), directory_option(p));
	} else {
		finding_add(f, FINDING_OK,
		    "while portreeve does not answer, the service %.*s does: "
		    "%.*s",
		    STR_FMT(s->name), STR_FMT(action));
	}
}

/* It asks us. */
static void
attached(struct postfix *p, const struct postconf_service *s,
    const struct postconf_milter *milter, struct str before)
{
	struct findings *f = &p->d->findings;

	check_reach(p, s, milter->address);
	check_action(p, s, milter);
	if (before.n > 0)
		finding_add(f, FINDING_NOTE,
		    "the service %.*s asks another milter before portreeve: "
		    "%.*s; what that one refuses does not come here",
		    STR_FMT(s->name), STR_FMT(before));
	if (!is_submission(s->name) || has_own_milters(s))
		return;
	finding_add(f, FINDING_NOTE,
	    "the service %.*s asks portreeve, too: rules for strangers judge "
	    "users who log in, unless the policy asks for auth.user",
	    STR_FMT(s->name));
	finding_mend(f,
	    "if that is not meant: postconf %s-P "
	    "'%.*s/%.*s/smtpd_milters=' && postfix %sreload",
	    directory_option(p), STR_FMT(s->name), STR_FMT(s->type),
	    directory_option(p));
}

/* ---- other milters ------------------------------------------------------ */

/* Why nobody can be called at inet:HOST:PORT; none: somebody can. */
static struct str
port_reason(const struct postfix *p, struct str address)
{
	struct str rest = str_from(address, strlen("inet:"));
	size_t colon = str_rfind(rest, ':');
	struct str host = str_sub(rest, 0, colon);

	if (host.n > 2 && host.p[0] == '[')
		host = str_sub(host, 1, host.n - 2);
	if (colon == STR_NOWHERE ||
	    reach_port(AF_UNSPEC, host, str_from(rest, colon + 1), p->d->arena))
		return STR_NONE;
	return STR("nobody takes calls there");
}

/* The same of a milter that is not ours; none also where it cannot be told. */
static struct str
silence_reason(const struct postfix *p, const struct postconf_service *s,
    struct str address)
{
	struct reach reach;
	struct obstacle o;

	if (str_starts(address, STR("inet:")))
		return port_reason(p, address);
	if (!str_starts(address, STR("unix:")))
		return STR_NONE;
	reach = reach_of(p, s, str_from(address, strlen("unix:")));
	reach_try(&reach, p->d->arena, &o);
	if (o.kind == OBSTACLE_NONE || o.kind == OBSTACLE_UNSEEN)
		return STR_NONE;
	return doctor_reason(p->d, &o);
}

/* Mail waits for one that does not answer, and portreeve is blamed. */
static void
check_other(const struct postfix *p, const struct postconf_service *s,
    const struct postconf_milter *milter)
{
	struct str why = silence_reason(p, s, milter->address);
	struct str action = milter->action;

	if (str_is_none(why))
		return;
	if (str_is_none(action))
		action = postconf_get(&p->conf, s, "milter_default_action");
	finding_add(&p->d->findings,
	    str_eq(action, STR("accept")) ? FINDING_WARNING : FINDING_FAULT,
	    "the service %.*s asks another milter, %.*s, which does not answer "
	    "(%.*s): whatever portreeve says, Postfix does: %.*s",
	    STR_FMT(s->name), STR_FMT(milter->address), STR_FMT(why),
	    STR_FMT(action));
	finding_mend(&p->d->findings,
	    "start it; or take it out of smtpd_milters for the time being");
}

/* Of services with the same milters, the first will do. */
static void
check_others(const struct postfix *p, const struct postconf_service *s)
{
	struct str milters = postconf_get(&p->conf, s, "smtpd_milters");
	struct postconf_milter milter;

	for (const struct postconf_service *o = p->conf.services; o != s;
	     o = o->next)
		if (str_eq(postconf_get(&p->conf, o, "smtpd_milters"), milters))
			return;
	while (postconf_milter(&milters, &milter))
		if (!is_ours(p, s, milter.address) &&
		    !looks_ours(p, milter.address))
			check_other(p, s, &milter);
}

/* ---- each service ------------------------------------------------------- */

static void
check_service(struct postfix *p, const struct postconf_service *s)
{
	struct str milters = postconf_get(&p->conf, s, "smtpd_milters");
	struct str rest = milters;
	struct str before = STR("");
	struct postconf_milter milter;

	while (postconf_milter(&rest, &milter)) {
		if (is_ours(p, s, milter.address)) {
			attached(p, s, &milter, before);
			return;
		}
		if (looks_ours(p, milter.address)) {
			misnamed(p, s, milter.address);
			return;
		}
		before = milter.address;
	}
	not_attached(p, s, milters);
}

/* ---- the rest of main.cf ------------------------------------------------ */

static void
check_local(struct postfix *p)
{
	struct postconf_service pickup = { .name = STR("cleanup") };
	struct str rest = postconf_get(&p->conf, NULL, "non_smtpd_milters");
	struct postconf_milter milter;
	bool ours = false;

	while (postconf_milter(&rest, &milter))
		ours = ours || is_ours(p, &pickup, milter.address) ||
		       looks_ours(p, milter.address);
	if (!ours)
		return;
	finding_add(&p->d->findings, FINDING_NOTE,
	    "non_smtpd_milters names portreeve: mail of local programs is "
	    "judged, as from 127.0.0.1, and what is refused for a recipient "
	    "stays in the queue");
	finding_mend(&p->d->findings,
	    "if that is not meant: postconf %s-e non_smtpd_milters= && "
	    "postfix %sreload",
	    directory_option(p), directory_option(p));
}

static void
check_protocol(struct postfix *p)
{
	struct str protocol = postconf_get(&p->conf, NULL, "milter_protocol");
	uint64_t version;

	if (!str_to_u64(protocol, &version) || version >= 6)
		return;
	finding_add(&p->d->findings, FINDING_WARNING,
	    "milter_protocol is %.*s: Postfix sends all events and only the "
	    "macros of milter_*_macros, so that facts may be absent, and each "
	    "session costs more",
	    STR_FMT(protocol));
	finding_mend(&p->d->findings,
	    "postconf %s-e milter_protocol=6 && postfix %sreload",
	    directory_option(p), directory_option(p));
}

/* "30s", "1m"; UINT64_MAX for what is not read. */
static uint64_t
seconds_of(struct str value)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 } };
	char unit = value.n > 0 ? value.p[value.n - 1] : 's';
	uint64_t n;

	if (!ascii_is_digit((unsigned char)unit))
		value = str_sub(value, 0, value.n - 1);
	else
		unit = 's';
	if (!str_to_u64(value, &n))
		return UINT64_MAX;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].unit == unit)
			return n * units[i].seconds;
	return UINT64_MAX;
}

static void
check_timeouts(struct postfix *p)
{
	static const char *const names[] = { "milter_connect_timeout",
		"milter_command_timeout", "milter_content_timeout" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct str value = postconf_get(&p->conf, NULL, names[i]);

		if (seconds_of(value) >= COMMAND_S_LEAST)
			continue;
		finding_add(&p->d->findings, FINDING_WARNING,
		    "%s is %.*s: on a busy machine Postfix gives up before an "
		    "answer comes",
		    names[i], STR_FMT(value));
		finding_mend(&p->d->findings,
		    "postconf %s-e %s=30s && postfix %sreload",
		    directory_option(p), names[i], directory_option(p));
	}
}

static void
check_macros(struct postfix *p)
{
	const struct policy *policy = p->d->policy;

	for (uint32_t i = 0; i < policy->n_macros; i++)
		if (!attach_postfix_has(policy->macros[i].name))
			finding_add(&p->d->findings, FINDING_WARNING,
			    "the policy reads the macro %.*s, which Postfix "
			    "does not have: the fact is always absent",
			    STR_FMT(policy->macros[i].name));
}

/* master writes its process id there, and holds it locked. */
static void
check_master(struct postfix *p)
{
	struct str queue = postconf_get(&p->conf, NULL, "queue_directory");
	struct str path =
	    arena_printf(p->d->arena, "%.*s/pid/master.pid", STR_FMT(queue));
	int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	bool runs;

	if (fd < 0 && errno != ENOENT)
		return; /* not for this user to see */
	runs = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
	if (fd >= 0)
		(void)close(fd);
	if (runs)
		return;
	finding_add(&p->d->findings, FINDING_FAULT, "Postfix does not run");
	finding_mend(&p->d->findings, "postfix %sstart", directory_option(p));
}

static void
check_maps(struct postfix *p)
{
	struct str maps = postconf_get(&p->conf, NULL, "smtpd_milter_maps");

	if (maps.n > 0)
		finding_add(&p->d->findings, FINDING_NOTE,
		    "smtpd_milter_maps is \"%.*s\": clients found there have "
		    "other milters, or none",
		    STR_FMT(maps));
}

/* A path below the queue directory is given without it, so that it is right in
 * a chroot and out of one. */
static struct str
attach_of(const struct postfix *p)
{
	struct arena *arena = p->d->arena;
	struct str listen = p->d->policy->listen.address;
	struct str queue = arena_printf(arena, "unix:%.*s/",
	    STR_FMT(postconf_get(&p->conf, NULL, "queue_directory")));
	char room[ADDRESS_MAX];
	struct buf b = BUF_ON(room);

	if (str_starts(listen, queue))
		return arena_printf(
		    arena, "unix:%.*s", STR_FMT(str_from(listen, queue.n)));
	if (str_starts(listen, STR("unix:")))
		return listen;
	attach_postfix(listen, &b);
	return arena_xstr(arena, buf_str(&b));
}

static void
check_all(struct postfix *p)
{
	struct str owner = postconf_get(&p->conf, NULL, "mail_owner");

	p->attach = attach_of(p);
	if (!account_find(owner, p->d->arena, &p->owner)) {
		finding_add(&p->d->findings, FINDING_FAULT,
		    "mail_owner of Postfix is \"%.*s\", and there is no such "
		    "account",
		    STR_FMT(owner));
		return;
	}
	for (const struct postconf_service *s = p->conf.services; s != NULL;
	     s = s->next) {
		check_service(p, s);
		check_others(p, s);
	}
	check_master(p);
	check_local(p);
	check_maps(p);
	check_protocol(p);
	check_timeouts(p);
	check_macros(p);
}

void
doctor_postfix(struct doctor *d)
{
	struct postfix p = { .d = d };
	struct why why = { .text = "" };

	if (!postconf_read(d->postfix, d->arena, &p.conf, &why)) {
		if (d->postfix != NULL)
			finding_add(&d->findings, FINDING_FAULT,
			    "the configuration of Postfix in %s cannot be "
			    "read: %s",
			    d->postfix, why.text);
		return;
	}
	d->servers++;
	finding_add(&d->findings, FINDING_OK,
	    "there is a Postfix %.*s, queue in %.*s",
	    STR_FMT(postconf_get(&p.conf, NULL, "mail_version")),
	    STR_FMT(postconf_get(&p.conf, NULL, "queue_directory")));
	if (d->policy != NULL && d->policy->listen.address.n > 0)
		check_all(&p);
}
