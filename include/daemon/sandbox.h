/*
 * sandbox - what the filter process gives up beside root: files that are none
 * of its business (Landlock), and system calls that no filter needs
 * (seccomp).
 *
 *     reads      system files, and the directories of the policy's own texts,
 *                of its list files and of its log files
 *     writes     the directories of its log files, and devices
 *     refused    running programs, tracing, mounting, loading modules, ...
 *
 * Where the kernel or the build has it not, the process goes on without.
 * What is refused fails with EPERM or EACCES; nobody is killed.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include "lang/policy.h"

/* Before there are threads: it holds for those made after. */
void sandbox_enter(const struct policy *policy);

/* What is in force, for the log. */
const char *sandbox_text(void);

/* What to do about a file that the user may have, and that may not be opened
 * all the same; NULL where files are not restricted. */
const char *sandbox_remedy(void);

#endif
