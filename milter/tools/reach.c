/*
 * reach - tries, and where that fails, looks for the reason.
 *
 * The attempt is what counts: it knows of access lists and of whatever else
 * a kernel asks.  The walk along the path names the place.
 */
#include "tools/reach.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CALL_MS = 1000,
};

bool
account_find(struct str name, struct arena *arena, struct account *account_r)
{
	const char *cname = arena_xstr(arena, name).p;
	const struct passwd *pw = getpwnam(cname);

	if (pw == NULL)
		return false;
	*account_r = (struct account){ .name = str_c(cname),
		.uid = pw->pw_uid,
		.gid = pw->pw_gid,
		.n_groups = REACH_GROUPS_MAX };
	if (getgrouplist(
		cname, pw->pw_gid, account_r->groups, &account_r->n_groups) < 0)
		account_r->n_groups = REACH_GROUPS_MAX;
	return true;
}

bool
group_find(struct str name, struct arena *arena, gid_t *gid_r)
{
	const struct group *gr = getgrnam(arena_xstr(arena, name).p);

	if (gr == NULL)
		return false;
	*gid_r = gr->gr_gid;
	return true;
}

struct str
group_name(gid_t gid, struct arena *arena)
{
	const struct group *gr = getgrgid(gid);

	if (gr != NULL)
		return arena_xstr(arena, str_c(gr->gr_name));
	return arena_printf(arena, "%lu", (unsigned long)gid);
}

bool
account_in_group(const struct account *a, gid_t gid)
{
	if (a->gid == gid)
		return true;
	for (int i = 0; i < a->n_groups; i++)
		if (a->groups[i] == gid)
			return true;
	return false;
}

struct str
reach_path(const struct reach *reach, struct arena *arena)
{
	bool absolute = str_starts(reach->path, STR("/"));
	struct str from = absolute ? reach->root : reach->cwd;

	while (from.n > 0 && from.p[from.n - 1] == '/')
		from.n--;
	return arena_printf(arena, "%.*s%s%.*s", STR_FMT(from),
	    absolute ? "" : "/", STR_FMT(reach->path));
}

/* ---- the attempt -------------------------------------------------------- */

static bool
become(const struct reach *reach, const char *root, const char *cwd)
{
	const struct account *a = reach->account;

	return setgroups((size_t)a->n_groups, a->groups) == 0 &&
	       setgid(a->gid) == 0 &&
	       (reach->root.n == 0 || chroot(root) == 0) &&
	       (reach->cwd.n == 0 ||
		   chdir(reach->root.n == 0 ? cwd : "/") == 0) &&
	       setuid(a->uid) == 0;
}

/* Of a goal: what access() asks for, and the permissions it takes. */
static const struct {
	int access;
	unsigned want;
} goals[] = {
	[REACH_CONNECT] = { 0, 2 },
	[REACH_READ] = { R_OK, 4 },
	[REACH_WRITE] = { W_OK, 2 },
	[REACH_MAKE] = { W_OK | X_OK, 3 },
};

