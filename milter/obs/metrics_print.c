/*
 * metrics_print - the counters in Prometheus's text format.
 *
 * One printer a family; those without labels share one.  A series of a rule
 * is there from the first scrape on, with 0, so that a rate over it begins
 * with its first hit.
 */
#include "obs/metrics.h"

#include <inttypes.h>

#include "lang/kept.h"
#include "obs/metrics_int.h"

typedef void (*printer)(
    const struct metrics_view *view, enum metric id, FILE *out);

/* A label's value in quotes, escaped as the format has it. */
static void
label(FILE *out, const char *before, const char *name, struct str value)
{
	(void)fprintf(out, "%s%s=\"", before, name);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\n')
			(void)fputs("\\n", out);
		else if (c == '"' || c == '\\')
			(void)fprintf(out, "\\%c", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

static void
label_stage(FILE *out, const char *before, unsigned stage)
{
	label(out, before, "stage", str_c(stage_name((enum stage)stage)));
}

static void
value_u64(FILE *out, uint64_t value)
{
	(void)fprintf(out, "} %" PRIu64 "\n", value);
}

static void
name(FILE *out, enum metric id, const char *suffix)
{
	(void)fprintf(out, "%s%s", metric_rows[id].name, suffix);
}

/* ---- families ----------------------------------------------------------- */

static void
print_plain(const struct metrics_view *view, enum metric id, FILE *out)
{
	name(out, id, "");
	if (metric_rows[id].type == METRIC_TYPE_GAUGE)
		(void)fprintf(out, " %" PRId64 "\n", view->gauges[id]);
	else
		(void)fprintf(
		    out, " %" PRIu64 "\n", metrics_read(view->metrics, id));
}

static void
print_build(const struct metrics_view *view, enum metric id, FILE *out)
{
	(void)view;
	name(out, id, "");
	label(out, "{", "version", str_c(PACKAGE_VERSION));
	value_u64(out, 1);
}

static void
print_policy(const struct metrics_view *view, enum metric id, FILE *out)
{
	char text[20];

	name(out, id, "");
	label(out, "{", "file", view->policy->file);
	(void)snprintf(
	    text, sizeof text, "%016" PRIx64, view->policy->fingerprint);
	label(out, ",", "fingerprint", str_c(text));
	value_u64(out, 1);
}

static void
print_verdicts(const struct metrics_view *view, enum metric id, FILE *out)
{
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++) {
			name(out, id, "");
			label_stage(out, "{", s);
			label(out, ",", "verdict", str_c(verdict_names[v]));
			value_u64(out,
			    atomic_load_explicit(&view->metrics->verdicts[s][v],
				memory_order_relaxed));
		}
}

static void
rule_hit_line(FILE *out, enum metric id, const struct rule_count *count,
    unsigned stage, enum hit kind)
{
	name(out, id, "");
	label(out, "{", "rule", count->rule->name);
	label_stage(out, ",", stage);
	if (kind != HIT_UNDECIDED) {
		label(out, ",", "action",
		    str_c(action_name(count->rule->action)));
		label(out, ",", "observed",
		    kind == HIT_WOULD ? STR("true") : STR("false"));
	}
	value_u64(out, count->n[stage][kind]);
}

/* What a rule is bound to have, and what it has had before a reload made it
 * an observed one, or moved it. */
static bool
has_line(const struct rule_count *count, unsigned stage, enum hit kind)
{
	enum hit usual = count->rule->observe ? HIT_WOULD : HIT_ACTED;

	return count->n[stage][kind] > 0 ||
	       (kind == usual && (count->stages & 1u << stage) != 0);
}

static void
print_hits(const struct metrics_view *view, enum metric id, FILE *out)
{
	struct rule_count count;

	for (uint32_t i = 0; i < view->policy->n_rules; i++) {
		rule_hits_read(view->hits, i, &count);
		for (unsigned s = 0; s < STAGE_COUNT; s++)
			for (unsigned k = 0; k < HIT_UNDECIDED; k++)
				if (has_line(&count, s, (enum hit)k))
					rule_hit_line(
					    out, id, &count, s, (enum hit)k);
	}
}

static void
print_undecided(const struct metrics_view *view, enum metric id, FILE *out)
{
	struct rule_count count;

	for (uint32_t i = 0; i < view->policy->n_rules; i++) {
		rule_hits_read(view->hits, i, &count);
		for (unsigned s = 0; s < STAGE_COUNT; s++)
			if (count.n[s][HIT_UNDECIDED] > 0)
				rule_hit_line(
				    out, id, &count, s, HIT_UNDECIDED);
	}
}

static void
print_last(const struct metrics_view *view, enum metric id, FILE *out)
{
	struct rule_count count;

	for (uint32_t i = 0; i < view->policy->n_rules; i++) {
		rule_hits_read(view->hits, i, &count);
		if (count.last == 0)
			continue;
		name(out, id, "");
		label(out, "{", "rule", count.rule->name);
		value_u64(out, (uint64_t)count.last);
	}
}

/* The log counts by itself. */
static void
print_dropped(const struct metrics_view *view, enum metric id, FILE *out)
{
	name(out, id, "");
	(void)fprintf(out, " %" PRId64 "\n", view->gauges[id]);
}

static void
print_entries(const struct metrics_view *view, enum metric id, FILE *out)
{
	for (const struct kept_def *def = view->policy->kept; def != NULL;
	     def = def->next) {
		bool map = def->list == NULL;

		if (map && def->valued == NULL)
			continue;
		name(out, id, "");
		label(out, "{", "list", def->name);
		label(out, ",", "kind",
		    str_c(map ? "map" : list_kind_name(list_kind(def->list))));
		value_u64(out, kept_size(def));
	}
}

static void
print_modified(const struct metrics_view *view, enum metric id, FILE *out)
{
	for (const struct kept_def *def = view->policy->kept; def != NULL;
	     def = def->next)
		for (uint32_t i = 0; i < def->n_files; i++) {
			const struct kept_file *file = &def->files[i];

			name(out, id, "");
			label(out, "{", "list", def->name);
			label(out, ",", "file", file->path);
			value_u64(out, (uint64_t)file->stamp.mtime.tv_sec);
		}
}

static void
print_histogram(
    const struct histogram *h, enum metric id, unsigned stage, FILE *out)
{
	uint64_t sum = 0;

	for (unsigned b = 0; b <= METRICS_BOUNDS; b++) {
		char le[32];

		sum +=
		    atomic_load_explicit(&h->buckets[b], memory_order_relaxed);
		if (b < METRICS_BOUNDS)
			(void)snprintf(le, sizeof le, "%g",
			    (double)metrics_bounds[b] / 1e6);
		name(out, id, "_bucket");
		label_stage(out, "{", stage);
		label(out, ",", "le",
		    b < METRICS_BOUNDS ? str_c(le) : STR("+Inf"));
		value_u64(out, sum);
	}
	name(out, id, "_sum");
	label_stage(out, "{", stage);
	(void)fprintf(out, "} %.6f\n",
	    (double)atomic_load_explicit(&h->sum_us, memory_order_relaxed) /
		1e6);
	name(out, id, "_count");
	label_stage(out, "{", stage);
	value_u64(out, sum);
}

static void
print_evaluations(const struct metrics_view *view, enum metric id, FILE *out)
{
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		print_histogram(&view->metrics->evaluations[s], id, s, out);
}

/* NULL: a number without labels. */
static const printer printers[METRIC_COUNT] = {
	[METRIC_BUILD_INFO] = print_build,
	[METRIC_POLICY_INFO] = print_policy,
	[METRIC_VERDICTS] = print_verdicts,
	[METRIC_RULE_HITS] = print_hits,
	[METRIC_RULE_UNDECIDED] = print_undecided,
	[METRIC_RULE_LAST] = print_last,
	[METRIC_LOG_DROPPED] = print_dropped,
	[METRIC_LIST_ENTRIES] = print_entries,
	[METRIC_LIST_MODIFIED] = print_modified,
	[METRIC_EVALUATION] = print_evaluations,
};

const char *const metric_type_names[METRIC_TYPES] = {
	[METRIC_TYPE_COUNTER] = "counter",
	[METRIC_TYPE_GAUGE] = "gauge",
	[METRIC_TYPE_HISTOGRAM] = "histogram",
};

void
metrics_print(const struct metrics_view *view, FILE *out)
{
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		const struct metric_row *row = &metric_rows[i];

		(void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name,
		    row->help, row->name, metric_type_names[row->type]);
		(printers[i] != NULL ? printers[i] : print_plain)(
		    view, (enum metric)i, out);
	}
}
