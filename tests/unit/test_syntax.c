/*
 * Syntax by the letter: every row of syntax.def, and that there is one for
 * each fault.
 */
#include <check.h>
#include <stdio.h>

#include "smtp/address.h"
#include "smtp/param.h"

Suite *suite_syntax(void);

enum kind {
	REVERSE,
	REVERSE8,
	FORWARD,
	FORWARD8,
	MAILBOX,
	MAILBOX8,
	HELO,
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

/* ---- addresses ---------------------------------------------------------- */

static bool
parse(const struct row *row, struct str raw, struct address *a)
{
	static const enum path_kind kinds[] = {
		[REVERSE] = PATH_REVERSE,
		[REVERSE8] = PATH_REVERSE,
		[FORWARD] = PATH_FORWARD,
		[FORWARD8] = PATH_FORWARD,
		[MAILBOX] = PATH_MAILBOX,
		[MAILBOX8] = PATH_MAILBOX,
	};
	bool smtputf8 = row->kind == REVERSE8 || row->kind == FORWARD8 ||
			row->kind == MAILBOX8;

	return address_parse(raw, kinds[row->kind], smtputf8, arena, a);
}

/* norm is local "@" domain, or one of them alone; "" is neither. */
static void
check_parts(const struct row *row, const struct address *a)
{
	size_t n = a->local.n + a->domain.n + !str_is_none(a->domain);

	ck_assert_msg(str_is_none(a->local) == (a->norm.n == 0),
	    "%.*s: local part of <>", STR_FMT(row->input));
	ck_assert_msg(n == a->norm.n, "%.*s: parts", STR_FMT(row->input));
	if (a->norm.n == 0)
		return;
	ck_assert_ptr_eq(a->local.p, a->norm.p);
	if (str_is_none(a->domain))
		return;
	ck_assert_int_eq(a->norm.p[a->local.n], '@');
	ck_assert_ptr_eq(a->domain.p, a->norm.p + a->local.n + 1);
	if (row->fault[0] == '\0')
		ck_assert(str_find(a->domain, '@') == STR_NOWHERE);
}

/* The normal form of the normal form is the same. */
static void
check_stable(const struct row *row, const struct address *a)
{
	struct address again;

	ck_assert(address_parse(a->norm, PATH_REVERSE, true, arena, &again));
	same(row, "the normal form of the normal form", again.norm, a->norm);
	ck_assert(str_eq(again.local, a->local));
	ck_assert(str_eq(again.domain, a->domain));
}

/* Where it is well formed, and is or holds its normal form, that is borrowed:
 * brackets and a source route may be in front. */
static void
check_borrowed(const struct row *row, const struct address *a, size_t used)
{
	bool inside = a->norm.p >= row->input.p &&
		      a->norm.p <= row->input.p + row->input.n;
	struct str plain = row->input;

	if (row->fault[0] != '\0' || a->norm.n == 0)
		return;
	if (str_starts(plain, STR("<")))
		plain = str_sub(plain, 1, plain.n - 2);
	ck_assert_msg(inside == str_ends(plain, row->norm),
	    "%.*s: borrowed: %d", STR_FMT(row->input), inside);
	ck_assert_msg(!inside || used == 0, "%.*s: %zu octets of the arena",
	    STR_FMT(row->input), used);
}

static void
check_path(const struct row *row)
{
	struct address a;
	size_t used = arena_used(arena);

	ck_assert(parse(row, row->input, &a));
	used = arena_used(arena) - used;
	ck_assert_ptr_eq(a.raw.p, row->input.p);
	ck_assert_uint_eq(a.raw.n, row->input.n);
	same_fault(row, fault_word(a.fault));
	same(row, "the normal form", a.norm, row->norm);
	check_parts(row, &a);
	check_stable(row, &a);
	check_borrowed(row, &a, used);
}

static void
check_helo(const struct row *row)
{
	same_fault(row, fault_word(helo_fault(row->input, NULL)));
	same(row, "the normal form", domain_normal(row->input, arena),
	    row->norm);
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
	case REVERSE:
	case REVERSE8:
	case FORWARD:
	case FORWARD8:
	case MAILBOX:
	case MAILBOX8:
		check_path(row);
		break;
	case HELO:
		check_helo(row);
		break;
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
	for (unsigned i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		ck_assert_msg(has_row(fault_word((enum fault)i).p),
		    "%s: no row", fault_word((enum fault)i).p);
	for (size_t i = 0; param_fault(i, NULL) != NULL; i++)
		ck_assert_msg(has_row(param_fault(i, NULL)), "%s: no row",
		    param_fault(i, NULL));
}
END_TEST

START_TEST(every_kind_has_rows)
{
	size_t n[RCPT + 1] = { 0 };

	ck_assert_uint_ge(ROWS, 300);
	for (size_t i = 0; i < ROWS; i++)
		n[rows[i].kind]++;
	for (size_t i = 0; i <= RCPT; i++)
		ck_assert_msg(n[i] > 0, "kind %zu: no row", i);
}
END_TEST

/* Without memory a path has no normal form, and that is said. */
START_TEST(no_memory)
{
	const struct row *row = &rows[_i];
	struct address a;

	for (size_t after = 0; row->kind < HELO; after++) {
		bool ok;
		ck_assert_msg(after < 20, "%.*s: over 20 allocations",
		    STR_FMT(row->input));
		arena_clear_failed(arena);
		arena_fail_after(arena, after);
		ok = parse(row, row->input, &a);
		ck_assert_msg(ok == !arena_failed(arena), "%.*s after %zu",
		    STR_FMT(row->input), after);
		if (ok)
			break;
	}
}
END_TEST

START_TEST(every_row_has_a_source)
{
	for (size_t i = 0; i < ROWS; i++)
		ck_assert_msg(rows[i].source[0] != '\0', "%.*s: no source",
		    STR_FMT(rows[i].input));
}
END_TEST

/* ---- the corpus ---------------------------------------------------------- */

/* Transcripts of legal addresses in normal form. */
static const struct {
	const char *file;
	size_t least; /* addresses in it */
	bool smtputf8;
} corpora[] = {
	{ TESTS_DIR "/policy/syntax/legal.smtp", 80, false },
	{ TESTS_DIR "/policy/syntax/legal-refused.smtp", 6, false },
	{ TESTS_DIR "/policy/syntax/legal-utf8.smtp", 12, true },
};

static struct str
read_all(const char *path)
{
	size_t most = 65536;
	char *text = arena_alloc(arena, most);
	FILE *file = fopen(path, "rb");
	size_t n;

	ck_assert_msg(file != NULL, "%s", path);
	n = fread(text, 1, most, file);
	ck_assert_uint_lt(n, most);
	ck_assert_int_eq(fclose(file), 0);
	return str_of(text, n);
}

/* "C: MAIL FROM:<...>" or "C: RCPT TO:<...>", perhaps with SMTPUTF8 */
static bool
take_path(struct str line, struct str *path_r, enum path_kind *kind_r)
{
	struct str mail = STR("C: MAIL FROM:");
	struct str rcpt = STR("C: RCPT TO:");
	bool is_mail = str_starts(line, mail);

	if (!is_mail && !str_starts(line, rcpt))
		return false;
	*path_r = str_from(line, is_mail ? mail.n : rcpt.n);
	if (str_ends(*path_r, STR(" SMTPUTF8")))
		path_r->n -= strlen(" SMTPUTF8");
	*kind_r = is_mail ? PATH_REVERSE : PATH_FORWARD;
	return true;
}

/* Nothing of them is changed, and nothing is allocated. */
START_TEST(corpus_passes_untouched)
{
	struct str rest = read_all(corpora[_i].file);
	struct str line;
	size_t n = 0;

	while (str_split(&rest, '\n', &line)) {
		size_t used = arena_used(arena);
		enum path_kind kind;
		struct address a;
		struct str path;
		if (!take_path(line, &path, &kind))
			continue;
		n++;
		ck_assert(
		    address_parse(path, kind, corpora[_i].smtputf8, arena, &a));
		ck_assert_msg(a.fault == FAULT_NONE, "%.*s: %s", STR_FMT(path),
		    fault_sentence(a.fault));
		ck_assert_msg(a.norm.p == path.p + 1 && a.norm.n == path.n - 2,
		    "%.*s: changed to %.*s", STR_FMT(path), STR_FMT(a.norm));
		ck_assert_uint_eq(arena_used(arena), used);
	}
	ck_assert_uint_ge(n, corpora[_i].least);
}
END_TEST

Suite *
suite_syntax(void)
{
	Suite *suite = suite_create("syntax");
	TCase *tc = tcase_create("syntax");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_row, 0, ROWS);
	tcase_add_loop_test(tc, no_memory, 0, ROWS);
	tcase_add_test(tc, every_fault_has_a_row);
	tcase_add_test(tc, every_kind_has_rows);
	tcase_add_test(tc, every_row_has_a_source);
	tcase_add_loop_test(tc, corpus_passes_untouched, 0,
	    sizeof(corpora) / sizeof(corpora[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
