/*
 * reference - each row of the tables of reply codes: nothing is missing, and
 * what one says fits what the others say.
 */
#include "smtp/reference.h"

#include <check.h>
#include <stdlib.h>

#include "smtp/reply.h"
#include "smtp/transcript.h"

Suite *suite_reference(void);

/* Those that the reference is to have. */
static const unsigned wanted[] = { 211, 214, 220, 221, 235, 250, 251, 252, 253,
	334, 354, 421, 432, 450, 451, 452, 453, 454, 455, 458, 459, 500, 501,
	502, 503, 504, 521, 523, 524, 525, 530, 534, 535, 538, 550, 551, 552,
	553, 554, 555, 556 };

enum {
	CODES = sizeof(wanted) / sizeof(wanted[0]),
	NAME_MOST = 46, /* fits a line of the overview */
};

/* The last detail of each subject, as IANA has registered them. */
static const unsigned last_detail[] = { 0, 10, 4, 6, 7, 6, 10, 30 };

enum {
	SUBJECTS = sizeof(last_detail) / sizeof(last_detail[0]),
	XCODES = 1 + 11 + 5 + 7 + 8 + 7 + 11 + 31,
};

/* What IANA has registered. */
static const struct {
	unsigned subject;
	unsigned detail;
	const char *codes;
	const char *rfcs; /* "7505 7504" */
} registered[] = {
#define REGISTERED(subject, detail, codes, rfcs)                               \
	{ (subject), (detail), (codes), (rfcs) },
#include "registered.def"
#undef REGISTERED
};
_Static_assert(
    sizeof(registered) / sizeof(registered[0]) == XCODES, "one row for each");

/* Printable ASCII, one space apart, and nothing at the ends. */
static void
check_text(unsigned code, const char *what, const char *text)
{
	struct str s = str_c(text);

	ck_assert_msg(text != NULL && s.n > 0, "%u: no %s", code, what);
	ck_assert_msg(str_eq(str_trim(s), s), "%u: %s: blanks", code, what);
	for (size_t i = 0; i < s.n; i++)
		ck_assert_msg(ascii_is_print(str_at(s, i)), "%u: %s: %s", code,
		    what, text);
	ck_assert_msg(
	    strstr(text, "  ") == NULL, "%u: %s: two spaces", code, what);
}

static void
check_sentence(unsigned code, const char *what, const char *text)
{
	check_text(code, what, text);
	ck_assert_msg(
	    text[strlen(text) - 1] == '.', "%u: %s: no stop", code, what);
}

/* "RFC 5321 4.2.2, RFC 1870 6.1"; or an Internet draft. */
static void
check_rfc(unsigned code, const char *text)
{
	struct str rest = str_c(text);
	struct str one;
	struct str word;
	struct str number;
	uint64_t v;

	check_text(code, "rfc", text);
	while (str_split(&rest, ',', &one)) {
		if (str_starts(one, STR("draft-")))
			continue;
		ck_assert(str_word(&one, &word));
		ck_assert_msg(str_eq(word, STR("RFC")), "%u: %s", code, text);
		ck_assert(str_word(&one, &word));
		ck_assert_msg(
		    str_to_u64(word, &v) && v > 820 && v < 10000, "%s", text);
		if (!str_word(&one, &word))
			continue;
		while (str_split(&word, '.', &number))
			ck_assert_msg(str_to_u64(number, &v), "%s", text);
		ck_assert_msg(!str_word(&one, &word), "%s", text);
	}
}

/* An enhanced code that is registered, of the class of the code. */
static void
check_xcode(unsigned code, struct str s)
{
	char xcode[REPLY_XCODE_MAX];
	struct why why;
	const struct xcode_row *x;
	unsigned class;
	unsigned subject;
	unsigned detail;

	ck_assert_msg(reply_xcode_parse(s, xcode, &why), "%s", why.text);
	xcode_split(xcode, &class, &subject, &detail);
	ck_assert_msg(class == code / 100, "%u: %s", code, xcode);
	x = xcode_find(subject, detail);
	ck_assert_msg(x != NULL, "%u: %s is not there", code, xcode);
	ck_assert_msg(
	    (x->classes >> class & 1) != 0, "%u: %s: class", code, xcode);
	ck_assert_msg(xcode_goes_with(xcode, code), "%u %s", code, xcode);
}

