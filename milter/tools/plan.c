/*
 * plan - what is negotiated with a mail server, and which rules are to blame.
 *
 * The same core/wants from which the daemon makes its bits says what; the
 * reasons are found by asking each step of the program what it reads and
 * what it may say.
 */
#include "tools/plan_int.h"

/* ---- reasons ------------------------------------------------------------- */

static void
put_rule(const struct plan *plan, const struct rule *rule)
{
	rule_put(rule, plan->directory, plan->out);
}

/* Counts reasons and prints the first ones. */
struct reasons {
	struct plan *plan;
	size_t n;
};

/* Whether one more is to be printed; its line is begun then. */
static bool
reason_begin(struct reasons *r)
{
	if (r->n++ >= PLAN_REASONS_MAX)
		return false;
	(void)fputs("      ", r->plan->out);
	return true;
}

static void
reasons_end(const struct reasons *r, const char *what)
{
	if (r->n > PLAN_REASONS_MAX)
		(void)fprintf(r->plan->out, "      and %zu more %s%s\n",
		    r->n - PLAN_REASONS_MAX, what,
		    r->n - PLAN_REASONS_MAX == 1 ? "" : "s");
}

/* ---- who reads it ------------------------------------------------------- */

static void
put_reads(struct reasons *r, const struct step *step, enum stage stage,
    const struct plan_reads *reads)
{
	FILE *out = r->plan->out;

	if (!reason_begin(r))
		return;
	if (step->rule == NULL)
		(void)fprintf(out, "a \"when\" at %s", stage_name(stage));
	else if (str_eq(step->rule->name, STR("on-error")))
		(void)fputs("the text of \"on error\"", out);
	else {
		(void)fputs("rule ", out);
		put_rule(r->plan, step->rule);
	}
	for (size_t i = 0; i < reads->n; i++)
		(void)fprintf(out, "%s%.*s", i == 0 ? " reads " : ", ",
		    STR_FMT(reads->names[i]));
	if (reads->more)
		(void)fputs(", ...", out);
	if (reads->through.p != NULL)
		(void)fprintf(out, " through %.*s", STR_FMT(reads->through));
	(void)fputc('\n', out);
}

/* Steps of a stage that read it: rules, or (whens) those without one. */
static void
find_readers(struct reasons *r, enum stage stage, bool whens,
    plan_question *question, const void *what)
{
	const struct program *program = &r->plan->policy->program[stage];
	struct plan_reads reads;

	for (uint32_t i = 0; i < program->n; i++) {
		if ((program->steps[i].rule == NULL) != whens)
			continue;
		plan_reads(r->plan, &program->steps[i], question, what, &reads);
		if (reads.n > 0)
			put_reads(r, &program->steps[i], stage, &reads);
	}
}

/* Who reads it at these stages; how many they are.  A `when` stands for the
 * rules in it, and is named only where it has none. */
static size_t
put_readers(struct plan *plan, unsigned stages, plan_question *question,
    const void *what)
{
	struct reasons r = { plan, 0 };
	struct plan_reads reads;

	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if ((stages & 1u << i) != 0)
			find_readers(&r, (enum stage)i, false, question, what);
	for (unsigned i = 0; i < STAGE_COUNT && r.n == 0; i++)
		if ((stages & 1u << i) != 0)
			find_readers(&r, (enum stage)i, true, question, what);
	if (r.n == 0) {
		const struct step *step = &plan->policy->on_error[0];

		plan_reads(plan, step, question, what, &reads);
		if (reads.n > 0)
			put_reads(&r, step, STAGE_CONNECT, &reads);
	}
	reasons_end(&r, "rule");
	return r.n;
}

/* ---- who speaks --------------------------------------------------------- */

static bool
may_refuse(const struct rule *rule)
{
	return rule != NULL && action_is_refusal(rule->action) &&
	       rule->action != ACTION_QUARANTINE && !rule->observe;
}

/* Inside a `when`: the compiler has put its slot in front. */
static bool
is_inside(const struct expr *e)
{
	if (e != NULL && e->kind == EXPR_AND)
		e = e->a;
	return e != NULL && e->kind == EXPR_MEMO && e->a == NULL;
}

