/*
 * Unit tests of lang/source, and of lang/parse where a policy has several
 * files.
 */
#include "parsing.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static void
dir_setup(void)
{
	setup();
	strcpy(dir, "/tmp/test-parse-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static struct str
path_of(const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

static void
put_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name).p, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
dir_teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
	teardown();
}

static const struct ast *
parse_file(const char *name)
{
	struct why why = { "", 0 };
	const struct source *source =
	    source_read(&sources, path_of(name), SOURCE_MAX, &why);

	ck_assert_msg(source != NULL, "%s", why.text);
	return parse_policy(&sources, source, arena, &diags);
}

START_TEST(include_order)
{
	const struct ast *ast;

	ck_assert_int_eq(mkdir(path_of("d").p, 0700), 0);
	put_file("a.conf", "on mail { tag one }\ninclude \"d/*.conf\"\n"
			   "include \"none*.conf\" on mail { tag five }\n");
	put_file("d/20.conf", "on mail { tag three } words w = file \"l\" + "
			      "file \"/m\"");
	put_file("d/10.conf", "on mail { tag two }");
	put_file("d/30.conf", "include \"../b\" # relative to this one");
	put_file("b", "on mail { tag four }");
	put_file("d/40.other", "nonsense");
	ast = parse_file("a.conf");
	ck_assert_msg(diags.first == NULL, "%s", first_fault());
	ck_assert_str_eq(printed(ast),
	    "words w = file \"d/l\" + file \"/m\"\n\n"
	    "on mail {\n\ttag one\n}\n\non mail {\n\ttag two\n}\n\n"
	    "on mail {\n\ttag three\n}\n\non mail {\n\ttag four\n}\n\n"
	    "on mail {\n\ttag five\n}\n");
}
END_TEST

START_TEST(include_twice_is_no_loop)
{
	put_file("a", "include \"b\" include \"b\"");
	put_file("b", "on mail { accept }");
	ck_assert_uint_eq(parse_file("a")->rules, 2);
	ck_assert_msg(diags.first == NULL, "%s", first_fault());
}
END_TEST

static void
expect_fault(const char *name, const char *want)
{
	const char *fault;

	(void)parse_file(name);
	fault = first_fault();
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_msg(strncmp(fault, dir, strlen(dir)) == 0, "%s", fault);
	ck_assert_msg(strstr(fault, want) != NULL, "got: %s", fault);
}

START_TEST(include_itself)
{
	put_file("a", "include \"a\"");
	expect_fault("a", "/a:1:9: ");
}
END_TEST

START_TEST(include_loop)
{
	put_file("a", "include \"b\"");
	put_file("b", "\ninclude \"./c\"");
	ck_assert_int_eq(symlink("a", path_of("c").p), 0);
	expect_fault("a", "/b:2:9: ");
	ck_assert_ptr_nonnull(strstr(first_fault(), "includes itself"));
}
END_TEST

START_TEST(include_missing)
{
	put_file("a", "include \"nope\"");
	expect_fault("a", "nope: No such file or directory");
}
END_TEST

START_TEST(include_directory)
{
	put_file("a", "include \".\"");
	expect_fault("a", "is a directory");
}
END_TEST

START_TEST(include_fault_inside)
{
	put_file("a", "include \"b\"\nlet x = y");
	put_file("b", "let a = b\nlet = c\n");
	expect_fault("a", "/b:2:5: expected a name");
}
END_TEST

START_TEST(include_depth)
{
	char name[16];
	char text[64];

	for (int i = 0; i < 18; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		snprintf(text, sizeof(text), "include \"f%d\"", i + 1);
		put_file(name, i == 17 ? "" : text);
	}
	(void)parse_file("f1");
	ck_assert_msg(diags.first == NULL, "%s", first_fault());
	expect_fault("f0", "/f16:1:1: more than 16 includes");
}
END_TEST

/* What is over the limit is told once, and no more is read for it. */
START_TEST(include_octets)
{
	put_file("a",
	    "include \"b\" include \"/dev/zero\" include \"/dev/zero\" "
	    "include \"nope\" let x = sender is null");
	put_file("b", "let y = sender is null");
	expect_fault("a", "/a:1:21: with /dev/zero the policy has more than "
			  "16777216 octets of text");
	ck_assert_uint_eq(diags.errors, 1);
}
END_TEST

START_TEST(include_open_block)
{
	put_file("a", "include \"b\" on mail { accept }");
	put_file("b", "on mail {");
	expect_fault("a", "/b:1:9: this block is not closed");
}
END_TEST

/* ---- sources ------------------------------------------------------------ */

START_TEST(source_limits)
{
	struct why why = { "", 0 };
	const struct source *source;

	put_file("a", "12345");
	source = source_read(&sources, path_of("a"), 5, &why);
	ck_assert_ptr_nonnull(source);
	ck_assert(str_eq(source->text, STR("12345")));
	ck_assert_ptr_null(source_read(&sources, path_of("a"), 4, &why));
	ck_assert_msg(
	    strstr(why.text, "/a: over 4 octets") != NULL, "%s", why.text);
	ck_assert_ptr_null(
	    source_read(&sources, STR("/dev/zero"), SOURCE_MAX, &why));
	ck_assert_str_eq(why.text, "/dev/zero: over 16M octets");
	ck_assert_ptr_null(source_read(&sources, STR("a\0b"), 5, &why));
	sources.no_files = true;
	ck_assert_ptr_null(source_read(&sources, path_of("a"), 5, &why));
}
END_TEST

START_TEST(source_fifo_does_not_wait)
{
	struct why why = { "", 0 };
	const struct source *source;

	ck_assert_int_eq(mkfifo(path_of("f").p, 0600), 0);
	source = source_read(&sources, path_of("f"), 5, &why);
	ck_assert_ptr_nonnull(source);
	ck_assert_uint_eq(source->text.n, 0);
}
END_TEST

static const struct {
	const char *from;
	const char *path;
	const char *want;
} relatives[] = {
	{ "portreeve.conf", "vips", "vips" },
	{ "/etc/x/portreeve.conf", "vips", "/etc/x/vips" },
	{ "/etc/x/portreeve.conf", "/vips", "/vips" },
	{ "x/portreeve.conf", "../vips", "x/../vips" },
	{ "/portreeve.conf", "vips", "/vips" },
};

START_TEST(relative)
{
	const struct source *from =
	    source_text(&sources, str_c(relatives[_i].from), STR_NONE);
	struct str got =
	    source_relative(&sources, from, str_c(relatives[_i].path));

	ck_assert_msg(
	    str_eq(got, str_c(relatives[_i].want)), "%.*s", STR_FMT(got));
}
END_TEST

Suite *suite_include(void);

Suite *
suite_include(void)
{
	Suite *suite = suite_create("include");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, dir_setup, dir_teardown);
	tcase_add_test(tc, include_order);
	tcase_add_test(tc, include_twice_is_no_loop);
	tcase_add_test(tc, include_itself);
	tcase_add_test(tc, include_loop);
	tcase_add_test(tc, include_missing);
	tcase_add_test(tc, include_directory);
	tcase_add_test(tc, include_fault_inside);
	tcase_add_test(tc, include_depth);
	tcase_add_test(tc, include_octets);
	tcase_add_test(tc, include_open_block);
	tcase_add_test(tc, source_limits);
	tcase_add_test(tc, source_fifo_does_not_wait);
	tcase_add_loop_test(tc, relative, 0, ROWS(relatives));
	suite_add_tcase(suite, tc);
	return suite;
}
