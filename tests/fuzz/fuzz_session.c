/*
 * fuzz_session - any octets as what a client types, to an MTA with a policy
 * that looks at all there is.
 *
 * Whatever the client sends, a reply and a log line are printable ASCII of
 * bounded length: nothing breaks out of its line.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "tools/offline.h"

static const char policy_text[] =
    "let odd = sender.fault is present or mail.parameter-fault is present\n"
    "on connect { tag odd if client.name is absent }\n"
    "on helo {\n"
    "  h: reject late \"HELO ${helo} ${helo.ip}\" unless helo is valid\n"
    "  log \"${helo}\" if helo matches /^[a-z.]+$/i or helo is literal\n"
    "}\n"
    "on mail {\n"
    "  s: observe reject \"${sender} ${sender.raw} ${sender.fault}\" if odd\n"
    "  score 1 if sender.domain in { example.org .example.net }\n"
    "  log \"${mail.size} ${mail.body} ${mail.ret} ${mail.envid} "
    "${mail.auth} ${mail.parameter-fault}\"\n"
    "}\n"
    "on rcpt {\n"
    "  pm: accept if rcpt.local == \"postmaster\"\n"
    "  r: reject 550 5.1.3 \"${rcpt} ${rcpt.raw} ${rcpt.fault}\\nsecond\"\n"
    "       if rcpt.fault is present\n"
    "  n: defer \"${rcpt.notify} ${rcpt.orcpt}\" if tagged odd and score > 0\n"
    "  many: reject \"${recipients.count}\" if recipients.count > 3\n"
    "}\n"
    "on data { log \"${recipient}\" if any recipient.domain in { d.example } "
    "}\n"
    "on message {\n"
    "  add header \"X-Test\" \"${sender} ${header(\"Subject\")}\"\n"
    "  q: quarantine \"${header(\"Subject\")}\" if header(\"Subject\") matches "
    "/x/\n"
    "  b: reject \"${message.size}\" if message.size > 2K\n"
    "  m: reject \"${header(\"From\").count}\" if header(\"From\").count > 1\n"
    "}\n"
    "on unknown { u: disconnect \"${command}\" if session.unknowns > 5 }\n";

static void
check_line(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!ascii_is_print(str_at(line, i)))
			abort();
}

static void
on_record(void *ctx, const struct record *r)
{
	char room[RECORD_LINE_MAX];
	struct buf line = BUF_ON(room);

	(void)ctx;
	record_print(r, &line);
	check_line(buf_str(&line));
}

/* Each line has a code before its text and an end after it. */
static void
check_reply(const struct offline_reply *reply)
{
	struct str rest = reply->text;
	struct str line;

	if (reply->rule == NULL)
		return; /* the MTA's own words */
	while (str_split(&rest, '\n', &line)) {
		check_line(line);
		if (line.n + 2 > REPLY_LINE_MAX)
			abort();
	}
}

static struct policy *
policy_make(void)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;
	struct diags diags;

	if (arena == NULL)
		abort();
	diags_init(&diags, arena);
	policy = policy_load_text(STR("fuzz.conf"), str_c(policy_text), &diags);
	if (policy == NULL) {
		diags_print(&diags, stderr);
		abort();
	}
	arena_free(arena);
	return policy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy *policy;
	struct str rest = str_of(size == 0 ? "" : (const char *)data, size);
	struct str line;
	struct offline_reply reply;
	struct offline *mta;

	if (policy == NULL)
		policy = policy_make();
	mta = offline_new(policy, NULL, on_record, NULL);
	if (mta == NULL)
		abort();
	offline_greeting(mta, &reply);
	while (!reply.closed && str_split(&rest, '\n', &line)) {
		offline_line(mta, line, &reply);
		check_reply(&reply);
	}
	offline_free(mta);
	return 0;
}
