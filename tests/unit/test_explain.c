/*
 * explain - every page and every pair fits its width; the table of pairs; what
 * the words of the command line ask about.  Whole pages are in
 * tests/commands/explain.
 */
#include "tools/explain_int.h"

#include <check.h>
#include <stdlib.h>

#include "tools/wrap.h"

Suite *suite_explain(void);

static const size_t widths[] = { WRAP_LEAST, 60, WRAP_WIDTH, WRAP_MOST };

enum {
	WIDTHS = sizeof(widths) / sizeof(widths[0]),
};

/* What somebody asks about, as one line of text. */
static char *
described(const struct explain_about *about)
{
	static char room[512];
	struct buf b = BUF_ON(room);

	switch (about->kind) {
	case EXPLAIN_CODE:
		buf_printf(&b, "code %u", about->code);
		break;
	case EXPLAIN_XCODE:
		buf_printf(&b, "xcode %s", about->xcode.text);
		break;
	case EXPLAIN_LINE:
		buf_printf(&b, "line %u %s \"%.*s\"", about->line->code,
		    about->line->xcode, STR_FMT(about->line->text));
		break;
	case EXPLAIN_PREFIX:
		buf_printf(&b, "prefix %.*s", STR_FMT(about->prefix));
		break;
	}
	(void)buf_cstr(&b);
	return room;
}

/* ---- pages -------------------------------------------------------------- */

/* No line is too long but those of a dialogue or a report; none ends in a
 * blank. */
static void
check_lines(const char *text, size_t width, const char *what)
{
	struct str rest = str_c(text);
	struct str line;

	ck_assert_msg(rest.n > 0, "%s: nothing is said", what);
	while (str_split(&rest, '\n', &line)) {
		bool dialogue = str_starts(line, STR("    C:")) ||
				str_starts(line, STR("    S:")) ||
				str_starts(line, STR("    Final-Recipient:"));

		ck_assert_msg(line.n <= width || dialogue,
		    "%s, width %zu: %.*s", what, width, STR_FMT(line));
		ck_assert_msg(line.n == 0 || line.p[line.n - 1] != ' ',
		    "%s: a blank at the end: %.*s", what, STR_FMT(line));
	}
}

struct page {
	struct explain x;
	char *text;
	size_t n;
};

static void
page_begin(struct page *p, size_t width)
{
	memset(p, 0, sizeof(*p));
	p->x.width = width;
	p->x.arena = arena_new(ARENA_UNLIMITED);
	p->x.out = open_memstream(&p->text, &p->n);
	ck_assert_ptr_nonnull(p->x.out);
}

static void
page_end(struct page *p, const char *what)
{
	fclose(p->x.out);
	check_lines(p->text, p->x.width, what);
	free(p->text);
	arena_free(p->x.arena);
}

START_TEST(code_pages)
{
	for (unsigned code = 200; code < 600; code++) {
		struct page p;

		page_begin(&p, widths[_i]);
		explain_code_page(&p.x, code);
		page_end(&p, "a code");
	}
}
END_TEST

START_TEST(xcode_pages)
{
	const struct xcode_row *row;

	for (size_t i = 0; (row = xcode_at(i)) != NULL; i++)
		for (unsigned class = 2; class <= 5; class ++) {
			struct explain_xcode c = { .class = class,
				.subject = row->subject,
				.detail = row->detail,
				.text = "5.7.1" };
			struct page p;

			page_begin(&p, widths[_i]);
			explain_xcode_page(&p.x, &c);
			page_end(&p, row->title);
		}
}
END_TEST

START_TEST(line_pages)
{
	const struct code_row *row;

	for (size_t i = 0; (row = code_at(i)) != NULL; i++) {
		struct reply_line line = { .code = row->code,
			.xcode = "5.1.10",
			.text = str_c(row->meaning),
			.host = STR("mx.example[203.0.113.9]"),
			.logged = STR("4ZbX1k") };
		struct page p;

		page_begin(&p, widths[_i] < 60 ? 60 : widths[_i]);
		explain_line_page(&p.x, &line);
		page_end(&p, "a line");
	}
}
END_TEST

START_TEST(pair_pages)
{
	const struct code_row *a;
	const struct code_row *b;

	for (size_t i = 0; (a = code_at(i)) != NULL; i++)
		for (size_t k = 0; (b = code_at(k)) != NULL; k++) {
			struct explain_about l = { .kind = EXPLAIN_CODE,
				.code = a->code };
			struct explain_about r = { .kind = EXPLAIN_CODE,
				.code = b->code };
			struct page p;

			page_begin(&p, widths[_i]);
			explain_pair(&p.x, &l, &r);
			page_end(&p, "a pair");
		}
}
END_TEST

