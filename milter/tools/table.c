/*
 * table - rows from the code's tables.
 *
 * What has no words of its own in the code (kinds of `is`, verbs of the log)
 * has them here, by the same index; a unit test fails where one is missing.
 */
#include "tools/table.h"

#include "core/record_field.h"
#include "lang/facility.h"
#include "lang/type.h"
#include "lang/word.h"
#include "obs/metrics.h"
#include "smtp/param.h"
#include "smtp/reference.h"
#include "smtp/reply.h"
#include "tools/tools.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Before what is not the first of an enumeration. */
static void
next_of(struct buf *cell)
{
	if (cell->n > 0)
		buf_c(cell, ", ");
}

/* ---- facts, macros ------------------------------------------------------ */

/* Read like facts, and known to the checker by their form. */
static const struct fact_row forms[] = {
	{ STR("header(\"NAME\")"), T_STRING, STAGE_MESSAGE, NULL, F_ABSENT,
	    "first header field of that name, unfolded and decoded; any and "
	    "all go through the others" },
	{ STR("header(\"NAME\").count"), T_NUMBER, STAGE_MESSAGE, NULL, 0,
	    "number of header fields of that name; 0 where there is none" },
	{ STR("header-raw(\"NAME\")"), T_STRING, STAGE_MESSAGE, NULL, F_ABSENT,
	    "the same field as header, its octets as they were sent" },
	{ STR("macro(\"NAME\")"), T_STRING, STAGE_CONNECT, NULL, F_ABSENT,
	    "any macro of the MTA, its braces written or not; absent where "
	    "the MTA sends none" },
	{ STR("score"), T_NUMBER, STAGE_CONNECT, NULL, 0,
	    "sum of what earlier score rules added; 0 at first" },
};

const struct fact_row *
table_fact(size_t i)
{
	if (i < FACT_COUNT)
		return &fact_rows[i];
	return i - FACT_COUNT < LENGTH(forms) ? &forms[i - FACT_COUNT] : NULL;
}

const char *
table_type(enum type type)
{
	const char *name = type_name(type);

	if (type == T_BOOL)
		return "boolean";
	if (strncmp(name, "a ", 2) == 0)
		return name + 2;
	return strncmp(name, "an ", 3) == 0 ? name + 3 : name;
}

static bool
fact_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	const struct fact_row *row = table_fact(i);

	if (row == NULL)
		return false;
	buf_str_add(&cells[0], row->name);
	buf_c(&cells[1], table_type(row->type));
	buf_c(&cells[2], stage_name(row->stage));
	buf_c(&cells[3], row->help);
	if (row->macro != NULL)
		buf_printf(&cells[3], " (macro %s)", row->macro);
	return true;
}

static bool
macro_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	for (size_t f = 0; f < FACT_COUNT; f++) {
		const struct fact_row *row = &fact_rows[f];

		if (row->macro == NULL || i-- > 0)
			continue;
		buf_c(&cells[0], row->macro);
		buf_c(&cells[1], stage_name(row->stage));
		buf_str_add(&cells[2], row->name);
		return true;
	}
	return false;
}

/* ---- stages and replies ------------------------------------------------- */

static void
default_reply(enum stage stage, bool permanent, struct buf *cell)
{
	struct reply reply = { .code = 0, .text = STR_NONE };

	reply_complete(&reply, stage, permanent);
	buf_printf(cell, "%u %s", reply.code, reply.xcode);
}

static bool
stage_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i >= STAGE_COUNT)
		return false;
	buf_c(&cells[0], stage_name((enum stage)i));
	default_reply((enum stage)i, true, &cells[1]);
	default_reply((enum stage)i, false, &cells[2]);
	buf_printf(&cells[3], "the reply to %s", stage_event((enum stage)i));
	return true;
}

static bool
codes_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i >= STAGE_COUNT)
		return false;
	buf_c(&cells[0], stage_name((enum stage)i));
	reply_codes_at((enum stage)i, &cells[1]);
	return true;
}

