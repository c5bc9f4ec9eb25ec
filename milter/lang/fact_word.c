/*
 * fact_word - the words that some facts are one of.  A misspelt one would
 * never match, and nobody would know.
 */
#include "lang/fact_word.h"

#include "lang/names.h"
#include "smtp/param.h"

static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun", NULL };
static const char *const resolves[] = { "OK", "FAIL", "TEMP", "FORGED", NULL };
static const char *const bodies[] = { "7BIT", "8BITMIME", "BINARYMIME", NULL };
static const char *const by_modes[] = { "R", "N", NULL };
static const char *const returns[] = { "FULL", "HDRS", NULL };

static const struct {
	enum fact fact;
	const char *const *words;
	const char *all;
} tables[] = {
	{ FACT_NOW_WEEKDAY, weekdays, "mon, tue, wed, thu, fri, sat, sun" },
	{ FACT_CLIENT_RESOLVE, resolves, "OK, FAIL, TEMP, FORGED" },
	{ FACT_MAIL_BODY, bodies, "7BIT, 8BITMIME, BINARYMIME" },
	{ FACT_MAIL_BY_MODE, by_modes, "R, N" },
	{ FACT_MAIL_RET, returns, "FULL, HDRS" },
};

static void
tell(struct diags *diags, struct pos pos, enum fact fact, struct str word,
    const char *instead)
{
	diag_add(diags, DIAG_WARNING, pos, "%.*s is never \"%.*s\"; %s",
	    STR_FMT(fact_rows[fact].name), STR_FMT(word), instead);
}

/* The word of a fault of paths, by index; none behind the last. */
static struct str
path_fault(size_t i)
{
	return i + 1 < FAULT_COUNT ? fault_word((enum fault)(i + 1)) : STR_NONE;
}

static struct str
parameter_fault(size_t i)
{
	return str_c(param_fault(i, NULL));
}

static void
check_fault(struct diags *diags, struct pos pos, enum fact fact,
    struct str word, struct str (*fault_at)(size_t i))
{
	struct str near = STR_NONE;
	struct str known;
	char instead[96];
	int most = NAMES_NEAR;

	for (size_t i = 0; !str_is_none(known = fault_at(i)); i++) {
		if (str_eq_ci(word, known))
			return;
		if (name_is_near(word, known, &most))
			near = known;
	}
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

	if (fact == FACT_HELO_FAULT || fact == FACT_SENDER_FAULT ||
	    fact == FACT_RCPT_FAULT)
		check_fault(diags, pos, fact, word, path_fault);
	if (fact == FACT_MAIL_PARAMETER_FAULT ||
	    fact == FACT_RCPT_PARAMETER_FAULT)
		check_fault(diags, pos, fact, word, parameter_fault);
	if (fact == FACT_CLIENT_NAME && str_eq_ci(word, STR("unknown")))
		tell(diags, pos, fact, word, "write client.name is absent");
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
