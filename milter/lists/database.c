/*
 * database - files that Postfix's postmap makes, as lines of text.
 *
 * The formats are read here and not by their libraries: those map the file,
 * so that one which is cut short while it is read ends the process, and
 * LMDB's follows what pointers it finds (of 4,000 databases with one bit
 * turned over, 47 killed their reader).  All we want is to see every entry
 * once, in a process that has to live; and the library under the policy
 * stays without either of them.
 *
 * The entries are gone through twice: to count octets, and to copy them.
 */
#include "lists/database_int.h"

/* ---- Berkeley DB -------------------------------------------------------- */

/* Its numbers are those of the machine that wrote it. */
static bool
is_berkeley(struct str octets)
{
	static const uint32_t magics[] = { 0x00061561, 0x61150600, 0x00053162,
		0x62310500 };
	uint32_t magic = 0;

	if (octets.n < 16)
		return false;
	memcpy(&magic, octets.p + 12, sizeof(magic));
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (magic == magics[i])
			return true;
	return false;
}

static bool
berkeley_each(
    struct str octets, const struct database_sink *sink, struct why *why)
{
	(void)octets;
	(void)sink;
	return why_set(why,
	    "a Berkeley DB (hash: or btree: of Postfix), which is not read; "
	    "make a .cdb or .lmdb of the same text with \"postmap cdb:FILE\" "
	    "or \"postmap lmdb:FILE\", or name the text itself");
}

/* ---- formats ------------------------------------------------------------ */

static const struct database_format formats[] = {
	{ .suffix = ".cdb", .each = database_cdb_each },
	{ .suffix = ".lmdb", .each = database_lmdb_each },
	{ .suffix = ".db", .is = is_berkeley, .each = berkeley_each },
};

const struct database_format *
database_find(struct str name, struct str octets)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct database_format *f = &formats[i];
		if (str_ends(name, str_c(f->suffix)) &&
		    (f->is == NULL || f->is(octets)))
			return f;
	}
	return NULL;
}

/* ---- lines -------------------------------------------------------------- */

struct lines {
	bool values;
	size_t most; /* octets that the entries of a sound database can give */
	char *p;     /* NULL: octets are counted only */
	size_t n;
};

static void
put(struct lines *l, struct str s)
{
	if (l->p != NULL && s.n > 0)
		memcpy(l->p + l->n, s.p, s.n);
	l->n += s.n;
}

/* Whether a line can have the key as it is; one that begins with a quote was
 * quoted by who gave it to postmap. */
static bool
is_plain(struct str key)
{
	if (key.n == 0 || strchr("#=:,", key.p[key.n - 1]) != NULL)
		return false;
	if (key.p[0] == '"')
		return true;
	for (size_t i = 0; i < key.n; i++) {
		unsigned char c = str_at(key, i);
		if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '#')
			return false;
	}
	return true;
}

static void
put_quoted(struct lines *l, struct str key)
{
	put(l, STR("\""));
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] == '"' || key.p[i] == '\\')
			put(l, STR("\\"));
		put(l, str_sub(key, i, 1));
	}
	put(l, STR("\""));
}

static bool
has_line_end(struct str s)
{
	return str_find(s, '\n') != STR_NOWHERE ||
	       str_find(s, '\r') != STR_NOWHERE;
}

static struct str
without_nul(struct str s)
{
	return s.n > 0 && s.p[s.n - 1] == '\0' ? str_sub(s, 0, s.n - 1) : s;
}

static bool
add_line(void *ctx, struct str key, struct str value, struct why *why)
{
	struct lines *l = ctx;

	key = without_nul(key);
	value = without_nul(value);
	if (has_line_end(key) || (l->values && has_line_end(value)))
		return why_set(why,
		    "key \"%.*s\": a line end in the key or its value; both "
		    "stand in one line",
		    STR_FMT(str_sub(key, 0, 100)));
	if (is_plain(key))
		put(l, key);
	else
		put_quoted(l, key);
	if (l->values) {
		put(l, STR(" "));
		put(l, value);
	}
	put(l, STR("\n"));
	return l->n <= l->most ||
	       why_set(why, "entries that are there more than once; the "
			    "database is damaged, make it anew");
}

bool
database_text(const struct database_format *format, struct str octets,
    bool values, struct arena *arena, struct str *text_r, struct why *why)
{
	/* An entry takes 8 octets besides its texts; a line at most 4, and a
	 * backslash for each octet of the key. */
	struct lines l = { .values = values, .most = 2 * octets.n };
	struct database_sink sink = { add_line, &l };

	if (!format->each(octets, &sink, why))
		return false;
	l.p = arena_xalloc(arena, l.n + 1);
	l.n = 0;
	if (!format->each(octets, &sink, why))
		return false;
	*text_r = str_of(l.p, l.n);
	return true;
}
