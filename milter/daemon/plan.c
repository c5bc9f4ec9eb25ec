/*
 * plan - from what a policy wants to libmilter's bits and macro lists.
 *
 * Computed once per policy.  What is wanted, and why, is core/wants.
 */
#include "daemon/plan.h"

#include <libmilter/mfapi.h>
#include <stdlib.h>

#include "core/wants.h"

_Static_assert(SMFIM_LAST + 1 == PLAN_MACRO_STAGES, "a list for each stage");

/*
 * The bits that decline an event, and a reply to it.  SMFIP_NR_BODY is never
 * asked for: libmilter would then not call xxfi_eom for an MTA that sends the
 * last piece of the body with the end of message.
 */
static const struct {
	unsigned long no;
	unsigned long nr;
} bits[] = {
	[WANT_CONNECT] = { SMFIP_NOCONNECT, SMFIP_NR_CONN },
	[WANT_HELO] = { SMFIP_NOHELO, SMFIP_NR_HELO },
	[WANT_MAIL] = { SMFIP_NOMAIL, SMFIP_NR_MAIL },
	[WANT_RCPT] = { SMFIP_NORCPT, SMFIP_NR_RCPT },
	[WANT_DATA] = { SMFIP_NODATA, SMFIP_NR_DATA },
	[WANT_HEADER] = { SMFIP_NOHDRS, SMFIP_NR_HDR },
	[WANT_EOH] = { SMFIP_NOEOH, SMFIP_NR_EOH },
	[WANT_BODY] = { SMFIP_NOBODY, 0 },
	[WANT_EOM] = { 0, 0 },
	[WANT_UNKNOWN] = { SMFIP_NOUNKNOWN, SMFIP_NR_UNKN },
};

_Static_assert(sizeof bits / sizeof bits[0] == WANT_COUNT, "one row per event");

static unsigned long
steps_needed(const struct wants *wants)
{
	unsigned long steps = SMFIP_SKIP;

	for (size_t i = 0; i < WANT_COUNT; i++) {
		if (!wants->comes[i])
			steps |= bits[i].no;
		if (!wants->waits[i] && !wants->nothing)
			steps |= bits[i].nr;
	}
	return wants->refused ? steps | SMFIP_RCPT_REJ : steps;
}

static unsigned long
actions_needed(const struct wants *wants)
{
	return SMFIF_SETSYMLIST | (wants->add_header ? SMFIF_ADDHDRS : 0) |
	       (wants->quarantine ? SMFIF_QUARANTINE : 0);
}

/* ---- macros ------------------------------------------------------------- */

static const struct {
	int where;
	enum stage stage;
} macro_stages[] = {
	{ SMFIM_CONNECT, STAGE_CONNECT },
	{ SMFIM_HELO, STAGE_HELO },
	{ SMFIM_ENVFROM, STAGE_MAIL },
	{ SMFIM_ENVRCPT, STAGE_RCPT },
	{ SMFIM_DATA, STAGE_DATA },
	/* both, because libmilter before 8.17.2 mixes them up */
	{ SMFIM_EOH, STAGE_MESSAGE },
	{ SMFIM_EOM, STAGE_MESSAGE },
};

/*
 * The list of one stage into *list_r, NULL where the policy wants nothing
 * there: then the MTA sends what it is configured to.
 */
static bool
macros_list(const struct policy *p, const struct wants *wants, enum stage stage,
    char **list_r)
{
	struct str names[WANTS_MACROS_MAX];
	size_t n = wants_macros(p, wants, stage, names);
	size_t room = 1;
	struct buf list;

	*list_r = NULL;
	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		room += names[i].n + 1;
	list = (struct buf){ malloc(room), 0, room, false };
	if (list.p == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		buf_c(&list, i == 0 ? "" : " ");
		buf_str_add(&list, names[i]);
	}
	(void)buf_cstr(&list);
	*list_r = list.p;
	return true;
}

/* ---- all ---------------------------------------------------------------- */

bool
plan_make(const struct policy *policy, bool pass, struct plan *plan_r)
{
	struct plan plan = { .actions = 0 };
	struct wants wants;

	wants_find(policy, pass, &wants);
	plan.actions = actions_needed(&wants);
	plan.steps = steps_needed(&wants);
	for (size_t i = 0; i < PLAN_MACRO_STAGES; i++)
		if (!macros_list(policy, &wants, macro_stages[i].stage,
			&plan.macros[macro_stages[i].where])) {
			plan_free(&plan);
			return false;
		}
	*plan_r = plan;
	return true;
}

void
plan_free(struct plan *plan)
{
	for (size_t i = 0; i < PLAN_MACRO_STAGES; i++)
		free(plan->macros[i]);
	*plan = (struct plan){ .actions = 0 };
}