/* Its verdict, or that of `on error`, would be spoken where it stands. */
static bool
may_fail(struct plan *plan, const struct step *step)
{
	const struct rule *rule = step->rule;
	struct plan_reads reads;

	if (rule == NULL || rule->observe || rule->late ||
	    action_is_effect(rule->action) ||
	    !policy_refuses_on_error(plan->policy))
		return false;
	plan_reads(plan, step, plan_is_fallible, NULL, &reads);
	return reads.n > 0;
}

/* "rule spoof (portreeve.conf:31) may reject"; `how` may be "". */
static void
put_may(struct reasons *r, const struct rule *rule, const char *how)
{
	if (!reason_begin(r))
		return;
	(void)fputs("rule ", r->plan->out);
	put_rule(r->plan, rule);
	(void)fprintf(
	    r->plan->out, " may %s%s\n", action_name(rule->action), how);
}

static void
put_late(struct reasons *r, enum stage stage)
{
	const struct program *program = &r->plan->policy->program[stage];
	char how[64];

	(void)snprintf(how, sizeof how, ", late, from %s", stage_name(stage));
	for (uint32_t i = 0; i < program->n; i++)
		if (may_refuse(program->steps[i].rule) &&
		    program->steps[i].rule->late)
			put_may(r, program->steps[i].rule, how);
}

/* Which steps of a stage are meant. */
struct portion {
	enum stage stage;
	bool early; /* message: those that are told before the body comes */
	bool later; /* and the others */
};

static bool
reads_body(struct plan *plan, const struct step *step)
{
	struct plan_reads reads;

	plan_reads(plan, step, plan_is_body, NULL, &reads);
	return reads.n > 0;
}

/*
 * The first step of message that holds up all behind it until the body is
 * in; one inside a `when` may be passed over.
 */
static uint32_t
first_of_body(struct plan *plan)
{
	const struct program *program = &plan->policy->program[STAGE_MESSAGE];
	uint32_t i = 0;

	for (; i < program->n; i++)
		if (!is_inside(program->steps[i].cond) &&
		    reads_body(plan, &program->steps[i]))
			break;
	return i;
}

static bool
portion_has(
    struct plan *plan, const struct portion *portion, uint32_t i, uint32_t body)
{
	const struct program *program = &plan->policy->program[portion->stage];

	if (portion->early && portion->later)
		return true;
	return portion->early ==
	       (i < body && !reads_body(plan, &program->steps[i]));
}

/* Rules that may give a reply of their own. */
static void
put_speakers(struct plan *plan, struct portion portion)
{
	const struct program *program = &plan->policy->program[portion.stage];
	uint32_t body =
	    portion.stage == STAGE_MESSAGE ? first_of_body(plan) : program->n;
	struct reasons r = { plan, 0 };

	for (uint32_t i = 0; i < program->n; i++) {
		const struct step *step = &program->steps[i];

		if (may_refuse(step->rule) && !step->rule->late &&
		    portion_has(plan, &portion, i, body))
			put_may(&r, step->rule, "");
	}
	for (unsigned i = STAGE_CONNECT;
	     portion.stage == STAGE_RCPT && i < STAGE_RCPT; i++)
		put_late(&r, (enum stage)i);
	for (uint32_t i = 0; i < program->n && r.n == 0; i++)
		if (may_fail(plan, &program->steps[i]) &&
		    portion_has(plan, &portion, i, body))
			put_may(&r, program->steps[i].rule,
			    ", or \"on error\" may decide");
	reasons_end(&r, "rule");
}

/* ---- events ------------------------------------------------------------- */

static uint32_t
rules_at(const struct plan *plan, enum stage stage)
{
	const struct program *program = &plan->policy->program[stage];
	uint32_t n = 0;

	for (uint32_t i = 0; i < program->n; i++)
		n += program->steps[i].rule != NULL;
	return n;
}

static void
put_rules_here(struct plan *plan, enum stage stage)
{
	uint32_t n = rules_at(plan, stage);

	if (n > 0)
		(void)fprintf(plan->out, "      %u rule%s stand%s here\n",
		    (unsigned)n, n == 1 ? "" : "s", n == 1 ? "s" : "");
	else
		(void)fputs("      no rule stands here; the log and later "
			    "rules tell what came\n",
		    plan->out);
}

