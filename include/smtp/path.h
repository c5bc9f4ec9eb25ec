/*
 * path - a path that is being read; for smtp/ only.
 */
#ifndef SMTP_PATH_H
#define SMTP_PATH_H

#include "smtp/scan.h"

/* Where both parts are there, an @ stands between them in memory. */
struct path {
	struct str local;  /* as typed, with quotes */
	struct str domain; /* as typed; none if there is no @ */
	bool bare;         /* no brackets were typed */
	bool routed;
	enum fault fault;
	struct local_scan local_scan;
	struct domain_scan domain_scan; /* no good for a literal */
};

/* The first in the table of faults is kept: grammar before length. */
static inline void
path_note(struct path *path, enum fault fault)
{
	if (fault != FAULT_NONE &&
	    (path->fault == FAULT_NONE || fault < path->fault))
		path->fault = fault;
}

/*
 * Finds the parts of whatever `raw` is, and notes what is wrong outside of
 * them.  What had to be changed for it is in the arena, else the parts are
 * borrowed from raw.  False when the arena failed.
 */
bool path_read(struct str raw, enum path_kind kind, bool utf8,
    struct arena *arena, struct path *path);

#endif
