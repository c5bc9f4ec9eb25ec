/*
 * test_metrics - what is counted, what a reload keeps, what a scrape says.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/eval.h"
#include "obs/metrics.h"

Suite *suite_metrics(void);

static const char first_text[] =
    "on mail {\n"
    "    spoof: reject late 550 5.7.1 \"no\" if sender.domain == \"x.org\"\n"
    "    maybe: observe reject if sender is null\n"
    "}\n"
    "on mail, message {\n"
    "    big: reject 552 5.3.4 if message.size > 1K\n"
    "}\n";

/* `big` is gone, `maybe` is enforced, `new` came. */
static const char second_text[] =
    "on mail {\n"
    "    new: defer if sender.local == \"x\"\n"
    "    maybe: reject if sender is null\n"
    "    spoof: reject late 550 5.7.1 \"no\" if sender.domain == \"x.org\"\n"
    "}\n";

static struct arena *arena;
static struct metrics *m;
static char *text;

static struct policy *
load(const char *source)
{
	struct diags diags;
	struct policy *policy;

	diags_init(&diags, arena);
	policy = policy_load_text(STR("test.conf"), str_c(source), &diags);
	ck_assert_ptr_nonnull(policy);
	return policy;
}

static const struct rule *
rule_of(const struct policy *policy, const char *name)
{
	for (uint32_t i = 0; i < policy->n_rules; i++)
		if (str_eq(policy->rules[i]->name, str_c(name)))
			return policy->rules[i];
	ck_abort_msg("no rule %s", name);
	return NULL;
}

static void
decide(struct rule_hits *hits, const struct rule *rule, enum stage stage,
    enum outcome outcome)
{
	struct decision d = { .outcome = outcome,
		.stage = stage,
		.decided = stage,
		.rule = rule };

	metrics_decision(m, hits, &d, 3, 1000);
}

static const char *
print(const struct policy *policy, const struct rule_hits *hits)
{
	struct metrics_view view = {
		.metrics = m, .hits = hits, .policy = policy
	};
	size_t n;
	FILE *out;

	free(text);
	out = open_memstream(&text, &n);
	ck_assert_ptr_nonnull(out);
	view.gauges[METRIC_OPEN] = 7;
	metrics_print(&view, out);
	fclose(out);
	return text;
}

static void
has(const char *line)
{
	char whole[256];

	snprintf(whole, sizeof whole, "\n%s\n", line);
	ck_assert_msg(
	    strstr(text, whole) != NULL, "not there: %s in\n%s", line, text);
}

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	m = metrics_new();
	ck_assert(arena != NULL && m != NULL);
}

static void
teardown(void)
{
	free(text);
	text = NULL;
	metrics_free(m);
	arena_free(arena);
}

START_TEST(rules_are_there_before_their_first_hit)
{
	struct policy *policy = load(first_text);
	struct rule_hits *hits = rule_hits_new(policy, NULL);

	print(policy, hits);
	/* a late rule is counted where it speaks */
	has("portreeve_rule_hits_total{rule=\"spoof\",stage=\"rcpt\","
	    "action=\"reject\",observed=\"false\"} 0");
	has("portreeve_rule_hits_total{rule=\"maybe\",stage=\"mail\","
	    "action=\"reject\",observed=\"true\"} 0");
	has("portreeve_rule_hits_total{rule=\"big\",stage=\"message\","
	    "action=\"reject\",observed=\"false\"} 0");
	has("portreeve_sessions_open 7");
	has("portreeve_sessions_total 0");
	has("portreeve_policy_info{file=\"test.conf\","
	    "fingerprint=\"0000000000000000\"} 1");
	ck_assert_ptr_null(strstr(text, "rule=\"spoof\",stage=\"mail\""));
	rule_hits_free(hits);
	policy_unref(policy);
}
END_TEST

