/*
 * cmd_facts - what rules can ask about: all of it as tables, or one fact in
 * full.
 */
#include "tools/table.h"
#include "tools/tools.h"

#include "lang/names.h"
#include "lang/type.h"

/* ---- one fact in full --------------------------------------------------- */

static const struct {
	unsigned flag;
	const char *note;
} notes[] = {
	{ F_ABSENT, "can be absent; every positive test of it is false then" },
	{ F_SELDOM, "can be absent, but in odd set-ups only" },
	{ F_REREAD, "the macro is asked for again at each later stage" },
	{ F_CURRENT,
	    "at data and message: that of the recipient accepted last" },
	{ F_ELEMENT, "inside 'any recipient' and 'all recipient' only" },
	{ F_GROWS,
	    "at message it is counted; a test is decided as soon as no larger "
	    "count can change it" },
	{ F_HEADERS, "needs the header from the MTA" },
	{ F_BODY, "needs the body from the MTA" },
};

static void
print_notes(unsigned flags)
{
	if ((flags & F_SELDOM) != 0)
		flags &= ~(unsigned)F_ABSENT;
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if ((flags & notes[i].flag) != 0)
			(void)printf("  note     %s\n", notes[i].note);
}

static void
print_comparison(enum type type)
{
	bool ordered = false;
	const char *before = " with: ";

	for (unsigned i = T_NUMBER; i < T_COUNT; i++)
		ordered =
		    ordered || type_cmp(type, (enum type)i) == CMP_ORDERED;
	(void)printf("  compare  %s", ordered ? "== != < <= > >=" : "== !=");
	for (unsigned i = T_NUMBER; i < T_COUNT; i++) {
		if (type_cmp(type, (enum type)i) == CMP_IMPOSSIBLE)
			continue;
		(void)printf("%s%s", before, table_type((enum type)i));
		before = ", ";
	}
	(void)printf("; write one as %s\n", type_example(type));
}

static void
print_lists(enum type type)
{
	const char *before = "  look up  in { ... }, or in a list of ";
	bool any = false;

	for (unsigned i = 0; i < LIST_KIND_COUNT; i++) {
		if (!type_in(type, (enum list_kind)i))
			continue;
		(void)printf("%s%s", before, list_kind_name((enum list_kind)i));
		before = ", ";
		any = true;
	}
	(void)puts(any ? "" : "  look up  in { ... }");
}

static void
print_kinds(enum type type)
{
	const char *before = "  is       ";

	for (unsigned i = 0; i < IS_KIND_COUNT; i++) {
		if (!type_is(type, (enum is_kind)i))
			continue;
		(void)printf("%s%s", before, is_kind_name((enum is_kind)i));
		before = ", ";
	}
	(void)puts("");
}

static void
print_fact(const struct fact_row *row)
{
	(void)printf("%.*s\n", STR_FMT(row->name));
	(void)printf("  what     %s\n", row->help);
	(void)printf("  type     %s\n", table_type(row->type));
	(void)printf("  known    from %s on\n", stage_name(row->stage));
	if (row->macro != NULL)
		(void)printf("  source   macro %s of the MTA\n", row->macro);
	if (row->type == T_BOOL)
		(void)puts("  test     alone, or with not");
	else {
		print_comparison(row->type);
		print_lists(row->type);
		if (type_matches(row->type))
			(void)puts("  match    matches /regex/");
		print_kinds(row->type);
	}
	print_notes(row->flags);
}

/* "header" for header("NAME") too. */
static bool
is_named(const struct fact_row *row, struct str name)
{
	size_t paren = str_find(row->name, '(');

	return str_eq(row->name, name) ||
	       (paren != STR_NOWHERE && row->name.p[row->name.n - 1] == ')' &&
		   str_eq(str_sub(row->name, 0, paren), name));
}

/* All facts below a name: those of "tls" are tls.version, tls.cipher, ... */
static bool
print_below(struct str name)
{
	bool any = false;

	for (size_t i = 0; i < FACT_COUNT; i++) {
		struct str fact = fact_rows[i].name;

		if (!str_starts(fact, name) || fact.n == name.n ||
		    fact.p[name.n] != '.')
			continue;
		if (any)
			(void)puts("");
		print_fact(&fact_rows[i]);
		any = true;
	}
	return any;
}

static bool
show(struct str name)
{
	struct str near;

	for (size_t i = 0; table_fact(i) != NULL; i++) {
		if (!is_named(table_fact(i), name))
			continue;
		print_fact(table_fact(i));
		return true;
	}
	if (print_below(name))
		return true;
	near = fact_near(name);
	if (str_is_none(near))
		(void)fprintf(stderr,
		    "portreeve facts: there is no fact '%.*s'; all of them: "
		    "portreeve facts\n",
		    STR_FMT(name));
	else
		(void)fprintf(stderr,
		    "portreeve facts: there is no fact '%.*s'; did you mean "
		    "%.*s?\n",
		    STR_FMT(name), STR_FMT(near));
	return false;
}

static int
show_all(int n, char **names)
{
	bool good = true;

	for (int i = 0; i < n; i++) {
		if (i > 0)
			(void)puts("");
		good = show(str_c(names[i])) && good;
	}
	return good ? 0 : STATUS_FAULT;
}

/* ---- tables ------------------------------------------------------------- */

static void
print_tables(void)
{
	static const char *const shown[] = { "facts", "stages", "macros" };

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (i > 0)
			(void)puts("");
		table_print(table_find(str_c(shown[i])), stdout);
	}
}

static int
no_table(const struct command *self, const char *name)
{
	return usage_error(self,
	    "there is no table '%s'; all of them: portreeve facts --table "
	    "tables",
	    name);
}

/* ---- the command -------------------------------------------------------- */

int
cmd_facts(const struct command *self, int argc, char **argv)
{
	const char *screen = NULL;
	const char *mdoc = NULL;
	const struct cmd_option options[] = {
		{ .name = "--table",
		    .value = "TABLE",
		    .help = "print this table; all of them: --table tables",
		    .text_r = &screen },
		{ .name = "--mdoc",
		    .value = "TABLE",
		    .help = "print it for a manual page",
		    .text_r = &mdoc },
	};
	int status = options_parse(
	    self, options, sizeof(options) / sizeof(options[0]), &argc, argv);
	const char *name = screen != NULL ? screen : mdoc;
	const struct table *table;

	if (status >= 0)
		return status;
	if (name == NULL && argc > 1)
		return show_all(argc - 1, argv + 1);
	if (name == NULL) {
		print_tables();
		return 0;
	}
	if (argc > 1 || (screen != NULL && mdoc != NULL))
		return usage_error(
		    self, "name one table, or facts, but not both");
	table = table_find(str_c(name));
	if (table == NULL)
		return no_table(self, name);
	if (screen != NULL)
		table_print(table, stdout);
	else
		table_print_mdoc(table, stdout);
	return 0;
}
