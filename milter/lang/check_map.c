/*
 * check_map - maps: keys go to lists/map, values are typed here.
 *
 * A map's values are of one type, found from all of them: a plain number
 * among sizes counts octets, and anything else mixed is an error at the
 * first value that does not fit those before it.
 */
#include "lang/check.h"

#include "lang/literal.h"
#include "lang/type.h"
#include "lists/load.h"

/* A map while it is read. */
struct build {
	struct check *c;
	struct defn *d;
	struct making making;
	struct valued *valued; /* it becomes this */
	bool shared;           /* which is there already */
	enum type type;        /* of the values so far; T_NONE: none yet */
	struct pos first;      /* of the first value */
	struct value *values;
	struct list **lists;
	struct pos *places; /* of inline keys */
	uint32_t n;
	uint32_t room;
};

static void *
grown(struct arena *arena, const void *old, size_t n, size_t room, size_t size)
{
	void *p = arena_xalloc(arena, room * size);

	if (n > 0)
		memcpy(p, old, n * size);
	return p;
}

/* Room for one more value, in the scratch arena. */
static void
make_room(struct build *b)
{
	struct arena *scratch = b->c->scratch;

	if (b->n < b->room)
		return;
	b->room = b->room == 0 ? 16 : b->room * 2;
	b->values =
	    grown(scratch, b->values, b->n, b->room, sizeof(*b->values));
	b->lists = grown(scratch, b->lists, b->n, b->room, sizeof(*b->lists));
	b->places =
	    grown(scratch, b->places, b->n, b->room, sizeof(*b->places));
}

/* ---- values ------------------------------------------------------------- */

/* The type that both fit; T_NONE if there is none. */
static enum type
join(enum type a, enum type b)
{
	if (a == T_NONE || a == b)
		return b;
	if ((a == T_NUMBER && b == T_SIZE) || (a == T_SIZE && b == T_NUMBER))
		return T_SIZE;
	return T_NONE;
}

/*
 * "10MB", "10 MB": how many octets of digits stand before what was meant for
 * the unit of a size; 0 where it is none.
 */
static size_t
size_meant(struct str s, char *unit_r)
{
	size_t n = 0;
	struct str unit;

	while (n < s.n && ascii_is_digit(str_at(s, n)))
		n++;
	unit = str_trim(str_from(s, n));
	if (unit.n == 0 || strchr("kKmMgG", unit.p[0]) == NULL)
		return 0;
	*unit_r = (char)(unit.p[0] & ~('a' - 'A'));
	unit = str_from(unit, 1);
	return unit.n == 0 || str_eq_ci(unit, STR("B")) ||
		       str_eq_ci(unit, STR("iB"))
		   ? n
		   : 0;
}

/* What was not read as a number and looks like one. */
static void
warn_of_size(struct build *b, const struct map_line *line)
{
	char unit = 0;
	size_t n = line->value_quoted ? 0 : size_meant(line->value, &unit);

	if (n > 0)
		diag_add(b->c->diags, DIAG_WARNING, line->value_pos,
		    "this is a text and no size; write %.*s%c (or put it into "
		    "quotes)",
		    STR_FMT(str_sub(line->value, 0, n)), unit);
}

static bool
type_value(struct build *b, const struct map_line *line, struct value *v)
{
	struct why why;
	int form = line->value_quoted ? 0 : literal_parse(line->value, v, &why);

	if (form < 0) {
		diag_add(
		    b->c->diags, DIAG_ERROR, line->value_pos, "%s", why.text);
		return false;
	}
	if (form == 0)
		warn_of_size(b, line);
	if (form == 0 || v->type == T_CLOCK || v->type == T_DATE)
		*v = (struct value){ .type = T_STRING,
			.state = VALUE_PRESENT,
			.str = arena_xstr(b->valued->arena, line->value) };
	return true;
}

static bool
add_value(struct build *b, const struct map_line *line)
{
	struct value *v = &b->values[b->n];
	enum type type;

	if (!type_value(b, line, v))
		return false;
	type = join(b->type, v->type);
	if (type == T_NONE) {
		diag_add(b->c->diags, DIAG_ERROR, line->value_pos,
		    "this value is %s, and those before it are %s; "
		    "the values of a map are of one kind%s",
		    type_name(v->type), type_plural(b->type),
		    b->type == T_STRING ? ": put it into quotes" : "");
		diag_add(b->c->diags, DIAG_NOTE, b->first,
		    "the first value is here");
		return false;
	}
	if (b->type == T_NONE)
		b->first = line->value_pos;
	b->type = type;
	return true;
}

