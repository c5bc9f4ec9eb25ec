/*
 * fuzz_parse - any octets as a policy: the parser must come to an end, and
 * what it took without an error must print to a text that parses and prints
 * the same.  No files are read.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "lang/parse.h"
#include "lang/print.h"

/* The canonical form of a text (to be freed), or none if it has errors. */
static struct str
canonical(struct str text, bool must_parse)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct sources sources;
	struct diags diags;
	const struct ast *ast;
	char *p = NULL;
	size_t n = 0;
	FILE *out;

	if (arena == NULL)
		abort();
	sources_init(&sources, arena);
	sources.no_files = true;
	diags_init(&diags, arena);
	ast = parse_policy(&sources,
	    source_text(&sources, STR("fuzz.conf"), text), arena, &diags);
	if (diags.errors == 0) {
		out = open_memstream(&p, &n);
		if (out == NULL)
			abort();
		print_policy(ast, out);
		fclose(out);
	} else if (must_parse) {
		fprintf(stderr, "printed:\n%.*s\n", STR_FMT(text));
		diags_print(&diags, stderr);
		abort();
	}
	arena_free(arena);
	return str_of(p, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str once;
	struct str twice;

	once =
	    canonical(str_of(size == 0 ? "" : (const char *)data, size), false);
	if (str_is_none(once))
		return 0;
	twice = canonical(once, true);
	if (!str_eq(once, twice)) {
		fprintf(stderr, "once:\n%.*s\ntwice:\n%.*s\n", STR_FMT(once),
		    STR_FMT(twice));
		abort();
	}
	free((void *)(uintptr_t)once.p);
	free((void *)(uintptr_t)twice.p);
	return 0;
}
