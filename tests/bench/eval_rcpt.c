/*
 * eval_rcpt - one session that asks for N recipients, without a mail server.
 *
 *     eval_rcpt POLICY N
 *
 * Run it under callgrind with --toggle-collect=eval_stage, or under perf: the
 * difference of two N is what the recipients cost (tests/bench/bench does
 * that).  Prints how many of them passed, so that a policy whose rules match
 * is noticed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/eval.h"

enum {
	RECIPIENTS_MAX = 100, /* of one message */
};

static const char *
macro(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "i") == 0 ? "4ZbX1k0Vq9z2Wq" : NULL;
}

static struct policy *
load(const char *path)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;
	struct diags diags;

	if (arena == NULL)
		return NULL;
	diags_init(&diags, arena);
	policy = policy_load(path, &diags);
	diags_print(&diags, stderr);
	arena_free(arena);
	return policy;
}

static enum outcome
stage(struct session *s, enum stage stage)
{
	struct decision d;

	eval_stage(s, stage, NULL, &d);
	return d.outcome;
}

static void
begin_message(struct session *s)
{
	static const char *const mail[] = { "<sender@origin.example>",
		"SIZE=2048", NULL };

	(void)session_mail(s, mail);
	(void)stage(s, STAGE_MAIL);
}

static unsigned long
ask(struct session *s, unsigned long n)
{
	struct ip ip = ip_from_v4((const uint8_t[]){ 203, 0, 113, 9 });
	unsigned long passed = 0;
	char path[64];
	const char *const rcpt[] = { path, NULL };

	(void)session_connect(s, STR("mail.origin.example"), ip, 4711);
	(void)stage(s, STAGE_CONNECT);
	(void)session_helo(s, STR("mail.origin.example"));
	(void)stage(s, STAGE_HELO);
	for (unsigned long i = 0; i < n; i++) {
		if (i % RECIPIENTS_MAX == 0)
			begin_message(s);
		(void)snprintf(path, sizeof path,
		    "<recipient%lu@destination.example>", i % 10);
		(void)session_rcpt(s, rcpt);
		passed += stage(s, STAGE_RCPT) == OUTCOME_PASS;
	}
	return passed;
}

int
main(int argc, char **argv)
{
	struct env env = { .clock = &clock_system, .macros.get = macro };
	struct policy *policy;
	struct session *s;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: eval_rcpt POLICY N\n");
		return 2;
	}
	policy = load(argv[1]);
	if (policy == NULL)
		return 1;
	s = session_new(policy, &env, STR("bench"));
	if (s == NULL)
		return 1;
	(void)printf("passed=%lu\n", ask(s, strtoul(argv[2], NULL, 10)));
	session_free(s);
	policy_unref(policy);
	return 0;
}
