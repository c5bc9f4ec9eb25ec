/*
 * test_status - what a daemon tells of itself, read back and shown.
 */
#include "tools/status.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

Suite *suite_status(void);

static struct arena *arena;
static struct why why;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	ck_assert_ptr_nonnull(arena);
	why = (struct why){ .text = "" };
	setenv("TZ", "UTC0", 1);
	tzset();
}

static void
teardown(void)
{
	arena_free(arena);
}

/* ---- series ------------------------------------------------------------- */

START_TEST(a_series_is_read)
{
	struct series_list list;
	const struct series *series;

	ck_assert(
	    series_read(STR("# HELP a_total x\n"
			    "a_total 12\n"
			    "\n"
			    "b{} 1.5e3\n"
			    "c{rule=\"a\\\"b\\\\c\\nd\",stage=\"\"} +Inf\n"),
		arena, &list, &why));
	ck_assert_uint_eq(list.n, 3);
	ck_assert(series_number(&list, "a_total", -1) == 12);
	ck_assert(series_number(&list, "b", -1) == 1500);
	ck_assert(series_number(&list, "d", -1) == -1);
	series = series_find(&list, "c");
	ck_assert_ptr_nonnull(series);
	ck_assert(str_eq(series_label(series, "rule"), STR("a\"b\\c\nd")));
	ck_assert_uint_eq(series_label(series, "stage").n, 0);
	ck_assert(!str_is_none(series_label(series, "stage")));
	ck_assert(str_is_none(series_label(series, "verdict")));
}
END_TEST

static const char *const no_series[] = { "a", "a{ 1", "a{b} 1", "a{b=\"} 1",
	"a{b=\"c\" 1", "a{b=\"c\",} 1", "a{b=\"c\"d=\"e\"} 1", "a 1x", "a ",
	" 1", "{} 1",
	("a{b=\"1\",b=\"2\",b=\"3\",b=\"4\",b=\"5\",b=\"6\","
	 "b=\"7\",b=\"8\",b=\"9\"} 1"),
	"a 1111111111111111111111111111111111111111111111111" };

START_TEST(what_is_no_series_is_refused)
{
	struct series_list list;
	char text[256];

	snprintf(text, sizeof text, "ok 1\n%s\n", no_series[_i]);
	ck_assert_msg(
	    !series_read(str_c(text), arena, &list, &why), "%s", no_series[_i]);
	ck_assert_msg(strstr(why.text, "line 2 ") != NULL, "%s", why.text);
}
END_TEST

/* ---- status ------------------------------------------------------------- */

static const char policy_text[] =
    "domains bad = { a.example b.example }\n"
    "on mail {\n"
    "    spoof: reject late if sender.domain == \"x.org\"\n"
    "    maybe: observe reject if sender is null\n"
    "}\n"
    "on mail, message {\n"
    "    big: reject 552 5.3.4 if message.size > 1K\n"
    "}\n"
    "on rcpt { b: reject if rcpt.domain in bad }\n";

static const char page[] =
    "portreeve " PACKAGE_VERSION ", started 1970-01-02 00:00:00 (1 d 2 h ago)\n"
    "policy    test.conf, 4 rules, loaded 1970-01-03 01:59:30 (45 s ago)\n"
    "text      fingerprint 0000000000000000\n"
    "reloads   1 done, 0 failed\n"
    "sessions  4 open, 2 since the start\n"
    "messages  0 went through\n"
    "TROUBLE   conditions that could not be told: 1\n"
    "\n"
    "stage         pass    accept      late    reject     defer disconnect   "
    "discard\n"
    "connect          0         0         0         0         0          0   "
    "      0\n"
    "helo             0         0         0         0         0          0   "
    "      0\n"
    "mail             1         0         0         0         0          0   "
    "      0\n"
    "rcpt             0         0         0         1         0          0   "
    "      0\n"
    "data             0         0         0         0         0          0   "
    "      0\n"
    "message          0         0         0         0         1          0   "
    "      0\n"
    "unknown          0         0         0         0         0          0   "
    "      0\n"
    "\n"
    "list                 kind              entries  file changed\n"
    "bad                  domains                 2  -\n"
    "\n"
    "rule                 stage        action            hits  observed  last\n"
    "spoof                rcpt         reject               1         0  "
    "2 min ago\n"
    "maybe                mail         reject               0         1  "
    "1 h 2 min ago\n"
    "big                  mail,message reject               0         0  "
    "never\n"
    "                     could not be told 1 times\n"
    "b                    rcpt         reject               0         0  "
    "never\n";

