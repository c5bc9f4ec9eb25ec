/*
 * doctor_start - why no portreeve runs, and what it takes to start one.
 *
 * What a start would stumble on is looked for where it would look: at each
 * socket of the policy.  Nothing is made or removed.
 */
#include "tools/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/peer.h"
#include "core/control.h"
#include "tools/reach.h"

enum {
	WHO_MAX = 200,
	LAST_MAX = 4096, /* octets of a log that are looked at */
};

/* ---- unix --------------------------------------------------------------- */

/* False: there is none. */
static bool
check_directory(struct doctor *d, const struct setting_listen *setting,
    struct str directory)
{
	struct findings *f = &d->findings;
	struct str group = setting->group;
	struct str owner = d->user == NULL ? STR("root") : d->user->name;
	struct stat st;

	if (stat(arena_xstr(d->arena, directory).p, &st) != 0) {
		if (errno != ENOENT)
			return false; /* not for this user to see */
		finding_add(f, FINDING_FAULT,
		    "there is no directory %.*s for a socket",
		    STR_FMT(directory));
		finding_mend(f, "install -d -o %.*s%s%.*s -m 2750 %.*s",
		    STR_FMT(owner), group.n > 0 ? " -g " : "", STR_FMT(group),
		    STR_FMT(directory));
		return false;
	}
	if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0) {
		finding_add(f, FINDING_FAULT,
		    "every user can write to %.*s, and put another socket in "
		    "the place of ours: portreeve does not start",
		    STR_FMT(directory));
		finding_mend(f, "chmod o-w %.*s", STR_FMT(directory));
	}
	return true;
}

/* systemd starts it as the user; root makes the socket before it becomes the
 * user, who cannot remove it then. */
static void
check_may_make(struct doctor *d, struct str directory)
{
	struct reach reach = { .account = d->user,
		.goal = REACH_MAKE,
		.root = STR(""),
		.cwd = STR(""),
		.path = directory };
	struct obstacle o;

	if (d->user == NULL)
		return;
	reach_try(&reach, d->arena, &o);
	if (o.kind != OBSTACLE_SEARCH && o.kind != OBSTACLE_PERMISSION)
		return;
	finding_add(&d->findings, FINDING_WARNING,
	    "%.*s cannot make its socket in %.*s, so that only root can start "
	    "portreeve: %.*s belongs to %.*s with mode %04o",
	    STR_FMT(d->user->name), STR_FMT(directory), STR_FMT(o.path),
	    STR_FMT(o.owner), o.mode);
	if (o.kind == OBSTACLE_SEARCH)
		doctor_mend_permission(d, d->user, &o, "x");
	else
		finding_mend(&d->findings, "chown %.*s %.*s",
		    STR_FMT(d->user->name), STR_FMT(o.path));
}

/* 0, with who takes calls there, none for systemd; or the errno of
 * connect(). */
static int
call(const char *path, struct buf *who_r)
{
	int fd = reach_call(path);

	if (fd < 0)
		return errno;
	if (!peer_is_init(fd))
		peer_print(fd, who_r);
	(void)close(fd);
	return 0;
}

/* What is at the path already.  False: systemd has made the socket, and all is
 * as it is to be. */
static bool
check_place(struct doctor *d, struct str path)
{
	struct findings *f = &d->findings;
	const char *cpath = arena_xstr(d->arena, path).p;
	char room[WHO_MAX];
	struct buf who = BUF_ON(room);
	struct stat st;
	int error;

	if (lstat(cpath, &st) != 0)
		return true;
	if (!S_ISSOCK(st.st_mode)) {
		finding_add(f, FINDING_FAULT,
		    "there is something at %s that is no socket: portreeve "
		    "does not start",
		    cpath);
		finding_mend(f, "mv %s %s.old", cpath, cpath);
		return true;
	}
	error = call(cpath, &who);
	if (error == 0 && who.n == 0) {
		finding_add(f, FINDING_NOTE,
		    "systemd listens on %s for portreeve (portreeve.socket)",
		    cpath);
		return false;
	}
	if (error == 0) {
		finding_add(f, FINDING_FAULT,
		    "%s listens on %s: portreeve does not start beside it",
		    buf_cstr(&who), cpath);
		finding_mend(f, "stop it; or write another path into %s",
		    doctor_file(d));
	} else if (error == ECONNREFUSED) {
		finding_add(f, FINDING_NOTE,
		    "the socket %s was left by a portreeve that was killed; "
		    "the next one takes its place",
		    cpath);
	}
	return true;
}

/* ---- inet and inet6 ----------------------------------------------------- */

