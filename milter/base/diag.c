/*
 * diag - what is wrong, where, and what to write instead.
 *
 * Diagnostics are kept in the order in which they were found, a note right
 * behind what it belongs to; printing sorts the others.  Texts may quote a
 * user's file, so what goes to the screen has no control characters.
 */
#include "base/diag.h"

#include <stdarg.h>

#include "base/buf.h"

bool
why_set(struct why *why, const char *fmt, ...)
{
	va_list args;

	if (why == NULL)
		return false;
	why->at = 0;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return false;
}

bool
why_set_at(struct why *why, size_t at, const char *fmt, ...)
{
	va_list args;

	if (why == NULL)
		return false;
	why->at = at;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return false;
}

void
diags_init(struct diags *d, struct arena *arena)
{
	*d = (struct diags){ .arena = arena };
}

static bool
keep(struct diags *d, enum diag_level level)
{
	switch (level) {
	case DIAG_ERROR:
		return d->errors++ < DIAG_MOST;
	case DIAG_WARNING:
		return d->warnings++ < DIAG_MOST;
	case DIAG_NOTE:
		return d->last_kept;
	}
	return false;
}

/* An error is kept that stands at the same place. */
static bool
is_told(const struct diags *d, struct pos pos)
{
	for (const struct diag *i = d->first; i != NULL; i = i->next)
		if (i->level == DIAG_ERROR && i->pos.source == pos.source &&
		    i->pos.line == pos.line && i->pos.col == pos.col)
			return true;
	return false;
}

void
diag_add(struct diags *d, enum diag_level level, struct pos pos,
    const char *fmt, ...)
{
	char text[WHY_MAX * 2];
	struct diag *diag;
	va_list args;

	if (level != DIAG_NOTE && pos.source != NULL && is_told(d, pos))
		d->last_kept = false;
	else
		d->last_kept = keep(d, level);
	if (!d->last_kept)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	diag = arena_xalloc(d->arena, sizeof(*diag));
	diag->level = level;
	diag->pos = pos;
	diag->text = arena_xstr(d->arena, str_c(text));
	if (d->last == NULL)
		d->first = diag;
	else
		d->last->next = diag;
	d->last = diag;
}

struct str
source_line(const struct source *source, uint32_t line)
{
	struct str rest = source->text;
	struct str text = STR("");

	for (uint32_t i = 0; i < line; i++)
		if (!str_split(&rest, '\n', &text))
			return STR("");
	if (text.n > 0 && text.p[text.n - 1] == '\r')
		text.n--;
	return text;
}

/* ---- printing ----------------------------------------------------------- */

enum {
	LINE_SHOWN = 160, /* octets of a source line */
	LINE_BEFORE = 80, /* of them before the caret, where it is cut */
};

static bool
is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/*
 * Octets 0x80 to 0x9f behind 0xc2 are the C1 controls, which some terminals
 * obey.
 */
static bool
is_c1(struct str s, size_t i)
{
	return str_at(s, i) == 0xc2 && i + 1 < s.n && str_at(s, i + 1) < 0xa0;
}

/* UTF-8 and tabs as they are, anything else that is not print as '?'. */
static void
print_safe(struct str s, FILE *out)
{
	bool utf8 = str_is_utf8(s);

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = str_at(s, i);
		bool shown = ascii_is_print(c) || c == '\t' ||
			     (utf8 && c >= 0x80 && !is_c1(s, i));
		fputc(shown ? c : '?', out);
		if (utf8 && is_c1(s, i))
			i++;
	}
}

/* The piece of a line that is shown for a caret at octet `at`. */
static void
window(struct str line, size_t at, size_t *from_r, size_t *end_r)
{
	size_t from = 0;
	size_t end = line.n;

	if (line.n > LINE_SHOWN) {
		from = at > LINE_BEFORE ? at - LINE_BEFORE : 0;
		if (from > line.n - LINE_SHOWN)
			from = line.n - LINE_SHOWN;
		end = from + LINE_SHOWN;
	}
	while (from > 0 && is_continuation(str_at(line, from)))
		from--;
	while (end < line.n && is_continuation(str_at(line, end)))
		end++;
	*from_r = from;
	*end_r = end;
}

