/*
 * List files and map files: what is taken, what is refused, and the place
 * that is named.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lists/load.h"

Suite *suite_load(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A source that holds NULs is given with its length. */
#define TEXT(lit) (lit), sizeof(lit) - 1

struct fixture {
	struct arena *arena;
	struct diags diags;
	struct source source;
};

static struct fixture
fixture_make(const char *text, size_t n)
{
	struct fixture f = { .arena = arena_new(ARENA_UNLIMITED) };

	diags_init(&f.diags, f.arena);
	f.source.name = STR("file");
	f.source.text = str_of(text, n);
	return f;
}

/* ---- lists: what is taken -----------------------------------------------
 */

static const struct {
	enum list_kind kind;
	const char *text;
	size_t n;
	size_t size;
	const char *has; /* a word, domain, or text that matches; or NULL */
} good[] = {
	{ LIST_WORDS, TEXT(""), 0, NULL },
	{ LIST_WORDS, TEXT("\n\n \t\n# all\n  # comment"), 0, NULL },
	{ LIST_WORDS, TEXT("a"), 1, "a" },
	{ LIST_WORDS, TEXT("a\nb\n"), 2, "b" },
	{ LIST_WORDS, TEXT("a\r\nb\r\n"), 2, "a" },
	{ LIST_WORDS, TEXT("a\r\nb\r"), 2, "b" },
	{ LIST_WORDS, TEXT("\r\n\r\n"), 0, NULL },
	{ LIST_WORDS,
	    TEXT("\xef\xbb\xbf"
		 "a\nb"),
	    2, "a" },
	{ LIST_WORDS, TEXT("\xef\xbb\xbf# all\na"), 1, "a" },
	{ LIST_WORDS, TEXT("  a b\tc \t "), 1, "a b\tc" },
	{ LIST_WORDS, TEXT("a # comment"), 1, "a" },
	{ LIST_WORDS, TEXT("a\t# comment # more"), 1, "a" },
	{ LIST_WORDS, TEXT("a#b"), 1, "a#b" },
	{ LIST_WORDS, TEXT("a b #"), 1, "a b" },
	{ LIST_WORDS, TEXT("\"a\""), 1, "a" },
	{ LIST_WORDS, TEXT(" \" a # b \"  # comment"), 1, " a # b " },
	{ LIST_WORDS, TEXT("\"#a\""), 1, "#a" },
	{ LIST_WORDS, TEXT("\"\""), 1, "" },
	{ LIST_WORDS, TEXT("\"a\\\"b\\\\c\""), 1, "a\"b\\c" },
	{ LIST_WORDS, TEXT("\"\\\\\""), 1, "\\" },
	{ LIST_WORDS, TEXT("5\" disk"), 1, "5\" disk" },
	{ LIST_WORDS, TEXT("a\\nb"), 1, "a\\nb" },
	{ LIST_WORDS, TEXT("m\xc3\xbcller"), 1, "m\xc3\xbcller" },
	{ LIST_WORDS, TEXT("# \xff\xfe latin\na"), 1, "a" },
	{ LIST_DOMAINS, TEXT("example.org\n.example.net # below\n"), 2,
	    "a.example.net" },
	{ LIST_DOMAINS, TEXT("\"example.org\"\n"), 1, "example.org" },
	{ LIST_PATTERNS, TEXT("/a # b/ # comment"), 1, "a # b" },
	{ LIST_PATTERNS, TEXT("/a\\/ # b/i\n"), 1, "A/ # B" },
	{ LIST_PATTERNS, TEXT("\"/a/\""), 1, "a" },
	{ LIST_PATTERNS, TEXT("/\"/ # quote"), 1, "\"" },
	{ LIST_PATTERNS, TEXT("/a/i\t# x\r\n/b/\r\n"), 2, "b" },
	{ LIST_ADDRESSES,
	    TEXT("\"a #b\"@example.org # c\n\"a@b.example\"\n"
		 "\"\\\"q r\\\"@b.example\""),
	    3, NULL },
	{ LIST_NETWORKS, TEXT("192.0.2.0/24 # net\n2001:db8::/32\n"), 2, NULL },
};

