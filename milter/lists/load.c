/*
 * load - list files and map files.
 *
 * A cursor goes through the text line by line; a piece is what was found in
 * a line: an entry, a key or a value.  Pieces point into the text, but for
 * quoted ones with a backslash, which are decoded into the cursor's arena
 * and die with their line.
 */
#include "lists/load.h"

#include <stdlib.h>

#include "lists/grow.h"

struct cursor {
	const struct source *source;
	struct diags *diags;
	struct arena *scratch;
	struct str rest; /* of the text; none at its end */
	struct str line;
	uint32_t number;
	bool ok;
};

struct piece {
	struct str text;
	size_t from; /* where it stands in the line, quotes included */
	size_t end;
	bool quoted;
};

/* ---- lines --------------------------------------------------------------
 */

static struct pos
pos_at(const struct cursor *c, size_t at, size_t len)
{
	return (struct pos){
		.source = c->source,
		.line = c->number,
		.col = (uint32_t)(at + 1),
		.len = len == 0 ? 1 : (uint32_t)len,
	};
}

static struct pos
piece_pos(const struct cursor *c, const struct piece *piece)
{
	return pos_at(c, piece->from, piece->end - piece->from);
}

static bool
out_of_memory(struct cursor *c)
{
	c->ok = false;
	c->rest = STR_NONE;
	diag_add(c->diags, DIAG_ERROR, pos_at(c, 0, 1), "out of memory");
	return false;
}

static bool
fault(struct cursor *c, size_t at, const char *text)
{
	c->ok = false;
	diag_add(c->diags, DIAG_ERROR, pos_at(c, at, 1), "%s", text);
	return false;
}

/* False where the text is none that can be read by lines. */
static bool
cursor_open(struct cursor *c, const struct source *source, struct diags *diags)
{
	*c = (struct cursor){
		.source = source,
		.diags = diags,
		.scratch = arena_new(ARENA_UNLIMITED),
		.rest = source->text,
		.number = 1,
		.ok = true,
	};
	if (c->scratch == NULL)
		return out_of_memory(c);
	if (str_starts(c->rest, STR("\xff\xfe")) ||
	    str_starts(c->rest, STR("\xfe\xff")))
		return fault(
		    c, 0, "the file is in UTF-16; save it as UTF-8 or ASCII");
	c->number = 0;
	return true;
}

static bool
cursor_close(struct cursor *c)
{
	arena_free(c->scratch);
	return c->ok;
}

/*
 * Where CR alone ends lines, all of a file could be one comment, so that is
 * looked for in comments too.
 */
static void
return_check(struct cursor *c)
{
	const char *cr = memchr(c->line.p, '\r', c->line.n);

	if (cr == NULL)
		return;
	fault(c, (size_t)(cr - c->line.p),
	    "a CR inside a line; lines end in LF or CR LF");
	c->line.n = 0;
}

static bool
next_line(struct cursor *c)
{
	size_t n;
	const char *end;

	if (str_is_none(c->rest) || c->rest.n == 0)
		return false;
	end = memchr(c->rest.p, '\n', c->rest.n);
	n = end == NULL ? c->rest.n : (size_t)(end - c->rest.p);
	c->line = str_of(c->rest.p, n);
	c->rest = str_from(c->rest, end == NULL ? n : n + 1);
	c->number++;
	if (n > 0 && c->line.p[n - 1] == '\r')
		c->line.n--;
	return_check(c);
	return true;
}

static bool
is_blank(struct str s, size_t at)
{
	return s.p[at] == ' ' || s.p[at] == '\t';
}

/*
 * The first octet from `at` on that is no blank; the line's end where there
 * is nothing but a comment.
 */
static size_t
skip_blanks(const struct cursor *c, size_t at)
{
	struct str line = c->line;

	if (at == 0 && c->number == 1 && str_starts(line, STR("\xef\xbb\xbf")))
		at = 3;
	while (at < line.n && is_blank(line, at))
		at++;
	return at < line.n && line.p[at] == '#' ? line.n : at;
}

/* Where a comment begins, or the line ends. */
static size_t
text_end(struct str line, size_t at)
{
	for (; at < line.n; at++)
		if (line.p[at] == '#' && at > 0 && is_blank(line, at - 1))
			break;
	return at;
}

static size_t
word_end(struct str line, size_t at)
{
	while (at < line.n && !is_blank(line, at))
		at++;
	return at;
}

/* ---- pieces -------------------------------------------------------------
 */

/* The octet after the closing `mark` of what is opened at `at`; STR_NOWHERE
 * where it is not closed. */
static size_t
closed_end(struct str line, size_t at, char mark)
{
	for (size_t i = at + 1; i < line.n; i++) {
		if (line.p[i] == mark)
			return i + 1;
		if (line.p[i] == '\\')
			i++;
	}
	return STR_NOWHERE;
}

