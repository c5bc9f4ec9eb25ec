/*
 * table - the tables of the language and of the program, as `portreeve
 * facts` prints them and as the manual pages have them.
 *
 * A table knows its rows and nothing of how they are printed; each row is
 * made from the code's own tables, so that no page can say otherwise.
 */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include <stdio.h>

#include "base/buf.h"
#include "lang/fact.h"

enum {
	TABLE_COLUMNS_MAX = 4,
	TABLE_CELL_MAX = 400, /* octets of one cell */
	TABLE_WIDTH = 80,     /* of a printed line */
};

struct table_column {
	const char *head;
	/* In the manual: what stands before and behind the cell; nothing
	 * about the first. */
	const char *before;
	const char *behind;
};

struct table {
	const char *name; /* "facts" */
	const char *help; /* what its rows are */
	/* The last one is wrapped where a line is full; one column alone is a
	 * list of words. */
	struct table_column columns[TABLE_COLUMNS_MAX];
	size_t n_columns;
	/* Fills the cells of row i; false behind the last. */
	bool (*row)(size_t i, struct buf cells[TABLE_COLUMNS_MAX]);
};

/* All tables, by index; NULL behind the last. */
const struct table *table_at(size_t i);
/* The table of that name, or NULL. */
const struct table *table_find(struct str name);

/* In columns, TABLE_WIDTH wide, under a line of heads. */
void table_print(const struct table *table, FILE *out);
/* As a list of mdoc(7). */
void table_print_mdoc(const struct table *table, FILE *out);

/* Facts and what is read like one (`header("NAME")`, `score`), by index; NULL
 * behind the last. */
const struct fact_row *table_fact(size_t i);
/* "IP address", "time of day": a type without its article. */
const char *table_type(enum type type);

#endif
