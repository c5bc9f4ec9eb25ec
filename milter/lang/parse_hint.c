/*
 * parse_hint - what people write who come from other languages, and near
 * misses.
 */
#include "base/buf.h"
#include "lang/names.h"
#include "lang/parse_int.h"
#include "lang/word.h"

static const struct {
	const char *word;
	unsigned places;
	const char *hint;
} hints[] = {
	/* verdicts and effects */
	{ "deny", HINT_TOP | HINT_RULE, "write reject" },
	{ "drop", HINT_TOP | HINT_RULE,
	    "write reject, or disconnect, or discard" },
	{ "block", HINT_TOP | HINT_RULE, "write reject" },
	{ "refuse", HINT_TOP | HINT_RULE, "write reject" },
	{ "bounce", HINT_TOP | HINT_RULE, "write reject" },
	{ "permit", HINT_TOP | HINT_RULE, "write accept" },
	{ "allow", HINT_TOP | HINT_RULE, "write accept" },
	{ "pass", HINT_TOP | HINT_RULE, "write accept" },
	{ "ok", HINT_TOP | HINT_RULE, "write accept" },
	{ "whitelist", HINT_TOP | HINT_RULE, "write accept" },
	{ "blacklist", HINT_TOP | HINT_RULE, "write reject" },
	{ "continue", HINT_RULE,
	    "leave it out: the next rule is tried when a rule does not match" },
	{ "next", HINT_RULE,
	    "leave it out: the next rule is tried when a rule does not match" },
	{ "dunno", HINT_TOP | HINT_RULE,
	    "leave it out: the next rule is tried when a rule does not match" },
	{ "tempfail", HINT_TOP | HINT_RULE, "write defer" },
	{ "hold", HINT_TOP | HINT_RULE, "write quarantine \"reason\"" },
	{ "close", HINT_RULE, "write disconnect" },
	{ "hangup", HINT_RULE, "write disconnect" },
	{ "addheader", HINT_RULE, "write add header \"Name\" \"value\"" },
	{ "prepend", HINT_RULE, "write add header \"Name\" \"value\"" },
	{ "add-header", HINT_RULE, "write add header \"Name\" \"value\"" },
	{ "header", HINT_RULE, "write add header \"Name\" \"value\"" },
	{ "warn-if-reject", HINT_RULE, "write observe before the verdict" },
	{ "warn", HINT_RULE,
	    "write log \"text\", or observe before a verdict" },
	{ "dry-run", HINT_RULE, "write observe before the verdict" },
	{ "dryrun", HINT_RULE, "write observe before the verdict" },
	{ "keep", HINT_RULE, "write accept" },
	{ "late", HINT_RULE, "write reject late or defer late" },
	{ "set", HINT_RULE, "write tag NAME" },
	{ "on-error", HINT_TOP, "write on error" },
	{ "reject-*", HINT_TOP | HINT_RULE,
	    "restrictions of Postfix stand in main.cf; here write reject if "
	    "CONDITION" },
	{ "permit-*", HINT_TOP | HINT_RULE,
	    "restrictions of Postfix stand in main.cf; here write accept if "
	    "CONDITION" },
	{ "check-*", HINT_TOP | HINT_RULE,
	    "restrictions of Postfix stand in main.cf; here write ACTION if "
	    "CONDITION" },
	{ "smtpd-*", HINT_TOP | HINT_RULE,
	    "settings of Postfix stand in main.cf" },
	{ "milter-*", HINT_TOP | HINT_RULE,
	    "settings of Postfix stand in main.cf" },
	/* structure */
	{ "connect", HINT_TOP, "write on connect { ... }" },
	{ "helo", HINT_TOP, "write on helo { ... }" },
	{ "mail", HINT_TOP, "write on mail { ... }" },
	{ "rcpt", HINT_TOP, "write on rcpt { ... }" },
	{ "data", HINT_TOP, "write on data { ... }" },
	{ "message", HINT_TOP, "write on message { ... }" },
	{ "unknown", HINT_TOP, "write on unknown { ... }" },
	{ "envfrom", HINT_TOP, "write on mail { ... }" },
	{ "envrcpt", HINT_TOP, "write on rcpt { ... }" },
	{ "def", HINT_TOP, "write let NAME = CONDITION" },
	{ "require", HINT_TOP, "leave it out: all of the language is there" },
	{ "import", HINT_TOP, "write include \"path\"" },
	{ "if", HINT_TOP,
	    "the condition follows the action: write on STAGE { ACTION if "
	    "CONDITION }" },
	{ "elif", HINT_RULE, "write else when" },
	{ "elsif", HINT_RULE, "write else when" },
	{ "elseif", HINT_RULE, "write else when" },
	{ "endif", HINT_TOP | HINT_RULE, "a block ends with }" },
	{ "end", HINT_TOP | HINT_RULE, "a block ends with }" },
	{ "fi", HINT_TOP | HINT_RULE, "a block ends with }" },
	{ "then", HINT_RULE | HINT_TEST,
	    "the action stands first and its condition "
	    "behind it, ACTION if CONDITION; or write when CONDITION { ... }" },
	{ "do", HINT_TEST,
	    "the action stands first and its condition "
	    "behind it, ACTION if CONDITION" },
	{ "switch", HINT_RULE, "write one rule for each case" },
	{ "case", HINT_RULE, "write one rule for each case" },
	{ "return", HINT_RULE,
	    "a verdict (accept, reject, ...) ends the stage" },
	{ "stop", HINT_RULE, "a verdict (accept, reject, ...) ends the stage" },
	{ "set", HINT_TOP, "write let NAME = CONDITION" },
	{ "define", HINT_TOP, "write let NAME = CONDITION" },
	{ "var", HINT_TOP, "write let NAME = CONDITION" },
	{ "macro", HINT_TOP, "write let NAME = CONDITION" },
	{ "acl", HINT_TOP, "write let NAME = CONDITION" },
	{ "list", HINT_TOP,
	    "a list says its kind: networks, domains, addresses, words or "
	    "patterns" },
	{ "table", HINT_TOP,
	    "write map, or a list: networks, domains, addresses, words, "
	    "patterns" },
	{ "socket", HINT_TOP, "write listen \"unix:/path\"" },
	{ "syslog", HINT_TOP, "write log syslog" },
	{ "pidfile", HINT_TOP, "there is no pid file to set" },
	/* stages */
	{ "ehlo", HINT_STAGE, "write helo, for EHLO too" },
	{ "envfrom", HINT_STAGE, "write mail" },
	{ "mailfrom", HINT_STAGE, "write mail" },
	{ "from", HINT_STAGE, "write mail" },
	{ "sender", HINT_STAGE, "write mail" },
	{ "envrcpt", HINT_STAGE, "write rcpt" },
	{ "rcptto", HINT_STAGE, "write rcpt" },
	{ "to", HINT_STAGE, "write rcpt" },
	{ "recipient", HINT_STAGE, "write rcpt" },
	{ "header", HINT_STAGE,
	    "rules about headers stand in message, which has their reply" },
	{ "headers", HINT_STAGE,
	    "rules about headers stand in message, which has their reply" },
	{ "body", HINT_STAGE,
	    "rules about the content stand in message, which has its reply" },
	{ "eoh", HINT_STAGE, "write message" },
	{ "eom", HINT_STAGE, "write message" },
	{ "eod", HINT_STAGE, "write message" },
	/* behind a value */
	{ "contains", HINT_TEST, "write matches /.../" },
	{ "like", HINT_TEST, "write matches /.../" },
	{ "match", HINT_TEST, "write matches /.../" },
	{ "regex", HINT_TEST, "write matches /.../" },
	{ "regexp", HINT_TEST, "write matches /.../" },
	{ "begins", HINT_TEST, "write matches /^.../" },
	{ "starts", HINT_TEST, "write matches /^.../" },
	{ "ends", HINT_TEST, "write matches /...$/" },
	{ "startswith", HINT_TEST, "write matches /^.../" },
	{ "starts-with", HINT_TEST, "write matches /^.../" },
	{ "endswith", HINT_TEST,
	    "write matches /...$/, or for domains in { .example.org }" },
	{ "ends-with", HINT_TEST,
	    "write matches /...$/, or for domains in { .example.org }" },
	{ "between", HINT_TEST, "write FACT >= A and FACT <= B" },
	{ "equals", HINT_TEST, "write ==" },
	{ "eq", HINT_TEST, "write ==" },
	{ "ne", HINT_TEST, "write !=" },
	{ "lt", HINT_TEST, "write <" },
	{ "le", HINT_TEST, "write <=" },
	{ "gt", HINT_TEST, "write >" },
	{ "ge", HINT_TEST, "write >=" },
	{ "isnt", HINT_TEST, "write is not" },
	{ "isn", HINT_TEST, "write is not" },
	{ "has", HINT_TEST, "write is present, or in NAME for a list" },
	{ "exists", HINT_TEST, "write is present" },
	{ "xor", HINT_TEST, "write a and not b or b and not a" },
	{ "mod", HINT_TEST, "there are only + - and *" },
	{ "but", HINT_TEST, "write and" },
	/* where a value stands */
	{ "if", HINT_VALUE, "leave it out" },
	{ "exists", HINT_VALUE, "write FACT is present" },
	{ "defined", HINT_VALUE, "write FACT is present" },
	{ "no", HINT_VALUE, "write not" },
	{ "every", HINT_VALUE, "write all" },
	{ "each", HINT_VALUE, "write all" },
	{ "some", HINT_VALUE, "write any" },
	/* functions and methods, by the last part of their name */
	{ "anyof", HINT_CALL, "join conditions with or" },
	{ "allof", HINT_CALL, "join conditions with and" },
	{ "len", HINT_CALL,
	    "counts are recipients.count, headers.count and "
	    "header(\"Name\").count" },
	{ "count", HINT_CALL,
	    "counts are recipients.count, headers.count and "
	    "header(\"Name\").count" },
	{ "lower", HINT_CALL, "comparisons ignore case; leave it out" },
	{ "upper", HINT_CALL, "comparisons ignore case; leave it out" },
	{ "tolower", HINT_CALL, "comparisons ignore case; leave it out" },
	{ "lc", HINT_CALL, "comparisons ignore case; leave it out" },
	{ "startswith", HINT_CALL, "write matches /^.../" },
	{ "endswith", HINT_CALL,
	    "write matches /...$/, or for domains in { .example.org }" },
	{ "contains", HINT_CALL, "write matches /.../" },
	{ "match", HINT_CALL, "write matches /.../" },
	{ "matches", HINT_CALL, "write VALUE matches /.../" },
	{ "regex", HINT_CALL, "write VALUE matches /.../" },
	{ "search", HINT_CALL, "write VALUE matches /.../" },
	{ "exists", HINT_CALL, "write VALUE is present" },
	{ "defined", HINT_CALL, "write VALUE is present" },
	{ "subject", HINT_CALL, "write header(\"Subject\")" },
	/* behind is */
	{ "none", HINT_KIND, "write is absent" },
	{ "nil", HINT_KIND, "write is absent" },
	{ "empty", HINT_KIND, "write is absent, or == \"\"" },
	{ "missing", HINT_KIND, "write is absent" },
	{ "unset", HINT_KIND, "write is absent" },
	{ "undefined", HINT_KIND, "write is absent" },
	{ "unknown", HINT_KIND, "write is absent" },
	{ "set", HINT_KIND, "write is present" },
	{ "defined", HINT_KIND, "write is present" },
	{ "known", HINT_KIND, "write is present" },
	{ "true", HINT_KIND, "write the fact alone, it is a condition" },
	{ "false", HINT_KIND, "write not before the fact" },
	{ "in", HINT_KIND, "write in without is" },
	{ "equal", HINT_KIND, "write ==" },
	{ "invalid", HINT_KIND, "write is not valid" },
	{ "ipv4", HINT_KIND, "write is ip, or in { 0.0.0.0/0 }" },
	{ "ipv6", HINT_KIND, "write is ip, or in { ::/0 }" },
};

