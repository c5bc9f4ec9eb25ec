/*
 * watch - `watch lists`: list and map files that change are loaded by
 * themselves.
 *
 *     inotify ──▶ quiet for a while ──▶ has a stamp changed? ──▶ reload_ask
 *     every WATCH_LOOK_MS ────────────────────┘
 *
 * For the control thread.
 */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

enum {
	/* After a file was closed or replaced ... */
	WATCH_QUIET_MS = 1000,
	/* ... and after the last write to one that is open still, ... */
	WATCH_OPEN_MS = 10 * 1000,
	/* ... but never longer than this after the first change. */
	WATCH_MOST_MS = 60 * 1000,
	/* What inotify cannot see (network file systems, a directory behind
	 * a link) is looked for. */
	WATCH_LOOK_MS = 10 * 1000,
};

/* Watches the files of the policy in force from now on, if it says so; to be
 * called whenever that is another one, or could not be renewed. */
void watch_policy(void);

#endif