/* The i-th of what is usual with a code of class 4 or 5, and its code. */
static const struct code_usual *
usual_at(size_t i, unsigned *code_r)
{
	const struct code_row *row;

	for (size_t c = 0; (row = code_at(c)) != NULL; c++)
		for (size_t u = 0; u < CODE_USUAL_MAX; u++) {
			if (row->usual[u].stages == 0 || i-- > 0)
				continue;
			*code_r = row->code;
			return &row->usual[u];
		}
	return NULL;
}

static bool
xcode_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	unsigned code;
	const struct code_usual *usual = usual_at(i, &code);

	if (usual == NULL)
		return false;
	buf_u64(&cells[0], code);
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		if (usual->stages == 1u << s)
			buf_printf(
			    &cells[0], " at %s", stage_name((enum stage)s));
	buf_c(&cells[1], usual->xcode);
	buf_c(&cells[2], usual->text);
	return true;
}

static bool
reply_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	const struct code_row *row = code_at(i);

	if (row == NULL)
		return false;
	buf_u64(&cells[0], row->code);
	buf_c(&cells[1], row->name);
	buf_c(&cells[2], row->meaning);
	return true;
}

static bool
enhanced_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	const struct xcode_row *row = xcode_at(i);

	if (row == NULL)
		return false;
	buf_printf(&cells[0], "X.%u.%u", row->subject, row->detail);
	buf_c(&cells[1], row->title);
	buf_c(&cells[2], row->meaning);
	return true;
}

/* ---- faults ------------------------------------------------------------- */

static bool
fault_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	enum fault fault = (enum fault)(i + 1);

	if (i + 1 >= FAULT_COUNT)
		return false;
	buf_str_add(&cells[0], fault_word(fault));
	buf_c(&cells[1], fault_sentence(fault));
	return true;
}

static bool
parameter_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	const char *word = param_fault(i, &cells[1]);

	if (word == NULL)
		return false;
	buf_c(&cells[0], word);
	return true;
}

/* ---- types, lists, kinds ------------------------------------------------ */

static const enum type types[] = { T_NUMBER, T_SIZE, T_DURATION, T_CLOCK,
	T_DATE, T_STRING, T_DOMAIN, T_ADDRESS, T_IP };

static bool
type_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	bool ordered = false;

	if (i >= LENGTH(types))
		return false;
	buf_c(&cells[0], table_type(types[i]));
	buf_c(&cells[1], type_example(types[i]));
	for (size_t j = 0; j < LENGTH(types); j++) {
		enum cmp_can can = type_cmp(types[i], types[j]);

		if (can == CMP_IMPOSSIBLE)
			continue;
		ordered = ordered || can == CMP_ORDERED;
		next_of(&cells[3]);
		buf_c(&cells[3], table_type(types[j]));
	}
	buf_c(&cells[2], ordered ? "== != < <= > >=" : "== !=");
	return true;
}

static bool
list_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i >= LIST_KIND_COUNT)
		return false;
	buf_c(&cells[0], list_kind_name((enum list_kind)i));
	for (size_t j = 0; j < LENGTH(types); j++) {
		if (!type_in(types[j], (enum list_kind)i))
			continue;
		next_of(&cells[1]);
		buf_c(&cells[1], table_type(types[j]));
	}
	return true;
}

static const char *const kind_help[IS_KIND_COUNT] = {
	[IS_ABSENT] = "there is no value",
	[IS_PRESENT] = "there is a value",
	[IS_NULL] = "the null sender <>",
	[IS_VALID] = "without a fault (see FAULTS); of a domain: a domain name "
		     "or an address literal",
	[IS_IP] = "an IP address without brackets",
	[IS_LITERAL] = "an address literal, such as [192.0.2.1]; of an "
		       "address: its domain is one",
	[IS_FQDN] = "a valid domain name of two labels or more; of an "
		    "address: its domain is one",
	[IS_ASCII] = "no octet over 127 in what the client sent",
};

