/*
 * serve - the filter process: libmilter, the policy, the log.
 */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include "daemon/fixed.h"
#include "daemon/listen.h"

/* What the parent process says, one octet each, ... */
enum {
	ORDER_RELOAD = 'R', /* load the policy again */
	ORDER_STOP = 'S',   /* finish what is under way, then end */
	ORDER_QUIT = 'Q',   /* end now */
};
/* ... and what it is told. */
enum {
	NEWS_UP = 'U', /* ready */
	NEWS_RELOADING = 'l',
	NEWS_RELOADED = 'r', /* another policy is in force */
	NEWS_LISTS_NOT_RELOADED = 'n',
	NEWS_LISTS = 'L', /* the same policy with other lists is */
	NEWS_NOT_RELOADED = 'f',
	NEWS_ALIVE = 'a', /* the control thread is */
};

/* What it has from the parent, which keeps its own. */
struct serve_ends {
	const struct listener *listener; /* mail servers call here */
	int control; /* commands come here (core/control.h); -1: none do */
	int metrics; /* scrapes come here; -1: none do */
	const struct fixed *fixed;
	unsigned restarts;  /* how often a process died before this one */
	const char *before; /* what there is to log about that; may be "" */
	int parent;         /* orders and news; its end means ORDER_STOP */
	bool sandbox;
	bool pulse; /* NEWS_ALIVE is wanted, every second or so */
};

/*
 * The life of a filter process, to the status it is to exit with.  Takes
 * over the caller's reference to the policy.
 */
int serve(struct policy *policy, const struct serve_ends *ends);

#endif
