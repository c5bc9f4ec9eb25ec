/*
 * descriptors - counting them.
 *
 *     0 ...... few ........... full .. limit       reserve held: taking calls
 *             resume ◀──┐       └──▶ pause
 *     0 ...... few .... │ ............ limit       reserve given back: refusing
 *
 * Sessions are counted by all threads; the rest belongs to the control
 * thread, but for the pause that a session itself brings about.
 */
#include "daemon/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/accept.h"
#include "daemon/running.h"

static struct {
	long limit;
	long full; /* so many are open: no more */
	long few;  /* connections are taken again */
} bounds;

static struct {
	int fds[DESCRIPTORS_RESERVE];
	long size; /* how many it is to have */
	long n;    /* how many it has */
} reserve;

static atomic_long sessions;
/* What else is open, as far as it was seen. */
static atomic_long others;

static bool paused; /* an episode is under way, and was logged */

/* How many are open; -1 if that cannot be told. */
static long
count_open(void)
{
	struct stat st;
	DIR *dir;
	long n = -3; /* ".", ".." and the directory itself */

	/* Since Linux 6.2 its size is their number. */
	if (stat("/proc/self/fd", &st) != 0)
		return -1;
	if (st.st_size > 0)
		return (long)st.st_size;
	dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static void
reserve_hold(void)
{
	while (reserve.n < reserve.size) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		reserve.fds[reserve.n++] = fd;
	}
}

static void
reserve_give_back(void)
{
	while (reserve.n > 0)
		(void)close(reserve.fds[--reserve.n]);
}

void
descriptors_init(void)
{
	struct rlimit limit;
	long open;

	bounds.limit =
	    getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1L << 30
		? (long)limit.rlim_cur
		: 1L << 30;
	reserve.size = bounds.limit / 4 < DESCRIPTORS_RESERVE
			   ? bounds.limit / 4
			   : DESCRIPTORS_RESERVE;
	reserve_hold();
	bounds.full = bounds.limit - reserve.size / 4;
	bounds.few = bounds.limit - reserve.size - reserve.size / 2;
	open = count_open();
	atomic_store(&others, open > 0 ? open : reserve.size * 2);
}

void
descriptors_taken(void)
{
	long n = atomic_fetch_add(&sessions, 1) + 1;

	if (n + atomic_load(&others) >= bounds.full)
		accept_pause();
}

void
descriptors_given(void)
{
	atomic_fetch_sub(&sessions, 1);
}

/* ---- the control thread ------------------------------------------------- */

static void
log_pause(long open)
{
	log_event(running_log(), LEVEL_ERROR,
	    "descriptors: %ld are open, of at most %ld: more connections are "
	    "refused until some have closed; if it is to take that many, "
	    "raise the limit: LimitNOFILE= in portreeve.service, or ulimit -n",
	    open, bounds.limit);
}

int
descriptors_look(int ms)
{
	long open = count_open();
	long mine = atomic_load(&sessions);

	if (open < 0)
		open = mine + atomic_load(&others);
	else
		atomic_store(&others, open > mine ? open - mine : 0);
	if (!paused && open >= bounds.full)
		accept_pause();
	if (accept_is_paused() && !paused) {
		paused = true;
		reserve_give_back();
		log_pause(open);
	}
	if (paused && open <= bounds.few && accept_is_paused()) {
		paused = false;
		reserve_hold();
		log_event(running_log(), LEVEL_NOTICE,
		    "descriptors: connections are taken again; refused "
		    "meanwhile: %lu",
		    accept_resume());
	}
	return open > bounds.full / 2 && ms > DESCRIPTORS_LOOK_MS
		   ? DESCRIPTORS_LOOK_MS
		   : ms;
}
