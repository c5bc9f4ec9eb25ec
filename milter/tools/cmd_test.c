/*
 * cmd_test - plays transcripts, offline against a policy or live against an
 * MTA, and reports in TAP 13 on standard output: one test point a file.
 *
 * One offline MTA (or one TCP connection) per transcript; nothing is shared
 * between them but the policy and the count of which rules acted.
 */
#include "base/clock.h"
#include "tools/live.h"
#include "tools/offline.h"
#include "tools/play.h"
#include "tools/test_hint.h"
#include "tools/tools.h"

#include <stdlib.h>

enum {
	TRANSCRIPT_MAX = 64 * 1024 * 1024, /* octets */
	REMARKS_MAX = 64 * 1024,           /* log lines of one exchange */
};

struct test {
	const char *policy_file;
	const char *live; /* HOST:PORT, or NULL: offline */
	const char *log;  /* decision log, where live */
	bool show;
	bool coverage;
	struct policy *policy; /* NULL where live */
	bool *acted;           /* by rule id */
	bool silent;           /* no rule was tried for the last line */
	struct offline *offline;
	char remarks[REMARKS_MAX];
	struct buf remark_text;
};

static _Noreturn void
no_memory(void)
{
	(void)fputs("portreeve test: no memory\n", stderr);
	exit(STATUS_FAULT);
}

/* ---- the offline MTA as a peer ------------------------------------------ */

static void
on_record(void *ctx, const struct record *r)
{
	struct test *t = ctx;
	char line[RECORD_LINE_MAX];
	struct buf b = BUF_ON(line);

	record_print(r, &b);
	buf_c(&t->remark_text, "# ");
	buf_str_add(&t->remark_text, buf_str(&b));
	buf_char(&t->remark_text, '\n');
}

static void
on_event(void *ctx, const struct trace_event *event)
{
	struct test *t = ctx;

	if (event->kind == TRACE_RULE && event->truth == TRUTH_TRUE)
		t->acted[event->rule->id] = true;
	if (event->kind == TRACE_SILENT)
		t->silent = true;
}

static void
take_reply(const struct offline_reply *from, struct peer_reply *to)
{
	to->text = from->text;
	to->knows_rule = true;
	to->rule = from->rule == NULL ? STR_NONE : from->rule->name;
}

static bool
offline_peer_greeting(void *ctx, struct peer_reply *reply_r, struct why *why)
{
	struct test *t = ctx;
	struct offline_reply reply;

	(void)why;
	t->remark_text.n = 0;
	offline_greeting(t->offline, &reply);
	take_reply(&reply, reply_r);
	return true;
}

static bool
offline_peer_line(void *ctx, struct str line, bool answered,
    struct peer_reply *reply_r, struct why *why)
{
	struct test *t = ctx;
	struct offline_reply reply;

	t->remark_text.n = 0;
	t->silent = false;
	offline_line(t->offline, line, &reply);
	take_reply(&reply, reply_r);
	if (answered && reply.closed && reply.text.p == NULL)
		return why_set(why, "the server has closed the connection");
	return true;
}

static bool
offline_peer_control(
    void *ctx, const struct transcript_line *line, struct why *why)
{
	struct test *t = ctx;

	return offline_control(t->offline, line, why);
}

static void
offline_peer_remarks(void *ctx, FILE *out)
{
	struct test *t = ctx;

	(void)fprintf(out, "%.*s", STR_FMT(buf_str(&t->remark_text)));
}

static void
explain_offline(
    const struct test *t, const struct play_failure *failure, FILE *out)
{
	play_explain(failure, out);
	test_hint(t->policy, failure, out);
	if (t->silent)
		(void)fputs("# no rule was tried: an earlier one accepted the "
			    "message or the connection;\n"
			    "# portreeve try -v shows which, and XCLIENT "
			    "ADDR=203.0.113.9 is another client\n",
		    out);
}

static bool
play_offline(struct test *t, const struct transcript *transcript, FILE *show,
    FILE *explain)
{
	const struct trace trace = { .event = on_event, .ctx = t };
	const struct peer peer = { offline_peer_greeting, offline_peer_line,
		offline_peer_control, offline_peer_remarks, t };
	struct play_failure failure;
	bool good;

	t->silent = false;
	t->offline = offline_new(t->policy, &trace, on_record, t);
	if (t->offline == NULL) {
		(void)fputs("# no memory\n", explain);
		return false;
	}
	good = play(transcript, &peer, show, &failure);
	if (!good)
		explain_offline(t, &failure, explain);
	offline_free(t->offline);
	t->offline = NULL;
	return good;
}

static bool
play_live(struct test *t, const struct transcript *transcript, FILE *show,
    FILE *explain)
{
	struct play_failure failure;
	struct why why;
	struct live *live = live_connect(t->live, t->log, &why);
	bool good;

	if (live == NULL) {
		(void)fprintf(explain, "# %s\n", why.text);
		return false;
	}
	good = play(transcript, live_peer(live), show, &failure);
	if (!good)
		play_explain(&failure, explain);
	live_close(live);
	return good;
}

/* ---- test points -------------------------------------------------------- */

/* "ok 3 - FILE: NAME", without what TAP would take for a directive. */
static void
print_point(bool good, int number, const char *file, struct str name)
{
	char room[512];
	struct buf b = BUF_ON(room);

	buf_safe(&b, str_c(file), 0);
	if (!str_eq(name, str_c(file))) {
		buf_c(&b, ": ");
		buf_safe(&b, name, 200);
	}
	(void)printf("%sok %d - ", good ? "" : "not ", number);
	for (size_t i = 0; i < b.n; i++)
		(void)printf(b.p[i] == '#' ? "\\%c" : "%c", b.p[i]);
}