START_TEST(what_happens_is_counted)
{
	struct policy *policy = load(first_text);
	struct rule_hits *hits = rule_hits_new(policy, NULL);
	struct note would = { .kind = NOTE_WOULD,
		.rule = rule_of(policy, "maybe") };
	struct note skipped = { .kind = NOTE_SKIPPED,
		.rule = rule_of(policy, "maybe") };
	struct decision d = {
		.outcome = OUTCOME_PASS, .stage = STAGE_MAIL, .notes = &would
	};

	would.next = &skipped;
	metrics_decision(m, hits, &d, 3, 1000);
	d.outcome = OUTCOME_PENDING;
	metrics_decision(m, hits, &d, 3, 1001);
	decide(hits, rule_of(policy, "spoof"), STAGE_MAIL, OUTCOME_KEPT);
	decide(hits, rule_of(policy, "spoof"), STAGE_RCPT, OUTCOME_REJECT);
	decide(hits, NULL, STAGE_RCPT, OUTCOME_SILENT);
	print(policy, hits);
	has("portreeve_rule_hits_total{rule=\"maybe\",stage=\"mail\","
	    "action=\"reject\",observed=\"true\"} 2");
	has("portreeve_rule_hits_total{rule=\"spoof\",stage=\"rcpt\","
	    "action=\"reject\",observed=\"false\"} 1");
	has("portreeve_rule_undecided_total{rule=\"maybe\",stage=\"mail\"} 2");
	has("portreeve_undecided_total 2");
	has("portreeve_rule_last_hit_seconds{rule=\"maybe\"} 1001");
	has("portreeve_verdicts_total{stage=\"mail\",verdict=\"pass\"} 1");
	has("portreeve_verdicts_total{stage=\"mail\",verdict=\"late\"} 1");
	has("portreeve_verdicts_total{stage=\"rcpt\",verdict=\"reject\"} 1");
	has("portreeve_evaluation_seconds_bucket{stage=\"mail\",le=\"2e-06\"} "
	    "0");
	has("portreeve_evaluation_seconds_bucket{stage=\"mail\",le=\"5e-06\"} "
	    "2");
	has("portreeve_evaluation_seconds_bucket{stage=\"mail\",le=\"+Inf\"} "
	    "2");
	has("portreeve_evaluation_seconds_sum{stage=\"mail\"} 0.000006");
	has("portreeve_evaluation_seconds_count{stage=\"rcpt\"} 1");
	rule_hits_free(hits);
	policy_unref(policy);
}
END_TEST

/* A session of its own, because effects are noted where they act. */
START_TEST(effects_are_hits)
{
	struct policy *policy =
	    load("on connect {\n"
		 "    t: tag seen\n"
		 "    s: score 3\n"
		 "}\n"
		 "on mail {\n"
		 "    h: add header \"X\" \"y\" if tagged seen\n"
		 "    n: tag nobody if score > 3\n"
		 "    u: reject if tagged nobody\n"
		 "}\n");
	struct rule_hits *hits = rule_hits_new(policy, NULL);
	struct env env = { .clock = &clock_system };
	struct session *s = session_new(policy, &env, STR("1"));
	const char *const argv[] = { "<a@b.example>", NULL };
	struct decision d;

	ck_assert_ptr_nonnull(s);
	session_connect(
	    s, STR("x.example"), (struct ip){ .family = IP_NONE }, 0);
	eval_stage(s, STAGE_CONNECT, NULL, &d);
	metrics_decision(m, hits, &d, 3, 1000);
	session_mail(s, argv);
	eval_stage(s, STAGE_MAIL, NULL, &d);
	metrics_decision(m, hits, &d, 3, 1000);
	print(policy, hits);
	has("portreeve_rule_hits_total{rule=\"t\",stage=\"connect\","
	    "action=\"tag\",observed=\"false\"} 1");
	has("portreeve_rule_hits_total{rule=\"s\",stage=\"connect\","
	    "action=\"score\",observed=\"false\"} 1");
	has("portreeve_rule_hits_total{rule=\"h\",stage=\"mail\","
	    "action=\"add header\",observed=\"false\"} 1");
	has("portreeve_rule_hits_total{rule=\"n\",stage=\"mail\","
	    "action=\"tag\",observed=\"false\"} 0");
	session_free(s);
	rule_hits_free(hits);
	policy_unref(policy);
}
END_TEST

START_TEST(errors_are_no_hits)
{
	struct policy *policy = load(first_text);
	struct rule_hits *hits = rule_hits_new(policy, NULL);
	struct decision d = { .outcome = OUTCOME_DEFER,
		.stage = STAGE_MESSAGE,
		.rule = rule_of(policy, "big"),
		.reason = STR("could not be told") };

	metrics_decision(m, hits, &d, 2000000, 1000);
	d.rule = policy->on_error[STAGE_MESSAGE].rule;
	metrics_decision(m, hits, &d, -1, 1000);
	print(policy, hits);
	has("portreeve_rule_hits_total{rule=\"big\",stage=\"message\","
	    "action=\"reject\",observed=\"false\"} 0");
	has("portreeve_rule_undecided_total{rule=\"big\",stage=\"message\"} 1");
	has("portreeve_undecided_total 1");
	has("portreeve_memory_failures_total 1");
	has("portreeve_verdicts_total{stage=\"message\",verdict=\"defer\"} 2");
	has("portreeve_evaluation_seconds_bucket{stage=\"message\",le=\"1\"} "
	    "1");
	has("portreeve_evaluation_seconds_bucket{stage=\"message\","
	    "le=\"+Inf\"} 2");
	rule_hits_free(hits);
	policy_unref(policy);
}
END_TEST