/* The next entry of a value that is a list: up to a comma outside quotes. */
static bool
next_entry(struct str *rest, struct str *entry_r)
{
	bool quoted = false;
	size_t i = 0;

	if (str_is_none(*rest))
		return false;
	for (; i < rest->n && (quoted || rest->p[i] != ','); i++) {
		if (rest->p[i] == '\\' && i + 1 < rest->n)
			i++;
		else if (rest->p[i] == '"')
			quoted = !quoted;
	}
	*entry_r = str_trim(str_sub(*rest, 0, i));
	*rest = i < rest->n ? str_from(*rest, i + 1) : STR_NONE;
	return true;
}

static bool
fill_list(struct check *c, struct list *list, struct pos pos, struct str value)
{
	struct str entry;
	struct why why;
	bool good = true;

	while (next_entry(&value, &entry)) {
		if (list_add(list, entry, &why))
			continue;
		diag_add(c->diags, DIAG_ERROR, pos, "%s", why.text);
		good = false;
	}
	check_list_seal(c, list);
	return good;
}

static bool
add_list(struct build *b, const struct map_line *line)
{
	b->lists[b->n] =
	    check_list_new(b->c, b->valued->arena, b->d->def->list_kind);
	return fill_list(b->c, b->lists[b->n], line->value_pos, line->value);
}

/* One line, inline or of a file. */
static bool
read_line(void *ctx, const struct map_line *line, uint32_t *number_r)
{
	struct build *b = ctx;

	make_room(b);
	if (line->value.n == 0 && !line->value_quoted) {
		diag_add(b->c->diags, DIAG_ERROR, line->key_pos,
		    "the key %.*s has no value; write: key value",
		    STR_FMT(line->key));
		return false;
	}
	if (!(b->d->def->has_of ? add_list(b, line) : add_value(b, line)))
		return false;
	b->places[b->n] = line->key_pos;
	*number_r = b->n++;
	return true;
}

/* ---- inline and files --------------------------------------------------- */

static bool
read_item(struct build *b, const struct ast_item *item)
{
	struct map_line line = { .key_pos = item->pos,
		.key = item->text,
		.value_pos = item->value.pos,
		.value = item->value.s,
		.value_quoted = item->value_quoted };
	uint32_t number;
	uint32_t twice;
	struct why why;

	if (!item->quoted && str_eq(item->text, STR("default")))
		diag_add(b->c->diags, DIAG_WARNING, item->pos,
		    "this is a key like any other; the value for what is not "
		    "found stands behind the braces: } default VALUE (for the "
		    "key write \"default\")");
	if (!read_line(b, &line, &number))
		return false;
	if (map_add(b->valued->map, item->text, number, &twice, &why))
		return true;
	diag_add(b->c->diags, DIAG_ERROR, item->pos, "%s%s", why.text,
	    twice != MAP_NONE ? "; leave one of them out" : "");
	if (twice != MAP_NONE)
		diag_add(b->c->diags, DIAG_NOTE, b->places[twice],
		    "the first is here");
	return false;
}

static bool
read_part(struct build *b, const struct part *part)
{
	struct map_reader reader = { read_line, b };
	const struct source *source;
	bool good = !part->faulty;

	if (part->kind == PART_FILE) {
		source = check_making_read(b->c, &b->making, 0);
		return source != NULL &&
		       map_load(b->valued->map, source, &reader, b->c->diags);
	}
	for (const struct ast_item *i = part->items; i != NULL; i = i->next)
		good = read_item(b, i) && good;
	return good;
}

/* ---- default ------------------------------------------------------------ */

