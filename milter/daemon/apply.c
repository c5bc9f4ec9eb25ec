/*
 * apply - decisions as libmilter's calls.
 *
 * libmilter keeps a reply until a status of its class uses it up, so a reply
 * is set right before such a status is returned, and nowhere else.  Every
 * reply has an enhanced code of its own class: Postfix takes a text that
 * begins with another digit for a malformed reply and drops the milter.
 */
#include "daemon/apply.h"

#include <stdlib.h>

enum {
	/* libmilter's MAXREPLYLEN, once every '%' is doubled */
	LINE_MAX_OCTETS = 980,
};

/* ---- replies ------------------------------------------------------------ */

/* The lines as C strings in one block, '%' doubled (MTAs take the text for a
 * format), NULL behind the last. */
static bool
lines_make(struct str text, char *lines[REPLY_LINES_MAX + 1], char **block_r)
{
	struct str rest = text.n > 0 ? text : STR("-");
	struct str line;
	size_t n = 0;
	char *p = malloc(2 * rest.n + REPLY_LINES_MAX + 1);

	*block_r = p;
	if (p == NULL)
		return false;
	while (n < REPLY_LINES_MAX && str_split(&rest, '\n', &line)) {
		char *begin = p;
		lines[n++] = begin;
		for (size_t i = 0; i < line.n; i++) {
			if (p - begin > LINE_MAX_OCTETS - 2)
				break;
			if (line.p[i] == '%')
				*p++ = '%';
			*p++ = line.p[i];
		}
		*p++ = '\0';
	}
	while (n <= REPLY_LINES_MAX)
		lines[n++] = NULL;
	return true;
}

static bool
reply_send(SMFICTX *ctx, const char *code, const char *xcode,
    char *l[REPLY_LINES_MAX + 1])
{
	return smfi_setmlreply(ctx, code, xcode, l[0], l[1], l[2], l[3], l[4],
		   l[5], l[6], l[7], l[8], l[9], l[10], l[11], l[12], l[13],
		   l[14], l[15], l[16], l[17], l[18], l[19], l[20], l[21],
		   l[22], l[23], l[24], l[25], l[26], l[27], l[28], l[29],
		   l[30], l[31], (char *)NULL) == MI_SUCCESS;
}

/*
 * Sets the reply of a refusal of class `want` (4 or 5).  If that fails the
 * MTA says its own words for the same status, so no verdict is lost.
 */
static bool
reply_set(
    SMFICTX *ctx, const struct reply *reply, enum stage stage, unsigned want)
{
	char code[4];
	char *lines[REPLY_LINES_MAX + 1];
	char *block;
	const char *xcode = reply->xcode;
	bool ok;

	if (reply->code / 100 != want)
		return false;
	code[0] = (char)('0' + want);
	code[1] = (char)('0' + reply->code / 10 % 10);
	code[2] = (char)('0' + reply->code % 10);
	code[3] = '\0';
	if (xcode[0] != code[0])
		xcode = reply_usual_xcode(reply->code, stage);
	if (!lines_make(reply->text, lines, &block))
		return false;
	ok = reply_send(ctx, code, xcode, lines);
	free(block);
	return ok;
}

static void
reply_set_or_log(struct conn *conn, const struct decision *d, unsigned want)
{
	if (!reply_set(conn->ctx, &d->reply, d->stage, want))
		log_event(conn->run->log, LEVEL_ERROR,
		    "session %.*s: libmilter did not take the reply of rule "
		    "%.*s, the mail server words its own",
		    STR_FMT(session_id(conn->session)),
		    STR_FMT(d->rule != NULL ? d->rule->name : STR("-")));
}

/* ---- status ------------------------------------------------------------- */

