/*
 * test_doctor - its parts, each apart: lists of milters, the way to a socket,
 * sendmail.cf, the page.  tests/e2e/part_doctor.py has it look at a real
 * Postfix.
 */
#include "tools/doctor.h"

#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/postconf.h"
#include "tools/reach.h"
#include "tools/spawn.h"

Suite *suite_doctor(void);

static struct arena *arena;
static char dir[] = "/tmp/portreeve-doctor-XXXXXX";
static char deep[64]; /* a directory in it */
static char socket_path[80];
static int listening = -1;

static void
setup(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	arena = arena_new(ARENA_UNLIMITED);
	strcpy(dir + sizeof dir - 7, "XXXXXX");
	ck_assert(arena != NULL && mkdtemp(dir) != NULL);
	snprintf(deep, sizeof deep, "%s/deep", dir);
	snprintf(socket_path, sizeof socket_path, "%s/sock", deep);
	ck_assert_int_eq(mkdir(deep, 0755), 0);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	strcpy(address.sun_path, socket_path);
	listening = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(
	    bind(listening, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(listening, 5), 0);
	ck_assert_int_eq(chmod(socket_path, 0666), 0);
}

static void
teardown(void)
{
	close(listening);
	unlink(socket_path);
	rmdir(deep);
	rmdir(dir);
	arena_free(arena);
}

/* ---- lists of milters --------------------------------------------------- */

static const struct {
	const char *list;
	const char *read; /* "ADDRESS[ACTION] " each */
} lists[] = {
	{ "", "" },
	{ " , ", "" },
	{ "unix:portreeve/portreeve.sock", "unix:portreeve/portreeve.sock[] " },
	{ "inet:127.0.0.1:8891, unix:/x", "inet:127.0.0.1:8891[] unix:/x[] " },
	{ "{ inet:h:1, default_action=accept, connect_timeout = 5s } unix:/y",
	    "inet:h:1[accept] unix:/y[] " },
	{ "{unix:/x}{ unix:/y, default_action = tempfail }",
	    "unix:/x[] unix:/y[tempfail] " },
	{ "{ unix:/x", "unix:/x[] " },
};

START_TEST(lists_of_milters_are_read)
{
	struct str rest = str_c(lists[_i].list);
	struct postconf_milter milter;
	char room[256];
	struct buf b = BUF_ON(room);

	while (postconf_milter(&rest, &milter))
		buf_printf(&b, "%.*s[%.*s] ", STR_FMT(milter.address),
		    STR_FMT(milter.action));
	ck_assert_str_eq(buf_cstr(&b), lists[_i].read);
}
END_TEST

/* ---- the way to a socket ------------------------------------------------ */

static struct obstacle
try_as(const char *user, const char *root, const char *cwd, const char *path)
{
	struct account account;
	struct reach reach = { .account = &account,
		.root = str_c(root),
		.cwd = str_c(cwd),
		.path = str_c(path) };
	struct obstacle o;

	ck_assert(account_find(str_c(user), arena, &account));
	reach_try(&reach, arena, &o);
	return o;
}

START_TEST(an_open_way_has_no_obstacle)
{
	ck_assert_int_eq(
	    try_as("nobody", "", "", socket_path).kind, OBSTACLE_NONE);
	ck_assert_int_eq(
	    try_as("nobody", "", dir, "deep/sock").kind, OBSTACLE_NONE);
	ck_assert_int_eq(
	    try_as("root", "", "", socket_path).kind, OBSTACLE_NONE);
}
END_TEST

/* Only root can be confined, and only root can be nobody. */
START_TEST(a_chroot_is_followed)
{
	struct obstacle o;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(
	    try_as("nobody", dir, dir, "/deep/sock").kind, OBSTACLE_NONE);
	ck_assert_int_eq(
	    try_as("nobody", dir, dir, "deep/sock").kind, OBSTACLE_NONE);
	o = try_as("nobody", dir, dir, socket_path);
	ck_assert_int_eq(o.kind, OBSTACLE_MISSING);
	ck_assert(
	    str_starts(o.path, str_c(dir)) && o.path.n >= strlen(dir) + 4);
}
END_TEST

START_TEST(a_directory_is_in_the_way)
{
	struct obstacle o;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(deep, 0700), 0);
	o = try_as("nobody", "", "", socket_path);
	ck_assert_int_eq(o.kind, OBSTACLE_SEARCH);
	ck_assert(str_eq(o.path, str_c(deep)));
	ck_assert_uint_eq(o.mode, 0700);
	ck_assert(str_eq(o.owner, STR("root:root")));
	ck_assert_int_eq(
	    try_as("root", "", "", socket_path).kind, OBSTACLE_NONE);
}
END_TEST

