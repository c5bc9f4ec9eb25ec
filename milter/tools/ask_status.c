/*
 * ask_status - one scrape by way of the control socket.
 */
#include "tools/ask_status.h"

#include <stdlib.h>

int
ask_status(const struct command *self, const struct ask *ask,
    struct arena *arena, struct status *status_r)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	int status = STATUS_FAULT;
	struct why why = { .text = "out of memory" };
	bool read = false;
	struct str copy;

	if (out != NULL) {
		status = ask_daemon(self, ask, "metrics", out);
		if (fclose(out) == 0 && status == EXIT_SUCCESS) {
			copy = arena_xstr(arena, str_of(text, n));
			read = status_read(copy, arena, status_r, &why);
		}
	}
	free(text);
	if (read || status != EXIT_SUCCESS)
		return status;
	(void)fprintf(stderr, "portreeve %s: %s\n", self->name, why.text);
	return STATUS_FAULT;
}