START_TEST(test_good)
{
	struct fixture f = fixture_make(good[_i].text, good[_i].n);
	struct list *list = list_new(good[_i].kind);
	struct regex_room *room = regex_room_new();
	bool loaded = list_load(list, &f.source, &f.diags);
	struct str has = str_c(good[_i].has);

	ck_assert_msg(loaded, "%s: %.*s", good[_i].text,
	    STR_FMT(f.diags.first == NULL ? STR("") : f.diags.first->text));
	ck_assert_uint_eq(f.diags.errors + f.diags.warnings, 0);
	ck_assert(list_seal(list));
	ck_assert_uint_eq(list_size(list), good[_i].size);
	if (good[_i].has != NULL)
		ck_assert_msg((good[_i].kind == LIST_DOMAINS
				      ? list_match_domain(list, has)
				      : list_match_text(list, has, room)) == 1,
		    "%s: no \"%s\"", good[_i].text, good[_i].has);
	list_unref(list);
	regex_room_free(room);
	arena_free(f.arena);
}
END_TEST

/* ---- lists: what is refused ---------------------------------------------
 */

static const struct {
	enum list_kind kind;
	const char *text;
	size_t n;
	uint32_t line, col, len;
	const char *says;
} bad[] = {
	{ LIST_WORDS, TEXT("a\n \"b\n"), 2, 2, 1, "not closed" },
	{ LIST_WORDS, TEXT("\"b\\\""), 1, 1, 1, "not closed" },
	{ LIST_WORDS, TEXT("\"b\"c"), 1, 4, 1, "right behind" },
	{ LIST_WORDS, TEXT("\"b\"#c"), 1, 4, 1, "right behind" },
	{ LIST_WORDS, TEXT("\"b\" c"), 1, 5, 1, "behind the closing" },
	{ LIST_WORDS, TEXT("\"b\\n\""), 1, 3, 1, "write \\\\" },
	{ LIST_WORDS, TEXT("a\n\tb\001c"), 2, 3, 1, "0x01" },
	{ LIST_WORDS, TEXT("a\0b"), 1, 2, 1, "UTF-8" },
	{ LIST_WORDS, TEXT("# a\rb\rc\r"), 1, 4, 1, "CR" },
	{ LIST_WORDS,
	    TEXT("\xff\xfe"
		 "a\0"),
	    1, 1, 1, "UTF-16" },
	{ LIST_WORDS, TEXT("\xfe\xff\0a"), 1, 1, 1, "UTF-16" },
	{ LIST_DOMAINS, TEXT("ok.example\n  *.example.org # all\n"), 2, 3, 13,
	    "write .example.org" },
	{ LIST_DOMAINS, TEXT("a.example b.example"), 1, 10, 1, "white space" },
	{ LIST_DOMAINS, TEXT("exa!mple.org"), 1, 4, 1, "'!'" },
	{ LIST_DOMAINS, TEXT("\"exa!mple.org\""), 1, 1, 14, "'!'" },
	{ LIST_NETWORKS, TEXT("\n\n192.0.2.7/24"), 3, 1, 12, "192.0.2.0/24" },
	{ LIST_ADDRESSES, TEXT("user@example.org,"), 1, 1, 17, "no address" },
	{ LIST_PATTERNS, TEXT("abc # x"), 1, 1, 3, "/abc/" },
	{ LIST_PATTERNS, TEXT("/abc # x"), 1, 1, 8, "no closing" },
	{ LIST_PATTERNS, TEXT(" /a/ /b/"), 1, 5, 1, "write \\/" },
	{ LIST_PATTERNS, TEXT(" /ab)/"), 1, 5, 1, "offset 2" },
};

START_TEST(test_bad)
{
	struct fixture f = fixture_make(bad[_i].text, bad[_i].n);
	struct list *list = list_new(bad[_i].kind);
	bool loaded = list_load(list, &f.source, &f.diags);
	const struct diag *diag = f.diags.first;

	ck_assert_msg(!loaded, "row %d: %s", _i, bad[_i].text);
	ck_assert_uint_eq(f.diags.errors, 1);
	ck_assert_ptr_eq(diag->pos.source, &f.source);
	ck_assert_msg(diag->pos.line == bad[_i].line &&
			  diag->pos.col == bad[_i].col &&
			  diag->pos.len == bad[_i].len,
	    "row %d at %u:%u:%u: %.*s", _i, diag->pos.line, diag->pos.col,
	    diag->pos.len, STR_FMT(diag->text));
	ck_assert_msg(strstr(diag->text.p, bad[_i].says) != NULL, "row %d: %s",
	    _i, diag->text.p);
	list_unref(list);
	arena_free(f.arena);
}
END_TEST

