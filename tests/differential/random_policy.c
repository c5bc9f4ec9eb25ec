/*
 * random_policy - policies that load, directed by the grammar.
 *
 * Every name that is used is defined at the top, whether or not a policy
 * needs it.
 */
#include "random_cond.h"

static const char *const stage_words[] = { "connect", "helo", "mail", "rcpt",
	"data", "message", "unknown" };

/* What a let may read: lets of even number can be used everywhere, those of
 * odd number from mail on. */
enum {
	LETS = 6
};

/* ---- rules --------------------------------------------------------------- */

static void
put_text(struct maker *m)
{
	enum fact fact = known_fact(m);

	buf_printf(m->out, " \"no %u", m->labels);
	if (often(m->c, 40))
		buf_printf(m->out, " ${%.*s}", STR_FMT(fact_rows[fact].name));
	buf_c(m->out, "\"");
}

/* Whether all of the stages are among those. */
static bool
only(const struct maker *m, unsigned stages)
{
	return (m->stages & ~stages) == 0;
}

static void
put_refusal(struct maker *m)
{
	const unsigned early =
	    1u << STAGE_CONNECT | 1u << STAGE_HELO | 1u << STAGE_MAIL;
	static const char *const words[] = { "reject", "reject", "defer",
		"disconnect" };
	const char *word = ONE_OF(m->c, words);

	buf_c(m->out, often(m->c, 30) ? "observe " : "");
	buf_c(m->out, word);
	if (word[1] != 'i' && only(m, early) && often(m->c, 30))
		buf_c(m->out, " late");
	if (often(m->c, 40))
		put_text(m);
}

static void
put_effect(struct maker *m, bool message)
{
	switch (below(m->c, message ? 4 : 3)) {
	case 0:
		buf_printf(m->out, "tag t%u", below(m->c, 4));
		break;
	case 1:
		buf_printf(m->out, "score %d", (int)below(m->c, 5) - 1);
		break;
	case 2:
		buf_c(m->out, "log");
		put_text(m);
		break;
	default:
		buf_c(m->out, "add header \"X-A\"");
		put_text(m);
		break;
	}
}

static void
put_action(struct maker *m)
{
	const bool message =
	    only(m, 1u << STAGE_MAIL | 1u << STAGE_RCPT | 1u << STAGE_DATA |
			1u << STAGE_MESSAGE);
	unsigned what = below(m->c, 100);

	if (what < 60)
		put_effect(m, message);
	else if (what < 84)
		put_refusal(m);
	else if (what < 91 || !message)
		buf_c(m->out, what == 99 ? "accept connection" : "accept");
	else if (what < 94)
		buf_c(m->out, "quarantine \"held\"");
	else if (what < 97)
		buf_c(m->out, "accept message");
	else
		buf_c(m->out, "observe discard");
}

static void
put_rule(struct maker *m)
{
	if (often(m->c, 70))
		buf_printf(m->out, "r%u: ", m->labels++);
	put_action(m);
	if (often(m->c, 95)) {
		buf_c(m->out, often(m->c, 85) ? " if " : " unless ");
		put_cond(m, below(m->c, DEPTH_MOST));
	}
	buf_char(m->out, '\n');
}

/* Rules on one fact, each on a value of its own. */
static void
put_heads(struct maker *m)
{
	enum fact fact = known_fact(m);

	for (unsigned i = 2 + below(m->c, 12); i > 0; i--) {
		buf_printf(m->out, "r%u: ", m->labels++);
		put_action(m);
		buf_c(m->out, " if ");
		test_fact(m, fact);
		if (often(m->c, 30)) {
			buf_c(m->out, " and ");
			put_leaf(m);
		}
		buf_char(m->out, '\n');
	}
}

static void put_rules(struct maker *m, unsigned depth);

