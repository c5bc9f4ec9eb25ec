/*
 * top - the rules of a running daemon in the order of what they do, and the
 * rates of its replies: what `portreeve top` draws.
 */
#ifndef TOOLS_TOP_H
#define TOOLS_TOP_H

#include "tools/status.h"

enum top_order {
	TOP_BY_RATE, /* of late; then hits */
	TOP_BY_HITS,
	TOP_BY_LAST,   /* hit last, first */
	TOP_BY_POLICY, /* as the policy has them */
	TOP_ORDERS
};

/* "rate", "hits", ... */
extern const char *const top_order_names[TOP_ORDERS];

struct top_rule {
	const struct status_rule *rule;
	double hits; /* acted and would have */
	double rate; /* a second */
	size_t at;   /* its place in the policy */
};

/* A reply: a stage with a verdict. */
struct top_reply {
	enum stage stage;
	enum verdict verdict;
	double count;
	double rate;
};

enum {
	TOP_REPLIES = STAGE_COUNT * VERDICT_COUNT,
};

/*
 * The rules of `now`, ranked; rates are against `before`, which was
 * `seconds` earlier (NULL: rates are 0; so is that of a counter that has
 * gone back, since the daemon was started again).  `rules_r` has room for
 * now->n_rules.
 */
void top_rank(const struct status *now, const struct status *before,
    double seconds, enum top_order order, struct top_rule *rules_r);

/* Replies that ever were given, by rate, then count; the result is how
 * many. */
size_t top_replies(const struct status *now, const struct status *before,
    double seconds, struct top_reply replies_r[TOP_REPLIES]);

#endif
