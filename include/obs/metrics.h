/*
 * metrics - what is counted while mail goes by.
 *
 *   struct metrics     one of a process; its counters only grow
 *   struct rule_hits   one of a policy in force: a counter a rule.  Rules
 *                      that keep their name over a reload go on counting
 *
 * Counting is a few relaxed atomic additions, from any thread, and never
 * fails.  Reading happens meanwhile: numbers of one moment may differ by the
 * events of that moment.
 */
#ifndef OBS_METRICS_H
#define OBS_METRICS_H

#include <stdio.h>

#include "core/decision.h"

enum metric {
#define FAMILY(id, type, name, labels, help) METRIC_##id,
#include "obs/metrics.def"
#undef FAMILY
	METRIC_COUNT
};

enum metric_type {
	METRIC_TYPE_COUNTER,
	METRIC_TYPE_GAUGE,
	METRIC_TYPE_HISTOGRAM,
	METRIC_TYPES
};

/* "counter", ... */
extern const char *const metric_type_names[METRIC_TYPES];

struct metric_row {
	const char *name; /* "portreeve_sessions_total" */
	enum metric_type type;
	const char *labels; /* "stage, verdict"; "" for none */
	const char *help;
};

extern const struct metric_row metric_rows[METRIC_COUNT];

/* The words of the label `verdict`. */
enum verdict {
	VERDICT_PASS,
	VERDICT_ACCEPT,
	VERDICT_LATE,
	VERDICT_REJECT,
	VERDICT_DEFER,
	VERDICT_DISCONNECT,
	VERDICT_DISCARD,
	VERDICT_COUNT
};

extern const char *const verdict_names[VERDICT_COUNT];

struct metrics;
struct rule_hits;

/* What a rule did. */
enum hit {
	HIT_ACTED,
	HIT_WOULD,     /* an observed one */
	HIT_UNDECIDED, /* its condition could not be told */
	HIT_KINDS
};

/* A rule's counters, read at one moment. */
struct rule_count {
	const struct rule *rule;
	unsigned stages; /* bit 1u << stage: where it stands, and rcpt for a
			  * late one */
	uint64_t n[STAGE_COUNT][HIT_KINDS];
	int64_t last; /* acted or would have: seconds since 1970; 0: never */
};

/* All zero; NULL when memory is out. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Adds one to a counter without labels. */
void metrics_count(struct metrics *m, enum metric counter);
uint64_t metrics_read(const struct metrics *m, enum metric counter);

/*
 * Counters for the rules of a policy; it must outlive them.  A rule whose name
 * `before` (NULL: none) has too shares that counter, so that older sessions
 * and newer ones count the same.  NULL when memory is out.
 */
struct rule_hits *rule_hits_new(
    const struct policy *policy, const struct rule_hits *before);
void rule_hits_free(struct rule_hits *hits);
/* The counters of the rule with that id. */
void rule_hits_read(
    const struct rule_hits *hits, uint32_t id, struct rule_count *count_r);

/*
 * Counts what came of a stage: its verdict, the rules that had a part in it,
 * and the microseconds it took.  A late verdict is counted as `late` where
 * it falls, and as its rule's where it speaks.  Nothing while the outcome is
 * pending, but for its notes.  `now` in seconds since 1970.
 */
void metrics_decision(struct metrics *m, struct rule_hits *hits,
    const struct decision *d, int64_t us, int64_t now);

/* What a reader is told beside the counters. */
struct metrics_view {
	const struct metrics *metrics;
	const struct rule_hits *hits;
	const struct policy *policy;
	/* Of the gauges without labels, and of the log's counter. */
	int64_t gauges[METRIC_COUNT];
};

/* All of it in Prometheus's text format, version 0.0.4. */
void metrics_print(const struct metrics_view *view, FILE *out);

#endif
