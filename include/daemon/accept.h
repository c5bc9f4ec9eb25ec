/*
 * accept - has libmilter take the connections of the listening socket.
 */
#ifndef DAEMON_ACCEPT_H
#define DAEMON_ACCEPT_H

#include "daemon/listen.h"

/* Hands the socket to libmilter. */
bool accept_prepare(const struct listener *listener, struct why *why);

/* Starts libmilter's threads.  `when_ended` is called by one of them should
 * libmilter ever stop by itself.  Threads have small stacks from now on: who
 * needs a large one says so. */
bool accept_start(void (*when_ended)(void), struct why *why);
bool accept_ended(void);

/*
 * For a while, no new sessions; any thread may begin that.  Until
 * accept_resume(), those that call are turned away by accept_refuse(), which
 * the control thread is to call now and then.  accept_resume() returns how
 * many were.
 */
void accept_pause(void);
bool accept_is_paused(void);
/* Neither paused nor stopped. */
bool accept_is_open(void);
void accept_refuse(void);
unsigned long accept_resume(void);

/* No new sessions from now on, for good.  Those that wait to be accepted are
 * turned away, so that the mail server does not wait for nothing; but of a
 * socket that was handed over, the next process will take them. */
void accept_stop(void);

#endif
