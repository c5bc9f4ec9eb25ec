/*
 * test_top - ranks and rates of what a daemon tells.
 */
#include "tools/top.h"

#include <check.h>

Suite *suite_top(void);

enum {
	RULES = 4
};

static struct status_rule rules_before[RULES] = {
	{ .name = STR("a"), .acted = 10, .last = 5 },
	{ .name = STR("b"), .acted = 100, .would = 1, .last = 9 },
	{ .name = STR("c") },
	{ .name = STR("gone"), .acted = 7 },
};
static struct status_rule rules_now[RULES] = {
	{ .name = STR("new"), .acted = 4, .last = 20 },
	{ .name = STR("a"), .acted = 40, .last = 21 },
	{ .name = STR("b"), .acted = 101, .would = 2, .last = 19 },
	{ .name = STR("c") },
};
static const struct status before = { .rules = rules_before, .n_rules = RULES };
static const struct status now = { .rules = rules_now, .n_rules = RULES };

static const struct {
	enum top_order order;
	bool rates;
	const char *names;
} ranks[] = {
	{ TOP_BY_RATE, true, "a new b c " },
	{ TOP_BY_RATE, false, "b a new c " },
	{ TOP_BY_HITS, true, "b a new c " },
	{ TOP_BY_LAST, true, "a new b c " },
	{ TOP_BY_POLICY, true, "new a b c " },
};

START_TEST(rules_are_ranked)
{
	struct top_rule rules[RULES];
	char room[64];
	struct buf names = BUF_ON(room);

	top_rank(
	    &now, ranks[_i].rates ? &before : NULL, 2, ranks[_i].order, rules);
	for (size_t i = 0; i < RULES; i++) {
		buf_str_add(&names, rules[i].rule->name);
		buf_char(&names, ' ');
	}
	ck_assert_str_eq(buf_cstr(&names), ranks[_i].names);
}
END_TEST

START_TEST(rates_are_by_the_second)
{
	struct top_rule rules[RULES];

	top_rank(&now, &before, 2, TOP_BY_POLICY, rules);
	ck_assert(rules[0].rate == 2); /* it was not there */
	ck_assert(rules[1].rate == 15);
	ck_assert(rules[2].rate == 1);
	/* the daemon was started again: no rate below zero */
	top_rank(&before, &now, 2, TOP_BY_POLICY, rules);
	ck_assert(rules[0].rate == 0);
	top_rank(&now, &before, 0, TOP_BY_POLICY, rules);
	ck_assert(rules[1].rate == 0);
}
END_TEST

START_TEST(replies_are_ranked)
{
	struct status a = { .n_rules = 0 };
	struct status b = { .n_rules = 0 };
	struct top_reply replies[TOP_REPLIES];

	a.verdicts[STAGE_RCPT][VERDICT_PASS] = 100;
	b.verdicts[STAGE_RCPT][VERDICT_PASS] = 104;
	b.verdicts[STAGE_MAIL][VERDICT_REJECT] = 8;
	a.verdicts[STAGE_HELO][VERDICT_PASS] = 3;
	b.verdicts[STAGE_HELO][VERDICT_PASS] = 3;
	ck_assert_uint_eq(top_replies(&b, &a, 4, replies), 3);
	ck_assert_int_eq(replies[0].stage, STAGE_MAIL);
	ck_assert_int_eq(replies[0].verdict, VERDICT_REJECT);
	ck_assert(replies[0].rate == 2 && replies[0].count == 8);
	ck_assert_int_eq(replies[1].stage, STAGE_RCPT);
	ck_assert_int_eq(replies[2].stage, STAGE_HELO);
	ck_assert(replies[2].rate == 0);
}
END_TEST

Suite *
suite_top(void)
{
	Suite *s = suite_create("top");
	TCase *tc = tcase_create("top");

	tcase_add_loop_test(
	    tc, rules_are_ranked, 0, (int)(sizeof ranks / sizeof ranks[0]));
	tcase_add_test(tc, rates_are_by_the_second);
	tcase_add_test(tc, replies_are_ranked);
	suite_add_tcase(s, tc);
	return s;
}
