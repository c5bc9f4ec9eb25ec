/*
 * ask_status - the numbers of the portreeve that runs.
 */
#ifndef TOOLS_ASK_STATUS_H
#define TOOLS_ASK_STATUS_H

#include "tools/ask.h"
#include "tools/status.h"

/*
 * Asks for them; text and status live in the arena.  The exit status; what
 * is wrong was said.
 */
int ask_status(const struct command *self, const struct ask *ask,
    struct arena *arena, struct status *status_r);

#endif
