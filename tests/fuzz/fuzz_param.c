/*
 * fuzz_param - any octets as ESMTP parameters of MAIL and RCPT: words apart
 * by spaces; and as xtext.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "smtp/param.h"

enum {
	WORDS_MAX = 32
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *argv[WORDS_MAX + 1];
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct str rest = str_of(size == 0 ? "" : (const char *)data, size);
	struct str word;
	struct mail_param mail;
	struct rcpt_param rcpt;
	size_t n = 0;

	if (arena == NULL)
		abort();
	(void)xtext_decode(rest, arena);
	while (n < WORDS_MAX && str_split(&rest, ' ', &word))
		argv[n++] = arena_cstr(arena, word);
	argv[n] = NULL;
	if (!mail_param_parse(argv, arena, &mail) ||
	    !rcpt_param_parse(argv, arena, &rcpt))
		abort();
	arena_free(arena);
	return 0;
}