/* Parses a transcript; on failure its faults are on standard error. */
static bool
load_transcript(
    const char *file, struct arena *arena, struct transcript *transcript_r)
{
	const struct source *source;
	struct sources sources;
	struct diags diags;
	struct why why;
	bool good;

	sources_init(&sources, arena);
	source = source_read(&sources, str_c(file), TRANSCRIPT_MAX, &why);
	if (source == NULL) {
		(void)fprintf(stderr, "%s\n", why.text);
		return false;
	}
	diags_init(&diags, arena);
	good = transcript_parse(source, arena, &diags, transcript_r);
	diags_print(&diags, stderr);
	return good;
}

/* The line behind a test point that failed, from what was collected while it
 * was played. */
static bool
play_file(struct test *t, const char *file, int number, struct arena *arena)
{
	struct transcript transcript;
	FILE *show = t->show ? stdout : NULL;
	char *explanation = NULL;
	size_t n = 0;
	FILE *explain;
	bool good;

	if (!load_transcript(file, arena, &transcript)) {
		print_point(false, number, file, str_c(file));
		(void)printf("\n# it cannot be read; see standard error\n");
		return false;
	}
	if (t->live != NULL && transcript.offline_only != NULL) {
		print_point(true, number, file, transcript.name);
		(void)printf(" # SKIP the X: line in line %u is for offline "
			     "tests only\n",
		    (unsigned)transcript.offline_only->pos.line);
		return true;
	}
	explain = open_memstream(&explanation, &n);
	if (explain == NULL)
		no_memory();
	good = t->live != NULL ? play_live(t, &transcript, show, explain)
			       : play_offline(t, &transcript, show, explain);
	(void)fclose(explain);
	print_point(good, number, file, transcript.name);
	(void)printf("\n%s", explanation);
	free(explanation);
	return good;
}

static bool
play_files(struct test *t, int n, char **files)
{
	bool good = true;

	(void)printf("TAP version 13\n1..%d\n", n);
	for (int i = 0; i < n; i++) {
		struct arena *arena = arena_new(ARENA_UNLIMITED);

		if (arena == NULL)
			no_memory();
		good = play_file(t, files[i], i + 1, arena) && good;
		arena_free(arena);
		(void)fflush(stdout);
	}
	return good;
}

static void
print_coverage(const struct test *t)
{
	uint32_t acted = 0;

	for (uint32_t i = 0; i < t->policy->n_rules; i++) {
		const struct rule *rule = t->policy->rules[i];

		if (t->acted[i])
			acted++;
		else
			(void)printf("# no transcript reaches %.*s (%.*s:%u)\n",
			    STR_FMT(rule->name), STR_FMT(rule->file),
			    (unsigned)rule->line);
	}
	(void)printf("# %u of %u rules reached\n", (unsigned)acted,
	    (unsigned)t->policy->n_rules);
}

/* ---- the command -------------------------------------------------------- */

static int
run_test(struct test *t, int n, char **files)
{
	bool good;

	if (t->live == NULL) {
		t->policy = load_policy(t->policy_file, NULL);
		if (t->policy == NULL) {
			(void)printf("TAP version 13\nBail out! %s does not "
				     "load\n",
			    t->policy_file == NULL ? DEFAULT_FILE
						   : t->policy_file);
			return STATUS_FAULT;
		}
		(void)clock_set_timezone(t->policy->timezone);
		t->acted = calloc(t->policy->n_rules + 1, sizeof *t->acted);
		if (t->acted == NULL)
			no_memory();
	}
	good = play_files(t, n, files);
	if (t->coverage)
		print_coverage(t);
	free(t->acted);
	if (t->policy != NULL)
		policy_unref(t->policy);
	return good ? 0 : STATUS_FAULT;
}

int
cmd_test(const struct command *self, int argc, char **argv)
{
	struct test *t = calloc(1, sizeof *t);
	int status;

	if (t == NULL)
		no_memory();
	t->remark_text = BUF_ON(t->remarks);
	const struct cmd_option options[] = {
		{ .name = "--config",
		    .letter = 'c',
		    .value = "FILE",
		    .help = "the policy, instead of " DEFAULT_FILE,
		    .text_r = &t->policy_file },
		{ .name = "--show",
		    .letter = 'v',
		    .help = "print the dialogues, with the log lines beneath",
		    .flag_r = &t->show },
		{ .name = "--coverage",
		    .help = "name the rules that no transcript reached",
		    .flag_r = &t->coverage },
		{ .name = "--live",
		    .value = "HOST:PORT",
		    .help = "play against this MTA instead of the policy",
		    .text_r = &t->live },
		{ .name = "--log",
		    .value = "FILE",
		    .help = "with --live: the log file of the daemon, to see "
			    "which rule decided",
		    .text_r = &t->log },
	};
	status = options_parse(
	    self, options, sizeof options / sizeof options[0], &argc, argv);
	if (status >= 0)
		;
	else if (argc < 2)
		status = usage_error(self, "no transcript is given");
	else if (t->live != NULL && t->coverage)
		status = usage_error(self,
		    "--coverage asks what the policy did, and --live plays "
		    "against an MTA; use one of them");
	else if (t->live == NULL && t->log != NULL)
		status = usage_error(self, "--log needs --live");
	else
		status = run_test(t, argc - 1, argv + 1);
	free(t);
	return status;
}
