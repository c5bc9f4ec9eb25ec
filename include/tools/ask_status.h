/*
 * ask_status - the numbers of the portreeve that runs.
 */
#ifndef TOOLS_ASK_STATUS_H
#define TOOLS_ASK_STATUS_H

#include "tools/ask.h"
#include "tools/status.h"

/*
 * Asks for them; text and status live in the arena.  *why where it does not
 * end with ASK_OK.
 */
enum ask_end ask_status(const struct ask *ask, struct arena *arena,
    struct status *status_r, struct why *why);

#endif
