/*
 * fuzz_database - any octets as a database of each format; what comes out as
 * text is read as a list.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "lists/database.h"
#include "lists/load.h"

static void
load(struct str text, struct arena *arena)
{
	struct source source = {
		.name = STR("fuzz"), .text = text, .entries = true
	};
	struct list *list = list_new(LIST_WORDS);
	struct diags diags;

	diags_init(&diags, arena);
	if (list == NULL)
		abort();
	if (list_load(list, &source, &diags) != (diags.errors == 0))
		abort();
	list_unref(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a.cdb", "a.lmdb", "a.db" };
	struct str octets = str_of(size == 0 ? "" : (const char *)data, size);

	for (size_t i = 0; i < 6; i++) {
		struct str name = str_c(names[i / 2]);
		const struct database_format *format =
		    database_find(name, octets);
		struct arena *arena = arena_new(ARENA_UNLIMITED);
		struct str text;
		struct why why;

		if (arena == NULL)
			abort();
		if (format != NULL && database_text(format, octets, i % 2 == 0,
					  arena, &text, &why))
			load(text, arena);
		arena_free(arena);
	}
	return 0;
}
