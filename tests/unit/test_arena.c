/*
 * Unit tests of base/arena.
 */
#include "base/arena.h"

#include <check.h>
#include <stdlib.h>

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	ck_assert_ptr_nonnull(arena);
}

static void
teardown(void)
{
	arena_free(arena);
}

START_TEST(new_one_holds_nothing)
{
	struct arena *limited = arena_new(0);

	ck_assert_uint_eq(arena_used(arena), 0);
	ck_assert(!arena_failed(arena));
	ck_assert_ptr_null(arena_alloc(limited, 1));
	arena_free(limited);
	arena_free(NULL);
}
END_TEST

static bool
all_are(const void *p, size_t n, unsigned char c)
{
	const unsigned char *octets = p;

	for (size_t i = 0; i < n; i++)
		if (octets[i] != c)
			return false;
	return true;
}

START_TEST(memory_is_zeroed_and_aligned)
{
	for (size_t n = 0; n < 3000; n += 7) {
		void *p = arena_alloc(arena, n);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		ck_assert(all_are(p, n, 0));
		memset(p, 0xa5, n);
		ck_assert_ptr_nonnull(arena_str(arena, STR("odd")).p);
	}
}
END_TEST

START_TEST(pieces_do_not_overlap)
{
	char *p[200];

	for (size_t i = 0; i < 200; i++) {
		p[i] = arena_alloc(arena, i + 1);
		memset(p[i], (int)i, i + 1);
	}
	for (size_t i = 0; i < 200; i++)
		ck_assert(all_are(p[i], i + 1, (unsigned char)i));
}
END_TEST

START_TEST(nothing_has_a_place_of_its_own)
{
	void *a = arena_alloc(arena, 0);
	void *b = arena_calloc(arena, 0, 8);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_ne(a, b);
}
END_TEST

START_TEST(released_memory_is_zeroed_again)
{
	struct arena_mark mark = arena_mark(arena);
	char *p = arena_alloc(arena, 100);

	memset(p, 'x', 100);
	arena_release(arena, mark);
	p = arena_alloc(arena, 100);
	ck_assert(all_are(p, 100, 0));
}
END_TEST

START_TEST(large_requests_are_met)
{
	size_t large = 3 * 1024 * 1024;
	char *p = arena_alloc(arena, large);

	ck_assert_ptr_nonnull(p);
	memset(p, 1, large);
	ck_assert_uint_eq(arena_used(arena), large);
	ck_assert_ptr_nonnull(arena_alloc(arena, 1));
}
END_TEST

START_TEST(impossible_requests_fail)
{
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX));
	ck_assert(arena_failed(arena));
	arena_clear_failed(arena);
	ck_assert(!arena_failed(arena));
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX - 8));
	ck_assert_ptr_null(arena_calloc(arena, SIZE_MAX / 2, 3));
	ck_assert(arena_failed(arena));
	ck_assert_uint_eq(arena_used(arena), 0);
	ck_assert_ptr_nonnull(arena_calloc(arena, 3, 5));
}
END_TEST

START_TEST(limit_counts_what_is_held)
{
	struct arena *a = arena_new(1000);
	struct arena_mark mark;

	ck_assert_ptr_nonnull(arena_alloc(a, 600));
	mark = arena_mark(a);
	ck_assert_ptr_null(arena_alloc(a, 401));
	ck_assert(arena_failed(a));
	arena_clear_failed(a);
	ck_assert_ptr_nonnull(arena_alloc(a, 300));
	ck_assert_ptr_null(arena_alloc(a, 200));
	arena_release(a, mark);
	arena_clear_failed(a);
	ck_assert_uint_eq(arena_used(a), 600);
	ck_assert_ptr_nonnull(arena_alloc(a, 300));
	arena_free(a);
}
END_TEST

START_TEST(marks_nest)
{
	struct arena_mark empty = arena_mark(arena);
	struct arena_mark outer;
	struct arena_mark inner;
	char *kept;
	size_t used;

	kept = arena_cstr(arena, STR("kept"));
	used = arena_used(arena);
	outer = arena_mark(arena);
	for (int round = 0; round < 50; round++) {
		for (size_t n = 1; n < 9000; n *= 3)
			ck_assert_ptr_nonnull(arena_alloc(arena, n));
		inner = arena_mark(arena);
		ck_assert_ptr_nonnull(arena_alloc(arena, 200000));
		ck_assert_ptr_nonnull(arena_alloc(arena, 10));
		arena_release(arena, inner);
		arena_release(arena, outer);
		ck_assert_uint_eq(arena_used(arena), used);
		ck_assert_str_eq(kept, "kept");
	}
	arena_release(arena, empty);
	ck_assert_uint_eq(arena_used(arena), 0);
}
END_TEST

