/*
 * spawn - what another program prints.
 */
#ifndef TOOLS_SPAWN_H
#define TOOLS_SPAWN_H

#include "base/arena.h"
#include "base/diag.h"

enum {
	SPAWN_TEXT_MAX = 1024 * 1024,
	SPAWN_S = 20, /* seconds that it may take */
};

/*
 * Runs argv[0] (looked for in PATH and the sbin directories) without a shell,
 * standard input empty, and returns its standard output in the arena.  False
 * with *why if it cannot be run, fails, prints more than SPAWN_TEXT_MAX or
 * takes longer than SPAWN_S; what it wrote on standard error is lost.
 */
bool spawn_read(const char *const *argv, struct arena *arena,
    struct str *text_r, struct why *why);

#endif
