/*
 * source - reading files.
 *
 * A file is opened without waiting for a writer, so that a forgotten FIFO
 * holds nothing up; what is read lives in the arena of the sources.
 */
#include "lang/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FIRST_READ = 4096,
	SETTLED_S = 2, /* some file systems count in steps of that */
};

void
sources_init(struct sources *sources, struct arena *arena)
{
	*sources = (struct sources){ .arena = arena };
}

const struct source *
source_text(struct sources *sources, struct str name, struct str text)
{
	struct source *source = arena_xalloc(sources->arena, sizeof(*source));

	source->name = arena_xstr(sources->arena, name);
	source->text = str_is_none(text) ? STR("") : text;
	return source;
}

static bool
fault(struct str name, const char *what, struct why *why)
{
	return why_set(why, "%.*s: %s", STR_FMT(str_sub(name, 0, 300)), what);
}

/* What an open or read that failed says. */
static bool
fault_errno(struct str name, struct why *why)
{
	char text[128];
	int error = errno;

	/* strerror_r's GNU form may return a text of its own. */
	return fault(name, strerror_r(error, text, sizeof(text)), why);
}

static bool
fault_size(struct str name, size_t most, struct why *why)
{
	const char *unit = "";
	size_t n = most;

	if (n >= 1024 * 1024 && n % (1024 * 1024) == 0) {
		n /= 1024 * 1024;
		unit = "M";
	}
	return why_set(why, "%.*s: over %zu%s octets",
	    STR_FMT(str_sub(name, 0, 300)), n, unit);
}

/* All of fd's octets, at most `most`.  Room for what the file was said to
 * have, and an octet to see that it has no more. */
static bool
read_all(struct sources *sources, struct str name, int fd, struct str *text_r,
    struct why *why)
{
	size_t most = text_r->n;
	size_t said = (size_t)sources->stamp.size;
	size_t room = said < FIRST_READ || said > most ? FIRST_READ : said + 1;
	size_t n = 0;
	char *p = arena_xalloc(sources->arena, room + 1);

	for (;;) {
		ssize_t got = read(fd, p + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_errno(name, why);
		if (got == 0)
			break;
		n += (size_t)got;
		sources->over = n > most;
		if (sources->over)
			return fault_size(name, most, why);
		if (n == room) {
			char *more = arena_xalloc(sources->arena, 2 * room + 1);
			memcpy(more, p, n);
			p = more;
			room *= 2;
		}
	}
	*text_r = str_of(p, n);
	return true;
}

static struct source_stamp
stamp_from(const struct stat *st)
{
	return (struct source_stamp){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size,
		.mtime = st->st_mtim,
		.ctime = st->st_ctim,
	};
}

struct source_stamp
source_stamp_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct source_stamp){ .size = 0 };
	return stamp_from(&st);
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool
source_stamp_same(const struct source_stamp *a, const struct source_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       same_time(a->mtime, b->mtime) && same_time(a->ctime, b->ctime);
}

bool
source_is_stamped(
    struct sources *sources, struct str name, const struct source_stamp *stamp)
{
	const char *path = arena_cstr(sources->arena, name);
	struct source_stamp now;

	if (!stamp->settled || path == NULL)
		return false;
	now = source_stamp_of(path);
	return source_stamp_same(&now, stamp);
}

/* Reading waits again, now that opening did not. */
static bool
prepare(struct sources *sources, struct str name, int fd, struct why *why)
{
	int64_t settled = sources->now - SETTLED_S;
	struct stat st;
	int flags;

	if (fstat(fd, &st) != 0)
		return fault_errno(name, why);
	sources->stamp = stamp_from(&st);
	sources->stamp.settled =
	    st.st_mtim.tv_sec < settled && st.st_ctim.tv_sec < settled;
	if (S_ISDIR(st.st_mode))
		return fault(name, "is a directory", why);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
		return fault_errno(name, why);
	return true;
}

const struct source *
source_read(
    struct sources *sources, struct str name, size_t most, struct why *why)
{
	struct str text = { "", most };
	char *path = arena_cstr(sources->arena, name);
	bool read;
	int fd;

	sources->over = false;
	if (sources->no_files) {
		fault(name, "files are not read here", why);
		return NULL;
	}
	if (path == NULL || strlen(path) != name.n) {
		fault(name, "has a NUL octet in its name", why);
		return NULL;
	}
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		fault_errno(name, why);
		return NULL;
	}
	read = prepare(sources, name, fd, why) &&
	       read_all(sources, name, fd, &text, why);
	close(fd);
	return read ? source_text(sources, name, text) : NULL;
}

/* ---- the texts of a policy ----------------------------------------------
 */

static const struct policy_text *
text_find(const struct policy_text *texts, struct str name, struct str pattern)
{
	while (texts != NULL &&
	       !(str_eq(texts->name, name) && str_eq(texts->pattern, pattern)))
		texts = texts->next;
	return texts;
}

static const struct policy_text *
text_new(struct arena *arena, const struct policy_text *from,
    const struct policy_text *next)
{
	struct policy_text *text = arena_xalloc(arena, sizeof(*text));

	text->next = next;
	text->name = arena_xstr(arena, from->name);
	text->pattern = arena_xstr(arena, from->pattern);
	text->text = from->text;
	return text;
}

const struct source *
source_read_policy(struct sources *sources, struct str name, struct str pattern,
    size_t most, struct why *why)
{
	struct policy_text text = { .name = name, .pattern = pattern };
	const struct policy_text *again;
	const struct source *source;

	if (sources->replay != NULL) {
		again = text_find(sources->replay, name, pattern);
		if (again != NULL)
			return source_text(sources, name, again->text);
		fault(name, "no text of the policy in force", why);
		return NULL;
	}
	source = source_read(sources, name, most, why);
	if (source == NULL || text_find(sources->texts, name, pattern) != NULL)
		return source;
	text.text = source->text;
	sources->texts = text_new(sources->arena, &text, sources->texts);
	return source;
}

const struct policy_text *
source_texts_copy(struct arena *arena, const struct policy_text *texts)
{
	const struct policy_text *copies = NULL;
	struct policy_text copy;

	for (; texts != NULL; texts = texts->next) {
		copy = *texts;
		copy.text = arena_xstr(arena, texts->text);
		copies = text_new(arena, &copy, copies);
	}
	return copies;
}

struct str
source_relative(
    struct sources *sources, const struct source *from, struct str path)
{
	size_t slash = str_rfind(from->name, '/');

	if (str_starts(path, STR("/")) || slash == STR_NOWHERE)
		return arena_xstr(sources->arena, path);
	return arena_printf(sources->arena, "%.*s%.*s",
	    STR_FMT(str_sub(from->name, 0, slash + 1)), STR_FMT(path));
}

bool
source_same_file(struct arena *arena, struct str a, struct str b)
{
	struct stat st_a;
	struct stat st_b;

	if (str_eq(a, b))
		return true;
	return stat(arena_cstr(arena, a), &st_a) == 0 &&
	       stat(arena_cstr(arena, b), &st_b) == 0 &&
	       st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}