/* Scrapes a daemon that has seen a little. */
static struct str
scrape(void)
{
	static const int64_t now = 86400 + 86400 + 7200 + 15;
	struct diags diags;
	struct policy *policy;
	struct metrics *m = metrics_new();
	struct metrics_view view = { .metrics = m };
	struct rule_hits *hits;
	struct note would = { .kind = NOTE_WOULD };
	struct decision d = {
		.outcome = OUTCOME_PASS, .stage = STAGE_MAIL, .notes = &would
	};
	struct str copy;
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	diags_init(&diags, arena);
	policy = policy_load_text(STR("test.conf"), STR(policy_text), &diags);
	ck_assert(policy != NULL && out != NULL);
	hits = rule_hits_new(policy, NULL);
	would.rule = policy->rules[1];
	metrics_decision(m, hits, &d, 3, now - 3720);
	d = (struct decision){ .outcome = OUTCOME_REJECT,
		.stage = STAGE_RCPT,
		.rule = policy->rules[0] };
	metrics_decision(m, hits, &d, 3, now - 120);
	d = (struct decision){ .outcome = OUTCOME_DEFER,
		.stage = STAGE_MESSAGE,
		.rule = policy->rules[2],
		.reason = STR("x") };
	metrics_decision(m, hits, &d, 3, now);
	metrics_count(m, METRIC_RELOADS);
	metrics_count(m, METRIC_SESSIONS);
	metrics_count(m, METRIC_SESSIONS);
	view.hits = hits;
	view.policy = policy;
	view.gauges[METRIC_STARTED] = 86400;
	view.gauges[METRIC_LOADED] = now - 45;
	view.gauges[METRIC_RULES] = 4;
	view.gauges[METRIC_OPEN] = 4;
	metrics_print(&view, out);
	fclose(out);
	copy = arena_xstr(arena, str_of(text, n));
	free(text);
	rule_hits_free(hits);
	metrics_free(m);
	policy_unref(policy);
	return copy;
}

START_TEST(a_scrape_becomes_a_page)
{
	struct status status;
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	ck_assert_msg(
	    status_read(scrape(), arena, &status, &why), "%s", why.text);
	status_print(&status, 86400 + 86400 + 7200 + 15, out);
	fclose(out);
	ck_assert_str_eq(text, page);
	free(text);
}
END_TEST

START_TEST(other_programs_numbers_are_refused)
{
	struct status status;

	ck_assert(!status_read(STR("go_threads 12\n"), arena, &status, &why));
	ck_assert_str_eq(why.text, "these are not Portreeve's numbers");
}
END_TEST

static const struct {
	double seconds;
	const char *text;
} spans[] = { { -5, "0 s" }, { 0, "0 s" }, { 59.9, "59 s" }, { 60, "1 min" },
	{ 3599, "59 min" }, { 3600, "1 h" }, { 3660, "1 h 1 min" },
	{ 86400, "1 d" }, { 90000, "1 d 1 h" }, { 1e7, "115 d 17 h" } };

START_TEST(spans_have_two_units)
{
	char room[64];
	struct buf b = BUF_ON(room);

	status_print_span(spans[_i].seconds, &b);
	ck_assert_str_eq(buf_cstr(&b), spans[_i].text);
}
END_TEST

Suite *
suite_status(void)
{
	Suite *s = suite_create("status");
	TCase *tc = tcase_create("status");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_series_is_read);
	tcase_add_loop_test(tc, what_is_no_series_is_refused, 0,
	    (int)(sizeof no_series / sizeof no_series[0]));
	tcase_add_test(tc, a_scrape_becomes_a_page);
	tcase_add_test(tc, other_programs_numbers_are_refused);
	tcase_add_loop_test(
	    tc, spans_have_two_units, 0, (int)(sizeof spans / sizeof spans[0]));
	suite_add_tcase(s, tc);
	return s;
}
