/*
 * jdoc - a JSON document, with jansson or without.
 */
#include "base/jdoc.h"

#include <check.h>
#include <stdlib.h>

#include "base/buf.h"

Suite *suite_jdoc(void);

#ifdef HAVE_JANSSON

/* The document without its blanks and ends of lines. */
static void
is_document(struct jdoc *j, const char *want)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	char have[512];
	struct buf b = BUF_ON(have);

	ck_assert_ptr_nonnull(out);
	ck_assert(jdoc_print(j, out));
	fclose(out);
	ck_assert(n > 0 && text[n - 1] == '\n');
	for (size_t i = 0; i < n; i++)
		if (text[i] != ' ' && text[i] != '\n')
			buf_char(&b, text[i]);
	ck_assert_str_eq(buf_cstr(&b), want);
	free(text);
}

START_TEST(values)
{
	struct jdoc *j = jdoc_new(NULL);

	jdoc_object(j, NULL);
	jdoc_u64(j, "code", 550);
	jdoc_u64(j, "large", UINT64_MAX);
	jdoc_bool(j, "yes", true);
	jdoc_str(j, "none", STR_NONE);
	jdoc_array(j, "list");
	jdoc_str(j, NULL, STR("a\"b\\c\n\x01"));
	jdoc_object(j, NULL);
	jdoc_end(j);
	jdoc_end(j);
	jdoc_str(j, "last", STR(""));
	jdoc_end(j);
	is_document(j,
	    "{\"code\":550,\"large\":9223372036854775807,"
	    "\"yes\":true,\"none\":null,"
	    "\"list\":[\"a\\\"b\\\\c\\n\\u0001\",{}],\"last\":\"\"}");
	jdoc_free(j);
}
END_TEST

START_TEST(octets)
{
	struct jdoc *j = jdoc_new(NULL);

	jdoc_array(j, NULL);
	jdoc_str(j, NULL, STR("\xc3\xa4"));
	jdoc_str(j, NULL, STR("\xc3\xa4\xff"));
	jdoc_str(j, NULL, str_of("a\0b", 3));
	jdoc_end(j);
	is_document(j, "[\"\xc3\xa4\",\"???\",\"a\\u0000b\"]");
	jdoc_free(j);
}
END_TEST

START_TEST(unfinished)
{
	struct jdoc *j = jdoc_new(NULL);

	ck_assert(!jdoc_print(j, stderr));
	jdoc_object(j, NULL);
	ck_assert(!jdoc_print(j, stderr));
	jdoc_end(j);
	is_document(j, "{}");
	jdoc_free(j);
	jdoc_free(NULL);
}
END_TEST

#else

START_TEST(not_built_in)
{
	struct why why = { .text = "" };

	ck_assert_ptr_null(jdoc_new(&why));
	ck_assert_ptr_nonnull(strstr(why.text, "--with-jansson"));
	ck_assert_ptr_nonnull(strstr(why.text, "libjansson-dev"));
	jdoc_free(NULL);
}
END_TEST

#endif

Suite *
suite_jdoc(void)
{
	Suite *suite = suite_create("jdoc");
	TCase *tc = tcase_create("jdoc");

#ifdef HAVE_JANSSON
	tcase_add_test(tc, values);
	tcase_add_test(tc, octets);
	tcase_add_test(tc, unfinished);
#else
	tcase_add_test(tc, not_built_in);
#endif
	suite_add_tcase(suite, tc);
	return suite;
}