sfsistat
apply_pass(const struct conn *conn, unsigned long nr)
{
	return (conn->steps & nr) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/*
 * ACCEPT ends the events of the whole connection, so only then; and not
 * while the log wants a line for each of its messages.  Every narrower
 * `accept` is CONTINUE: the session keeps account.
 */
static bool
may_leave(const struct conn *conn, const struct decision *d)
{
	return d->rule != NULL && d->rule->action == ACTION_ACCEPT_CONNECTION &&
	       (d->stage == STAGE_CONNECT || d->stage == STAGE_HELO) &&
	       !log_wants_pass(conn->run->log);
}

sfsistat
apply_decision(struct conn *conn, const struct decision *d, unsigned long nr)
{
	if ((conn->steps & nr) != 0)
		return SMFIS_NOREPLY;
	switch (d->outcome) {
	case OUTCOME_PASS:
	case OUTCOME_KEPT:
	case OUTCOME_PENDING:
	case OUTCOME_SILENT:
		break;
	case OUTCOME_ACCEPT:
		return may_leave(conn, d) ? SMFIS_ACCEPT : SMFIS_CONTINUE;
	case OUTCOME_REJECT:
		reply_set_or_log(conn, d, 5);
		return SMFIS_REJECT;
	case OUTCOME_DEFER:
	case OUTCOME_DISCONNECT: /* 421: the MTA hangs up */
		reply_set_or_log(conn, d, 4);
		return SMFIS_TEMPFAIL;
	case OUTCOME_DISCARD:
		return SMFIS_DISCARD;
	}
	return SMFIS_CONTINUE;
}

static sfsistat
apply_error(SMFICTX *ctx, const struct policy *policy, enum stage stage)
{
	const struct step *step = &policy->on_error[stage];
	struct reply reply = step->reply;
	bool reject = reply.code / 100 == 5;

	if (!policy_refuses_on_error(policy))
		return SMFIS_CONTINUE;
	reply.text = step->text;
	(void)reply_set(ctx, &reply, stage, reject ? 5 : 4);
	return reject ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

sfsistat
apply_broken(SMFICTX *ctx, enum stage stage)
{
	struct running *run = running_take();
	sfsistat status;

	if (run == NULL)
		return SMFIS_TEMPFAIL; /* ending: try again later */
	log_event(run->log, LEVEL_ERROR,
	    "out of memory at %s: the verdict for errors was given",
	    stage_name(stage));
	status = apply_error(ctx, run->policy, stage);
	running_release(run);
	return status;
}

/* ---- the end of a message ----------------------------------------------- */

/* A C string with room for it; NULL when memory is out. */
static char *
c_string(struct str s)
{
	char *copy = malloc(s.n + 1);

	if (copy == NULL)
		return NULL;
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

static bool
header_add(SMFICTX *ctx, const struct added_header *h)
{
	char *name = c_string(h->name);
	char *value = c_string(h->value);
	bool ok = name != NULL && value != NULL &&
		  smfi_addheader(ctx, name, value) == MI_SUCCESS;

	free(name);
	free(value);
	return ok;
}

static bool
quarantine(SMFICTX *ctx, struct str reason)
{
	char *text = c_string(reason.n > 0 ? reason : STR("by policy"));
	bool ok = text != NULL && smfi_quarantine(ctx, text) == MI_SUCCESS;

	free(text);
	return ok;
}

sfsistat
apply_message(struct conn *conn)
{
	struct session *s = conn->session;
	const struct added_header *h = session_added_headers(s);
	struct str reason = session_quarantine(s);

	for (; h != NULL; h = h->next)
		if (!header_add(conn->ctx, h))
			log_event(conn->run->log, LEVEL_WARNING,
			    "session %.*s: the mail server does not take the "
			    "header %.*s",
			    STR_FMT(session_id(s)), STR_FMT(h->name));
	if (str_is_none(reason) || quarantine(conn->ctx, reason))
		return SMFIS_CONTINUE;
	log_event(conn->run->log, LEVEL_ERROR,
	    "session %.*s: the mail server does not quarantine; the verdict "
	    "for errors was given",
	    STR_FMT(session_id(s)));
	return apply_error(conn->ctx, conn->run->policy, STAGE_MESSAGE);
}
