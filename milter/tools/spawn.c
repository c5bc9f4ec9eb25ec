/*
 * spawn - one child, one pipe, one deadline.
 */
#include "tools/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* In the child: never returns. */
static void
child_run(const char *const *argv, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* An administrator's PATH may lack them. */
	if (setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) == 0 &&
	    null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDERR_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int
wait_ms(int64_t until_us)
{
	int64_t left = until_us - clock_system.mono_us(clock_system.ctx);

	return left <= 0 ? 0 : (int)(left / 1000) + 1;
}

/* All that comes; false if it is too much, or too late. */
static bool
read_all(int fd, char *text, size_t *n_r)
{
	int64_t until =
	    clock_system.mono_us(clock_system.ctx) + (int64_t)SPAWN_S * 1000000;
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t got = 1;

	*n_r = 0;
	while (got != 0) {
		if (poll(&wait, 1, wait_ms(until)) <= 0 ||
		    *n_r == SPAWN_TEXT_MAX)
			return false;
		got = read(fd, text + *n_r, SPAWN_TEXT_MAX - *n_r);
		if (got < 0 && errno != EINTR)
			return false;
		if (got > 0)
			*n_r += (size_t)got;
	}
	return true;
}

static bool
child_end(pid_t child, bool read, const char *name, struct why *why)
{
	int how = 0;

	if (!read)
		(void)kill(child, SIGKILL);
	while (waitpid(child, &how, 0) < 0 && errno == EINTR)
		continue;
	if (!read)
		return why_set(
		    why, "%s does not end, or prints too much", name);
	if (WIFEXITED(how) && WEXITSTATUS(how) == 127)
		return why_set(why, "%s cannot be run", name);
	if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
		return why_set(why, "%s failed", name);
	return true;
}

bool
spawn_read(const char *const *argv, struct arena *arena, struct str *text_r,
    struct why *why)
{
	char *text = arena_xalloc(arena, SPAWN_TEXT_MAX);
	int ends[2];
	pid_t child;
	bool read;
	size_t n;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return why_set(why, "cannot make a pipe: %s", strerror(errno));
	child = fork();
	if (child == 0)
		child_run(argv, ends[1]);
	(void)close(ends[1]);
	if (child < 0) {
		(void)close(ends[0]);
		return why_set(
		    why, "cannot start %s: %s", argv[0], strerror(errno));
	}
	read = read_all(ends[0], text, &n);
	(void)close(ends[0]);
	if (!child_end(child, read, argv[0], why))
		return false;
	*text_r = str_of(text, n);
	return true;
}
