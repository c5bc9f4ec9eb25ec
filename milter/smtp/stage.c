/*
 * stage - the seven points of a dialogue at which a reply is chosen.
 */
#include "smtp/stage.h"

#include <assert.h>

static const struct {
	const char *name;
	const char *event;
} stages[] = {
	/* clang-format off */
	[STAGE_CONNECT] = { "connect", "the connection" },
	[STAGE_HELO]    = { "helo",    "HELO or EHLO" },
	[STAGE_MAIL]    = { "mail",    "MAIL FROM" },
	[STAGE_RCPT]    = { "rcpt",    "RCPT TO" },
	[STAGE_DATA]    = { "data",    "DATA" },
	[STAGE_MESSAGE] = { "message", "the end of the message" },
	[STAGE_UNKNOWN] = { "unknown", "an unknown command" },
	/* clang-format on */
};

_Static_assert(
    sizeof(stages) / sizeof(stages[0]) == STAGE_COUNT, "one row per stage");

const char *
stage_name(enum stage stage)
{
	assert(stage < STAGE_COUNT);
	return stages[stage].name;
}

bool
stage_find(struct str name, enum stage *stage_r)
{
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		if (str_eq(name, str_c(stages[i].name))) {
			*stage_r = (enum stage)i;
			return true;
		}
	}
	return false;
}

const char *
stage_event(enum stage stage)
{
	assert(stage < STAGE_COUNT);
	return stages[stage].event;
}
