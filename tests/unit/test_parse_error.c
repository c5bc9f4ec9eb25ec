/*
 * Unit tests of lang/parse: faulty texts, the first message about each, and
 * how many there are: one fault is told once.
 */
#include "lang/parse.h"

#include <check.h>
#include <stdlib.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct arena *arena;
static struct sources sources;
static struct diags diags;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	ck_assert_ptr_nonnull(arena);
	sources_init(&sources, arena);
	diags_init(&diags, arena);
}

static void
teardown(void)
{
	arena_free(arena);
}

static const struct ast *
parse(const char *text)
{
	return parse_policy(&sources,
	    source_text(&sources, STR("t"), str_c(text)), arena, &diags);
}

static const char *
shown(const struct diag *d)
{
	if (d == NULL)
		return "nothing";
	return arena_cstr(arena, arena_printf(arena, "%u:%u: %.*s", d->pos.line,
				     d->pos.col, STR_FMT(d->text)));
}

static const struct {
	const char *in;
	const char *first;
	size_t errors;
} faults[] = {
	{ "lisen \"unix:/x\"",
	    "1:1: unknown statement \"lisen\"; did you mean listen?", 1 },
	{ "Log stderr",
	    "1:1: names and keywords have small letters, digits and \"-\"; "
	    "write log",
	    1 },
	{ "LET a = b",
	    "1:1: names and keywords have small letters, digits and \"-\"; "
	    "write let",
	    1 },
	{ "listen unix:/x",
	    "1:8: expected a socket in double quotes (listen "
	    "\"unix:/run/portreeve.sock\"), not the label unix:",
	    1 },
	{ "listen \"unix:/${x}\"",
	    "1:15: ${...} has no place here; a dollar is written $$", 1 },
	{ "listen \"unix:/x\" mode 0990",
	    "1:23: \"0990\" is no mode; write it in octal, 0600 to 0777, such "
	    "as mode 0660",
	    1 },
	{ "listen \"unix:/x\" mode",
	    "1:22: expected an octal mode, such as 0660, not the end of the "
	    "file",
	    1 },
	{ "listen \"unix:/x\" made 0660",
	    "1:18: unknown part of listen \"made\"; did you mean mode?", 1 },
	{ "listen \"unix:/x\" group a group b", "1:26: group a second time",
	    1 },
	{ "user \"a b\"", "1:6: \"a b\" is no name of an account or group", 1 },
	{ "user\nlog stderr",
	    "1:5: expected the name of an account, not \"log\"", 1 },
	{ "log",
	    "1:4: expected syslog, journal, stderr, file or json behind log, "
	    "not the end of the file",
	    1 },
	{ "log mail",
	    "1:5: unknown log target \"mail\"; there are: syslog, stderr, "
	    "file, journal, json",
	    1 },
	{ "log json journal",
	    "1:10: the journal has fields, not JSON; write log journal", 1 },
	{ "log json mail",
	    "1:10: unknown log target behind json \"mail\"; there are: syslog, "
	    "stderr, file",
	    1 },
	{ "log syslog mial",
	    "1:12: unknown syslog facility \"mial\"; did you mean mail?", 1 },
	{ "log syslog kern",
	    "1:12: unknown syslog facility \"kern\"; there are: auth authpriv "
	    "cron daemon ftp lpr mail news syslog user uucp local0 to local7",
	    1 },
	{ "log \"text\"",
	    "1:1: log \"text\" is a rule, and a rule stands in a block; out "
	    "here write log syslog, log stderr or log file \"path\"",
	    1 },
	{ "log file",
	    "1:9: expected a path in double quotes (log file "
	    "\"/var/log/portreeve.log\"), not the end of the file",
	    1 },
	{ "observe",
	    "1:8: expected all behind observe, not the end of the file", 1 },
	{ "observe reject",
	    "1:1: a rule stands in a block; write on STAGE { ... } around it "
	    "(or observe all, to enforce nothing)",
	    1 },
	{ "on error discard",
	    "1:10: expected accept, defer or reject behind on error, not "
	    "\"discard\"",
	    1 },
	{ "on error",
	    "1:9: expected accept, defer or reject behind on error, not the "
	    "end of the file",
	    1 },
	{ "on error defer late",
	    "1:16: on error speaks where the error is; leave late out", 1 },
	{ "on error accept message",
	    "1:10: on error accept is for one reply; leave message or "
	    "connection out",
	    1 },
	{ "on error defer if x",
	    "1:16: on error has no condition; it holds for every rule", 1 },
	{ "timezone Europe/Berlin",
	    "1:10: expected a time zone in double quotes (timezone "
	    "\"Europe/Berlin\"), not \"Europe\"",
	    1 },
	{ "timezone 'UTC'", "1:10: a text stands in double quotes", 1 },
	{ "log stderr;\nlet a = b;\nlet c = d;",
	    "1:11: statements need no \";\" at their end; leave it out", 1 },
	{ "set a = b",
	    "1:1: unknown statement \"set\"; write let NAME = CONDITION", 1 },
	{ "include conf.d",
	    "1:9: expected a path in double quotes (include "
	    "\"conf.d/*.conf\"), not \"conf.d\"",
	    1 },
	{ "reject if x",
	    "1:1: a rule stands in a block; write on STAGE { ... } around it, "
	    "STAGE being one of connect, helo, mail, rcpt, data, message, "
	    "unknown",
	    1 },
	{ "}",
	    "1:1: this } closes nothing; delete it, or look for one too many "
	    "above",
	    1 },
	{ "reject\naccept\nlet a = b",
	    "1:1: a rule stands in a block; write on STAGE { ... } around it, "
	    "STAGE being one of connect, helo, mail, rcpt, data, message, "
	    "unknown",
	    1 },
	{ "foo",
	    "1:1: unknown statement \"foo\"; there are: addresses, control, "
	    "domains, drain, group, include, let, listen, log, map, metrics, "
	    "networks, "
	    "observe, on, patterns, timezone, user, watch, words",
	    1 },
	{ "42",
	    "1:1: expected a setting, a definition or a block (on STAGE { ... "
	    "}), not \"42\"",
	    1 },
	{ "networks a { 192.0.2.1 }",
	    "1:12: write = between the name and what it stands for", 1 },
	{ "networks a == { }", "1:12: write = to define; == compares", 1 },
	{ "networks a: { }", "1:10: write = instead of \":\" behind the name",
	    1 },
	{ "networks = { }", "1:10: expected a name for the list, not \"=\"",
	    1 },
	{ "networks a.b = { }", "1:10: a name has no dots; those are for facts",
	    1 },
	{ "networks reject = { }",
	    "1:10: \"reject\" is a keyword of the language; choose another "
	    "name",
	    1 },
	{ "networks limit = { }",
	    "1:10: \"limit\" is reserved for a later version of the language; "
	    "choose another name",
	    1 },
	{ "networks a = 192.0.2.0/24",
	    "1:14: items stand in braces, such as { 192.0.2.0/24 2001:db8::/32 "
	    "}",
	    1 },
	{ "networks a = \"file\"",
	    "1:14: a file is named by: file \"file\"; an item stands in "
	    "braces: { \"file\" }",
	    1 },
	{ "networks a = { 192.0.2.0/24",
	    "1:14: this set is not closed; write } behind its last item", 1 },
	{ "networks a = { x\nlet b = c\nlet d = e",
	    "1:14: this set is not closed; write } behind its last item", 1 },
	{ "words a = b, c", "1:12: the parts of a list are joined by +", 1 },
	{ "words a = { b } { c }", "1:17: the parts of a list are joined by +",
	    1 },
	{ "words a = file b",
	    "1:16: expected a path in double quotes (file \"vips\"), not \"b\"",
	    1 },
	{ "words a = file \"\"", "1:16: the path is empty", 1 },
	{ "words a = mail",
	    "1:11: \"mail\" cannot be a list's name; items stand in braces, "
	    "such as { one two }",
	    1 },
	{ "words a = { b; c }",
	    "1:14: between items stands white space or a comma; quote the item "
	    "if the \";\" is its own",
	    1 },
	{ "words a = { \"b\" \"c }",
	    "1:17: this text is not closed; write \" at its end (a \"\\\" "
	    "before the line end goes on in the next line)",
	    1 },
	{ "words a = { , b }", "1:13: before this comma an item is missing",
	    1 },
	{ "words a = { \"x y\"@z }",
	    "1:13: put the whole item in quotes, with \\\" for a quote inside "
	    "it: \"\\\"a b\\\"@example.org\"",
	    1 },
	{ "words a = { b,#c\n}",
	    "1:15: a comment begins behind white space; write a space before "
	    "\"#\", or quote the item",
	    1 },
	{ "addresses a = { x@y.example \"z }\nlet b = c",
	    "1:29: this text is not closed; write \" at its end (a \"\\\" "
	    "before the line end goes on in the next line)",
	    1 },
	{ "patterns a = { ^foo }",
	    "1:16: a pattern is a regex between slashes; write /^foo/", 1 },
	{ "patterns a = { /foo }",
	    "1:16: this regex is not closed; write / at its end (only with the "
	    "flag x it may go on in the next line)",
	    1 },
	{ "patterns a = { /foo/g }",
	    "1:21: unknown flag \"g\"; there are i (ignore case) and x "
	    "(extended), and a slash in a regex is written \\/",
	    1 },
	{ "patterns a = { /a/b/ }",
	    "1:19: unknown flag \"b\"; there are i (ignore case) and x "
	    "(extended), and a slash in a regex is written \\/",
	    1 },
	{ "patterns a = { /x/\nlet b = c",
	    "1:14: this set is not closed; write } behind its last item", 1 },
	{ "map a = { b }", "1:11: the key b has no value behind it", 1 },
	{ "map a = { b: 1 }",
	    "1:11: key and value stand side by side, without \":\"", 1 },
	{ "map a = { b = 1 }",
	    "1:13: key and value stand side by side, without \"=\"", 1 },
	{ "map a = { b 1 c }", "1:15: the key c has no value behind it", 1 },
	{ "map a = b",
	    "1:9: expected { key value ... } or file \"path\", not \"b\"", 1 },
	{ "map a of foo = { }",
	    "1:10: unknown kind of list \"foo\"; there are: networks, domains, "
	    "addresses, words, patterns",
	    1 },
	{ "map a of = { }",
	    "1:10: expected a kind of list behind of, such as addresses, not "
	    "\"=\"",
	    1 },
	{ "map a = { } default b",
	    "1:21: a default is a number, a size, a duration or a text in "
	    "double quotes; write default \"b\"",
	    1 },
	{ "map a = { } default",
	    "1:20: expected a value behind default, such as 25M or \"text\", "
	    "not the end of the file",
	    1 },
	{ "let a", "1:6: expected = behind the name, not the end of the file",
	    1 },
	{ "let a =",
	    "1:8: expected a value or a condition, not the end of the file",
	    1 },
	{ "let a = b c",
	    "1:11: expected a test (==, in, ...), and, or, or the next "
	    "statement, not \"c\"",
	    1 },
	{ "let a = b = c", "1:11: write == to compare", 1 },
	{ "let a = b == c == d",
	    "1:16: tests do not chain; join two of them with and", 1 },
	{ "let a = b < c < d",
	    "1:15: tests do not chain; join two of them with and", 1 },
	{ "let a = (b or c",
	    "1:16: expected a test, and, or, or ), not the end of the file",
	    1 },
	{ "let a = (b\nor c\nlet d = e",
	    "2:5: expected a test, and, or, or the ) of the ( in line 1, not "
	    "\"let\"",
	    1 },
	{ "let a = b)", "1:10: this ) closes nothing", 1 },
	{ "let a = b && c || !d", "1:11: write and instead of &&", 3 },
	{ "let a = b AND c",
	    "1:11: names and keywords have small letters, digits and \"-\"; "
	    "write and",
	    1 },
	{ "let a = b =~ /x/ and c !~ /y/", "1:11: write matches /.../", 2 },
	{ "let a = b contains \"c\"",
	    "1:11: there is no \"contains\"; write matches /.../", 1 },
	{ "let a = b eq \"c\"", "1:11: there is no \"eq\"; write ==", 1 },
	{ "let a = b not c",
	    "1:15: expected in or matches behind not, not \"c\"", 1 },
	{ "let a = b not == c", "1:15: write != for not ==", 1 },
	{ "let a = b is \"c\"",
	    "1:14: behind is stands a kind (absent, valid, ...); to compare "
	    "write == \"c\"",
	    1 },
	{ "let a = b is nulll",
	    "1:14: unknown kind \"nulll\"; did you mean null?", 1 },
	{ "let a = b is empty",
	    "1:14: unknown kind \"empty\"; write is absent, or == \"\"", 1 },
	{ "let a = b is",
	    "1:13: expected a kind behind is: absent, present, null, valid, "
	    "ip, literal, fqdn or ascii, not the end of the file",
	    1 },
	{ "let a = b in \"c\"",
	    "1:14: in looks into a set: write in { \"c\" }, or == \"c\"", 1 },
	{ "let a = b in (c d)",
	    "1:14: a set stands in braces, its items apart by white space: { a "
	    "b }",
	    1 },
	{ "let a = b in [c d]",
	    "1:14: a set stands in braces, its items apart by white space: { a "
	    "b }",
	    1 },
	{ "let a = b in file \"c\"",
	    "1:14: a file is read into a list: write words NAME = file \"...\" "
	    "outside of blocks (or another kind), and here in NAME",
	    1 },
	{ "let a = b in",
	    "1:13: expected a list's name or a set { ... } behind in, not the "
	    "end of the file",
	    1 },
	{ "let a = b in { /x/i }",
	    "1:16: a regex stands behind matches or in a patterns list (quote "
	    "it, if it is a text)",
	    1 },
	{ "let a = b matches \"x\"",
	    "1:19: a regex stands between slashes instead of quotes: /x/", 1 },
	{ "let a = b matches c",
	    "1:19: a regex stands behind matches; for a patterns list write in "
	    "c",
	    1 },
	{ "let a = b matches",
	    "1:18: expected a regex behind matches, such as /^mail[0-9]/i, not "
	    "the end of the file",
	    1 },
	{ "let a = b matches /x",
	    "1:19: this regex is not closed; write / at its end (only with the "
	    "flag x it may go on in the next line)",
	    1 },
	{ "let a = b == /x/",
	    "1:14: a regex stands only behind matches and in a patterns list",
	    1 },
	{ "let a = b == x@y.example",
	    "1:14: an address stands in double quotes; write \"x@y.example\"",
	    1 },
	{ "let a = b == 'c'", "1:14: a text stands in double quotes", 1 },
	{ "let a = b == .example.org",
	    "1:14: a domain stands in double quotes, such as \".example.org\"",
	    1 },
	{ "let a = b == <>", "1:14: for the null sender write: sender is null",
	    1 },
	{ "let a = b is <>", "1:14: for the null sender write is null", 1 },
	{ "let a = b == {c}", "1:14: a set stands behind in: VALUE in { ... }",
	    1 },
	{ "let a = b+c > 1", "1:10: write white space on both sides of \"+\"",
	    1 },
	{ "let a = b -c > 1", "1:11: write white space on both sides of \"-\"",
	    1 },
	{ "let a = b / c > 1", "1:11: there is no division; only + - and *",
	    1 },
	{ "let a = b > 25MB", "1:13: unknown unit \"MB\"; write 25M", 1 },
	{ "let a = b > 25 M",
	    "1:16: write number and unit without white space: 25M", 1 },
	{ "let a = b > 25 mb",
	    "1:16: write number and unit without white space: 25M", 1 },
	{ "let a = b > 1.5M",
	    "1:13: numbers are whole; write a smaller unit, such as 1536K for "
	    "1.5M",
	    1 },
	{ "let a = b > 5min", "1:13: unknown unit \"min\"; write 5m", 1 },
	{ "let a = b > 2w",
	    "1:13: unknown unit \"w\"; count weeks in days, such as 7d", 1 },
	{ "let a = b > 10b",
	    "1:13: a plain number counts octets; leave \"b\" out", 1 },
	{ "let a = b >= 9:00", "1:14: a time of day is hh:mm; write 09:00", 1 },
	{ "let a = b >= 25:00",
	    "1:14: 25:00 is no time of day; write 00:00 to 23:59", 1 },
	{ "let a = b >= 22:0", "1:14: a time of day is hh:mm, such as 22:00",
	    1 },
	{ "let a = b == 2026-2-1",
	    "1:14: a date is yyyy-mm-dd, such as 2026-12-24", 1 },
	{ "let a = b == 2026-02-30", "1:14: there is no day 2026-02-30", 1 },
	{ "let a = b > 99999999999999999999",
	    "1:13: 99999999999999999999 is too large", 1 },
	{ "let a = b > 0x10",
	    "1:13: 0x10 is no number, and a name begins with a letter; a text "
	    "stands in double quotes",
	    1 },
	{ "let a = b == 1.2.3",
	    "1:14: 1.2.3 is no value; an IPv4 address has four parts", 1 },
	{ "let a = True",
	    "1:9: there is no \"True\"; write the condition alone, without "
	    "== true; one that always holds is left out",
	    1 },
	{ "let a = Client_Address in b",
	    "1:9: there is no \"Client_Address\"; write client.ip", 1 },
	{ "let a = every b == 1", "1:9: \"every\" is no value; write all", 1 },
	{ "let a = b listed c",
	    "1:11: \"listed\" is kept for a later version of the language; "
	    "this one does not know it",
	    1 },
	{ "let a = if b", "1:9: \"if\" is no value; leave it out", 1 },
	{ "let a = reject",
	    "1:9: expected a value or a condition, not \"reject\"", 1 },
	{ "let a = spf is valid",
	    "1:9: \"spf\" is kept for a later version of the language; this "
	    "one does not know it",
	    1 },
	{ "let a = not",
	    "1:12: expected a value or a condition, not the end of the file",
	    1 },
	{ "let a = header(Subject) is absent",
	    "1:16: expected a name in double quotes: header(\"Name\"), not "
	    "\"Subject\"",
	    1 },
	{ "let a = header \"Subject\" is absent",
	    "1:16: expected header(\"Name\"), not the text \"Subject\"", 1 },
	{ "let a = header(\"Subject\").size > 3",
	    "1:27: expected count behind the dot: header(\"Subject\").count, "
	    "not \"size\"",
	    1 },
	{ "let a = header(\"From\").address in b",
	    "1:24: .address is kept for a later version of the language; this "
	    "one does not know it",
	    1 },
	{ "let a = header(\"\") is absent", "1:16: the name is empty", 1 },
	{ "let a = header-raw(\"X\").count > 1",
	    "1:25: header-raw has nothing behind it; for the count write "
	    "header(\"X\").count",
	    1 },
	{ "let a = len(b) > 3",
	    "1:9: there is no len(...); counts are recipients.count, "
	    "headers.count and header(\"Name\").count",
	    1 },
	{ "let a = b.endswith(\"c\")",
	    "1:9: there is no b.endswith(...); write matches /...$/, or for "
	    "domains in { .example.org }",
	    1 },
	{ "let a = b(c) > 3",
	    "1:9: there is no b(...); there are header(\"Name\"), "
	    "header-raw(\"Name\") and macro(\"name\"), and a map is looked up "
	    "by NAME[KEY]",
	    1 },
	{ "let a = any b in c",
	    "1:13: expected recipient or header(\"Name\") behind any, not "
	    "\"b\"",
	    1 },
	{ "let a = any recipient",
	    "1:22: expected a test such as ==, in, matches or is, not the end "
	    "of the file",
	    1 },
	{ "let a = any recipient.domain (b)",
	    "1:30: expected a test such as ==, in, matches or is, not \"(\"",
	    1 },
	{ "let a = any header(\"X\").count > 3",
	    "1:13: there is one count for all values; leave any out", 1 },
	{ "let a = every recipient in b",
	    "1:9: \"every\" is no value; write all", 1 },
	{ "let a = tagged \"x\"",
	    "1:16: a tag is a name without quotes, such as tagged nameless",
	    1 },
	{ "let a = tagged reject",
	    "1:16: expected the name of a tag behind tagged, not \"reject\"",
	    1 },
	{ "let a = m[b == 3",
	    "1:13: expected ] behind the key of the map, not \"==\"", 1 },
	{ "let a = b == \"x",
	    "1:14: this text is not closed; write \" at its end (a \"\\\" "
	    "before the line end goes on in the next line)",
	    1 },
	{ "let a = b == \"x ${c\"",
	    "1:17: this ${ is not closed; write } behind its expression (and "
	    "$$ for a plain dollar)",
	    1 },
	{ "let a = b == \"x ${header(\\\"X\\\")}\"",
	    "1:26: quotes inside ${...} belong to the expression; write \" "
	    "without \"\\\"",
	    1 },
	{ "let a = b == \"${}\"",
	    "1:17: expected a value or a condition, not the end of the "
	    "expression",
	    1 },
	{ "let a = b == \"${c in d}\"",
	    "1:19: expected } behind the value (a text shows values, not "
	    "conditions), not \"in\"",
	    1 },
	{ "let a = b == \"$c\"",
	    "1:15: a dollar is written $$, and a value ${name}", 1 },
	{ "let a = b == \"5 $\"",
	    "1:17: a dollar is written $$, and a value ${name}", 1 },
	{ "let a = b == \"\\d\"",
	    "1:15: \\d means nothing; there are \\\" \\\\ \\n and \\t, and a "
	    "backslash is written \\\\",
	    1 },
	{ "let a = b#c",
	    "1:10: a comment begins at the start of a line or behind white "
	    "space; write a space before \"#\"",
	    1 },
	{ "let a = b // c", "1:11: a comment begins with \"#\"", 1 },
	{ "let a = b ? c",
	    "1:11: there is no \"?\"; write a rule for each case", 1 },
	{ "let a = $b",
	    "1:9: a value is named without \"$\" here; ${...} is for texts in "
	    "double quotes",
	    1 },
	{ "let a = b == \xe2\x80\x9c"
	  "c\xe2\x80\x9d",
	    "1:14: a typographic quote; write \"", 1 },
	{ "let a = b then",
	    "1:11: there is no \"then\"; the action stands first and its "
	    "condition behind it, ACTION if CONDITION; or write when CONDITION "
	    "{ ... }",
	    1 },
	{ "on conect { }",
	    "1:4: unknown stage \"conect\"; did you mean connect?", 1 },
	{ "on Connect { }",
	    "1:4: names and keywords have small letters, digits and \"-\"; "
	    "write connect",
	    1 },
	{ "on ehlo { }",
	    "1:4: unknown stage \"ehlo\"; write helo, for EHLO too", 1 },
	{ "on header { }",
	    "1:4: unknown stage \"header\"; rules about headers stand in "
	    "message, which has their reply",
	    1 },
	{ "on mail rcpt { }", "1:9: between stages stands a comma", 1 },
	{ "on mail and rcpt { }", "1:9: between stages stands a comma", 1 },
	{ "on mail, mail { }", "1:10: mail stands here twice", 1 },
	{ "on mail: { }",
	    "1:4: a stage has no \":\" behind it; its rules stand in { ... }",
	    1 },
	{ "on mail: accept",
	    "1:4: a stage has no \":\" behind it; its rules stand in { ... }",
	    1 },
	{ "map limit = { a 1 }\nlet a = limit[b] > limit[c]",
	    "1:5: \"limit\" is reserved for a later version of the "
	    "language; choose another name",
	    1 },
	{ "log: syslog", "1:1: write log without \":\"", 1 },
	{ "smtpd_banner = x",
	    "1:1: unknown statement \"smtpd_banner\"; settings of Postfix "
	    "stand in main.cf",
	    1 },
	{ "on mail { reject \"for \" + rcpt }",
	    "1:25: a value stands in the text itself: \"for ${rcpt}\"", 1 },
	{ "on { accept }",
	    "1:4: expected a stage: connect, helo, mail, rcpt, data, message "
	    "or unknown, not \"{\"",
	    1 },
	{ "on mail accept", "1:9: expected { behind the stages, not \"accept\"",
	    1 },
	{ "on mail",
	    "1:8: expected { behind the stages, not the end of the file", 1 },
	{ "on mail {", "1:9: this block is not closed; write } at its end", 1 },
	{ "on mail { accept\non rcpt { accept }",
	    "2:1: expected } to close the block of line 1, not \"on\"", 1 },
	{ "on mail {\n\twhen a {\n\t\taccept\n}\non rcpt { }",
	    "1:9: this block is not closed; write } at its end", 1 },
	{ "on mail {\n\treject if a in { b\n}\non rcpt { }",
	    "1:9: this block is not closed; write } at its end", 1 },
	{ "on mail { let a = b }",
	    "1:11: let stands outside of blocks; write it behind the } of this "
	    "one",
	    1 },
	{ "on mail { log syslog }",
	    "1:11: log stands outside of blocks; write it behind the } of this "
	    "one",
	    1 },
	{ "on mail { rejct }",
	    "1:11: unknown rule \"rejct\"; did you mean reject?", 1 },
	{ "on mail { REJECT IF a }",
	    "1:11: names and keywords have small letters, digits and \"-\"; "
	    "write reject",
	    2 },
	{ "on mail { deny }", "1:11: unknown rule \"deny\"; write reject", 1 },
	{ "on mail { greylist }",
	    "1:11: \"greylist\" is kept for a later version of the language; "
	    "this one does not know it",
	    1 },
	{ "on mail { frobnicate }",
	    "1:11: unknown rule \"frobnicate\"; there are: accept, add, defer, "
	    "discard, disconnect, log, quarantine, reject, score, tag, "
	    "observe, when",
	    1 },
	{ "on mail { bad_label: accept }",
	    "1:11: names and keywords have small letters, digits and \"-\"; "
	    "write bad-label",
	    1 },
	{ "on mail { a: b: accept }",
	    "1:14: a rule has one label, and this is its second", 1 },
	{ "on mail { a: }",
	    "1:14: expected a rule behind its label, such as a: reject ..., "
	    "not \"}\"",
	    1 },
	{ "on mail { a: when b { } }",
	    "1:11: a label names a rule; when has none", 1 },
	{ "on mail { a.b: accept }",
	    "1:11: a label has small letters, digits and \"-\", and no dots",
	    1 },
	{ "on mail { if a reject }",
	    "1:11: the condition follows the action: write ACTION if "
	    "CONDITION, or when CONDITION { ... } for several rules",
	    1 },
	{ "on mail { if a then reject }",
	    "1:11: the condition follows the action: write ACTION if "
	    "CONDITION, or when CONDITION { ... } for several rules",
	    1 },
	{ "on mail { if a { reject } }",
	    "1:11: the condition follows the action: write ACTION if "
	    "CONDITION, or when CONDITION { ... } for several rules",
	    1 },
	{ "on mail { when a reject }",
	    "1:18: expected { behind the condition of when, not \"reject\"",
	    1 },
	{ "on mail { when a then { reject } }",
	    "1:18: there is no \"then\"; the action stands first and its "
	    "condition behind it, ACTION if CONDITION; or write when CONDITION "
	    "{ ... }",
	    1 },
	{ "on mail { when { reject } }",
	    "1:11: this when has no condition; write when CONDITION { ... }",
	    1 },
	{ "on mail { when a { } elif b { } }", "1:22: write else when", 1 },
	{ "on mail { when a { } else if b { } }", "1:27: write else when", 1 },
	{ "on mail { when a { } else reject }",
	    "1:27: expected { behind else (or write else when), not \"reject\"",
	    1 },
	{ "on mail { else { reject } }",
	    "1:11: else stands directly behind the } of a when", 1 },
	{ "on mail { reject if a { } }",
	    "1:23: a rule has no block; for several rules under one condition "
	    "write when CONDITION { ... }",
	    1 },
	{ "on mail { reject if a unless b }",
	    "1:23: a rule has one condition; join both with and (for unless: "
	    "and not)",
	    1 },
	{ "on mail { reject if a then }",
	    "1:23: there is no \"then\"; the action stands first and its "
	    "condition behind it, ACTION if CONDITION; or write when CONDITION "
	    "{ ... }",
	    1 },
	{ "on mail { reject if }",
	    "1:21: expected a value or a condition, not \"}\"", 1 },
	{ "on mail { reject 5500 }",
	    "1:18: \"5500\" is no reply code; it has three digits, such as 550",
	    1 },
	{ "on mail { reject 55 }",
	    "1:18: \"55\" is no reply code; it has three digits, such as 550",
	    1 },
	{ "on mail { reject 999 }",
	    "1:18: no reply code is 999; they go from 200 to 559", 1 },
	{ "on mail { reject 550 5.7 }",
	    "1:22: \"5.7\" is no enhanced code; it has three parts, such as "
	    "5.7.1",
	    1 },
	{ "on mail { reject 550 5.7.1.1 }",
	    "1:22: \"5.7.1.1\" is no enhanced code; it has three parts, such "
	    "as 5.7.1",
	    1 },
	{ "on mail { reject 550 7.1.1 }",
	    "1:22: \"7.1.1\" is no enhanced code: its class is not 2, 4 or 5; "
	    "write one such as 5.7.1",
	    1 },
	{ "on mail { reject 550-5.7.1 }",
	    "1:18: write white space between reply code and enhanced code: 550 "
	    "5.7.1",
	    1 },
	{ "on mail { reject 5.7.1 550 }",
	    "1:24: the code stands before enhanced code and text: reject 550 "
	    "...",
	    1 },
	{ "on mail { reject \"a\" 550 }",
	    "1:22: the code stands before enhanced code and text: reject 550 "
	    "...",
	    1 },
	{ "on mail { reject \"a\" \"b\" }",
	    "1:22: a second text is one too many", 1 },
	{ "on mail { reject 550 late }",
	    "1:22: late stands directly behind reject or defer", 1 },
	{ "on mail { reject no way }",
	    "1:18: expected if, unless or the next rule (a text stands in "
	    "double quotes), not \"no\"",
	    1 },
	{ "on mail { reject 'x' }", "1:18: a text stands in double quotes", 1 },
	{ "on mail { reject \"x }",
	    "1:18: this text is not closed; write \" at its end (a \"\\\" "
	    "before the line end goes on in the next line)",
	    1 },
	{ "on mail { 550 5.7.1 \"x\" }",
	    "1:11: a reply code follows reject or defer: reject 550 ...", 1 },
	{ "on mail { accept \"x\" }",
	    "1:18: accept has no text: the MTA words a positive reply", 1 },
	{ "on mail { accept 250 }",
	    "1:18: accept has no code: the MTA words a positive reply", 1 },
	{ "on mail { accept all }",
	    "1:18: expected if, unless or the next rule (a text stands in "
	    "double quotes), not \"all\"",
	    1 },
	{ "on mail { discard 550 }",
	    "1:19: discard has no reply of its own; leave the code out", 1 },
	{ "on mail { discard \"x\" }",
	    "1:19: discard has no reply of its own; leave the text out (or "
	    "write log \"text\" before it)",
	    1 },
	{ "on mail { disconnect 421 }",
	    "1:22: disconnect is always 421 4.7.0, and at once; only a text "
	    "may follow",
	    1 },
	{ "on mail { disconnect late }",
	    "1:22: disconnect is always 421 4.7.0, and at once; only a text "
	    "may follow",
	    1 },
	{ "on mail { quarantine }",
	    "1:22: expected a reason in double quotes behind quarantine, not "
	    "\"}\"",
	    1 },
	{ "on mail { quarantine 550 \"x\" }",
	    "1:22: quarantine has no reply of its own; only the reason follows",
	    1 },
	{ "on mail { observe accept }",
	    "1:11: observe stands before a refusal (reject, defer, disconnect, "
	    "discard, quarantine); accept always acts",
	    1 },
	{ "on mail { observe log \"x\" }",
	    "1:11: observe stands before a refusal (reject, defer, disconnect, "
	    "discard, quarantine); log always acts",
	    1 },
	{ "on mail { observe all }",
	    "1:11: observe all stands outside of blocks; in a block write "
	    "observe before a verdict",
	    1 },
	{ "on mail { observe }",
	    "1:19: expected a verdict (reject, defer, disconnect, discard, "
	    "quarantine), not \"}\"",
	    1 },
	{ "on mail { log }",
	    "1:15: expected a text in double quotes behind log, not \"}\"", 1 },
	{ "on mail { tag }", "1:15: expected the name of the tag, not \"}\"",
	    1 },
	{ "on mail { tag \"x\" }",
	    "1:15: a tag is a name without quotes, such as tag nameless", 1 },
	{ "on mail { tag reject }",
	    "1:15: \"reject\" is a keyword of the language; choose another "
	    "name for the tag",
	    1 },
	{ "on mail { tag\n\taccept\n}",
	    "1:14: expected the name of the tag, not \"accept\"", 1 },
	{ "on mail { tag a.b }", "1:15: a tag's name has no dots", 1 },
	{ "on mail { score }",
	    "1:17: expected a number behind score, such as 3 or -3, not \"}\"",
	    1 },
	{ "on mail { score +3 }",
	    "1:17: write the number without \"+\": it is added", 1 },
	{ "on mail { score 3.5 }",
	    "1:17: \"3.5\" means nothing: numbers are whole, dates "
	    "2026-12-24, enhanced codes have three parts (5.7.1), IPv4 "
	    "addresses four",
	    1 },
	{ "on mail { score 1000001 }",
	    "1:17: a score lies between -1000000 and 1000000", 1 },
	{ "on mail { score 5M }",
	    "1:17: expected a number behind score, such as 3 or -3, not \"5M\"",
	    1 },
	{ "on mail { add \"X\" \"y\" }",
	    "1:15: expected header behind add: add header \"Name\" \"value\", "
	    "not the text \"X\"",
	    1 },
	{ "on mail { add header X \"y\" }",
	    "1:22: expected the header's name in double quotes (add header "
	    "\"X-Policy\" \"value\"), not \"X\"",
	    1 },
	{ "on mail { add header \"X\" }",
	    "1:26: expected the header's value in double quotes behind its "
	    "name, not \"}\"",
	    1 },
};

