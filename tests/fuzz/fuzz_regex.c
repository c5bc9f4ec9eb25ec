/*
 * fuzz_regex - a regex and a subject, apart by a line end: the literals that
 * are found in it change nothing.
 *
 * In front of the same regex a comment keeps all literals from being found.
 * Where that one matches, or does not, so does the other.  And a scanner
 * finds those literals that stand in the subject, no others.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "base/regex.h"
#include "base/regex_literal.h"
#include "base/scanner.h"

enum {
	LITERALS_MOST = REGEX_SETS_MAX * REGEX_LITERALS_MAX,
};

/* The regex without literals; NULL where it cannot be told apart: verbs
 * stand at the very beginning. */
static struct regex *
plain_regex(struct str pattern, unsigned flags)
{
	static char text[REGEX_PATTERN_MAX];
	static const char comment[4] = "(?#)";

	if (pattern.n + sizeof(comment) > sizeof(text) ||
	    str_starts(pattern, STR("(*")))
		return NULL;
	memcpy(text, comment, sizeof(comment));
	memcpy(text + sizeof(comment), pattern.p, pattern.n);
	return regex_new(
	    str_of(text, pattern.n + sizeof(comment)), flags, NULL);
}

static bool
stands_in(struct str text, struct str subject)
{
	for (size_t i = 0; i + text.n <= subject.n; i++)
		if (str_starts_ci(str_from(subject, i), text))
			return true;
	return false;
}

static bool
see(void *ctx, const uint32_t *numbers, size_t n)
{
	bool *seen = ctx;

	for (size_t i = 0; i < n; i++)
		seen[numbers[i]] = true;
	return true;
}

static void
check_scanner(const struct regex *re, struct str subject)
{
	struct scanner_item items[LITERALS_MOST];
	struct str texts[LITERALS_MOST];
	bool seen[LITERALS_MOST] = { false };
	struct scanner *scanner;
	const struct str *set;
	uint32_t n = 0;
	size_t in_set;

	for (size_t i = 0; (in_set = regex_literals(re, i, &set)) > 0; i++)
		for (size_t j = 0; j < in_set; j++, n++) {
			items[n] = (struct scanner_item){ set[j], n };
			texts[n] = set[j];
		}
	scanner = scanner_new(items, n);
	if (scanner == NULL || !scanner_scan(scanner, subject, see, seen))
		abort();
	for (uint32_t i = 0; i < n; i++)
		if (seen[i] != stands_in(texts[i], subject))
			abort();
	scanner_free(scanner);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct regex_room *room;
	struct str rest = str_of(size == 0 ? "" : (const char *)data, size);
	struct str pattern;
	struct regex *re, *plain;
	unsigned flags;
	int with, without;

	if (room == NULL && (room = regex_room_new()) == NULL)
		abort();
	if (!str_split(&rest, '\n', &pattern) || pattern.n == 0 ||
	    str_is_none(rest))
		return 0;
	flags = str_at(pattern, 0) % 4;
	pattern = str_from(pattern, 1);
	re = regex_new(pattern, flags, NULL);
	plain = plain_regex(pattern, flags);
	if (re != NULL && plain != NULL) {
		with = regex_match(re, rest, room);
		without = regex_match(plain, rest, room);
		/* Less is left untold with literals. */
		if (with != without && without >= 0)
			abort();
		check_scanner(re, rest);
	}
	regex_free(re);
	regex_free(plain);
	return 0;
}
