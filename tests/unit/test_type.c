/*
 * Types, values, facts and the other small tables of the language.
 */
#include <check.h>
#include <stdio.h>

#include "base/buf.h"
#include "lang/facility.h"
#include "lang/fact.h"
#include "lang/literal.h"
#include "lang/names.h"
#include "lang/type.h"
#include "lang/word.h"

Suite *suite_type(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- tables ------------------------------------------------------------- */

START_TEST(compare_is_symmetric)
{
	for (unsigned a = 0; a < T_COUNT; a++)
		for (unsigned b = 0; b < T_COUNT; b++)
			ck_assert_msg(type_cmp((enum type)a, (enum type)b) ==
					  type_cmp((enum type)b, (enum type)a),
			    "%s, %s", type_name((enum type)a),
			    type_name((enum type)b));
}
END_TEST

START_TEST(types_have_words)
{
	for (unsigned i = 0; i < T_COUNT; i++) {
		ck_assert_ptr_nonnull(type_name((enum type)i));
		ck_assert_ptr_nonnull(type_example((enum type)i));
	}
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		enum fact fact = FACT_COUNT;
		ck_assert(fact_find(fact_rows[i].name, &fact));
		ck_assert_uint_eq(fact, i);
		ck_assert(fact_rows[i].type != T_NONE);
	}
}
END_TEST

static const struct {
	const char *text;
	int form;
	enum type type;
	int64_t num;
} literals[] = {
	{ "", 0, T_NONE, 0 },
	{ "x", 0, T_NONE, 0 },
	{ "10", 1, T_NUMBER, 10 },
	{ "0", 1, T_NUMBER, 0 },
	{ "9223372036854775807", 1, T_NUMBER, INT64_MAX },
	{ "9223372036854775808", -1, T_NONE, 0 },
	{ "18446744073709551616", -1, T_NONE, 0 },
	{ "25M", 1, T_SIZE, 25 * 1024 * 1024 },
	{ "1K", 1, T_SIZE, 1024 },
	{ "8388607K", 1, T_SIZE, INT64_C(8388607) * 1024 },
	{ "8589934592G", -1, T_NONE, 0 },
	{ "8589934591G", 1, T_SIZE, INT64_C(8589934591) << 30 },
	{ "5m", 1, T_DURATION, 300 },
	{ "1h", 1, T_DURATION, 3600 },
	{ "2d", 1, T_DURATION, 172800 },
	{ "30s", 1, T_DURATION, 30 },
	{ "25k", 0, T_NONE, 0 },
	{ "25MB", 0, T_NONE, 0 },
	{ "1.5M", 0, T_NONE, 0 },
	{ "-1", 0, T_NONE, 0 },
	{ "00:00", 1, T_CLOCK, 0 },
	{ "23:59", 1, T_CLOCK, 1439 },
	{ "24:00", -1, T_NONE, 0 },
	{ "12:60", -1, T_NONE, 0 },
	{ "1:30", 0, T_NONE, 0 },
	{ "1970-01-01", 1, T_DATE, 0 },
	{ "2024-02-29", 1, T_DATE, 19782 },
	{ "2023-02-29", -1, T_NONE, 0 },
	{ "2026-13-01", -1, T_NONE, 0 },
	{ "2026-00-10", -1, T_NONE, 0 },
	{ "2026-1-10", 0, T_NONE, 0 },
};

START_TEST(literal)
{
	struct value v = { .type = T_NONE };
	struct why why;
	int form = literal_parse(str_c(literals[_i].text), &v, &why);

	ck_assert_msg(
	    form == literals[_i].form, "%s: %d", literals[_i].text, form);
	if (form != 1)
		return;
	ck_assert_msg(v.type == literals[_i].type, "%s", literals[_i].text);
	ck_assert_msg(v.num == literals[_i].num, "%s", literals[_i].text);
}
END_TEST

/* ---- values as text ----------------------------------------------------- */

static const struct address joe = { .norm = { "joe@example.org", 15 } };

static const struct {
	struct value v;
	const char *text;
} values[] = {
	{ { .type = T_NUMBER, .state = VALUE_PRESENT, .num = -3 }, "-3" },
	{ { .type = T_SIZE, .state = VALUE_PRESENT, .num = 26214400 },
	    "26214400" },
	{ { .type = T_DURATION, .state = VALUE_PRESENT, .num = 300 }, "300" },
	{ { .type = T_CLOCK, .state = VALUE_PRESENT, .num = 485 }, "08:05" },
	{ { .type = T_DATE, .state = VALUE_PRESENT, .num = 0 }, "1970-01-01" },
	{ { .type = T_DATE, .state = VALUE_PRESENT, .num = 19782 },
	    "2024-02-29" },
	{ { .type = T_DATE, .state = VALUE_PRESENT, .num = -1 }, "1969-12-31" },
	{ { .type = T_BOOL, .state = VALUE_PRESENT, .truth = true }, "true" },
	{ { .type = T_STRING, .state = VALUE_PRESENT, .str = { "x", 1 } },
	    "x" },
	{ { .type = T_DOMAIN, .state = VALUE_PRESENT, .str = { "a.b", 3 } },
	    "a.b" },
	{ { .type = T_ADDRESS, .state = VALUE_PRESENT, .address = &joe },
	    "joe@example.org" },
	{ { .type = T_IP,
	      .state = VALUE_PRESENT,
	      .ip = { .family = IP_V4, .b = { 192, 0, 2, 1 } } },
	    "192.0.2.1" },
	{ { .type = T_STRING, .state = VALUE_ABSENT }, "-" },
	{ { .type = T_SIZE, .state = VALUE_UNKNOWN }, "-" },
	{ { .type = T_SIZE, .state = VALUE_PENDING, .num = 7 }, "7" },
	{ { .type = T_NONE, .state = VALUE_PRESENT }, "-" },
};

