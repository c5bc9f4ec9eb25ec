/*
 * What `check --plan` prints: tests/plan/NAME.conf against NAME.out; and for
 * every policy of the tests, that what is asked for has a reason.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/attach.h"
#include "core/wants.h"
#include "golden.h"
#include "tools/plan.h"

Suite *suite_plan(void);

static glob_t golden; /* tests/plan */
static glob_t all;    /* policies of all tests */

static void
find_cases(void)
{
	static const char *const others[] = { "policy/*.conf", "diag/*.conf",
		"../packaging/examples/*.conf" };
	char pattern[600];

	golden_directory(pattern, sizeof pattern, "plan/*.conf");
	if (glob(pattern, 0, NULL, &golden) != 0)
		golden.gl_pathc = 0;
	if (glob(pattern, 0, NULL, &all) != 0)
		all.gl_pathc = 0;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		golden_directory(pattern, sizeof pattern, others[i]);
		(void)glob(pattern, GLOB_APPEND, NULL, &all);
	}
}

/* The plan, to be freed; NULL where the policy does not load. */
static char *
plan_of(const char *path)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct policy *policy;
	char *text = NULL;
	size_t n = 0;
	FILE *out;

	ck_assert_ptr_nonnull(arena);
	diags_init(&diags, arena);
	policy = policy_load(path, &diags);
	arena_free(arena);
	if (policy == NULL)
		return NULL;
	out = open_memstream(&text, &n);
	ck_assert_ptr_nonnull(out);
	ck_assert(plan_print(policy, out));
	fclose(out);
	policy_unref(policy);
	return text;
}

START_TEST(test_golden)
{
	const char *conf = golden.gl_pathv[_i];
	char path[1024];
	char *text = plan_of(conf);

	ck_assert_msg(text != NULL, "%s does not load", conf);
	golden_beside(path, sizeof path, conf, ".out");
	golden_compare(path, text);
	free(text);
}
END_TEST

/* Lines of the plan that need a line with a reason below: an event that is
 * asked for on somebody's account, and a macro. */
static bool
wants_reason(struct str line)
{
	static const char *const events[] = { "  header ", "  body ",
		"  unknown ", "  refused rcpt " };

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		if (str_starts(line, str_c(events[i])))
			return strstr(line.p, "not asked for") == NULL ||
			       strstr(line.p, "not asked for") >
				   line.p + line.n;
	return str_find(line, ' ') == 0 && line.n > 2 && line.p[2] != ' ' &&
	       str_find(str_from(line, 2), ' ') == STR_NOWHERE;
}

START_TEST(test_everything_has_a_reason)
{
	const char *conf = all.gl_pathv[_i];
	char *text = plan_of(conf);
	struct str rest = str_c(text);
	struct str line;
	struct str before = STR("");

	while (str_split(&rest, '\n', &line)) {
		/* Behind the macros come other tables. */
		if (str_starts(line, STR("What it costs")) ||
		    str_starts(line, STR("For Postfix")))
			break;
		ck_assert_msg(
		    !wants_reason(before) || str_starts(line, STR("      ")),
		    "%s: there is no reason for \"%.*s\" in\n%s", conf,
		    STR_FMT(before), text);
		before = line;
	}
	free(text);
}
END_TEST

START_TEST(test_cases_are_found)
{
	ck_assert_uint_ge(golden.gl_pathc, 5);
	ck_assert_uint_ge(all.gl_pathc, 60);
}
END_TEST

/* ---- addresses ---------------------------------------------------------- */

static const struct {
	const char *listen;
	const char *postfix;
	const char *sendmail;
} addresses[] = {
	{ "unix:/var/spool/postfix/portreeve/portreeve.sock",
	    "unix:portreeve/portreeve.sock",
	    "unix:/var/spool/postfix/portreeve/portreeve.sock" },
	{ "unix:/run/portreeve.sock", "unix:/run/portreeve.sock",
	    "unix:/run/portreeve.sock" },
	{ "unix:/run/a:b@c.sock", "unix:/run/a:b@c.sock",
	    "unix:/run/a:b@c.sock" },
	{ "unix:/var/spool/postfixed/s", "unix:/var/spool/postfixed/s",
	    "unix:/var/spool/postfixed/s" },
	{ "inet:8891@127.0.0.1", "inet:127.0.0.1:8891", "inet:8891@127.0.0.1" },
	{ "inet:8891@mx.example", "inet:mx.example:8891",
	    "inet:8891@mx.example" },
	{ "inet:8891@0.0.0.0", "inet:127.0.0.1:8891", "inet:8891@127.0.0.1" },
	{ "inet:8891", "inet:127.0.0.1:8891", "inet:8891@127.0.0.1" },
	{ "inet6:8891", "inet:[::1]:8891", "inet6:8891@::1" },
	{ "inet6:8891@::", "inet:[::1]:8891", "inet6:8891@::1" },
	{ "inet6:8891@[2001:db8::5]", "inet:[2001:db8::5]:8891",
	    "inet6:8891@2001:db8::5" },
	{ "inet6:8891@2001:db8::5", "inet:[2001:db8::5]:8891",
	    "inet6:8891@2001:db8::5" },
};

START_TEST(test_address)
{
	char room[200];
	struct buf b = BUF_ON(room);

	attach_postfix(str_c(addresses[_i].listen), &b);
	ck_assert_str_eq(buf_cstr(&b), addresses[_i].postfix);
	b = BUF_ON(room);
	attach_sendmail(str_c(addresses[_i].listen), &b);
	ck_assert_str_eq(buf_cstr(&b), addresses[_i].sendmail);
}
END_TEST

