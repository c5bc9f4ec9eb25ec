/*
 * explain_rules - the rules of a policy that can give a reply.
 *
 * A rule stands in the programs of its stages, where its reply has been
 * completed; what `on error` says is there for every stage.  The text of a
 * line is compared with that of a rule piece by piece: what stands between
 * the ${...} must be there, in order.
 */
#include "tools/explain_int.h"
#include "tools/rule_name.h"
#include "tools/wrap.h"

enum {
	TEXT_ROOM = 4096,
	INDENT = 6,
};

/* ---- does it fit -------------------------------------------------------- */

/* A log writes a blank for an end of line. */
static bool
same_octet(char a, char b)
{
	return a == b || ((a == '\n' || a == ' ') && (b == '\n' || b == ' '));
}

static bool
starts(struct str s, struct str with)
{
	if (s.n < with.n)
		return false;
	for (size_t i = 0; i < with.n; i++)
		if (!same_octet(s.p[i], with.p[i]))
			return false;
	return true;
}

/* Past `piece` in *rest, wherever it stands if `anywhere`. */
static bool
skip_piece(struct str *rest, struct str piece, bool anywhere)
{
	for (size_t i = 0; i + piece.n <= rest->n; i++) {
		if (starts(str_from(*rest, i), piece)) {
			*rest = str_from(*rest, i + piece.n);
			return true;
		}
		if (!anywhere)
			return false;
	}
	return false;
}

/* The MTA may add a footer behind the text. */
static bool
at_end(struct str rest, bool value_last)
{
	return value_last || rest.n == 0 || rest.p[0] == ' ' ||
	       rest.p[0] == '\n';
}

static bool
text_fits(const struct step *step, struct str text)
{
	const struct template *t = step->rule->text;
	struct str rest = text;
	bool value = false;

	if (t == NULL)
		return starts(text, step->text) &&
		       at_end(str_from(text, step->text.n), false);
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->pieces[i].expr != NULL) {
			value = true;
			continue;
		}
		if (!skip_piece(&rest, t->pieces[i].text, value))
			return false;
		value = false;
	}
	return at_end(rest, value);
}

static bool
xcode_fits(const struct explain_xcode *c, const char *xcode)
{
	struct explain_xcode have = explain_xcode_of(xcode);

	return (c->class == 0 || c->class == have.class) &&
	       c->subject == have.subject && c->detail == have.detail;
}

static bool
codes_fit(const struct explain_about *about, const struct reply *reply)
{
	char room[8];
	struct buf b = BUF_ON(room);

	switch (about->kind) {
	case EXPLAIN_CODE:
		return reply->code == about->code;
	case EXPLAIN_XCODE:
		return xcode_fits(&about->xcode, reply->xcode);
	case EXPLAIN_LINE:
		return (about->line->code == 0 ||
			   about->line->code == reply->code) &&
		       (about->line->xcode[0] == '\0' ||
			   strcmp(about->line->xcode, reply->xcode) == 0);
	case EXPLAIN_PREFIX:
		break;
	}
	buf_u64(&b, reply->code);
	return str_starts(buf_str(&b), about->prefix) ||
	       str_starts(str_c(reply->xcode), about->prefix);
}

/* ---- all rules ---------------------------------------------------------- */

struct search {
	const struct explain_about *about;
	struct explain_rule *found;
	size_t n;
};

static bool
says_something(const struct rule *rule)
{
	switch (rule->action) {
	case ACTION_REJECT:
	case ACTION_DEFER:
	case ACTION_DISCONNECT:
		return true;
	default: /* the others have no reply */
		return false;
	}
}

static void
look_at(
    struct search *s, const struct step *step, enum stage stage, bool on_error)
{
	bool named = s->about->kind == EXPLAIN_LINE &&
		     str_eq(s->about->line->rule, step->rule->name);
	struct explain_rule *r;

	if (!says_something(step->rule) ||
	    !(codes_fit(s->about, &step->reply) || named))
		return;
	for (size_t i = 0; i < s->n; i++) {
		r = &s->found[i];
		if (r->rule == step->rule &&
		    r->step->reply.code == step->reply.code &&
		    strcmp(r->step->reply.xcode, step->reply.xcode) == 0) {
			r->stages |= 1u << stage;
			return;
		}
	}
	r = &s->found[s->n++];
	r->rule = step->rule;
	r->step = step;
	r->stages = 1u << stage;
	r->on_error = on_error;
	r->text = s->about->kind == EXPLAIN_LINE &&
		  (named || (s->about->line->text.n > 0 &&
				text_fits(step, s->about->line->text)));
}