/* The text between quotes, without its backslashes. */
static bool
unquote(struct cursor *c, struct piece *piece)
{
	struct str inner =
	    str_sub(c->line, piece->from + 1, piece->end - piece->from - 2);
	char *copy;
	size_t n = 0;

	piece->text = inner;
	piece->quoted = true;
	if (str_find(inner, '\\') == STR_NOWHERE)
		return true;
	copy = arena_cstr(c->scratch, inner);
	if (copy == NULL)
		return out_of_memory(c);
	for (size_t i = 0; i < inner.n; i++) {
		if (inner.p[i] == '\\' && ++i < inner.n && inner.p[i] != '"' &&
		    inner.p[i] != '\\')
			return fault(c, piece->from + i,
			    "in quotes a backslash stands before \" or \\ "
			    "only; write \\\\ for a backslash");
		copy[n++] = inner.p[i];
	}
	piece->text = str_of(copy, n);
	return true;
}

/*
 * A piece that begins with a quote at piece->from: sets its end, and where it
 * is wholly in quotes its text.  `many`: it may go on behind a comma.
 */
static bool
quoted_piece(struct cursor *c, struct piece *piece, bool many)
{
	struct str line = c->line;
	size_t end = closed_end(line, piece->from, '"');
	size_t next;

	if (end == STR_NOWHERE)
		return fault(c, piece->from, "this quote is not closed");
	piece->end = end;
	if (end < line.n && line.p[end] == '@')
		return true;
	next = skip_blanks(c, end);
	if (many && next < line.n && line.p[next] == ',')
		return true;
	if (end < line.n && !is_blank(line, end))
		return fault(c, end,
		    "text right behind the closing quote; write \\\" for a "
		    "quote inside quotes");
	return unquote(c, piece);
}

/* A list file has no control characters: they hint at another format. */
static bool
control_check(struct cursor *c, const struct piece *piece)
{
	char text[160];
	struct buf b = BUF_ON(text);

	for (size_t i = piece->from; i < piece->end; i++) {
		unsigned char ch = str_at(c->line, i);
		if ((ch >= 0x20 && ch != 0x7f) || ch == '\t')
			continue;
		buf_printf(&b, "a control character (0x%02x); %s", ch,
		    ch == 0 ? "the file is to be text in UTF-8 or ASCII"
			    : "it cannot be part of an entry");
		return fault(c, i, buf_cstr(&b));
	}
	return true;
}

/* From piece->from to the comment or the line's end, or in quotes. */
static bool
last_piece(struct cursor *c, struct piece *piece, bool many)
{
	size_t from = piece->from;

	piece->quoted = false;
	piece->end = from;
	if (c->line.p[from] == '"' && !quoted_piece(c, piece, many))
		return false;
	if (!piece->quoted) {
		piece->end = text_end(c->line, piece->end);
		while (is_blank(c->line, piece->end - 1))
			piece->end--;
		piece->text = str_sub(c->line, from, piece->end - from);
	} else if (skip_blanks(c, piece->end) < c->line.n) {
		return fault(c, skip_blanks(c, piece->end),
		    "text behind the closing quote; write \\\" for a quote "
		    "inside quotes");
	}
	return control_check(c, piece);
}

/* A regex with its flags; what follows is left to the list to complain about.
 */
static bool
pattern_piece(struct cursor *c, struct piece *piece)
{
	size_t end = closed_end(c->line, piece->from, '/');

	piece->quoted = false;
	piece->end = text_end(c->line, end == STR_NOWHERE ? c->line.n : end);
	while (is_blank(c->line, piece->end - 1))
		piece->end--;
	piece->text = str_sub(c->line, piece->from, piece->end - piece->from);
	return control_check(c, piece);
}

/* ---- lists --------------------------------------------------------------
 */

/* Where in the line *why is about. */
static struct pos
why_pos(
    const struct cursor *c, const struct piece *piece, const struct why *why)
{
	if (piece->quoted || why->at == 0 || why->at >= piece->text.n)
		return piece_pos(c, piece);
	return pos_at(c, piece->from + why->at, 1);
}

static void
entry_load(struct cursor *c, struct list *list, const struct piece *piece)
{
	struct why why;

	if (!list_add(list, piece->text, &why)) {
		c->ok = false;
		if (!piece->quoted && (str_starts(piece->text, STR(";")) ||
					  str_starts(piece->text, STR("//"))))
			why_set(&why, "a comment begins with \"#\"");
		diag_add(c->diags, DIAG_ERROR, why_pos(c, piece, &why), "%s",
		    why.text);
	} else if (list_doubt(list_kind(list), piece->text, &why)) {
		diag_add(c->diags, DIAG_WARNING, why_pos(c, piece, &why), "%s",
		    why.text);
	}
}

bool
list_load(struct list *list, const struct source *source, struct diags *diags)
{
	bool patterns = list_kind(list) == LIST_PATTERNS;
	struct arena_mark start;
	struct cursor c;

	if (!cursor_open(&c, source, diags))
		return cursor_close(&c);
	start = arena_mark(c.scratch);
	while (!list_failed(list) && next_line(&c)) {
		struct piece piece = { .from = skip_blanks(&c, 0) };
		if (piece.from == c.line.n)
			continue;
		if (patterns && c.line.p[piece.from] == '/'
			? pattern_piece(&c, &piece)
			: last_piece(&c, &piece, false))
			entry_load(&c, list, &piece);
		arena_release(c.scratch, start);
	}
	return cursor_close(&c);
}

