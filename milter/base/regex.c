/*
 * regex - PCRE2 with bounds, so that no subject can hold up the mail path.
 *
 * A compiled pattern is read-only and shared by all threads; everything that
 * a match writes is in the room of its session.  Where JIT is not to be had
 * (no executable memory), the interpreter is used with the same bounds.
 */
#include "base/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * PCRE2 counts its match limit anew for every place in the subject where a
 * match may begin, and one step may look at the whole subject, so a limit
 * alone bounds no match.  The bound is a budget of steps for the whole match,
 * smaller for a longer subject.  First it is shared out evenly over the
 * places.  Where one of them needs more, each is tried alone with limits that
 * grow, until the budget is spent.
 */
enum {
	STEPS_MOST = 10 * 1000 * 1000,
	OCTETS_PER_MATCH = 1000, /* times STEPS_MOST: octets looked at */
	SHARE_LEAST = 20,        /* steps at one place */
	SHARE_GROWTH = 4,
	DEPTH_MOST = 10 * 1000,
	HEAP_MOST = 1024, /* KiB, interpreter */
	JIT_STACK_FIRST = 32 * 1024,
	JIT_STACK_MOST = 512 * 1024,
};

struct regex {
	pcre2_code *code;
};

struct regex_room {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
};

/*
 * Copies a pattern with "\/" as "/", and returns its length.  PCRE2 reads
 * "\/" as a slash too, but not between \Q and \E.  Of a NULL copy, only the
 * length.
 */
static size_t
unescape(struct str pattern, char *copy)
{
	size_t n = 0;

	for (size_t i = 0; i < pattern.n; i++) {
		bool pair = pattern.p[i] == '\\' && i + 1 < pattern.n;
		if (pair && pattern.p[i + 1] == '/')
			i++;
		else if (pair)
			copy[n++] = pattern.p[i++];
		copy[n++] = pattern.p[i];
	}
	return n;
}

/* Where octet `at` of the unescaped pattern stands in the written one. */
static size_t
offset_as_written(struct str pattern, size_t at)
{
	size_t i = 0;

	for (size_t n = 0; i < pattern.n && n < at; n++, i++) {
		bool pair = pattern.p[i] == '\\' && i + 1 < pattern.n;
		if (pair && pattern.p[i + 1] == '/') {
			i++;
		} else if (pair) {
			i++;
			n++;
		}
	}
	return i < pattern.n ? i : pattern.n;
}

static pcre2_code *
compile(struct str pattern, unsigned flags, char *copy, struct why *why)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_USE_OFFSET_LIMIT;
	PCRE2_UCHAR text[256];
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error;

	if (flags & REGEX_ICASE)
		options |= PCRE2_CASELESS;
	if (flags & REGEX_EXTENDED)
		options |= PCRE2_EXTENDED;
	code = pcre2_compile((PCRE2_SPTR)copy, unescape(pattern, copy), options,
	    &error, &offset, NULL);
	if (code == NULL) {
		size_t at = offset_as_written(pattern, offset);
		pcre2_get_error_message(error, text, sizeof(text));
		why_set_at(
		    why, at, "%s (at offset %zu)", (const char *)text, at);
	}
	return code;
}

struct regex *
regex_new(struct str pattern, unsigned flags, struct why *why)
{
	struct regex *re;
	char *copy;

	if (pattern.n > REGEX_PATTERN_MAX) {
		why_set(why, "the pattern is over %d KiB",
		    REGEX_PATTERN_MAX / 1024);
		return NULL;
	}
	re = calloc(1, sizeof(*re));
	copy = malloc(pattern.n + 1);
	if (re == NULL || copy == NULL)
		why_set(why, "out of memory");
	else
		re->code = compile(pattern, flags, copy, why);
	free(copy);
	if (re == NULL || re->code == NULL) {
		free(re);
		return NULL;
	}
	/* Failure means no JIT: pcre2_match() then interprets. */
	(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
	return re;
}

void
regex_free(struct regex *re)
{
	if (re == NULL)
		return;
	pcre2_code_free(re->code);
	free(re);
}

struct regex_room *
regex_room_new(void)
{
	struct regex_room *room = calloc(1, sizeof(*room));

	if (room == NULL)
		return NULL;
	room->context = pcre2_match_context_create(NULL);
	room->data = pcre2_match_data_create(1, NULL);
	if (room->context == NULL || room->data == NULL) {
		regex_room_free(room);
		return NULL;
	}
	pcre2_set_depth_limit(room->context, DEPTH_MOST);
	pcre2_set_heap_limit(room->context, HEAP_MOST);
	/* NULL where there is no JIT: its 32 KiB on the machine stack serve. */
	room->stack =
	    pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MOST, NULL);
	pcre2_jit_stack_assign(room->context, NULL, room->stack);
	return room;
}

void
regex_room_free(struct regex_room *room)
{
	if (room == NULL)
		return;
	pcre2_jit_stack_free(room->stack);
	pcre2_match_data_free(room->data);
	pcre2_match_context_free(room->context);
	free(room);
}

/* Steps for the whole of one match. */
static uint32_t
budget_for(size_t n)
{
	uint64_t steps = (uint64_t)STEPS_MOST * OCTETS_PER_MATCH / (n + 1);

	return steps < STEPS_MOST ? (uint32_t)steps : STEPS_MOST;
}

/* Tries the places from `first` on, up to the room's offset limit. */
static int
try_from(const struct regex *re, struct str subject, size_t first,
    const struct regex_room *room)
{
	return pcre2_match(re->code, (PCRE2_SPTR)subject.p, subject.n, first, 0,
	    room->data, room->context);
}

/* Each place alone; at most `share` steps there are paid for already. */
static int
try_each(const struct regex *re, struct str subject, uint32_t share,
    const struct regex_room *room)
{
	uint32_t budget = budget_for(subject.n);
	int n = PCRE2_ERROR_NOMATCH;

	for (size_t at = 0; at <= subject.n && n == PCRE2_ERROR_NOMATCH; at++) {
		uint32_t limit = share;
		pcre2_set_offset_limit(room->context, at);
		pcre2_set_match_limit(room->context, limit);
		n = try_from(re, subject, at, room);
		while (n == PCRE2_ERROR_MATCHLIMIT) {
			limit *= SHARE_GROWTH;
			if (limit > budget)
				break;
			budget -= limit;
			pcre2_set_match_limit(room->context, limit);
			n = try_from(re, subject, at, room);
		}
	}
	return n;
}

int
regex_match(const struct regex *re, struct str subject, struct regex_room *room)
{
	uint32_t share;
	int n;

	if (room == NULL || subject.n > REGEX_SUBJECT_MAX)
		return -1;
	if (subject.n == 0)
		subject = STR("");
	share = budget_for(subject.n) / (uint32_t)(subject.n + 1);
	if (share < SHARE_LEAST)
		share = SHARE_LEAST;
	pcre2_set_offset_limit(room->context, PCRE2_UNSET);
	pcre2_set_match_limit(room->context, share);
	n = try_from(re, subject, 0, room);
	if (n == PCRE2_ERROR_MATCHLIMIT)
		n = try_each(re, subject, share, room);
	if (n >= 0)
		return 1;
	return n == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
