/*
 * log_file - the sink for a file, and for standard error.
 *
 *     2026-11-22T10:00:00+01:00 portreeve[PID]: LINE
 *
 * or, as JSON, LINE alone, which has its time in it.
 *
 * Used by one writer thread only.  A file that was moved away or removed
 * (logrotate) is opened anew: looked at before a line when the last look is
 * a second old, so that an idle log costs nothing.  Lines are kept back until
 * the flush and go out in one write.  While they cannot be written they are
 * counted; standard error is told at most once a minute, and the file itself
 * once it takes lines again.
 */
#include "obs/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "obs/log.h"
#include "obs/log_format.h"

enum {
	LOOK_US = 1000 * 1000,
	COMPLAIN_US = 60 * 1000 * 1000,
	FILE_MODE = 0640,
	HEAD_MAX = 80, /* time, program and process id */
	LINE_MAX_OCTETS = HEAD_MAX + LOG_LINE_MAX + 1,
	ROOM = 32 * 1024, /* for lines that wait for the flush */
};

struct file_sink {
	char *path; /* NULL: standard error */
	enum log_format format;
	int fd;
	dev_t dev;
	ino_t ino;
	int64_t looked;     /* at the path */
	int64_t complained; /* on standard error */
	bool has_complained;
	bool torn;     /* the last line went out in part */
	uint64_t lost; /* lines that could not be written */
	int error;     /* of the last of them */
	int64_t when;  /* of `head` */
	char head[HEAD_MAX];
	size_t head_n;
	char lines[ROOM];
	size_t n; /* octets of them */
};

static int64_t
now_us(void)
{
	return clock_system.mono_us(clock_system.ctx);
}

/* Whether others can put what they like into the directory of the path, and
 * take away what is in it. */
static bool
directory_open_to_all(const char *path, bool *sticky_r)
{
	struct str whole = str_c(path);
	size_t slash = str_rfind(whole, '/');
	char *name =
	    slash == STR_NOWHERE ? strdup(".") : strndup(path, slash + 1);
	struct stat st;
	bool open_to_all =
	    name == NULL || stat(name, &st) != 0 || (st.st_mode & S_IWOTH) != 0;

	*sticky_r = name != NULL && open_to_all && (st.st_mode & S_ISVTX) != 0;
	free(name);
	return open_to_all;
}

static bool
is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* Whether the symbolic link at the path is one that root or we made, and that
 * nobody else can replace. */
static bool
link_is_ours(const char *path)
{
	struct stat st;
	bool sticky;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && is_ours(&st) &&
	       (!directory_open_to_all(path, &sticky) || sticky);
}

/* Whether what was opened may be somebody's trap: his file, or a name of his
 * for another file, in a directory that is open to all. */
static bool
file_is_foreign(int fd, const char *path)
{
	struct stat st;
	bool sticky;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       (!is_ours(&st) || st.st_nlink > 1) &&
	       directory_open_to_all(path, &sticky);
}

/*
 * Without O_NONBLOCK a FIFO that nobody reads would hold up the start; the
 * flag is taken off again, because a writer thread may well wait.  -1 with
 * errno: ELOOP and EXDEV are for what others laid there.
 */
static int
open_to_append(const char *path)
{
	const int how =
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, how | O_NOFOLLOW, FILE_MODE);
	int flags;

	if (fd < 0 && errno == ELOOP && link_is_ours(path))
		fd = open(path, how, FILE_MODE);
	if (fd < 0)
		return -1;
	if (file_is_foreign(fd, path)) {
		(void)close(fd);
		errno = EXDEV;
		return -1;
	}
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd;
}

/* Takes fd over. */
static void
use(struct file_sink *s, int fd)
{
	struct stat st;

	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = fd;
	s->torn = false;
	if (fstat(fd, &st) == 0) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
}

static const char *
open_fault(int error)
{
	switch (error) {
	case ENXIO:
		return "it is a pipe that nobody reads";
	case ELOOP:
		return "it is a symbolic link that another user made, or can "
		       "replace; write the path of the file itself";
	case EXDEV:
		return "everybody can write to its directory, and the file is "
		       "another user's, or has another name; choose another "
		       "directory";
	default:
		return strerror(error);
	}
}

/* Why it cannot be opened, and what to do. */
static void
open_why(struct str path, int error, struct why *why)
{
	struct str directory = str_directory(path);
	const struct passwd *pw = getpwuid(geteuid());
	char me[64];
	char text[400];
	struct buf b = BUF_ON(text);
	struct stat st;

	if (pw != NULL)
		(void)snprintf(me, sizeof me, "%s", pw->pw_name);
	else
		(void)snprintf(me, sizeof me, "%lu", (unsigned long)geteuid());
	switch (error) {
	case ENOENT:
		buf_printf(&b,
		    "; make its directory: install -d -o %s -m 0750 %.*s", me,
		    STR_FMT(directory));
		break;
	case EACCES:
		buf_str_add(&b, path);
		if (stat(buf_cstr(&b), &st) == 0)
			directory = path;
		b.n = 0;
		buf_printf(&b,
		    ", and this process runs as %s; let it write there: "
		    "chown %s %.*s",
		    me, me, STR_FMT(directory));
		break;
	case EROFS:
		buf_c(&b, "; under systemd it may write below "
			  "/var/log/portreeve alone");
		break;
	default:
		break;
	}
	(void)why_set(why, "cannot write the log file \"%.*s\": %s%s",
	    STR_FMT(path), open_fault(error), buf_cstr(&b));
}

static void file_close(void *state);

