/*
 * regex - PCRE2 with bounds, so that no subject can hold up the mail path.
 *
 * A compiled pattern is read-only and shared by all threads; everything that
 * a match writes is in the room of its session.  Where JIT is not to be had
 * (no executable memory), the interpreter is used with the same bounds.
 */
#include "base/regex.h"

#include <stdlib.h>
#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/regex_literal.h"

/*
 * PCRE2 counts its match limit anew for every place in the subject where a
 * match may begin, and one step may look at the whole subject, so a limit
 * alone bounds no match.  There are two bounds for a whole match.
 *
 * A budget of steps, smaller for a longer subject.  First it is shared out
 * evenly over the places.  Where one of them needs more, each is tried alone
 * with limits that grow, until the budget is spent.
 *
 * And time: where every place looks at all that is left, no step too many is
 * taken, and 64 KiB cost a second.  So a long subject is searched in blocks
 * of places, as many as can look at BLOCK_OCTETS, and the time that this
 * thread has had is looked at in between.
 */
enum {
	STEPS_MOST = 2 * 1000 * 1000,
	OCTETS_PER_MATCH = 5000, /* times STEPS_MOST: octets looked at */
	BLOCK_OCTETS = 16 * 1024 * 1024,
	TIME_MOST = 25 * 1000 * 1000, /* nanoseconds */
	SHARE_LEAST = 20,             /* steps at one place */
	SHARE_GROWTH = 4,
	DEPTH_MOST = 10 * 1000,
	HEAP_MOST = 1024, /* KiB, interpreter */
	JIT_STACK_FIRST = 32 * 1024,
	JIT_STACK_MOST = 512 * 1024,
};

struct regex {
	pcre2_code *code;
	/* Of each of these sets a literal must be there. */
	size_t n_sets;
	struct literal_set {
		const struct str *literals;
		size_t n;
	} sets[REGEX_SETS_MAX];
	struct str *literals; /* all of them */
};

struct regex_room {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack; /* NULL until a match needs one */
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
compile(struct str pattern, unsigned flags, struct str copy, struct why *why)
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
	code = pcre2_compile(
	    (PCRE2_SPTR)copy.p, copy.n, options, &error, &offset, NULL);
	if (code == NULL) {
		size_t at = offset_as_written(pattern, offset);
		bool octets = error == PCRE2_ERROR_CODE_POINT_TOO_BIG ||
			      error == PCRE2_ERROR_UTF_IS_DISABLED;

		pcre2_get_error_message(error, text, sizeof(text));
		why_set_at(why, at, "%s (at offset %zu)%s", (const char *)text,
		    at,
		    octets ? "; a regex sees octets, so write the letters "
			     "themselves, or their octets"
			   : "");
	}
	return code;
}

/* Room for all literals and, behind them, their octets. */
static struct str *
literals_alloc(const struct regex_literals *found, char **octets_r)
{
	struct str *literals;
	size_t n = 0, octets = 0;

	for (size_t i = 0; i < found->n; i++) {
		n += found->sets[i].n;
		for (size_t j = 0; j < found->sets[i].n; j++)
			octets += found->sets[i].text[j].n;
	}
	if (n == 0)
		return NULL;
	literals = malloc(n * sizeof(*literals) + octets);
	if (literals != NULL)
		*octets_r = (char *)(literals + n);
	return literals;
}

/* Keeps the literals; `room` as regex_literal_find() has it.  Without memory
 * for them the regex has none, and does as well. */
static void
keep_literals(struct regex *re, struct str copy, char *room)
{
	struct regex_literals found;
	struct str *to;
	char *octets;

	regex_literal_find(copy, room, &found);
	if (found.n == 0)
		return;
	to = re->literals = literals_alloc(&found, &octets);
	if (to == NULL)
		return;
	for (size_t i = 0; i < found.n; i++) {
		const struct regex_set *set = &found.sets[i];

		re->sets[i] = (struct literal_set){ to, set->n };
		for (size_t j = 0; j < set->n; j++) {
			memcpy(octets, set->text[j].p, set->text[j].n);
			*to++ = str_of(octets, set->text[j].n);
			octets += set->text[j].n;
		}
	}
	re->n_sets = found.n;
}

struct regex *
regex_new(struct str pattern, unsigned flags, struct why *why)
{
	struct regex *re;
	struct str copy;
	char *room;

	if (pattern.n > REGEX_PATTERN_MAX) {
		why_set(why, "the pattern is over %d KiB",
		    REGEX_PATTERN_MAX / 1024);
		return NULL;
	}
	re = calloc(1, sizeof(*re));
	room = malloc(2 * pattern.n + 1);
	if (re == NULL || room == NULL) {
		why_set(why, "out of memory");
	} else {
		copy = str_of(room, unescape(pattern, room));
		re->code = compile(pattern, flags, copy, why);
		if (re->code != NULL && (flags & REGEX_EXTENDED) == 0)
			keep_literals(re, copy, room + pattern.n);
	}
	free(room);
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
	free(re->literals);
	free(re);
}