START_TEST(fault)
{
	(void)parse(faults[_i].in);
	ck_assert_msg(diags.first != NULL &&
			  strcmp(shown(diags.first), faults[_i].first) == 0,
	    "input: %s\n     got: %s\nexpected: %s", faults[_i].in,
	    shown(diags.first), faults[_i].first);
	ck_assert_msg(diags.errors == faults[_i].errors,
	    "input: %s\n%zu errors, expected %zu; the last: %s", faults[_i].in,
	    diags.errors, faults[_i].errors, shown(diags.last));
	ck_assert_uint_eq(diags.warnings, 0);
	ck_assert_int_eq(diags.first->level, DIAG_ERROR);
	ck_assert_uint_ge(diags.first->pos.len, 1);
}
END_TEST

/* ---- several faults in one text ----------------------------------------- */

/* One fault a line, marked by "!" in its comment; the others have none. */
static const char many[] = "listen \"unix:/x\" group a\n"
			   "lisen \"unix:/y\"              # !\n"
			   "log syslog mial                # !\n"
			   "networks a = { 192.0.2.0/24 }\n"
			   "networks b { 192.0.2.0/24 }    # !\n"
			   "domains c = { \"x y }           # !\n"
			   "let d = e ==                   # !\n"
			   "let f = sender.domain == x@y.z # !\n"
			   "let g = h > 25MB and i         # !\n"
			   "on connect {\n"
			   "    a: rejct 550 if b          # !\n"
			   "    b: reject 5500 if c        # !\n"
			   "    c: reject if d and (e or   # !\n"
			   "    d: accept if e\n"
			   "    tag                        # !\n"
			   "    e: reject 550 \"open         # !\n"
			   "    f: reject 550 \"${g\" if h   # !\n"
			   "    when i j {                 # !\n"
			   "        g: reject no way       # !\n"
			   "        h: accept\n"
			   "    } elsif k {                # !\n"
			   "        i: accept\n"
			   "    }\n"
			   "    j: reject if l in { m, n } o # !\n"
			   "}\n"
			   "on helo {\n"
			   "    k: reject if p matches /x  # !\n"
			   "    l: accept\n"
			   "}\n"
			   "on meil {                      # !\n"
			   "    m: accept\n"
			   "}\n"
			   "map n = { o 1 p 2 q }          # !\n";