/* "reject-*" stands for all that begin so. */
static bool
is_hinted(struct str word, struct str hinted)
{
	if (!str_ends(hinted, STR("*")))
		return str_eq(word, hinted);
	return str_starts(word, str_sub(hinted, 0, hinted.n - 1));
}

const char *
parse_hint(struct str word, enum hint_place place)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if ((hints[i].places & (unsigned)place) != 0 &&
		    is_hinted(word, str_c(hints[i].word)))
			return hints[i].hint;
	return NULL;
}

struct str
parse_near(struct str word, const char *const *names)
{
	struct str near = STR_NONE;
	int most = word.n < 5 ? 1 : NAMES_NEAR;

	for (size_t i = 0; names[i] != NULL; i++)
		if (name_is_near(word, str_c(names[i]), &most))
			near = str_c(names[i]);
	return near;
}

/* "a, b, c" */
static const char *
enumerate(const char *const *names, struct buf *out)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		if (i > 0)
			buf_c(out, ", ");
		buf_c(out, names[i]);
	}
	return buf_cstr(out);
}

void
parse_unknown_word(struct parser *p, const char *what, enum hint_place place,
    const char *const *names)
{
	struct str word = p->tok.str;
	struct str shown = str_sub(p->tok.text, 0, 60);
	const char *hint = parse_hint(word, place);
	struct str near = parse_near(word, names);
	char all[WHY_MAX];
	struct buf out = BUF_ON(all);

	if (hint != NULL)
		parse_fail(p, p->tok.pos, "unknown %s \"%.*s\"; %s", what,
		    STR_FMT(shown), hint);
	else if (word_is_reserved(word))
		parse_fail(p, p->tok.pos,
		    "\"%.*s\" is kept for a later version of the language; "
		    "this one does not know it",
		    STR_FMT(shown));
	else if (!str_is_none(near))
		parse_fail(p, p->tok.pos,
		    "unknown %s \"%.*s\"; did you mean %.*s?", what,
		    STR_FMT(shown), STR_FMT(near));
	else
		parse_fail(p, p->tok.pos, "unknown %s \"%.*s\"; there are: %s",
		    what, STR_FMT(shown), enumerate(names, &out));
}