/* Each bad line is counted, and the good ones between them are read. */
START_TEST(test_many_bad)
{
	enum {
		LINES = 100
	};
	char text[LINES * 8];
	struct buf b = BUF_ON(text);
	struct list *list = list_new(LIST_DOMAINS);
	struct fixture f;

	for (unsigned i = 0; i < LINES; i++)
		buf_printf(&b, i % 2 == 0 ? "a..%u\n" : "a.%u\n", i);
	ck_assert(!b.cut);
	f = fixture_make(text, b.n);
	ck_assert(!list_load(list, &f.source, &f.diags));
	ck_assert_uint_eq(f.diags.errors, LINES / 2);
	ck_assert_uint_eq(f.diags.first->next->pos.line, 3);
	ck_assert_uint_eq(list_size(list), LINES / 2);
	list_unref(list);
	arena_free(f.arena);
}
END_TEST

START_TEST(test_entry_limit)
{
	char text[LIST_ENTRY_MAX + 8];
	struct list *list = list_new(LIST_WORDS);
	struct fixture f;

	memset(text, 'a', sizeof(text));
	text[LIST_ENTRY_MAX] = '\n';
	f = fixture_make(text, LIST_ENTRY_MAX + 1);
	ck_assert(list_load(list, &f.source, &f.diags));
	text[LIST_ENTRY_MAX] = 'a';
	f.source.text.n = sizeof(text);
	ck_assert(!list_load(list, &f.source, &f.diags));
	ck_assert_ptr_nonnull(strstr(f.diags.first->text.p, "1024"));
	list_unref(list);
	arena_free(f.arena);
}
END_TEST

START_TEST(test_warning)
{
	struct fixture f = fixture_make(TEXT("example.org\n 192.0.2.1\n"));
	struct list *list = list_new(LIST_DOMAINS);

	ck_assert(list_load(list, &f.source, &f.diags));
	ck_assert_uint_eq(f.diags.warnings, 1);
	ck_assert_int_eq(f.diags.first->level, DIAG_WARNING);
	ck_assert_uint_eq(f.diags.first->pos.line, 2);
	ck_assert_uint_eq(f.diags.first->pos.col, 2);
	list_unref(list);
	arena_free(f.arena);
}
END_TEST

/* ---- maps ---------------------------------------------------------------
 */

/* What the reader was given, as KEY=VALUE or KEY="VALUE" a line; the number
 * of a value is its first octet.  "?" is no value. */
struct seen {
	char text[512];
	struct buf b;
	struct diags *diags;
	struct pos last_key;
	struct pos last_value;
};

static bool
take_value(void *ctx, const struct map_line *line, uint32_t *number_r)
{
	struct seen *seen = ctx;
	const char *quote = line->value_quoted ? "\"" : "";

	buf_printf(&seen->b, "%.*s=%s%.*s%s\n", STR_FMT(line->key), quote,
	    STR_FMT(line->value), quote);
	seen->last_key = line->key_pos;
	seen->last_value = line->value_pos;
	if (str_eq(line->value, STR("?"))) {
		diag_add(seen->diags, DIAG_ERROR, line->value_pos, "no value");
		return false;
	}
	*number_r = line->value.n == 0 ? 0 : str_at(line->value, 0);
	return true;
}

static bool
load(struct map *map, struct fixture *f, struct seen *seen)
{
	struct map_reader reader = { take_value, seen };

	seen->b = (struct buf)BUF_ON(seen->text);
	seen->diags = &f->diags;
	return map_load(map, &f->source, &reader, &f->diags);
}

static const struct {
	const char *text;
	size_t n;
	const char *seen;
} good_maps[] = {
	{ TEXT(""), "" },
	{ TEXT("# nothing\n\n"), "" },
	{ TEXT("example.org 25M"), "example.org=25M\n" },
	{ TEXT("\xef\xbb\xbf"
	       "a 1\r\nb\t \t2 # x\r\n"),
	    "a=1\nb=2\n" },
	{ TEXT("  a  one two  # x"), "a=one two\n" },
	{ TEXT("a one#two"), "a=one#two\n" },
	{ TEXT("\"a b\" 1"), "a b=1\n" },
	{ TEXT("\"a # b\" \" c # d \" # e"), "a # b=\" c # d \"\n" },
	{ TEXT("\"a\\\"b\" \"c\\\\d\""), "a\"b=\"c\\d\"\n" },
	{ TEXT("a \"\""), "a=\"\"\n" },
	{ TEXT("\"a b\"@example.org 1"), "\"a b\"@example.org=1\n" },
	{ TEXT("\"a:\" 1"), "a:=1\n" },
	{ TEXT("2001:db8:: 1"), "2001:db8::=1\n" },
	{ TEXT("2001:db8::/32 1"), "2001:db8::/32=1\n" },
	{ TEXT("joe a@b.example, \"c d\"@e.example"),
	    "joe=a@b.example, \"c d\"@e.example\n" },
	{ TEXT("joe \"c d\"@e.example, a@b.example # x"),
	    "joe=\"c d\"@e.example, a@b.example\n" },
	{ TEXT("joe \"a b\" , \"c\""), "joe=\"a b\" , \"c\"\n" },
	{ TEXT("a =b"), "a==b\n" },
};

