/*
 * watch - list files that change.
 *
 * Directories are watched, since a file that takes the place of another is
 * not the one that was there; of a link, its own directory and that of what
 * it leads to.  An event only says that it is time to look: what counts is
 * whether a file has another stamp than when the lists were last loaded, or
 * tried.  So nothing is loaded for nothing, and a list with a fault is
 * complained of once.
 *
 * A writer that has a file open may not be at its end, so that one waits
 * longer.
 */
#include "daemon/watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/loop.h"
#include "daemon/reload.h"
#include "daemon/running.h"

enum {
	EVENTS_OPEN = IN_MODIFY | IN_CREATE,
	EVENTS = EVENTS_OPEN | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
		 IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF,
};

/* One name of a file; one that is a link has two. */
struct name {
	int wd; /* of its directory; -1: cannot be watched */
	char *path;
	const char *base;         /* in path */
	struct source_stamp seen; /* when it was last loaded, or tried */
	int64_t writing_until;    /* ms; 0: nobody is known to write */
};

static struct {
	struct name *names;
	size_t n;
	int events; /* inotify; -1: none */
	int timer;
	int64_t first;   /* change since the last look, ms; 0: none */
	int64_t last;    /* the same */
	bool complained; /* that something cannot be watched */
} watch = { .events = -1, .timer = -1 };

static int64_t
now_ms(void)
{
	return clock_system.mono_us(clock_system.ctx) / 1000;
}

/* ---- directories -------------------------------------------------------- */

/* Watches the directory of a name, or goes on doing so. */
static void
arm(struct name *name)
{
	char *slash = strrchr(name->path, '/');
	const char *dir = slash == NULL         ? "."
			  : slash == name->path ? "/"
						: name->path;

	name->base = slash == NULL ? name->path : slash + 1;
	if (slash != NULL)
		*slash = '\0';
	name->wd = inotify_add_watch(watch.events, dir, EVENTS);
	if (name->wd < 0 && errno != ENOENT && !watch.complained) {
		watch.complained = true;
		log_event(running_log(), LEVEL_WARNING,
		    "cannot watch %s for changes: %s; lists there are looked "
		    "at every %d s",
		    dir, strerror(errno), WATCH_LOOK_MS / 1000);
	}
	if (slash != NULL)
		*slash = '/';
}

/* ---- when to look ------------------------------------------------------- */

static void
timer_set(int64_t ms)
{
	struct itimerspec in = { .it_value = {
				     ms / 1000, ms % 1000 * 1000000 } };

	(void)timerfd_settime(watch.timer, 0, &in, NULL);
}

/* Milliseconds to the next look. */
static int64_t
look_in(int64_t now)
{
	int64_t at = watch.last + WATCH_QUIET_MS;

	if (watch.first == 0)
		return WATCH_LOOK_MS;
	for (size_t i = 0; i < watch.n; i++)
		if (at < watch.names[i].writing_until)
			at = watch.names[i].writing_until;
	if (at > watch.first + WATCH_MOST_MS)
		at = watch.first + WATCH_MOST_MS;
	return at > now ? at - now : 1;
}

static void
note_change(int64_t now)
{
	if (watch.first == 0)
		watch.first = now;
	watch.last = now;
}

static void
note_event(const struct inotify_event *event, int64_t now)
{
	bool open = (event->mask & EVENTS_OPEN) != 0;

	/* A directory itself, or events that were lost. */
	if (event->len == 0) {
		note_change(now);
		return;
	}
	for (size_t i = 0; i < watch.n; i++) {
		struct name *name = &watch.names[i];
		if (name->wd != event->wd ||
		    strcmp(name->base, event->name) != 0)
			continue;
		name->writing_until = open ? now + WATCH_OPEN_MS : 0;
		note_change(now);
	}
}

static void
on_events(void *ctx, int fd, short revents)
{
	_Alignas(struct inotify_event) char room[8192];
	int64_t now = now_ms();
	ssize_t n;

	(void)ctx;
	(void)revents;
	while ((n = read(fd, room, sizeof room)) > 0) {
		for (const char *p = room; p < room + n;) {
			/* The kernel pads names, so each is aligned. */
			const struct inotify_event *event = (const void *)p;
			note_event(event, now);
			p += sizeof *event + event->len;
		}
	}
	if (watch.first != 0)
		timer_set(look_in(now));
}

/* True if the file is not what it was; it is from now on. */
static bool
look_at(struct name *name)
{
	struct source_stamp stamp = source_stamp_of(name->path);

	arm(name); /* its directory may be another one */
	if (source_stamp_same(&stamp, &name->seen))
		return false;
	name->seen = stamp;
	return true;
}