/* What others reach there is then not known, and no fault of theirs. */
START_TEST(who_looks_may_not_see)
{
	struct account nobody;
	struct obstacle o;

	if (geteuid() != 0)
		return;
	ck_assert(account_find(STR("nobody"), arena, &nobody));
	ck_assert_int_eq(chmod(deep, 0700), 0);
	ck_assert_int_eq(seteuid(nobody.uid), 0);
	o = try_as("root", "", "", socket_path);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(o.kind, OBSTACLE_UNSEEN);
	ck_assert(str_eq(o.path, str_c(socket_path)));
}
END_TEST

START_TEST(a_socket_is_in_the_way)
{
	struct obstacle o;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(socket_path, 0660), 0);
	o = try_as("nobody", "", "", socket_path);
	ck_assert_int_eq(o.kind, OBSTACLE_PERMISSION);
	ck_assert(str_eq(o.path, str_c(socket_path)));
}
END_TEST

START_TEST(nobody_listens)
{
	close(listening);
	ck_assert_int_eq(
	    try_as("root", "", "", socket_path).kind, OBSTACLE_NOBODY);
	unlink(socket_path);
	ck_assert_int_eq(
	    try_as("root", "", "", socket_path).kind, OBSTACLE_MISSING);
	ck_assert_int_eq(try_as("root", "", "", deep).kind, OBSTACLE_NO_SOCKET);
}
END_TEST

START_TEST(there_is_no_such_account)
{
	struct account account;

	ck_assert(!account_find(STR("no-such-account"), arena, &account));
}
END_TEST

/* ---- other programs ----------------------------------------------------- */

START_TEST(a_program_is_read)
{
	static const char *const echo[] = { "echo", "a  b", "$HOME", NULL };
	static const char *const fails[] = { "false", NULL };
	static const char *const none[] = { "no-such-program", NULL };
	static const char *const endless[] = { "yes", NULL };
	struct why why;
	struct str text;

	ck_assert(spawn_read(echo, arena, &text, &why));
	ck_assert(str_eq(text, STR("a  b $HOME\n")));
	ck_assert(!spawn_read(fails, arena, &text, &why));
	ck_assert_str_eq(why.text, "false failed");
	ck_assert(!spawn_read(none, arena, &text, &why));
	ck_assert_str_eq(why.text, "no-such-program cannot be run");
	ck_assert(!spawn_read(endless, arena, &text, &why));
	ck_assert_str_eq(why.text, "yes does not end, or prints too much");
}
END_TEST

/* ---- Sendmail ----------------------------------------------------------- */