START_TEST(code_has_all)
{
	const struct code_row *row = code_at((size_t)_i);

	ck_assert_uint_eq(row->code, wanted[_i]);
	ck_assert_ptr_eq(code_find(row->code), row);
	check_text(row->code, "name", row->name);
	ck_assert_msg(
	    strlen(row->name) <= NAME_MOST, "%u: long name", row->code);
	check_sentence(row->code, "meaning", row->meaning);
	check_sentence(row->code, "seen", row->seen);
	check_sentence(row->code, "sender", row->sender);
	check_sentence(row->code, "admin", row->admin);
	check_rfc(row->code, row->rfc);
	ck_assert_ptr_nonnull(code_class(row->code / 100));
	ck_assert_ptr_nonnull(code_topic(row->code / 10 % 10));
}
END_TEST

START_TEST(code_and_enhanced)
{
	const struct code_row *row = code_at((size_t)_i);
	struct str rest = str_c(row->xcodes);
	struct str one;
	struct why why;

	while (str_word(&rest, &one))
		check_xcode(row->code, one);
	for (size_t i = 0; i < CODE_USUAL_MAX; i++) {
		if (row->usual[i].stages == 0)
			continue;
		check_xcode(row->code, str_c(row->usual[i].xcode));
		ck_assert(strstr(row->xcodes, row->usual[i].xcode) != NULL);
		check_text(row->code, "text", row->usual[i].text);
		ck_assert(reply_text_check(str_c(row->usual[i].text), &why));
	}
	/* What a policy can say has a text; 453 is an answer to ATRN. */
	ck_assert_msg((row->usual[0].stages != 0) ==
			  (row->code >= 400 && row->code != 453),
	    "%u", row->code);
	ck_assert(row->listed == 0 || row->usual[0].stages != 0);
}
END_TEST

/* The text is a transcript; whether the code is said in it. */
static bool
dialogue_says(unsigned code, struct str text)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct source source = { .name = STR("dialogue"), .text = text };
	struct transcript transcript;
	struct diags diags;
	bool found = false;

	diags_init(&diags, arena);
	if (!transcript_parse(&source, arena, &diags, &transcript))
		diags_print(&diags, stderr);
	ck_assert_msg(diags.errors + diags.warnings == 0, "%u", code);
	for (const struct transcript_line *l = transcript.first; l != NULL;
	     l = l->next)
		found = found || (l->kind == LINE_SERVER && l->code == code);
	arena_free(arena);
	return found;
}

static void
check_dialogue_lines(unsigned number, struct str text)
{
	struct str line;

	while (str_split(&text, '\n', &line)) {
		ck_assert_msg(line.n <= 72, "%u: a long line", number);
		ck_assert(str_is_ascii(line));
	}
}

/* The stage whose reply answers the line of a client; STAGE_COUNT: none. */
static enum stage
answered(struct str line)
{
	static const struct {
		struct str verb;
		enum stage stage;
	} verbs[] = { { STR("EHLO"), STAGE_HELO }, { STR("HELO"), STAGE_HELO },
		{ STR("MAIL"), STAGE_MAIL }, { STR("RCPT"), STAGE_RCPT },
		{ STR("DATA"), STAGE_DATA }, { STR("."), STAGE_MESSAGE } };
	struct str verb;

	if (str_word(&line, &verb))
		for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
			if (str_eq(verb, verbs[i].verb))
				return verbs[i].stage;
	return STAGE_COUNT;
}

/* No refusal stands behind a command that the RFCs list no such reply for; of
 * those that are of no stage, such as AUTH, the table knows nothing. */
static void
check_sequence(struct str text)
{
	enum stage stage = STAGE_CONNECT;
	struct str line;
	uint64_t code;

	while (str_split(&text, '\n', &line)) {
		if (str_starts(line, STR("C: ")))
			stage = answered(str_from(line, 3));
		if (!str_starts(line, STR("S: ")) || stage == STAGE_COUNT ||
		    !str_to_u64(str_sub(line, 3, 3), &code) || code < 400 ||
		    code == 500 || code == 501)
			continue;
		ck_assert_msg(reply_code_usual_at((unsigned)code, stage),
		    "%s: %.*s", stage_name(stage), STR_FMT(line));
	}
}

