/*
 * Encoded words of RFC 2047.
 */
#include <check.h>

#include "smtp/encoded_word.h"

Suite *suite_encoded_word(void);

static const struct {
	const char *in;
	const char *out;
} cases[] = {
	{ "plain text", "plain text" },
	{ "", "" },
	{ "=?", "=?" },
	{ "a =? b ?= c", "a =? b ?= c" },
	/* RFC 2047 8 */
	{ "(=?ISO-8859-1?Q?a?=)", "(a)" },
	{ "(=?ISO-8859-1?Q?a?= b)", "(a b)" },
	{ "(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "(=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "(=?ISO-8859-1?Q?a_b?=)", "(a b)" },
	{ "(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)" },
	{ "=?US-ASCII*EN?Q?Keith_Moore?= <moore@cs>",
	    "Keith Moore <moore@cs>" },
	{ "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=",
	    "If you can read this yo" },
	{ "=?iso-8859-1?q?Patrik_F=E4ltstr=F6m?=",
	    "Patrik F\xc3\xa4ltstr\xc3\xb6m" },
	{ "=?UTF-8?q?Gr=C3=BC=C3=9Fe?= an =?utf-8?B?YWxsZQ==?=",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e an alle" },
	/* a character split between two words */
	{ "=?utf-8?Q?=C3?= =?UTF-8?Q?=BC?=", "\xc3\xbc" },
	{ "=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=",
	    "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88" },
	{ "=?koi8-r?B?8NLJ18XU?=",
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	/* octets that are wrong in their charset */
	{ "=?utf-8?Q?a=FFb?=", "a?b" },
	/* what is no encoded word stays */
	{ "=?utf-8?X?abc?=", "=?utf-8?X?abc?=" },
	{ "=?utf-8?Q?a b?=", "=?utf-8?Q?a b?=" },
	{ "=?utf-8?Q?abc", "=?utf-8?Q?abc" },
	{ "=?no-such-charset?Q?abc?=", "=?no-such-charset?Q?abc?=" },
	{ "=?no-such-charset?Q?abc?= =?utf-8?Q?d?=",
	    "=?no-such-charset?Q?abc?= d" },
	{ "=?utf-8//TRANSLIT?Q?abc?=", "=?utf-8//TRANSLIT?Q?abc?=" },
	{ "=??Q?abc?=", "=??Q?abc?=" },
	{ "=?utf-8?Q?=4?= =?utf-8?Q?=?=", "=4=" },
	{ "=?utf-8?B?YQ?= =?utf-8?B?*Y*g*?=", "ab" },
	{ "=?utf-8?Q?"
	  "?=x",
	    "x" },
	{ "x=?utf-8?Q?y?=z", "xyz" },
};

START_TEST(decodes)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct str out = encoded_words_decode(str_c(cases[_i].in), arena);

	ck_assert_msg(str_eq(out, str_c(cases[_i].out)),
	    "%s: expected %s, got %.*s", cases[_i].in, cases[_i].out,
	    STR_FMT(out));
	arena_free(arena);
}
END_TEST

/* A long value of many small words stays bounded in time and space. */
START_TEST(many_words)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	static const char pair[] = "=?utf-8?Q?a?= =?us-ascii?Q?b?= ";
	static char text[200000];
	struct str out;
	size_t n = 0;

	while (n + sizeof pair < sizeof text) {
		memcpy(text + n, pair, sizeof pair);
		n += sizeof pair - 1;
	}
	out = encoded_words_decode(str_of(text, n), arena);
	ck_assert(str_starts(out, STR("abababab")));
	ck_assert(str_ends(out, STR("=?us-ascii?Q?b?= ")));
	arena_free(arena);
}
END_TEST

START_TEST(no_memory)
{
	struct arena *arena = arena_new(64);

	ck_assert_ptr_null(
	    encoded_words_decode(STR("=?utf-8?Q?abcdefghijkl?="), arena).p);
	ck_assert(arena_failed(arena));
	arena_free(arena);
}
END_TEST

Suite *
suite_encoded_word(void)
{
	Suite *suite = suite_create("encoded_word");
	TCase *tc = tcase_create("encoded_word");

	tcase_add_loop_test(
	    tc, decodes, 0, (int)(sizeof cases / sizeof cases[0]));
	tcase_add_test(tc, many_words);
	tcase_add_test(tc, no_memory);
	suite_add_tcase(suite, tc);
	return suite;
}
