/*
 * run - the daemon: a parent that owns the signals and the listening socket,
 * and a child (serve.h) that does the work.
 */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "lang/policy.h"

/*
 * Runs until SIGTERM or SIGINT; SIGHUP loads the policy again.  Takes over
 * the caller's reference.  Returns the exit status; what went wrong at the
 * start is on standard error.  `sandbox`: with one (sandbox.h).
 */
int daemon_run(struct policy *policy, bool sandbox);

#endif
