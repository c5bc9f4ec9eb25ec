/*
 * eval - runs a stage's program and keeps the session's accounts.
 *
 *     eval_stage ─▶ run ─▶ step: guard ─▶ memo slot, skip
 *         │                step: rule  ─▶ act ─▶ verdict or go on
 *         └▶ late verdict at rcpt, counters
 *
 * The first verdict ends a run.  At message a run stops at the first step
 * that needs what is not known yet, and a later call goes on from there, so
 * every rule acts once.
 */
#include "core/eval_int.h"

#include "core/candidates.h"

/* ---- replies ------------------------------------------------------------ */

static struct reply
step_reply(struct eval *ev, const struct step *step)
{
	struct reply reply = step->reply;

	reply.text = step->text;
	if (step->rule->text != NULL)
		reply.text =
		    template_render(ev, step->rule->text, reply_room(&reply));
	return reply;
}

static enum outcome
refusal_outcome(enum action action)
{
	switch (action) {
	case ACTION_REJECT:
		return OUTCOME_REJECT;
	case ACTION_DEFER:
		return OUTCOME_DEFER;
	case ACTION_DISCONNECT:
		return OUTCOME_DISCONNECT;
	case ACTION_DISCARD:
		return OUTCOME_DISCARD;
	default:
		return OUTCOME_ACCEPT;
	}
}

/* ---- notes -------------------------------------------------------------- */

static void
note_add(struct eval *ev, struct decision *d, struct note note)
{
	struct note *copy = arena_alloc(ev->s->scratch, sizeof *copy);
	struct note **end = &d->notes;

	if (copy == NULL) {
		session_broken(ev->s, SCOPE_EVENT);
		return;
	}
	*copy = note;
	while (*end != NULL)
		end = &(*end)->next;
	*end = copy;
}

/* "rule no-date: header("Date") matches /x/ could not be told" */
static struct str
unknown_reason(struct eval *ev)
{
	struct str test = ev->reason;

	if (test.p == NULL)
		return STR("a look-up failed");
	return arena_printf(
	    ev->s->scratch, "could not be told: %.*s", STR_FMT(test));
}

/* ---- verdicts ----------------------------------------------------------- */

static void
decide(struct decision *d, const struct rule *rule, enum outcome outcome)
{
	d->rule = rule;
	d->outcome = outcome;
}

/* Silences the rules until the end of `scope`. */
static void
silence(struct session *s, enum scope scope)
{
	if (s->silent == SCOPE_NONE || scope < s->silent)
		s->silent = scope;
}

static int
kept_index(enum stage stage)
{
	if (stage == STAGE_CONNECT)
		return KEPT_CONNECT;
	return stage == STAGE_HELO ? KEPT_HELO : KEPT_MAIL;
}

/*
 * Puts a late verdict by until rcpt.  Its texts move to the arena, where
 * they last as long as what the stage is about.
 */
static void
keep(struct eval *ev, struct decision *d)
{
	struct session *s = ev->s;
	struct kept *kept = &s->kept[kept_index(d->stage)];

	*kept = (struct kept){ .rule = d->rule,
		.outcome = d->outcome,
		.stage = d->stage,
		.reply = d->reply,
		.reason = arena_str(s->arena, d->reason) };
	kept->reply.text = arena_str(s->arena, d->reply.text);
	d->outcome = OUTCOME_KEPT;
	if (!arena_failed(s->arena))
		return;
	kept->rule = NULL;
	session_broken(s, stage_scope(d->stage));
}

static void
decide_accept(struct eval *ev, const struct rule *rule, struct decision *d)
{
	if (rule->action == ACTION_ACCEPT_CONNECTION)
		silence(ev->s, SCOPE_CONNECTION);
	else if (rule->action == ACTION_ACCEPT_MESSAGE)
		silence(ev->s, SCOPE_MESSAGE);
	decide(d, rule, OUTCOME_ACCEPT);
}

static void
decide_refusal(struct eval *ev, const struct step *step, struct decision *d)
{
	d->reply = step_reply(ev, step);
	decide(d, step->rule, refusal_outcome(step->rule->action));
	if (step->rule->action == ACTION_DISCARD)
		silence(ev->s, SCOPE_MESSAGE);
	if (step->rule->late)
		keep(ev, d);
}

/* The on-error verdict of a stage, in the name of `rule`. */
static void
decide_on_error(struct eval *ev, const struct rule *rule, struct str reason,
    struct decision *d)
{
	const struct step *step = &ev->s->policy->on_error[d->stage];

