/*
 * table_print - a table in columns for a screen, or as a list for a manual
 * page.
 *
 * A table is gone through twice on a screen: first for the widths of its
 * columns, then to print.  Rows are made anew each time; nothing is kept.
 */
#include "tools/table.h"

#include "tools/wrap.h"

enum {
	GAP = 2,         /* between columns */
	LAST_LEAST = 16, /* room that the last column gets in any case */
};

struct row {
	char room[TABLE_COLUMNS_MAX][TABLE_CELL_MAX];
	struct buf cells[TABLE_COLUMNS_MAX];
};

static bool
row_get(const struct table *table, size_t i, struct row *row)
{
	for (size_t c = 0; c < TABLE_COLUMNS_MAX; c++)
		row->cells[c] = BUF_ON(row->room[c]);
	return table->row(i, row->cells);
}

/* ---- a screen ----------------------------------------------------------- */

static void
print_row(const struct table *table, const struct str *cells,
    const size_t *widths, FILE *out)
{
	size_t last = table->n_columns - 1;
	size_t indent = 0;
	size_t rest;

	for (size_t c = 0; c < last; c++) {
		(void)fprintf(out, "%.*s%*s", STR_FMT(cells[c]),
		    (int)(widths[c] - cells[c].n + GAP), "");
		indent += widths[c] + GAP;
	}
	rest = indent + LAST_LEAST < TABLE_WIDTH ? TABLE_WIDTH - indent
						 : LAST_LEAST;
	wrap_put(cells[last], indent, rest, out);
}

void
table_print(const struct table *table, FILE *out)
{
	size_t widths[TABLE_COLUMNS_MAX] = { 0 };
	struct str cells[TABLE_COLUMNS_MAX] = { 0 };
	struct row row;

	for (size_t c = 0; c < table->n_columns; c++) {
		cells[c] = str_c(table->columns[c].head);
		widths[c] = cells[c].n;
	}
	for (size_t i = 0; row_get(table, i, &row); i++)
		for (size_t c = 0; c < table->n_columns; c++)
			if (widths[c] < row.cells[c].n)
				widths[c] = row.cells[c].n;
	print_row(table, cells, widths, out);
	for (size_t i = 0; row_get(table, i, &row); i++) {
		for (size_t c = 0; c < table->n_columns; c++)
			cells[c] = buf_str(&row.cells[c]);
		print_row(table, cells, widths, out);
	}
}

/* ---- a manual page ------------------------------------------------------ */

/* Octets that roff reads as something else, and what stands for them. */
static const struct {
	char octet;
	const char *escape;
} escapes[] = {
	{ '\\', "\\e" },
	{ '-', "\\-" },
	{ '^', "\\(ha" },
	{ '~', "\\(ti" },
	{ '\'', "\\(aq" },
	{ '`', "\\(ga" },
	{ '"', "\\(dq" },
};

static void
print_roff_octet(char c, FILE *out)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (escapes[i].octet != c)
			continue;
		(void)fputs(escapes[i].escape, out);
		return;
	}
	(void)fputc(c, out);
}

/* One argument of a macro, or a run of text. */
static void
print_roff(struct str s, FILE *out)
{
	for (size_t i = 0; i < s.n; i++)
		print_roff_octet(s.p[i], out);
}

/* A run of text, each sentence on a line of its own. */
static void
print_sentences(struct str s, FILE *out)
{
	size_t end;

	while ((end = str_search(s, STR(". "))) != STR_NOWHERE) {
		print_roff(str_sub(s, 0, end + 1), out);
		(void)fputs("\n\\&", out); /* not a macro, however it begins */
		s = str_from(s, end + 2);
	}
	print_roff(s, out);
}

/* .Cm WORD ,   .Cm WORD .   one a line */
static void
print_mdoc_words(const struct table *table, FILE *out)
{
	struct row row;
	struct row next;
	bool more = row_get(table, 0, &row);

	for (size_t i = 1; more; i++) {
		more = row_get(table, i, &next);
		(void)fputs(".Cm ", out);
		print_roff(buf_str(&row.cells[0]), out);
		(void)fputs(more ? " ,\n" : " .\n", out);
		for (size_t c = 0; more && c < TABLE_COLUMNS_MAX; c++) {
			row.cells[c] = BUF_ON(row.room[c]);
			buf_str_add(&row.cells[c], buf_str(&next.cells[c]));
		}
	}
}

/* "Domain; known from mail on.", then the last cell as a sentence. */
static void
print_mdoc_row(const struct table *table, const struct row *row, FILE *out)
{
	size_t last = table->n_columns - 1;

	(void)fputs(".It Cm \"", out);
	print_roff(buf_str(&row->cells[0]), out);
	(void)fputs("\"\n", out);
	for (size_t c = 1; c < last; c++) {
		const struct table_column *column = &table->columns[c];

		(void)fputs(c == 1 ? "(" : "; ", out);
		print_roff(str_c(column->before), out);
		print_roff(buf_str(&row->cells[c]), out);
		print_roff(str_c(column->behind), out);
		(void)fputs(c + 1 == last ? ")\n" : "", out);
	}
	(void)fputs("\\&", out); /* not a macro, whatever it begins with */
	print_roff(str_c(table->columns[last].before), out);
	print_sentences(buf_str(&row->cells[last]), out);
	print_roff(str_c(table->columns[last].behind), out);
	(void)fputc('\n', out);
}

void
table_print_mdoc(const struct table *table, FILE *out)
{
	struct row row;

	if (table->n_columns == 1) {
		print_mdoc_words(table, out);
		return;
	}
	(void)fputs(".Bl -tag -width Ds -compact\n", out);
	for (size_t i = 0; row_get(table, i, &row); i++)
		print_mdoc_row(table, &row, out);
	(void)fputs(".El\n", out);
}
