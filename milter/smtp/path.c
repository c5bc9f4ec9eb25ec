/*
 * path - reads what is no path of RFC 5321 as an MTA would.
 *
 * Comments and white space are dropped, brackets and routes found wherever
 * they stand, and the last @ outside quotes parts local part and domain.
 * Each step notes the fault it met.  Nothing here is on the way of a path
 * that is well formed, but for source routes.
 */
#include "smtp/path.h"

/*
 * The first octet of `set`, which has one or two, at or behind `from` outside
 * quotes and behind no backslash, or STR_NOWHERE.
 */
static size_t
find_outside(struct str s, size_t from, const char *set)
{
	bool quoted = false;

	for (size_t i = from; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] != '\0' &&
			 (s.p[i] == set[0] || s.p[i] == set[1]))
			return i;
	}
	return STR_NOWHERE;
}

/* What each octet is to one who reads comments. */
enum mark {
	MARK_PLAIN,
	MARK_ESCAPED, /* behind a backslash */
	MARK_OPENS,   /* a "(" that closes again */
};

/*
 * Marks every "(" that has its ")", in one pass from the end, so that no
 * number of unclosed ones costs more.  Inside a comment quotes mean nothing.
 */
static void
mark_comments(struct str s, unsigned char *marks)
{
	size_t closing = 0;

	memset(marks, MARK_PLAIN, s.n);
	for (size_t i = 0; i + 1 < s.n; i++)
		if (s.p[i] == '\\')
			marks[++i] = MARK_ESCAPED;
	for (size_t i = s.n; i-- > 0;) {
		if (marks[i] == MARK_ESCAPED)
			continue;
		if (s.p[i] == ')') {
			closing++;
		} else if (s.p[i] == '(' && closing > 0) {
			closing--;
			marks[i] = MARK_OPENS;
		}
	}
}