START_TEST(many_faults)
{
	struct str rest = str_c(many);
	struct str line = STR_NONE;
	const struct diag *d;
	const struct ast *ast = parse(many);

	d = diags.first;
	for (uint32_t n = 1; str_split(&rest, '\n', &line); n++) {
		if (str_find(line, '!') == STR_NOWHERE)
			continue;
		ck_assert_msg(d != NULL && d->pos.line == n,
		    "line %u: %.*s\nnext: %s", n, STR_FMT(line), shown(d));
		d = d->next;
	}
	ck_assert_msg(d == NULL, "too much: %s", shown(d));
	/* Only what does nothing that could be read is left out: a, b, tag. */
	ck_assert_uint_eq(ast->rules, 11);
	ck_assert_uint_eq(ast->settings->next->kind, SETTING_LOG);
}
END_TEST

/* ---- notes -------------------------------------------------------------- */

static const struct {
	const char *in;
	const char *note;
} notes[] = {
	{ "on mail { accept\non rcpt { }", "1:9: the block begins here" },
	{ "on mail {\n\twhen a {\n\t\taccept\n}\non rcpt { }",
	    "2:9: perhaps it is the } of this one that is missing: the } that "
	    "closes it stands further left" },
	{ "words a = { b\nlet c = { d", "2:7: it was noticed here" },
};

