/*
 * narrate - why a verdict fell, for people: each rule that was tried, its
 * test, what it looked at, and what came of it.
 */
#ifndef TOOLS_NARRATE_H
#define TOOLS_NARRATE_H

#include <stdio.h>

#include "core/eval.h"

struct narrate {
	FILE *out; /* where lines go, each behind a '#'; NULL: nowhere */
	struct str directory; /* left out of file names; with a slash */
	/* between its callbacks */
	bool begun; /* the evaluation under way has lines */
	bool quiet; /* it has come no further than the last one */
	bool late_spoke;
	bool told_silent;         /* of this stage, and */
	enum stage stage;         /* which that is */
	const struct rule *ended; /* the one that silenced the others */
	const struct rule *waits; /* where the last one had to stop, and its */
	char waits_for[TRACE_TEXT_MAX]; /* test */
};

/* A new connection begins. */
void narrate_begin(struct narrate *x);

/* The callbacks of a struct trace; ctx is the struct narrate. */
void narrate_event(void *ctx, const struct trace_event *event);
void narrate_decided(void *ctx, const struct decision *decision);

#endif