static const struct {
	const char *cf;
	enum finding_level level;
	const char *says;
	bool mended;
} sendmails[] = {
	{ "O RunAsUser=root\n", FINDING_FAULT, "has no filter at unix:", true },
	{ "Xp, S=unix:@, F=T\n", FINDING_FAULT, "does not name it", true },
	{ "Xother, S=unix:/other, F=T\nO InputMailFilters=other\n",
	    FINDING_FAULT, "has no filter at unix:", true },
	{ "Xp, S=unix:@, F=T\nO InputMailFilters=p\n", FINDING_OK,
	    "asks portreeve, as the filter p", false },
	{ "Xp, S=unix:@, F=T\nO InputMailFilters=p\n", FINDING_OK,
	    "asks clients to come again", false },
	{ "Xp, S=unix:@, F=T\nO InputMailFilters=p\n", FINDING_OK,
	    "Sendmail reaches the socket", false },
	{ "Xp, S=unix:@\nO InputMailFilters=p\n", FINDING_WARNING,
	    "there is no F=T", true },
	{ "Xp, S=unix:@, F=R, T=C:5m\nO InputMailFilters=p\n", FINDING_WARNING,
	    "F=R", true },
	{ "Xp, S=unix:@, F=T\nO InputMailFilters=dkim, p\n", FINDING_NOTE,
	    "asks another filter before: dkim", false },
	{ "Xp, S=unix:@, F=T\nO InputMailFilters=p\nO RunAsUser=nosuch:x\n",
	    FINDING_FAULT, "RunAsUser of Sendmail is \"nosuch\"", false },
};

/* cf with the socket's path for @, in a file. */
static const char *
cf_write(const char *cf)
{
	const char *path = arena_printf(arena, "%s/sendmail.cf", dir).p;
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	for (; *cf != '\0'; cf++)
		if (*cf == '@')
			fputs(socket_path, out);
		else
			fputc(*cf, out);
	fclose(out);
	return path;
}

START_TEST(a_sendmail_cf_is_judged)
{
	struct doctor d = { .arena = arena, .findings.arena = arena };
	struct diags diags;
	const struct finding *f;

	diags_init(&diags, arena);
	d.policy = policy_load_text(STR("test.conf"),
	    arena_printf(arena, "listen \"unix:%s\"", socket_path), &diags);
	ck_assert_ptr_nonnull(d.policy);
	d.sendmail = cf_write(sendmails[_i].cf);
	doctor_sendmail(&d);
	unlink(d.sendmail);
	for (f = d.findings.first; f != NULL; f = f->next)
		if (f->level == sendmails[_i].level &&
		    strstr(f->text.p, sendmails[_i].says) != NULL)
			break;
	ck_assert_msg(f != NULL, "%s: not found: %s", sendmails[_i].cf,
	    sendmails[_i].says);
	ck_assert_int_eq(!str_is_none(f->mend), sendmails[_i].mended);
	ck_assert_uint_eq(d.servers, 1);
	policy_unref(d.policy);
}
END_TEST

/* ---- the page ----------------------------------------------------------- */

START_TEST(findings_are_printed)
{
	struct findings f = { .arena = arena };
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	finding_add(&f, FINDING_OK, "all is %s", "well");
	finding_add(&f, FINDING_FAULT,
	    "a sentence that is much too long for one line of a terminal "
	    "is folded behind the first column");
	finding_mend(&f, "first line of it\nsecond line of it");
	findings_print(&f, out);
	fclose(out);
	ck_assert_str_eq(text,
	    "ok       all is well\n"
	    "FAULT    a sentence that is much too long for one line of a "
	    "terminal is folded\n"
	    "         behind the first column\n"
	    "           mend: first line of it\n"
	    "                 second line of it\n"
	    "\n1 fault, 0 warnings\n");
	free(text);
}
END_TEST

Suite *
suite_doctor(void)
{
	Suite *s = suite_create("doctor");
	TCase *tc = tcase_create("doctor");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, lists_of_milters_are_read, 0,
	    (int)(sizeof lists / sizeof lists[0]));
	tcase_add_test(tc, an_open_way_has_no_obstacle);
	tcase_add_test(tc, a_chroot_is_followed);
	tcase_add_test(tc, a_directory_is_in_the_way);
	tcase_add_test(tc, who_looks_may_not_see);
	tcase_add_test(tc, a_socket_is_in_the_way);
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, there_is_no_such_account);
	tcase_add_test(tc, a_program_is_read);
	tcase_add_loop_test(tc, a_sendmail_cf_is_judged, 0,
	    (int)(sizeof sendmails / sizeof sendmails[0]));
	tcase_add_test(tc, findings_are_printed);
	suite_add_tcase(s, tc);
	return s;
}