	d->reason = reason;
	d->reply = (struct reply){ .code = 0 };
	if (step->rule->action != ACTION_ACCEPT)
		d->reply = step_reply(ev, step);
	decide(d, rule, refusal_outcome(step->rule->action));
	if (rule->late && d->outcome != OUTCOME_ACCEPT)
		keep(ev, d);
}

/* A text that costs no memory: the rule's own where it has no values. */
static struct str
literal_text(const struct step *step)
{
	const struct template *t = step->rule->text;

	if (t != NULL && t->n == 1 && t->pieces[0].expr == NULL)
		return t->pieces[0].text;
	return step->text;
}

/* Memory was out: nothing that was found out so far can be relied on. */
static void
decide_broken(struct session *s, struct decision *d)
{
	const struct step *step = &s->policy->on_error[d->stage];

	d->notes = NULL;
	d->reason = STR("out of memory for this session");
	d->reply = (struct reply){ .code = 0 };
	decide(d, step->rule, OUTCOME_ACCEPT);
	if (!policy_refuses_on_error(s->policy))
		return;
	d->reply = step->reply;
	d->reply.text = literal_text(step);
	d->outcome = refusal_outcome(step->rule->action);
}

/* ---- effects ------------------------------------------------------------ */

static void
effect_tag(struct session *s, uint32_t tag, enum scope scope)
{
	if (s->tags[tag] == SCOPE_NONE || scope < s->tags[tag])
		s->tags[tag] = (uint8_t)scope;
}

static void
effect_header(struct eval *ev, const struct rule *rule)
{
	struct session *s = ev->s;
	struct added_header *h = arena_alloc(s->arena, sizeof *h);
	struct str value = template_render(ev, rule->text, REPLY_LINE_MAX);

	if (h != NULL && value.p != NULL) {
		h->name = rule->header_name;
		h->value = arena_str(s->arena, value);
		*s->added_end = h;
		s->added_end = &h->next;
	}
	if (arena_failed(s->arena))
		session_broken(s, SCOPE_MESSAGE);
}

static void
effect_log(struct eval *ev, const struct rule *rule, struct decision *d)
{
	struct note note = { .kind = NOTE_LOG, .rule = rule };

	note.text = template_render(ev, rule->text, REPLY_LINE_MAX);
	note_add(ev, d, note);
}

static void
effect_quarantine(struct eval *ev, const struct rule *rule, struct decision *d)
{
	struct session *s = ev->s;
	struct note note = { .kind = NOTE_QUARANTINE, .rule = rule };

	note.text = template_render(ev, rule->text, REPLY_LINE_MAX);
	note_add(ev, d, note);
	if (s->quarantine.p != NULL || note.text.p == NULL)
		return;
	s->quarantine = arena_str(s->arena, note.text);
	if (s->quarantine.p == NULL)
		session_broken(s, SCOPE_MESSAGE);
}

/* For who counts what rules do. */
static void
effect_note(struct eval *ev, const struct rule *rule, struct decision *d)
{
	note_add(ev, d, (struct note){ .kind = NOTE_EFFECT, .rule = rule });
}

static void
effect(struct eval *ev, const struct rule *rule, struct decision *d)
{
	enum scope scope = stage_scope(d->stage);
	int64_t *score = &ev->s->score[scope];

	switch (rule->action) {
	case ACTION_LOG:
		effect_log(ev, rule, d);
		break;
	case ACTION_TAG:
		effect_tag(ev->s, rule->tag, scope);
		effect_note(ev, rule, d);
		break;
	case ACTION_SCORE:
		*score = ops_arith('+', *score, rule->score);
		effect_note(ev, rule, d);
		break;
	case ACTION_ADD_HEADER:
		effect_header(ev, rule);
		effect_note(ev, rule, d);
		break;
	case ACTION_QUARANTINE:
		effect_quarantine(ev, rule, d);
		break;
	default:
		break;
	}
}

/* ---- steps -------------------------------------------------------------- */

static void
act_observed(struct eval *ev, const struct step *step, struct decision *d)
{
	struct note note = { .kind = NOTE_WOULD, .rule = step->rule };

	if (step->rule->action == ACTION_QUARANTINE)
		note.text =
		    template_render(ev, step->rule->text, REPLY_LINE_MAX);
	else if (step->rule->action != ACTION_DISCARD)
		note.reply = step_reply(ev, step);
	note_add(ev, d, note);
}

