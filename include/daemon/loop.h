/*
 * loop - what the control thread of the filter process waits for.
 *
 * One thread adds, removes and turns; nothing here locks.
 */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <stdbool.h>

enum {
	LOOP_MOST = 32, /* descriptors at once */
};

/* Something happened on fd: poll()'s revents.  May add and remove. */
typedef void loop_ready(void *ctx, int fd, short revents);

/* Waits for `events` of fd (POLLIN, POLLOUT; 0: only for its end) from now
 * on.  An fd that is waited for already gets the new events.  False if there
 * are LOOP_MOST. */
bool loop_add(int fd, short events, loop_ready *ready, void *ctx);
/* Before fd is closed.  One that is not waited for is fine. */
void loop_remove(int fd);

/* Waits at most `ms`, and calls what is ready. */
void loop_turn(int ms);

#endif
