/*
 * serve - the filter process: libmilter, the policy, the log.
 */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include "daemon/listen.h"

/* What the parent process says, one octet each, ... */
enum {
	ORDER_RELOAD = 'R', /* load the policy again */
	ORDER_STOP = 'S',   /* finish what is under way, then end */
	ORDER_QUIT = 'Q',   /* end now */
};
/* ... and what it is told. */
enum {
	NEWS_UP = 'U',       /* ready */
	NEWS_RELOADED = 'r', /* another policy is in force */
	NEWS_NOT_RELOADED = 'f',
};

enum {
	DRAIN_MS = 2000, /* sessions get that long to finish */
};

/*
 * The life of a filter process, to the status it is to exit with.  Takes
 * over the caller's reference to the policy.  `parent` is a socket to the
 * parent; its end means ORDER_STOP.  `before` (may be "") is what there is
 * to log about an earlier process.
 */
int serve(struct policy *policy, const struct listener *listener, int parent,
    const char *before);

#endif
