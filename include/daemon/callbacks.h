/*
 * callbacks - what libmilter calls.
 */
#ifndef DAEMON_CALLBACKS_H
#define DAEMON_CALLBACKS_H

#include <libmilter/mfapi.h>

extern const struct smfiDesc callbacks;

#endif
