/*
 * fuzz_reply_line - any octets as a line of a log with a reply in it.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "smtp/reply_line.h"

/* Every part is borrowed from the line, or from the room of its text. */
static void
check_part(struct str line, const struct reply_line *l, struct str part)
{
	bool in_line = part.p >= line.p && part.p + part.n <= line.p + line.n;
	bool in_room =
	    part.p >= l->room && part.p + part.n <= l->room + sizeof(l->room);

	if (part.p != NULL && part.n > 0 && !in_line && !in_room)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reply_line l;
	struct str line = str_of(size == 0 ? "" : (const char *)data, size);
	char xcode[REPLY_XCODE_MAX];
	struct why why = { .text = "" };

	if (!reply_line_parse(line, &l, &why)) {
		if (why.text[0] == '\0')
			abort();
		return 0;
	}
	if (l.code != 0 && (l.code < 200 || l.code > 599))
		abort();
	if (l.code == 0 && l.xcode[0] == '\0')
		abort();
	if (l.xcode[0] != '\0' &&
	    !reply_xcode_parse(str_c(l.xcode), xcode, NULL))
		abort();
	const struct str parts[] = { l.text, l.queued, l.logged, l.host,
		l.client, l.command, l.status, l.sender, l.recipient, l.rule,
		l.stage, l.session };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		check_part(line, &l, parts[i]);
	return 0;
}
