/*
 * print - rules, settings and definitions in canonical form: tab-indented
 * blocks, one statement a line.
 */
#include "lang/print_int.h"

#include <inttypes.h>

/* ---- rules -------------------------------------------------------------- */

static void
put_word(struct writer *w, const char *word, struct str s)
{
	if (str_is_none(s))
		return;
	print_c(w, word);
	print_str(w, s);
}

/* The verb and what belongs to it. */
static void
put_action(struct writer *w, const struct stmt *stmt)
{
	print_c(w, action_name(stmt->action));
	if (stmt->late)
		print_c(w, " late");
	if (stmt->code != 0)
		print_f(w, " %u", stmt->code);
	put_word(w, " ", stmt->xcode.s);
	if (stmt->action == ACTION_TAG)
		put_word(w, " ", stmt->name.s);
	if (stmt->action == ACTION_SCORE)
		print_f(w, " %" PRId64, stmt->score);
	if (stmt->action == ACTION_ADD_HEADER) {
		print_c(w, " ");
		print_quoted(w, stmt->name.s);
	}
	if (stmt->text == NULL)
		return;
	print_c(w, " ");
	print_expr(w, stmt->text);
}

static void
put_rule(struct writer *w, const struct stmt *stmt)
{
	if (!str_is_none(stmt->label.s)) {
		print_str(w, stmt->label.s);
		print_c(w, ": ");
	}
	if (stmt->observe)
		print_c(w, "observe ");
	put_action(w, stmt);
	if (stmt->cond == NULL)
		return;
	print_c(w, stmt->unless ? " unless " : " if ");
	print_expr(w, stmt->cond);
}

static void put_when(struct writer *w, const struct stmt *stmt);

/* "{", the rules one a line, "}" */
static void
put_rules(struct writer *w, const struct stmt *first)
{
	if (first == NULL) {
		print_c(w, "{ }");
		return;
	}
	print_c(w, "{");
	w->tabs++;
	for (const struct stmt *s = first; s != NULL; s = s->next) {
		print_line(w);
		if (s->kind == STMT_WHEN)
			put_when(w, s);
		else
			put_rule(w, s);
	}
	w->tabs--;
	print_line(w);
	print_c(w, "}");
}

/*
 * An else branch that is one when prints as else when: the tree of
 * "else { when ... }" is the same.
 */
static void
put_when(struct writer *w, const struct stmt *stmt)
{
	const struct stmt *s = stmt;

	for (;;) {
		print_c(w, "when ");
		print_expr(w, s->cond);
		print_c(w, " ");
		put_rules(w, s->then);
		if (!s->has_else)
			return;
		print_c(w, " else ");
		s = s->other;
		if (s == NULL || s->kind != STMT_WHEN || s->next != NULL) {
			put_rules(w, s);
			return;
		}
	}
}

static void
put_block(struct writer *w, const struct block *block)
{
	const char *sep = "on ";

	for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
		if ((block->stages & (1u << stage)) == 0)
			continue;
		print_c(w, sep);
		print_c(w, stage_name((enum stage)stage));
		sep = ", ";
	}
	print_c(w, " ");
	put_rules(w, block->first);
	print_c(w, "\n");
}

/* ---- settings ----------------------------------------------------------- */

static void
put_listen(struct writer *w, const struct setting *s)
{
	print_c(w, s->kind == SETTING_LISTEN ? "listen " : "metrics ");
	print_quoted(w, s->value.s);
	put_word(w, " mode ", s->mode.s);
	put_word(w, " user ", s->user.s);
	put_word(w, " group ", s->group.s);
}

static void
put_log(struct writer *w, const struct setting *s)
{
	print_c(w, s->json ? "log json " : "log ");
	switch (s->target) {
	case LOG_TO_SYSLOG:
		print_c(w, "syslog");
		put_word(w, " ", s->value.s);
		break;
	case LOG_TO_STDERR:
		print_c(w, "stderr");
		break;
	case LOG_TO_FILE:
		print_c(w, "file ");
		print_quoted(w, s->value.s);
		break;
	case LOG_TO_JOURNAL:
		print_c(w, "journal");
		break;
	}
	if (s->decisions)
		print_c(w, " decisions");
}

