/*
 * transcript - what is read, what is refused and how it is said, and how
 * replies are compared.
 */
#include "smtp/transcript.h"

#include <check.h>
#include <stdio.h>

static struct arena *arena;
static struct diags diags;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	ck_assert_ptr_nonnull(arena);
	diags_init(&diags, arena);
}

static void
teardown(void)
{
	arena_free(arena);
}

static bool
parse_n(struct str text, struct transcript *t)
{
	struct source *source = arena_xalloc(arena, sizeof *source);

	source->name = STR("t.smtp");
	source->text = text;
	return transcript_parse(source, arena, &diags, t);
}

static bool
parse(const char *text, struct transcript *t)
{
	return parse_n(str_c(text), t);
}

/* ---- what is read ------------------------------------------------------- */

static const char *
show_opt(struct str s, const char *none)
{
	return s.p == NULL ? none : arena_cstr(arena, s);
}

/* One line for each line of the transcript. */
static const char *
dump(const struct transcript *t)
{
	static const char *const kinds[] = { "C", "S", "macro", "now", "tls",
		"refuse", "size" };
	char *room = arena_xalloc(arena, 4096);
	struct buf b = { room, 0, 4096, false };

	for (const struct transcript_line *l = t->first; l != NULL;
	     l = l->next) {
		buf_printf(&b, "%u %s", l->pos.line, kinds[l->kind]);
		if (l->in_message)
			buf_c(&b, " in-message");
		if (l->code != 0)
			buf_printf(&b, " code=%u", l->code);
		if (l->name.p != NULL)
			buf_printf(&b, " name=%s", show_opt(l->name, ""));
		if (l->cipher.p != NULL)
			buf_printf(&b, " cipher=%s bits=%u",
			    show_opt(l->cipher, ""), l->bits);
		if (l->kind == LINE_NOW || l->kind == LINE_SIZE)
			buf_printf(&b, " num=%lld", (long long)l->num);
		else if (l->kind != LINE_TLS)
			buf_printf(
			    &b, " text=[%s]", show_opt(l->text, "(none)"));
		if (l->rule.p != NULL)
			buf_printf(&b, " rule=[%s]", show_opt(l->rule, ""));
		buf_char(&b, '\n');
	}
	return buf_cstr(&b);
}

static const struct {
	const char *text;
	const char *dump;
} goods[] = {
	{ "S: 220\n", "1 S code=220 text=[]\n" },
	{ "S:220", "1 S code=220 text=[]\n" },
	{ "\n# a name\n\nS: 220 mx ESMTP \r\nC: QUIT\r\nS: 221\r\n",
	    "4 S code=220 text=[mx ESMTP]\n5 C text=[QUIT]\n"
	    "6 S code=221 text=[]\n" },
	{ "S: 220\nC: EHLO x\nS: 250-mx\nS: 250 SIZE\n",
	    "1 S code=220 text=[]\n2 C text=[EHLO x]\n"
	    "3 S code=250 text=[mx]\n4 S code=250 text=[SIZE]\n" },
	/* The space behind the colon is not part of the line; others are. */
	{ "S: 220\nC:  a b \nS: 500\nC:\nS: 500\nC:x\nS: 500\n",
	    "1 S code=220 text=[]\n2 C text=[ a b ]\n3 S code=500 text=[]\n"
	    "4 C text=[]\n5 S code=500 text=[]\n6 C text=[x]\n"
	    "7 S code=500 text=[]\n" },
	/* Rules. */
	{ "S: 220 {r}\n", "1 S code=220 text=[] rule=[r]\n" },
	{ "S: 220 {}\n", "1 S code=220 text=[] rule=[]\n" },
	{ "S: 550 5.7.1 no {way} {a/b.conf:12}\n",
	    "1 S code=550 text=[5.7.1 no {way}] rule=[a/b.conf:12]\n" },
	{ "S: 550 5.7.1 {not a rule}\n",
	    "1 S code=550 text=[5.7.1 {not a rule}]\n" },
	{ "S: 550 5.7.1 x{y}\n", "1 S code=550 text=[5.7.1 x{y}]\n" },
	/* The message. */
	{ "S: 220\nC: DATA\nS: 354\nC: Subject: x\nC:\nC: ..\nC: .\nS: 250\n",
	    "1 S code=220 text=[]\n2 C text=[DATA]\n3 S code=354 text=[]\n"
	    "4 C in-message text=[Subject: x]\n5 C in-message text=[]\n"
	    "6 C in-message text=[..]\n7 C text=[.]\n"
	    "8 S code=250 text=[]\n" },
	/* Outside a message a dot is a command like any other. */
	{ "S: 220\nC: .\nS: 500\n",
	    "1 S code=220 text=[]\n2 C text=[.]\n3 S code=500 text=[]\n" },
	/* X: lines. */
	{ "X: macro {client_ptr} a.example\nX: macro i Q 1\nX: macro {i}\n"
	  "X: macro auth_authen joe\nS: 220\n",
	    "1 macro name={client_ptr} text=[a.example]\n"
	    "2 macro name=i text=[Q 1]\n3 macro name=i text=[(none)]\n"
	    "4 macro name={auth_authen} text=[joe]\n"
	    "5 S code=220 text=[]\n" },
	{ "X: now 1970-01-02T00:01\nX: now 2024-02-29T23:59\nS: 220\n",
	    "1 now num=1441\n2 now num=28487519\n3 S code=220 text=[]\n" },
	{ "X: tls TLSv1.3 TLS_AES 256\nS: 220\n",
	    "1 tls name=TLSv1.3 cipher=TLS_AES bits=256\n"
	    "2 S code=220 text=[]\n" },
	{ "X: refuse <a@b.example> 550 5.1.1 no such user\n"
	  "X: refuse b@b.example 450\nS: 220\n",
	    "1 refuse code=550 name=<a@b.example> "
	    "text=[550 5.1.1 no such user]\n"
	    "2 refuse code=450 name=b@b.example text=[450]\n"
	    "3 S code=220 text=[]\n" },
	{ "X: size 10M\nX: size 7\nX: size 8589934591G\nS: 220\n",
	    "1 size num=10485760\n2 size num=7\n"
	    "3 size num=9223372035781033984\n4 S code=220 text=[]\n" },
	{ "S: 220\nX: size 1K\nC: NOOP\nS: 250\n",
	    "1 S code=220 text=[]\n2 size num=1024\n3 C text=[NOOP]\n"
	    "4 S code=250 text=[]\n" },
};

