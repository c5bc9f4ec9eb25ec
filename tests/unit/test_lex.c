/*
 * Unit tests of lang/lex: what a text is in each mode.
 */
#include "lang/lex.h"

#include <check.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/regex.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

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

static const char *const kind_names[TOKEN_KIND_COUNT] = {
	[TOKEN_END] = "END",
	[TOKEN_BAD] = "BAD",
	[TOKEN_NAME] = "NAME",
	[TOKEN_LABEL] = "LABEL",
	[TOKEN_NUMBER] = "NUMBER",
	[TOKEN_SIZE] = "SIZE",
	[TOKEN_DURATION] = "DURATION",
	[TOKEN_CLOCK] = "CLOCK",
	[TOKEN_DATE] = "DATE",
	[TOKEN_XCODE] = "XCODE",
	[TOKEN_ADDRESS] = "ADDRESS",
	[TOKEN_STRING] = "STRING",
	[TOKEN_REGEX] = "REGEX",
	[TOKEN_WORD] = "WORD",
	[TOKEN_PUNCT] = "PUNCT",
	[TOKEN_TEXT] = "TEXT",
	[TOKEN_EXPR] = "EXPR",
};

static bool
is_counted(enum token_kind kind)
{
	return kind == TOKEN_NUMBER || kind == TOKEN_SIZE ||
	       kind == TOKEN_DURATION || kind == TOKEN_CLOCK ||
	       kind == TOKEN_DATE || kind == TOKEN_REGEX;
}

/* One token: "KIND str", with its number; "!" where it has a fault. */
static void
show(const struct token *token, struct buf *out)
{
	if (out->n > 0)
		buf_c(out, " | ");
	buf_c(out, kind_names[token->kind]);
	if (!str_is_none(token->fault))
		buf_c(out, "!");
	if (token->kind == TOKEN_STRING || token->kind == TOKEN_EXPR) {
		buf_c(out, " ");
		buf_str_add(out, token->text);
	} else if (!str_is_none(token->str)) {
		buf_c(out, " ");
		buf_str_add(out, token->str);
	}
	if (is_counted(token->kind) && str_is_none(token->fault)) {
		buf_c(out, " ");
		buf_i64(out, token->num);
	}
}

/* All tokens of a lexer; it must come to an end. */
static void
show_all(struct lex *lex, enum lex_mode mode, struct buf *out)
{
	size_t before = SIZE_MAX;
	struct token token;

	for (;;) {
		lex_next(lex, mode, &token);
		if (token.kind == TOKEN_END)
			break;
		ck_assert_msg(
		    before == SIZE_MAX || token.at >= before, "no progress");
		ck_assert_uint_gt(token.text.n, 0);
		ck_assert_uint_ge(token.pos.line, 1);
		ck_assert_uint_ge(token.pos.col, 1);
		ck_assert_uint_ge(token.pos.len, 1);
		before = token.at + token.text.n;
		show(&token, out);
	}
	lex_next(lex, mode, &token);
	ck_assert_int_eq(token.kind, TOKEN_END);
}

