/*
 * check - the order of the work.
 *
 * Settings come first (observe all changes rules), then the names of tags
 * and labels (a tag may be tested before it is set), then definitions, then
 * rules.  What is only doubtful is looked for when nothing is wrong: in a
 * faulty policy it would hide the faults.
 */
#include "lang/check.h"

#include "base/regex_doubt.h"

void
uses_add(struct uses *uses, const struct uses *more)
{
	for (size_t i = 0; i < FACT_WORDS; i++)
		uses->facts[i] |= more->facts[i];
	uses->macros |= more->macros;
	uses->headers = uses->headers || more->headers;
	uses->recipients = uses->recipients || more->recipients;
	uses->state = uses->state || more->state;
	uses->fallible = uses->fallible || more->fallible;
}

void
check_regex(struct check *c, struct pos pos, struct str pattern, unsigned flags)
{
	struct why why;

	if (!regex_doubt(pattern, flags, &why))
		return;
	pos.col += (uint32_t)why.at;
	pos.len = 1;
	diag_add(c->diags, DIAG_WARNING, pos, "%s", why.text);
}

static void
warn_unused(struct check *c)
{
	static const char *const kinds[] = {
		[DEF_LIST] = "list",
		[DEF_MAP] = "map",
		[DEF_LET] = "let",
	};

	for (uint32_t i = 0; i < c->n_defns; i++) {
		const struct def *def = c->defns[i].def;
		if (!c->defns[i].used)
			diag_add(c->diags, DIAG_WARNING, def->name.pos,
			    "the %s \"%.*s\" is not used", kinds[def->kind],
			    STR_FMT(def->name.s));
	}
	for (size_t i = 0; i < c->tags.room; i++) {
		const struct name_slot *slot = &c->tags.slots[i];
		if (!str_is_none(slot->name) && !c->tag_tested[slot->value])
			diag_add(c->diags, DIAG_WARNING,
			    c->tag_pos[slot->value],
			    "the tag \"%.*s\" is set and never tested",
			    STR_FMT(slot->name));
	}
	if (c->score_tested && !c->score_set)
		diag_add(c->diags, DIAG_WARNING, c->score_pos,
		    "the score is tested and no rule adds to it; write: "
		    "score 5 if ...");
}

/* Names by their numbers. */
static const struct str *
table_of(struct check *c, const struct names *names)
{
	struct str *table =
	    arena_xalloc(c->arena, (names->n + 1) * sizeof(*table));

	for (size_t i = 0; i < names->room; i++)
		if (!str_is_none(names->slots[i].name))
			table[names->slots[i].value] =
			    arena_xstr(c->arena, names->slots[i].name);
	return table;
}

void
check_policy(struct check *c)
{
	names_init(&c->defn_names, c->scratch, false);
	names_init(&c->labels, c->scratch, false);
	names_init(&c->tags, c->scratch, false);
	names_init(&c->header_names, c->scratch, true);
	names_init(&c->macro_names, c->scratch, false);
	check_settings(c);
	check_names_of_rules(c);
	check_definitions(c);
	check_rules(c);
	c->policy->tags = table_of(c, &c->tags);
	c->policy->n_tags = (uint32_t)c->tags.n;
	c->policy->headers = table_of(c, &c->header_names);
	c->policy->n_headers = (uint32_t)c->header_names.n;
	if (c->diags->errors > 0)
		return;
	warn_unused(c);
	check_flow(c);
	check_absent(c);
}
