/*
 * negotiate - the plan of the policy, cut to what the MTA offers.
 *
 * Per connection, so that a reload may change what is asked for.
 */
#include "daemon/negotiate.h"

/* A list that cannot be set leaves the MTA's own; the facts it would have
 * brought are absent, as with an MTA that sends none. */
static void
ask_for_macros(SMFICTX *ctx, const struct plan *plan)
{
	for (int i = 0; i < PLAN_MACRO_STAGES; i++)
		if (plan->macros[i] != NULL)
			(void)smfi_setsymlist(ctx, i, plan->macros[i]);
}

/* libmilter prescribes the parameters. */
sfsistat
on_negotiate(/* NOLINT(readability-function-size) */
    SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
    unsigned long f3, unsigned long *actions_r, unsigned long *steps_r,
    unsigned long *f2_r, unsigned long *f3_r)
{
	struct conn *conn;

	(void)f2;
	(void)f3;
	*f2_r = 0;
	*f3_r = 0;
	conn_free(ctx);
	conn = conn_new(ctx);
	if (conn == NULL) {
		/* every event comes, and gets the verdict for errors */
		*actions_r = 0;
		*steps_r = 0;
		return SMFIS_CONTINUE;
	}
	*actions_r = conn->run->plan.actions & actions;
	*steps_r = conn->run->plan.steps & steps;
	conn->steps = *steps_r;
	if ((*actions_r & SMFIF_SETSYMLIST) != 0)
		ask_for_macros(ctx, &conn->run->plan);
	return SMFIS_CONTINUE;
}