static bool
kind_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i >= IS_KIND_COUNT)
		return false;
	buf_c(&cells[0], is_kind_name((enum is_kind)i));
	for (size_t j = 0; j < LENGTH(types); j++) {
		if (!type_is(types[j], (enum is_kind)i))
			continue;
		next_of(&cells[1]);
		buf_c(&cells[1], table_type(types[j]));
	}
	if (i == IS_ABSENT || i == IS_PRESENT) {
		cells[1].n = 0;
		buf_c(&cells[1], "any type");
	}
	buf_c(&cells[2], kind_help[i]);
	return true;
}

/* ---- the log ------------------------------------------------------------ */

static const struct {
	const char *verb;
	const char *help;
} verb_help[] = {
	{ "accept", "a rule accepted this reply, or on error did" },
	{ "accept-message", "a rule accepted the message: no further rule" },
	{ "accept-connection",
	    "a rule accepted the connection: no further rule" },
	{ "reject", "the client was refused for good; see reply=" },
	{ "defer", "the client was told to come again; see reply=" },
	{ "disconnect", "the client got a 421, and the MTA hung up" },
	{ "discard", "the MTA said yes and throws the message away" },
	{ "quarantine", "the MTA puts the message on hold; see reason=" },
	{ "log", "a log rule; see text=" },
	{ "would-reject", "an observed rule would have refused" },
	{ "would-defer", "an observed rule would have deferred" },
	{ "would-disconnect", "an observed rule would have hung up" },
	{ "would-discard", "an observed rule would have thrown it away" },
	{ "would-quarantine",
	    "an observed rule would have put the message on hold" },
	{ "skipped",
	    "an effect or observed rule was left out, because its condition "
	    "could not be told; see reason=" },
	{ "pass", "a message went through without a refusal" },
};

static const char *
help_of_verb(const char *verb)
{
	for (size_t i = 0; i < LENGTH(verb_help); i++)
		if (strcmp(verb_help[i].verb, verb) == 0)
			return verb_help[i].help;
	return "";
}

static bool
verb_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	const char *verb = record_verb(i);

	if (verb == NULL)
		return false;
	buf_c(&cells[0], verb);
	buf_c(&cells[1], help_of_verb(verb));
	return true;
}

/* ---- words -------------------------------------------------------------- */

/* The kinds of `is` are keywords too. */
static bool
keyword_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	size_t n = 0;

	while (word_keyword(n) != NULL)
		n++;
	if (i >= n + IS_KIND_COUNT)
		return false;
	buf_c(&cells[0],
	    i < n ? word_keyword(i) : is_kind_name((enum is_kind)(i - n)));
	return true;
}

static bool
reserved_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	size_t n = 0;

	while (word_reserved(n) != NULL)
		n++;
	if (i >= n)
		return false;
	buf_c(&cells[0], word_reserved(i));
	return true;
}

static bool
facility_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (facility_name(i) == NULL)
		return false;
	buf_c(&cells[0], facility_name(i));
	return true;
}

/* ---- subcommands -------------------------------------------------------- */

static const struct {
	const char *name;
	const char *usage;
	const char *help;
} commands[] = {
#define COMMAND(name, usage, help) { #name, usage, help },
#include "tools/commands.def"
#undef COMMAND
};

static bool
command_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i >= LENGTH(commands))
		return false;
	buf_c(&cells[0], commands[i].name);
	buf_c(&cells[1], commands[i].help);
	return true;
}

/* ---- fields of the log -------------------------------------------------- */

static bool
field_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	if (i >= RECORD_FIELD_COUNT)
		return false;
	buf_c(&cells[0], record_field_rows[i].name);
	buf_c(&cells[1], record_field_rows[i].help);
	return true;
}

/* ---- metrics ------------------------------------------------------------ */

static bool
metric_cells(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	const struct metric_row *row;

	if (i >= METRIC_COUNT)
		return false;
	row = &metric_rows[i];
	buf_c(&cells[0], row->name);
	buf_c(&cells[1], metric_type_names[row->type]);
	buf_c(&cells[2], row->help);
	if (row->labels[0] != '\0')
		buf_printf(&cells[2], " (by %s)", row->labels);
	return true;
}