size_t
regex_literals(
    const struct regex *re, size_t set, const struct str **literals_r)
{
	if (set >= re->n_sets)
		return 0;
	*literals_r = re->sets[set].literals;
	return re->sets[set].n;
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

/* ---- searching ----------------------------------------------------------
 */

/* One search under way. */
struct search {
	const struct regex *re;
	struct str subject;
	struct regex_room *room;
	uint32_t share;  /* steps at one place */
	uint32_t budget; /* left for those that need more */
};

/* Steps for the whole of one match. */
static uint32_t
budget_for(size_t n)
{
	uint64_t steps = (uint64_t)STEPS_MOST * OCTETS_PER_MATCH / (n + 1);

	return steps < STEPS_MOST ? (uint32_t)steps : STEPS_MOST;
}

/*
 * JIT's 32 KiB on the machine stack serve for nearly all; for a match that
 * needs more the room gets a stack of its own, for good.
 */
static bool
stack_grow(struct regex_room *room)
{
	if (room->stack != NULL)
		return false;
	room->stack =
	    pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MOST, NULL);
	pcre2_jit_stack_assign(room->context, NULL, room->stack);
	return room->stack != NULL;
}

/* Tries the places from `first` to `last`, `limit` steps at each. */
static int
try_places(const struct search *s, size_t first, size_t last, uint32_t limit)
{
	struct regex_room *room = s->room;
	int n;

	pcre2_set_offset_limit(room->context, last);
	pcre2_set_match_limit(room->context, limit);
	do {
		n = pcre2_match(s->re->code, (PCRE2_SPTR)s->subject.p,
		    s->subject.n, first, 0, room->data, room->context);
	} while (n == PCRE2_ERROR_JIT_STACKLIMIT && stack_grow(room));
	return n;
}

/* Each place alone; at most s->share steps there are paid for already. */
static int
try_each(struct search *s, size_t first, size_t last)
{
	int n = PCRE2_ERROR_NOMATCH;

	for (size_t at = first; at <= last && n == PCRE2_ERROR_NOMATCH; at++) {
		uint32_t limit = s->share;
		n = try_places(s, at, at, limit);
		while (n == PCRE2_ERROR_MATCHLIMIT) {
			limit *= SHARE_GROWTH;
			if (limit > s->budget)
				break;
			s->budget -= limit;
			n = try_places(s, at, at, limit);
		}
	}
	return n;
}

/* The time this thread has had; a busy machine takes none away from it. */
static int64_t
thread_time(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* The last place of the block that begins at `first`. */
static size_t
block_end(struct str subject, size_t first)
{
	size_t left = subject.n - first;
	size_t places = BLOCK_OCTETS / (left + 1);

	return left <= places ? subject.n : first + places - 1;
}

static int
search(struct search *s)
{
	size_t last = block_end(s->subject, 0);
	bool whole = last == s->subject.n;
	int64_t end = whole ? 0 : thread_time() + TIME_MOST;
	size_t first = 0;

	for (;;) {
		int n = try_places(s, first, last, s->share);
		if (n == PCRE2_ERROR_MATCHLIMIT)
			n = try_each(s, first, last);
		if (n != PCRE2_ERROR_NOMATCH || last == s->subject.n)
			return n;
		if (thread_time() > end)
			return PCRE2_ERROR_MATCHLIMIT;
		first = last + 1;
		last = block_end(s->subject, first);
	}
}

/* ---- literals -----------------------------------------------------------
 */

static bool
has_literal(struct str subject, struct str literal)
{
	unsigned char first = str_at(literal, 0);

	for (size_t i = 0; i + literal.n <= subject.n; i++)
		if (ascii_lower(str_at(subject, i)) == first &&
		    str_starts_ci(str_from(subject, i), literal))
			return true;
	return false;
}

static bool
has_any(const struct literal_set *set, struct str subject)
{
	for (size_t i = 0; i < set->n; i++)
		if (has_literal(subject, set->literals[i]))
			return true;
	return false;
}

static bool
has_all(const struct regex *re, struct str subject)
{
	for (size_t i = 0; i < re->n_sets; i++)
		if (!has_any(&re->sets[i], subject))
			return false;
	return true;
}

int
regex_match(const struct regex *re, struct str subject, struct regex_room *room)
{
	struct search s = { .re = re, .subject = subject, .room = room };
	int n;

	if (room == NULL || subject.n > REGEX_SUBJECT_MAX)
		return -1;
	if (!has_all(re, subject))
		return 0;
	if (subject.n == 0)
		s.subject = STR("");
	s.budget = budget_for(subject.n);
	s.share = s.budget / (uint32_t)(subject.n + 1);
	if (s.share < SHARE_LEAST)
		s.share = SHARE_LEAST;
	n = search(&s);
	if (n >= 0)
		return 1;
	return n == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