static const struct {
	enum lex_mode mode;
	const char *in;
	const char *tokens;
} texts[] = {
	/* names and labels */
	{ LEX_PLAIN, "", "" },
	{ LEX_PLAIN, " \t\r\n\f\v", "" },
	{ LEX_PLAIN, "accept if a-b.c9",
	    "NAME accept | NAME if | NAME a-b.c9" },
	{ LEX_PLAIN, "bad-helo: reject", "LABEL bad-helo | NAME reject" },
	{ LEX_PLAIN, "reject : accept", "LABEL reject | NAME accept" },
	{ LEX_PLAIN, "a:accept", "LABEL a | NAME accept" },
	{ LEX_PLAIN, "a.b: x", "LABEL! a.b | NAME x" },
	{ LEX_PLAIN, "a\n: x", "NAME a | BAD! | NAME x" },
	{ LEX_PLAIN, "a..b", "NAME a | PUNCT . | PUNCT . | NAME b" },
	{ LEX_PLAIN, "header.count.", "NAME header.count | PUNCT ." },
	{ LEX_PLAIN, "REJECT bad_helo:", "NAME! reject | LABEL! bad-helo" },
	{ LEX_PLAIN, "fe80::1", "NAME fe80 | BAD! | NUMBER 1 1" },
	{ LEX_VALUE, "fe80::1", "ADDRESS fe80::1" },
	{ LEX_VALUE, "::1 ::", "ADDRESS ::1 | ADDRESS ::" },
	{ LEX_VALUE, "::ffff:192.0.2.1/120 x",
	    "ADDRESS ::ffff:192.0.2.1/120 | "
	    "NAME x" },
	{ LEX_VALUE, "add: x", "LABEL add | NAME x" },
	{ LEX_VALUE, "a@b.example x", "BAD! | NAME x" },
	/* comments */
	{ LEX_PLAIN, "a # b\nc", "NAME a | NAME c" },
	{ LEX_PLAIN, "# only", "" },
	{ LEX_PLAIN, "a#b", "NAME a | BAD! | NAME b" },
	{ LEX_PLAIN, "\xef\xbb\xbf# marked\na", "NAME a" },
	/* literals */
	{ LEX_PLAIN, "0 10 0660",
	    "NUMBER 0 0 | NUMBER 10 10 | NUMBER 0660 660" },
	{ LEX_PLAIN, "25M 1K 2G",
	    "SIZE 25M 26214400 | SIZE 1K 1024 | "
	    "SIZE 2G 2147483648" },
	{ LEX_PLAIN, "30s 5m 1h 2d",
	    "DURATION 30s 30 | DURATION 5m 300 | "
	    "DURATION 1h 3600 | DURATION 2d 172800" },
	{ LEX_PLAIN, "22:00 00:00", "CLOCK 22:00 1320 | CLOCK 00:00 0" },
	{ LEX_PLAIN, "1970-01-02", "DATE 1970-01-02 1" },
	{ LEX_PLAIN, "5.7.1 4.7.25", "XCODE 5.7.1 | XCODE 4.7.25" },
	{ LEX_PLAIN, "192.0.2.0/24 192.0.2.7",
	    "ADDRESS 192.0.2.0/24 | "
	    "ADDRESS 192.0.2.7" },
	{ LEX_PLAIN, "2001:db8::/32", "ADDRESS 2001:db8::/32" },
	{ LEX_PLAIN, "9223372036854775807",
	    "NUMBER 9223372036854775807 "
	    "9223372036854775807" },
	{ LEX_PLAIN, "9223372036854775808", "NUMBER! 9223372036854775808" },
	{ LEX_PLAIN, "9007199254740992K", "NUMBER! 9007199254740992K" },
	{ LEX_PLAIN, "25MB", "NUMBER! 25MB" },
	{ LEX_PLAIN, "5min", "NUMBER! 5min" },
	{ LEX_PLAIN, "9:00", "NUMBER! 9:00" },
	{ LEX_PLAIN, "24:00", "NUMBER! 24:00" },
	{ LEX_PLAIN, "2026-02-29", "NUMBER! 2026-02-29" },
	{ LEX_PLAIN, "1.5", "NUMBER! 1.5" },
	{ LEX_PLAIN, "1e5", "NUMBER! 1e5" },
	{ LEX_PLAIN, "10-5", "NUMBER! 10-5" },
	{ LEX_PLAIN, "10)", "NUMBER 10 10 | PUNCT )" },
	/* signs */
	{ LEX_PLAIN, "== != <= >= < > = + - *",
	    "PUNCT == | PUNCT != | PUNCT <= | PUNCT >= | PUNCT < | PUNCT > | "
	    "PUNCT = | PUNCT + | PUNCT - | PUNCT *" },
	{ LEX_PLAIN, "{}()[],.",
	    "PUNCT { | PUNCT } | PUNCT ( | PUNCT ) | "
	    "PUNCT [ | PUNCT ] | PUNCT , | PUNCT ." },
	{ LEX_PLAIN, "a==b", "NAME a | PUNCT == | NAME b" },
	{ LEX_PLAIN, "&& || ! != !=~ =~",
	    "NAME! and | NAME! or | NAME! not | "
	    "PUNCT != | PUNCT! !~ | PUNCT! =~" },
	{ LEX_PLAIN, "=== <> ;", "PUNCT! == | PUNCT! != | PUNCT! ;" },
	{ LEX_VALUE, "<>", "BAD!" },
	{ LEX_PLAIN, "\x01 \x7f \xe2\x80\x9cx", "BAD! | BAD! | BAD! | NAME x" },
	{ LEX_PLAIN, "\xff\xfe", "BAD!" },
	/* strings */
	{ LEX_PLAIN, "\"\" \"a b\"x", "STRING \"\" | STRING \"a b\" | NAME x" },
	{ LEX_PLAIN, "\"a\\\"b\" c", "STRING \"a\\\"b\" | NAME c" },
	{ LEX_PLAIN, "\"a\\\\\" c", "STRING \"a\\\\\" | NAME c" },
	{ LEX_PLAIN, "\"${header(\"X\")}\" c",
	    "STRING \"${header(\"X\")}\" | NAME c" },
	{ LEX_PLAIN, "\"${a[\"${b[\"c\"]}\"]}\" d",
	    "STRING \"${a[\"${b[\"c\"]}\"]}\" | NAME d" },
	{ LEX_PLAIN, "\"$${\" a", "STRING \"$${\" | NAME a" },
	{ LEX_PLAIN, "\"a\\\nb\" c", "STRING \"a\\\nb\" | NAME c" },
	{ LEX_PLAIN, "\"a\\\r\nb\" c", "STRING \"a\\\r\nb\" | NAME c" },
	{ LEX_PLAIN, "\"open\nnext", "BAD! | NAME next" },
	{ LEX_PLAIN, "\"open }\nnext", "BAD! | PUNCT } | NAME next" },
	{ LEX_PLAIN, "\"open ${a}\nnext", "BAD! | NAME next" },
	{ LEX_PLAIN, "\"${a\"\nnext", "BAD! | NAME next" },
	{ LEX_PLAIN, "\"${h(\\\"X\\\")}\"\nnext", "BAD! | NAME next" },
	{ LEX_PLAIN, "\"", "BAD!" },
	{ LEX_PLAIN, "\"\\", "BAD!" },
	{ LEX_PLAIN, "\"${", "BAD!" },
	{ LEX_PLAIN, "'a b' c", "STRING! 'a b' | NAME c" },
	{ LEX_PLAIN, "don't\nx", "NAME don | BAD! | NAME x" },
	/* regexes */
	{ LEX_REGEX, "/a\\/b[0-9]/ix c", "REGEX a\\/b[0-9] 3 | NAME c" },
	{ LEX_REGEX, "/a \"/", "REGEX a \" 0" },
	{ LEX_REGEX, "/a\n b # c\n/x d", "REGEX a\n b # c\n 2 | NAME d" },
	{ LEX_REGEX, "/a\nb/ c", "BAD! | NAME b | BAD!" },
	{ LEX_REGEX, "//", "REGEX! " },
	{ LEX_REGEX, "/a/g", "REGEX! a" },
	{ LEX_REGEX, "/a/b/ c", "REGEX! a | NAME c" },
	{ LEX_REGEX, "/a", "BAD!" },
	{ LEX_REGEX, "/a\\", "BAD!" },
	{ LEX_VALUE, "/a b/i c", "BAD! a b | NAME c" },
	{ LEX_PLAIN, "// x", "BAD! | NAME x" },
	/* sets */
	{ LEX_SET, "a@b, .c d:e 5 }",
	    "WORD a@b | PUNCT , | WORD .c | WORD d:e | "
	    "WORD 5 | PUNCT }" },
	{ LEX_SET, "{a}", "PUNCT { | WORD a | PUNCT }" },
	{ LEX_SET, "u@[192.0.2.1] /x/ a=b a#b",
	    "WORD u@[192.0.2.1] | WORD /x/ | WORD a=b | WORD a#b" },
	{ LEX_SET, "a # b\nc", "WORD a | WORD c" },
	{ LEX_SET, "a,#b\nc", "WORD a | PUNCT , | WORD! #b | WORD c" },
	{ LEX_SET, "\"a b\" c", "STRING \"a b\" | WORD c" },
	{ LEX_SET, "\"a b\"@c d", "STRING! \"a b\" | WORD @c | WORD d" },
	{ LEX_SET, "a\"b\" c", "WORD! a | STRING \"b\" | WORD c" },
	{ LEX_SET, "b\xc3\xbc.example x", "WORD b\xc3\xbc.example | WORD x" },
	{ LEX_SET, "a; b", "WORD! a; | WORD b" },
	{ LEX_SET, "a \x01 b", "WORD a | BAD! | WORD b" },
	{ LEX_PATTERNS, "/a}b/i, /c/ d",
	    "REGEX a}b 1 | PUNCT , | REGEX c 0 | "
	    "WORD d" },
	{ LEX_PATTERNS, "/a b }\nc", "BAD! | PUNCT } | WORD c" },
	{ LEX_WORD, "_Portreeve; x", "WORD _Portreeve | PUNCT! ; | WORD x" },
};