/* The rule's condition holds.  True if that ends the stage. */
static bool
act(struct eval *ev, const struct step *step, struct decision *d)
{
	const struct rule *rule = step->rule;

	if (rule->observe) {
		act_observed(ev, step, d);
		return false;
	}
	if (action_is_effect(rule->action) ||
	    rule->action == ACTION_QUARANTINE) {
		effect(ev, rule, d);
		return false;
	}
	if (action_is_refusal(rule->action))
		decide_refusal(ev, step, d);
	else
		decide_accept(ev, rule, d);
	return true;
}

/* `observe all` makes an observed refusal of the verdict for errors too. */
static bool
observes_errors(const struct policy *policy)
{
	return policy->observe_all &&
	       policy->on_error[0].rule->action != ACTION_ACCEPT;
}

/* The rule's condition could not be told.  True if that ends the stage. */
static bool
act_unknown(struct eval *ev, const struct step *step, struct decision *d)
{
	const struct rule *rule = step->rule;
	struct note note = { .kind = NOTE_SKIPPED, .rule = rule };

	note.text = unknown_reason(ev);
	if (!rule->observe && !action_is_effect(rule->action) &&
	    !observes_errors(ev->s->policy)) {
		decide_on_error(ev, rule, note.text, d);
		return true;
	}
	note_add(ev, d, note);
	return false;
}

enum step_end {
	STEP_ON,      /* go on behind it */
	STEP_SKIP,    /* go on at skip_to */
	STEP_PENDING, /* more must be known first */
	STEP_END,     /* a verdict fell */
};

/* A text tells the whole size, unless it is the size so far that made the
 * rule act. */
static bool
text_waits(struct eval *ev, const struct rule *rule)
{
	return !ev->pending && rule != NULL && rule->text != NULL &&
	       template_waits(ev, rule->text);
}

static enum step_end
run_step(struct session *s, const struct step *step, const struct trace *trace,
    struct decision *d)
{
	struct eval ev = { .s = s, .plain = trace != NULL };
	enum truth t = TRUTH_TRUE;
	bool waits;

	if (step->cond != NULL)
		t = eval_cond(&ev, step->cond);
	waits = (t == TRUTH_TRUE && text_waits(&ev, step->rule)) ||
		(t == TRUTH_UNKNOWN && ev.pending);
	if (trace != NULL)
		trace_step(&ev, trace, step, t, waits);
	if (waits)
		return STEP_PENDING;
	if (step->rule == NULL) {
		s->memos[step->slot] = (uint8_t)t;
		return t == TRUTH_FALSE ? STEP_SKIP : STEP_ON;
	}
	if (t == TRUTH_TRUE)
		return act(&ev, step, d) ? STEP_END : STEP_ON;
	if (t == TRUTH_UNKNOWN)
		return act_unknown(&ev, step, d) ? STEP_END : STEP_ON;
	return STEP_ON;
}

/*
 * A run of a program.  The index is asked when the run first goes on from
 * one step to another: what waits for more of a message is asked again with
 * each piece, and mostly waits on.
 */
struct run {
	struct session *s;
	const struct index *index; /* NULL: every step is asked */
	bool looked_up;
	struct candidates candidates;
};

/* The step that is asked at `from` or behind it. */
static uint32_t
run_to(struct run *r, uint32_t from)
{
	struct eval ev = { .s = r->s };

	if (r->index == NULL)
		return from;
	if (!r->looked_up)
		candidates_find(&ev, r->index, &r->candidates);
	r->looked_up = true;
	return candidates_next(&r->candidates, from);
}

/* Where the program is entered: at message, where it had to stop. */
static uint32_t
run_from(struct run *r, enum stage stage)
{
	struct session *s = r->s;

	if (stage == STAGE_MESSAGE && s->message_begun)
		return s->message_step;
	if (stage == STAGE_MESSAGE)
		s->message_begun = true;
	memset(s->memos, MEMO_EMPTY, s->policy->n_memos);
	return run_to(r, 0);
}

static void
run(struct session *s, const struct trace *trace, struct decision *d)
{
	const struct program *program = &s->policy->program[d->stage];
	enum step_end end = STEP_ON;
	struct run r;
	uint32_t i;

	r.s = s;
	/* A trace tells every step. */
	r.index = trace == NULL ? program->index : NULL;
	r.looked_up = false;
	i = run_from(&r, d->stage);
	while (i < program->n && end != STEP_END) {
		const struct step *step = &program->steps[i];

		end = run_step(s, step, trace, d);
		if (s->broken == SCOPE_NONE && arena_failed(s->scratch))
			session_broken(s, SCOPE_EVENT);
		if (s->broken != SCOPE_NONE) {
			decide_broken(s, d);
			end = STEP_END;
		}
		if (end == STEP_PENDING) {
			s->message_step = i;
			d->outcome = OUTCOME_PENDING;
			return;
		}
		i = run_to(&r, end == STEP_SKIP ? step->skip_to : i + 1);
	}
	/* All was said: a later call for this message adds nothing. */
	s->message_step = program->n;
}

