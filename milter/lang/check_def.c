/*
 * check_def - definitions: their names, lists and lets.
 *
 * A definition is checked when it is first used, or at the end; so the order
 * of writing does not matter, and a loop is met as a definition under way.
 */
#include "lang/check.h"

#include <stdlib.h>

#include "lang/word.h"
#include "lists/load.h"

_Noreturn void
check_no_memory(struct check *c)
{
	/* No policy is better than half a policy. */
	(void)arena_xalloc(c->arena, SIZE_MAX);
	abort(); /* that has ended the process, with its message */
}

/* ---- names -------------------------------------------------------------- */

/* Keywords and reserved words were refused by the parser. */
static void
check_def_name(struct check *c, const struct ast_str *name)
{
	enum fact fact;

	if (fact_find(name->s, &fact) && !word_is_keyword(name->s) &&
	    !word_is_reserved(name->s))
		diag_add(c->diags, DIAG_ERROR, name->pos,
		    "\"%.*s\" is a fact; give the definition another name, "
		    "such as my-%.*s",
		    STR_FMT(name->s), STR_FMT(name->s));
}

static void
enter(struct check *c, const struct def *def)
{
	struct defn *d = &c->defns[c->n_defns];
	struct name_slot *slot;
	bool old;

	check_def_name(c, &def->name);
	slot = names_put(&c->defn_names, def->name.s, c->n_defns, &old);
	d->def = def;
	d->state = DEFN_NEW;
	c->n_defns++;
	if (!old)
		return;
	/* The second one is checked, but the first is what is meant. */
	d->used = true;
	diag_add(c->diags, DIAG_ERROR, def->name.pos,
	    "\"%.*s\" is defined twice; lists, maps and lets share one set of "
	    "names",
	    STR_FMT(def->name.s));
	diag_add(c->diags, DIAG_NOTE, c->defns[slot->value].def->name.pos,
	    "the first is here");
}

struct defn *
check_find_defn(struct check *c, struct str name)
{
	uint32_t i;

	if (!names_find(&c->defn_names, name, &i))
		return NULL;
	return &c->defns[i];
}

/* ---- lists -------------------------------------------------------------- */

static void
free_list(void *list)
{
	list_unref(list);
}

/* The arena takes the reference over. */
static void
give_list(struct check *c, struct arena *arena, struct list *list)
{
	if (list == NULL || !arena_defer(arena, free_list, list))
		check_no_memory(c);
}

struct list *
check_list_new(struct check *c, struct arena *arena, enum list_kind kind)
{
	struct list *list = list_new(kind);

	give_list(c, arena, list);
	return list;
}

void
check_list_seal(struct check *c, struct list *list)
{
	if (!list_seal(list))
		check_no_memory(c);
}

void
check_list_item(struct check *c, struct list *list, const struct ast_item *item)
{
	struct pos pos = item->pos;
	struct why why = { .at = 0 };
	bool good;

	if (item->text.n == 0 && !item->quoted)
		return; /* the parser told why */
	if (item->is_regex) {
		good =
		    list_add_regex(list, item->text, item->regex_flags, &why);
		pos.col++; /* its slash */
		if (good) {
			check_regex(c, pos, item->text, item->regex_flags);
			return;
		}
	} else if (str_starts(item->text, STR("!")) && !item->quoted &&
		   list_kind(list) != LIST_WORDS) {
		good = why_set(&why,
		    "a list has no exceptions; put %.*s into a list of its "
		    "own, and test: in this and not in that",
		    STR_FMT(str_from(item->text, 1)));
	} else {
		good = list_add(list, item->text, &why);
	}
	if (good && list_doubt(list_kind(list), item->text, &why))
		diag_add(c->diags, DIAG_WARNING, pos, "%s", why.text);
	if (good)
		return;
	if (!item->quoted && why.at > 0) {
		pos.col += (uint32_t)why.at;
		pos.len = 1;
	}
	diag_add(c->diags, DIAG_ERROR, pos, "%s", why.text);
}

static bool
add_file(struct check *c, struct defn *d, struct making *m, uint32_t i)
{
	const struct source *source = check_making_read(c, m, i);

	return source != NULL && list_load(d->list, source, c->diags);
}

/* A list that this one names: told where it cannot be used. */
static bool
check_named(struct check *c, struct defn *d, const struct part *part)
{
	struct defn *other = check_find_defn(c, part->name.s);
	int most = NAMES_NEAR;
	struct str near;

	if (other == NULL) {
		near = names_near(&c->defn_names, part->name.s, &most);
		diag_add(c->diags, DIAG_ERROR, part->name.pos,
		    str_is_none(near) ? "there is no list \"%.*s\""
				      : "there is no list \"%.*s\"; did you "
					"mean %.*s?",
		    STR_FMT(part->name.s), STR_FMT(near));
		return false;
	}
	other->used = true;
	if (other->def->kind != DEF_LIST ||
	    other->def->list_kind != d->def->list_kind) {
		diag_add(c->diags, DIAG_ERROR, part->name.pos,
		    "\"%.*s\" is not a list of %s, and only lists of one kind "
		    "can be joined",
		    STR_FMT(part->name.s), list_kind_name(d->def->list_kind));
		return false;
	}
	return check_defn(c, other, part->name.pos);
}

/*
 * What is no item here, but was meant for the right side of the "=".  True
 * where it must not be read as an item.
 */