static void
print_caret(struct str shown, size_t at, size_t len, FILE *out)
{
	bool utf8 = str_is_utf8(shown);

	for (size_t i = 0; i < at && i < shown.n; i++)
		if (!utf8 || !is_continuation(str_at(shown, i)))
			fputc(shown.p[i] == '\t' ? '\t' : ' ', out);
	fputc('^', out);
	for (size_t i = at + 1; i < at + len && i < shown.n; i++)
		if (!utf8 || !is_continuation(str_at(shown, i)))
			fputc('~', out);
	fputc('\n', out);
}

static void
print_place(struct pos pos, FILE *out)
{
	struct str line = source_line(pos.source, pos.line);
	size_t at = pos.col == 0 ? 0 : pos.col - 1;
	size_t from;
	size_t end;

	if (at > line.n)
		at = line.n;
	window(line, at, &from, &end);
	fputs(from > 0 ? "    ..." : "    ", out);
	print_safe(str_sub(line, from, end - from), out);
	fputs(end < line.n ? "...\n" : "\n", out);
	fputs(from > 0 ? "       " : "    ", out);
	print_caret(str_sub(line, from, end - from), at - from, pos.len, out);
}

static void
print_one(const struct diag *diag, FILE *out)
{
	static const char *const names[] = {
		[DIAG_ERROR] = "error",
		[DIAG_WARNING] = "warning",
		[DIAG_NOTE] = "note",
	};

	if (diag->pos.source != NULL) {
		print_safe(diag->pos.source->name, out);
		if (!diag->pos.source->entries)
			fprintf(out, ":%u:%u", diag->pos.line, diag->pos.col);
		fputs(": ", out);
	}
	fprintf(out, "%s: ", names[diag->level]);
	print_safe(diag->text, out);
	fputc('\n', out);
	if (diag->pos.source != NULL)
		print_place(diag->pos, out);
}

/* Which source it is, counted by first appearance among `list`. */
static size_t
source_rank(const struct diags *d, const struct source *source)
{
	size_t rank = 0;

	for (const struct diag *i = d->first; i != NULL; i = i->next, rank++)
		if (i->pos.source == source)
			return rank;
	return rank;
}

static bool
stands_before(const struct diags *d, const struct diag *a, const struct diag *b)
{
	size_t rank_a = source_rank(d, a->pos.source);
	size_t rank_b = source_rank(d, b->pos.source);

	if (rank_a != rank_b)
		return rank_a < rank_b;
	if (a->pos.line != b->pos.line)
		return a->pos.line < b->pos.line;
	return a->pos.col < b->pos.col;
}

static void
print_rest(size_t count, const char *what, FILE *out)
{
	if (count > DIAG_MOST)
		fprintf(out, "%zu more %s%s\n", count - DIAG_MOST, what,
		    count - DIAG_MOST == 1 ? "" : "s");
}

void
diags_print(const struct diags *d, FILE *out)
{
	const struct diag *heads[2 * DIAG_MOST];
	size_t n = 0;

	for (const struct diag *i = d->first; i != NULL; i = i->next) {
		size_t at = n;
		if (i->level == DIAG_NOTE)
			continue;
		for (; at > 0 && stands_before(d, i, heads[at - 1]); at--)
			heads[at] = heads[at - 1];
		heads[at] = i;
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		const struct diag *diag = heads[i];
		do {
			print_one(diag, out);
			diag = diag->next;
		} while (diag != NULL && diag->level == DIAG_NOTE);
	}
	print_rest(d->errors, "error", out);
	print_rest(d->warnings, "warning", out);
}
