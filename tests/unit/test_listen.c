/*
 * test_listen - the listening socket: how it appears, what it replaces, and
 * each thing that can be wrong with it.
 */
#include "daemon/listen.h"

#include <check.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *suite_listen(void);

static char dir[] = "/tmp/portreeve-listen-XXXXXX";
static char path[64];
static char address[80];
static struct listener l;
static struct why why;

static void
setup(void)
{
	strcpy(dir + sizeof dir - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/sock", dir);
	snprintf(address, sizeof address, "unix:%s", path);
	why = (struct why){ .text = "" };
	l = (struct listener){ .fd = -1 };
}

static void
teardown(void)
{
	chmod(dir, 0700);
	listener_close(&l);
	unlink(path);
	rmdir(path);
	ck_assert_msg(rmdir(dir) == 0, "something is left in %s", dir);
}

static struct setting_listen
at(const char *text)
{
	return (struct setting_listen){ .address = str_c(text) };
}

static bool
open_at(const char *text)
{
	struct setting_listen setting = at(text);

	return listener_open(&setting, &l, &why);
}

/* A stream socket at `path`, bound; -1 if that fails. */
static int
bind_path(int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	memcpy(a.sun_path, path, strlen(path) + 1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static bool
can_connect(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool ok;

	memcpy(a.sun_path, path, strlen(path) + 1);
	ok = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
	close(fd);
	return ok;
}

#define ck_assert_why(want)                                                    \
	do {                                                                   \
		ck_assert_msg(strstr(why.text, (want)) != NULL,                \
		    "\"%s\" has no \"%s\"", why.text, (want));                 \
	} while (0)

/* ---- unix --------------------------------------------------------------- */

static const struct {
	unsigned given;
	unsigned mode;
} modes[] = { { 0, 0660 }, { 0666, 0666 }, { 0600, 0600 }, { 0777, 0777 } };

START_TEST(unix_socket_has_its_mode)
{
	struct setting_listen setting = at(address);
	struct stat st;
	mode_t before = umask(077);

	setting.mode = modes[_i].given;
	ck_assert_msg(listener_open(&setting, &l, &why), "%s", why.text);
	ck_assert_uint_eq(umask(before), 077); /* put back */
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_msg((st.st_mode & 07777) == modes[_i].mode, "%o, not %o",
	    st.st_mode & 07777, modes[_i].mode);
	ck_assert(can_connect());
	ck_assert_str_eq(l.address, address);
	ck_assert_str_eq(l.postfix, address);
	listener_close(&l);
	ck_assert_int_ne(lstat(path, &st), 0);
}
END_TEST

START_TEST(stale_socket_is_replaced)
{
	close(bind_path(SOCK_STREAM));
	ck_assert(!can_connect());
	ck_assert_msg(open_at(address), "%s", why.text);
	ck_assert(can_connect());
}
END_TEST

START_TEST(leftover_of_a_killed_start_is_no_obstacle)
{
	char temporary[80];

	snprintf(temporary, sizeof temporary, "%s.new", path);
	close(bind_path(SOCK_STREAM));
	ck_assert_int_eq(rename(path, temporary), 0);
	ck_assert_msg(open_at(address), "%s", why.text);
	ck_assert(can_connect());
}
END_TEST

/* The holder is this process, whose name the kernel has from its file. */
START_TEST(live_socket_is_an_error_that_says_who)
{
	int fd = bind_path(SOCK_STREAM);
	char want[160];

	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert(!open_at(address));
	snprintf(want, sizeof want, "(process %ld) listens on \"%s\": stop it",
	    (long)getpid(), path);
	ck_assert_why(want);
	ck_assert(can_connect()); /* untouched */
	close(fd);
}
END_TEST

START_TEST(busy_socket_is_live_too)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = bind_path(SOCK_STREAM);
	int clients[2];

	ck_assert_int_eq(listen(fd, 0), 0);
	memcpy(a.sun_path, path, strlen(path) + 1);
	for (int i = 0; i < 2; i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(clients[i], (struct sockaddr *)&a, sizeof a);
	}
	ck_assert(!open_at(address));
	ck_assert_why("another program listens on ");
	close(clients[0]);
	close(clients[1]);
	close(fd);
}
END_TEST

START_TEST(socket_of_another_kind_is_left_alone)
{
	int fd = bind_path(SOCK_DGRAM);
	struct stat st;

	ck_assert(!open_at(address));
	ck_assert_why("another program listens on ");
	ck_assert_int_eq(lstat(path, &st), 0);
	close(fd);
}
END_TEST

START_TEST(file_is_never_removed)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	struct stat st;

	close(fd);
	ck_assert(!open_at(address));
	ck_assert_why("there is a file at \"");
	ck_assert_why("move it away, or choose another path");
	ck_assert(lstat(path, &st) == 0 && S_ISREG(st.st_mode));
}
END_TEST

START_TEST(directory_is_never_removed)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!open_at(address));
	ck_assert_why("there is a directory at \"");
}
END_TEST