/* ---- wants -------------------------------------------------------------- */

/* Letters: an event that comes (small) and may be refused (capital), in the
 * order of enum want; '-' does not come; '!' is waited for, for the log. */
static const struct {
	const char *policy;
	bool pass;
	const char *events;
} wanted[] = {
	{ "", false, "----------" },
	{ "", true, "chmr----e-" },
	{ "on data { reject }", false, "chmrD---e-" },
	{ "on connect { reject }", false, "C-------e-" },
	{ "on connect { reject }", true, "Chmr----e-" },
	{ "on connect { reject late }", false, "chmR----e-" },
	{ "on helo { reject late }", false, "chmR----e-" },
	{ "on helo { observe reject }", false, "c!------e-" },
	{ "on helo { reject if session.messages > 3 }", false, "cHm-----e-" },
	{ "on mail { reject if message.size > 1M }", false, "chM-----e-" },
	{ "on unknown { log \"x\" }", false, "chmr----e!" },
	{ "on mail { log \"x\" }", false, "ch!-----e-" },
	{ "on mail { tag x }", false, "chm-----e-" },
	{ "on connect { accept connection if client.port == 1 }", false,
	    "!-------e-" },
	{ "on mail { quarantine \"q\" }", false, "ch!-----e-" },
	/* nothing is said at the end of a header while the body is waited for
	 */
	{ "on message { reject if message.size > 1M }", false, "chmr-hhBE-" },
	{ "on message { log \"${message.size}\" }", false, "chmr-hhbe-" },
	{ "on message { reject if message.size > 1M\n"
	  "reject if header(\"A\") is absent }",
	    false, "chmr-hhBE-" },
	{ "on message { reject if header(\"A\") is absent\n"
	  "reject if message.size > 1M }",
	    false, "chmr-hHBE-" },
	{ "on message { log \"${message.size}\"\n"
	  "reject if header(\"A\") is absent }",
	    false, "chmr-hhBE-" },
	/* one that may be passed over holds up nothing */
	{ "on message { when header(\"B\") is absent {\n"
	  "reject if message.size > 1M }\n"
	  "reject if header(\"A\") is absent }",
	    false, "chmr-hHBE-" },
	{ "on message { when message.size > 1M {\n"
	  "reject if header(\"A\") is absent } }",
	    false, "chmr-hhBE-" },
	{ "on message { when message.size > 1M { tag t }\n"
	  "reject if tagged t and header(\"A\") is absent }",
	    false, "chmr-hhBE-" },
	{ "on message { reject if header(\"A\") is absent }", false,
	    "chmr-hH-E-" },
	{ "on message { accept if header(\"A\") matches /x/ }", false,
	    "chmr-hH-E-" },
	{ "on message { log \"${headers.count}\" }", false, "chmr-hh-e-" },
	{ "on message { observe reject if header(\"A\") is absent }", false,
	    "chmr-hh-e-" },
	{ "on message { reject if recipients.count > 3 }", false,
	    "chmr----E-" },
	{ "on unknown { defer 421 }", false, "chmr----eU" },
	{ "on rcpt { reject if session.unknowns > 3 }", false, "chmR----eu" },
	{ "on mail { accept if sender matches /x/ }", false, "chM-----e-" },
	{ "on error accept on mail { accept if sender matches /x/ }", false,
	    "ch!-----e-" },
};

START_TEST(test_wants)
{
	static const char letters[] = "chmrdhhbeu";
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	struct policy *policy;
	struct wants wants;
	char have[WANT_COUNT + 1] = "";

	diags_init(&diags, arena);
	policy =
	    policy_load_text(STR("test"), str_c(wanted[_i].policy), &diags);
	ck_assert_msg(policy != NULL, "%s", wanted[_i].policy);
	wants_find(policy, wanted[_i].pass, &wants);
	for (size_t i = 0; i < WANT_COUNT; i++)
		have[i] = (char)(!wants.comes[i]   ? '-'
				 : wants.speaks[i] ? letters[i] - 'a' + 'A'
				 : wants.waits[i]  ? '!'
						   : letters[i]);
	ck_assert_msg(strcmp(have, wanted[_i].events) == 0, "%s: %s, not %s",
	    wanted[_i].policy, have, wanted[_i].events);
	policy_unref(policy);
	arena_free(arena);
}
END_TEST

START_TEST(test_names)
{
	for (unsigned i = 0; i < WANT_COUNT; i++) {
		ck_assert_ptr_nonnull(want_name((enum want)i));
		ck_assert_uint_lt(want_stage((enum want)i), STAGE_COUNT);
	}
}
END_TEST

Suite *
suite_plan(void)
{
	Suite *s = suite_create("plan");
	TCase *tc = tcase_create("plan");

	find_cases();
	tcase_add_test(tc, test_cases_are_found);
	tcase_add_loop_test(tc, test_golden, 0, (int)golden.gl_pathc);
	tcase_add_loop_test(
	    tc, test_everything_has_a_reason, 0, (int)all.gl_pathc);
	tcase_add_loop_test(
	    tc, test_address, 0, sizeof addresses / sizeof addresses[0]);
	tcase_add_loop_test(
	    tc, test_wants, 0, sizeof wanted / sizeof wanted[0]);
	tcase_add_test(tc, test_names);
	suite_add_tcase(s, tc);
	return s;
}
