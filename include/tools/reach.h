/*
 * reach - whether an account can get at a socket in the file system, and
 * what stands in its way.
 */
#ifndef TOOLS_REACH_H
#define TOOLS_REACH_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/diag.h"

enum {
	REACH_GROUPS_MAX = 256,
};

struct account {
	struct str name;
	uid_t uid;
	gid_t gid;
	gid_t groups[REACH_GROUPS_MAX];
	int n_groups;
};

/* The account of that name with all its groups; false if there is none. */
bool account_find(
    struct str name, struct arena *arena, struct account *account_r);

enum obstacle_kind {
	OBSTACLE_NONE,
	OBSTACLE_MISSING,    /* nothing is at `path` */
	OBSTACLE_SEARCH,     /* the directory `path` does not let it through */
	OBSTACLE_PERMISSION, /* the socket does not let it connect */
	OBSTACLE_NO_SOCKET,  /* something else is there */
	OBSTACLE_NOBODY,     /* nobody listens */
	OBSTACLE_UNSEEN,     /* who runs this may not look at `path` */
	OBSTACLE_ERROR,      /* `error` */
};

struct obstacle {
	enum obstacle_kind kind;
	struct str path;  /* where it is, as seen from outside */
	struct str owner; /* of that, "root:postfix" */
	unsigned mode;    /* likewise */
	int error;
};

/* How a process gets at the socket. */
struct reach {
	const struct account *account;
	struct str root; /* what it is confined in; empty: nothing */
	struct str cwd;  /* its working directory, as seen from outside */
	struct str path; /* of the socket, as it has it */
};

/*
 * Where `path` leads, as seen from outside: below cwd if it is relative, else
 * below root.
 */
struct str reach_path(const struct reach *reach, struct arena *arena);

/*
 * Connects as the account would, from a child process that has become it and
 * is confined as it is (as root; else what permissions say must do).  Nothing
 * is sent.  What is in the way is in the arena.
 */
void reach_try(const struct reach *reach, struct arena *arena,
    struct obstacle *obstacle_r);

#endif