/* What no event told of: whoever writes to it may still be at it. */
static void
look_around(int64_t now)
{
	for (size_t i = 0; i < watch.n; i++) {
		struct name *name = &watch.names[i];
		struct source_stamp was = name->seen;
		if (!look_at(name))
			continue;
		if (name->seen.ino == was.ino)
			name->writing_until = now + WATCH_OPEN_MS;
		name->seen = was;
		note_change(now);
	}
}

static void
look_and_load(void)
{
	bool changed = false;

	watch.first = 0;
	for (size_t i = 0; i < watch.n; i++)
		changed = look_at(&watch.names[i]) || changed;
	if (changed)
		reload_ask_lists();
}

static void
on_timer(void *ctx, int fd, short revents)
{
	int64_t now = now_ms();
	uint64_t count;

	(void)ctx;
	(void)revents;
	if (read(fd, &count, sizeof count) != (ssize_t)sizeof count)
		return;
	if (watch.first == 0)
		look_around(now);
	else
		look_and_load();
	timer_set(look_in(now));
}

/* ---- what to watch ------------------------------------------------------ */

/* The names of the policy before: some may be written to right now. */
struct names {
	struct name *names;
	size_t n;
};

static int64_t
writing_until(const struct names *old, const char *path)
{
	for (size_t i = 0; i < old->n; i++)
		if (strcmp(old->names[i].path, path) == 0)
			return old->names[i].writing_until;
	return 0;
}

/* Takes path over, which may be NULL. */
static void
add_name(const struct names *old, char *path, const struct source_stamp *stamp)
{
	struct name *name = &watch.names[watch.n];

	if (path == NULL)
		return;
	*name = (struct name){
		.wd = -1,
		.path = path,
		.seen = *stamp,
		.writing_until = writing_until(old, path),
	};
	arm(name);
	watch.n++;
}

static void
add_file(const struct names *old, const struct kept_file *file)
{
	char real[PATH_MAX];
	char *path = strndup(file->path.p, file->path.n);

	if (path != NULL && realpath(path, real) != NULL &&
	    strcmp(real, path) != 0)
		add_name(old, strdup(real), &file->stamp);
	add_name(old, path, &file->stamp);
}

static bool
is_watched(int wd)
{
	for (size_t i = 0; i < watch.n; i++)
		if (watch.names[i].wd == wd)
			return true;
	return false;
}

static void
names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!is_watched(names->names[i].wd))
			(void)inotify_rm_watch(
			    watch.events, names->names[i].wd);
		free(names->names[i].path);
	}
	free(names->names);
}

/* Events that come while the names change wait in the descriptor. */
static bool
open_all(void)
{
	if (watch.events >= 0)
		return true;
	watch.timer =
	    timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	watch.events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return watch.timer >= 0 && watch.events >= 0 &&
	       loop_add(watch.timer, POLLIN, on_timer, NULL) &&
	       loop_add(watch.events, POLLIN, on_events, NULL);
}

static void
close_one(int *fd)
{
	loop_remove(*fd);
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
close_all(void)
{
	close_one(&watch.events);
	close_one(&watch.timer);
	watch.first = 0;
	watch.complained = false;
}

static void
names_set(const struct policy *policy, const struct names *old)
{
	for (const struct kept_def *k = policy->kept; k != NULL; k = k->next)
		for (uint32_t i = 0; i < k->n_files; i++)
			add_file(old, &k->files[i]);
}

static size_t
files_of(const struct policy *policy)
{
	size_t n = 0;

	for (const struct kept_def *k = policy->kept; k != NULL; k = k->next)
		n += k->n_files;
	return n;
}

static bool
begin(const struct policy *policy, const struct names *old, size_t files)
{
	watch.names = calloc(2 * files, sizeof *watch.names);
	if (watch.names == NULL || !open_all()) {
		log_event(running_log(), LEVEL_ERROR,
		    "cannot watch the lists: %s; they are loaded by "
		    "\"portreeve reload\" only",
		    strerror(errno));
		return false;
	}
	names_set(policy, old);
	/* one may have changed since it was read */
	timer_set(watch.first == 0 ? 1 : look_in(now_ms()));
	return true;
}

void
watch_policy(void)
{
	const struct policy *policy = running_policy();
	struct names old = { watch.names, watch.n };
	size_t files = policy->watch_lists ? files_of(policy) : 0;
	bool on;

	watch.names = NULL;
	watch.n = 0;
	on = files > 0 && begin(policy, &old, files);
	names_free(&old);
	if (!on)
		close_all();
}
