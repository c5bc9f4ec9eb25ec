/*
 * metrics_http - the counters over HTTP, for Prometheus (libmicrohttpd).
 *
 * GET /metrics is the text format; GET / says so.  Reading only, no
 * authentication: the address and the firewall decide who may ask.
 */
#ifndef OBS_METRICS_HTTP_H
#define OBS_METRICS_HTTP_H

#include <stdio.h>

#include "base/diag.h"

struct metrics_http;

/*
 * Answers on a listening socket from a thread of its own.  `print` writes the
 * text of a scrape; it is called from that thread and must not block.
 * NULL with *why where the thread cannot be started or the program was built
 * without libmicrohttpd.  The descriptor stays the caller's.
 */
struct metrics_http *metrics_http_start(
    int fd, void (*print)(void *ctx, FILE *out), void *ctx, struct why *why);
/* Answers no more; what is being answered is finished first.  NULL is fine. */
void metrics_http_stop(struct metrics_http *http);

#endif
