/*
 * source - the texts that a policy is made of: its file, what it includes,
 * its list files.
 */
#ifndef LANG_SOURCE_H
#define LANG_SOURCE_H

#include <sys/types.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"

enum {
	SOURCE_MAX = 16 * 1024 * 1024, /* octets of policy text in all */
};

/* By what a file is told from itself at another time. */
struct source_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
	struct timespec ctime;
	bool settled; /* its times lie so far back that a later change would
		       * have moved them */
};

/* A text of a policy, as it was read. */
struct policy_text {
	const struct policy_text *next;
	struct str name;
	struct str pattern; /* with wildcards, that found it; or none */
	struct str text;
};

struct sources {
	struct arena *arena;
	int64_t now;   /* seconds since 1970; 0: not known, nothing settled */
	size_t octets; /* of policy text parsed so far, for SOURCE_MAX */
	bool over;     /* the last source_read met more than `most` octets */
	bool no_files; /* source_read fails: for fuzzers */
	const struct policy_text *texts;  /* read so far, the last one first */
	const struct policy_text *replay; /* not NULL: policy texts are these,
					   * whatever the files hold now */
	struct source_stamp stamp; /* of the file last read, before reading */
};

void sources_init(struct sources *sources, struct arena *arena);

/*
 * Reads a whole file.  `name` is the path as messages show it and as it is
 * opened.  NULL with *why ("portreeve.conf: No such file or directory",
 * "is a directory", "over 16M") on failure.  `most` bounds its octets.
 */
const struct source *source_read(
    struct sources *sources, struct str name, size_t most, struct why *why);
/*
 * The same for a text of the policy, found by way of `pattern` or none: it is
 * noted in sources->texts, or comes from sources->replay.
 */
const struct source *source_read_policy(struct sources *sources,
    struct str name, struct str pattern, size_t most, struct why *why);
/* The texts again, in the arena. */
const struct policy_text *source_texts_copy(
    struct arena *arena, const struct policy_text *texts);

/* The stamp of a file as it is now, never settled; all 0 if there is none. */
struct source_stamp source_stamp_of(const char *path);
/* The same but for being settled. */
bool source_stamp_same(
    const struct source_stamp *a, const struct source_stamp *b);
/* True if the file that the name leads to now bears that settled stamp. */
bool source_is_stamped(
    struct sources *sources, struct str name, const struct source_stamp *stamp);
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
