/*
 * top - ranks and rates.
 */
#include "tools/top.h"

#include <stdlib.h>

const char *const top_order_names[TOP_ORDERS] = {
	[TOP_BY_RATE] = "rate",
	[TOP_BY_HITS] = "hits",
	[TOP_BY_LAST] = "last hit",
	[TOP_BY_POLICY] = "policy",
};

static double
rate_of(double now, double before, double seconds)
{
	return seconds <= 0 || now < before ? 0 : (now - before) / seconds;
}

/* Rules keep their places but for a reload: look there first. */
static const struct status_rule *
rule_before(
    const struct status *before, const struct status_rule *rule, size_t at)
{
	if (at < before->n_rules && str_eq(before->rules[at].name, rule->name))
		return &before->rules[at];
	for (size_t i = 0; i < before->n_rules; i++)
		if (str_eq(before->rules[i].name, rule->name))
			return &before->rules[i];
	return NULL;
}

static double
hits_of(const struct status_rule *rule)
{
	return rule->acted + rule->would;
}

/* ---- ranks -------------------------------------------------------------- */

static int
descending(double a, double b)
{
	return (a < b) - (a > b);
}

static int
by_place(const struct top_rule *a, const struct top_rule *b)
{
	return (a->at > b->at) - (a->at < b->at);
}

static int
by_hits(const void *one, const void *two)
{
	const struct top_rule *a = one;
	const struct top_rule *b = two;
	int order = descending(a->hits, b->hits);

	return order != 0 ? order : by_place(a, b);
}

static int
by_rate(const void *one, const void *two)
{
	const struct top_rule *a = one;
	const struct top_rule *b = two;
	int order = descending(a->rate, b->rate);

	return order != 0 ? order : by_hits(one, two);
}

static int
by_last(const void *one, const void *two)
{
	const struct top_rule *a = one;
	const struct top_rule *b = two;
	int order = descending(a->rule->last, b->rule->last);

	return order != 0 ? order : by_place(a, b);
}

static int
by_policy(const void *one, const void *two)
{
	return by_place(one, two);
}

void
top_rank(const struct status *now, const struct status *before, double seconds,
    enum top_order order, struct top_rule *rules_r)
{
	static int (*const orders[TOP_ORDERS])(const void *, const void *) = {
		[TOP_BY_RATE] = by_rate,
		[TOP_BY_HITS] = by_hits,
		[TOP_BY_LAST] = by_last,
		[TOP_BY_POLICY] = by_policy,
	};

	for (size_t i = 0; i < now->n_rules; i++) {
		const struct status_rule *rule = &now->rules[i];
		const struct status_rule *was =
		    before == NULL ? NULL : rule_before(before, rule, i);

		rules_r[i] = (struct top_rule){
			.rule = rule, .hits = hits_of(rule), .at = i
		};
		if (before != NULL)
			rules_r[i].rate = rate_of(rules_r[i].hits,
			    was == NULL ? 0 : hits_of(was), seconds);
	}
	qsort(rules_r, now->n_rules, sizeof *rules_r, orders[order]);
}

static int
by_reply(const void *one, const void *two)
{
	const struct top_reply *a = one;
	const struct top_reply *b = two;
	int order = descending(a->rate, b->rate);

	if (order == 0)
		order = descending(a->count, b->count);
	if (order == 0)
		order = (int)a->stage - (int)b->stage;
	return order != 0 ? order : (int)a->verdict - (int)b->verdict;
}

size_t
top_replies(const struct status *now, const struct status *before,
    double seconds, struct top_reply replies_r[TOP_REPLIES])
{
	size_t n = 0;

	for (unsigned s = 0; s < STAGE_COUNT; s++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++) {
			struct top_reply reply = { (enum stage)s,
				(enum verdict)v, now->verdicts[s][v], 0 };

			if (reply.count <= 0)
				continue;
			if (before != NULL)
				reply.rate = rate_of(reply.count,
				    before->verdicts[s][v], seconds);
			replies_r[n++] = reply;
		}
	qsort(replies_r, n, sizeof *replies_r, by_reply);
	return n;
}
