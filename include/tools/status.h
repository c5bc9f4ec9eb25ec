/*
 * status - what a running daemon tells of itself, put in order for people:
 * for `portreeve status` and `portreeve top`.
 */
#ifndef TOOLS_STATUS_H
#define TOOLS_STATUS_H

#include <stdio.h>

#include "base/buf.h"
#include "obs/metrics.h"
#include "tools/series.h"

struct status_rule {
	struct str name;
	struct str action;
	unsigned stages; /* bit 1u << stage */
	double acted;
	double would;
	double undecided;
	double last; /* seconds since 1970; 0: never */
};

struct status_list {
	struct str name;
	struct str kind; /* "domains", "map", ... */
	double entries;
	double modified; /* the newest of its files; 0: it has none */
};

struct status {
	struct series_list series;
	struct status_rule *rules; /* in the order of the policy */
	size_t n_rules;
	struct status_list *lists;
	size_t n_lists;
	double verdicts[STAGE_COUNT][VERDICT_COUNT];
};

/*
 * Reads the daemon's numbers (a scrape); all of it lives in the arena or in
 * `text`.  False with *why.
 */
bool status_read(struct str text, struct arena *arena, struct status *status_r,
    struct why *why);

/* The number of a family without labels (enum metric). */
double status_number(const struct status *status, enum metric metric);
/* The label of an _info family; none where there is none. */
struct str status_info(
    const struct status *status, enum metric metric, const char *label);

/* For people, in 80 columns; `now` in seconds since 1970. */
void status_print(const struct status *status, int64_t now, FILE *out);

/* For tools, as JSON; false with *why. */
bool status_print_json(
    const struct status *status, FILE *out, struct why *why);

/* "mail,message" */
void status_print_stages(unsigned stages, struct buf *out);

/* "3 d 4 h", "2 min": a duration in the two units that matter. */
void status_print_span(double seconds, struct buf *out);

#endif
