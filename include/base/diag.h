/*
 * diag - what is wrong, where, and what to write instead.
 *
 * `struct why` is one reason, filled by a parser that fails.  `struct diags`
 * collects errors and warnings with positions while a policy is loaded.
 * Nothing here prints by itself.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"

enum {
	WHY_MAX = 512
};

struct why {
	char text[WHY_MAX];
	size_t at; /* octet offset of the fault in the input, 0 if not known */
};

/* Fills *why (which may be NULL) and returns false: `return why_set(…);` */
bool why_set(struct why *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool why_set_at(struct why *why, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* One text that positions point into: a policy file or a list file. */
struct source {
	struct str name; /* as the user wrote it, for messages */
	struct str text; /* all of it */
	bool entries;    /* its lines are entries that have no places */
};

/* A place: line and column count from 1; column counts octets. */
struct pos {
	const struct source *source; /* NULL: no place (command line) */
	uint32_t line;
	uint32_t col;
	uint32_t len; /* octets under the caret line, at least 1 */
};

enum diag_level {
	DIAG_ERROR,
	DIAG_WARNING,
	DIAG_NOTE, /* belongs to the diagnostic before it */
};

struct diag {
	struct diag *next;
	enum diag_level level;
	struct pos pos;
	struct str text;
};

/* At most this many errors, and as many warnings, are kept. */
enum {
	DIAG_MOST = 20
};

struct diags {
	struct arena *arena; /* texts live here; borrowed */
	struct diag *first;
	struct diag *last;
	size_t errors; /* counted even when no longer kept */
	size_t warnings;
	bool last_kept;
};

void diags_init(struct diags *d, struct arena *arena);

/*
 * Adds one.  Dropped, and not counted, is an error or warning about a place
 * that has an error already: it follows from that.  A note is dropped when
 * the diagnostic before it was.
 */
void diag_add(struct diags *d, enum diag_level level, struct pos pos,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Prints all to `out` (order: as in the sources; those of one source by
 * line), each as
 *     FILE:LINE:COL: error: TEXT
 *         the source line
 *         ^~~~
 * Tabs in the source line are kept so that the caret stands right; control
 * octets are shown as '?'; a line over 160 octets is cut around the caret.
 * LINE and COL are left out where the source has entries for lines.
 * Ends with "N more errors" where some were not kept.
 */
void diags_print(const struct diags *d, FILE *out);

/* The line of text in which pos stands, without its end. */
struct str source_line(const struct source *source, uint32_t line);

#endif
