/*
 * live - an SMTP client over TCP, for playing transcripts against a running
 * MTA.
 */
#ifndef TOOLS_LIVE_H
#define TOOLS_LIVE_H

#include "tools/play.h"

/* Longest wait for a connection, a reply, or room to send. */
enum {
	LIVE_TIMEOUT_S = 30
};

struct live;

/*
 * Connects to "HOST:PORT" ("[::1]:25" for IPv6).  `log` (may be NULL) is the
 * decision log of the policy daemon behind the MTA: what is added to it shows
 * under the replies and tells which rule decided.  NULL with *why on failure.
 */
struct live *live_connect(
    const char *address, const char *log, struct why *why);
void live_close(struct live *live);

/* The peer to play against; borrowed from live. */
const struct peer *live_peer(struct live *live);

#endif
