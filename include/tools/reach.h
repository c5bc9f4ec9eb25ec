/*
 * reach - whether an account can get at a socket or a file, and what stands
 * in its way.
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
/* The same of a group. */
bool group_find(struct str name, struct arena *arena, gid_t *gid_r);
/* The name of a group, or its number. */
struct str group_name(gid_t gid, struct arena *arena);
bool account_in_group(const struct account *account, gid_t gid);

enum obstacle_kind {
	OBSTACLE_NONE,
	OBSTACLE_MISSING,    /* nothing is at `path` */
	OBSTACLE_SEARCH,     /* the directory `path` does not let it through */
	OBSTACLE_PERMISSION, /* what is there does not let it */
	OBSTACLE_NO_SOCKET,  /* something else is there */
	OBSTACLE_NOBODY,     /* nobody listens */
	OBSTACLE_UNSEEN,     /* who runs this may not look at `path` */
	OBSTACLE_ERROR,      /* `error` */
};

struct obstacle {
	enum obstacle_kind kind;
	struct str path;  /* where it is, as seen from outside */
	struct str owner; /* of that, "root:postfix" */
	uid_t uid;        /* likewise */
	gid_t gid;
	unsigned mode;
	int error;
};

enum reach_goal {
	REACH_CONNECT, /* to the socket */
	REACH_READ,    /* the file */
	REACH_WRITE,   /* to the file */
	REACH_MAKE,    /* something in the directory */
};

/* How a process gets at the thing. */
struct reach {
	const struct account *account;
	enum reach_goal goal;
	struct str root; /* what it is confined in; empty: nothing */
	struct str cwd;  /* its working directory, as seen from outside */
	struct str path; /* of the thing, as it has it */
};

/*
 * Where `path` leads, as seen from outside: below cwd if it is relative, else
 * below root.
 */
struct str reach_path(const struct reach *reach, struct arena *arena);

/* Whether the account has the permissions `want` (of 7) on what has that
 * owner and mode. */
bool account_may(const struct account *account, uid_t uid, gid_t gid,
    unsigned mode, unsigned want);

/*
 * Does as the account would, from a child process that has become it and is
 * confined as it is (as root; else what permissions say must do).  Nothing
 * is sent, read, or written: permission is asked for.  What is in the way is
 * in the arena.
 */
void reach_try(const struct reach *reach, struct arena *arena,
    struct obstacle *obstacle_r);

/* A connection to the unix socket at the path, to be closed; -1 with errno.
 * Does not wait: EAGAIN where it takes no more callers now. */
int reach_call(const char *path);

/* Whether somebody takes connections at that host (none: this one) and port;
 * asks for no longer than a second.  A name that leads nowhere is nobody. */
bool reach_port(
    int family, struct str host, struct str port, struct arena *arena);

#endif
