/*
 * random_cond - conditions and entries of lists, directed by the grammar.
 *
 * A condition reads only what the stages around it know.
 */
#include "random_cond.h"

/* ---- values ------------------------------------------------------------- */

void
put_network(struct maker *m)
{
	static const char *const words[] = { "192.0.2.0/24", "192.0.2.64/26",
		"192.0.2.1", "198.51.100.0/28", "0.0.0.0/0", "2001:db8::/32",
		"2001:db8::1", "2001:db8::/63", "10.0.0.0/9", "::/0",
		"203.0.113.4/31" };

	buf_c(m->out, ONE_OF(m->c, words));
}

void
put_domain_item(struct maker *m)
{
	const char *word = random_domain(m->c);

	while (*word == '[')
		word = random_domain(m->c);
	buf_printf(m->out, "%s%s", often(m->c, 40) ? "." : "", word);
}

static const char *
plain_domain(struct maker *m)
{
	const char *word = random_domain(m->c);

	while (*word == '[')
		word = random_domain(m->c);
	return word;
}

void
put_address_item(struct maker *m)
{
	switch (below(m->c, 4)) {
	case 0:
		buf_printf(m->out, "@%s", plain_domain(m));
		break;
	case 1:
		buf_printf(m->out, "@.%s", plain_domain(m));
		break;
	case 2:
		buf_printf(m->out, "%s@", random_local(m->c));
		break;
	default:
		buf_printf(
		    m->out, "%s@%s", random_local(m->c), plain_domain(m));
		break;
	}
}

void
put_regex(struct maker *m)
{
	static const char *const words[] = { "/joe/", "/^joe/i",
		"/\\.example$/", "/^(dsl|dyn)[0-9.-]/", "/[a-c]\\.example/i",
		"/alpha|beta/i", "/viagra\\s+now/", "/x?y?z?/", "/^a+$/",
		"/(?i)ALPHA/", "/al (?:ph) a/x", "/\\Qa.b\\E/", "/(?!joe)..n/",
		"/(sub\\.)?a\\.example/", "/a{20}/", "/^.$/", "/\\x61\\.ex/",
		"/o(?=e)/", "/pills|now|OK/", "/ann|joe|list-owner/" };

	buf_c(m->out, ONE_OF(m->c, words));
}

void
put_quoted(struct maker *m)
{
	buf_printf(m->out, "\"%s\"", random_word(m->c));
}

void
put_set(struct maker *m, put_item *item)
{
	buf_c(m->out, "{ ");
	for (unsigned i = 1 + below(m->c, 4); i > 0; i--) {
		item(m);
		buf_char(m->out, ' ');
	}
	buf_char(m->out, '}');
}

static void
put_number(struct maker *m)
{
	buf_printf(m->out, "%u", below(m->c, 8) * 200 / (1 + below(m->c, 200)));
}

static bool
all_know(unsigned stages, enum stage from)
{
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if ((stages >> i & 1) != 0 && !stage_knows((enum stage)i, from))
			return false;
	return true;
}

/* ---- tests of a value ---------------------------------------------------- */

static const char *
in(struct maker *m)
{
	return often(m->c, 25) ? "not in" : "in";
}

static const char *
equals(struct maker *m)
{
	return often(m->c, 25) ? "!=" : "==";
}

static void
put_matches(struct maker *m)
{
	buf_c(m->out, often(m->c, 20) ? "not matches " : "matches ");
	put_regex(m);
}

/* What texts of every type have: a regex, one of n lists, a set of items. */
static void
test_text(struct maker *m, unsigned what, const char *const *lists, unsigned n,
    put_item *item)
{
	switch (what) {
	case 1:
		put_matches(m);
		break;
	case 2:
		buf_printf(m->out, "%s %s", in(m), lists[below(m->c, n)]);
		break;
	default:
		buf_printf(m->out, "%s ", in(m));
		put_set(m, item);
		break;
	}
}

