/*
 * narrate - an evaluation in words:
 *
 *     # mail
 *     #   bad-sender (reject): false: sender.fault is present
 *     #       sender.fault=absent
 *     #   spoof (reject): true: sender.domain in ours and not trusted
 *     #       sender.domain=example.org trusted=false client.ip=203.0.113.9
 *     #   => rejected by spoof (portreeve.conf:31): 550 5.7.1 log in first
 *
 * The stage `message` is evaluated again as more of it comes in; where that
 * changes nothing, nothing is said.
 */
#include "tools/narrate.h"

#include "tools/rule_name.h"

void
narrate_begin(struct narrate *x)
{
	x->begun = false;
	x->quiet = false;
	x->late_spoke = false;
	x->told_silent = false;
	x->ended = NULL;
	x->waits = NULL;
	x->waits_for[0] = '\0';
}

/* ---- names -------------------------------------------------------------- */

static struct str
shortened(const struct narrate *x, struct str name)
{
	return name_from(x->directory, name);
}

static void
put_rule(const struct narrate *x, const struct rule *rule)
{
	rule_put(rule, x->directory, x->out);
}

static void
put_action(const struct narrate *x, const struct rule *rule)
{
	(void)fprintf(x->out, "(%s%s%s)", rule->observe ? "observe " : "",
	    action_name(rule->action), rule->late ? " late" : "");
}

static void
put_reply(const struct narrate *x, const struct reply *reply)
{
	char room[REPLY_LINE_MAX + 32];
	struct buf b = BUF_ON(room);

	if (reply->code == 0)
		return;
	reply_print(reply, &b);
	(void)fprintf(x->out, ": %.*s%s", STR_FMT(buf_str(&b)),
	    str_find(reply->text, '\n') == STR_NOWHERE ? "" : " ...");
}

/* ---- events ------------------------------------------------------------- */

/* The head of an evaluation, before its first line. */
static void
begin(struct narrate *x, enum stage stage)
{
	if (x->begun)
		return;
	(void)fprintf(x->out, "# %s\n", stage_name(stage));
	x->begun = true;
}

static const char *
truth_word(const struct trace_event *event)
{
	if (event->kind == TRACE_WAIT)
		return event->truth == TRUTH_TRUE
			   ? "true, but its text is not known yet"
			   : "not known yet";
	switch (event->truth) {
	case TRUTH_FALSE:
		return "false";
	case TRUTH_UNKNOWN:
		return "unknown";
	case TRUTH_TRUE:
		break;
	}
	return "true";
}

static void
put_step(struct narrate *x, const struct trace_event *event)
{
	(void)fputs("#   ", x->out);
	if (event->rule == NULL) {
		(void)fputs("when", x->out);
	} else {
		(void)fprintf(
		    x->out, "%.*s ", STR_FMT(shortened(x, event->rule->name)));
		put_action(x, event->rule);
	}
	if (event->test.n == 0)
		(void)fprintf(x->out, ": %s, always\n", truth_word(event));
	else
		(void)fprintf(x->out, ": %s: %.*s\n", truth_word(event),
		    STR_FMT(event->test));
	if (event->values.n > 0)
		(void)fprintf(x->out, "#       %.*s\n", STR_FMT(event->values));
}

/* True if the evaluation stopped right where the last one did. */
static bool
waits_again(struct narrate *x, const struct trace_event *event)
{
	bool again = !x->begun && x->waits == event->rule &&
		     x->waits_for[0] != '\0' &&
		     str_eq(str_c(x->waits_for), event->test);
	struct buf b = BUF_ON(x->waits_for);

	x->waits = event->rule;
	buf_str_add(&b, event->test);
	(void)buf_cstr(&b);
	return again;
}

static void
put_late(struct narrate *x, const struct trace_event *event)
{
	const char *how = event->truth == TRUTH_TRUE ? "speaks now"
			  : x->late_spoke
			      ? "does not speak: an earlier one does"
			      : "does not speak: this recipient has a verdict "
				"of its own";

	(void)fprintf(x->out, "#   kept from %s: ", stage_name(event->stage));
	put_rule(x, event->rule);
	(void)fprintf(x->out, " %s\n", how);
	x->late_spoke = x->late_spoke || event->truth == TRUTH_TRUE;
}

static void
put_silent(struct narrate *x, const struct trace_event *event)
{
	if (x->told_silent && x->stage == event->stage &&
	    event->stage == STAGE_MESSAGE) {
		x->quiet = true;
		return;
	}
	begin(x, event->stage);
	(void)fputs("#   no rule is tried", x->out);
	if (x->ended != NULL) {
		(void)fputs(", because of ", x->out);
		put_rule(x, x->ended);
		(void)fputc(' ', x->out);
		put_action(x, x->ended);
	}
	(void)fputc('\n', x->out);
	x->told_silent = true;
	x->stage = event->stage;
}

