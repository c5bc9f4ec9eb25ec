/*
 * Unit tests of base/hash.
 */
#include "base/hash.h"

#include <check.h>

static const struct hash_key zero_key = { { 0, 0 } };
static const struct hash_key test_key = { { 0x0706050403020100,
    0x0f0e0d0c0b0a0908 } };

/* From other implementations of SipHash-1-3: Rust's and CPython's. */
START_TEST(known_values)
{
	ck_assert_uint_eq(hash_str(test_key, STR("")), 0xabac0158050fc4dc);
	ck_assert_uint_eq(hash_str(zero_key, STR("abc")), 0xc03bc3a0042630f2);
	ck_assert_uint_eq(
	    hash_str(zero_key, STR("abcdefgh")), 0x3f7b849c0b8e35ea);
	ck_assert_uint_eq(
	    hash_str(zero_key, STR("abcdefghi")), 0xf89b34a3d11eb6e5);
}
END_TEST

START_TEST(case_is_folded_on_demand)
{
	struct str low = STR("postmaster@example.org");
	struct str mixed = STR("PostMaster@Example.ORG");

	ck_assert_uint_eq(hash_str_ci(test_key, low), hash_str(test_key, low));
	ck_assert_uint_eq(
	    hash_str_ci(test_key, mixed), hash_str(test_key, low));
	ck_assert_uint_ne(hash_str(test_key, mixed), hash_str(test_key, low));
	ck_assert_uint_ne(
	    hash_str_ci(test_key, STR("[")), hash_str_ci(test_key, STR("{")));
}
END_TEST

START_TEST(length_and_key_count)
{
	static const char zeros[16];

	for (size_t i = 0; i < sizeof(zeros); i++)
		for (size_t k = i + 1; k <= sizeof(zeros); k++)
			ck_assert_uint_ne(hash_str(test_key, str_of(zeros, i)),
			    hash_str(test_key, str_of(zeros, k)));
	ck_assert_uint_ne(
	    hash_str(test_key, STR("a")), hash_str(zero_key, STR("a")));
	ck_assert_uint_eq(
	    hash_str(test_key, STR_NONE), hash_str(test_key, STR("")));
}
END_TEST

/* Whatever stands around a text. */
START_TEST(every_octet_counts_and_no_other)
{
	char one[40];
	char other[40];

	for (size_t n = 0; n < 30; n++) {
		struct str a = str_of(one + 3, n);
		struct str b = str_of(other + 5, n);

		memset(one, 'x', sizeof one);
		memset(other, 'y', sizeof other);
		for (size_t i = 0; i < n; i++)
			one[3 + i] = other[5 + i] = (char)('A' + i);
		ck_assert_uint_eq(hash_str(test_key, a), hash_str(test_key, b));
		for (size_t i = 0; i < n; i++) {
			other[5 + i]++;
			ck_assert_uint_ne(
			    hash_str(test_key, a), hash_str(test_key, b));
			other[5 + i]--;
		}
	}
}
END_TEST

START_TEST(keys_differ)
{
	struct hash_key a = hash_key_random();
	struct hash_key b = hash_key_random();

	ck_assert(a.k[0] != b.k[0] || a.k[1] != b.k[1]);
}
END_TEST

Suite *suite_hash(void);

Suite *
suite_hash(void)
{
	Suite *suite = suite_create("hash");
	TCase *tc = tcase_create("hash");

	tcase_add_test(tc, known_values);
	tcase_add_test(tc, case_is_folded_on_demand);
	tcase_add_test(tc, length_and_key_count);
	tcase_add_test(tc, every_octet_counts_and_no_other);
	tcase_add_test(tc, keys_differ);
	suite_add_tcase(suite, tc);
	return suite;
}