START_TEST(tokens)
{
	const char *in = texts[_i].in;
	struct source source = { .name = STR("t"), .text = str_c(in) };
	char text[512];
	struct buf out = BUF_ON(text);
	struct lex lex;

	lex_init(&lex, arena, &source);
	show_all(&lex, texts[_i].mode, &out);
	ck_assert_msg(str_eq(buf_str(&out), str_c(texts[_i].tokens)),
	    "input: %s\n    got: %s\nexpected: %s", in, buf_cstr(&out),
	    texts[_i].tokens);
}
END_TEST

/* ---- what a string holds ------------------------------------------------ */

static const struct {
	const char *in;
	const char *pieces;
} strings[] = {
	{ "\"\"", "" },
	{ "\"a b\"", "TEXT a b" },
	{ "\"a\\n\\t\\\"\\\\$$b\"", "TEXT a\n\t\"\\$b" },
	{ "\"a\\\n   \tb\"", "TEXT ab" },
	{ "\"a\\\r\n  b\"", "TEXT ab" },
	{ "\"${a}\"", "EXPR ${a}" },
	{ "\"x ${a} y${b}\"", "TEXT x  | EXPR ${a} | TEXT  y | EXPR ${b}" },
	{ "\"$${a}\"", "TEXT ${a}" },
	{ "\"$$${a}\"", "TEXT $ | EXPR ${a}" },
	{ "\"${h(\"}\")}}\"", "EXPR ${h(\"}\")} | TEXT }" },
	{ "\"${m[\"${a}\"]}\"", "EXPR ${m[\"${a}\"]}" },
	{ "\"5 $\"", "TEXT! 5 $" },
	{ "\"$a\"", "TEXT! $a" },
	{ "\"\\d\"", "TEXT! " },
	{ "\"\\$\"", "TEXT! " },
	{ "\"a\x01\"", "TEXT! a\x01" },
	{ "\"a\tb\"", "TEXT a\tb" },
	{ "\"\xc3\xbc\"", "TEXT \xc3\xbc" },
};