START_TEST(test_good_map)
{
	struct fixture f = fixture_make(good_maps[_i].text, good_maps[_i].n);
	struct map *map = map_new();
	struct seen seen;
	bool loaded = load(map, &f, &seen);

	ck_assert_msg(loaded, "%s: %.*s", good_maps[_i].text,
	    STR_FMT(f.diags.first == NULL ? STR("") : f.diags.first->text));
	ck_assert_str_eq(buf_cstr(&seen.b), good_maps[_i].seen);
	ck_assert(map_seal(map));
	map_unref(map);
	arena_free(f.arena);
}
END_TEST

static const struct {
	const char *text;
	size_t n;
	uint32_t line, col, len;
	const char *says;
} bad_maps[] = {
	{ TEXT("a 1\nb\n"), 2, 1, 1, "no value" },
	{ TEXT("b # x\n"), 1, 1, 1, "no value" },
	{ TEXT("b #fff\n"), 1, 1, 1, "begins with #" },
	{ TEXT("b: 1\n"), 1, 2, 1, "between them" },
	{ TEXT("b= 1\n"), 1, 2, 1, "between them" },
	{ TEXT("b = 1\n"), 1, 3, 1, "no =" },
	{ TEXT("b, 1\n"), 1, 2, 1, "between them" },
	{ TEXT("\"b 1\n"), 1, 1, 1, "not closed" },
	{ TEXT("\"b\"c 1\n"), 1, 4, 1, "right behind" },
	{ TEXT("b \"1\n"), 1, 3, 1, "not closed" },
	{ TEXT("b \"1\"2\n"), 1, 6, 1, "right behind" },
	{ TEXT("b \"1\" 2\n"), 1, 7, 1, "behind the closing" },
	{ TEXT("b 1\0\n"), 1, 4, 1, "UTF-8" },
	{ TEXT("b\001 1\n"), 1, 2, 1, "0x01" },
	{ TEXT(" 192.0.2.1/24 5"), 1, 2, 12, "192.0.2.0/24" },
	{ TEXT("*.example.org 5"), 1, 1, 13, "write .example.org" },
	{ TEXT("* 5"), 1, 1, 1, "default" },
	{ TEXT("b  ?"), 1, 4, 1, "no value" },
};

START_TEST(test_bad_map)
{
	struct fixture f = fixture_make(bad_maps[_i].text, bad_maps[_i].n);
	struct map *map = map_new();
	struct seen seen;
	const struct diag *diag;

	ck_assert_msg(
	    !load(map, &f, &seen), "row %d: %s", _i, bad_maps[_i].text);
	ck_assert_uint_eq(f.diags.errors, 1);
	diag = f.diags.first;
	ck_assert_msg(diag->pos.line == bad_maps[_i].line &&
			  diag->pos.col == bad_maps[_i].col &&
			  diag->pos.len == bad_maps[_i].len,
	    "row %d at %u:%u:%u: %s", _i, diag->pos.line, diag->pos.col,
	    diag->pos.len, diag->text.p);
	ck_assert_msg(strstr(diag->text.p, bad_maps[_i].says) != NULL,
	    "row %d: %s", _i, diag->text.p);
	map_unref(map);
	arena_free(f.arena);
}
END_TEST

