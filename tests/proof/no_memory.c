/*
 * no_memory - every allocation of a session fails in turn.
 *
 *     good run ──▶ what each stage decides
 *     run n: the n-th allocation fails, alone, or with all behind it
 *          ──▶ each stage decides the same, or what `on error` says;
 *              nothing is left allocated
 *
 * This program has a malloc of its own, so it is all of the process that can
 * run out, libraries included (PCRE2, libidn2, iconv).  It is none for the
 * sanitizers, which have one of their own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "core/eval.h"
#include "core/record.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) &&                    \
    !defined(__SANITIZE_THREAD__)
#define OWN_MALLOC 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef OWN_MALLOC
#endif
#endif

enum {
	SKIPPED = 77, /* automake's word for it */
	STEPS_MAX = 32,
	RUNS_MAX = 100000,
};

/* ---- malloc ------------------------------------------------------------- */

static long left = -1;  /* allocations until one fails; -1: none does */
static bool all_behind; /* so do those behind it */
static bool failed_one; /* in this run */
static long live;       /* blocks that are not freed */

#ifdef OWN_MALLOC

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static bool
fails(void)
{
	if (left < 0)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	failed_one = true;
	if (!all_behind)
		left = -1;
	errno = ENOMEM;
	return true;
}

static void *
counted(void *p)
{
	if (p != NULL)
		live++;
	return p;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : counted(__libc_malloc(n));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t n)
{
	if (p == NULL)
		return malloc(n);
	return fails() ? NULL : __libc_realloc(p, n);
}

void
free(void *p)
{
	if (p != NULL)
		live--;
	__libc_free(p);
}

#endif

/* ---- the session -------------------------------------------------------- */

/* Something of everything that may allocate while mail goes by.  No verdict
 * hangs on an earlier one. */
static const char policy_text[] =
    "on error defer 451 4.3.0 \"try again\"\n"
    "networks  office = { 192.0.2.0/24 2001:db8::/32 }\n"
    "domains   ours = { example.org .b\xc3\xbc"
    "cher.example }\n"
    "addresses vips = { ceo@example.org @vip.example }\n"
    "patterns  odd = { /^(dsl|dyn)[0-9.-]/i /(?:a|b)+c$/ }\n"
    "map quota = { example.org 1K } default 25M\n"
    "let known = client.ip in office or sender.domain in ours\n"
    "on connect { c: log \"hello ${client.ip} ${macro(\"j\")}\"\n"
    "             ct: score 1 if client.name in odd }\n"
    "on helo { h: reject late if helo matches /^[0-9.]+x/i }\n"
    "on mail { m: log \"from ${sender} ${mail.envid}\" if known\n"
    "          ms: score 3 if sender.local matches /^c(.)o/ }\n"
    "on rcpt { r: reject \"not ${rcpt}, ${sender.domain}\"\n"
    "              if rcpt.domain in ours and rcpt.local matches /x+ ?y/\n"
    "          rv: accept if rcpt in vips\n"
    "          ro: defer 450 4.2.1 \"later\" if rcpt.orcpt is present }\n"
    "on data { d: add header \"X-Seen\" \"${sender}\"\n"
    "          dl: log \"data\" if any recipient.domain in ours }\n"
    "on message {\n"
    "    s: quarantine \"subject ${header(\"Subject\")}\"\n"
    "        if header(\"Subject\") matches /geld|g\xc3\xbcnstig/i\n"
    "    b: reject 552 5.3.4 \"over ${quota[sender.domain]}\"\n"
    "        if message.size > quota[sender.domain]\n"
    "    e: reject \"last\" if header(\"To\").count == 1 and sender in vips\n"
    "}\n";

enum {
	NOTES_MAX = 4
};

struct told {
	enum outcome outcome;
	unsigned code;
	const struct rule *rule;
	const struct rule *notes[NOTES_MAX]; /* NULL behind the last */
	uint64_t texts;                      /* a hash of what they say */
	bool skipped; /* a rule was left out, and that will be logged */
};

struct run {
	struct told steps[STEPS_MAX];
	size_t n;
	bool begun; /* there was memory for a session at all */
};

static const char *
macro_get(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "j") == 0 ? "mx.example.org" : NULL;
}

static void
emit(void *ctx, const struct record *r)
{
	char text[RECORD_LINE_MAX];
	struct buf b = BUF_ON(text);

	(void)ctx;
	record_print(r, &b);
}

static void
tell(const struct decision *d, struct told *told)
{
	static const struct hash_key key = { { 1, 2 } };
	size_t n = 0;

	*told = (struct told){
		.outcome = d->outcome, .code = d->reply.code, .rule = d->rule
	};
	if (!str_is_none(d->reply.text))
		told->texts = hash_str(key, d->reply.text);
	for (const struct note *i = d->notes; i != NULL && n < NOTES_MAX;
	     i = i->next) {
		told->notes[n++] = i->rule;
		told->skipped = told->skipped || i->kind == NOTE_SKIPPED;
		if (!str_is_none(i->text))
			told->texts = told->texts * 31 + hash_str(key, i->text);
	}
}

static void
decide(struct session *s, enum stage stage, struct run *run)
{
	struct decision d;

	eval_stage(s, stage, NULL, &d);
	record_decision(s, &d, 1, emit, NULL);
	tell(&d, &run->steps[run->n++]);
}

