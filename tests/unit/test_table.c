/*
 * table - every table has rows without gaps, fits on a screen, and is mdoc
 * that no cell can break.
 */
#include "tools/table.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/record.h"

Suite *suite_table(void);

enum {
	TABLES = 20
};

struct cells {
	char room[TABLE_COLUMNS_MAX][TABLE_CELL_MAX];
	struct buf cell[TABLE_COLUMNS_MAX];
};

static bool
get(const struct table *table, size_t i, struct cells *cells)
{
	for (size_t c = 0; c < TABLE_COLUMNS_MAX; c++)
		cells->cell[c] = BUF_ON(cells->room[c]);
	return table->row(i, cells->cell);
}

static char *
printed(const struct table *table, void (*print)(const struct table *, FILE *))
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(out);
	print(table, out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(test_count)
{
	ck_assert_ptr_nonnull(table_at(TABLES - 1));
	ck_assert_ptr_null(table_at(TABLES));
	ck_assert_ptr_null(table_find(STR("fact")));
	ck_assert_ptr_null(table_find(STR("")));
}
END_TEST

START_TEST(test_rows)
{
	const struct table *table = table_at((size_t)_i);
	struct cells cells;
	size_t rows = 0;

	ck_assert_ptr_eq(table_find(str_c(table->name)), table);
	ck_assert_uint_ge(table->n_columns, 1);
	ck_assert_uint_le(table->n_columns, TABLE_COLUMNS_MAX);
	for (; get(table, rows, &cells); rows++) {
		for (size_t c = 0; c < table->n_columns; c++) {
			ck_assert_msg(cells.cell[c].n > 0, "%s, row %zu: no %s",
			    table->name, rows, table->columns[c].head);
			ck_assert_msg(!cells.cell[c].cut,
			    "%s, row %zu: %s is cut", table->name, rows,
			    table->columns[c].head);
		}
		for (size_t c = table->n_columns; c < TABLE_COLUMNS_MAX; c++)
			ck_assert_uint_eq(cells.cell[c].n, 0);
	}
	ck_assert_msg(rows >= 2, "%s: %zu rows", table->name, rows);
	ck_assert(!get(table, rows + 1, &cells));
	ck_assert(!get(table, SIZE_MAX - 1, &cells));
}
END_TEST

START_TEST(test_screen)
{
	const struct table *table = table_at((size_t)_i);
	char *text = printed(table, table_print);
	struct str rest = str_c(text);
	struct str line;
	size_t rows = 0;

	while (str_split(&rest, '\n', &line)) {
		if (line.n == 0) {
			ck_assert(str_is_none(rest));
			break;
		}
		rows += line.p[0] != ' ';
		ck_assert_msg(line.n <= TABLE_WIDTH, "%s: %.*s", table->name,
		    STR_FMT(line));
		ck_assert_msg(line.p[line.n - 1] != ' ', "%s: %.*s",
		    table->name, STR_FMT(line));
	}
	ck_assert_uint_ge(rows, 3);
	free(text);
}
END_TEST

/* Each macro line is one that is written here, with nothing of a cell that
 * roff could take for its own. */
START_TEST(test_mdoc)
{
	const struct table *table = table_at((size_t)_i);
	char *text = printed(table, table_print_mdoc);
	struct str rest = str_c(text);
	struct str line;

	while (str_split(&rest, '\n', &line)) {
		struct str word = line;
		if (line.n == 0)
			break;
		if (line.p[0] == '.')
			ck_assert_msg(str_starts(line, STR(".Bl ")) ||
					  str_starts(line, STR(".It Cm \"")) ||
					  str_starts(line, STR(".Cm ")) ||
					  str_eq(line, STR(".El")),
			    "%s: %.*s", table->name, STR_FMT(line));
		else
			ck_assert_msg(
			    line.p[0] == '(' || str_starts(line, STR("\\&")),
			    "%s: %.*s", table->name, STR_FMT(line));
		for (; word.n > 1; word = str_from(word, 1))
			if (word.p[0] == '\\')
				ck_assert_msg(strchr("&e-(", word.p[1]) != NULL,
				    "%s: %.*s", table->name, STR_FMT(line));
	}
	free(text);
}
END_TEST

/* A cell that is hostile to roff. */
static bool
odd_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i > 1)
		return false;
	buf_c(&cells[0], ".Sh \"a\\b\" -c");
	buf_c(&cells[1], "'^~`");
	return true;
}

START_TEST(test_mdoc_escapes)
{
	const struct table table = { "odd", "odd",
		{ { "a", "", "" }, { "b", "for ", " on" } }, 2, odd_row };
	char *text = printed(&table, table_print_mdoc);

	ck_assert_ptr_nonnull(
	    strstr(text, ".It Cm \".Sh \\(dqa\\eb\\(dq \\-c\"\n"
			 "\\&for \\(aq\\(ha\\(ti\\(ga on\n"));
	free(text);
}
END_TEST

static const char *const wrapped_cells[] = {
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaa end",
	"one two three four five six seven eight nine ten eleven twelve "
	"thirteen fourteen fifteen"
};

static bool
wrapped_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i >= sizeof(wrapped_cells) / sizeof(wrapped_cells[0]))
		return false;
	buf_c(&cells[0], "name");
	buf_c(&cells[1], wrapped_cells[i]);
	return true;
}

/* A word longer than the line is left whole; others go below their column. */
START_TEST(test_wrap)
{
	const struct table table = { "wrap", "wrap",
		{ { "a", "", "" }, { "b", "", "" } }, 2, wrapped_row };
	char *text = printed(&table, table_print);

	ck_assert_str_eq(text,
	    "a     b\n"
	    "name  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
	    "      end\n"
	    "name  one two three four five six seven eight nine ten eleven "
	    "twelve thirteen\n"
	    "      fourteen fifteen\n");
	free(text);
}
END_TEST

/* Every verb once, and those that everybody looks for among them. */
START_TEST(test_verbs)
{
	static const char *const some[] = { "reject", "would-defer", "pass",
		"skipped", "accept-connection", "quarantine" };

	for (size_t i = 0; record_verb(i) != NULL; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(record_verb(i), record_verb(j));
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		size_t j = 0;
		while (record_verb(j) != NULL &&
		       strcmp(record_verb(j), some[i]) != 0)
			j++;
		ck_assert_msg(record_verb(j) != NULL, "no verb %s", some[i]);
	}
}
END_TEST

START_TEST(test_facts)
{
	size_t n = 0;

	for (; table_fact(n) != NULL; n++)
		for (size_t j = 0; j < n; j++)
			ck_assert(
			    !str_eq(table_fact(n)->name, table_fact(j)->name));
	ck_assert_uint_gt(n, FACT_COUNT);
	ck_assert_str_eq(table_type(T_IP), "IP address");
	ck_assert_str_eq(table_type(T_ADDRESS), "address");
	ck_assert_str_eq(table_type(T_NUMBER), "number");
}
END_TEST

Suite *
suite_table(void)
{
	Suite *suite = suite_create("table");
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, test_count);
	tcase_add_loop_test(tc, test_rows, 0, TABLES);
	tcase_add_loop_test(tc, test_screen, 0, TABLES);
	tcase_add_loop_test(tc, test_mdoc, 0, TABLES);
	tcase_add_test(tc, test_mdoc_escapes);
	tcase_add_test(tc, test_wrap);
	tcase_add_test(tc, test_verbs);
	tcase_add_test(tc, test_facts);
	suite_add_tcase(suite, tc);
	return suite;
}