/* Both places are named, and one that is twice is known by its number. */
START_TEST(test_map_twice)
{
	struct fixture f = fixture_make(
	    TEXT("b 1\n  example.org 2\nc 3\n\nExample.ORG. 4\nb 5\n"));
	struct map *map = map_new();
	const struct diag *diag;
	struct seen seen;

	ck_assert(!load(map, &f, &seen));
	ck_assert_uint_eq(f.diags.errors, 2);
	diag = f.diags.first;
	ck_assert_uint_eq(diag->pos.line, 5);
	ck_assert_uint_eq(diag->pos.len, 12);
	ck_assert_ptr_nonnull(strstr(diag->text.p, "line 2"));
	diag = diag->next;
	ck_assert_int_eq(diag->level, DIAG_NOTE);
	ck_assert_uint_eq(diag->pos.line, 2);
	ck_assert_uint_eq(diag->pos.col, 3);
	diag = diag->next;
	ck_assert_uint_eq(diag->pos.line, 6);
	ck_assert_ptr_nonnull(strstr(diag->text.p, "line 1"));
	map_unref(map);
	arena_free(f.arena);
}
END_TEST

START_TEST(test_map_values)
{
	struct fixture f = fixture_make(TEXT(
	    "a x\n.example.org y\n10.0.0.0/8 z\nuser@ x\n\"c d\" \"q\"\n"));
	struct map *map = map_new();
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct address a;
	struct seen seen;
	struct ip ip;
	uint32_t value;

	ck_assert(load(map, &f, &seen));
	ck_assert_uint_eq(seen.last_key.line, 5);
	ck_assert_uint_eq(seen.last_key.col, 1);
	ck_assert_uint_eq(seen.last_key.len, 5);
	ck_assert_uint_eq(seen.last_value.col, 7);
	ck_assert_uint_eq(seen.last_value.len, 3);
	ck_assert(map_seal(map));
	ck_assert_uint_eq(map_size(map), 5);
	ck_assert(map_get_word(map, STR("A"), &value));
	ck_assert_uint_eq(value, 'x');
	ck_assert(map_get_domain(map, STR("a.example.org"), &value));
	ck_assert_uint_eq(value, 'y');
	ck_assert(ip_parse(STR("10.1.1.1"), &ip, NULL));
	ck_assert(map_get_ip(map, ip, &value));
	ck_assert_uint_eq(value, 'z');
	ck_assert(address_parse(
	    STR("<user@any.example>"), PATH_FORWARD, false, arena, &a));
	ck_assert(map_get_address(map, &a, &value));
	ck_assert_uint_eq(value, 'x');
	ck_assert(map_get_word(map, STR("c d"), &value));
	ck_assert_uint_eq(value, 'q');
	map_unref(map);
	arena_free(arena);
	arena_free(f.arena);
}
END_TEST

/* ---- hostile ------------------------------------------------------------
 */

/* Any octets: it ends, and says yes only where it has no error. */
START_TEST(test_noise)
{
	static const char octets[] = "aB.@/\\\"# \t\n\n\r:[]*0129-_,\xc3\xbc=";
	uint64_t state = 0x853c49e6748fea9b + (uint64_t)_i;
	char text[300];
	struct fixture f;
	struct seen seen;
	struct map *map = map_new();
	struct list *list = list_new((enum list_kind)(_i % LIST_KIND_COUNT));

	for (size_t i = 0; i < sizeof(text); i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		text[i] = octets[(state >> 32) % (sizeof(octets) - 1)];
	}
	f = fixture_make(text, sizeof(text));
	ck_assert(
	    list_load(list, &f.source, &f.diags) == (f.diags.errors == 0));
	ck_assert(list_seal(list));
	diags_init(&f.diags, f.arena);
	ck_assert(load(map, &f, &seen) == (f.diags.errors == 0));
	ck_assert(map_seal(map));
	list_unref(list);
	map_unref(map);
	arena_free(f.arena);
}
END_TEST

Suite *
suite_load(void)
{
	Suite *suite = suite_create("load");
	TCase *tc = tcase_create("load");

	tcase_add_loop_test(tc, test_good, 0, (int)COUNT(good));
	tcase_add_loop_test(tc, test_bad, 0, (int)COUNT(bad));
	tcase_add_test(tc, test_many_bad);
	tcase_add_test(tc, test_entry_limit);
	tcase_add_test(tc, test_warning);
	tcase_add_loop_test(tc, test_good_map, 0, (int)COUNT(good_maps));
	tcase_add_loop_test(tc, test_bad_map, 0, (int)COUNT(bad_maps));
	tcase_add_test(tc, test_map_twice);
	tcase_add_test(tc, test_map_values);
	tcase_add_loop_test(tc, test_noise, 0, 500);
	suite_add_tcase(suite, tc);
	return suite;
}
