/*
 * conn - one connection of a mail server: libmilter's private pointer.
 *
 * Made at negotiation (or, after a QUIT_NC, at connect), freed at close.
 * One caller at a time, not always the same thread.
 */
#ifndef DAEMON_CONN_H
#define DAEMON_CONN_H

#include <libmilter/mfapi.h>

#include "core/session.h"
#include "daemon/running.h"

struct conn {
	SMFICTX *ctx;
	struct running *run;
	struct session *session;
	unsigned long steps; /* negotiated SMFIP_* */
	bool data;           /* the data stage of this message is over */
	bool decided;        /* the message stage of this message is over */
	int64_t us;          /* that its evaluation took */
};

/* NULL when memory is out or the daemon is ending.  It is ctx's private
 * pointer from then on. */
struct conn *conn_new(SMFICTX *ctx);
/* Frees ctx's connection, if it has one. */
void conn_free(SMFICTX *ctx);

/* libmilter takes char * where it changes nothing. */
static inline char *
unconst(const char *s)
{
	return (char *)(uintptr_t)s;
}

#endif
