/*
 * plan - what a policy wants of a mail server (core/wants.h), as libmilter
 * takes it: which events, which replies it will never give, which macros,
 * which actions at the end of a message.
 */
#ifndef DAEMON_PLAN_H
#define DAEMON_PLAN_H

#include "lang/policy.h"

enum {
	PLAN_MACRO_STAGES = 7, /* libmilter's SMFIM_CONNECT .. SMFIM_EOH */
};

struct plan {
	unsigned long actions; /* SMFIF_* */
	unsigned long steps;   /* SMFIP_NO*, SMFIP_NR_*, SMFIP_SKIP, ... */
	char *macros[PLAN_MACRO_STAGES]; /* apart by spaces; NULL: none */
};

/* `pass`: the log takes a line for each message that went through.  False
 * when memory is out. */
bool plan_make(const struct policy *policy, bool pass, struct plan *plan_r);
void plan_free(struct plan *plan);

#endif
