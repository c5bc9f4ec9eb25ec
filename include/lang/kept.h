/*
 * kept - lists and maps that the next load of a policy can share.
 *
 *     policy ── kept ──▶ text "domains bad = file "bad" + more"
 *                    ├─▶ files   path, stamp, digest
 *                    ├─▶ named   the lists that it is joined from
 *                    └─▶ list, or valued (a map)      (counted references)
 *
 * A definition is made of its text, of the lists that it names, and of what
 * is in its files.  Where none of these has changed since the policy in
 * force was loaded, a reload takes what is there, and reads nothing.
 *
 * A file has not changed if its device, inode, size and times are the same,
 * provided that these were settled when it was read; else it is read, and
 * has not changed if its octets are the same.
 */
#ifndef LANG_KEPT_H
#define LANG_KEPT_H

#include <stdatomic.h>

#include "base/hash.h"
#include "lang/source.h"
#include "lang/value.h"
#include "lists/list.h"
#include "lists/map.h"

/* A map with its values, which live in an arena of its own. */
struct valued {
	atomic_uint refs;
	struct arena *arena;
	struct map *map;
	enum type type; /* of its values */
	const struct value *values;
	struct list *const *lists; /* of a map of lists */
};

/* An empty one; NULL when memory is out. */
struct valued *valued_new(void);
struct valued *valued_ref(struct valued *valued);
/* NULL is fine. */
void valued_unref(struct valued *valued);

struct kept_file {
	struct str path;
	struct source_stamp stamp;
	size_t n;            /* octets read */
	struct hash_key key; /* of the digest */
	uint64_t digest;
};

struct kept_def {
	const struct kept_def *next;
	struct str name;
	struct str text; /* the definition, printed */
	struct kept_file *files;
	uint32_t n_files;
	const struct list **named;
	uint32_t n_named;
	struct list *list;     /* of a list; the policy's arena has it */
	struct valued *valued; /* of a map; the same */
};

/* True if the one of that name among `old` is the very same. */
bool kept_is_shared(const struct kept_def *kept, const struct kept_def *old);

/* Entries of the list or map. */
size_t kept_size(const struct kept_def *kept);

/* Notes what was read from a file. */
void kept_file_set(struct kept_file *file, const struct source *source,
    const struct source_stamp *stamp);
/* Whether that is what is in the source. */
bool kept_file_is(const struct kept_file *file, const struct source *source);

#endif