START_TEST(reads)
{
	struct transcript t;
	bool good = parse(goods[_i].text, &t);

	if (!good)
		diags_print(&diags, stderr);
	ck_assert_msg(good, "refused: %s", goods[_i].text);
	ck_assert_msg(strcmp(dump(&t), goods[_i].dump) == 0, "%s\ngives\n%s",
	    goods[_i].text, dump(&t));
}
END_TEST

START_TEST(name_is_the_first_comment)
{
	struct transcript t;

	ck_assert(parse("#\n#   a name  \n# more\nS: 220\n# late\n", &t));
	ck_assert(str_eq(t.name, STR("a name")));
	ck_assert(parse("S: 220\n# late\n", &t));
	ck_assert(str_eq(t.name, STR("t.smtp")));
}
END_TEST

START_TEST(knows_what_is_offline_only)
{
	struct transcript t;

	ck_assert(parse("S: 220\n", &t));
	ck_assert_ptr_null(t.offline_only);
	ck_assert(parse("S: 220\n\nX: size 1\nX: macro i\n", &t));
	ck_assert_ptr_nonnull(t.offline_only);
	ck_assert_uint_eq(t.offline_only->pos.line, 3);
}
END_TEST

/* ---- what is refused ---------------------------------------------------- */

static const struct {
	const char *text;
	uint32_t line;
	uint32_t col;
	const char *message; /* part of it */
	size_t errors;
} bads[] = {
	{ "", 1, 1, "begin it with what the server says first", 1 },
	{ "# only a name\n", 1, 1, "\"S: 220\"", 1 },
	{ "hello\n", 1, 1, "begins with S:, C:, X: or #", 1 },
	{ " S: 220\n", 1, 1, "begins with S:, C:, X: or #", 1 },
	{ "S: 220\nMAIL FROM:<>\n", 2, 1, "begins with S:, C:, X: or #", 1 },
	{ "s: 220\n", 1, 1, "begins with", 1 },
	{ "C: EHLO x\nS: 250\n", 1, 1, "the server speaks first", 1 },
	{ "S: 220\nC: EHLO x\n", 2, 1, "no S: line says", 1 },
	{ "S: 220\nC: EHLO x\nC: QUIT\nS: 221\n", 2, 1, "no S: line says", 1 },
	{ "S: 220\nX: size 1\nS: 250\n", 3, 1, "nothing to answer", 1 },
	{ "S:\n", 1, 3, "three digits", 1 },
	{ "S: 22\n", 1, 4, "three digits", 1 },
	{ "S: 2200\n", 1, 4, "three digits", 1 },
	{ "S: 199\n", 1, 4, "three digits", 1 },
	{ "S: 560\n", 1, 4, "three digits", 1 },
	{ "S: 2x0\n", 1, 4, "three digits", 1 },
	{ "S: 220_\n", 1, 4, "three digits", 1 },
	{ "S: 220\nC: DATA\nS: 354\nC: x\n", 3, 1, "end it with \"C: .\"", 1 },
	{ "S: 220\nC: DATA\nS: 354\nS: 250\n", 4, 1, "until the message ends",
	    2 },
	{ "S: 220\nC: DATA\nS: 354\nX: size 1\nC: .\nS: 250\n", 4, 1,
	    "not between a C: line and what the server answers", 1 },
	{ "S: 220\nC: NOOP\nX: size 1\nS: 250\n", 3, 1,
	    "stands before the C:", 1 },
	{ "X: sise 1\nS: 220\n", 1, 4, "macro, now, tls, refuse, size", 1 },
	{ "X:\nS: 220\n", 1, 1, "macro, now, tls, refuse, size", 1 },
	{ "X: size\nS: 220\n", 1, 8, "\"X: size 10M\"", 1 },
	{ "X: size 0\nS: 220\n", 1, 9, "\"X: size 10M\"", 1 },
	{ "X: size 1T\nS: 220\n", 1, 9, "\"X: size 10M\"", 1 },
	{ "X: size K\nS: 220\n", 1, 9, "\"X: size 10M\"", 1 },
	{ "X: size 8589934592G\nS: 220\n", 1, 9, "\"X: size 10M\"", 1 },
	{ "X: size 99999999999999999999\nS: 220\n", 1, 9, "X: size 10M", 1 },
	{ "X: now 2026-11-22\nS: 220\n", 1, 8, "X: now 2026-11-22T10:00", 1 },
	{ "X: now 2026-02-29T10:00\nS: 220\n", 1, 8, "X: now", 1 },
	{ "X: now 2026-13-01T10:00\nS: 220\n", 1, 8, "X: now", 1 },
	{ "X: now 2026-11-22T24:00\nS: 220\n", 1, 8, "X: now", 1 },
	{ "X: now 2026-11-22T10:60\nS: 220\n", 1, 8, "X: now", 1 },
	{ "X: now 2026-11-2+T10:00\nS: 220\n", 1, 8, "X: now", 1 },
	{ "X: tls TLSv1.3 TLS_AES\nS: 220\n", 1, 8, "X: tls", 1 },
	{ "X: tls TLSv1.3 TLS_AES many\nS: 220\n", 1, 8, "X: tls", 1 },
	{ "X: tls TLSv1.3 TLS_AES 256 x\nS: 220\n", 1, 8, "X: tls", 1 },
	{ "X: refuse a@b.example\nS: 220\n", 1, 11, "X: refuse", 1 },
	{ "X: refuse a@b.example 250 ok\nS: 220\n", 1, 11, "X: refuse", 1 },
	{ "X: refuse a@b.example 5505.1.1\nS: 220\n", 1, 11, "X: refuse", 1 },
	{ "X: macro\nS: 220\n", 1, 9, "X: macro", 1 },
	{ "X: macro {} x\nS: 220\n", 1, 10, "X: macro", 1 },
	{ "X: macro {a}b x\nS: 220\n", 1, 10, "X: macro", 1 },
	/* Every fault is told, not only the first. */
	{ "S: 220\nC: a\nC: b\nX: c\nx\nS: 1\n", 2, 1, "no S: line says", 4 },
};