START_TEST(code_dialogue)
{
	const struct code_row *row = code_at((size_t)_i);

	ck_assert_msg(dialogue_says(row->code, str_c(row->dialogue)),
	    "%u is not in its dialogue", row->code);
	check_dialogue_lines(row->code, str_c(row->dialogue));
	check_sequence(str_c(row->dialogue));
}
END_TEST

START_TEST(code_count)
{
	ck_assert_ptr_null(code_at(CODES));
	ck_assert_ptr_null(code_find(0));
	ck_assert_ptr_null(code_find(557));
	ck_assert_ptr_null(code_find(999));
	for (size_t i = 1; i < CODES; i++)
		ck_assert_uint_lt(code_at(i - 1)->code, code_at(i)->code);
}
END_TEST

START_TEST(xcode_has_all)
{
	const struct xcode_row *row = xcode_at((size_t)_i);
	unsigned number = row->subject * 1000 + row->detail;
	struct str rest = str_c(row->codes);
	struct str one;
	uint64_t v;

	ck_assert_ptr_eq(xcode_find(row->subject, row->detail), row);
	check_text(number, "title", row->title);
	ck_assert_msg(strlen(row->title) <= NAME_MOST, "%s", row->title);
	check_sentence(number, "meaning", row->meaning);
	check_sentence(number, "seen", row->seen);
	check_sentence(number, "sender", row->sender);
	check_sentence(number, "admin", row->admin);
	check_rfc(number, row->rfc);
	ck_assert_uint_ne(row->classes, 0);
	ck_assert_uint_eq(row->classes & ~(1u << 2 | 1u << 4 | 1u << 5), 0u);
	while (str_word(&rest, &one)) {
		ck_assert(str_to_u64(one, &v));
		ck_assert_msg(
		    v >= CODE_LEAST && v <= CODE_MOST, "%s", row->codes);
	}
	ck_assert_ptr_nonnull(xcode_subject(row->subject));
}
END_TEST

/* The code that a line of a dialogue or a report has, of a row's classes. */
static void
check_shown(const struct xcode_row *row, struct str xcode)
{
	unsigned class;
	unsigned subject;
	unsigned detail;
	char text[16];

	(void)snprintf(text, sizeof(text), "%.*s", STR_FMT(xcode));
	xcode_split(text, &class, &subject, &detail);
	ck_assert_msg(subject == row->subject && detail == row->detail,
	    "X.%u.%u is not in its dialogue", row->subject, row->detail);
	ck_assert_msg((row->classes >> class & 1) != 0, "%s: class", text);
}

/* The RFC stands in the row, alone or with a section. */
static bool
refers_to(const struct xcode_row *row, struct str number)
{
	struct str rest = str_c(row->rfc);
	struct str one;
	struct str word;

	while (str_split(&rest, ',', &one))
		if (str_word(&one, &word) && str_eq(word, STR("RFC")) &&
		    str_word(&one, &word) && str_eq(word, number))
			return true;
	return false;
}

/* Some basic codes are in the registry, and in no standard. */
static bool
names(const struct xcode_row *row, struct str code)
{
	struct str rest = str_c(row->codes);
	struct str one;

	while (str_word(&rest, &one))
		if (str_eq(one, code))
			return true;
	return false;
}

START_TEST(xcode_shown)
{
	const struct xcode_row *row = xcode_at((size_t)_i);
	char room[XCODE_DIALOGUE_MAX];
	struct buf b = BUF_ON(room);
	struct str rest = str_c(row->reply);
	struct str code;
	struct str xcode;
	char text[16];
	uint64_t v;

	xcode_dialogue(row, &b);
	ck_assert(b.n < sizeof(room));
	check_dialogue_lines(row->subject * 1000 + row->detail, buf_str(&b));
	ck_assert(str_word(&rest, &code) && str_word(&rest, &xcode));
	check_shown(row, xcode);
	if (row->at == SHOWN_REPORT) {
		ck_assert(str_eq(code, STR("Status:")));
		return;
	}
	ck_assert(str_to_u64(code, &v));
	(void)snprintf(text, sizeof(text), "%.*s", STR_FMT(xcode));
	ck_assert_msg(xcode_goes_with(text, (unsigned)v) ||
			  (code_find((unsigned)v) == NULL && names(row, code)),
	    "%s", row->reply);
	ck_assert_msg(dialogue_says((unsigned)v, buf_str(&b)), "%s", room);
	if (!refers_to(row, STR("6710"))) /* has 450 at MAIL */
		check_sequence(buf_str(&b));
}
END_TEST

