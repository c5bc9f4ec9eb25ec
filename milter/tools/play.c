/*
 * play - walks through a transcript, one exchange at a time:
 *
 *     X: ... ─▶ control     C: ─▶ line ─▶ reply ─▶ compare with S: ...
 *
 * The parser has made sure that every C: line outside a message has its S:.
 * The first line that does not hold ends the walk: behind it, client and
 * server no longer talk about the same thing.
 */
#include "tools/play.h"

struct player {
	const struct peer *peer;
	FILE *show;
	const struct transcript_line *client;
	struct play_failure *failure;
};

/* ---- printing ----------------------------------------------------------- */

/* Control and 8-bit octets become '?', long lines are cut. */
static void
print_safe(FILE *out, struct str s)
{
	char room[PLAY_TEXT_MAX];
	struct buf b = BUF_ON(room);

	buf_safe(&b, s, sizeof room - 1);
	(void)fprintf(out, "%.*s%s\n", STR_FMT(buf_str(&b)),
	    s.n > sizeof room - 1 ? "..." : "");
}

static void
print_lines(FILE *out, const char *first, const char *next, struct str text)
{
	struct str line;

	while (str_split(&text, '\n', &line)) {
		(void)fputs(first, out);
		print_safe(out, line);
		first = next;
	}
}

static void
show_reply(const struct player *p, struct str text)
{
	if (p->show == NULL)
		return;
	if (text.p != NULL)
		print_lines(p->show, "S: ", "S: ", text);
	if (p->peer->remarks != NULL)
		p->peer->remarks(p->peer->ctx, p->show);
	(void)fflush(p->show);
}

/* ---- comparing ---------------------------------------------------------- */

bool
play_rule_is(struct str expected, struct str rule)
{
	if (rule.p == NULL)
		return expected.n == 0;
	/* FILE:LINE, with its directory. */
	return str_eq(expected, rule) ||
	       (str_ends(expected, rule) &&
		   str_rfind(expected, '/') == expected.n - rule.n - 1);
}

static bool
holds(struct player *p, const struct transcript_line *expected,
    const struct peer_reply *got)
{
	const struct transcript_line *failed = expected;
	const struct transcript_line *line = expected;

	p->failure->got = *got;
	p->failure->client = p->client;
	if (transcript_matches(expected, got->text, &failed)) {
		for (; line != NULL && line->kind == LINE_SERVER;
		     line = line->next)
			if (line->rule.p != NULL && got->knows_rule &&
			    !play_rule_is(line->rule, got->rule))
				break;
		if (line == NULL || line->kind != LINE_SERVER)
			return true;
		failed = line;
	}
	p->failure->expected = failed;
	p->failure->pos = failed->pos;
	return false;
}

/* ---- the walk ----------------------------------------------------------- */

/* The peer could not do what `line` asks for. */
static bool
could_not(struct player *p, const struct transcript_line *line)
{
	p->failure->expected = NULL;
	p->failure->client = p->client;
	p->failure->pos = line->pos;
	return false;
}

/* Sends one C: line; the S: lines behind it, if any, are compared. */
static bool
play_client(struct player *p, const struct transcript_line *line)
{
	const struct peer *peer = p->peer;
	struct peer_reply reply = { .text = STR_NONE };

	p->client = line;
	if (p->show != NULL) {
		(void)fputs("C: ", p->show);
		print_safe(p->show, line->text);
	}
	if (!peer->line(peer->ctx, line->text, !line->in_message, &reply,
		&p->failure->why))
		return could_not(p, line);
	if (line->in_message)
		return true;
	show_reply(p, reply.text);
	return holds(p, line->next, &reply);
}

static bool
play_greeting(struct player *p, const struct transcript_line *line)
{
	const struct peer *peer = p->peer;
	struct peer_reply reply = { .text = STR_NONE };

	if (!peer->greeting(peer->ctx, &reply, &p->failure->why))
		return could_not(p, line);
	show_reply(p, reply.text);
	return holds(p, line, &reply);
}

bool
play(const struct transcript *transcript, const struct peer *peer, FILE *show,
    struct play_failure *failure_r)
{
	struct player p = { .peer = peer, .show = show, .failure = failure_r };
	bool greeted = false;

	*failure_r = (struct play_failure){ .client = NULL };
	for (const struct transcript_line *line = transcript->first;
	     line != NULL; line = line->next) {
		bool good = true;

		if (line->kind == LINE_CLIENT)
			good = play_client(&p, line);
		else if (line->kind != LINE_SERVER)
			good =
			    peer->control(peer->ctx, line, &failure_r->why) ||
			    could_not(&p, line);
		else if (!greeted) {
			good = play_greeting(&p, line);
			greeted = true;
		}
		if (!good)
			return false;
	}
	return true;
}

/* ---- explaining --------------------------------------------------------- */

static void
explain_rule(const struct peer_reply *got, FILE *out)
{
	if (!got->knows_rule)
		return;
	(void)fputs("#   rule:     ", out);
	if (got->rule.p == NULL)
		(void)fputs("no rule had a verdict\n", out);
	else
		print_safe(out, got->rule);
}

static void
explain_expected(const struct transcript_line *line, FILE *out)
{
	char room[PLAY_TEXT_MAX];
	struct buf b = BUF_ON(room);

	buf_printf(&b, "%03u", line->code);
	if (line->text.n > 0) {
		buf_char(&b, ' ');
		buf_str_add(&b, line->text);
	}
	if (line->rule.p != NULL)
		buf_printf(&b, " {%.*s}", STR_FMT(line->rule));
	(void)fputs("#   expected: ", out);
	print_safe(out, buf_str(&b));
}

static bool
has_comment(struct str text)
{
	size_t at = str_find(text, '#');

	return at != STR_NOWHERE && (at == 0 || text.p[at - 1] == ' ');
}

void
play_explain(const struct play_failure *failure, FILE *out)
{
	const struct source *source = failure->pos.source;

	(void)fprintf(out, "# %.*s:%u: ", STR_FMT(source->name),
	    (unsigned)failure->pos.line);
	if (failure->expected == NULL) {
		print_safe(out, str_c(failure->why.text));
		return;
	}
	(void)fputs("the server answers otherwise\n", out);
	(void)fputs("#   client:   ", out);
	print_safe(out, failure->client == NULL ? STR("(connects)")
						: failure->client->text);
	explain_expected(failure->expected, out);
	if (failure->got.text.p == NULL)
		(void)fputs("#   got:      no reply\n", out);
	else
		print_lines(
		    out, "#   got:      ", "#             ", failure->got.text);
	explain_rule(&failure->got, out);
	if (has_comment(failure->expected->text))
		(void)fputs("# a comment stands on a line of its own: behind "
			    "S: it is part of what is expected\n",
		    out);
}