static void
message(struct session *s, struct run *run)
{
	static const char *const mail[] = { "<CEO@B\xc3\xbc"
					    "cher.example>",
		"SMTPUTF8", "ENVID=a+2Bb", "SIZE=100", NULL };
	static const char *const rcpts[][3] = {
		{ "<\"xx y\"@a.b\xc3\xbc"
		  "cher.example>",
		    "NOTIFY=NEVER", NULL },
		{ "<xxy@example.org>", NULL, NULL },
		{ "<a@vip.example>", "ORCPT=rfc822;a+2Bb@c.example", NULL },
		{ "<z@c.example>", "ORCPT=rfc822;z@c.example", NULL },
	};

	(void)session_mail(s, mail);
	decide(s, STAGE_MAIL, run);
	for (size_t i = 0; i < sizeof rcpts / sizeof rcpts[0]; i++) {
		(void)session_rcpt(s, rcpts[i]);
		decide(s, STAGE_RCPT, run);
	}
	(void)session_data(s);
	decide(s, STAGE_DATA, run);
	(void)session_header(s, STR("To"), STR("a@b.example"));
	(void)session_header(s, STR("Subject"),
	    STR("=?iso-8859-1?Q?Sehr_g=FCnstig?=\n =?utf-8?B?w7w=?="));
	(void)session_eoh(s);
	decide(s, STAGE_MESSAGE, run);
	(void)session_body(s, "x\r\n", 3);
	(void)session_eom(s);
	decide(s, STAGE_MESSAGE, run);
	session_message_end(s);
}

static void
play(struct policy *policy, struct run *run)
{
	struct env env = { .clock = &clock_system, .macros.get = macro_get };
	struct session *s = session_new(policy, &env, STR("7f3a-1"));
	struct ip ip = { .family = IP_V4, .b = { 203, 0, 113, 9 } };

	*run = (struct run){ .begun = s != NULL };
	if (s == NULL)
		return;
	(void)session_connect(s, STR("dyn1.isp.example"), ip, 25);
	decide(s, STAGE_CONNECT, run);
	(void)session_helo(s, STR("1.2.x"));
	decide(s, STAGE_HELO, run);
	message(s, run);
	(void)session_helo(s, STR("mail.example"));
	decide(s, STAGE_HELO, run);
	message(s, run);
	(void)session_unknown(s, STR("XFOO"));
	decide(s, STAGE_UNKNOWN, run);
	session_free(s);
}

/* ---- judging ------------------------------------------------------------ */

static bool
is_on_error(const struct told *step)
{
	return step->outcome == OUTCOME_DEFER && step->code == 451;
}

static bool
same(const struct told *a, const struct told *b)
{
	return a->outcome == b->outcome && a->code == b->code &&
	       a->rule == b->rule && a->texts == b->texts &&
	       memcmp(a->notes, b->notes, sizeof a->notes) == 0;
}

/*
 * The same; or what `on error` says, now or kept for later; or the same
 * verdict with an effect left out.
 */
static bool
is_right(const struct told *got, const struct told *good)
{
	if (same(got, good) || is_on_error(got))
		return true;
	if (got->outcome == OUTCOME_KEPT && got->code == 451)
		return true;
	return got->skipped && got->outcome == good->outcome &&
	       got->code == good->code && got->rule == good->rule;
}

static int
fault(long n, const char *what, size_t step, const struct told *got)
{
	printf("allocation %ld%s: %s at step %zu", n,
	    all_behind ? " and all behind it" : "", what, step);
	if (got != NULL)
		printf(": outcome %d, %u", (int)got->outcome, got->code);
	printf("\n");
	return 1;
}

/* One run; *wrong_r counts stages that on error decided. */
static int
run_failing(struct policy *policy, long n, const struct run *good,
    unsigned long *wrong_r)
{
	static struct run run;
	long before = live;

	left = n;
	failed_one = false;
	play(policy, &run);
	left = -1;
	if (live != before)
		return fault(
		    n, "blocks are left", (size_t)(live - before), NULL);
	for (size_t i = 0; run.begun && i < good->n; i++) {
		if (!is_right(&run.steps[i], &good->steps[i]))
			return fault(n, "another verdict", i, &run.steps[i]);
		*wrong_r += !same(&run.steps[i], &good->steps[i]);
	}
	*wrong_r += !run.begun;
	return 0;
}

/* Until a run has no n-th allocation any more. */
static int
run_all(struct policy *policy, const struct run *good)
{
	unsigned long wrong = 0;
	long n;

	for (n = 0; n < RUNS_MAX; n++) {
		if (run_failing(policy, n, good, &wrong) != 0)
			return 1;
		if (!failed_one)
			break;
	}
	printf("%ld allocations failed, %s; %lu verdicts of on error\n", n,
	    all_behind ? "with all behind them" : "each alone", wrong);
	return n < 20 || wrong < 20;
}

int
main(void)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;
	static struct run good;
	struct diags diags;
	int status = 0;

#ifndef OWN_MALLOC
	printf("needs a C library whose malloc can be replaced, and no "
	       "sanitizer\n");
	return SKIPPED;
#endif
	if (arena == NULL)
		return 99;
	diags_init(&diags, arena);
	policy = policy_load_text(STR("no_memory"), STR(policy_text), &diags);
	diags_print(&diags, stdout);
	if (policy == NULL)
		return 99;
	play(policy, &good); /* what libraries keep for good, they have now */
	play(policy, &good);
	for (size_t i = 0; i < good.n; i++)
		if (is_on_error(&good.steps[i]))
			status = fault(-1, "on error in the good run", i, NULL);
	for (int both = 0; both < 2 && status == 0; both++) {
		all_behind = both == 1;
		status = run_all(policy, &good);
	}
	policy_unref(policy);
	arena_free(arena);
	return status;
}
