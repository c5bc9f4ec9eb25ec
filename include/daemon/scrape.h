/*
 * scrape - the numbers of this moment, for whoever asks: over HTTP where the
 * policy has a metrics line, and at the control socket.
 */
#ifndef DAEMON_SCRAPE_H
#define DAEMON_SCRAPE_H

#include <stdio.h>

#include "daemon/fixed.h"

/* How often a filter process died before this one, and what no reload
 * changes; to be called before the others. */
void scrape_init(unsigned restarts, const struct fixed *fixed);

/* Prints them in Prometheus's text format; from any thread.  `ctx` is not
 * looked at. */
void scrape_print(void *ctx, FILE *out);

/* Answers on the listening socket `fd` from now on. */
bool scrape_serve(int fd, struct why *why);

#endif