START_TEST(lists)
{
	static const char *const prefixes[] = { "", "5", "55", "X.", "5.7",
		"2.", "x.1" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct page p;

		page_begin(&p, WRAP_WIDTH);
		ck_assert(explain_list(&p.x, str_c(prefixes[i])));
		page_end(&p, prefixes[i]);
	}
}
END_TEST

/* ---- pairs -------------------------------------------------------------- */

START_TEST(pairs)
{
	const struct explain_pair_row *row;
	unsigned before = 0;
	size_t n = 0;

	for (; (row = explain_pair_at(n)) != NULL; n++) {
		unsigned key = row->a * 1000 + row->b;

		ck_assert_msg(key > before, "%u, %u: order", row->a, row->b);
		before = key;
		ck_assert_uint_lt(row->a, row->b);
		ck_assert_ptr_nonnull(code_find(row->a));
		ck_assert_ptr_nonnull(code_find(row->b));
		ck_assert(str_is_ascii(str_c(row->difference)));
		ck_assert(str_is_ascii(str_c(row->use)));
		ck_assert_ptr_null(strstr(row->difference, "  "));
		ck_assert_ptr_null(strstr(row->use, "  "));
		ck_assert_ptr_eq(explain_pair_find(row->a, row->b), row);
		ck_assert_ptr_eq(explain_pair_find(row->b, row->a), row);
	}
	ck_assert_uint_ge(n, 13);
	ck_assert_ptr_null(explain_pair_find(250, 550));
}
END_TEST

/* ---- words -------------------------------------------------------------- */

static const struct {
	const char *words[4];
	const char *asks; /* apart by '; '; NULL: an error, with `why` in it */
	const char *why;
} asked[] = {
	{ { "550" }, "code 550", NULL },
	{ { "571" }, "code 571", NULL },
	{ { "5.7.1" }, "xcode 5.7.1", NULL },
	{ { "x.7.25" }, "xcode X.7.25", NULL },
	{ { "5.7.99" }, "xcode 5.7.99", NULL },
	{ { "5" }, "prefix 5", NULL },
	{ { "5xx" }, "prefix 5", NULL },
	{ { "55z" }, "prefix 55", NULL },
	{ { "5.7" }, "prefix 5.7", NULL },
	{ { "5.7.x" }, "prefix 5.7.", NULL },
	{ { "X.7" }, "prefix X.7", NULL },
	{ { "250", "354" }, "code 250; code 354", NULL },
	{ { "250", "354", "5.7.1" }, "code 250; code 354; xcode 5.7.1", NULL },
	{ { "5.7.1", "550" }, "xcode 5.7.1; code 550", NULL },
	/* a reply, with and without its quotes */
	{ { "550", "5.7.1" }, "line 550 5.7.1 \"\"", NULL },
	{ { "550 5.7.1 no" }, "line 550 5.7.1 \"no\"", NULL },
	{ { "550", "5.7.1", "no", "way" }, "line 550 5.7.1 \"no way\"", NULL },
	{ { "550", "no" }, "line 550  \"no\"", NULL },
	{ { "550-5.7.1", "no" }, "line 550 5.7.1 \"no\"", NULL },
	{ { "said:", "550", "no" }, "line 550  \"no\"", NULL },
	{ { "550 no", "450 later" }, "line 550  \"no\"; line 450  \"later\"",
	    NULL },
	{ { "550", "450 later" }, "code 550; line 450  \"later\"", NULL },
	/* errors say what to write */
	{ { "" }, NULL, "write one such as 550" },
	{ { "foo" }, NULL, "write one such as 550" },
	{ { "999" }, NULL, "they begin with 2, 3, 4 or 5" },
	{ { "199" }, NULL, "they begin with" },
	{ { "5550" }, NULL, "three digits" },
	{ { "6.7.1" }, NULL, "class is not 2, 4 or 5" },
	{ { "5.7.1.2" }, NULL, "three numbers" },
	{ { "5.7.01" }, NULL, "begins with a zero" },
	{ { "foo", "bar" }, NULL, "it begins with its code" },
	{ { "-1" }, NULL, "is no code" },
};

