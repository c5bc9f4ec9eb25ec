/*
 * metrics - counting.
 *
 *   rule_hits ──▶ slot ◀── rule_hits of the policy before
 *                 (by rule id)     a slot is shared by name, and counted
 *
 * Slots are referenced by each rule_hits that holds them; only the thread
 * that reloads makes and frees those, so the reference count needs no more
 * than to be atomic.
 */
#include "obs/metrics.h"

#include <stdlib.h>

#include "base/hash.h"
#include "obs/metrics_int.h"

const struct metric_row metric_rows[METRIC_COUNT] = {
#define FAMILY(id, type, name, labels, help)                                   \
	[METRIC_##id] = { "portreeve_" name, METRIC_TYPE_##type, labels, help },
#include "obs/metrics.def"
#undef FAMILY
};

const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_PASS] = "pass",
	[VERDICT_ACCEPT] = "accept",
	[VERDICT_LATE] = "late",
	[VERDICT_REJECT] = "reject",
	[VERDICT_DEFER] = "defer",
	[VERDICT_DISCONNECT] = "disconnect",
	[VERDICT_DISCARD] = "discard",
};

const int64_t metrics_bounds[METRICS_BOUNDS] = { 1, 2, 5, 10, 20, 50, 100, 200,
	500, 1000, 5000, 10000, 100000, 1000000 };

