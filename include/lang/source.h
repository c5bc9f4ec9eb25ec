/*
 * source - the texts that a policy is made of: its file, what it includes,
 * its list files.
 */
#ifndef LANG_SOURCE_H
#define LANG_SOURCE_H

#include "base/arena.h"
#include "base/diag.h"

enum {
	SOURCE_MAX = 16 * 1024 * 1024, /* octets of policy text in all */
};

struct sources {
	struct arena *arena;
	size_t octets; /* of policy text parsed so far, for SOURCE_MAX */
	bool over;     /* the last source_read met more than `most` octets */
	bool no_files; /* source_read fails: for fuzzers */
};

void sources_init(struct sources *sources, struct arena *arena);

/*
 * Reads a whole file.  `name` is the path as messages show it and as it is
 * opened.  NULL with *why ("portreeve.conf: No such file or directory",
 * "is a directory", "over 16M") on failure.  `most` bounds its octets.
 */
const struct source *source_read(
    struct sources *sources, struct str name, size_t most, struct why *why);
/* A source over text in memory (tests, standard input); text is borrowed. */
const struct source *source_text(
    struct sources *sources, struct str name, struct str text);

/* A path written in `from`, relative to from's directory unless it begins
 * with a slash; in the arena. */
struct str source_relative(
    struct sources *sources, const struct source *from, struct str path);
/* Whether two names lead to one file now (links followed). */
bool source_same_file(struct arena *arena, struct str a, struct str b);

#endif
