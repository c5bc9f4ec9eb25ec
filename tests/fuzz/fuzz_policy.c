/*
 * fuzz_policy - any octets as a policy: it loads, or is refused with a
 * diagnostic.  One that loads is evaluated over a short session.
 *
 * `include` and list files would read the machine's files: inputs that name
 * any are left out.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/eval.h"
#include "lang/policy.h"

static const char *
no_macro(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

static void
say(struct session *s, enum stage stage)
{
	struct decision d;

	eval_stage(s, stage, NULL, &d);
}

static void
run_session(struct policy *policy)
{
	static const char *const mail[] = { "<a@b.example>", "SIZE=10", NULL };
	static const char *const rcpt[] = { "<c@d.example>", NULL };
	static const uint8_t client[4] = { 192, 0, 2, 1 };
	const struct env env = { &clock_system, { no_macro, NULL } };
	struct session *s = session_new(policy, &env, STR("1"));

	if (s == NULL)
		return;
	(void)session_connect(s, STR("mail.example"), ip_from_v4(client), 4711);
	say(s, STAGE_CONNECT);
	(void)session_helo(s, STR("mail.example"));
	say(s, STAGE_HELO);
	(void)session_mail(s, mail);
	say(s, STAGE_MAIL);
	for (int i = 0; i < 2; i++) {
		(void)session_rcpt(s, rcpt);
		say(s, STAGE_RCPT);
	}
	(void)session_data(s);
	say(s, STAGE_DATA);
	(void)session_header(s, STR("Subject"), STR(" x\n y"));
	(void)session_eoh(s);
	say(s, STAGE_MESSAGE);
	(void)session_body(s, "hello\r\n", 7);
	(void)session_eom(s);
	say(s, STAGE_MESSAGE);
	session_message_end(s);
	(void)session_unknown(s, STR("XYZZY"));
	say(s, STAGE_UNKNOWN);
	session_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct arena *arena;
	struct diags diags;
	struct policy *policy;

	if (memmem(data, size, "file", 4) != NULL ||
	    memmem(data, size, "include", 7) != NULL)
		return 0;
	if (nowhere == NULL && (nowhere = fopen("/dev/null", "w")) == NULL)
		abort();
	arena = arena_new(ARENA_UNLIMITED);
	if (arena == NULL)
		abort();
	diags_init(&diags, arena);
	policy = policy_load_text(STR("fuzz.conf"),
	    str_of(size == 0 ? "" : (const char *)data, size), &diags);
	/* Refused without a word, or loaded with errors. */
	if ((policy == NULL) != (diags.errors > 0))
		abort();
	diags_print(&diags, nowhere);
	if (policy != NULL) {
		run_session(policy);
		policy_unref(policy);
	}
	arena_free(arena);
	return 0;
}