static bool
default_value(struct build *b, const struct node *n)
{
	struct check *c = b->c;
	struct scope scope = { .stages = 0 };
	struct scope *outer = c->scope;
	const struct expr *e;
	enum type type;

	c->scope = &scope;
	e = check_value(c, n);
	c->scope = outer;
	if (e->type == T_NONE)
		return false;
	if (e->kind != EXPR_CONST) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "a default is a number, a size, a duration or a string");
		return false;
	}
	type = join(b->type, e->type);
	if (type == T_NONE) {
		diag_add(c->diags, DIAG_ERROR, n->pos,
		    "the default is %s, and the values are %s; write one "
		    "such as %s",
		    type_name(e->type), type_plural(b->type),
		    type_example(b->type));
		diag_add(
		    c->diags, DIAG_NOTE, b->first, "the first value is here");
		return false;
	}
	b->type = type;
	if (e->type != type) {
		struct expr *octets = check_expr_new(c, EXPR_CONST, type);
		octets->text = e->text;
		octets->value = e->value;
		octets->value.type = type;
		e = octets;
	}
	b->d->fallback = e;
	return true;
}

static bool
default_set(struct check *c, struct list *list, const struct node *n)
{
	size_t before = c->diags->errors;

	for (const struct ast_item *i = n->items; i != NULL; i = i->next)
		check_list_item(c, list, i);
	check_list_seal(c, list);
	return c->diags->errors == before;
}

static bool
default_list(struct build *b, const struct node *n)
{
	struct check *c = b->c;
	struct list *list = check_list_new(c, c->arena, b->d->def->list_kind);
	struct str text = n->text;

	b->d->fallback_list = list;
	if (n->kind == NODE_BAD)
		return false;
	if (n->kind == NODE_SET)
		return default_set(c, list, n);
	if (n->kind == NODE_IP ||
	    (n->kind == NODE_STRING && check_plain(n, c->scratch, &text)))
		return fill_list(c, list, n->pos, text);
	diag_add(c->diags, DIAG_ERROR, n->pos,
	    "the default of a map of lists is a string, its entries apart by "
	    "commas");
	return false;
}

/* ---- the map ------------------------------------------------------------ */

static void
free_valued(void *valued)
{
	valued_unref(valued);
}

/* What was read, into the table; all values of the map's type. */
static void
keep(struct build *b)
{
	struct valued *valued = b->valued;
	struct arena *arena = valued->arena;
	struct value *values;

	valued->type = b->type == T_NONE ? T_STRING : b->type;
	if (b->d->def->has_of) {
		valued->lists =
		    grown(arena, b->lists, b->n, b->n + 1, sizeof(*b->lists));
		return;
	}
	values = grown(arena, b->values, b->n, b->n + 1, sizeof(*values));
	for (uint32_t i = 0; i < b->n; i++)
		values[i].type = valued->type;
	valued->values = values;
}

/* A new table, or the one that the old policy has. */
static void
find_valued(struct build *b)
{
	const struct kept_def *same;

	check_making_begin(b->c, b->d->def, &b->making);
	same = check_making_find(b->c, &b->making);
	b->shared = same != NULL;
	b->valued = b->shared ? valued_ref(same->valued) : valued_new();
	if (b->valued == NULL ||
	    !arena_defer(b->c->arena, free_valued, b->valued))
		check_no_memory(b->c);
	b->type = b->valued->type;
}

static bool
build_valued(struct build *b)
{
	bool good = b->d->def->parts != NULL; /* or the parser told why */

	for (const struct part *i = b->d->def->parts; i != NULL; i = i->next)
		good = read_part(b, i) && good;
	return good;
}

void
check_map_defn(struct check *c, struct defn *d)
{
	struct build b = { .c = c, .d = d };
	const struct def *def = d->def;
	bool good;

	find_valued(&b);
	good = b.shared || build_valued(&b);
	if (def->fallback != NULL && good)
		good = def->has_of ? default_list(&b, def->fallback)
				   : default_value(&b, def->fallback);
	if (!b.shared) {
		if (!map_seal(b.valued->map))
			check_no_memory(c);
		keep(&b);
	}
	if (good)
		check_making_end(c, &b.making, NULL, b.valued);
	d->map = b.valued->map;
	d->type = b.valued->type;
	d->values = b.valued->values;
	d->lists = b.valued->lists;
	d->state = good ? DEFN_DONE : DEFN_BAD;
	if (good && map_size(d->map) == 0)
		diag_add(c->diags, DIAG_WARNING, def->name.pos,
		    "the map \"%.*s\" is empty: no key is ever found",
		    STR_FMT(def->name.s));
}
