/*
 * Every diagnostic, as it is printed: tests/diag/NAME.conf is loaded and what
 * is printed compared with tests/diag/NAME.err.
 *
 * TEST_SRCDIR names the top of the sources ("." if it is not set).  With
 * UPDATE_GOLDEN=1 the .err files are written instead: read them aloud.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "lang/policy.h"

Suite *suite_golden(void);

/* Found once, before the loop over them. */
static glob_t found;
static char directory[512];

static void
find_cases(void)
{
	const char *top = getenv("TEST_SRCDIR");
	char pattern[600];

	if (top == NULL || top[0] == '\0')
		top = ".";
	snprintf(directory, sizeof(directory), "%s/tests/diag/", top);
	snprintf(pattern, sizeof(pattern), "%s*.conf", directory);
	if (glob(pattern, 0, NULL, &found) != 0)
		found.gl_pathc = 0;
}

/* Without the directory, which is another in each build. */
static char *
without_directory(const char *text)
{
	size_t n = strlen(directory);
	char *out = malloc(strlen(text) + 1);
	char *to = out;

	ck_assert_ptr_nonnull(out);
	while (*text != '\0') {
		if (strncmp(text, directory, n) == 0)
			text += n;
		else
			*to++ = *text++;
	}
	*to = '\0';
	return out;
}

/* What is printed when the policy is loaded. */
static char *
printed(const char *path)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct policy *policy;
	char *text = NULL;
	char *plain;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(out);
	diags_init(&diags, arena);
	policy = policy_load(path, &diags);
	ck_assert_msg((policy == NULL) == (diags.errors > 0), "%s", path);
	diags_print(&diags, out);
	fclose(out);
	policy_unref(policy);
	arena_free(arena);
	plain = without_directory(text);
	free(text);
	return plain;
}

static char *
read_all(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = calloc(1, 65536);

	ck_assert_ptr_nonnull(text);
	if (in == NULL)
		return text;
	text[fread(text, 1, 65535, in)] = '\0';
	fclose(in);
	return text;
}

static void
write_all(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

START_TEST(golden)
{
	const char *conf = found.gl_pathv[_i];
	const char *update = getenv("UPDATE_GOLDEN");
	char err[1024];
	char *have = printed(conf);
	char *want;

	snprintf(err, sizeof(err), "%.*s.err", (int)(strlen(conf) - 5), conf);
	ck_assert_msg(have[0] != '\0', "%s: nothing is printed", conf);
	if (update != NULL && strcmp(update, "1") == 0)
		write_all(err, have);
	want = read_all(err);
	ck_assert_msg(strcmp(have, want) == 0,
	    "%s\n---- wanted:\n%s---- printed:\n%s", conf, want, have);
	free(want);
	free(have);
}
END_TEST

START_TEST(some_cases)
{
	ck_assert_msg(found.gl_pathc >= 60, "only %zu cases in %s",
	    found.gl_pathc, directory);
}
END_TEST

Suite *
suite_golden(void)
{
	Suite *s = suite_create("golden");
	TCase *tc = tcase_create("diagnostics");

	find_cases();
	tcase_add_test(tc, some_cases);
	tcase_add_loop_test(tc, golden, 0, (int)found.gl_pathc);
	suite_add_tcase(s, tc);
	return s;
}