START_TEST(strings_are_copied)
{
	char text[] = "abc";
	struct str s = arena_str(arena, str_c(text));
	struct str empty = arena_str(arena, STR(""));
	char *c = arena_cstr(arena, str_of(text, 2));

	text[0] = 'x';
	ck_assert(str_eq(s, STR("abc")));
	ck_assert_int_eq(s.p[3], '\0');
	ck_assert(!str_is_none(empty) && empty.n == 0);
	ck_assert_int_eq(empty.p[0], '\0');
	ck_assert_str_eq(c, "ab");
	ck_assert(str_is_none(arena_str(arena, STR_NONE)));
	ck_assert(str_is_none(arena_xstr(arena, STR_NONE)));
	ck_assert_ptr_null(arena_cstr(arena, STR_NONE));
	ck_assert(!arena_failed(arena));
	ck_assert(str_eq(arena_str(arena, STR("a\0b")), STR("a\0b")));
}
END_TEST

START_TEST(prints)
{
	struct str s = arena_printf(arena, "%s-%d", "x", 7);

	ck_assert(str_eq(s, STR("x-7")));
	ck_assert_int_eq(s.p[s.n], '\0');
	s = arena_printf(arena, "%5000s", "y");
	ck_assert_uint_eq(s.n, 5000);
}
END_TEST

START_TEST(fails_on_demand)
{
	arena_fail_after(arena, 2);
	ck_assert_ptr_nonnull(arena_alloc(arena, 1));
	ck_assert(!str_is_none(arena_str(arena, STR("a"))));
	ck_assert(!arena_failed(arena));
	ck_assert_ptr_null(arena_alloc(arena, 1));
	ck_assert(arena_failed(arena));
	ck_assert(str_is_none(arena_str(arena, STR("a"))));
	ck_assert_ptr_null(arena_cstr(arena, STR("a")));
	ck_assert(str_is_none(arena_printf(arena, "a")));
	ck_assert(!arena_defer(arena, NULL, NULL));
	arena_fail_after(arena, SIZE_MAX);
	ck_assert_ptr_nonnull(arena_alloc(arena, 1));
	ck_assert(arena_failed(arena));
}
END_TEST

/* What was deferred leaves its letter here. */
static char trail[16];
static size_t trail_n;

static void
leave(void *letter)
{
	trail[trail_n++] = *(const char *)letter;
	trail[trail_n] = '\0';
}

START_TEST(deferred_run_last_first)
{
	struct arena *a = arena_new(ARENA_UNLIMITED);
	struct arena_mark mark;
	char letters[] = "abcd";

	trail_n = 0;
	ck_assert(arena_defer(a, leave, &letters[0]));
	mark = arena_mark(a);
	ck_assert(arena_defer(a, leave, &letters[1]));
	ck_assert_ptr_nonnull(arena_alloc(a, 100000));
	ck_assert(arena_defer(a, leave, &letters[2]));
	arena_release(a, mark);
	ck_assert_str_eq(trail, "cb");
	ck_assert(arena_defer(a, leave, &letters[3]));
	arena_free(a);
	ck_assert_str_eq(trail, "cbda");
}
END_TEST

/* Only where each test has a process of its own. */
static bool
tests_fork(void)
{
	const char *fork = getenv("CK_FORK");

	return fork == NULL || strcmp(fork, "no") != 0;
}

START_TEST(xalloc_ends_the_process)
{
	arena_fail_after(arena, 0);
	arena_xalloc(arena, 1);
}
END_TEST

Suite *suite_arena(void);

Suite *
suite_arena(void)
{
	Suite *suite = suite_create("arena");
	TCase *tc = tcase_create("arena");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, new_one_holds_nothing);
	tcase_add_test(tc, memory_is_zeroed_and_aligned);
	tcase_add_test(tc, pieces_do_not_overlap);
	tcase_add_test(tc, nothing_has_a_place_of_its_own);
	tcase_add_test(tc, released_memory_is_zeroed_again);
	tcase_add_test(tc, large_requests_are_met);
	tcase_add_test(tc, impossible_requests_fail);
	tcase_add_test(tc, limit_counts_what_is_held);
	tcase_add_test(tc, marks_nest);
	tcase_add_test(tc, strings_are_copied);
	tcase_add_test(tc, prints);
	tcase_add_test(tc, fails_on_demand);
	tcase_add_test(tc, deferred_run_last_first);
	if (tests_fork())
		tcase_add_exit_test(tc, xalloc_ends_the_process, 1);
	suite_add_tcase(suite, tc);
	return suite;
}
