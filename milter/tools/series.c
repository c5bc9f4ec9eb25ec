/*
 * series - a small reader of Prometheus's text format, version 0.0.4.
 *
 * The text is a daemon's answer: nothing in it is believed further than the
 * octets go.
 */
#include "tools/series.h"

#include <stdlib.h>

enum {
	NUMBER_MAX = 40,
};

/* What is left of a line. */
struct cursor {
	struct str s;
	struct arena *arena;
};

static bool
is_name_octet(unsigned char c)
{
	return ascii_is_alnum(c) || c == '_' || c == ':';
}

static struct str
take_name(struct cursor *c)
{
	size_t n = 0;
	struct str name;

	while (n < c->s.n && is_name_octet(str_at(c->s, n)))
		n++;
	name = str_sub(c->s, 0, n);
	c->s = str_from(c->s, n);
	return name;
}

static bool
take_char(struct cursor *c, char what)
{
	if (c->s.n == 0 || c->s.p[0] != what)
		return false;
	c->s = str_from(c->s, 1);
	return true;
}

/* Behind the opening quote: up to the closing one, unescaped. */
static bool
take_value(struct cursor *c, struct str *value_r)
{
	char *copy = arena_alloc(c->arena, c->s.n + 1);
	size_t n = 0;

	if (copy == NULL)
		return false;
	for (size_t i = 0; i < c->s.n; i++) {
		char octet = c->s.p[i];

		if (octet == '"') {
			c->s = str_from(c->s, i + 1);
			*value_r = str_of(copy, n);
			return true;
		}
		if (octet == '\\' && i + 1 < c->s.n) {
			octet = c->s.p[++i];
			if (octet == 'n')
				octet = '\n';
		}
		copy[n++] = octet;
	}
	return false;
}

/* labels = "{" [ NAME "=" QUOTED { "," NAME "=" QUOTED } ] "}" */
static bool
take_labels(struct cursor *c, struct series *series)
{
	if (!take_char(c, '{'))
		return true;
	while (!take_char(c, '}')) {
		size_t i = series->n_labels;

		if (i == SERIES_LABELS_MAX || (i > 0 && !take_char(c, ',')))
			return false;
		series->labels[i] = take_name(c);
		if (series->labels[i].n == 0 || !take_char(c, '=') ||
		    !take_char(c, '"') || !take_value(c, &series->values[i]))
			return false;
		series->n_labels++;
	}
	return true;
}

static bool
take_number(struct cursor *c, double *number_r)
{
	char text[NUMBER_MAX];
	struct str s = str_trim(c->s);
	char *end;

	if (s.n == 0 || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*number_r = strtod(text, &end);
	return *end == '\0';
}

static bool
read_line(struct str line, struct arena *arena, struct series *series)
{
	struct cursor c = { line, arena };

	*series = (struct series){ .name = take_name(&c) };
	return series->name.n > 0 && take_labels(&c, series) &&
	       take_char(&c, ' ') && take_number(&c, &series->number);
}

static size_t
count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

bool
series_read(struct str text, struct arena *arena, struct series_list *list_r,
    struct why *why)
{
	struct series_list list = { .n = 0 };
	struct str line;
	size_t at = 0;

	list.items = arena_calloc(arena, count_lines(text), sizeof *list.items);
	if (list.items == NULL)
		return why_set(why, "out of memory");
	while (str_split(&text, '\n', &line)) {
		at++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (!read_line(line, arena, &list.items[list.n]))
			return why_set(why,
			    "line %zu of the answer is no metric: %.*s", at,
			    STR_FMT(str_sub(line, 0, 60)));
		list.n++;
	}
	*list_r = list;
	return true;
}

struct str
series_label(const struct series *series, const char *label)
{
	for (size_t i = 0; i < series->n_labels; i++)
		if (str_eq(series->labels[i], str_c(label)))
			return series->values[i];
	return STR_NONE;
}

const struct series *
series_find(const struct series_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->items[i].name, str_c(name)))
			return &list->items[i];
	return NULL;
}

double
series_number(
    const struct series_list *list, const char *name, double otherwise)
{
	const struct series *series = series_find(list, name);

	return series == NULL ? otherwise : series->number;
}