START_TEST(refuses)
{
	struct transcript t;
	const struct diag *d;

	ck_assert_msg(!parse(bads[_i].text, &t), "accepted: %s", bads[_i].text);
	ck_assert_msg(diags.errors == bads[_i].errors, "%zu errors in: %s",
	    diags.errors, bads[_i].text);
	for (d = diags.first; d != NULL; d = d->next)
		if (d->pos.line == bads[_i].line &&
		    d->pos.col == bads[_i].col &&
		    strstr(arena_cstr(arena, d->text), bads[_i].message) !=
			NULL)
			return;
	diags_print(&diags, stderr);
	ck_abort_msg("not said at %u:%u of\n%s\nis: %s", bads[_i].line,
	    bads[_i].col, bads[_i].text, bads[_i].message);
}
END_TEST

START_TEST(refuses_nul)
{
	struct transcript t;

	ck_assert(!parse_n(STR("S: 220\nC: a\0b\nS: 500\n"), &t));
}
END_TEST

/* No octets, in whatever order, upset the reader. */
START_TEST(survives_noise)
{
	static const char pieces[][8] = { "S:", "C:", "X:", " ", "354", "220",
		".", "\n", "{", "}", "size ", "now ", "macro ", "\r", "tls ",
		"#", "-", "refuse " };
	uint32_t seed = 12345;

	for (int round = 0; round < 5000; round++) {
		char text[256];
		struct buf b = BUF_ON(text);
		struct transcript t;

		for (int i = 0; i < 40; i++) {
			seed = seed * 1664525u + 1013904223u;
			buf_c(&b, pieces[(seed >> 16) %
					 (sizeof pieces / sizeof pieces[0])]);
		}
		(void)parse_n(buf_str(&b), &t);
	}
}
END_TEST

