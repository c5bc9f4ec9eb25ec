/*
 * finding - what `portreeve doctor` has found: a list of sentences, each with
 * the command that mends it.
 */
#ifndef TOOLS_FINDING_H
#define TOOLS_FINDING_H

#include <stdio.h>

#include "base/arena.h"

enum finding_level {
	FINDING_OK,
	FINDING_NOTE,    /* to be known; nothing to mend */
	FINDING_WARNING, /* works, and will surprise somebody */
	FINDING_FAULT,   /* does not work */
	FINDING_LEVELS
};

struct finding {
	struct finding *next;
	enum finding_level level;
	struct str text;
	struct str mend; /* command, or line of a file; none: there is none */
};

struct findings {
	struct arena *arena; /* of all texts */
	struct finding *first;
	struct finding *last;
	size_t n[FINDING_LEVELS];
};

/* Adds one; ends the process where memory is out, as tools do. */
void finding_add(struct findings *f, enum finding_level level, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/* How to mend the one added last. */
void finding_mend(struct findings *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* All of them, in 80 columns where words allow that, and a line that sums
 * up. */
void findings_print(const struct findings *f, FILE *out);

#endif
