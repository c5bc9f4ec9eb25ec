/*
 * eval - policy x session -> decision.
 */
#ifndef CORE_EVAL_H
#define CORE_EVAL_H

#include "core/decision.h"
#include "core/session.h"

enum truth {
	TRUTH_FALSE = 0,
	TRUTH_UNKNOWN = 1,
	TRUTH_TRUE = 3,
};

/* What happened on the way to a decision. */
enum trace_kind {
	TRACE_RULE, /* a rule was tried */
	TRACE_WHEN, /* a `when` was; its rules are tried unless it is false */
	TRACE_WAIT, /* one of them (true: its text) needs more of the message:
		     * this ends the call, and the next one goes on there */
	TRACE_LATE, /* at rcpt: a verdict kept from `stage`; true: it speaks */
	TRACE_SILENT, /* no rule is tried any more */
};

/* Texts are borrowed until the callback returns. */
struct trace_event {
	enum trace_kind kind;
	enum stage stage;        /* that is evaluated; see LATE */
	const struct rule *rule; /* NULL: a `when`, or SILENT */
	enum truth truth;
	/* The condition in the words of the policy, `unless` as not, without
	 * what stands around it in `when`; empty: there is none. */
	struct str test;
	/* What it looked at, apart by spaces: client.ip=192.0.2.1; strings in
	 * quotes, made safe, each at most TRACE_VALUE_MAX octets. */
	struct str values;
};

enum {
	TRACE_VALUE_MAX = 64,
	TRACE_TEXT_MAX = 1024, /* octets of test and of values */
};

/* Is told what happens in an evaluation; for `try -v` and coverage. */
struct trace {
	void (*event)(void *ctx, const struct trace_event *event);
	/* The end of every evaluation; may be NULL. */
	void (*decided)(void *ctx, const struct decision *decision);
	void *ctx;
};

/*
 * Runs the rules of `stage` for the event just told to the session, and
 * keeps account (late verdicts, tags, accepted recipients, refusals).
 *
 * STAGE_MESSAGE may be called at the end of headers, after each piece of
 * body, and must be called after session_eom(); it goes on at the rule where
 * it had to stop, so every rule runs once.  OUTCOME_PENDING: call again
 * later.  `trace` may be NULL.
 */
void eval_stage(struct session *s, enum stage stage, const struct trace *trace,
    struct decision *decision_r);

#endif