/* PORT@HOST, PORT */
static void
check_port(struct doctor *d, struct str address, int family, struct str rest)
{
	size_t at = str_find(rest, '@');
	struct str port = str_sub(rest, 0, at);
	struct str host = at == STR_NOWHERE ? STR_NONE : str_from(rest, at + 1);

	if (host.n > 2 && host.p[0] == '[')
		host = str_sub(host, 1, host.n - 2);
	if (!reach_port(family, host, port, d->arena))
		return;
	finding_add(&d->findings, FINDING_FAULT,
	    "another program listens on %.*s: portreeve does not start beside "
	    "it",
	    STR_FMT(address));
	finding_mend(&d->findings,
	    "see which, and stop it, or choose another port: ss -ltnp 'sport = "
	    ":%.*s'",
	    STR_FMT(port));
}

/* ---- each socket -------------------------------------------------------- */

static void
check_group(struct doctor *d, struct str group)
{
	gid_t gid;

	if (group.n == 0 || group_find(group, d->arena, &gid))
		return;
	finding_add(&d->findings, FINDING_FAULT,
	    "the listen line says group %.*s, and there is no such group: "
	    "portreeve does not start",
	    STR_FMT(group));
	finding_mend(&d->findings,
	    "in the listen line of %s: the group of the mail server, such as "
	    "group postfix",
	    doctor_file(d));
}

/* *told_r: the directory that was told of last. */
static void
check_listen(
    struct doctor *d, const struct setting_listen *setting, struct str *told_r)
{
	struct str address = setting->address;
	struct str directory;

	if (str_starts(address, STR("inet:")))
		check_port(d, address, AF_INET, str_from(address, 5));
	if (str_starts(address, STR("inet6:")))
		check_port(d, address, AF_INET6, str_from(address, 6));
	if (!str_starts(address, STR("unix:")))
		return;
	directory = str_directory(str_from(address, 5));
	if (!check_place(d, str_from(address, 5)))
		return;
	if (!str_eq(directory, *told_r) &&
	    check_directory(d, setting, directory))
		check_may_make(d, directory);
	*told_r = directory;
}

static void
check_sockets(struct doctor *d)
{
	struct setting_listen control = { .address = d->policy->control,
		.group = STR("") };
	struct str told = STR_NONE;

	check_group(d, d->policy->listen.group);
	check_listen(d, &d->policy->listen, &told);
	check_listen(d, &d->policy->metrics, &told);
	/* The usual one does not keep it from starting. */
	if (!str_is_none(control.address))
		check_listen(d, &control, &told);
}

/* ---- what it said ------------------------------------------------------- */

/* The last line of a file; none if it has none, or cannot be read. */
static struct str
last_line(struct doctor *d, struct str file)
{
	FILE *in = fopen(arena_xstr(d->arena, file).p, "re");
	char text[LAST_MAX];
	struct str last;
	size_t n = 0;

	if (in == NULL)
		return STR_NONE;
	if (fseek(in, -LAST_MAX, SEEK_END) != 0)
		rewind(in); /* it is shorter */
	n = fread(text, 1, sizeof text, in);
	(void)fclose(in);
	last = str_trim(str_of(text, n));
	if (last.n == 0)
		return STR_NONE;
	if (str_rfind(last, '\n') != STR_NOWHERE)
		last = str_from(last, str_rfind(last, '\n') + 1);
	return arena_xstr(d->arena, last);
}

static bool
has_systemd(void)
{
	struct stat st;

	return stat("/run/systemd/system", &st) == 0;
}

/* Where it says why it ended, or did not start. */
static void
tell_log(struct doctor *d)
{
	const struct setting_log *log = d->policy->logs;
	struct str last;

	while (log != NULL && (log->target != LOG_TO_FILE || log->json))
		log = log->next;
	last = log == NULL ? STR_NONE : last_line(d, log->value);
	if (!str_is_none(last)) {
		finding_add(&d->findings, FINDING_NOTE,
		    "the last that it logged: %.*s", STR_FMT(last));
		finding_mend(&d->findings,
		    "look at the lines before: tail %.*s", STR_FMT(log->value));
		return;
	}
	finding_add(&d->findings, FINDING_NOTE,
	    "why it ended, or did not start, is in its log, and what it says "
	    "before it has a log goes to standard error");
	finding_mend(&d->findings, "%s",
	    has_systemd() ? "journalctl -t portreeve -u portreeve -n 20"
			  : "grep portreeve /var/log/mail.log | tail");
}

void
doctor_start(struct doctor *d)
{
	if (has_systemd())
		finding_mend(&d->findings, "systemctl start portreeve");
	else
		finding_mend(
		    &d->findings, "portreeve run -c %s", doctor_file(d));
	if (d->policy == NULL)
		return;
	check_sockets(d);
	tell_log(d);
}