static void
put_when(struct maker *m, unsigned depth)
{
	buf_c(m->out, "when ");
	put_cond(m, below(m->c, DEPTH_MOST));
	buf_c(m->out, " {\n");
	put_rules(m, depth - 1);
	buf_c(m->out, "}\n");
	while (often(m->c, 20)) {
		buf_c(m->out, "else when ");
		put_cond(m, below(m->c, DEPTH_MOST));
		buf_c(m->out, " {\n");
		put_rules(m, depth - 1);
		buf_c(m->out, "}\n");
	}
	if (!often(m->c, 30))
		return;
	buf_c(m->out, "else {\n");
	put_rules(m, depth - 1);
	buf_c(m->out, "}\n");
}

static void
put_rules(struct maker *m, unsigned depth)
{
	for (unsigned i = 1 + below(m->c, 4); i > 0; i--) {
		if (depth > 0 && often(m->c, 25))
			put_when(m, depth);
		else if (often(m->c, 15))
			put_heads(m);
		else
			put_rule(m);
	}
}

static void
put_block(struct maker *m)
{
	static const unsigned several[] = { 1u << STAGE_CONNECT |
						1u << STAGE_HELO,
		1u << STAGE_MAIL | 1u << STAGE_MESSAGE,
		1u << STAGE_RCPT | 1u << STAGE_DATA | 1u << STAGE_MESSAGE,
		1u << STAGE_HELO | 1u << STAGE_UNKNOWN };
	const char *comma = "";

	m->stages = often(m->c, 15) ? ONE_OF(m->c, several)
				    : 1u << below(m->c, STAGE_COUNT);
	buf_c(m->out, "on ");
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		if ((m->stages >> i & 1) == 0)
			continue;
		buf_printf(m->out, "%s%s", comma, stage_words[i]);
		comma = ", ";
	}
	buf_c(m->out, " {\n");
	put_rules(m, DEPTH_MOST);
	buf_c(m->out, "}\n");
}

/* ---- definitions --------------------------------------------------------- */

static void
put_list(struct maker *m, const char *kind, const char *name, put_item *item)
{
	buf_printf(m->out, "%s %s = ", kind, name);
	put_set(m, item);
	buf_char(m->out, '\n');
}

static void
put_definitions(struct maker *m)
{
	put_list(m, "networks", "n1", put_network);
	put_list(m, "networks", "n2", put_network);
	put_list(m, "domains", "d1", put_domain_item);
	put_list(m, "domains", "d2", put_domain_item);
	put_list(m, "addresses", "a1", put_address_item);
	put_list(m, "addresses", "a2", put_address_item);
	put_list(m, "words", "w1", put_quoted);
	put_list(m, "words", "w2", put_quoted);
	put_list(m, "patterns", "p1", put_regex);
	put_list(m, "patterns", "p2", put_regex);
	buf_c(m->out, "map most = { a.example 100 .b.example 700 } "
		      "default 300\n"
		      "map ml of addresses = { 192.0.2.0/24 "
		      "\"joe@a.example, @b.example\" 2001:db8::/32 \"ann@\" }\n"
		      "on connect { tag t0 if client.port == 1  tag t1 if "
		      "client.port == 2  tag t2 if client.port == 3\n"
		      "tag t3 if client.port == 4 }\n");
	m->let = true;
	for (m->lets = 0; m->lets < LETS; m->lets++) {
		m->stages =
		    m->lets % 2 == 0 ? 1u << STAGE_CONNECT : 1u << STAGE_MAIL;
		buf_printf(m->out, "let let-%u = ", m->lets);
		put_cond(m, DEPTH_MOST);
		buf_char(m->out, '\n');
	}
	m->let = false;
}

void
random_policy(struct chance *c, struct buf *out)
{
	struct maker m = { .c = c, .out = out };

	if (often(c, 20))
		buf_c(out, often(c, 50) ? "on error accept\n"
					: "on error reject 554 5.3.0\n");
	if (often(c, 3))
		buf_c(out, "observe all\n");
	put_definitions(&m);
	for (unsigned i = 1 + below(c, 7); i > 0; i--)
		put_block(&m);
}