START_TEST(symbolic_link_is_not_followed)
{
	ck_assert_int_eq(symlink("/dev/null", path), 0);
	ck_assert(!open_at(address));
	ck_assert_why("there is a symbolic link at \"");
}
END_TEST

/* Whatever it is: only a socket is taken away. */
START_TEST(temporary_name_that_is_taken)
{
	char name[80];
	int fd;

	snprintf(name, sizeof name, "%s.new", path);
	fd = open(name, O_WRONLY | O_CREAT, 0600);
	close(fd);
	ck_assert(!open_at(address));
	ck_assert_why(name);
	ck_assert_int_eq(unlink(name), 0);
}
END_TEST

START_TEST(directory_that_is_open_to_all)
{
	chmod(dir, 0777);
	ck_assert(!open_at(address));
	ck_assert_why("chmod o-w /tmp/");
	chmod(dir, 01777);
	ck_assert(open_at(address));
}
END_TEST

START_TEST(missing_directory_says_how_to_make_it)
{
	struct setting_listen setting;
	char text[96];
	char want[160];

	snprintf(text, sizeof text, "unix:%s/no/sock", dir);
	setting = at(text);
	setting.group = STR("postfix");
	ck_assert(!listener_open(&setting, &l, &why));
	snprintf(want, sizeof want,
	    "there is no directory \"%s/no\" for the socket; make it: install "
	    "-d -o %s -g postfix -m 0750 %s/no",
	    dir, getpwuid(geteuid())->pw_name, dir);
	ck_assert_str_eq(why.text, want);
}
END_TEST

