/*
 * Syntax by the letter: every row of syntax.def, and that there is one for
 * each fault.
 */
#include <check.h>
#include <stdio.h>

#include "smtp/param.h"

Suite *suite_syntax(void);

enum kind {
	MAIL,
	RCPT
};

static const struct row {
	enum kind kind;
	const char *fault;
	struct str input;
	struct str norm;
	const char *source;
} rows[] = {
#define CASE(kind, fault, input, norm, source)                                 \
	{ kind, fault, STR(input), STR(norm), source },
#include "syntax.def"
#undef CASE
};

enum {
	ROWS = sizeof(rows) / sizeof(rows[0]),
	WORDS_MAX = 32
};

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
}

static void
teardown(void)
{
	arena_free(arena);
}

static void
same(const struct row *row, const char *what, struct str is, struct str should)
{
	ck_assert_msg(str_eq(is, should),
	    "%.*s (%s): %s is \"%.*s\", not \"%.*s\"", STR_FMT(row->input),
	    row->source, what, STR_FMT(is), STR_FMT(should));
}

static void
same_fault(const struct row *row, struct str word)
{
	same(row, "the fault", str_is_none(word) ? STR("") : word,
	    str_c(row->fault));
}

/* ---- parameters --------------------------------------------------------- */

/* Words apart by blanks as libmilter hands them over. */
static const char *const *
argv_of(struct str words)
{
	const char **argv = arena_calloc(arena, WORDS_MAX, sizeof(*argv));
	struct str word;
	size_t n = 0;

	while (n + 1 < WORDS_MAX && str_word(&words, &word))
		argv[n++] = arena_cstr(arena, word);
	return argv;
}

static void
add(struct buf *out, const char *key, struct str value)
{
	if (str_is_none(value))
		return;
	if (out->n > 0)
		buf_char(out, ' ');
	buf_c(out, key);
	buf_str_add(out, value);
}

static void
add_number(struct buf *out, const char *key, int64_t value)
{
	add(out, key, STR(""));
	buf_i64(out, value);
}

static void
print_mail(const struct mail_param *p, struct buf *out)
{
	if (p->has_size)
		add_number(out, "size=", (int64_t)p->size);
	add(out, "body=", p->body);
	if (p->smtputf8)
		add(out, "smtputf8", STR(""));
	add(out, "ret=", p->ret);
	add(out, "envid=", p->envid);
	add(out, "auth=", p->auth);
	if (!str_is_none(p->by_mode)) {
		add_number(out, "by=", p->by);
		buf_char(out, ';');
		buf_str_add(out, p->by_mode);
	}
	if (p->hold_kind != HOLD_NONE)
		add_number(out,
		    p->hold_kind == HOLD_FOR ? "hold-for=" : "hold-until=",
		    p->hold);
	if (p->has_priority)
		add_number(out, "priority=", p->priority);
	if (p->requiretls)
		add(out, "requiretls", STR(""));
}

static void
check_mail(const struct row *row)
{
	char text[2048];
	struct buf out = BUF_ON(text);
	struct mail_param p;

	ck_assert(mail_param_parse(argv_of(row->input), arena, &p));
	print_mail(&p, &out);
	same(row, "what counts", buf_str(&out), row->norm);
	same_fault(row, p.fault);
}

static void
check_rcpt(const struct row *row)
{
	char text[2048];
	struct buf out = BUF_ON(text);
	struct rcpt_param p;

	ck_assert(rcpt_param_parse(argv_of(row->input), arena, &p));
	add(&out, "notify=", p.notify);
	add(&out, "orcpt=", p.orcpt);
	same(row, "what counts", buf_str(&out), row->norm);
	same_fault(row, p.fault);
}

/* ---- all ---------------------------------------------------------------- */

START_TEST(each_row)
{
	const struct row *row = &rows[_i];

	switch (row->kind) {
	case MAIL:
		check_mail(row);
		break;
	case RCPT:
		check_rcpt(row);
		break;
	}
}
END_TEST

static bool
has_row(const char *fault)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].fault, fault) == 0)
			return true;
	return false;
}

START_TEST(every_fault_has_a_row)
{
	for (size_t i = 0; param_fault(i, NULL) != NULL; i++)
		ck_assert_msg(has_row(param_fault(i, NULL)), "%s: no row",
		    param_fault(i, NULL));
}
END_TEST

START_TEST(every_row_has_a_source)
{
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_msg(rows[i].source[0] != '\0', "%.*s: no source",
		    STR_FMT(rows[i].input));
}
END_TEST

Suite *
suite_syntax(void)
{
	Suite *suite = suite_create("syntax");
	TCase *tc = tcase_create("syntax");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_row, 0, ROWS);
	tcase_add_test(tc, every_fault_has_a_row);
	tcase_add_test(tc, every_row_has_a_source);
	suite_add_tcase(suite, tc);
	return suite;
}
