/*
 * listen - opens the socket on which mail servers call.
 *
 *     unix:PATH          bind PATH.new under the right umask, chown, listen,
 *                        rename to PATH: nobody meets it half made
 *     inet:PORT@HOST     IPv4; inet6:PORT@HOST is IPv6
 *
 * We make the socket ourselves instead of leaving it to libmilter, which
 * replaces whatever is at the path, has no owner and no mode, and says no
 * more than "Unable to bind".  Single-threaded: runs before all threads.
 */
#include "daemon/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/peer.h"
#include "core/attach.h"
#include "daemon/privs.h"

enum {
	BACKLOG = 65535, /* the kernel cuts it to somaxconn */
};

#define TEMPORARY ".new"

_Static_assert(LISTEN_PATH_MAX + sizeof TEMPORARY <=
		   sizeof((struct sockaddr_un *)0)->sun_path,
    "the temporary name fits in a socket address");

/* ---- names for messages ------------------------------------------------- */

static void
user_print(uid_t uid, struct buf *out)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		buf_c(out, pw->pw_name);
	else
		buf_printf(out, "uid %lu", (unsigned long)uid);
}

static void
group_print(gid_t gid, struct buf *out)
{
	const struct group *gr = getgrgid(gid);

	if (gr != NULL)
		buf_c(out, gr->gr_name);
	else
		buf_printf(out, "gid %lu", (unsigned long)gid);
}

/* ---- what stands at the path -------------------------------------------- */

static struct sockaddr_un
unix_address(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, path, strlen(path) + 1);
	return address;
}

