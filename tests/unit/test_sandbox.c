/*
 * test_sandbox - what a process can do in its sandbox, tried in a child.
 *
 * A kernel or a build without Landlock or libseccomp leaves its half out, and
 * then the text for the log has to say so.
 */
#include "daemon/sandbox.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *suite_sandbox(void);

static char dir[] = "/tmp/portreeve-sandbox-XXXXXX";

static const char *const directories[] = { "policy", "lists", "logs", "other" };

static const struct {
	const char *name;
	const char *text;
} files[] = {
	{ "policy/p.conf", "include \"more-*.conf\"\nuser root\n"
			   "log file \"../logs/decisions.log\"\n"
			   "words w = file \"../lists/w\"\n"
			   "on helo { a: reject if helo in w }\n" },
	{ "policy/more-1.conf", "observe all\n" },
	{ "lists/w", "one\n" },
	{ "lists/later", "two\n" },
	{ "other/secret", "three\n" },
};

static const char *
at(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void
setup(void)
{
	strcpy(dir + sizeof dir - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		ck_assert_int_eq(mkdir(at(directories[i]), 0755), 0);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		FILE *out = fopen(at(files[i].name), "w");
		ck_assert_ptr_nonnull(out);
		fputs(files[i].text, out);
		fclose(out);
	}
}

static void
teardown(void)
{
	unlink(at("logs/decisions.log"));
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		unlink(at(files[i].name));
	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		rmdir(at(directories[i]));
	ck_assert_int_eq(rmdir(dir), 0);
}

/* ---- what is tried ------------------------------------------------------ */

enum half {
	FILES,
	CALLS,
};

struct attempt {
	const char *what;
	enum half half;
	int (*try)(const struct attempt *a); /* 0, or errno */
	const char *path;
	int flags;
	int want;
};

static int
try_open(const struct attempt *a)
{
	const char *path = a->path[0] == '/' ? a->path : at(a->path);
	int fd = open(path, a->flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int
try_unlink(const struct attempt *a)
{
	return unlink(at(a->path)) == 0 ? 0 : errno;
}

static int
try_exec(const struct attempt *a)
{
	char *argv[] = { NULL };

	execve(a->path, argv, argv);
	return errno;
}

static int
try_trace(const struct attempt *a)
{
	(void)a;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno;
}

static int
try_unshare(const struct attempt *a)
{
	(void)a;
	return syscall(SYS_unshare, 0) == 0 ? 0 : errno;
}

static const struct attempt attempts[] = {
	{ "the policy", FILES, try_open, "policy/p.conf", O_RDONLY, 0 },
	{ "what it includes", FILES, try_open, "policy/more-1.conf", O_RDONLY,
	    0 },
	{ "its directory", FILES, try_open, "policy", O_RDONLY | O_DIRECTORY,
	    0 },
	{ "a list", FILES, try_open, "lists/w", O_RDONLY, 0 },
	{ "another list beside it", FILES, try_open, "lists/later", O_RDONLY,
	    0 },
	{ "a log that is not there yet", FILES, try_open, "logs/decisions.log",
	    O_WRONLY | O_APPEND | O_CREAT, 0 },
	{ "a file of the system", FILES, try_open, "/etc/passwd", O_RDONLY, 0 },
	{ "the null device", FILES, try_open, "/dev/null", O_WRONLY, 0 },
	{ "its own descriptors", FILES, try_open, "/proc/self/fd",
	    O_RDONLY | O_DIRECTORY, 0 },
	{ "a file elsewhere", FILES, try_open, "other/secret", O_RDONLY,
	    EACCES },
	{ "writing the policy", FILES, try_open, "policy/p.conf", O_WRONLY,
	    EACCES },
	{ "writing a list", FILES, try_open, "lists/w", O_WRONLY, EACCES },
	{ "a new file beside the policy", FILES, try_open, "policy/new",
	    O_WRONLY | O_CREAT, EACCES },
	{ "removing a list", FILES, try_unlink, "lists/w", 0, EACCES },
	{ "removing the log", FILES, try_unlink, "logs/decisions.log", 0,
	    EACCES },
	{ "running a program", CALLS, try_exec, "/bin/true", 0, EPERM },
	{ "being traced", CALLS, try_trace, NULL, 0, EPERM },
	{ "another namespace", CALLS, try_unshare, NULL, 0, EPERM },
};

enum {
	ATTEMPTS = sizeof attempts / sizeof attempts[0],
	ALL_AS_WANTED = 100,
	NO_POLICY,
	NOT_TOLD, /* that something is not restricted */
};

static bool
in_force(enum half half)
{
	return half == FILES ? sandbox_remedy() != NULL
			     : strstr(sandbox_text(), " are refused") != NULL;
}

static int
try_all(void)
{
	struct diags diags;
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;

	diags_init(&diags, arena);
	policy = policy_load(at("policy/p.conf"), &diags);
	if (policy == NULL)
		return NO_POLICY;
	sandbox_enter(policy);
	for (int i = 0; i < ATTEMPTS; i++)
		if (in_force(attempts[i].half) &&
		    attempts[i].try(&attempts[i]) != attempts[i].want)
			return i;
	if ((!in_force(FILES) || !in_force(CALLS)) &&
	    strstr(sandbox_text(), "not restricted") == NULL)
		return NOT_TOLD;
	return ALL_AS_WANTED;
}

START_TEST(only_what_is_needed)
{
	pid_t child = fork();
	int how;

	if (child == 0)
		_exit(try_all());
	ck_assert_int_eq(waitpid(child, &how, 0), child);
	ck_assert(WIFEXITED(how));
	ck_assert_msg(WEXITSTATUS(how) == ALL_AS_WANTED, "%d: %s",
	    WEXITSTATUS(how),
	    WEXITSTATUS(how) < ATTEMPTS ? attempts[WEXITSTATUS(how)].what : "");
}
END_TEST

Suite *
suite_sandbox(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tc = tcase_create("sandbox");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, only_what_is_needed);
	suite_add_tcase(suite, tc);
	return suite;
}