START_TEST(xcode_count)
{
	size_t n = 0;

	for (unsigned s = 0; s < SUBJECTS; s++)
		for (unsigned d = 0; d <= last_detail[s]; d++, n++) {
			ck_assert_msg(
			    xcode_find(s, d) != NULL, "X.%u.%u", s, d);
			ck_assert_ptr_eq(xcode_at(n), xcode_find(s, d));
		}
	ck_assert_uint_eq(n, XCODES);
	ck_assert_ptr_null(xcode_at(n));
	ck_assert_ptr_null(xcode_find(7, 31));
	ck_assert_ptr_null(xcode_find(8, 0));
	ck_assert_ptr_null(xcode_subject(8));
	ck_assert_ptr_null(code_class(1));
	ck_assert_ptr_null(code_class(6));
	ck_assert_ptr_null(code_topic(6));
}
END_TEST

START_TEST(xcode_as_registered)
{
	const struct xcode_row *row =
	    xcode_find(registered[_i].subject, registered[_i].detail);
	struct str rest = str_c(registered[_i].rfcs);
	struct str number;

	ck_assert_ptr_eq(row, xcode_at((size_t)_i));
	ck_assert_msg(strcmp(row->codes, registered[_i].codes) == 0,
	    "X.%u.%u goes with \"%s\", not \"%s\"", row->subject, row->detail,
	    registered[_i].codes, row->codes);
	while (str_word(&rest, &number))
		ck_assert_msg(refers_to(row, number),
		    "X.%u.%u is of RFC %.*s, not \"%s\"", row->subject,
		    row->detail, STR_FMT(number), row->rfc);
}
END_TEST

/* Both what IANA names and what is usual all the same, of one class. */
START_TEST(codes_of_both)
{
	char room[128];
	struct buf b = BUF_ON(room);

	xcode_codes(xcode_find(5, 3), 0, &b);
	ck_assert_str_eq(buf_cstr(&b), "451 452");
	b.n = 0;
	xcode_codes(xcode_find(5, 3), 5, &b);
	ck_assert_str_eq(buf_cstr(&b), "");
	b.n = 0;
	xcode_codes(xcode_find(7, 24), 4, &b);
	ck_assert_str_eq(buf_cstr(&b), "451");
}
END_TEST

/* What a policy gets where it says less is in the reference. */
START_TEST(defaults_are_there)
{
	for (unsigned stage = 0; stage < STAGE_COUNT; stage++)
		for (int permanent = 0; permanent < 2; permanent++) {
			struct reply r = { .code = 0 };

			reply_complete(&r, (enum stage)stage, permanent == 1);
			ck_assert_ptr_nonnull(code_find(r.code));
			check_xcode(r.code, str_c(r.xcode));
		}
}
END_TEST

START_TEST(goes_with)
{
	ck_assert(xcode_goes_with("5.7.1", 550));
	ck_assert(xcode_goes_with("5.1.1", 550));
	ck_assert(!xcode_goes_with("5.1.10", 550));
	ck_assert(xcode_goes_with("5.1.10", 556));
	ck_assert(!xcode_goes_with("5.7.8", 550));
	ck_assert(xcode_goes_with("5.2.1", 550)); /* none is named */
	ck_assert(!xcode_goes_with("5.7.99", 550));
	ck_assert(!xcode_goes_with("5.7.1", 557));
}
END_TEST

Suite *
suite_reference(void)
{
	Suite *suite = suite_create("reference");
	TCase *tc = tcase_create("reference");

	tcase_add_loop_test(tc, code_has_all, 0, CODES);
	tcase_add_loop_test(tc, code_and_enhanced, 0, CODES);
	tcase_add_loop_test(tc, code_dialogue, 0, CODES);
	tcase_add_test(tc, code_count);
	tcase_add_loop_test(tc, xcode_has_all, 0, XCODES);
	tcase_add_loop_test(tc, xcode_shown, 0, XCODES);
	tcase_add_loop_test(tc, xcode_as_registered, 0, XCODES);
	tcase_add_test(tc, codes_of_both);
	tcase_add_test(tc, xcode_count);
	tcase_add_test(tc, defaults_are_there);
	tcase_add_test(tc, goes_with);
	suite_add_tcase(suite, tc);
	return suite;
}