static void
test_domain(struct maker *m)
{
	static const char *const lists[] = { "d1", "d2", "w1", "p1" };
	static const char *const kinds[] = { "absent", "present", "ip", "fqdn",
		"not literal", "ascii" };
	unsigned what = below(m->c, 6);

	if (what == 0)
		buf_printf(m->out, "is %s", ONE_OF(m->c, kinds));
	else if (what < 4)
		test_text(m, what, lists, COUNT(lists), put_domain_item);
	else
		buf_printf(m->out, "%s \"%s\"", equals(m), plain_domain(m));
}

static void
test_address(struct maker *m)
{
	static const char *const lists[] = { "a1", "a2", "d1", "d2", "p1",
		"ml[client.ip]" };
	static const char *const kinds[] = { "null", "not valid", "literal",
		"not fqdn" };
	unsigned what = below(m->c, 6);

	if (what == 0)
		buf_printf(m->out, "is %s", ONE_OF(m->c, kinds));
	else if (what < 4)
		test_text(m, what, lists, COUNT(lists), put_address_item);
	else
		buf_printf(m->out, "%s \"%s@%s\"", equals(m),
		    random_local(m->c), plain_domain(m));
}

static void
test_string(struct maker *m)
{
	static const char *const lists[] = { "w1", "w2", "p1", "p2", "d1" };
	unsigned what = below(m->c, 6);

	if (what == 0)
		buf_c(m->out, often(m->c, 50) ? "is absent" : "is present");
	else if (what < 4)
		test_text(m, what, lists, COUNT(lists), put_quoted);
	else {
		buf_printf(m->out, "%s ", equals(m));
		put_quoted(m);
	}
}

static void
test_ip(struct maker *m)
{
	switch (below(m->c, 5)) {
	case 0:
		buf_c(m->out, often(m->c, 50) ? "is absent" : "is present");
		break;
	case 1:
		buf_printf(
		    m->out, "%s %s", in(m), often(m->c, 50) ? "n1" : "n2");
		break;
	case 2:
		buf_printf(m->out, "%s ", in(m));
		put_set(m, put_network);
		break;
	case 3:
		buf_printf(m->out, "%s %s", equals(m), random_ip(m->c));
		break;
	default:
		buf_printf(m->out, "%s ", in(m));
		put_network(m);
		break;
	}
}

/* What the size is compared with comes from a map where there is a sender. */
static void
put_bound(struct maker *m, enum type type)
{
	if (type == T_CLOCK)
		buf_c(m->out, often(m->c, 50) ? "09:00" : "22:30");
	else if (type == T_DATE)
		buf_c(m->out, "2026-11-23");
	else if (type == T_SIZE && often(m->c, 20) &&
		 all_know(m->stages, STAGE_MAIL))
		buf_c(m->out, "most[sender.domain]");
	else
		put_number(m);
	buf_c(m->out, type == T_DURATION ? "s" : "");
}

static void
test_number(struct maker *m, enum type type)
{
	static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=" };

	buf_printf(m->out, "%s ", ONE_OF(m->c, ops));
	put_bound(m, type);
}

static void
put_test(struct maker *m, enum type type)
{
	switch (type) {
	case T_DOMAIN:
		test_domain(m);
		break;
	case T_ADDRESS:
		test_address(m);
		break;
	case T_STRING:
		test_string(m);
		break;
	case T_IP:
		test_ip(m);
		break;
	case T_NONE:
	case T_BOOL:
	case T_COUNT:
		break;
	case T_NUMBER:
	case T_SIZE:
	case T_DURATION:
	case T_CLOCK:
	case T_DATE:
		test_number(m, type);
		break;
	}
}

/* ---- conditions ---------------------------------------------------------- */

/* Those that rules look at most: a policy has runs of them. */
static enum fact
common_fact(struct maker *m)
{
	static const enum fact facts[] = { FACT_CLIENT_IP, FACT_CLIENT_NAME,
		FACT_HELO, FACT_SENDER, FACT_SENDER_DOMAIN, FACT_SENDER_LOCAL,
		FACT_RCPT, FACT_RCPT_DOMAIN, FACT_CLIENT_PTR,
		FACT_MESSAGE_SIZE };

	return ONE_OF(m->c, facts);
}

