/*
 * try - reads lines, tells the offline MTA, prints what it answers.
 *
 *     C: MAIL FROM:<a@b>     or without "C: "       to the server
 *     X: macro {i} 4ZbX      what no client can say to the offline MTA
 *     X: again               what the prompt itself is to do
 *     S: 250, # comment      passed over, so that a dialogue can be pasted
 *
 * Within a message a line is what it is, unless its DATA came behind "C:":
 * then so do its lines.  All that was said on this connection is kept as a
 * transcript, for X: save.
 *
 * On a terminal the greeting comes at once; from a pipe with the first line
 * that is to the server, so that X: lines may stand before it as they do in
 * a transcript.
 */
#include "tools/try.h"

#include <errno.h>
#include <stdlib.h>

#include "tools/narrate.h"
#include "tools/lines.h"
#include "tools/offline.h"
#include "tools/rule_name.h"
#include "tools/tools.h"

/* An X: line that holds to the end. */
struct control {
	struct control *next;
	struct transcript_line line;
	struct str text; /* as it was typed */
};

struct
try {
	struct policy *policy;
	struct try_how how;
	struct lines *lines;
	FILE *out;
	bool terminal;
	struct arena *arena; /* controls */
	struct control *controls;
	struct control **controls_end;
	struct narrate narrate;
	struct trace trace;
	struct offline *offline;
	bool greeted;
	bool closed;
	bool quit;
	bool in_message;
	bool prefixed;   /* the last line came behind "C:" */
	bool fault;      /* some X: line was none */
	uint64_t number; /* of the line */
	/* this connection as a transcript */
	FILE *record;
	char *record_text;
	size_t record_n;
	/* what there is to say under the next reply */
	char *notes_text;
	size_t notes_n;
};

static _Noreturn void
no_memory(void)
{
	(void)fputs("portreeve try: no memory\n", stderr);
	exit(STATUS_FAULT);
}

/* ---- printing ----------------------------------------------------------- */

enum {
	SHOWN_MAX = 1024
};

/* For a screen: control and 8-bit octets become '?', a long line is cut. */
static void
put_safe(FILE *out, const char *mark, struct str s)
{
	char room[SHOWN_MAX];
	struct buf b = BUF_ON(room);

	buf_safe(&b, s, sizeof room - 1);
	(void)fprintf(out, "%s%.*s%s\n", mark, STR_FMT(buf_str(&b)),
	    s.n > sizeof room - 1 ? "..." : "");
}

/* As it is: what a transcript is to say again. */
static void
put_exact(FILE *out, const char *mark, struct str s)
{
	(void)fputs(mark, out);
	if (s.n > 0)
		(void)fwrite(s.p, 1, s.n, out);
	(void)fputc('\n', out);
}

/* A remark of ours. */
static void
say(const struct try *t, const char *text)
{
	(void)fprintf(t->out, "# %s\n", text);
}

/* " {spoof}"; a name that a transcript cannot hold is left out. */
static void
put_deciding(const struct try *t, const struct rule *rule, FILE *out)
{
	struct str name = name_from(policy_directory(t->policy), rule->name);

	if (str_find(name, ' ') == STR_NOWHERE &&
	    str_find(name, '\t') == STR_NOWHERE)
		(void)fprintf(out, " {%.*s}", STR_FMT(name));
}

/*
 * A reply as a transcript expects it: all of it where a rule chose the words,
 * the code where the MTA did.
 */
static void
put_expected(const struct try *t, const struct offline_reply *reply, FILE *out)
{
	struct str rest = reply->text;
	const struct rule *rule = reply->rule;
	bool words = rule != NULL && rest.n > 4 && str_at(rest, 0) >= '4';
	struct str line;

	while (str_split(&rest, '\n', &line)) {
		if (!words)
			(void)fprintf(out, "S: %.3s", line.p);
		else
			(void)fprintf(out, "S: %.3s %.*s", line.p,
			    STR_FMT(str_from(line, 4)));
		if (rule != NULL)
			put_deciding(t, rule, out);
		rule = NULL;
		(void)fputc('\n', out);
		if (!words)
			break;
	}
}

static void
put_client(struct try *t, const char *mark, struct str line)
{
	put_exact(t->record, mark, line);
	if (t->terminal)
		return; /* it stands there already */
	if (t->how.transcript)
		put_exact(t->out, mark, line);
	else
		put_safe(t->out, mark, line);
}

/* A reply and what there is to say about it. */
static void
put_reply(struct try *t, const struct offline_reply *reply)
{
	struct str rest = reply->text;
	struct str line;

	(void)fclose(t->narrate.out);
	t->narrate.out = NULL;
	if (rest.p != NULL) {
		put_expected(t, reply, t->record);
		if (t->how.transcript)
			put_expected(t, reply, t->out);
		else
			while (str_split(&rest, '\n', &line))
				put_safe(t->out, "S: ", line);
	}
	if (t->how.verbose) {
		(void)fwrite(t->notes_text, 1, t->notes_n, t->out);
		if (t->notes_n == 0 && reply->rule != NULL) {
			(void)fputs(
			    "#   no rule is tried: the refusal by ", t->out);
			rule_put(
			    reply->rule, policy_directory(t->policy), t->out);
			(void)fputs(" stands\n", t->out);
		}
	}
	free(t->notes_text);
	t->notes_text = NULL;
	(void)fflush(t->out);
}