/* ---- late verdicts and accounts ----------------------------------------- */

/* The verdict that spoke; NULL: none was kept. */
static const struct kept *
speak_late(struct session *s, struct decision *d)
{
	for (int i = 0; i < KEPT_COUNT; i++) {
		const struct kept *kept = &s->kept[i];

		if (kept->rule == NULL)
			continue;
		decide(d, kept->rule, kept->outcome);
		d->decided = kept->stage;
		d->reply = kept->reply;
		d->reason = kept->reason;
		return kept;
	}
	return NULL;
}

static bool
is_positive(enum outcome outcome)
{
	return outcome == OUTCOME_PASS || outcome == OUTCOME_ACCEPT ||
	       outcome == OUTCOME_KEPT || outcome == OUTCOME_SILENT;
}

/* Does a later stage look at the recipients? */
static bool
recipients_wanted(const struct policy *policy)
{
	if (policy->needs.recipients)
		return true;
	if (policy->program[STAGE_DATA].n + policy->program[STAGE_MESSAGE].n ==
	    0)
		return false;
	for (int f = FACT_RCPT; f <= FACT_RCPT_HOST; f++)
		if (policy->needs.fact[f])
			return true;
	return false;
}

/* A copy of part of an address; part of the copied norm where it was part
 * of norm. */
static struct str
rebase(struct str part, struct str from, struct str to)
{
	if (part.p == NULL || to.p == NULL)
		return STR_NONE;
	return str_of(to.p + (part.p - from.p), part.n);
}

static void
recipient_accepted(struct session *s)
{
	const struct recipient *from = s->rcpt;
	struct recipient *to;

	s->accepted++;
	if (from == NULL || !recipients_wanted(s->policy))
		return;
	to = arena_alloc(s->arena, sizeof *to);
	if (to != NULL) {
		struct address *a = &to->address;

		*to = *from;
		to->next = NULL;
		a->raw = arena_str(s->arena, from->address.raw);
		a->norm = arena_str(s->arena, from->address.norm);
		a->local = rebase(a->local, from->address.norm, a->norm);
		a->domain = rebase(a->domain, from->address.norm, a->norm);
		to->param.notify = arena_str(s->arena, from->param.notify);
		to->param.orcpt = arena_str(s->arena, from->param.orcpt);
		to->mailer = arena_str(s->arena, from->mailer);
		to->host = arena_str(s->arena, from->host);
	}
	if (arena_failed(s->arena)) {
		session_broken(s, SCOPE_MESSAGE);
		return;
	}
	*s->recipients_end = to;
	s->recipients_end = &to->next;
	s->last_rcpt = to;
}

static void
account(struct session *s, const struct decision *d)
{
	if (d->outcome == OUTCOME_REJECT || d->outcome == OUTCOME_DEFER ||
	    d->outcome == OUTCOME_DISCONNECT)
		s->rejects++;
	if (!is_positive(d->outcome))
		return;
	if (d->stage == STAGE_MAIL)
		s->messages++;
	else if (d->stage == STAGE_RCPT)
		recipient_accepted(s);
}

void
eval_stage(struct session *s, enum stage stage, const struct trace *trace,
    struct decision *decision_r)
{
	const struct kept *spoke = NULL;
	struct decision d = {
		.outcome = OUTCOME_PASS, .stage = stage, .decided = stage
	};

	s->stage = stage;
	if (s->silent != SCOPE_NONE)
		d.outcome = OUTCOME_SILENT;
	else if (s->broken != SCOPE_NONE)
		decide_broken(s, &d);
	else
		run(s, trace, &d);
	if (stage == STAGE_RCPT && d.outcome == OUTCOME_PASS)
		spoke = speak_late(s, &d);
	account(s, &d);
	if (s->broken != SCOPE_NONE && s->silent == SCOPE_NONE &&
	    is_positive(d.outcome) && d.reason.p == NULL)
		decide_broken(s, &d);
	if (trace != NULL)
		trace_end(s, trace, spoke, &d);
	*decision_r = d;
}