/* 0, or the errno of the attempt. */
static int
attempt(enum reach_goal goal, const char *path)
{
	int fd;

	if (goal != REACH_CONNECT)
		return access(path, goals[goal].access) == 0 ? 0 : errno;
	fd = reach_call(path);
	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

/* 0, or an errno; -1 if it could not be tried. */
static int
attempt_as(const struct reach *reach, struct arena *arena)
{
	const char *root = arena_xstr(arena, reach->root).p;
	const char *cwd = arena_xstr(arena, reach->cwd).p;
	const char *path = arena_xstr(arena, reach->path).p;
	pid_t child = fork();
	int how;

	if (child == 0)
		_exit(become(reach, root, cwd) ? attempt(reach->goal, path)
					       : 255);
	if (child < 0 || waitpid(child, &how, 0) != child || !WIFEXITED(how) ||
	    WEXITSTATUS(how) == 255)
		return -1;
	return WEXITSTATUS(how);
}

/* ---- the walk ----------------------------------------------------------- */

bool
account_may(
    const struct account *a, uid_t uid, gid_t gid, unsigned mode, unsigned want)
{
	if (a->uid == 0)
		return true;
	if (a->uid == uid)
		mode >>= 6;
	else if (account_in_group(a, gid))
		mode >>= 3;
	return (mode & want) == want;
}

static bool
may(const struct account *a, const struct stat *st, unsigned want)
{
	return account_may(a, st->st_uid, st->st_gid, st->st_mode, want);
}

static struct str
owner_of(const struct stat *st, struct arena *arena)
{
	const struct passwd *pw = getpwuid(st->st_uid);
	struct str user =
	    pw != NULL ? arena_xstr(arena, str_c(pw->pw_name))
		       : arena_printf(arena, "%lu", (unsigned long)st->st_uid);

	return arena_printf(arena, "%.*s:%.*s", STR_FMT(user),
	    STR_FMT(group_name(st->st_gid, arena)));
}

static void
found(struct obstacle *o, enum obstacle_kind kind, struct str path,
    const struct stat *st, struct arena *arena)
{
	o->kind = kind;
	o->path = path;
	if (st == NULL)
		return;
	o->owner = owner_of(st, arena);
	o->uid = st->st_uid;
	o->gid = st->st_gid;
	o->mode = st->st_mode & 07777;
}

/* What it means that stat() fails with `error`. */
static enum obstacle_kind
unseen(int error)
{
	if (error == ENOENT)
		return OBSTACLE_MISSING;
	return error == EACCES && geteuid() != 0 ? OBSTACLE_UNSEEN
						 : OBSTACLE_ERROR;
}

/* One directory, or the thing at the end; false: it is in the way. */
static bool
step(const struct reach *reach, struct str path, bool last, struct arena *arena,
    struct obstacle *o)
{
	const struct account *a = reach->account;
	struct stat st;

	if (stat(arena_xstr(arena, path).p, &st) != 0) {
		o->error = errno;
		found(o, unseen(errno), path, NULL, arena);
		return false;
	}
	if (!last && !may(a, &st, 1))
		found(o, OBSTACLE_SEARCH, path, &st, arena);
	else if (last && reach->goal == REACH_CONNECT && !S_ISSOCK(st.st_mode))
		found(o, OBSTACLE_NO_SOCKET, path, &st, arena);
	else if (last && !may(a, &st, goals[reach->goal].want))
		found(o, OBSTACLE_PERMISSION, path, &st, arena);
	return o->kind == OBSTACLE_NONE;
}

/* What a process that is somewhere already need not search. */
static size_t
begin_of(const struct reach *reach)
{
	if (!str_starts(reach->path, STR("/")))
		return reach->cwd.n;
	return reach->root.n;
}

static void
walk(const struct reach *reach, struct arena *arena, struct obstacle *o)
{
	struct str path = reach_path(reach, arena);

	for (size_t i = begin_of(reach); i <= path.n; i++) {
		bool last = i == path.n;

		if (!last && path.p[i] != '/')
			continue;
		if (!step(reach, i == 0 ? STR("/") : str_sub(path, 0, i), last,
			arena, o))
			return;
	}
}

void
reach_try(
    const struct reach *reach, struct arena *arena, struct obstacle *obstacle_r)
{
	struct obstacle o = { .kind = OBSTACLE_NONE };
	int error = geteuid() == 0 ? attempt_as(reach, arena) : -1;

	if (error != 0 && error != EAGAIN)
		walk(reach, arena, &o);
	if (error > 0 && error != EAGAIN && o.kind == OBSTACLE_NONE)
		o = (struct obstacle){
			.kind = error == ECONNREFUSED ? OBSTACLE_NOBODY
						      : OBSTACLE_ERROR,
			.path = reach_path(reach, arena),
			.error = error,
		};
	*obstacle_r = o;
}

/* ---- a socket and a port ------------------------------------------------ */

int
reach_call(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int error;
	int fd;

	if (strlen(path) >= sizeof to.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

static bool
is_called(const struct addrinfo *to)
{
	int fd = socket(
	    to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t size = sizeof error;

	if (fd < 0)
		return false;
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		error = errno;
	if (error == EINPROGRESS && poll(&wait, 1, CALL_MS) == 1 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		error = errno;
	(void)close(fd);
	return error == 0;
}

bool
reach_port(int family, struct str host, struct str port, struct arena *arena)
{
	const char *name = str_is_none(host) ? NULL : arena_xstr(arena, host).p;
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	bool called = false;

	if (getaddrinfo(name, arena_xstr(arena, port).p, &hints, &found) != 0)
		return false;
	for (const struct addrinfo *a = found; a != NULL && !called;
	     a = a->ai_next)
		called = is_called(a);
	freeaddrinfo(found);
	return called;
}
