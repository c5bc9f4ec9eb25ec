/*
 * metrics_int - the counters to those who print them; for obs/ only.
 */
#ifndef OBS_METRICS_INT_H
#define OBS_METRICS_INT_H

#include "obs/metrics.h"

enum {
	/* Upper bounds of the histogram, and one for the rest. */
	METRICS_BOUNDS = 14,
};

/* In microseconds. */
extern const int64_t metrics_bounds[METRICS_BOUNDS];

struct histogram {
	atomic_uint_fast64_t buckets[METRICS_BOUNDS + 1];
	atomic_uint_fast64_t sum_us;
};

struct metrics {
	atomic_uint_fast64_t counters[METRIC_COUNT];
	atomic_uint_fast64_t verdicts[STAGE_COUNT][VERDICT_COUNT];
	struct histogram evaluations[STAGE_COUNT];
};

#endif
