/*
 * ask_status - one scrape by way of the control socket.
 */
#include "tools/ask_status.h"

#include <stdlib.h>

enum ask_end
ask_status(const struct ask *ask, struct arena *arena, struct status *status_r,
    struct why *why)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	enum ask_end end;

	if (out == NULL) {
		(void)why_set(why, "out of memory");
		return ASK_FAILED;
	}
	end = ask_text(ask, "metrics", out, why);
	(void)fclose(out);
	if (end == ASK_FAULT)
		(void)why_set(why, "%.*s", STR_FMT(str_trim(str_of(text, n))));
	else if (end == ASK_OK &&
		 !status_read(
		     arena_xstr(arena, str_of(text, n)), arena, status_r, why))
		end = ASK_FAILED;
	free(text);
	return end;
}