static bool
is_part(struct check *c, const struct ast_item *item, const struct def *def)
{
	enum list_kind kind = def->list_kind;
	const struct defn *other;
	bool would_do = kind == LIST_WORDS || kind == LIST_DOMAINS;

	if (item->quoted || item->is_regex)
		return false;
	if (str_eq(item->text, STR("file")) && item->next != NULL &&
	    item->next->quoted) {
		diag_add(c->diags, DIAG_ERROR, item->pos,
		    "a file stands outside of the braces: = file \"%.*s\", "
		    "joined to other parts by +",
		    STR_FMT(item->next->text));
		return true;
	}
	other = check_find_defn(c, item->text);
	if (other == NULL || other->def == def ||
	    other->def->kind != DEF_LIST || other->def->list_kind != kind)
		return false;
	diag_add(c->diags, would_do ? DIAG_WARNING : DIAG_ERROR, item->pos,
	    "a list stands outside of the braces: { ... } + %.*s%s",
	    STR_FMT(item->text),
	    would_do ? " (for the item of that name write it in quotes)" : "");
	return !would_do;
}

static bool
add_items(struct check *c, struct defn *d, const struct part *part)
{
	size_t before = c->diags->errors;

	for (const struct ast_item *i = part->items; i != NULL; i = i->next)
		if (!is_part(c, i, d->def))
			check_list_item(c, d->list, i);
	return c->diags->errors == before && !part->faulty;
}

/* From its parts; the lists that are `named` can be used. */
static bool
build_list(struct check *c, struct defn *d, struct making *m, bool named)
{
	uint32_t files = 0;
	uint32_t lists = 0;
	bool good = true;

	d->list = check_list_new(c, c->arena, d->def->list_kind);
	for (const struct part *i = d->def->parts; i != NULL; i = i->next) {
		switch (i->kind) {
		case PART_SET:
			good = add_items(c, d, i) && good;
			break;
		case PART_FILE:
			good = add_file(c, d, m, files++) && good;
			break;
		case PART_NAME:
			if (named &&
			    !list_add_list(d->list, m->kept->named[lists++]))
				check_no_memory(c);
			break;
		}
	}
	check_list_seal(c, d->list);
	return good;
}

void
check_list_defn(struct check *c, struct defn *d)
{
	const struct kept_def *same;
	struct making m;
	bool good = true;

	for (const struct part *i = d->def->parts; i != NULL; i = i->next)
		if (i->kind == PART_NAME)
			good = check_named(c, d, i) && good;
	check_making_begin(c, d->def, &m);
	same = check_making_find(c, &m);
	if (same != NULL) {
		d->list = same->list;
		give_list(c, c->arena, list_ref(d->list));
	} else {
		good = build_list(c, d, &m, good) && good;
	}
	if (good)
		check_making_end(c, &m, d->list, NULL);
	d->state = good ? DEFN_DONE : DEFN_BAD;
	/* Without any part, the parser told why. */
	if (good && d->def->parts != NULL && list_size(d->list) == 0)
		diag_add(c->diags, DIAG_WARNING, d->def->name.pos,
		    "the list \"%.*s\" is empty: nothing is ever in it",
		    STR_FMT(d->def->name.s));
}

/* ---- lets --------------------------------------------------------------- */

void
check_let_defn(struct check *c, struct defn *d)
{
	struct scope *outer = c->scope;
	struct scope scope = { .stages = 0 };

	c->scope = &scope;
	d->cond = check_cond(c, d->def->cond);
	c->scope = outer;
	d->uses = scope.uses;
	d->depth = scope.deepest;
	d->slot = c->n_memos++;
	d->state = d->cond->type == T_NONE ? DEFN_BAD : DEFN_DONE;
}

/* ---- all ---------------------------------------------------------------- */

static void
check_new(struct check *c, struct defn *d)
{
	d->state = DEFN_OPEN;
	c->def_depth++;
	if (c->def_depth > DEF_DEPTH_MAX) {
		diag_add(c->diags, DIAG_ERROR, d->def->name.pos,
		    "definitions are built on one another over %d deep",
		    DEF_DEPTH_MAX);
		d->state = DEFN_BAD;
	} else {
		switch (d->def->kind) {
		case DEF_LIST:
			check_list_defn(c, d);
			break;
		case DEF_MAP:
			check_map_defn(c, d);
			break;
		case DEF_LET:
			check_let_defn(c, d);
			break;
		}
	}
	c->def_depth--;
}

bool
check_defn(struct check *c, struct defn *d, struct pos pos)
{
	if (d->state == DEFN_NEW)
		check_new(c, d);
	if (d->state == DEFN_OPEN) {
		diag_add(c->diags, DIAG_ERROR, pos,
		    "\"%.*s\" is defined by way of itself",
		    STR_FMT(d->def->name.s));
		diag_add(c->diags, DIAG_NOTE, d->def->name.pos,
		    "its definition begins here");
	}
	return d->state == DEFN_DONE;
}

void
check_definitions(struct check *c)
{
	size_t n = 0;

	for (const struct def *i = c->ast->defs; i != NULL; i = i->next)
		n++;
	c->defns = arena_xalloc(c->scratch, (n + 1) * sizeof(*c->defns));
	for (const struct def *i = c->ast->defs; i != NULL; i = i->next)
		enter(c, i);
	for (uint32_t i = 0; i < c->n_defns; i++)
		if (c->defns[i].state == DEFN_NEW)
			check_new(c, &c->defns[i]);
}