START_TEST(pieces)
{
	const char *in = strings[_i].in;
	struct source source = { .name = STR("t"), .text = str_c(in) };
	char text[256];
	struct buf out = BUF_ON(text);
	struct token string;
	struct lex lex;
	struct lex inside;

	lex_init(&lex, arena, &source);
	lex_next(&lex, LEX_PLAIN, &string);
	ck_assert_msg(string.kind == TOKEN_STRING, "input: %s", in);
	inside = lex_enter(&lex, &string, 1, 1);
	show_all(&inside, LEX_STRING, &out);
	ck_assert_msg(str_eq(buf_str(&out), str_c(strings[_i].pieces)),
	    "input: %s\n    got: %s\nexpected: %s", in, buf_cstr(&out),
	    strings[_i].pieces);
}
END_TEST

/* ---- places ------------------------------------------------------------- */

static const struct {
	const char *in; /* the place of the token that begins with '@' */
	uint32_t line;
	uint32_t col;
	uint32_t len;
	bool first;
	bool spaced;
} places[] = {
	{ "@", 1, 1, 1, true, true },
	{ "  @", 1, 3, 1, true, true },
	{ "a @", 1, 3, 1, false, true },
	{ "a\n\t@", 2, 2, 1, true, true },
	{ "a # b\r\n@", 2, 1, 1, true, true },
	{ "(@", 1, 2, 1, false, false },
	{ "\"a\\\n  b\" @", 2, 6, 1, false, true },
	{ "\"a\\\n  b\"\n@", 3, 1, 1, true, true },
	{ "\xef\xbb\xbf@", 1, 4, 1, true, false },
};

