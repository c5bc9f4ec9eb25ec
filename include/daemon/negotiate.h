/*
 * negotiate - agrees with a mail server on what it sends.
 */
#ifndef DAEMON_NEGOTIATE_H
#define DAEMON_NEGOTIATE_H

#include "daemon/conn.h"

/* xxfi_negotiate: makes the connection, asks for what its policy needs and
 * the mail server offers. */
sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long f2, unsigned long f3, unsigned long *actions_r,
    unsigned long *steps_r, unsigned long *f2_r, unsigned long *f3_r);

#endif
