/*
 * default - the policy where no file is named.
 */
#ifndef LANG_DEFAULT_H
#define LANG_DEFAULT_H

#include "lang/source.h"

/* The file that is read then, if it is there. */
#define DEFAULT_FILE SYSCONFDIR "/portreeve/portreeve.conf"
/* What the policy that is built in is called in its place. */
#define DEFAULT_NAME "default policy"

/* The text of packaging/default/portreeve.conf, which the build puts in. */
extern const struct str default_policy;

/*
 * The source of a policy: the file `path`.  Where that is none, or
 * DEFAULT_NAME (what a policy from here calls its file, when it is loaded
 * again), it is DEFAULT_FILE, and where there is no such file,
 * default_policy.
 */
const struct source *default_source(
    struct sources *sources, struct str path, struct why *why);

#endif
