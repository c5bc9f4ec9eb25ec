/*
 * listen - the socket on which mail servers call.
 */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include "lang/policy.h"

enum {
	LISTEN_TEXT_MAX = 300,
};

struct listener {
	int fd;                         /* -1: not open */
	char path[LISTEN_PATH_MAX + 1]; /* unix: to remove at the end */
	uint64_t dev;                   /* of the path, so that only our own */
	uint64_t ino;                   /* socket is removed */
	bool handed;                    /* somebody else made it and keeps it */
	char address[LISTEN_TEXT_MAX];  /* as in the policy */
	char postfix[LISTEN_TEXT_MAX];  /* the same for smtpd_milters */
};

/*
 * Opens the socket that the policy asks for and listens.
 *
 * A unix socket appears under its name with its final mode and owner, at
 * once.  A socket there that nobody serves is replaced; one that is served
 * is an error which says by whom; whatever else is there is left alone.
 * On failure false, *why filled, nothing left behind.
 */
bool listener_open(const struct setting_listen *setting,
    struct listener *listener_r, struct why *why);

/* Takes a socket that listens there already, and is its maker's to close. */
void listener_adopt(
    const struct setting_listen *setting, int fd, struct listener *listener_r);

/* Stops listening and removes the unix socket if it is still ours. */
void listener_close(struct listener *listener);

#endif