/* Those whose text fits first, and alone if there are any. */
static size_t
choose(struct explain_rule *found, size_t n)
{
	size_t fit = 0;

	for (size_t i = 0; i < n; i++)
		if (found[i].text)
			found[fit++] = found[i];
	return fit > 0 ? fit : n;
}

size_t
explain_rules(const struct explain *x, const struct explain_about *about,
    struct explain_rule **rules_r)
{
	struct search s = { .about = about };
	size_t most = STAGE_COUNT;

	for (unsigned stage = 0; stage < STAGE_COUNT; stage++)
		most += x->policy->program[stage].n;
	s.found = arena_xalloc(x->arena, most * sizeof(*s.found));
	for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
		const struct program *p = &x->policy->program[stage];

		for (uint32_t i = 0; i < p->n; i++)
			if (p->steps[i].rule != NULL)
				look_at(
				    &s, &p->steps[i], (enum stage)stage, false);
	}
	for (unsigned stage = 0; stage < STAGE_COUNT; stage++)
		look_at(
		    &s, &x->policy->on_error[stage], (enum stage)stage, true);
	*rules_r = s.found;
	return choose(s.found, s.n);
}

/* A further line is a \n in the policy. */
static void
put_piece(struct buf *out, struct str piece)
{
	for (size_t i = 0; i < piece.n; i++)
		if (piece.p[i] == '\n')
			buf_c(out, "\\n");
		else
			buf_char(out, piece.p[i]);
}

struct str
explain_rule_text(const struct explain *x, const struct step *step)
{
	const struct template *t = step->rule->text;
	struct buf b = { .cap = TEXT_ROOM };

	if (t == NULL)
		return step->text;
	b.p = arena_xalloc(x->arena, b.cap);
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->pieces[i].expr == NULL) {
			put_piece(&b, t->pieces[i].text);
			continue;
		}
		buf_c(&b, "${");
		buf_str_add(&b, t->pieces[i].expr->text);
		buf_char(&b, '}');
	}
	return buf_str(&b);
}

/* ---- the page ----------------------------------------------------------- */

static void
put_what(const struct explain *x, const struct explain_rule *r)
{
	const struct reply *reply = &r->step->reply;
	struct buf b = { .p = arena_xalloc(x->arena, TEXT_ROOM),
		.cap = TEXT_ROOM };

	if (r->on_error)
		buf_c(&b, "where a look-up fails");
	else {
		buf_printf(&b, "%s%s%s at ", r->rule->observe ? "observe " : "",
		    action_name(r->rule->action), r->rule->late ? " late" : "");
		explain_stages(r->stages, &b);
	}
	if (r->rule->late)
		buf_c(&b, ", spoken at rcpt");
	if (r->rule->observe)
		buf_c(&b, ", only logged");
	buf_c(&b, ":");
	(void)fprintf(x->out, "%*s%.*s\n", INDENT, "", STR_FMT(buf_str(&b)));
	b.n = 0;
	buf_printf(&b, "%u %s ", reply->code, reply->xcode);
	buf_safe(&b, explain_rule_text(x, r->step), 0);
	(void)fprintf(x->out, "%*s", INDENT, "");
	wrap_put(buf_str(&b), INDENT + 2, x->width - INDENT - 2, x->out);
}

static void
put_none(const struct explain *x, const struct explain_about *about)
{
	explain_text(
	    x, about->kind == EXPLAIN_LINE
		   ? "No rule gives these codes: the mail server says it by "
		     "itself, or another one did, or the policy was another "
		     "then."
		   : "No rule gives it.");
}

void
explain_rules_page(const struct explain *x, const struct explain_about *about)
{
	struct explain_rule *rules;
	size_t n = explain_rules(x, about, &rules);
	struct str directory = policy_directory(x->policy);
	struct str file = name_from(directory, x->policy->file);

	(void)fprintf(
	    x->out, "\nRules of %.*s that can say it\n", STR_FMT(file));
	if (n == 0) {
		put_none(x, about);
		return;
	}
	if (about->kind == EXPLAIN_LINE && !rules[0].text &&
	    about->line->text.n > 0)
		explain_text(x, "None has this text. With these codes:");
	for (size_t i = 0; i < n; i++) {
		(void)fputs("  ", x->out);
		if (rules[i].on_error && rules[i].rule->line == 0)
			(void)fputs(
			    "on error, as it is without a line", x->out);
		else
			rule_put(rules[i].rule, directory, x->out);
		(void)fputc('\n', x->out);
		put_what(x, &rules[i]);
	}
}
