/*
 * notify - what the parent process tells systemd, and gets from it.
 *
 * Where nobody wants to hear it, these do nothing.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "base/diag.h"

enum {
	HANDED_NONE = -1,  /* systemd hands over no socket */
	HANDED_WRONG = -2, /* it does, but not this one */
};

/* Complains on standard error if systemd waits for what this build cannot
 * say. */
void notify_begin(void);

/* The unit is up; `status` is what `systemctl status` shows. */
void notify_ready(const char *status);
void notify_status(const char *status);
void notify_reloading(void);
/* It will end within that time. */
void notify_stopping(int64_t ms);

/* Whether systemd wants to be told that this process, and not one that it has
 * forked, is alive. */
bool notify_has_watchdog(void);
void notify_alive(void);

/* A socket that listens on that address (of a policy's listen line) and was
 * handed over by systemd, or HANDED_... */
int notify_handed(struct str address, struct why *why);

#endif
