/*
 * wants - from what a policy needs to what a mail server is asked for.
 *
 * Connect, HELO, MAIL and RCPT are asked for where a later stage decides or
 * logs, because its lines name what came there; the rest only for its own
 * sake.
 */
#include "core/wants.h"

static const struct {
	const char *name;
	enum stage stage;
} rows[] = {
	[WANT_CONNECT] = { "connect", STAGE_CONNECT },
	[WANT_HELO] = { "helo", STAGE_HELO },
	[WANT_MAIL] = { "mail", STAGE_MAIL },
	[WANT_RCPT] = { "rcpt", STAGE_RCPT },
	[WANT_DATA] = { "data", STAGE_DATA },
	[WANT_HEADER] = { "header", STAGE_MESSAGE },
	[WANT_EOH] = { "end of header", STAGE_MESSAGE },
	[WANT_BODY] = { "body", STAGE_MESSAGE },
	[WANT_EOM] = { "end of message", STAGE_MESSAGE },
	[WANT_UNKNOWN] = { "unknown", STAGE_UNKNOWN },
};

_Static_assert(
    sizeof(rows) / sizeof(rows[0]) == WANT_COUNT, "one row per event");

const char *
want_name(enum want want)
{
	return rows[want].name;
}

enum stage
want_stage(enum want want)
{
	return rows[want].stage;
}

bool
wants_pass(const struct policy *policy)
{
	for (const struct setting_log *l = policy->logs; l != NULL; l = l->next)
		if (!l->decisions)
			return true;
	return false;
}

/* Whether there is anything at that stage or behind it. */
static bool
matters_from(const struct policy *p, bool pass, enum stage stage)
{
	if (pass || (stage <= STAGE_RCPT && policy_speaks_at(p, STAGE_RCPT)))
		return true; /* a late verdict speaks there, too */
	for (unsigned i = stage; i < STAGE_COUNT; i++)
		if (p->program[i].n > 0)
			return true;
	return stage <= STAGE_MAIL && p->needs.fact[FACT_SESSION_MESSAGES];
}

static bool
comes(const struct policy *p, bool pass, enum want want)
{
	switch (want) {
	case WANT_CONNECT:
	case WANT_EOM:
	case WANT_COUNT:
		break;
	case WANT_HELO:
	case WANT_MAIL:
	case WANT_RCPT:
		return matters_from(p, pass, rows[want].stage);
	case WANT_DATA:
		return p->program[STAGE_DATA].n > 0;
	case WANT_HEADER:
	case WANT_EOH: /* libmilter loses a body that no header was before */
		return p->needs.headers;
	case WANT_BODY:
		return p->needs.body;
	case WANT_UNKNOWN:
		return p->program[STAGE_UNKNOWN].n > 0 ||
		       p->needs.fact[FACT_SESSION_UNKNOWNS];
	}
	return true;
}

/* All of a header gets one reply, at its end. */
static bool
speaks(const struct policy *p, enum want want)
{
	if (want == WANT_HEADER)
		return false;
	if (want == WANT_EOH)
		return p->speaks_before_body;
	return policy_speaks_at(p, rows[want].stage);
}

/*
 * What the mail server does not wait for is lost where the connection ends
 * behind it: libmilter then drops what it has not read.  That may not cost a
 * line of the log.  At message the last event has a reply anyway.
 */
static bool
waits(const struct policy *p, const struct wants *wants, enum want want)
{
	return wants->speaks[want] || (rows[want].stage != STAGE_MESSAGE &&
					  policy_tells_at(p, rows[want].stage));
}

void
wants_find(const struct policy *policy, bool pass, struct wants *wants_r)
{
	struct wants wants = { .nothing = policy->n_rules == 0 && !pass,
		.refused = policy->needs.fact[FACT_RECIPIENTS_TRIED] };

	for (unsigned i = 0; i < WANT_COUNT; i++) {
		wants.comes[i] =
		    !wants.nothing && comes(policy, pass, (enum want)i);
		wants.speaks[i] = speaks(policy, (enum want)i);
		wants.waits[i] = waits(policy, &wants, (enum want)i);
	}
	for (uint32_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = policy->rules[i];

		if (rule->action == ACTION_ADD_HEADER)
			wants.add_header = true;
		if (rule->action == ACTION_QUARANTINE && !rule->observe)
			wants.quarantine = true;
	}
	*wants_r = wants;
}

/* ---- macros ------------------------------------------------------------- */

static bool
macro_wanted(const struct macro_use *m, enum stage stage)
{
	return stage == m->first || (m->at & 1u << stage) != 0 ||
	       (m->reread && stage > m->first);
}

/* Each one once, in the order of first need. */
static void
take(struct str *names, size_t *n, struct str name)
{
	for (size_t i = 0; i < *n; i++)
		if (str_eq(names[i], name))
			return;
	if (*n < WANTS_MACROS_MAX)
		names[(*n)++] = name;
}

size_t
wants_macros(const struct policy *policy, const struct wants *wants,
    enum stage stage, struct str names_r[WANTS_MACROS_MAX])
{
	/* They say that, and why, the mail server refused a recipient. */
	static const struct str refused[] = {
		{ "{rcpt_mailer}", 13 },
		{ "{rcpt_host}", 11 },
		{ "{rcpt_addr}", 11 },
	};
	size_t n = 0;

	if (stage >= STAGE_MAIL)
		take(names_r, &n, STR("i")); /* the queue id, for the log */
	for (size_t i = 0; i < 3 && wants->refused && stage == STAGE_RCPT; i++)
		take(names_r, &n, refused[i]);
	for (uint32_t i = 0; i < policy->n_macros; i++)
		if (macro_wanted(&policy->macros[i], stage))
			take(names_r, &n, policy->macros[i].name);
	return n;
}