/* ---- replies ------------------------------------------------------------ */

static const struct {
	const char *expect; /* S: lines */
	const char *reply;  /* NULL: none */
	bool matches;
	uint32_t failed; /* line that does not hold */
} replies[] = {
	{ "S: 250", "250 2.1.0 Ok", true, 0 },
	{ "S: 250", "250", true, 0 },
	{ "S: 250", "251 2.1.0 Ok", false, 1 },
	{ "S: 250", "550 250", false, 1 },
	{ "S: 250", NULL, false, 1 },
	{ "S: 250", "25", false, 1 },
	{ "S: 250", "ok then", false, 1 },
	{ "S: 250 2.1.0", "250 2.1.0 Ok", true, 0 },
	{ "S: 250 2.1.0 Ok", "250 2.1.0 Ok", true, 0 },
	{ "S: 250 2.1.0 Okay", "250 2.1.0 Ok", false, 1 },
	{ "S: 250 2.1.0 ok", "250 2.1.0 Ok", false, 1 },
	{ "S: 250 Ok", "250 2.1.0 Ok", false, 1 },
	{ "S: 250 x", "250", false, 1 },
	/* Many lines: the code of each; the text of the first. */
	{ "S: 250", "250-a\n250-b\n250 c", true, 0 },
	{ "S: 250", "250-a\n550 c", false, 1 },
	{ "S: 250 b", "250-a\n250 b", false, 1 },
	{ "S: 250-a", "250-a\n250 b", true, 0 },
	{ "S: 250 a", "250-a\n250 b", true, 0 },
	{ "S: 250-a", "250 a", true, 0 },
	/* Further S: lines: later lines, in their order. */
	{ "S: 250\nS: 250 c", "250-a\n250-b\n250 c", true, 0 },
	{ "S: 250\nS: 250 b\nS: 250 c", "250-a\n250-b\n250 c", true, 0 },
	{ "S: 250\nS: 250 c\nS: 250 b", "250-a\n250-b\n250 c", false, 3 },
	{ "S: 250\nS: 250 a", "250-a\n250-b\n250 c", false, 2 },
	{ "S: 250 a\nS: 250 a", "250-a\n250 a", true, 0 },
	{ "S: 250 a\nS: 250 a", "250 a", false, 2 },
	{ "S: 250\nS: 550", "250-a\n250 b", false, 2 },
	{ "S: 250\nS: 250", "250-a\n250 b", true, 0 },
};

START_TEST(compares)
{
	struct transcript t;
	const struct transcript_line *failed = NULL;
	bool matches;

	ck_assert(parse(replies[_i].expect, &t));
	matches =
	    transcript_matches(t.first, str_c(replies[_i].reply), &failed);
	ck_assert_msg(matches == replies[_i].matches, "%s\n%s",
	    replies[_i].expect, replies[_i].reply);
	if (!matches)
		ck_assert_msg(failed->pos.line == replies[_i].failed,
		    "%s\n%s\nfails at %u", replies[_i].expect,
		    replies[_i].reply, failed->pos.line);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *suite_transcript(void);

Suite *
suite_transcript(void)
{
	Suite *s = suite_create("transcript");
	TCase *tc = tcase_create("transcript");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads, 0, COUNT(goods));
	tcase_add_test(tc, name_is_the_first_comment);
	tcase_add_test(tc, knows_what_is_offline_only);
	tcase_add_loop_test(tc, refuses, 0, COUNT(bads));
	tcase_add_test(tc, refuses_nul);
	tcase_add_test(tc, survives_noise);
	tcase_add_loop_test(tc, compares, 0, COUNT(replies));
	suite_add_tcase(s, tc);
	return s;
}
