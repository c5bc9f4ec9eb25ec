/*
 * peer - who is at the other end of a unix socket.
 */
#ifndef BASE_PEER_H
#define BASE_PEER_H

#include "base/buf.h"

/* "portreeve (process 123)": the process that listens at the other end of the
 * connection fd, as well as that can be told. */
void peer_print(int fd, struct buf *out);
/* Whether that is the first process: systemd, which listens for others. */
bool peer_is_init(int fd);

#endif