void
narrate_event(void *ctx, const struct trace_event *event)
{
	struct narrate *x = ctx;

	if (x->out == NULL)
		return;
	switch (event->kind) {
	case TRACE_WAIT:
		x->quiet = waits_again(x, event);
		if (x->quiet)
			break;
		/* fall through */
	case TRACE_RULE:
	case TRACE_WHEN:
		begin(x, event->stage);
		put_step(x, event);
		break;
	case TRACE_LATE:
		begin(x, STAGE_RCPT);
		put_late(x, event);
		break;
	case TRACE_SILENT:
		put_silent(x, event);
		break;
	}
}

/* ---- what came of it ---------------------------------------------------- */

static void
put_note(struct narrate *x, const struct note *note)
{
	if (note->kind == NOTE_EFFECT) /* the step told it */
		return;
	(void)fputs("#   => ", x->out);
	switch (note->kind) {
	case NOTE_WOULD:
		(void)fprintf(
		    x->out, "would %s, by ", action_name(note->rule->action));
		break;
	case NOTE_LOG:
		(void)fputs("logged by ", x->out);
		break;
	case NOTE_QUARANTINE:
		(void)fputs("quarantined by ", x->out);
		break;
	case NOTE_SKIPPED:
		(void)fputs("left out: ", x->out);
		break;
	case NOTE_EFFECT:
		break;
	}
	put_rule(x, note->rule);
	put_reply(x, &note->reply);
	if (note->text.p != NULL)
		(void)fprintf(x->out, ": %.*s", STR_FMT(note->text));
	(void)fputc('\n', x->out);
}

/* How far an accept reaches. */
static const char *
reach(const struct rule *rule)
{
	switch (rule->action) {
	case ACTION_ACCEPT_CONNECTION:
		return "; no rule is tried on this connection any more";
	case ACTION_ACCEPT_MESSAGE:
		return "; no rule is tried for this message any more";
	default:
		return "";
	}
}

static const char *
verdict(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ACCEPT:
		return "accepted by ";
	case OUTCOME_KEPT:
		return "kept until rcpt: ";
	case OUTCOME_REJECT:
		return "rejected by ";
	case OUTCOME_DEFER:
		return "deferred by ";
	case OUTCOME_DISCONNECT:
		return "disconnected by ";
	case OUTCOME_DISCARD:
		return "discarded by ";
	case OUTCOME_PASS:
	case OUTCOME_PENDING:
	case OUTCOME_SILENT:
		break;
	}
	return NULL;
}

static void
put_verdict(struct narrate *x, const struct decision *d)
{
	const char *how = verdict(d->outcome);

	if (how == NULL) {
		(void)fputs(d->outcome == OUTCOME_PENDING
				? "#   => more of the message must come first\n"
				: "#   => no rule has a verdict\n",
		    x->out);
		return;
	}
	(void)fprintf(x->out, "#   => %s", how);
	put_rule(x, d->rule);
	put_reply(x, &d->reply);
	if (d->outcome == OUTCOME_ACCEPT && d->rule != NULL)
		(void)fputs(reach(d->rule), x->out);
	(void)fputc('\n', x->out);
	if (d->reason.p != NULL)
		(void)fprintf(x->out, "#      as \"on error\" says: %.*s\n",
		    STR_FMT(d->reason));
}

void
narrate_decided(void *ctx, const struct decision *d)
{
	struct narrate *x = ctx;
	bool told = x->begun;

	if (d->rule != NULL &&
	    (d->outcome == OUTCOME_DISCARD ||
		(d->outcome == OUTCOME_ACCEPT && reach(d->rule)[0] != '\0')))
		x->ended = d->rule;
	if (d->stage != STAGE_MESSAGE)
		x->told_silent = false;
	if (d->outcome != OUTCOME_PENDING)
		x->waits_for[0] = '\0';
	if (x->out != NULL && !x->quiet && d->outcome != OUTCOME_SILENT) {
		/* Where no rule stood there is nothing to say. */
		told = told || d->rule != NULL || d->notes != NULL;
		if (told)
			begin(x, d->stage);
		for (const struct note *n = d->notes; n != NULL; n = n->next)
			put_note(x, n);
		if (told)
			put_verdict(x, d);
	}
	x->begun = false;
	x->quiet = false;
	x->late_spoke = false;
}