static void
put_setting(struct writer *w, const struct setting *s)
{
	switch (s->kind) {
	case SETTING_LISTEN:
	case SETTING_METRICS:
		put_listen(w, s);
		break;
	case SETTING_LOG:
		put_log(w, s);
		break;
	case SETTING_OBSERVE_ALL:
		print_c(w, "observe all");
		break;
	case SETTING_ON_ERROR:
		print_c(w, "on error ");
		put_action(w, s->rule);
		break;
	case SETTING_TIMEZONE:
		print_c(w, "timezone ");
		print_quoted(w, s->value.s);
		break;
	case SETTING_USER:
		put_word(w, "user ", s->value.s);
		break;
	case SETTING_GROUP:
		put_word(w, "group ", s->value.s);
		break;
	case SETTING_CONTROL:
		print_c(w, "control ");
		print_quoted(w, s->value.s);
		break;
	case SETTING_DRAIN:
		put_word(w, "drain ", s->value.s);
		break;
	case SETTING_WATCH_LISTS:
		print_c(w, "watch lists");
		break;
	}
	print_c(w, "\n");
}

/* ---- definitions -------------------------------------------------------- */

/* Up to and with the last slash. */
static struct str
directory(struct str name)
{
	size_t slash = str_rfind(name, '/');

	return slash == STR_NOWHERE ? STR("") : str_sub(name, 0, slash + 1);
}

/*
 * A path from an included file is relative to that file; printed, it must be
 * relative to the one text that the policy has become.
 */
static void
put_path(struct writer *w, const struct ast_str *path)
{
	struct str root = directory(w->ast->source->name);
	struct str here = directory(path->pos.source->name);

	print_c(w, "\"");
	if (!str_starts(path->s, STR("/")) && str_starts(here, root))
		print_escaped(w, str_from(here, root.n));
	print_escaped(w, path->s);
	print_c(w, "\"");
}

static void
put_part(struct writer *w, const struct part *part)
{
	switch (part->kind) {
	case PART_SET:
		print_set(w, part->items, true);
		return;
	case PART_FILE:
		print_c(w, "file ");
		put_path(w, &part->name);
		return;
	case PART_NAME:
		print_str(w, part->name.s);
		return;
	}
}

static void
put_def(struct writer *w, const struct def *def)
{
	const char *sep = " = ";

	print_c(w, def->kind == DEF_LET   ? "let "
		   : def->kind == DEF_MAP ? "map "
					  : list_kind_name(def->list_kind));
	if (def->kind == DEF_LIST)
		print_c(w, " ");
	print_str(w, def->name.s);
	if (def->has_of) {
		print_c(w, " of ");
		print_c(w, list_kind_name(def->list_kind));
	}
	for (const struct part *p = def->parts; p != NULL; p = p->next) {
		print_c(w, sep);
		put_part(w, p);
		sep = " + ";
	}
	if (def->fallback != NULL) {
		print_c(w, " default ");
		print_expr(w, def->fallback);
	}
	if (def->cond != NULL) {
		print_c(w, sep);
		print_expr(w, def->cond);
	}
	print_c(w, "\n");
}

struct str
print_def(const struct ast *ast, const struct def *def, struct arena *arena)
{
	struct writer count = { .ast = ast };
	struct writer w = { .ast = ast };

	put_def(&count, def);
	w.p = arena_xalloc(arena, count.n + 1);
	put_def(&w, def);
	return str_of(w.p, w.n);
}

/* ---- all ---------------------------------------------------------------- */

void
print_policy(const struct ast *ast, FILE *out)
{
	struct writer w = { .out = out, .ast = ast };
	size_t n;

	for (const struct setting *s = ast->settings; s != NULL; s = s->next)
		put_setting(&w, s);
	n = w.n;
	for (const struct def *d = ast->defs; d != NULL; d = d->next) {
		if (n > 0 && d == ast->defs)
			print_c(&w, "\n");
		put_def(&w, d);
	}
	for (const struct block *b = ast->blocks; b != NULL; b = b->next) {
		if (w.n > 0)
			print_c(&w, "\n");
		put_block(&w, b);
	}
}
