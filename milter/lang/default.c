/*
 * default - which policy it is where none is named.
 *
 * Only a file that is not there makes way for what is built in.  One that
 * cannot be read, or has errors, was written to be in force.
 */
#include "lang/default.h"

#include <errno.h>
#include <sys/stat.h>

static bool
is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

const struct source *
default_source(struct sources *sources, struct str path, struct why *why)
{
	bool again = str_eq(path, STR(DEFAULT_NAME));

	if (!str_is_none(path) && !again)
		return source_read_policy(
		    sources, path, STR_NONE, SOURCE_MAX, why);
	/* A policy in force that is read again for its lists stays itself. */
	if ((again && sources->replay != NULL) || is_missing(DEFAULT_FILE))
		return source_text(sources, STR(DEFAULT_NAME), default_policy);
	return source_read_policy(
	    sources, STR(DEFAULT_FILE), STR_NONE, SOURCE_MAX, why);
}