/* ---- the tables --------------------------------------------------------- */

static bool
table_row(size_t i, struct buf cells[TABLE_COLUMNS_MAX])
{
	const struct table *table = table_at(i);

	if (table == NULL)
		return false;
	buf_c(&cells[0], table->name);
	buf_c(&cells[1], table->help);
	return true;
}

/* clang-format off */
static const struct table tables[] = {
	{ "facts", "what rules can ask about",
	    { { "fact", "", "" }, { "type", "", "" },
	      { "from", "known from ", " on" }, { "what it is", "", "" } },
	    4, fact_row },
	{ "stages", "the replies that a policy chooses",
	    { { "stage", "", "" }, { "reject", "reject is ", "" },
	      { "defer", "defer is ", "" }, { "rules here choose", "", "" } },
	    4, stage_row },
	{ "macros", "macros of the MTA that facts come from",
	    { { "macro", "", "" }, { "from", "sent from ", " on" },
	      { "fact", "for ", "" } },
	    3, macro_row },
	{ "faults", "what can be wrong with an address or a HELO name",
	    { { "fault", "", "" }, { "what is wrong", "", "" } },
	    2, fault_row },
	{ "parameters", "what can be wrong with a parameter of MAIL or RCPT",
	    { { "fault", "", "" }, { "what is wrong", "", "" } },
	    2, parameter_row },
	{ "kinds", "what can stand behind 'is'",
	    { { "kind", "", "" }, { "of", "of ", "" },
	      { "true where it is", "", "" } },
	    3, kind_row },
	{ "types", "types of values, and what compares with what",
	    { { "type", "", "" }, { "written", "written ", "" },
	      { "compares by", "", "" }, { "with", "with ", "" } },
	    4, type_row },
	{ "lists", "kinds of lists, and what can be looked up in them",
	    { { "list", "", "" }, { "takes", "", "" } },
	    2, list_row },
	{ "codes", "codes that RFC 5321 and its extensions list",
	    { { "stage", "", "" }, { "codes", "", "" } },
	    2, codes_row },
	{ "xcodes", "what is sent with a code that stands alone",
	    { { "code", "", "" }, { "enhanced", "", "" }, { "text", "", "" } },
	    3, xcode_row },
	{ "replies", "reply codes, and what they mean",
	    { { "code", "", "" }, { "name", "", "" }, { "meaning", "", "" } },
	    3, reply_row },
	{ "enhanced", "enhanced status codes, and what they mean",
	    { { "code", "", "" }, { "name", "", "" }, { "meaning", "", "" } },
	    3, enhanced_row },
	{ "verbs", "what a line of the decision log can say",
	    { { "verb", "", "" }, { "meaning", "", "" } },
	    2, verb_row },
	{ "fields", "what an event of the log has, as JSON or in the journal",
	    { { "field", "", "" }, { "what it is", "", "" } }, 2, field_row },
	{ "metrics", "numbers that a running daemon tells",
	    { { "metric", "", "" }, { "type", "", "" },
	      { "what it is", "", "" } },
	    3, metric_cells },
	{ "commands", "commands of this program",
	    { { "command", "", "" }, { "what it does", "", "" } },
	    2, command_row },
	{ "keywords", "words that no definition may be named like",
	    { { "keyword", "", "" } }, 1, keyword_row },
	{ "reserved", "words kept for later versions of the language",
	    { { "word", "", "" } }, 1, reserved_row },
	{ "facilities", "facilities of syslog",
	    { { "facility", "", "" } }, 1, facility_row },
	{ "tables", "these tables",
	    { { "table", "", "" }, { "what its rows are", "", "" } },
	    2, table_row },
};
/* clang-format on */

const struct table *
table_at(size_t i)
{
	return i < LENGTH(tables) ? &tables[i] : NULL;
}

const struct table *
table_find(struct str name)
{
	for (size_t i = 0; i < LENGTH(tables); i++)
		if (str_eq(name, str_c(tables[i].name)))
			return &tables[i];
	return NULL;
}
