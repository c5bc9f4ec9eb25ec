/*
 * fuzz_transcript - any octets as a transcript; it is never played.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "smtp/transcript.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct source source = { .name = STR("fuzz.smtp"),
		.text = str_of(size == 0 ? "" : (const char *)data, size) };
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct transcript transcript;
	struct diags diags;

	if (arena == NULL)
		abort();
	diags_init(&diags, arena);
	if (!transcript_parse(&source, arena, &diags, &transcript) &&
	    diags.errors == 0)
		abort();
	arena_free(arena);
	return 0;
}
