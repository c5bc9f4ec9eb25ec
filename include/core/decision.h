/*
 * decision - what came out of evaluating one stage.  A value; its texts are
 * borrowed from the policy or from the session (until its next event).
 */
#ifndef CORE_DECISION_H
#define CORE_DECISION_H

#include "lang/policy.h"

enum outcome {
	OUTCOME_PASS,      /* no objection, no rule had a verdict */
	OUTCOME_ACCEPT,    /* a rule accepted: see decision.rule's action */
	OUTCOME_KEPT,      /* a late verdict was kept; the reply is positive */
	OUTCOME_REJECT,
	OUTCOME_DEFER,
	OUTCOME_DISCONNECT,
	OUTCOME_DISCARD,
	OUTCOME_PENDING,   /* message only: more must be known first */
	OUTCOME_SILENT,    /* rules no longer apply (accept message, accept
	                    * connection, discard): positive, nothing to log */
};

/* Things to log besides the outcome, in the order they happened. */
enum note_kind {
	NOTE_WOULD,      /* an observed refusal: rule, reply */
	NOTE_LOG,        /* log "text" */
	NOTE_QUARANTINE, /* quarantine: text is the reason */
	NOTE_EFFECT,     /* tag, score, add header: counted, not logged */
	NOTE_SKIPPED,    /* an effect or observed rule whose condition ended
	                  * unknown: text is the reason */
};

struct note {
	struct note *next;
	enum note_kind kind;
	const struct rule *rule;
	struct reply reply;
	struct str text;
};

struct decision {
	enum outcome outcome;
	enum stage stage;        /* where it is spoken */
	enum stage decided;      /* where the rule stands: earlier if late */
	const struct rule *rule; /* NULL for PASS, PENDING, SILENT */
	struct reply reply;      /* REJECT, DEFER, DISCONNECT: text rendered and
	                          * made safe, lines apart by '\n' */
	struct str reason;       /* on error: the rule that could not be told
	                          * and why; else none */
	struct note *notes;
};

#endif
