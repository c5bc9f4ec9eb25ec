/*
 * ast - names of actions, one row each.
 */
#include "lang/ast.h"

static const struct {
	const char *name;
	bool refusal;
	bool effect;
} actions[] = {
	[ACTION_ACCEPT] = { "accept", false, false },
	[ACTION_ACCEPT_MESSAGE] = { "accept message", false, false },
	[ACTION_ACCEPT_CONNECTION] = { "accept connection", false, false },
	[ACTION_REJECT] = { "reject", true, false },
	[ACTION_DEFER] = { "defer", true, false },
	[ACTION_DISCONNECT] = { "disconnect", true, false },
	[ACTION_DISCARD] = { "discard", true, false },
	[ACTION_QUARANTINE] = { "quarantine", true, false },
	[ACTION_LOG] = { "log", false, true },
	[ACTION_TAG] = { "tag", false, true },
	[ACTION_SCORE] = { "score", false, true },
	[ACTION_ADD_HEADER] = { "add header", false, true },
};

_Static_assert(
    sizeof(actions) / sizeof(actions[0]) == ACTION_COUNT, "one row per action");

const char *
action_name(enum action action)
{
	return actions[action].name;
}

bool
action_is_refusal(enum action action)
{
	return actions[action].refusal;
}

bool
action_is_effect(enum action action)
{
	return actions[action].effect;
}
