/*
 * Reloads: what has not changed is shared, what has is loaded anew, and the
 * old policy keeps what it has.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lang/policy.h"

Suite *suite_kept(void);

/* A directory that a test works in, and the policy in force. */
static char dir[64];
static char conf[80];
static struct arena *arena;
static struct diags diags;

enum {
	LATER = 100, /* seconds: all times are settled then */
};

static void
start(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_kept_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(conf, sizeof(conf), "%s/p.conf", dir);
	arena = arena_new(ARENA_UNLIMITED);
	diags_init(&diags, arena);
}

static void
end(void)
{
	static const char *const names[] = { "p.conf", "a", "b", "new",
		"one.inc", "two.inc" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(arena_printf(arena, "%s/%s", dir, names[i]).p);
	ck_assert_int_eq(rmdir(dir), 0);
	arena_free(arena);
}

static void
put(const char *name, const char *text)
{
	FILE *out = fopen(arena_printf(arena, "%s/%s", dir, name).p, "w");

	ck_assert_ptr_nonnull(out);
	(void)fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
}

static const char *
told(void)
{
	return diags.first == NULL ? "nothing" : diags.first->text.p;
}

static struct policy *
load(void)
{
	struct policy *p = policy_load(conf, &diags);

	ck_assert_msg(p != NULL, "%s", told());
	return p;
}

static struct policy *
reload(const struct policy *old, int64_t after)
{
	struct policy *p =
	    policy_reload(conf, old, (int64_t)time(NULL) + after, &diags);

	ck_assert_msg(p != NULL, "%s", told());
	return p;
}

static struct policy *
renew(const struct policy *old)
{
	struct policy *p = policy_renew_lists(old, time(NULL), &diags);

	ck_assert_msg(p != NULL, "%s", told());
	return p;
}

/* What is kept of the definition whose text begins so. */
static const struct kept_def *
kept(const struct policy *p, const char *begin)
{
	const struct kept_def *k = p->kept;

	while (k != NULL && !str_starts(k->text, str_c(begin)))
		k = k->next;
	ck_assert_msg(k != NULL, "%s is not kept", begin);
	return k;
}

static bool
has(const struct policy *p, const char *begin, const char *domain)
{
	return list_match_domain(kept(p, begin)->list, str_c(domain)) == 1;
}

static const char policy[] =
    "domains bad = file \"a\"\n"
    "domains few = { x.example }\n"
    "domains joined = { y.example } + bad + few\n"
    "map size = file \"b\" default 5\n"
    "map own of addresses = { joe \"joe@a.example, @b.example\" }\n"
    "on mail {\n"
    " reject if sender.domain in joined\n"
    " reject if message.size > size[sender.domain]\n"
    " reject if sender in own[auth.user]\n}\n";

START_TEST(unchanged)
{
	static const char *const definitions[] = { "domains bad", "domains few",
		"domains joined", "map size", "map own" };
	struct policy *one;
	struct policy *two;
	uint32_t value;

	put("a", "a.example\n");
	put("b", "a.example 10M\n");
	put("p.conf", policy);
	one = load();
	two = reload(one, 0);
	for (size_t i = 0; i < 5; i++) {
		const struct kept_def *k = kept(two, definitions[i]);
		const struct kept_def *was = kept(one, definitions[i]);
		ck_assert_ptr_eq(k->list, was->list);
		ck_assert_ptr_eq(k->valued, was->valued);
		ck_assert(k->list != NULL || k->valued != NULL);
	}
	policy_unref(one);
	/* The first policy is gone, what was its is not. */
	ck_assert(has(two, "domains joined", "a.example"));
	ck_assert(has(two, "domains joined", "x.example"));
	ck_assert(map_get_domain(
	    kept(two, "map size")->valued->map, STR("a.example"), &value));
	ck_assert_int_eq(
	    kept(two, "map size")->valued->values[value].num, 10 * 1024 * 1024);
	policy_unref(two);
}
END_TEST

START_TEST(changed)
{
	struct policy *one;
	struct policy *two;

	put("a", "a.example\n");
	put("b", "a.example 10M\n");
	put("p.conf", policy);
	one = load();
	put("a", "c.example\n");
	two = reload(one, 0);
	ck_assert(has(one, "domains bad", "a.example"));
	ck_assert(!has(one, "domains bad", "c.example"));
	ck_assert(has(two, "domains bad", "c.example"));
	ck_assert(!has(two, "domains bad", "a.example"));
	/* What is joined from it is another one too; the others are not. */
	ck_assert(has(two, "domains joined", "c.example"));
	ck_assert_ptr_eq(
	    kept(one, "domains few")->list, kept(two, "domains few")->list);
	ck_assert_ptr_eq(
	    kept(one, "map size")->valued, kept(two, "map size")->valued);
	policy_unref(one);
	one = two;
	put("b", "a.example 11M\n");
	two = reload(one, LATER);
	ck_assert_ptr_ne(
	    kept(one, "map size")->valued, kept(two, "map size")->valued);
	policy_unref(one);
	policy_unref(two);
}
END_TEST

/* The definition changes, the file does not. */
START_TEST(changed_definition)
{
	struct policy *one;
	struct policy *two;

	put("a", "a.example 5\n");
	put("p.conf",
	    "map m = file \"a\"\n"
	    "on mail { log \"1\" if message.size > m[sender.domain] }\n");
	one = load();
	put("p.conf",
	    "map m = file \"a\" default 1M\n"
	    "on mail { log \"1\" if message.size > m[sender.domain] }\n");
	two = reload(one, LATER);
	ck_assert_int_eq(kept(one, "map m")->valued->type, T_NUMBER);
	ck_assert_int_eq(kept(two, "map m")->valued->type, T_SIZE);
	policy_unref(one);
	policy_unref(two);
}
END_TEST

/* Of the same size, within one tick of the clock that marks files. */
START_TEST(changed_at_once)
{
	struct policy *old;
	char text[] = "a.example\n";

	put("a", text);
	put("p.conf", "domains bad = file \"a\"\n"
		      "on mail { reject if sender.domain in bad }\n");
	old = load();
	for (int i = 0; i < 20; i++) {
		struct policy *p;
		text[0] = (char)('b' + i);
		put("a", text);
		p = reload(old, 0);
		policy_unref(old);
		old = p;
		ck_assert(has(p, "domains bad",
		    arena_printf(arena, "%c.example", text[0]).p));
	}
	policy_unref(old);
}
END_TEST

/* A file is read until its times are settled, and then no more: each reading
 * makes a new key. */
START_TEST(read_no_more)
{
	struct policy *p[4];
	const struct kept_file *file[4];

	put("a", "a.example\n");
	put("p.conf", "domains bad = file \"a\"\n"
		      "on mail { reject if sender.domain in bad }\n");
	p[0] = load();
	p[1] = reload(p[0], LATER);
	p[2] = reload(p[1], LATER);
	/* Another file with the same octets. */
	put("new", "a.example\n");
	ck_assert_int_eq(rename(arena_printf(arena, "%s/new", dir).p,
			     arena_printf(arena, "%s/a", dir).p),
	    0);
	p[3] = reload(p[2], LATER);
	for (size_t i = 0; i < 4; i++) {
		file[i] = &kept(p[i], "domains bad")->files[0];
		ck_assert_ptr_eq(kept(p[i], "domains bad")->list,
		    kept(p[0], "domains bad")->list);
	}
	ck_assert(!file[0]->stamp.settled);
	ck_assert(file[1]->stamp.settled);
	ck_assert_uint_ne(file[0]->key.k[0], file[1]->key.k[0]);
	ck_assert_uint_eq(file[1]->key.k[0], file[2]->key.k[0]);
	ck_assert_uint_ne(file[2]->key.k[0], file[3]->key.k[0]);
	for (size_t i = 0; i < 4; i++)
		policy_unref(p[i]);
}
END_TEST

START_TEST(faulty)
{
	struct policy *one;
	struct policy *two;

	put("a", "a.example\n");
	put("p.conf", "domains bad = file \"a\"\n"
		      "on mail { reject if sender.domain in bad }\n");
	one = load();
	put("a", "a.example\nb..example\n");
	ck_assert_ptr_null(policy_reload(conf, one, time(NULL), &diags));
	ck_assert_ptr_nonnull(strstr(told(), "has an empty label"));
	diags_init(&diags, arena);
	ck_assert_int_eq(unlink(arena_printf(arena, "%s/a", dir).p), 0);
	ck_assert_ptr_null(policy_renew_lists(one, time(NULL), &diags));
	ck_assert_ptr_nonnull(strstr(told(), "No such file"));
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert(has(one, "domains bad", "a.example"));
	diags_init(&diags, arena);
	put("a", "a.example\n");
	two = reload(one, 0);
	ck_assert_ptr_eq(
	    kept(one, "domains bad")->list, kept(two, "domains bad")->list);
	policy_unref(one);
	policy_unref(two);
}
END_TEST

/* Only the lists: the policy's own files may hold what they want by now. */
START_TEST(renewed)
{
	struct policy *one;
	struct policy *two;
	struct policy *three;

	put("a", "a.example\n");
	put("one.inc", "on mail { first: reject if sender.domain in bad }\n");
	put("p.conf", "domains bad = file \"a\"\ninclude \"*.inc\"\n"
		      "on mail { last: reject if sender is null }\n");
	one = load();
	put("p.conf", "on mail {");
	put("one.inc", "nonsense");
	put("two.inc", "nonsense");
	put("a", "c.example\n");
	two = renew(one);
	ck_assert(has(two, "domains bad", "c.example"));
	ck_assert_uint_eq(two->n_rules, 2);
	ck_assert(str_eq(two->rules[0]->name, STR("first")));
	ck_assert(str_eq(two->file, one->file));
	policy_unref(one);
	three = renew(two);
	ck_assert_ptr_eq(
	    kept(two, "domains bad")->list, kept(three, "domains bad")->list);
	policy_unref(two);
	ck_assert_uint_eq(three->n_rules, 2);
	policy_unref(three);
}
END_TEST

Suite *
suite_kept(void)
{
	Suite *s = suite_create("kept");
	TCase *tc = tcase_create("kept");

	tcase_add_checked_fixture(tc, start, end);
	tcase_add_test(tc, unchanged);
	tcase_add_test(tc, changed);
	tcase_add_test(tc, changed_definition);
	tcase_add_test(tc, changed_at_once);
	tcase_add_test(tc, read_no_more);
	tcase_add_test(tc, faulty);
	tcase_add_test(tc, renewed);
	suite_add_tcase(s, tc);
	return s;
}