/* Behind the comment that opens at s[from]. */
static size_t
comment_end(struct str s, size_t from, const unsigned char *marks)
{
	size_t depth = 0;

	for (size_t i = from; i < s.n; i++) {
		if (marks[i] == MARK_ESCAPED)
			continue;
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.n;
}

/* Behind the white space and comments at s[from]. */
static size_t
gap_end(struct str s, size_t from, const unsigned char *marks)
{
	while (from < s.n) {
		if (s.p[from] == ' ' || s.p[from] == '\t')
			from++;
		else if (marks[from] == MARK_OPENS)
			from = comment_end(s, from, marks);
		else
			break;
	}
	return from;
}

/*
 * Where a quote that opens at s[from] and never closes is taken to end: at
 * the last @, else at the end of the path.
 */
static size_t
unclosed_end(struct str s, size_t from, const unsigned char *marks)
{
	size_t end = s.n;

	for (size_t i = s.n; i-- > from + 1;)
		if (s.p[i] == '@' && marks[i] != MARK_ESCAPED)
			return i;
	if (end > from + 1 && marks[end - 1] != MARK_ESCAPED &&
	    (s.p[end - 1] == '>' || s.p[end - 1] == '\\'))
		end--;
	return end;
}

/*
 * Behind the quoted string, quoted pair or single octet at s[from]; *closed_r
 * is false for a quoted string that does not close.
 */
static size_t
token_end(struct str s, size_t from, const unsigned char *marks, bool *closed_r)
{
	*closed_r = true;
	if (s.p[from] == '\\' && from + 1 < s.n)
		return from + 2;
	if (s.p[from] != '"')
		return from + 1;
	for (size_t i = from + 1; i < s.n; i++)
		if (s.p[i] == '"' && marks[i] != MARK_ESCAPED)
			return i + 1;
	*closed_r = false;
	return unclosed_end(s, from, marks);
}

static bool
is_separator(char c)
{
	return c != '\0' && strchr("<>@.,:", c) != NULL;
}

static size_t
copy_without_gaps(
    struct str s, const unsigned char *marks, char *p, struct path *path)
{
	bool gap = false;
	size_t n = 0;
	size_t end;

	for (size_t i = 0; i < s.n; i = end) {
		bool closed;
		end = gap_end(s, i, marks);
		if (end != i) {
			gap = true;
			path_note(path, FAULT_WHITE_SPACE);
			continue;
		}
		if (gap && n > 0 && !is_separator(p[n - 1]) &&
		    !is_separator(s.p[i]))
			p[n++] = ' ';
		gap = false;
		end = token_end(s, i, marks, &closed);
		memcpy(p + n, s.p + i, end - i);
		n += end - i;
		if (!closed) {
			p[n++] = '"';
			path_note(path, FAULT_BAD_QUOTED);
		}
	}
	return n;
}

/*
 * MTAs drop white space and comments outside quotes before they deliver, so
 * the normal form does; one space stays between words, as in `john doe@x`.
 * After this every quote is closed.  False when the arena failed.
 */
static bool
drop_gaps(struct str *text, struct arena *arena, struct path *path)
{
	struct str s = *text;
	unsigned char *marks;
	char *p;

	if (str_find(s, ' ') == STR_NOWHERE &&
	    str_find(s, '\t') == STR_NOWHERE &&
	    str_find(s, '(') == STR_NOWHERE && str_find(s, '"') == STR_NOWHERE)
		return true;
	marks = arena_alloc(arena, s.n);
	p = arena_alloc(arena, s.n + 1); /* a quote may be added */
	if (marks == NULL || p == NULL)
		return false;
	mark_comments(s, marks);
	*text = str_of(p, copy_without_gaps(s, marks, p, path));
	return true;
}

/* What stands between the brackets: the last "<" before the first ">". */
static struct str
drop_brackets(struct str text, enum path_kind kind, struct path *path)
{
	size_t from = STR_NOWHERE;
	size_t close = STR_NOWHERE;
	size_t at = 0;

	while (close == STR_NOWHERE &&
	       (at = find_outside(text, at, "<>")) != STR_NOWHERE) {
		if (text.p[at] == '>')
			close = at;
		else
			from = ++at;
	}
	path->bare = from == STR_NOWHERE && close == STR_NOWHERE;
	if (path->bare)
		return text;
	if (from != 1 || close != text.n - 1 || kind == PATH_MAILBOX)
		path_note(path, FAULT_BAD_BRACKET);
	if (from == STR_NOWHERE)
		from = 0;
	if (close == STR_NOWHERE)
		close = text.n;
	return str_sub(text, from, close - from);
}

/* The colon that ends a source route: the first one outside a literal. */
static size_t
route_end(struct str text)
{
	const char *set = ":[";
	size_t at = find_outside(text, 1, set);

	while (at != STR_NOWHERE && text.p[at] == '[') {
		size_t close = find_outside(text, at + 1, "]");
		if (close == STR_NOWHERE)
			set = ":";
		else
			at = close;
		at = find_outside(text, at + 1, set);
	}
	return at;
}

/* A-d-l = At-domain *( "," At-domain ) */
static bool
is_route(struct str route, bool utf8)
{
	struct str hop;

	while (str_split(&route, ',', &hop))
		if (!str_starts(hop, STR("@")) ||
		    domain_fault(str_from(hop, 1), utf8) != FAULT_NONE)
			return false;
	return true;
}

static struct str
drop_routes(struct str text, bool utf8, struct path *path)
{
	while (str_starts(text, STR("@"))) {
		size_t end = route_end(text);
		if (end == STR_NOWHERE)
			break;
		if (path->routed || !is_route(str_sub(text, 0, end), utf8))
			path_note(path, FAULT_BAD_ROUTE);
		path->routed = true;
		text = str_from(text, end + 1);
	}
	return text;
}

static size_t
find_split(struct str text)
{
	size_t split = STR_NOWHERE;
	size_t at = find_outside(text, 0, "@");

	while (at != STR_NOWHERE) {
		split = at;
		at = find_outside(text, at + 1, "@");
	}
	return split;
}

bool
path_read(struct str raw, enum path_kind kind, bool utf8, struct arena *arena,
    struct path *path)
{
	struct str text = raw;
	size_t split;

	if (!drop_gaps(&text, arena, path))
		return false;
	text = drop_brackets(text, kind, path);
	text = drop_routes(text, utf8, path);
	split = find_split(text);
	path->local = str_sub(text, 0, split);
	path->domain =
	    split == STR_NOWHERE ? STR_NONE : str_from(text, split + 1);
	scan_local(path->local, &path->local_scan);
	if (path->local_scan.n < path->local.n &&
	    path->local_scan.fault == FAULT_NONE)
		path->local_scan =
		    (struct local_scan){ .fault = FAULT_BAD_LOCAL,
			    .eight_bit = !str_is_ascii(path->local) };
	scan_domain(path->domain, &path->domain_scan);
	return true;
}