/* True if nobody serves the socket at the path, so that it may go. */
static bool
socket_is_stale(const char *path, struct why *why)
{
	struct sockaddr_un address = unix_address(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char who[128];
	struct buf b = BUF_ON(who);
	int error = 0;

	if (fd < 0)
		return why_set(
		    why, "cannot make a socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		error = errno;
	if (error == 0)
		peer_print(fd, &b);
	else if (error == EAGAIN || error == EPROTOTYPE)
		buf_c(&b, "another program"); /* too busy, or not for streams */
	(void)close(fd);
	if (error == ECONNREFUSED || error == ENOENT)
		return true;
	if (b.n == 0)
		return why_set(why,
		    "there is a socket at \"%s\", and whether it is in use "
		    "cannot be told (%s): if it is not, remove it",
		    path, strerror(error));
	return why_set(why,
	    "%s listens on \"%s\": stop it first, or choose another path",
	    buf_cstr(&b), path);
}

/* True if the path is free, or holds a stale socket. */
static bool
path_is_ours_to_take(const char *path, struct why *why)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return true; /* what is wrong, if anything, bind() will tell */
	if (S_ISSOCK(st.st_mode))
		return socket_is_stale(path, why);
	return why_set(why,
	    "there is %s at \"%s\", not a socket: move it away, or choose "
	    "another path",
	    S_ISDIR(st.st_mode)   ? "a directory"
	    : S_ISLNK(st.st_mode) ? "a symbolic link"
	    : S_ISREG(st.st_mode) ? "a file"
				  : "something",
	    path);
}

/* ---- unix --------------------------------------------------------------- */

/* Why bind() could not make a socket at the path, and what to do. */
static bool
bind_fault(const struct setting_listen *setting, struct str path, int error,
    struct why *why)
{
	struct str dir = str_directory(path);
	char room[LISTEN_PATH_MAX + 1];
	char text[256];
	struct buf name = BUF_ON(room);
	struct buf b = BUF_ON(text);
	struct stat st;

	buf_str_add(&name, dir);
	if (error == ENOENT) {
		user_print(geteuid(), &b);
		if (setting->group.n > 0)
			buf_printf(&b, " -g %.*s", STR_FMT(setting->group));
		return why_set(why,
		    "there is no directory \"%.*s\" for the socket; make it: "
		    "install -d -o %s -m 0750 %.*s",
		    STR_FMT(dir), buf_cstr(&b), STR_FMT(dir));
	}
	if (error == EADDRINUSE)
		return why_set(why,
		    "there is something at \"%.*s" TEMPORARY "\", where the "
		    "socket is made before it gets its name: move it away",
		    STR_FMT(path));
	if ((error != EACCES && error != EPERM) ||
	    stat(buf_cstr(&name), &st) != 0)
		return why_set(why,
		    "cannot make the socket \"%.*s\" in directory \"%.*s\": "
		    "%s%s",
		    STR_FMT(path), STR_FMT(dir), strerror(error),
		    error == EROFS ? "; under systemd it takes a line "
				     "ReadWritePaths= with that directory: "
				     "systemctl edit portreeve"
				   : "");
	user_print(st.st_uid, &b);
	buf_char(&b, ':');
	group_print(st.st_gid, &b);
	buf_printf(&b, " with mode %04o, and this process runs as ",
	    (unsigned)st.st_mode & 07777);
	user_print(geteuid(), &b);
	buf_c(&b, "; let it write there: chown ");
	user_print(geteuid(), &b);
	return why_set(why,
	    "no permission to make a socket in \"%.*s\": the directory "
	    "belongs to %s %.*s",
	    STR_FMT(dir), buf_cstr(&b), STR_FMT(dir));
}

/* The ids that the policy names; -1 where it names none. */
static bool
owner_find(const struct setting_listen *setting, uid_t *uid_r, gid_t *gid_r,
    struct why *why)
{
	char text[128];
	struct buf b = BUF_ON(text);
	const struct passwd *pw;
	const struct group *gr;

	*uid_r = (uid_t)-1;
	*gid_r = (gid_t)-1;
	buf_str_add(&b, setting->user);
	errno = 0;
	pw = setting->user.n == 0 ? NULL : getpwnam(buf_cstr(&b));
	if (privileges_no_answer(errno))
		return why_set(why, "cannot look for user \"%.*s\": %s",
		    STR_FMT(setting->user), strerror(errno));
	if (setting->user.n > 0 && pw == NULL)
		return why_set(why,
		    "there is no user \"%.*s\" on this machine to own the "
		    "socket",
		    STR_FMT(setting->user));
	if (pw != NULL)
		*uid_r = pw->pw_uid;
	b.n = 0;
	buf_str_add(&b, setting->group);
	errno = 0;
	gr = setting->group.n == 0 ? NULL : getgrnam(buf_cstr(&b));
	if (privileges_no_answer(errno))
		return why_set(why, "cannot look for group \"%.*s\": %s",
		    STR_FMT(setting->group), strerror(errno));
	if (setting->group.n > 0 && gr == NULL)
		return why_set(why,
		    "there is no group \"%.*s\" on this machine to own the "
		    "socket",
		    STR_FMT(setting->group));
	if (gr != NULL)
		*gid_r = gr->gr_gid;
	return true;
}

static bool
owner_give(
    const struct setting_listen *setting, const char *path, struct why *why)
{
	uid_t uid;
	gid_t gid;
	char me[64];
	struct buf b = BUF_ON(me);
	struct stat st;

	if (!owner_find(setting, &uid, &gid, why))
		return false;
	/* a directory may have given its group */
	if (lstat(path, &st) == 0 && (uid == (uid_t)-1 || uid == st.st_uid) &&
	    (gid == (gid_t)-1 || gid == st.st_gid))
		return true;
	if (lchown(path, uid, gid) == 0)
		return true;
	user_print(geteuid(), &b);
	if (errno != EPERM)
		return why_set(why, "cannot change the owner of \"%s\": %s",
		    path, strerror(errno));
	if (uid != (uid_t)-1 && uid != geteuid())
		return why_set(why,
		    "%s may not give the socket to user %.*s: start as root, "
		    "or leave \"user\" out of the listen line",
		    buf_cstr(&b), STR_FMT(setting->user));
	return why_set(why,
	    "%s may not give the socket to group %.*s: start as root, or make "
	    "it a member: adduser %s %.*s",
	    buf_cstr(&b), STR_FMT(setting->group), buf_cstr(&b),
	    STR_FMT(setting->group));
}

/* From the temporary name to the final one, served from then on. */
static bool
unix_publish(struct listener *l, const struct setting_listen *setting,
    const char *temporary, struct why *why)
{
	struct stat st;

	if (!owner_give(setting, temporary, why))
		return false;
	if (listen(l->fd, BACKLOG) != 0 || lstat(temporary, &st) != 0 ||
	    rename(temporary, l->path) != 0)
		return why_set(why, "cannot listen on \"%s\": %s", l->path,
		    strerror(errno));
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return true;
}

static bool
unix_bind(struct listener *l, const struct setting_listen *setting,
    const char *temporary, struct why *why)
{
	struct sockaddr_un address = unix_address(temporary);
	unsigned mode = setting->mode != 0 ? setting->mode : LISTEN_MODE;
	struct stat st;
	mode_t before;
	int r;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return why_set(
		    why, "cannot make a socket: %s", strerror(errno));
	/* of a start that was killed */
	if (lstat(temporary, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(temporary);
	before = umask((mode_t)(~mode & 0777));
	r = bind(l->fd, (const struct sockaddr *)&address, sizeof address);
	(void)umask(before);
	if (r == 0)
		return true;
	return bind_fault(setting, str_c(l->path), errno, why);
}

/* Who can rename what is in the directory can put a socket of his own there,
 * and take the mail server's calls. */
static bool
directory_is_safe(struct str path, struct why *why)
{
	char room[LISTEN_PATH_MAX + 1];
	struct buf name = BUF_ON(room);
	struct stat st;

	buf_str_add(&name, str_directory(path));
	if (stat(buf_cstr(&name), &st) != 0 || (st.st_mode & S_IWOTH) == 0 ||
	    (st.st_mode & S_ISVTX) != 0)
		return true;
	return why_set(why,
	    "every user can write to the directory \"%.*s\", and put another "
	    "socket in the place of \"%.*s\": chmod o-w %.*s",
	    STR_FMT(buf_str(&name)), STR_FMT(path), STR_FMT(buf_str(&name)));
}

static bool
unix_open(struct listener *l, const struct setting_listen *setting,
    struct str path, struct why *why)
{
	char temporary[LISTEN_PATH_MAX + sizeof TEMPORARY];
	struct buf b = BUF_ON(l->postfix);

	if (path.n == 0 || str_at(path, 0) != '/')
		return why_set(why,
		    "the path in \"%s\" must begin with a slash: "
		    "unix:/run/portreeve/portreeve.sock",
		    l->address);
	if (path.n > LISTEN_PATH_MAX)
		return why_set(why,
		    "the path of a socket has at most %d octets, and \"%.*s\" "
		    "has %zu",
		    LISTEN_PATH_MAX, STR_FMT(path), path.n);
	memcpy(l->path, path.p, path.n);
	l->path[path.n] = '\0';
	(void)snprintf(temporary, sizeof temporary, "%s" TEMPORARY, l->path);
	attach_postfix(setting->address, &b);
	(void)buf_cstr(&b);
	if (!directory_is_safe(path, why) ||
	    !path_is_ours_to_take(l->path, why) ||
	    !unix_bind(l, setting, temporary, why))
		return false;
	if (unix_publish(l, setting, temporary, why))
		return true;
	(void)unlink(temporary);
	return false;
}

/* ---- inet and inet6 ----------------------------------------------------- */

/* Why the port cannot be had, and what to do. */
static bool
inet_fault(
    const struct listener *l, const char *port, int error, struct why *why)
{
	switch (error) {
	case EADDRINUSE:
		return why_set(why,
		    "another program listens on \"%s\"; see which: ss -ltnp "
		    "'sport = :%s'",
		    l->address, port);
	case EADDRNOTAVAIL:
		return why_set(why,
		    "this machine has no such address as in \"%s\"; see which "
		    "it has: ip address",
		    l->address);
	case EACCES:
		return why_set(why,
		    "no permission to listen on \"%s\": a port below 1024 is "
		    "for root; choose a greater one",
		    l->address);
	default:
		return why_set(why, "cannot listen on \"%s\": %s", l->address,
		    strerror(error));
	}
}

/* Port 0 gets a free one: say which. */
static void
inet_describe(struct listener *l, const char *scheme)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof address;
	char host[NI_MAXHOST];
	char port[NI_MAXSERV];
	struct buf b = BUF_ON(l->postfix);

	if (getsockname(l->fd, (struct sockaddr *)&address, &n) != 0 ||
	    getnameinfo((struct sockaddr *)&address, n, host, sizeof host, port,
		sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	(void)snprintf(l->address, sizeof l->address, "%s:%.10s@%.200s", scheme,
	    port, host);
	attach_postfix(str_c(l->address), &b);
	(void)buf_cstr(&b);
}

static bool
inet_listen(struct listener *l, const struct addrinfo *a)
{
	int on = 1;

	l->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd >= 0 &&
	    setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    bind(l->fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    listen(l->fd, BACKLOG) == 0)
		return true;
	return false;
}

/* "PORT@HOST", "PORT" for every address; the host may be bracketed. */
static bool
inet_split(const struct listener *l, struct str rest, struct buf *port,
    struct buf *host, struct why *why)
{
	size_t at = str_find(rest, '@');
	struct str name = at == STR_NOWHERE ? STR_NONE : str_from(rest, at + 1);

	if (name.n > 2 && str_at(name, 0) == '[' && str_ends(name, STR("]")))
		name = str_sub(name, 1, name.n - 2);
	buf_str_add(port, at == STR_NOWHERE ? rest : str_sub(rest, 0, at));
	buf_str_add(host, name);
	if (port->n == 0 || port->cut || host->cut ||
	    (at != STR_NOWHERE && host->n == 0))
		return why_set(why,
		    "\"%s\" is no address to listen on; write "
		    "inet:8891@127.0.0.1 (port, then host)",
		    l->address);
	(void)buf_cstr(port);
	(void)buf_cstr(host);
	return true;
}

static bool
inet_open(struct listener *l, int family, struct str rest, struct why *why)
{
	char port_text[64];
	char host_text[256];
	struct buf port = BUF_ON(port_text);
	struct buf host = BUF_ON(host_text);
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE };
	struct addrinfo *found;
	bool ok;
	int r;

	if (!inet_split(l, rest, &port, &host, why))
		return false;
	r = getaddrinfo(
	    host.n == 0 ? NULL : host_text, port_text, &hints, &found);
	if (r != 0)
		return why_set(why, "cannot listen on \"%s\": %s", l->address,
		    r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	ok = inet_listen(l, found) || inet_fault(l, port_text, errno, why);
	freeaddrinfo(found);
	if (ok)
		inet_describe(l, family == AF_INET6 ? "inet6" : "inet");
	return ok;
}

/* ---- all ---------------------------------------------------------------- */

bool
listener_open(const struct setting_listen *setting, struct listener *listener_r,
    struct why *why)
{
	struct listener l = { .fd = -1 };
	struct str address = setting->address;
	struct buf b = BUF_ON(l.address);
	struct str unix_scheme = STR("unix:");
	struct str inet_scheme = STR("inet:");
	struct str inet6_scheme = STR("inet6:");
	bool ok;

	buf_str_add(&b, address);
	(void)buf_cstr(&b);
	if (str_starts(address, unix_scheme))
		ok = unix_open(
		    &l, setting, str_from(address, unix_scheme.n), why);
	else if (str_starts(address, inet_scheme))
		ok = inet_open(
		    &l, AF_INET, str_from(address, inet_scheme.n), why);
	else if (str_starts(address, inet6_scheme))
		ok = inet_open(
		    &l, AF_INET6, str_from(address, inet6_scheme.n), why);
	else
		ok = why_set(why,
		    "\"%s\" is no address to listen on; write unix:/PATH, "
		    "inet:PORT@HOST or inet6:PORT@HOST",
		    l.address);
	if (!ok && l.fd >= 0)
		(void)close(l.fd);
	if (!ok)
		l = (struct listener){ .fd = -1 };
	*listener_r = l;
	return ok;
}

void
listener_adopt(
    const struct setting_listen *setting, int fd, struct listener *listener_r)
{
	struct listener l = { .fd = fd, .handed = true };
	struct buf address = BUF_ON(l.address);
	struct buf postfix = BUF_ON(l.postfix);

	buf_str_add(&address, setting->address);
	(void)buf_cstr(&address);
	attach_postfix(setting->address, &postfix);
	(void)buf_cstr(&postfix);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	*listener_r = l;
}

void
listener_close(struct listener *l)
{
	struct stat st;

	if (l->fd >= 0)
		(void)close(l->fd);
	if (l->path[0] != '\0' && lstat(l->path, &st) == 0 &&
	    st.st_dev == l->dev && st.st_ino == l->ino)
		(void)unlink(l->path);
	*l = (struct listener){ .fd = -1 };
}