enum fact
known_fact(struct maker *m)
{
	for (;;) {
		enum fact fact = often(m->c, 70)
				     ? common_fact(m)
				     : (enum fact)below(m->c, FACT_COUNT);
		if (all_know(m->stages, fact_rows[fact].stage) &&
		    (fact_rows[fact].flags & F_ELEMENT) == 0)
			return fact;
	}
}

void
test_fact(struct maker *m, enum fact fact)
{
	buf_printf(m->out, "%.*s ", STR_FMT(fact_rows[fact].name));
	put_test(m, fact_rows[fact].type);
}

static void
test_header(struct maker *m)
{
	static const char *const heads[] = { "header(\"Subject\") ",
		"header(\"From\") ", "header(\"X-Spam\") ",
		"header-raw(\"Subject\") " };

	switch (below(m->c, 4)) {
	case 0:
		buf_c(m->out, "header(\"Subject\").count ");
		test_number(m, T_NUMBER);
		break;
	case 1:
		buf_c(m->out, often(m->c, 70) ? "any " : "all ");
		buf_c(m->out, "header(\"X-Spam\") ");
		test_string(m);
		break;
	default:
		buf_c(m->out, ONE_OF(m->c, heads));
		test_string(m);
		break;
	}
}

static void
test_recipients(struct maker *m)
{
	buf_c(m->out, often(m->c, 70) ? "any recipient" : "all recipient");
	switch (below(m->c, 3)) {
	case 0:
		buf_c(m->out, ".domain ");
		test_domain(m);
		break;
	case 1:
		buf_c(m->out, " ");
		test_address(m);
		break;
	default:
		buf_c(m->out, " (recipient.domain ");
		test_domain(m);
		buf_c(m->out, " and sender.domain ");
		test_domain(m);
		buf_c(m->out, ")");
		break;
	}
}

static void
test_state(struct maker *m)
{
	if (often(m->c, 60))
		buf_printf(m->out, "tagged t%u", below(m->c, 4));
	else
		buf_printf(m->out, "score %s %u",
		    often(m->c, 50) ? ">" : "<=", below(m->c, 6));
}

static bool
test_let(struct maker *m)
{
	unsigned let;

	if (m->lets == 0)
		return false;
	let = below(m->c, m->lets);
	if (let % 2 == 1 && !all_know(m->stages, STAGE_MAIL))
		return false;
	buf_printf(m->out, "let-%u", let);
	return true;
}

void
put_leaf(struct maker *m)
{
	unsigned what = below(m->c, 20);

	if (what < 3 && test_let(m))
		return;
	if (what == 3 || (m->let && what < 6))
		test_state(m);
	else if (what == 4 && all_know(m->stages, STAGE_RCPT))
		test_recipients(m);
	else if (what < 9 && m->stages == 1u << STAGE_MESSAGE)
		test_header(m);
	else if (what == 9)
		buf_printf(m->out, "macro(\"x\") %s \"mx\"", equals(m));
	else
		test_fact(m, known_fact(m));
}

void
put_cond(struct maker *m, unsigned depth)
{
	const char *op;

	if (depth == 0 || often(m->c, 40)) {
		put_leaf(m);
		return;
	}
	if (often(m->c, 15)) {
		buf_c(m->out, "not (");
		put_cond(m, depth - 1);
		buf_c(m->out, ")");
		return;
	}
	op = often(m->c, 60) ? " and " : " or ";
	buf_c(m->out, "(");
	for (unsigned i = 1 + below(m->c, 3); i > 0; i--) {
		put_cond(m, depth - 1);
		buf_c(m->out, op);
	}
	put_cond(m, depth - 1);
	buf_c(m->out, ")");
}