START_TEST(what)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct explain_about about[4];
	char *words[4];
	char have[512] = "";
	struct buf b = BUF_ON(have);
	struct why why = { .text = "" };
	size_t n = 0;
	int count = 0;
	bool good;

	for (; count < 4 && asked[_i].words[count] != NULL; count++)
		words[count] = arena_cstr(arena, str_c(asked[_i].words[count]));
	good = explain_what(count, words, arena, about, &n, &why);
	ck_assert_msg(
	    good == (asked[_i].asks != NULL), "%s: %s", words[0], why.text);
	for (size_t i = 0; good && i < n; i++) {
		buf_c(&b, i == 0 ? "" : "; ");
		buf_c(&b, described(&about[i]));
	}
	if (good)
		ck_assert_str_eq(buf_cstr(&b), asked[_i].asks);
	else
		ck_assert_msg(strstr(why.text, asked[_i].why) != NULL, "%s: %s",
		    words[0], why.text);
	arena_free(arena);
}
END_TEST

/* ---- rules -------------------------------------------------------------- */

static const char policy_text[] =
    "domains ours = { example.org }\n"
    "on helo { late: reject late 550 \"not ${helo}\" if helo is ip }\n"
    "on mail {\n"
    "  spoof: reject 550 \"log in as ${sender.domain}, ${sender.local}\"\n"
    "    if sender.domain in ours\n"
    "  plain: reject if sender.local == \"x\"\n"
    "}\n"
    "on mail, message { big: reject 552 \"two\\nlines\" if message.size > 1M "
    "}\n"
    "on rcpt { bye: disconnect \"go\" if rcpt.local == \"y\" }\n"
    "on message { whole: reject if headers.count > 9 }\n";

/* The names of the rules that are found, "NAME STAGES; ...". */
static const struct {
	const char *word;
	const char *rules;
} ruled[] = {
	{ "550", "late helo; spoof mail; plain mail" },
	{ "5.7.1", "late helo; spoof mail; plain mail; whole message" },
	{ "554", "whole message" },
	{ "552", "big mail, message" },
	{ "421", "bye rcpt" },
	{ "451", "on-error connect, helo, mail, rcpt, data, message, unknown" },
	{ "553", "" },
	{ "55x", "late helo; spoof mail; plain mail; big mail, message; "
		 "whole message" },
	{ "550 5.7.1 log in as example.org, bob", "spoof mail" },
	{ "550 5.7.1 log in as example.org, bob see http://x.example",
	    "spoof mail" },
	{ "550 5.7.1 log in as example.org",
	    "late helo; spoof mail; plain mail" },
	{ "550 5.7.1 not 192.0.2.1", "late helo" },
	{ "550 5.7.1 refused by local policy", "plain mail" },
	{ "550 5.7.1 refused by local policyx",
	    "late helo; spoof mail; plain mail" },
	{ "552-5.3.4 two\r\n552 5.3.4 lines\r\n", "big mail, message" },
	{ "552 5.3.4 two lines", "big mail, message" },
	{ "450 4.7.1 log in as example.org, bob", "" },
	{ "NOQUEUE: reject: stage=mail rule=plain reply=\"550 5.7.1 was "
	  "another\" client=x",
	    "plain mail" },
};

START_TEST(which_rules)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct explain x = { .arena = arena };
	struct policy *policy;
	struct explain_about about;
	struct explain_rule *found;
	char *words[] = { arena_cstr(arena, str_c(ruled[_i].word)) };
	char have[512];
	struct buf b = BUF_ON(have);
	struct diags diags;
	struct why why;
	size_t n;

	diags_init(&diags, arena);
	policy = policy_load_text(STR("t.conf"), str_c(policy_text), &diags);
	if (policy == NULL)
		diags_print(&diags, stderr);
	ck_assert_ptr_nonnull(policy);
	x.policy = policy;
	ck_assert(explain_what(1, words, arena, &about, &n, &why));
	n = explain_rules(&x, &about, &found);
	for (size_t i = 0; i < n; i++) {
		buf_c(&b, i == 0 ? "" : "; ");
		buf_str_add(&b, found[i].rule->name);
		buf_char(&b, ' ');
		explain_stages(found[i].stages, &b);
	}
	ck_assert_str_eq(buf_cstr(&b), ruled[_i].rules);
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

Suite *
suite_explain(void)
{
	Suite *suite = suite_create("explain");
	TCase *tc = tcase_create("explain");

	tcase_add_loop_test(tc, code_pages, 0, WIDTHS);
	tcase_add_loop_test(tc, xcode_pages, 0, WIDTHS);
	tcase_add_loop_test(tc, line_pages, 0, WIDTHS);
	tcase_add_loop_test(tc, pair_pages, 0, WIDTHS);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, pairs);
	tcase_add_loop_test(tc, what, 0, ROWS(asked));
	tcase_add_loop_test(tc, which_rules, 0, ROWS(ruled));
	suite_add_tcase(suite, tc);
	return suite;
}