START_TEST(a_reload_keeps_the_counts_of_rules_that_stay)
{
	struct policy *old = load(first_text);
	struct policy *new = load(second_text);
	struct rule_hits *before = rule_hits_new(old, NULL);
	struct rule_hits *after;

	decide(before, rule_of(old, "spoof"), STAGE_RCPT, OUTCOME_REJECT);
	after = rule_hits_new(new, before);
	ck_assert_ptr_nonnull(after);
	/* an older session, then a newer one */
	decide(before, rule_of(old, "spoof"), STAGE_RCPT, OUTCOME_REJECT);
	rule_hits_free(before);
	policy_unref(old);
	decide(after, rule_of(new, "spoof"), STAGE_RCPT, OUTCOME_REJECT);
	decide(after, rule_of(new, "new"), STAGE_MAIL, OUTCOME_DEFER);
	print(new, after);
	has("portreeve_rule_hits_total{rule=\"spoof\",stage=\"rcpt\","
	    "action=\"reject\",observed=\"false\"} 3");
	has("portreeve_rule_hits_total{rule=\"new\",stage=\"mail\","
	    "action=\"defer\",observed=\"false\"} 1");
	has("portreeve_rule_hits_total{rule=\"maybe\",stage=\"mail\","
	    "action=\"reject\",observed=\"false\"} 0");
	ck_assert_ptr_null(strstr(text, "\"big\""));
	rule_hits_free(after);
	policy_unref(new);
}
END_TEST

/* A rule without a label is FILE:LINE, and a file's name may hold anything. */
START_TEST(labels_are_escaped)
{
	struct diags diags;
	struct policy *policy;
	struct rule_hits *hits;

	diags_init(&diags, arena);
	policy = policy_load_text(STR("a\"b\\c\nd"),
	    STR("on mail { reject if sender is null }"), &diags);
	ck_assert_ptr_nonnull(policy);
	hits = rule_hits_new(policy, NULL);
	print(policy, hits);
	has("portreeve_policy_info{file=\"a\\\"b\\\\c\\nd\","
	    "fingerprint=\"0000000000000000\"} 1");
	rule_hits_free(hits);
	policy_unref(policy);
}
END_TEST

/* Every line is a comment or NAME{LABELS} VALUE of a family announced. */
START_TEST(families_are_announced)
{
	struct policy *policy = load(first_text);
	struct rule_hits *hits = rule_hits_new(policy, NULL);
	struct str rest;
	struct str line;
	struct str family = STR("");

	print(policy, hits);
	rest = str_c(text);
	while (str_split(&rest, '\n', &line)) {
		if (str_starts(line, STR("# TYPE ")))
			family =
			    str_sub(line, 7, str_find(str_from(line, 7), ' '));
		else if (line.n > 0 && line.p[0] != '#')
			ck_assert_msg(str_starts(line, family),
			    "%.*s under %.*s", STR_FMT(line), STR_FMT(family));
	}
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		char head[128];

		snprintf(head, sizeof head, "# HELP %s ", metric_rows[i].name);
		ck_assert_ptr_nonnull(strstr(text, head));
		ck_assert(metric_rows[i].type != METRIC_TYPE_COUNTER ||
			  str_ends(str_c(metric_rows[i].name), STR("_total")));
	}
	rule_hits_free(hits);
	policy_unref(policy);
}
END_TEST

Suite *
suite_metrics(void)
{
	Suite *s = suite_create("metrics");
	TCase *tc = tcase_create("metrics");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rules_are_there_before_their_first_hit);
	tcase_add_test(tc, what_happens_is_counted);
	tcase_add_test(tc, effects_are_hits);
	tcase_add_test(tc, errors_are_no_hits);
	tcase_add_test(tc, a_reload_keeps_the_counts_of_rules_that_stay);
	tcase_add_test(tc, labels_are_escaped);
	tcase_add_test(tc, families_are_announced);
	suite_add_tcase(s, tc);
	return s;
}