/* ---- maps ---------------------------------------------------------------
 */

struct place {
	uint32_t line;
	uint32_t col;
};

/*
 * Keys are counted as they come, so that the place of each is known until
 * all are there; its number is the one that the reader gave.
 */
struct keys {
	uint32_t *number;
	struct place *place;
	size_t n;
	size_t number_cap;
	size_t place_cap;
};

static bool
keys_add(struct keys *keys, uint32_t number, struct pos pos)
{
	uint32_t *numbers;
	struct place *places;

	if (keys->n == MAP_NONE)
		return false;
	numbers = grow(
	    keys->number, &keys->number_cap, keys->n + 1, sizeof(*numbers));
	if (numbers == NULL)
		return false;
	keys->number = numbers;
	places =
	    grow(keys->place, &keys->place_cap, keys->n + 1, sizeof(*places));
	if (places == NULL)
		return false;
	keys->place = places;
	numbers[keys->n] = number;
	places[keys->n++] = (struct place){ pos.line, pos.col };
	return true;
}

static bool
key_piece(struct cursor *c, struct piece *piece)
{
	struct cidr net;
	char last;

	piece->quoted = false;
	piece->end = piece->from;
	if (c->line.p[piece->from] == '"' && !quoted_piece(c, piece, false))
		return false;
	if (piece->quoted)
		return control_check(c, piece);
	piece->end = word_end(c->line, piece->end);
	piece->text = str_sub(c->line, piece->from, piece->end - piece->from);
	last = c->line.p[piece->end - 1];
	if (last == '=' || last == ',' ||
	    (last == ':' && !cidr_parse(piece->text, &net, NULL)))
		return fault(c, piece->end - 1,
		    "write the key, white space, and the value, with nothing "
		    "between them (a key that ends so goes into quotes)");
	return control_check(c, piece);
}

static bool
value_piece(struct cursor *c, const struct piece *key, struct piece *value)
{
	char second;

	value->from = skip_blanks(c, key->end);
	if (value->from == c->line.n)
		return fault(c, key->from,
		    "this key has no value; write the key, white space, and "
		    "the value (in quotes if it begins with #)");
	second = value->from + 1 < c->line.n ? c->line.p[value->from + 1] : ' ';
	if (c->line.p[value->from] == '=' && (second == ' ' || second == '\t'))
		return fault(c, value->from,
		    "write the key, white space, and the value, with no = "
		    "between them (a value that begins so goes into quotes)");
	return last_piece(c, value, true);
}

static void
key_fault(struct cursor *c, const struct piece *key, const struct why *why,
    const struct place *first)
{
	c->ok = false;
	if (first == NULL) {
		diag_add(c->diags, DIAG_ERROR, why_pos(c, key, why), "%s",
		    why->text);
		return;
	}
	if (c->source->entries)
		diag_add(c->diags, DIAG_ERROR, piece_pos(c, key),
		    "this key is there twice; leave one of them out");
	else
		diag_add(c->diags, DIAG_ERROR, piece_pos(c, key),
		    "this key is there twice, first in line %u; leave one of "
		    "them out",
		    first->line);
	diag_add(c->diags, DIAG_NOTE,
	    (struct pos){ c->source, first->line, first->col, 1 },
	    "the first one is here");
}

/* The map's value of a key is its place in `keys` until all are there. */
static void
line_load(struct cursor *c, struct map *map, const struct map_reader *reader,
    struct keys *keys, struct piece *key)
{
	struct piece value;
	struct map_line line;
	uint32_t number = 0;
	uint32_t twice;
	struct why why;

	if (!key_piece(c, key) || !value_piece(c, key, &value))
		return;
	line.key_pos = piece_pos(c, key);
	line.key = key->text;
	line.value_pos = piece_pos(c, &value);
	line.value = value.text;
	line.value_quoted = value.quoted;
	if (!reader->value(reader->ctx, &line, &number))
		c->ok = false;
	if (!keys_add(keys, number, line.key_pos))
		out_of_memory(c);
	else if (!map_add(map, key->text, (uint32_t)keys->n - 1, &twice, &why))
		key_fault(c, key, &why,
		    twice == MAP_NONE ? NULL : &keys->place[twice]);
}

bool
map_load(struct map *map, const struct source *source,
    const struct map_reader *reader, struct diags *diags)
{
	struct keys keys = { 0 };
	struct arena_mark start;
	struct cursor c;

	if (!cursor_open(&c, source, diags))
		return cursor_close(&c);
	start = arena_mark(c.scratch);
	while (!map_failed(map) && next_line(&c)) {
		struct piece key = { .from = skip_blanks(&c, 0) };
		if (key.from == c.line.n)
			continue;
		line_load(&c, map, reader, &keys, &key);
		arena_release(c.scratch, start);
	}
	if (c.ok && keys.n > 0)
		map_renumber(map, keys.number);
	free(keys.number);
	free(keys.place);
	return cursor_close(&c);
}
