/*
 * reload - loads the policy again, beside the one in force, and swaps.
 *
 *     reload_ask ──▶ thread: policy_reload ──▶ control thread: running_set
 *                                                 └─▶ log, who asked, parent
 *
 * Loading may take seconds (large lists), so it has a thread of its own; all
 * else is done by the control thread.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/fixed.h"

/* How it went, and the diagnostics with a last line that sums up; the text
 * is valid during the call. */
typedef void reload_done(void *ctx, bool ok, struct str text);

/* What is loaded: the policy with all it names, or the lists and maps of the
 * one in force alone. */
enum reload_what {
	RELOAD_POLICY,
	RELOAD_LISTS,
};

typedef void reload_ended(enum reload_what what, bool ok);

enum {
	RELOAD_WAITING = 16, /* who can wait for one at once */
};

/*
 * `file` is what will be loaded; `fixed` what no reload changes; `ended` is
 * told of every reload; `begun` at the beginning of each.  False if there is
 * no descriptor for it.
 */
bool reload_init(const char *file, const struct fixed *fixed,
    void (*begun)(void), reload_ended *ended);

/*
 * Asks for a reload.  Who asks (NULL: nobody) is told of one that begins
 * after now: one that is under way may have read the files already.  Where
 * none can, nobody is told, and this returns why not, in a line; else NULL.
 */
const char *reload_ask(reload_done *who, void *ctx);
/* Asks for the list and map files to be loaded, with the policy's own text
 * as it was. */
void reload_ask_lists(void);
/* The process is about to end: none begins any more, and who waits for one is
 * told so. */
void reload_stop(void);

#endif
