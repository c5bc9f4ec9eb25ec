/*
 * stage - the seven points of a dialogue at which a reply is chosen.
 */
#ifndef SMTP_STAGE_H
#define SMTP_STAGE_H

#include "base/str.h"

enum stage {
	STAGE_CONNECT,
	STAGE_HELO,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_MESSAGE,
	STAGE_UNKNOWN,
	STAGE_COUNT
};

/* "connect", "helo", ... */
const char *stage_name(enum stage stage);
/* The stage of that name; false if there is none. */
bool stage_find(struct str name, enum stage *stage_r);
/* What the client sent there: "EHLO", "MAIL FROM", "the connection", ... */
const char *stage_event(enum stage stage);

#endif