/* Before the MTA is told something. */
static void
collect_notes(struct try *t)
{
	t->notes_n = 0;
	t->narrate.out = open_memstream(&t->notes_text, &t->notes_n);
	if (t->narrate.out == NULL)
		no_memory();
}

/* ---- the connection ----------------------------------------------------- */

static void
greet(struct try *t)
{
	struct offline_reply reply;

	if (t->greeted)
		return;
	t->greeted = true;
	collect_notes(t);
	offline_greeting(t->offline, &reply);
	put_reply(t, &reply);
	t->closed = reply.closed;
}

/* A control that was good once is good on each connection. */
static void
control_apply(struct try *t, const struct control *control)
{
	(void)offline_control(t->offline, &control->line, NULL);
	put_exact(t->record, "X: ", control->text);
}

static void
connection_end(struct try *t)
{
	offline_free(t->offline);
	t->offline = NULL;
	if (t->record != NULL)
		(void)fclose(t->record);
	free(t->record_text);
	t->record = NULL;
	t->record_text = NULL;
}

static void
connection_begin(struct try *t)
{
	connection_end(t);
	t->greeted = false;
	t->closed = false;
	t->in_message = false;
	narrate_begin(&t->narrate);
	t->narrate.directory = policy_directory(t->policy);
	t->record = open_memstream(&t->record_text, &t->record_n);
	t->offline = offline_new(t->policy, &t->trace, NULL, NULL);
	if (t->record == NULL || t->offline == NULL)
		no_memory();
	for (const struct control *c = t->controls; c != NULL; c = c->next)
		control_apply(t, c);
	if (t->terminal)
		greet(t);
}

/* ---- what the prompt itself does ---------------------------------------- */

static void do_help(struct try *t, struct str argument);

static void
do_verbose(struct try *t, struct str argument)
{
	(void)argument;
	t->how.verbose = !t->how.verbose;
	say(t, t->how.verbose ? "rules and reasons are shown"
			      : "rules and reasons are not shown any more");
}

static void
do_again(struct try *t, struct str argument)
{
	(void)argument;
	connection_begin(t);
}

static void
do_reload(struct try *t, struct str argument)
{
	struct policy *policy = load_policy(t->how.file, NULL);

	(void)argument;
	if (policy == NULL) {
		say(t, "it does not load; the old policy goes on");
		return;
	}
	connection_end(t);
	policy_unref(t->policy);
	t->policy = policy;
	(void)clock_set_timezone(policy->timezone);
	connection_begin(t);
}

static bool
write_file(const char *name, const char *text, size_t n)
{
	FILE *file = fopen(name, "wx");
	bool good;

	if (file == NULL)
		return false;
	good = fwrite(text, 1, n, file) == n;
	return fclose(file) == 0 && good;
}

static void
do_save(struct try *t, struct str argument)
{
	const char *name = arena_cstr(t->arena, argument);

	if (argument.n == 0 || name == NULL) {
		say(t, "say where to: X: save FILE");
		return;
	}
	(void)fflush(t->record);
	if (write_file(name, t->record_text, t->record_n))
		(void)fprintf(t->out,
		    "# saved; to play it: portreeve test%s%s %s\n",
		    t->how.file == NULL ? "" : " -c ",
		    t->how.file == NULL ? "" : t->how.file, name);
	else
		(void)fprintf(
		    t->out, "# cannot write %s: %s\n", name, strerror(errno));
}

static const struct own {
	const char *word;
	void (*act)(struct try *t, struct str argument);
	const char *form;
	const char *help;
} own[] = {
	{ "again", do_again, "X: again",
	    "begins another connection; the lines above still hold" },
	{ "reload", do_reload, "X: reload",
	    "loads the policy anew, and begins another connection" },
	{ "save", do_save, "X: save FILE",
	    "writes this connection as a transcript for portreeve test" },
	{ "verbose", do_verbose, "X: verbose",
	    "shows rules and reasons, or no longer" },
	{ "help", do_help, "X: help", "shows this" },
};

