/*
 * series - Prometheus's text format read back: what `status` and `top` show
 * is what a scrape gets.
 */
#ifndef TOOLS_SERIES_H
#define TOOLS_SERIES_H

#include "base/arena.h"
#include "base/diag.h"

enum {
	SERIES_LABELS_MAX = 8,
};

/* One line: NAME{LABEL="VALUE",...} NUMBER. */
struct series {
	struct str name;
	struct str labels[SERIES_LABELS_MAX];
	struct str values[SERIES_LABELS_MAX]; /* unescaped */
	size_t n_labels;
	double number;
};

struct series_list {
	struct series *items; /* in the order of the text */
	size_t n;
};

/*
 * Reads a scrape; comments and blank lines are passed over.  Names and
 * values are borrowed from `text` or live in the arena.  False with *why,
 * which names the line, where the text is in another format or memory is out.
 */
bool series_read(struct str text, struct arena *arena,
    struct series_list *list_r, struct why *why);

/* The value of a label; none where the series has no such label. */
struct str series_label(const struct series *series, const char *label);
/* The number of the first series with that name; `otherwise` if there is
 * none. */
double series_number(
    const struct series_list *list, const char *name, double otherwise);
/* The first series with that name, or NULL. */
const struct series *series_find(
    const struct series_list *list, const char *name);

#endif
