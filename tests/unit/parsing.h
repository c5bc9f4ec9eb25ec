/*
 * parsing.h - what a test of lang/parse has to begin with: an arena, sources
 * and diagnostics, new for each test; and how their results are read.
 */
#ifndef PARSING_H
#define PARSING_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lang/parse.h"
#include "lang/print.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct arena *arena;
static struct sources sources;
static struct diags diags;

static inline void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	ck_assert_ptr_nonnull(arena);
	sources_init(&sources, arena);
	diags_init(&diags, arena);
}

static inline void
teardown(void)
{
	arena_free(arena);
}

/* "line:col: text" of the first diagnostic, or "" */
static inline const char *
first_fault(void)
{
	const struct diag *d = diags.first;

	if (d == NULL)
		return "";
	return arena_cstr(arena, arena_printf(arena, "%.*s:%u:%u: %.*s",
				     STR_FMT(d->pos.source->name), d->pos.line,
				     d->pos.col, STR_FMT(d->text)));
}

static inline const char *
printed(const struct ast *ast)
{
	char *p = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&p, &n);
	char *copy;

	ck_assert_ptr_nonnull(out);
	print_policy(ast, out);
	fclose(out);
	copy = arena_cstr(arena, str_of(p, n));
	free(p);
	return copy;
}

#endif
