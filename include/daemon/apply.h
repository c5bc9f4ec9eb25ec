/*
 * apply - a decision as libmilter's calls and its status.
 */
#ifndef DAEMON_APPLY_H
#define DAEMON_APPLY_H

#include "core/decision.h"
#include "daemon/conn.h"

/* The status for an event whose SMFIP_NR_* bit is `nr` (0: it has none);
 * sets the reply where it has one. */
sfsistat apply_decision(
    struct conn *conn, const struct decision *d, unsigned long nr);

/* Nothing to object: CONTINUE, or NOREPLY where that was negotiated. */
sfsistat apply_pass(const struct conn *conn, unsigned long nr);

/* What the policy says to do on error, for an event that found no connection
 * because memory was out.  Logged. */
sfsistat apply_broken(SMFICTX *ctx, enum stage stage);

/* At the end of a message that goes on: adds headers, quarantines.  CONTINUE,
 * or what the policy says to do on error if the mail server does not
 * quarantine. */
sfsistat apply_message(struct conn *conn);

#endif
