/*
 * record - one event for the log (and later for metrics): who, what, why.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/eval.h"

enum record_kind {
	RECORD_DECISION, /* a verdict of a rule, or on error */
	RECORD_WOULD,    /* an observed one */
	RECORD_NOTE,     /* log "text", a skipped rule */
	RECORD_PASS,     /* a message went through */
};

struct record {
	enum record_kind kind;
	const char *verb;        /* "reject", "would-defer", "pass", "log" */
	enum stage stage;        /* where it is spoken */
	enum stage decided;      /* differs from stage when late */
	const struct rule *rule; /* NULL for pass */
	struct reply reply;      /* code 0: none */
	struct str text;         /* of log "text"; else none */
	struct str reason;       /* of a quarantine, of on error; else none */
	struct session_view who;
	struct str session;
	int64_t us; /* time the evaluation took */
};

/*
 * Calls emit for each note of the decision and then for the decision itself
 * where there is something to say (PASS, PENDING, SILENT and KEPT say
 * nothing).
 */
void record_decision(struct session *s, const struct decision *d,
    int64_t us, void (*emit)(void *ctx, const struct record *r), void *ctx);
/* The pass line of a message. */
void record_pass(struct session *s, int64_t us,
    void (*emit)(void *ctx, const struct record *r), void *ctx);

/*
 * The line of a record, without time and program name:
 *   4ZbX1k: reject: stage=rcpt rule=fan-out reply="550 5.7.1 ..." client=...
 * Nothing a client sends can forge a field: values are quoted or bracketed,
 * and in them '"', '\\', '<', '>', control and 8-bit octets become \xHH;
 * each value is cut at 256 octets.
 */
void record_print(const struct record *r, struct buf *out);

/* Every verb that a record can have, by index; NULL behind the last. */
const char *record_verb(size_t i);

enum {
	RECORD_LINE_MAX = 2048
};

#endif