static void
do_help(struct try *t, struct str argument)
{
	(void)argument;
	(void)fputs(
	    "# Type what the client says: EHLO mail.example, MAIL "
	    "FROM:<a@b.example>,\n"
	    "# RCPT TO:<c@d.example>, DATA and, up to a single dot, the "
	    "message.\n"
	    "# XCLIENT ADDR=192.0.2.1 NAME=mail.example makes it another "
	    "client.\n"
	    "# QUIT or the end of the input ends.  \"C: \" in front is "
	    "dropped, lines\n"
	    "# with \"S: \" or # are passed over: a whole dialogue can be "
	    "pasted.\n"
	    "# What no client can say (see portreeve-test(5)) holds to the "
	    "end:\n"
	    "#   X: macro {NAME} VALUE    X: now 2026-12-24T22:00    X: size "
	    "10M\n"
	    "#   X: tls VERSION CIPHER BITS    X: refuse ADDRESS CODE TEXT\n"
	    "# And this prompt understands:\n",
	    t->out);
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		(void)fprintf(
		    t->out, "#   %-14s %s\n", own[i].form, own[i].help);
}

/* ---- lines -------------------------------------------------------------- */

/* An X: line could not be done. */
static void
control_fault(struct try *t, const char *text)
{
	t->fault = true;
	if (t->terminal)
		say(t, text);
	else
		(void)fprintf(stderr, "portreeve try: line %llu: %s\n",
		    (unsigned long long)t->number, text);
}

static void
take_control(struct try *t, struct str what)
{
	struct control *control;
	struct str text = str_trim(what);
	struct str rest = text;
	struct str word = STR("");
	struct why why;

	(void)str_word(&rest, &word);
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		if (!str_eq(word, str_c(own[i].word)))
			continue;
		own[i].act(t, str_trim(rest));
		return;
	}
	control = arena_xalloc(t->arena, sizeof *control);
	control->text = arena_xstr(t->arena, text);
	if (!transcript_control(
		control->text, t->arena, &control->line, &why) ||
	    !offline_control(t->offline, &control->line, &why)) {
		control_fault(t, why.text);
		if (t->terminal)
			say(t, "X: help tells what this prompt understands");
		return;
	}
	*t->controls_end = control;
	t->controls_end = &control->next;
	put_client(t, "X: ", control->text);
}

/* To the server. */
static void
take_client(struct try *t, struct str line)
{
	struct offline_reply reply;

	if (t->closed) {
		say(t, t->terminal ? "the server has closed the connection; "
				     "X: again begins another"
				   : "the server has closed the connection: "
				     "nothing more is sent");
		t->quit = !t->terminal;
		return;
	}
	put_client(t, "C: ", line);
	collect_notes(t);
	offline_line(t->offline, line, &reply);
	if (reply.text.p != NULL)
		t->in_message = str_starts(reply.text, STR("354"));
	put_reply(t, &reply);
	t->closed = reply.closed;
	if (reply.closed && t->terminal) {
		t->quit = str_starts(reply.text, STR("221"));
		if (!t->quit)
			say(t, "the server has closed the connection; "
			       "X: again begins another");
	}
}

static void
take_line(struct try *t, struct str line)
{
	bool client = str_starts(line, STR("C:"));

	/* "C: " is a mark, unless it may be a header field. */
	if (t->in_message && !t->prefixed) {
		take_client(t, line);
		return;
	}
	if (str_trim(line).n == 0 || str_at(line, 0) == '#')
		return;
	if (str_starts(line, STR("X:"))) {
		take_control(t, str_from(line, 2));
		return;
	}
	if (str_eq(str_trim(line), STR("?"))) {
		do_help(t, STR(""));
		return;
	}
	greet(t);
	if (str_starts(line, STR("S:")))
		return;
	if (!t->in_message)
		t->prefixed = client;
	if (client)
		line = str_from(line, line.n > 2 && line.p[2] == ' ' ? 3 : 2);
	take_client(t, line);
}

/* ---- all ---------------------------------------------------------------- */

static bool
try_begin(struct try *t, FILE *in)
{
	t->controls_end = &t->controls;
	t->trace =
	    (struct trace){ narrate_event, narrate_decided, &t->narrate };
	t->arena = arena_new(ARENA_UNLIMITED);
	t->lines = lines_new(in, t->out, "C: ");
	if (t->arena == NULL || t->lines == NULL)
		return false;
	t->terminal = lines_is_terminal(t->lines);
	(void)clock_set_timezone(t->policy->timezone);
	return true;
}

int
try_run(struct policy *policy, const struct try_how *how, FILE *in, FILE *out)
{
	struct try t = { .policy = policy, .how = *how, .out = out };
	struct str line;

	if (!try_begin(&t, in))
		no_memory();
	if (t.terminal)
		say(&t, "X: help tells what can be typed; QUIT or Ctrl-D ends");
	connection_begin(&t);
	while (!t.quit && lines_next(t.lines, &line)) {
		t.number++;
		take_line(&t, line);
	}
	greet(&t);
	if (t.in_message && !t.terminal)
		say(&t, "the input ends within the message");
	connection_end(&t);
	lines_free(t.lines);
	arena_free(t.arena);
	policy_unref(t.policy);
	return t.fault && !t.terminal ? STATUS_FAULT : 0;
}