/* Root may write anywhere: as root, in a process that gives that up. */
START_TEST(forbidden_directory_says_whose_it_is)
{
	int status;
	pid_t child;

	ck_assert_int_eq(chmod(dir, 0500), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		bool ok;
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		ok = !open_at(address) &&
		     strstr(why.text, "no permission to make a socket in \"") !=
			 NULL &&
		     strstr(why.text, " with mode 0500, and this process "
				      "runs as ") != NULL &&
		     strstr(why.text, "; let it write there: chown ") != NULL;
		if (!ok)
			fprintf(stderr, "\"%s\"\n", why.text);
		_exit(ok ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(unknown_owner_is_an_error)
{
	struct setting_listen setting = at(address);
	struct stat st;

	setting.user = STR("no-such-user");
	ck_assert(!listener_open(&setting, &l, &why));
	ck_assert_why("there is no user \"no-such-user\" on this machine");
	setting.user = STR_NONE;
	setting.group = STR("no-such-group");
	ck_assert(!listener_open(&setting, &l, &why));
	ck_assert_why("there is no group \"no-such-group\" on this machine");
	ck_assert_int_ne(lstat(path, &st), 0);
}
END_TEST

START_TEST(owner_is_given)
{
	struct setting_listen setting = at(address);
	const struct group *gr = getgrgid(getegid());
	struct stat st;

	setting.user = str_c(getpwuid(geteuid())->pw_name);
	setting.group = str_c(gr->gr_name);
	ck_assert_msg(listener_open(&setting, &l, &why), "%s", why.text);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert_uint_eq(st.st_uid, geteuid());
	ck_assert_uint_eq(st.st_gid, getegid());
}
END_TEST

START_TEST(longest_path_and_one_more)
{
	char text[200] = "unix:";
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	strcat(text, dir);
	strcat(text, "/");
	while (strlen(text) < 5 + LISTEN_PATH_MAX)
		strcat(text, "x");
	ck_assert_msg(open_at(text), "%s", why.text);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(a.sun_path, text + 5);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	close(fd);
	listener_close(&l);
	strcat(text, "x");
	ck_assert(!open_at(text));
	ck_assert_why("the path of a socket has at most 100 octets, and \"");
	ck_assert_why("has 101");
}
END_TEST

START_TEST(socket_of_a_later_start_is_not_removed)
{
	struct listener other = { .fd = -1 };
	struct setting_listen setting = at(address);

	ck_assert(open_at(address));
	close(l.fd); /* killed, as it were */
	l.fd = -1;
	ck_assert_msg(listener_open(&setting, &other, &why), "%s", why.text);
	listener_close(&l);
	ck_assert(can_connect());
	listener_close(&other);
	ck_assert(!can_connect());
}
END_TEST

/* ---- addresses ---------------------------------------------------------- */

static const struct {
	const char *address;
	const char *why;
} faults[] = {
	{ "/run/x.sock", "\"/run/x.sock\" is no address to listen on; write "
			 "unix:/PATH, inet:PORT@HOST or inet6:PORT@HOST" },
	{ "tcp:25@localhost", "is no address to listen on" },
	{ "", "is no address to listen on" },
	{ "unix:", "must begin with a slash" },
	{ "unix:run/x.sock", "the path in \"unix:run/x.sock\" must begin with "
			     "a slash" },
	{ "inet:", "write inet:8891@127.0.0.1 (port, then host)" },
	{ "inet:@127.0.0.1", "write inet:8891@127.0.0.1 (port, then host)" },
	{ "inet:8891@", "write inet:8891@127.0.0.1 (port, then host)" },
	{ "inet:no-such-port@127.0.0.1",
	    "cannot listen on \"inet:no-such-port@127.0.0.1\": Servname not "
	    "supported" },
	{ "inet:127.0.0.1:8891", "cannot listen on \"inet:127.0.0.1:8891\"" },
	{ "inet:0@192.0.2.1",
	    "this machine has no such address as in \"inet:0@192.0.2.1\"; see "
	    "which it has: ip address" },
	{ "inet6:0@127.0.0.1", "cannot listen on \"inet6:0@127.0.0.1\": " },
};

START_TEST(address_that_is_none)
{
	ck_assert_msg(!open_at(faults[_i].address), "%s", faults[_i].address);
	ck_assert_why(faults[_i].why);
	ck_assert_int_eq(l.fd, -1);
}
END_TEST

START_TEST(inet_tells_the_port_it_got)
{
	char want[64];
	char port[8];
	struct sockaddr_in a;
	socklen_t n = sizeof a;

	ck_assert_msg(open_at("inet:0@127.0.0.1"), "%s", why.text);
	ck_assert_int_eq(getsockname(l.fd, (struct sockaddr *)&a, &n), 0);
	snprintf(port, sizeof port, "%u", ntohs(a.sin_port));
	snprintf(want, sizeof want, "inet:%s@127.0.0.1", port);
	ck_assert_str_eq(l.address, want);
	snprintf(want, sizeof want, "inet:127.0.0.1:%s", port);
	ck_assert_str_eq(l.postfix, want);
}
END_TEST

START_TEST(inet_port_in_use)
{
	struct listener other = { .fd = -1 };
	struct setting_listen setting;
	char text[LISTEN_TEXT_MAX];
	char want[400];

	ck_assert_msg(open_at("inet:0@127.0.0.1"), "%s", why.text);
	strcpy(text, l.address);
	setting = at(text);
	ck_assert(!listener_open(&setting, &other, &why));
	snprintf(want, sizeof want,
	    "another program listens on \"%.200s\"; see which: ss -ltnp "
	    "'sport = :",
	    text);
	ck_assert_why(want);
}
END_TEST

START_TEST(inet6_has_brackets_for_postfix)
{
	if (!open_at("inet6:0@[::1]")) {
		/* a machine without IPv6 */
		ck_assert_why("cannot listen on");
		return;
	}
	ck_assert_msg(
	    strncmp(l.postfix, "inet:[::1]:", 11) == 0, "%s", l.postfix);
	ck_assert_msg(strstr(l.address, "@::1") != NULL, "%s", l.address);
}
END_TEST

Suite *
suite_listen(void)
{
	Suite *suite = suite_create("listen");
	TCase *tc = tcase_create("unix");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, unix_socket_has_its_mode, 0, sizeof(modes) / sizeof(modes[0]));
	tcase_add_test(tc, stale_socket_is_replaced);
	tcase_add_test(tc, leftover_of_a_killed_start_is_no_obstacle);
	tcase_add_test(tc, live_socket_is_an_error_that_says_who);
	tcase_add_test(tc, busy_socket_is_live_too);
	tcase_add_test(tc, socket_of_another_kind_is_left_alone);
	tcase_add_test(tc, file_is_never_removed);
	tcase_add_test(tc, directory_is_never_removed);
	tcase_add_test(tc, symbolic_link_is_not_followed);
	tcase_add_test(tc, temporary_name_that_is_taken);
	tcase_add_test(tc, directory_that_is_open_to_all);
	tcase_add_test(tc, missing_directory_says_how_to_make_it);
	tcase_add_test(tc, forbidden_directory_says_whose_it_is);
	tcase_add_test(tc, unknown_owner_is_an_error);
	tcase_add_test(tc, owner_is_given);
	tcase_add_test(tc, longest_path_and_one_more);
	tcase_add_test(tc, socket_of_a_later_start_is_not_removed);
	suite_add_tcase(suite, tc);

	tc = tcase_create("address");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, address_that_is_none, 0, sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, inet_tells_the_port_it_got);
	tcase_add_test(tc, inet_port_in_use);
	tcase_add_test(tc, inet6_has_brackets_for_postfix);
	suite_add_tcase(suite, tc);
	return suite;
}