/* Why an event does not come. */
static const char *
declined(const struct plan *plan, enum want want)
{
	if (plan->wants.nothing)
		return "nobody needs it";
	switch (want) {
	case WANT_HELO:
	case WANT_MAIL:
	case WANT_RCPT:
		return "no rule stands here or later, and nothing is logged";
	case WANT_DATA:
		return "no rule stands here";
	case WANT_HEADER:
	case WANT_EOH:
		return "no rule at message reads a header or the size";
	case WANT_BODY:
		return "no rule at message reads message.size";
	case WANT_UNKNOWN:
		return "no rule stands here or reads session.unknowns";
	case WANT_CONNECT:
	case WANT_EOM:
	case WANT_COUNT:
		break;
	}
	return "nobody needs it";
}

/* Changes that can be made at the end only. */
static void
put_changes(struct plan *plan)
{
	const struct policy *policy = plan->policy;
	struct reasons r = { plan, 0 };

	for (uint32_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = policy->rules[i];

		if (rule->action == ACTION_ADD_HEADER)
			put_may(&r, rule, "");
		if (rule->action == ACTION_QUARANTINE && !rule->observe)
			put_may(&r, rule, "");
	}
	reasons_end(&r, "rule");
}

/* Why nothing is decided at the end of the header, where a rule could. */
static void
put_waiting(struct plan *plan)
{
	const struct program *program = &plan->policy->program[STAGE_MESSAGE];
	uint32_t i = first_of_body(plan);

	while (i < program->n && program->steps[i].rule == NULL)
		i++;
	if (i == program->n || !policy_speaks_at(plan->policy, STAGE_MESSAGE))
		return;
	(void)fputs("      nothing is decided here while rule ", plan->out);
	put_rule(plan, program->steps[i].rule);
	(void)fputs(
	    ",\n      which stands first, waits for the body\n", plan->out);
}

static void
put_event_reasons(struct plan *plan, enum want want)
{
	const unsigned message = 1u << STAGE_MESSAGE;
	const unsigned all = (1u << STAGE_COUNT) - 1;
	enum fact unknowns = FACT_SESSION_UNKNOWNS;
	struct portion portion = { want_stage(want), true, want != WANT_EOH };

	switch (want) {
	case WANT_CONNECT:
	case WANT_HELO:
	case WANT_MAIL:
	case WANT_RCPT:
	case WANT_DATA:
		put_rules_here(plan, want_stage(want));
		put_speakers(plan, portion);
		break;
	case WANT_HEADER:
		(void)put_readers(plan, message, plan_is_header, NULL);
		break;
	case WANT_EOH:
		if (plan->wants.speaks[WANT_EOH])
			put_speakers(plan, portion);
		else
			put_waiting(plan);
		break;
	case WANT_BODY:
		(void)put_readers(plan, message, plan_is_body, NULL);
		portion.early = false;
		put_speakers(plan, portion);
		break;
	case WANT_EOM:
		if (!plan->wants.comes[WANT_EOH] &&
		    !plan->wants.comes[WANT_BODY])
			put_speakers(plan, portion);
		put_changes(plan);
		break;
	case WANT_UNKNOWN:
		if (rules_at(plan, STAGE_UNKNOWN) > 0)
			put_rules_here(plan, STAGE_UNKNOWN);
		(void)put_readers(plan, all, plan_is_fact, &unknowns);
		put_speakers(plan, portion);
		break;
	case WANT_COUNT:
		break;
	}
}

static const char *
how(const struct wants *wants, enum want want)
{
	if (want == WANT_EOM)
		return "always sent";
	if (!wants->comes[want])
		return "not asked for: ";
	if (want == WANT_HEADER)
		return "asked for, without a reply: all get one, at their end";
	if (want == WANT_BODY)
		return wants->speaks[want]
			   ? "asked for, and may be refused half-way"
			   : "asked for, to be counted";
	if (wants->speaks[want])
		return "asked for, and may be refused";
	return wants->waits[want]
		   ? "asked for, and waited for, because rules here log"
		   : "asked for, without a reply";
}

static void
put_nothing(struct plan *plan)
{
	(void)fputs("The mail server is asked to send nothing: there are no "
		    "rules, and no log of\nwhat passes\n",
	    plan->out);
}