static void *
file_open(const struct setting_log *setting, struct why *why)
{
	struct file_sink *s = calloc(1, sizeof *s);
	int fd = STDERR_FILENO;

	if (s == NULL) {
		(void)why_set(why, "out of memory");
		return NULL;
	}
	s->fd = -1;
	s->format = log_format_of(setting);
	if (setting->value.n > 0) {
		s->path = strndup(setting->value.p, setting->value.n);
		fd = s->path == NULL ? -1 : open_to_append(s->path);
	}
	if (fd < 0) {
		open_why(setting->value, errno, why);
		file_close(s);
		return NULL;
	}
	use(s, fd);
	s->looked = now_us();
	return s;
}

static void
file_close(void *state)
{
	struct file_sink *s = state;

	if (s->path != NULL && s->fd >= 0)
		(void)close(s->fd);
	free(s->path);
	free(s);
}

/* ---- writing ------------------------------------------------------------ */

/* To standard error, unless that was done less than a minute ago. */
static void
complain(struct file_sink *s, const char *what, int error)
{
	char text[512];
	struct buf b = BUF_ON(text);
	int64_t now = now_us();

	if (s->path == NULL ||
	    (s->has_complained && now - s->complained < COMPLAIN_US))
		return;
	s->has_complained = true;
	s->complained = now;
	buf_printf(&b, "portreeve: cannot %s the log file \"%s\": %s", what,
	    s->path, open_fault(error));
	if (s->lost > 0)
		buf_printf(&b, "; %llu lines lost so far",
		    (unsigned long long)s->lost);
	buf_c(&b, "\n");
	if (write(STDERR_FILENO, b.p, b.n) < 0)
		return; /* there is nobody left to tell */
}

/* Opens the path anew if what is there is not what we write to. */
static void
look(struct file_sink *s)
{
	int64_t now = now_us();
	struct stat st;
	int fd;

	if (s->path == NULL || now - s->looked < LOOK_US)
		return;
	s->looked = now;
	if (stat(s->path, &st) == 0 && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		return;
	fd = open_to_append(s->path);
	if (fd >= 0)
		use(s, fd);
	else
		complain(s, "reopen", errno);
}

/* As much of it as can be; errno tells why not all. */
static size_t
write_most(int fd, struct str s)
{
	size_t all = s.n;

	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		s = str_from(s, (size_t)n);
	}
	return all - s.n;
}

/* strftime writes +0100 where RFC 3339 has +01:00. */
static void
time_print(int64_t when, struct buf *out)
{
	time_t t = (time_t)when;
	struct tm tm;
	char zone[8];
	char text[32];

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0 ||
	    strftime(zone, sizeof zone, "%z", &tm) != 5) {
		buf_i64(out, when);
		return;
	}
	buf_c(out, text);
	buf_printf(out, "%.3s:%s", zone, zone + 3);
}

/* The time, program and process of a line; the same for a second. */
static struct str
head_of(struct file_sink *s, int64_t when)
{
	struct buf head = BUF_ON(s->head);

	if (s->head_n == 0 || when != s->when) {
		time_print(when, &head);
		buf_printf(&head, " portreeve[%ld]: ", (long)getpid());
		s->when = when;
		s->head_n = head.n;
	}
	return str_of(s->head, s->head_n);
}

static void
line_add(struct buf *out, struct file_sink *s, const struct log_line *line)
{
	if (s->format == LOG_FORMAT_TEXT)
		buf_str_add(out, head_of(s, line->when));
	else
		s->when = line->when;
	buf_str_add(out, line->text);
	buf_char(out, '\n');
}

/* Whole lines; how many octets of them went out. */
static size_t
lines_write(struct file_sink *s, struct str lines)
{
	size_t done;

	if (s->torn && write_most(s->fd, STR("\n")) == 1)
		s->torn = false;
	done = s->torn ? 0 : write_most(s->fd, lines);
	if (done < lines.n)
		s->error = errno;
	if (done > 0)
		s->torn = str_at(lines, done - 1) != '\n';
	return done;
}

/* What was lost is told before anything else is written. */
static bool
lost_told(struct file_sink *s)
{
	char room[LINE_MAX_OCTETS];
	char text[512];
	char said[256];
	struct buf line = BUF_ON(room);
	struct buf b = BUF_ON(text);
	struct buf what = BUF_ON(said);

	if (s->lost == 0)
		return true;
	buf_printf(&what, "%llu log lines could not be written: %s",
	    (unsigned long long)s->lost, strerror(s->error));
	log_format_event(s->format, LEVEL_WARNING, buf_str(&what), s->when, &b);
	line_add(&line, s,
	    &(struct log_line){ .when = s->when, .text = buf_str(&b) });
	if (lines_write(s, buf_str(&line)) < line.n)
		return false;
	s->lost = 0;
	return true;
}

static unsigned
file_flush(void *state)
{
	struct file_sink *s = state;
	struct str lines = str_of(s->lines, s->n);
	unsigned lost = 0;

	s->n = 0;
	if (lines.n == 0)
		return 0;
	look(s);
	if (lost_told(s))
		lines = str_from(lines, lines_write(s, lines));
	if (lines.n == 0)
		return 0;
	for (size_t i = 0; i < lines.n; i++)
		lost += lines.p[i] == '\n';
	s->lost += lost;
	complain(s, "write", s->error);
	return lost;
}

static unsigned
file_write(void *state, const struct log_line *line)
{
	struct file_sink *s = state;
	struct buf out;
	unsigned lost = 0;

	if (sizeof s->lines - s->n < LINE_MAX_OCTETS)
		lost = file_flush(s);
	out = (struct buf){ s->lines, s->n, sizeof s->lines, false };
	line_add(&out, s, line);
	s->n = out.n;
	return lost;
}

const struct log_sink_ops log_sink_file = {
	.open = file_open,
	.write = file_write,
	.flush = file_flush,
	.close = file_close,
};
