/*
 * fact_word - the words that some facts are one of.  A misspelt one would
 * never match, and nobody would know.
 */
#include "lang/fact_word.h"

#include "lang/names.h"

static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun", NULL };
static const char *const resolves[] = { "OK", "FAIL", "TEMP", "FORGED", NULL };
static const char *const bodies[] = { "7BIT", "8BITMIME", "BINARYMIME", NULL };
static const char *const returns[] = { "FULL", "HDRS", NULL };

static const struct {
	enum fact fact;
	const char *const *words;
	const char *all;
} tables[] = {
	{ FACT_NOW_WEEKDAY, weekdays, "mon, tue, wed, thu, fri, sat, sun" },
	{ FACT_CLIENT_RESOLVE, resolves, "OK, FAIL, TEMP, FORGED" },
	{ FACT_MAIL_BODY, bodies, "7BIT, 8BITMIME, BINARYMIME" },
	{ FACT_MAIL_RET, returns, "FULL, HDRS" },
};

static void
tell(struct diags *diags, struct pos pos, enum fact fact, struct str word,
    const char *instead)
{
	diag_add(diags, DIAG_WARNING, pos, "%.*s is never \"%.*s\"; %s",
	    STR_FMT(fact_rows[fact].name), STR_FMT(word), instead);
}

/* Faults of paths: the words of smtp/fault.def. */
static void
check_fault(
    struct diags *diags, struct pos pos, enum fact fact, struct str word)
{
	struct str near = STR_NONE;
	char instead[96];
	int most = NAMES_NEAR;

	if (fault_find(word) != FAULT_NONE)
		return;
	for (unsigned i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		if (name_is_near(word, fault_word((enum fault)i), &most))
			near = fault_word((enum fault)i);
	snprintf(
	    instead, sizeof(instead), "did you mean \"%.*s\"?", STR_FMT(near));
	tell(diags, pos, fact, word,
	    str_is_none(near) ? "the words for faults are in the manual page "
				"portreeve.conf(5)"
			      : instead);
}

void
fact_word_check(
    struct diags *diags, struct pos pos, enum fact fact, struct str word)
{
	char instead[96];

	if (fact == FACT_SENDER_FAULT || fact == FACT_RCPT_FAULT)
		check_fault(diags, pos, fact, word);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const char *const *known = tables[i].words;
		if (tables[i].fact != fact)
			continue;
		while (*known != NULL && !str_eq_ci(word, str_c(*known)))
			known++;
		snprintf(
		    instead, sizeof(instead), "it is one of %s", tables[i].all);
		if (*known == NULL)
			tell(diags, pos, fact, word, instead);
	}
}