START_TEST(print_value)
{
	char room[64];
	struct buf out = BUF_ON(room);

	value_print(&values[_i].v, &out);
	ck_assert_str_eq(buf_cstr(&out), values[_i].text);
}
END_TEST

/* ---- stages ------------------------------------------------------------- */

START_TEST(stages_know)
{
	for (unsigned at = 0; at < STAGE_COUNT; at++)
		for (unsigned from = 0; from < STAGE_COUNT; from++) {
			bool want = from <= at;
			if (at == STAGE_UNKNOWN)
				want = from <= STAGE_HELO || from == at;
			ck_assert_msg(stage_knows((enum stage)at,
					  (enum stage)from) == want,
			    "%s, %s", stage_name((enum stage)at),
			    stage_name((enum stage)from));
		}
}
END_TEST

static const struct {
	const char *name;
	const char *near; /* or NULL */
} near_facts[] = {
	{ "sender.domian", "sender.domain" },
	{ "sendr", "sender" },
	{ "Sender", "sender" },
	{ "client.ipp", "client.ip" },
	{ "x", NULL },
	{ "", NULL },
	{ "something.else", NULL },
};

START_TEST(near_fact)
{
	struct str near = fact_near(str_c(near_facts[_i].name));

	ck_assert_msg(str_eq(near, str_c(near_facts[_i].near)), "%s: %.*s",
	    near_facts[_i].name, STR_FMT(near));
}
END_TEST

/* ---- names -------------------------------------------------------------- */

START_TEST(names_table)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct names names;
	uint32_t v = 7;
	bool old;
	int most = NAMES_NEAR;

	names_init(&names, arena, true);
	ck_assert(!names_find(&names, STR("n0"), &v) && v == 7);
	for (uint32_t i = 0; i < 1000; i++) {
		struct str name = arena_printf(arena, "n%u", i);
		ck_assert_uint_eq(names_put(&names, name, i, &old)->value, i);
		ck_assert(!old);
	}
	ck_assert_uint_eq(names_put(&names, STR("N17"), 5, &old)->value, 17);
	ck_assert(old);
	ck_assert_uint_eq(names.n, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert(
		    names_find(&names, arena_printf(arena, "N%u", i), &v) &&
		    v == i);
	ck_assert(!names_find(&names, STR("n1000"), &v));
	ck_assert(!str_is_none(names_near(&names, STR("n9999"), &most)));
	arena_free(arena);
}
END_TEST

/* ---- words -------------------------------------------------------------- */

START_TEST(words_are_sorted)
{
	for (size_t i = 0; word_keyword(i + 1) != NULL; i++)
		ck_assert_str_lt(word_keyword(i), word_keyword(i + 1));
	for (size_t i = 0; word_reserved(i + 1) != NULL; i++)
		ck_assert_str_lt(word_reserved(i), word_reserved(i + 1));
	ck_assert(word_is_keyword(STR("reject")));
	ck_assert(word_is_keyword(STR("absent")));
	ck_assert(!word_is_keyword(STR("greylist")));
	ck_assert(word_is_reserved(STR("greylist")));
	ck_assert(!word_is_reserved(STR("office")));
}
END_TEST

START_TEST(facilities)
{
	/* RFC 5424: 2 and 23, above three bits of severity */
	ck_assert_int_eq(facility_find(STR("mail")), 2 << 3);
	ck_assert_int_eq(facility_find(STR("local7")), 23 << 3);
	ck_assert_int_eq(facility_find(STR("kern")), -1);
	ck_assert_int_eq(facility_find(STR("")), -1);
	ck_assert(str_eq(facility_near(STR("mial")), STR("mail")));
	ck_assert(str_is_none(facility_near(STR("something"))));
}
END_TEST

Suite *
suite_type(void)
{
	Suite *s = suite_create("type");
	TCase *tc = tcase_create("tables");

	tcase_add_test(tc, compare_is_symmetric);
	tcase_add_test(tc, types_have_words);
	tcase_add_loop_test(tc, literal, 0, COUNT(literals));
	tcase_add_loop_test(tc, print_value, 0, COUNT(values));
	tcase_add_test(tc, stages_know);
	tcase_add_loop_test(tc, near_fact, 0, COUNT(near_facts));
	tcase_add_test(tc, names_table);
	tcase_add_test(tc, words_are_sorted);
	tcase_add_test(tc, facilities);
	suite_add_tcase(s, tc);
	return s;
}