static void
add(atomic_uint_fast64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t
load(const atomic_uint_fast64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* ---- rules -------------------------------------------------------------- */

struct slot {
	atomic_uint refs;
	atomic_int_fast64_t last;
	atomic_uint_fast64_t n[STAGE_COUNT][HIT_KINDS];
};

struct rule_hits {
	const struct policy *policy;
	struct slot **slots; /* by rule id */
	unsigned *stages;    /* likewise */
};

static void
slot_release(struct slot *slot)
{
	if (slot != NULL && atomic_fetch_sub(&slot->refs, 1) == 1)
		free(slot);
}

void
rule_hits_free(struct rule_hits *hits)
{
	if (hits == NULL)
		return;
	for (uint32_t i = 0; hits->slots != NULL && i < hits->policy->n_rules;
	     i++)
		slot_release(hits->slots[i]);
	free(hits->slots);
	free(hits->stages);
	free(hits);
}

/* Rules of a policy by name: open addressing, a power of two of places. */
struct by_name {
	const struct rule_hits *hits;
	struct hash_key key;
	uint32_t *places; /* rule id + 1; 0: empty */
	uint64_t mask;
};

static bool
by_name_make(const struct rule_hits *hits, struct by_name *b)
{
	uint64_t n = 16;

	*b = (struct by_name){ .hits = hits, .key = hash_key_random() };
	if (hits == NULL)
		return true;
	while (n < 2 * (uint64_t)hits->policy->n_rules)
		n *= 2;
	b->mask = n - 1;
	b->places = calloc(n, sizeof *b->places);
	if (b->places == NULL)
		return false;
	for (uint32_t i = 0; i < hits->policy->n_rules; i++) {
		uint64_t at = hash_str(b->key, hits->policy->rules[i]->name);

		while (b->places[at & b->mask] != 0)
			at++;
		b->places[at & b->mask] = i + 1;
	}
	return true;
}

static struct slot *
by_name_find(const struct by_name *b, struct str name)
{
	uint64_t at = hash_str(b->key, name);
	uint32_t id;

	if (b->places == NULL)
		return NULL;
	while ((id = b->places[at & b->mask]) != 0) {
		if (str_eq(b->hits->policy->rules[id - 1]->name, name))
			return b->hits->slots[id - 1];
		at++;
	}
	return NULL;
}

static void
find_stages(const struct policy *policy, unsigned *stages)
{
	for (unsigned s = 0; s < STAGE_COUNT; s++) {
		const struct program *program = &policy->program[s];

		for (uint32_t i = 0; i < program->n; i++) {
			const struct rule *rule = program->steps[i].rule;

			if (rule != NULL)
				stages[rule->id] |=
				    1u << (rule->late ? STAGE_RCPT : s);
		}
	}
}

static bool
slots_fill(struct rule_hits *hits, const struct by_name *before)
{
	for (uint32_t i = 0; i < hits->policy->n_rules; i++) {
		struct slot *slot =
		    by_name_find(before, hits->policy->rules[i]->name);

		if (slot == NULL)
			slot = calloc(1, sizeof *slot);
		if (slot == NULL)
			return false;
		atomic_fetch_add(&slot->refs, 1);
		hits->slots[i] = slot;
	}
	return true;
}

struct rule_hits *
rule_hits_new(const struct policy *policy, const struct rule_hits *before)
{
	struct rule_hits *hits = calloc(1, sizeof *hits);
	struct by_name names;
	bool ok;

	if (hits == NULL)
		return NULL;
	hits->policy = policy;
	hits->slots =
	    calloc((size_t)policy->n_rules + 1, sizeof(struct slot *));
	hits->stages =
	    calloc((size_t)policy->n_rules + 1, sizeof *hits->stages);
	ok = hits->slots != NULL && hits->stages != NULL &&
	     by_name_make(before, &names);
	if (ok) {
		find_stages(policy, hits->stages);
		ok = slots_fill(hits, &names);
		free(names.places);
	}
	if (ok)
		return hits;
	rule_hits_free(hits);
	return NULL;
}

void
rule_hits_read(
    const struct rule_hits *hits, uint32_t id, struct rule_count *count_r)
{
	const struct slot *slot = hits->slots[id];

	count_r->rule = hits->policy->rules[id];
	count_r->stages = hits->stages[id];
	count_r->last = atomic_load_explicit(&slot->last, memory_order_relaxed);
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		for (unsigned k = 0; k < HIT_KINDS; k++)
			count_r->n[s][k] = load(&slot->n[s][k]);
}

/* The rule of on error is none of the policy's. */
static void
hit(struct rule_hits *hits, const struct rule *rule, enum stage stage,
    enum hit kind, int64_t now)
{
	struct slot *slot;

	if (rule == NULL || rule->id >= hits->policy->n_rules)
		return;
	slot = hits->slots[rule->id];
	add(&slot->n[stage][kind], 1);
	if (kind != HIT_UNDECIDED)
		atomic_store_explicit(&slot->last, now, memory_order_relaxed);
}

/* ---- the process -------------------------------------------------------- */

struct metrics *
metrics_new(void)
{
	return calloc(1, sizeof(struct metrics));
}

void
metrics_free(struct metrics *m)
{
	free(m);
}

void
metrics_count(struct metrics *m, enum metric counter)
{
	add(&m->counters[counter], 1);
}

uint64_t
metrics_read(const struct metrics *m, enum metric counter)
{
	return load(&m->counters[counter]);
}

static void
histogram_add(struct histogram *h, int64_t us)
{
	unsigned i = 0;

	if (us < 0)
		us = 0;
	while (i < METRICS_BOUNDS && us > metrics_bounds[i])
		i++;
	add(&h->buckets[i], 1);
	add(&h->sum_us, (uint64_t)us);
}

static void
count_notes(struct metrics *m, struct rule_hits *hits, const struct decision *d,
    int64_t now)
{
	for (const struct note *n = d->notes; n != NULL; n = n->next)
		switch (n->kind) {
		case NOTE_WOULD:
			hit(hits, n->rule, d->stage, HIT_WOULD, now);
			break;
		case NOTE_LOG:
		case NOTE_QUARANTINE:
		case NOTE_EFFECT:
			hit(hits, n->rule, d->stage, HIT_ACTED, now);
			break;
		case NOTE_SKIPPED:
			metrics_count(m, METRIC_UNDECIDED);
			hit(hits, n->rule, d->stage, HIT_UNDECIDED, now);
			break;
		}
}

/* False: the stage has not ended, or no rule was asked. */
static bool
verdict_of(enum outcome outcome, enum verdict *verdict_r)
{
	switch (outcome) {
	case OUTCOME_PASS:
		*verdict_r = VERDICT_PASS;
		return true;
	case OUTCOME_ACCEPT:
		*verdict_r = VERDICT_ACCEPT;
		return true;
	case OUTCOME_KEPT:
		*verdict_r = VERDICT_LATE;
		return true;
	case OUTCOME_REJECT:
		*verdict_r = VERDICT_REJECT;
		return true;
	case OUTCOME_DEFER:
		*verdict_r = VERDICT_DEFER;
		return true;
	case OUTCOME_DISCONNECT:
		*verdict_r = VERDICT_DISCONNECT;
		return true;
	case OUTCOME_DISCARD:
		*verdict_r = VERDICT_DISCARD;
		return true;
	case OUTCOME_PENDING:
	case OUTCOME_SILENT:
		break;
	}
	return false;
}

/* On error speaks: in the name of the rule that could not be told, or, where
 * memory was out, in its own. */
static void
count_error(struct metrics *m, struct rule_hits *hits, const struct decision *d,
    int64_t now)
{
	if (d->rule == NULL || d->rule->id >= hits->policy->n_rules) {
		metrics_count(m, METRIC_NO_MEMORY);
		return;
	}
	metrics_count(m, METRIC_UNDECIDED);
	hit(hits, d->rule, d->stage, HIT_UNDECIDED, now);
}

void
metrics_decision(struct metrics *m, struct rule_hits *hits,
    const struct decision *d, int64_t us, int64_t now)
{
	enum verdict verdict;

	count_notes(m, hits, d, now);
	if (!verdict_of(d->outcome, &verdict))
		return;
	add(&m->verdicts[d->stage][verdict], 1);
	histogram_add(&m->evaluations[d->stage], us);
	if (verdict == VERDICT_LATE)
		return;
	if (d->reason.p != NULL)
		count_error(m, hits, d, now);
	else
		hit(hits, d->rule, d->stage, HIT_ACTED, now);
}
