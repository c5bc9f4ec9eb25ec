/*
 * descriptors - keeps a reserve of them.
 *
 * Out of descriptors, libmilter's accept() fails in a loop, which burns a
 * whole processor, and neither the log nor a reload can open a file.  So
 * before that, connections are refused (accept_pause): the mail server does
 * at once what its configuration has for a filter that does not answer.
 *
 * Sessions are counted as they begin.  What is a connection and no session
 * yet is seen by looking at what the process has open, now and then; if
 * accept() is at the end before that, the reserve, which is held open, is
 * given back.
 */
#ifndef DAEMON_DESCRIPTORS_H
#define DAEMON_DESCRIPTORS_H

enum {
	DESCRIPTORS_RESERVE = 64, /* or a quarter of the limit, if less */
	DESCRIPTORS_LOOK_MS = 50, /* the pause between looks where many are
				   * open */
};

/* Before the first session. */
void descriptors_init(void);

/* A session has begun, or ended; any thread. */
void descriptors_taken(void);
void descriptors_given(void);

/* Looks, and pauses or resumes; the control thread, at each turn of its
 * loop.  How long it may wait until the next, at most `ms`. */
int descriptors_look(int ms);

#endif