START_TEST(position)
{
	struct source source = { .name = STR("t"),
		.text = str_c(places[_i].in) };
	struct token token;
	struct lex lex;

	lex_init(&lex, arena, &source);
	do {
		lex_next(&lex, LEX_PLAIN, &token);
		ck_assert_int_ne(token.kind, TOKEN_END);
	} while (token.text.p[0] != '@');
	ck_assert_msg(token.pos.line == places[_i].line &&
			  token.pos.col == places[_i].col &&
			  token.pos.len == places[_i].len,
	    "%s: got %u:%u+%u", places[_i].in, token.pos.line, token.pos.col,
	    token.pos.len);
	ck_assert_int_eq(token.first, places[_i].first);
	ck_assert_int_eq(token.spaced, places[_i].spaced);
}
END_TEST

START_TEST(expression_position)
{
	struct source source = { .name = STR("t"),
		.text = STR("x \"ab\\\n  ${c}\"") };
	struct token token;
	struct lex lex;
	struct lex in;
	struct lex expr;

	lex_init(&lex, arena, &source);
	lex_next(&lex, LEX_PLAIN, &token);
	lex_next(&lex, LEX_PLAIN, &token);
	in = lex_enter(&lex, &token, 1, 1);
	lex_next(&in, LEX_STRING, &token);
	lex_next(&in, LEX_STRING, &token);
	ck_assert_int_eq(token.kind, TOKEN_EXPR);
	expr = lex_enter(&in, &token, 2, 1);
	lex_next(&expr, LEX_VALUE, &token);
	ck_assert_int_eq(token.kind, TOKEN_NAME);
	ck_assert_uint_eq(token.pos.line, 2);
	ck_assert_uint_eq(token.pos.col, 5);
	lex_next(&expr, LEX_VALUE, &token);
	ck_assert_int_eq(token.kind, TOKEN_END);
}
END_TEST

START_TEST(quiet_has_no_texts)
{
	struct source source = { .name = STR("t"), .text = STR("@ @") };
	size_t used;
	struct token token;
	struct lex lex;

	lex_init(&lex, arena, &source);
	lex.quiet = true;
	used = arena_used(arena);
	lex_next(&lex, LEX_PLAIN, &token);
	ck_assert(!str_is_none(token.fault));
	ck_assert_uint_eq(token.fault.n, 0);
	ck_assert_uint_eq(arena_used(arena), used);
}
END_TEST

