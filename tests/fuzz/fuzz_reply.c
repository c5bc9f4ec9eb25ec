/*
 * fuzz_reply - any octets as a reply's code, enhanced code and text.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "smtp/reply.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of(size == 0 ? "" : (const char *)data, size);
	struct str rest = text;
	struct str code = STR_NONE;
	struct str xcode = STR_NONE;
	struct reply reply = { 0 };
	char line[REPLY_LINE_MAX + 1];
	struct buf out = BUF_ON(line);
	struct why why;

	(void)str_split(&rest, ' ', &code);
	(void)str_split(&rest, ' ', &xcode);
	(void)reply_code_parse(code, &reply.code, &why);
	(void)reply_xcode_parse(xcode, reply.xcode, &why);
	if (reply_text_check(text, &why))
		reply.text = text;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		struct reply full = reply;

		if (reply.code / 100 == 2 || reply.code / 100 == 3)
			full.code = 0;
		reply_complete(&full, (enum stage)stage, full.code / 100 != 4);
		if (full.code == 0 || full.xcode[0] == '\0')
			abort();
		out.n = 0;
		reply_print(&full, &out);
		(void)reply_lost_at(full.code, (enum stage)stage);
	}
	return 0;
}
