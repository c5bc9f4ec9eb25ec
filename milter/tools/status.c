/*
 * status - from a scrape to a page.
 *
 * The lines of a family are in the order of the policy, and those of one rule
 * beside each other, so families are joined by walking along, not by search.
 */
#include "tools/status.h"

#include <inttypes.h>
#include <time.h>

/* ---- reading ------------------------------------------------------------ */

static bool
is_of(const struct series *series, enum metric metric)
{
	return str_eq(series->name, str_c(metric_rows[metric].name));
}

static unsigned
stage_bit(const struct series *series)
{
	enum stage stage;

	return stage_find(series_label(series, "stage"), &stage) ? 1u << stage
								 : 0;
}

static void
read_verdict(struct status *status, const struct series *series)
{
	struct str verdict = series_label(series, "verdict");
	enum stage stage;

	if (!stage_find(series_label(series, "stage"), &stage))
		return;
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (str_eq(verdict, str_c(verdict_names[v])))
			status->verdicts[stage][v] = series->number;
}

/* A line of rule_hits: of the last rule, or of the next. */
static void
read_hits(struct status *status, const struct series *series)
{
	struct str name = series_label(series, "rule");
	struct status_rule *rule =
	    status->n_rules == 0 ? NULL : &status->rules[status->n_rules - 1];

	if (rule == NULL || !str_eq(rule->name, name)) {
		rule = &status->rules[status->n_rules++];
		rule->name = name;
		rule->action = series_label(series, "action");
	}
	rule->stages |= stage_bit(series);
	if (str_eq(series_label(series, "observed"), STR("true")))
		rule->would += series->number;
	else
		rule->acted += series->number;
}

static void
read_list(struct status *status, const struct series *series)
{
	status->lists[status->n_lists++] =
	    (struct status_list){ .name = series_label(series, "list"),
		    .kind = series_label(series, "kind"),
		    .entries = series->number };
}

/* The newest file of a list counts. */
static void
read_modified(struct status *status, const struct series *series)
{
	struct str name = series_label(series, "list");

	for (size_t i = 0; i < status->n_lists; i++) {
		struct status_list *list = &status->lists[i];

		if (str_eq(list->name, name) && list->modified < series->number)
			list->modified = series->number;
	}
}

/* The rule that a line is about, looked for from *at on. */
static struct status_rule *
rule_along(struct status *status, const struct series *series, size_t *at)
{
	struct str name = series_label(series, "rule");

	while (*at < status->n_rules && !str_eq(status->rules[*at].name, name))
		++*at;
	return *at < status->n_rules ? &status->rules[*at] : NULL;
}

/* Where the walk along the rules stands, a family each. */
struct walk {
	size_t last;
	size_t undecided;
};

static void
read_one(struct status *status, const struct series *series, struct walk *walk)
{
	struct status_rule *rule;

	if (is_of(series, METRIC_VERDICTS)) {
		read_verdict(status, series);
	} else if (is_of(series, METRIC_LIST_ENTRIES)) {
		read_list(status, series);
	} else if (is_of(series, METRIC_LIST_MODIFIED)) {
		read_modified(status, series);
	} else if (is_of(series, METRIC_RULE_HITS)) {
		read_hits(status, series);
	} else if (is_of(series, METRIC_RULE_LAST)) {
		rule = rule_along(status, series, &walk->last);
		if (rule != NULL)
			rule->last = series->number;
	} else if (is_of(series, METRIC_RULE_UNDECIDED)) {
		rule = rule_along(status, series, &walk->undecided);
		if (rule != NULL)
			rule->undecided += series->number;
	}
}

bool
status_read(struct str text, struct arena *arena, struct status *status_r,
    struct why *why)
{
	struct status status = { .n_rules = 0 };
	struct walk walk = { 0, 0 };

	if (!series_read(text, arena, &status.series, why))
		return false;
	status.rules =
	    arena_calloc(arena, status.series.n + 1, sizeof *status.rules);
	status.lists =
	    arena_calloc(arena, status.series.n + 1, sizeof *status.lists);
	if (status.rules == NULL || status.lists == NULL)
		return why_set(why, "out of memory");
	for (size_t i = 0; i < status.series.n; i++)
		read_one(&status, &status.series.items[i], &walk);
	if (series_find(&status.series, metric_rows[METRIC_STARTED].name) ==
	    NULL)
		return why_set(why, "these are not Portreeve's numbers");
	*status_r = status;
	return true;
}

double
status_number(const struct status *status, enum metric metric)
{
	return series_number(&status->series, metric_rows[metric].name, 0);
}

struct str
status_info(const struct status *status, enum metric metric, const char *label)
{
	const struct series *series =
	    series_find(&status->series, metric_rows[metric].name);

	return series == NULL ? STR_NONE : series_label(series, label);
}

/* ---- printing ----------------------------------------------------------- */

void
status_print_span(double seconds, struct buf *out)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" },
		{ 1, "s" } };
	int64_t left = seconds < 0 ? 0 : (int64_t)seconds;
	unsigned i = 0;

	while (i < 3 && left < units[i].seconds)
		i++;
	buf_printf(
	    out, "%" PRId64 " %s", left / units[i].seconds, units[i].name);
	left %= units[i].seconds;
	if (i < 2 && left >= units[i + 1].seconds)
		buf_printf(out, " %" PRId64 " %s", left / units[i + 1].seconds,
		    units[i + 1].name);
}