static void
put_events(struct plan *plan)
{
	enum fact tried = FACT_RECIPIENTS_TRIED;

	(void)fputs(
	    "What the mail server is asked to send, and why\n\n", plan->out);
	for (unsigned i = 0; i < WANT_COUNT; i++) {
		enum want want = (enum want)i;
		bool not = !plan->wants.comes[i] && want != WANT_EOM;

		(void)fprintf(plan->out, "  %-15s %s%s\n", want_name(want),
		    how(&plan->wants, want), !not ? "" : declined(plan, want));
		if (!not )
			put_event_reasons(plan, want);
	}
	if (!plan->wants.refused)
		return;
	(void)fputs("  refused rcpt    asked for, to be counted\n", plan->out);
	(void)put_readers(plan, (1u << STAGE_COUNT) - 1, plan_is_fact, &tried);
}

/* ---- macros ------------------------------------------------------------- */

static void
put_macro_stage(struct plan *plan, enum stage stage, const char *where)
{
	struct str names[WANTS_MACROS_MAX];
	size_t n = wants_macros(plan->policy, &plan->wants, stage, names);

	(void)fprintf(plan->out, "  %-15s", where);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(plan->out, " %.*s", STR_FMT(names[i]));
	(void)fputs(
	    n == 0 ? " as the mail server is configured\n" : "\n", plan->out);
}

/* Who reads one macro: by macro("name") or by a fact that comes from it. */
static void
put_macro(struct plan *plan, uint32_t slot)
{
	const struct macro_use *use = &plan->policy->macros[slot];
	const unsigned all = (1u << STAGE_COUNT) - 1;
	size_t n;

	(void)fprintf(plan->out, "  %.*s\n", STR_FMT(use->name));
	n = put_readers(plan, all, plan_is_macro, &slot);
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		enum fact fact = (enum fact)i;

		if (fact_rows[i].macro != NULL &&
		    str_eq(str_c(fact_rows[i].macro), use->name))
			n += put_readers(plan, all, plan_is_fact, &fact);
	}
	if (n == 0)
		(void)fputs("      a definition that no rule uses reads it\n",
		    plan->out);
}

static void
put_macros(struct plan *plan)
{
	static const struct {
		enum stage stage;
		const char *where;
	} stages[] = {
		{ STAGE_CONNECT, "connect" },
		{ STAGE_HELO, "helo" },
		{ STAGE_MAIL, "mail" },
		{ STAGE_RCPT, "rcpt" },
		{ STAGE_DATA, "data" },
		{ STAGE_MESSAGE, "end of header" },
		{ STAGE_MESSAGE, "end of message" },
	};

	(void)fputs("\nMacros it is asked for, by event\n\n", plan->out);
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		put_macro_stage(plan, stages[i].stage, stages[i].where);
	(void)fputs("\n  i\n      the queue id, for the log\n", plan->out);
	if (plan->wants.refused)
		(void)fputs("  {rcpt_mailer} {rcpt_host} {rcpt_addr}\n"
			    "      whether the mail server itself refused a "
			    "recipient\n",
		    plan->out);
	for (uint32_t i = 0; i < plan->policy->n_macros; i++)
		put_macro(plan, i);
}

/* ---- all ---------------------------------------------------------------- */

/* The condition of each `when`, which rules inside know by a slot only. */
static void
collect_whens(struct plan *plan)
{
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		const struct program *program = &plan->policy->program[i];

		for (uint32_t s = 0; s < program->n; s++)
			if (program->steps[s].rule == NULL)
				plan->whens[program->steps[s].slot] =
				    program->steps[s].cond;
	}
}

bool
plan_print(const struct policy *policy, FILE *out)
{
	struct plan plan = { .policy = policy,
		.out = out,
		.arena = arena_new(ARENA_UNLIMITED) };

	if (plan.arena == NULL)
		return false;
	plan.whens = arena_calloc(
	    plan.arena, policy->n_memos + 1, sizeof(const struct expr *));
	plan.seen =
	    arena_calloc(plan.arena, policy->n_memos + 1, sizeof *plan.seen);
	if (plan.whens == NULL || plan.seen == NULL) {
		arena_free(plan.arena);
		return false;
	}
	plan.directory = policy_directory(policy);
	wants_find(policy, wants_pass(policy), &plan.wants);
	collect_whens(&plan);
	if (plan.wants.nothing)
		put_nothing(&plan);
	else {
		put_events(&plan);
		put_macros(&plan);
	}
	plan_put_costs(&plan);
	plan_put_lines(&plan);
	arena_free(plan.arena);
	return true;
}