/* ---- limits ------------------------------------------------------------- */

/* The first token of `n` times c between quotes or slashes. */
static struct token
long_one(char quote, size_t n)
{
	char *p = arena_xalloc(arena, n + 2);
	struct source *source = arena_xalloc(arena, sizeof(*source));
	struct token token;
	struct lex lex;

	memset(p, 'a', n + 2);
	p[0] = quote;
	p[n + 1] = quote;
	*source = (struct source){ .name = STR("t"), .text = str_of(p, n + 2) };
	lex_init(&lex, arena, source);
	lex_next(&lex, LEX_REGEX, &token);
	return token;
}

START_TEST(length_limits)
{
	ck_assert(str_is_none(long_one('"', LEX_STRING_MAX).fault));
	ck_assert(!str_is_none(long_one('"', LEX_STRING_MAX + 1).fault));
	ck_assert(str_is_none(long_one('/', REGEX_PATTERN_MAX).fault));
	ck_assert(!str_is_none(long_one('/', REGEX_PATTERN_MAX + 1).fault));
}
END_TEST

/* Each flag is wrong; the time grows with their number, not its square. */
START_TEST(regex_flags_without_end)
{
	enum {
		FLAGS = 4 * 1024 * 1024
	};
	char *p = arena_xalloc(arena, FLAGS);
	struct source source = { .name = STR("t"), .text = str_of(p, FLAGS) };
	struct token token;
	struct lex lex;

	memset(p, 'z', FLAGS);
	memcpy(p, "/a/", 3);
	lex_init(&lex, arena, &source);
	lex_next(&lex, LEX_REGEX, &token);
	ck_assert_uint_eq(token.text.n, FLAGS);
	ck_assert(str_starts(token.fault, STR("unknown flag \"z\"")));
	ck_assert_uint_eq(token.fault_pos.col, 4);
}
END_TEST

START_TEST(quotes_within_quotes)
{
	struct source source = { .name = STR("t"), .text = STR_NONE };
	char *p = arena_xalloc(arena, 3000);
	struct token token;
	struct lex lex;

	for (size_t i = 0; i < 1000; i++)
		memcpy(p + 3 * i, "\"${", 3);
	source.text = str_of(p, 3000);
	lex_init(&lex, arena, &source);
	lex_next(&lex, LEX_PLAIN, &token);
	ck_assert_int_eq(token.kind, TOKEN_BAD);
	ck_assert_msg(str_starts(token.fault, STR("more than 100 strings")),
	    "%.*s", STR_FMT(token.fault));
}
END_TEST

static const struct {
	const char *word;
	char unit;
} unit_words[] = {
	{ "M", 'M' },
	{ "m", 'm' },
	{ "MB", 'M' },
	{ "mb", 'M' },
	{ "KiB", 'K' },
	{ "min", 'm' },
	{ "Hours", 'h' },
	{ "", 0 },
	{ "parsec", 0 },
};

START_TEST(unit)
{
	ck_assert_msg(
	    lex_unit(str_c(unit_words[_i].word)) == unit_words[_i].unit, "%s",
	    unit_words[_i].word);
}
END_TEST

Suite *suite_lex(void);

Suite *
suite_lex(void)
{
	Suite *suite = suite_create("lex");
	TCase *tc = tcase_create("lex");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, tokens, 0, ROWS(texts));
	tcase_add_loop_test(tc, pieces, 0, ROWS(strings));
	tcase_add_loop_test(tc, position, 0, ROWS(places));
	tcase_add_test(tc, expression_position);
	tcase_add_test(tc, quiet_has_no_texts);
	tcase_add_test(tc, length_limits);
	tcase_add_test(tc, regex_flags_without_end);
	tcase_add_test(tc, quotes_within_quotes);
	tcase_add_loop_test(tc, unit, 0, ROWS(unit_words));
	suite_add_tcase(suite, tc);
	return suite;
}
