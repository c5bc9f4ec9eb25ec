/*
 * golden - output compared with a file; UPDATE_GOLDEN=1 writes it instead:
 * read it aloud then.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	GOLDEN_MAX = 65536
};

/* The file's text, to be freed; empty where there is none. */
static inline char *
golden_read(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = calloc(1, GOLDEN_MAX);

	ck_assert_ptr_nonnull(text);
	if (in == NULL)
		return text;
	text[fread(text, 1, GOLDEN_MAX - 1, in)] = '\0';
	fclose(in);
	return text;
}

/* Fails at the first line that differs: libcheck takes no long messages. */
static inline void
golden_differ(const char *path, const char *want, const char *have)
{
	unsigned line = 1;
	size_t n = 0;

	while (want[n] == have[n] && want[n] != '\0')
		line += want[n++] == '\n';
	if (want[n] == have[n])
		return;
	while (n > 0 && want[n - 1] != '\n')
		n--;
	ck_abort_msg("%s:%u\n  wanted:  %.*s\n  printed: %.*s", path, line,
	    (int)strcspn(want + n, "\n"), want + n,
	    (int)strcspn(have + n, "\n"), have + n);
}

static inline void
golden_compare(const char *path, const char *have)
{
	const char *update = getenv("UPDATE_GOLDEN");
	char *want;

	if (update != NULL && strcmp(update, "1") == 0) {
		FILE *out = fopen(path, "w");

		ck_assert_msg(out != NULL, "cannot write %s", path);
		fputs(have, out);
		fclose(out);
	}
	want = golden_read(path);
	golden_differ(path, want, have);
	free(want);
}

/* DIRECTORY below tests/ of the sources. */
static inline void
golden_directory(char *room, size_t n, const char *directory)
{
	const char *top = getenv("TEST_SRCDIR");

	snprintf(room, n, "%s/tests/%s",
	    top == NULL || top[0] == '\0' ? "." : top, directory);
}

/* "x/NAME.conf" -> "x/NAME" more */
static inline void
golden_beside(char *room, size_t n, const char *conf, const char *more)
{
	snprintf(room, n, "%.*s%s", (int)(strlen(conf) - 5), conf, more);
}

#endif
