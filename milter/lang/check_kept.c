/*
 * check_kept - what of a definition is as it was in the policy before.
 *
 * What a definition is made of is gathered first: its text, the lists it
 * names (which are shared themselves where they have not changed, and so are
 * the same objects), its files.  Only then is it decided whether anything is
 * read.  A file is read once, be it to compare it or to load it.
 *
 * Diagnostics come when something is built: what is shared was warned of
 * when it was loaded.
 */
#include "lang/check.h"

#include "lang/print.h"
#include "lists/database.h"

static void
count_parts(const struct def *def, uint32_t *files_r, uint32_t *named_r)
{
	*files_r = 0;
	*named_r = 0;
	for (const struct part *p = def->parts; p != NULL; p = p->next) {
		*files_r += p->kind == PART_FILE;
		*named_r += p->kind == PART_NAME;
	}
}

static const struct list *
named_list(struct check *c, const struct part *part)
{
	const struct defn *d = check_find_defn(c, part->name.s);

	return d == NULL ? NULL : d->list;
}

static void
make_room(struct check *c, struct making *m, uint32_t files, uint32_t named)
{
	struct kept_def *kept = arena_xalloc(c->arena, sizeof(*kept));

	kept->files =
	    arena_xalloc(c->arena, (files + 1) * sizeof(*kept->files));
	kept->named =
	    arena_xalloc(c->arena, (named + 1) * sizeof(*kept->named));
	m->kept = kept;
	m->parts = arena_xalloc(c->scratch, (files + 1) * sizeof(*m->parts));
	m->sources =
	    arena_xalloc(c->scratch, (files + 1) * sizeof(*m->sources));
	m->failed = arena_xalloc(c->scratch, (files + 1) * sizeof(*m->failed));
}

void
check_making_begin(struct check *c, const struct def *def, struct making *m)
{
	uint32_t files;
	uint32_t named;
	struct kept_def *kept;

	m->def = def;
	count_parts(def, &files, &named);
	make_room(c, m, files, named);
	kept = m->kept;
	for (const struct part *p = def->parts; p != NULL; p = p->next) {
		switch (p->kind) {
		case PART_SET:
			break;
		case PART_FILE:
			m->parts[kept->n_files] = p;
			kept->files[kept->n_files++].path = arena_xstr(
			    c->arena, source_relative(c->sources,
					  p->name.pos.source, p->name.s));
			break;
		case PART_NAME:
			kept->named[kept->n_named++] = named_list(c, p);
			break;
		}
	}
	kept->name = arena_xstr(c->arena, def->name.s);
	if (c->diags->errors == 0)
		kept->text = print_def(c->ast, def, c->arena);
}

/* ---- databases ----------------------------------------------------------
 */

enum {
	READS_MOST = 5, /* of a database that changes meanwhile */
};

/*
 * Some databases are written in place, and what was copied while it was
 * written may be of two times; a text that is written is the writer's fault.
 */
static const struct source *
read_unchanged(struct check *c, struct str path, struct why *why)
{
	const char *name = arena_cstr(c->scratch, path);

	for (int i = 0; i < READS_MOST; i++) {
		const struct source *source =
		    source_read(c->sources, path, LIST_FILE_MAX, why);
		struct source_stamp now = source_stamp_of(name);
		if (source == NULL ||
		    database_find(path, source->text) == NULL ||
		    source_stamp_same(&now, &c->sources->stamp))
			return source;
	}
	why_set(why, "%s: is being written all the time", name);
	return NULL;
}

/* Postmap makes keys lower case, and /\S/ is not /\s/. */
static bool
may_have_databases(const struct def *def, struct why *why)
{
	if (def->kind != DEF_LIST || def->list_kind != LIST_PATTERNS)
		return true;
	return why_set(why, "a database has no patterns, as its keys are in "
			    "lower case; name the text that it is made of");
}

/* A database's entries as text; a text as it is. */
static const struct source *
as_text(struct check *c, const struct making *m, const struct source *source,
    struct why *why)
{
	const struct database_format *format =
	    database_find(source->name, source->text);
	struct source *text;
	struct why fault;

	if (format == NULL)
		return source;
	text = arena_xalloc(c->sources->arena, sizeof(*text));
	text->name = source->name;
	text->entries = true;
	if (may_have_databases(m->def, &fault) &&
	    database_text(format, source->text, m->def->kind == DEF_MAP,
		c->sources->arena, &text->text, &fault))
		return text;
	why_set(why, "%.*s: %s", STR_FMT(str_sub(source->name, 0, 200)),
	    fault.text);
	return NULL;
}

const struct source *
check_making_read(struct check *c, struct making *m, uint32_t i)
{
	struct kept_file *file = &m->kept->files[i];
	const struct source *source;
	struct why why;

	if (m->sources[i] != NULL || m->failed[i])
		return m->sources[i];
	source = read_unchanged(c, file->path, &why);
	if (source != NULL)
		source = as_text(c, m, source, &why);
	m->sources[i] = source;
	m->failed[i] = source == NULL;
	if (source != NULL)
		kept_file_set(file, source, &c->sources->stamp);
	else
		diag_add(c->diags, DIAG_ERROR, m->parts[i]->name.pos, "%s",
		    why.text);
	return source;
}

/* Whether file i holds what it held; it then has that stamp and digest. */
static bool
same_file(
    struct check *c, struct making *m, uint32_t i, const struct kept_file *was)
{
	struct kept_file *file = &m->kept->files[i];
	const struct source *source;

	if (!str_eq(file->path, was->path))
		return false;
	if (m->sources[i] == NULL &&
	    source_is_stamped(c->sources, was->path, &was->stamp)) {
		file->stamp = was->stamp;
		file->n = was->n;
		file->key = was->key;
		file->digest = was->digest;
		return true;
	}
	source = check_making_read(c, m, i);
	return source != NULL && kept_file_is(was, source);
}

static bool
same_parts(struct check *c, struct making *m, const struct kept_def *was)
{
	const struct kept_def *kept = m->kept;

	if (kept->n_files != was->n_files || kept->n_named != was->n_named ||
	    !str_eq(kept->text, was->text))
		return false;
	for (uint32_t i = 0; i < kept->n_named; i++)
		if (kept->named[i] != was->named[i])
			return false;
	for (uint32_t i = 0; i < kept->n_files; i++)
		if (!same_file(c, m, i, &was->files[i]))
			return false;
	return true;
}

const struct kept_def *
check_making_find(struct check *c, struct making *m)
{
	if (c->old == NULL || str_is_none(m->kept->text))
		return NULL;
	for (const struct kept_def *k = c->old->kept; k != NULL; k = k->next)
		if (same_parts(c, m, k))
			return k;
	return NULL;
}

void
check_making_end(
    struct check *c, struct making *m, struct list *list, struct valued *valued)
{
	m->kept->list = list;
	m->kept->valued = valued;
	m->kept->next = c->policy->kept;
	c->policy->kept = m->kept;
}