START_TEST(note)
{
	(void)parse(notes[_i].in);
	ck_assert_ptr_nonnull(diags.first);
	ck_assert_ptr_nonnull(diags.first->next);
	ck_assert_int_eq(diags.first->next->level, DIAG_NOTE);
	ck_assert_str_eq(shown(diags.first->next), notes[_i].note);
}
END_TEST

/* ---- what is left of a faulty text -------------------------------------- */

START_TEST(faulty_definitions_keep_their_names)
{
	const struct ast *ast = parse("let a = b c\nwords d = 5\nmap e = f\n"
				      "let g = (h\n");
	static const char names[] = "adeg";
	size_t n = 0;

	ck_assert_uint_eq(diags.errors, 4);
	for (const struct def *d = ast->defs; d != NULL; d = d->next)
		ck_assert_int_eq(d->name.s.p[0], names[n++]);
	ck_assert_uint_eq(n, 4);
	ck_assert_int_eq(ast->defs->cond->kind, NODE_BAD);
}
END_TEST

START_TEST(faulty_condition_keeps_its_rule)
{
	const struct ast *ast = parse("on mail { tag x if (y }");

	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_uint_eq(ast->rules, 1);
	ck_assert_int_eq(ast->blocks->first->action, ACTION_TAG);
	ck_assert_int_eq(ast->blocks->first->cond->kind, NODE_BAD);
}
END_TEST

Suite *suite_parse_error(void);

Suite *
suite_parse_error(void)
{
	Suite *suite = suite_create("parse_error");
	TCase *tc = tcase_create("parse_error");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, fault, 0, ROWS(faults));
	tcase_add_test(tc, many_faults);
	tcase_add_loop_test(tc, note, 0, ROWS(notes));
	tcase_add_test(tc, faulty_definitions_keep_their_names);
	tcase_add_test(tc, faulty_condition_keeps_its_rule);
	suite_add_tcase(suite, tc);
	return suite;
}