static void
print_when(double when, int64_t now, FILE *out)
{
	char date[32] = "?";
	char room[64];
	struct buf span = BUF_ON(room);
	time_t t = (time_t)when;
	struct tm tm;

	if (localtime_r(&t, &tm) != NULL)
		(void)strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm);
	status_print_span((double)now - when, &span);
	(void)fprintf(out, "%s (%s ago)", date, buf_cstr(&span));
}

static void
print_head(const struct status *status, int64_t now, FILE *out)
{
	double loaded = status_number(status, METRIC_LOADED);

	(void)fprintf(out, "portreeve %.*s, started ",
	    STR_FMT(status_info(status, METRIC_BUILD_INFO, "version")));
	print_when(status_number(status, METRIC_STARTED), now, out);
	(void)fprintf(out, "\npolicy    %.*s, %.0f rules, loaded ",
	    STR_FMT(status_info(status, METRIC_POLICY_INFO, "file")),
	    status_number(status, METRIC_RULES));
	print_when(loaded, now, out);
	(void)fprintf(out,
	    "\ntext      fingerprint %.*s\nreloads   %.0f done, %.0f "
	    "failed\nsessions  %.0f open, %.0f "
	    "since the start\nmessages  %.0f went through\n",
	    STR_FMT(status_info(status, METRIC_POLICY_INFO, "fingerprint")),
	    status_number(status, METRIC_RELOADS),
	    status_number(status, METRIC_RELOAD_FAILURES),
	    status_number(status, METRIC_OPEN),
	    status_number(status, METRIC_SESSIONS),
	    status_number(status, METRIC_MESSAGES));
}

/* Troubles have a line only where there are any. */
static void
print_troubles(const struct status *status, FILE *out)
{
	static const struct {
		enum metric metric;
		const char *text;
	} rows[] = {
		{ METRIC_RESTARTS, "filter processes that died" },
		{ METRIC_WAITING, "settings that wait for a restart" },
		{ METRIC_UNDECIDED, "conditions that could not be told" },
		{ METRIC_NO_MEMORY, "stages for which memory was out" },
		{ METRIC_LOG_DROPPED, "log lines that were lost" },
	};

	if (status_number(status, METRIC_REFUSING) > 0)
		(void)fputs("TROUBLE   more connections are turned away: it "
			    "is stopping, or short of descriptors\n",
		    out);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (status_number(status, rows[i].metric) > 0)
			(void)fprintf(out, "TROUBLE   %s: %.0f\n", rows[i].text,
			    status_number(status, rows[i].metric));
}

static void
print_verdicts(const struct status *status, FILE *out)
{
	(void)fprintf(out, "\n%-8s", "stage");
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		(void)fprintf(out, " %*s", v == VERDICT_DISCONNECT ? 10 : 9,
		    verdict_names[v]);
	(void)fputc('\n', out);
	for (unsigned s = 0; s < STAGE_COUNT; s++) {
		(void)fprintf(out, "%-8s", stage_name((enum stage)s));
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			(void)fprintf(out, " %*.0f",
			    v == VERDICT_DISCONNECT ? 10 : 9,
			    status->verdicts[s][v]);
		(void)fputc('\n', out);
	}
}

void
status_print_stages(unsigned stages, struct buf *out)
{
	const char *before = "";

	for (unsigned s = 0; s < STAGE_COUNT; s++)
		if ((stages & 1u << s) != 0) {
			buf_c(out, before);
			buf_c(out, stage_name((enum stage)s));
			before = ",";
		}
}

static void
print_lists(const struct status *status, int64_t now, FILE *out)
{
	if (status->n_lists == 0)
		return;
	(void)fprintf(out, "\n%-20s %-12s %12s  %s\n", "list", "kind",
	    "entries", "file changed");
	for (size_t i = 0; i < status->n_lists; i++) {
		const struct status_list *list = &status->lists[i];
		char room[64];
		struct buf age = BUF_ON(room);

		if (list->modified > 0) {
			status_print_span((double)now - list->modified, &age);
			buf_c(&age, " ago");
		} else {
			buf_char(&age, '-');
		}
		(void)fprintf(out, "%-20.*s %-12.*s %12.0f  %s\n",
		    STR_FMT(list->name), STR_FMT(list->kind), list->entries,
		    buf_cstr(&age));
	}
}

static void
print_rule(const struct status_rule *rule, int64_t now, FILE *out)
{
	char stages_room[80];
	char last_room[64];
	struct buf stages = BUF_ON(stages_room);
	struct buf last = BUF_ON(last_room);

	status_print_stages(rule->stages, &stages);
	if (rule->last > 0) {
		status_print_span((double)now - rule->last, &last);
		buf_c(&last, " ago");
	} else {
		buf_c(&last, "never");
	}
	(void)fprintf(out, "%-20.*s %-12s %-12.*s %9.0f %9.0f  %s\n",
	    STR_FMT(rule->name), buf_cstr(&stages), STR_FMT(rule->action),
	    rule->acted, rule->would, buf_cstr(&last));
	if (rule->undecided > 0)
		(void)fprintf(out, "%20s could not be told %.0f times\n", "",
		    rule->undecided);
}

void
status_print(const struct status *status, int64_t now, FILE *out)
{
	print_head(status, now, out);
	print_troubles(status, out);
	print_verdicts(status, out);
	print_lists(status, now, out);
	if (status->n_rules == 0)
		return;
	(void)fprintf(out, "\n%-20s %-12s %-12s %9s %9s  %s\n", "rule", "stage",
	    "action", "hits", "observed", "last");
	for (size_t i = 0; i < status->n_rules; i++)
		print_rule(&status->rules[i], now, out);
}
