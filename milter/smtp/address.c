/*
 * address - paths and mailboxes of RFC 5321 4.1.2, with RFC 6531.
 *
 *     Path      = "<" [ A-d-l ":" ] Mailbox ">"
 *     A-d-l     = At-domain *( "," At-domain )
 *     Mailbox   = Local-part "@" ( Domain / address-literal )
 *
 * Reading and judging are apart.  Reading takes anything and finds the parts
 * as an MTA would (comments and white space dropped, the last @ outside
 * quotes); each step notes the fault it met, and the first in the table of
 * faults is the one that is named.  Reading the normal form again gives the
 * same normal form.
 */
#include "smtp/address.h"

enum {
	LOCAL_MOST = 64, /* RFC 5321 4.5.3.1.1 */
	PATH_MOST = 256, /* 4.5.3.1.3, with brackets */
};

static const struct {
	struct str word;
	const char *sentence;
} faults[] = {
	[FAULT_NONE] = { { NULL, 0 }, "nothing is wrong" },
#define FAULT(id, name, text)                                                  \
	[FAULT_##id] = { { (name), sizeof(name) - 1 }, (text) },
#include "smtp/fault.def"
#undef FAULT
};

struct str
fault_word(enum fault fault)
{
	return faults[fault].word;
}

const char *
fault_sentence(enum fault fault)
{
	return faults[fault].sentence;
}

/* A path that is being read. */
struct path {
	struct str local;  /* as typed, with quotes */
	struct str domain; /* as typed; none if there is no @ */
	bool bare;         /* no brackets were typed */
	bool routed;
	enum fault fault;
};

/* The first in the table is named: grammar before length. */
static void
note(struct path *path, enum fault fault)
{
	if (fault != FAULT_NONE &&
	    (path->fault == FAULT_NONE || fault < path->fault))
		path->fault = fault;
}

/* ---- reading ------------------------------------------------------------ */

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
			note(path, FAULT_WHITE_SPACE);
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
			note(path, FAULT_BAD_QUOTED);
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
		note(path, FAULT_BAD_BRACKET);
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
			note(path, FAULT_BAD_ROUTE);
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

/* ---- judging ------------------------------------------------------------ */

/* RFC 5322 3.2.3 atext, and what RFC 6531 adds to it. */
static bool
is_atext(unsigned char c)
{
	return ascii_is_alnum(c) || c >= 0x80 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Dot-string = Atom *("." Atom) */
static bool
is_dot_string(struct str s)
{
	bool begins = true; /* an atom */

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = str_at(s, i);
		if (c == '.' ? begins : !is_atext(c))
			return false;
		begins = c == '.';
	}
	return !begins;
}

/* Quoted-string = DQUOTE *(qtextSMTP / "\" %d32-126) DQUOTE; s has its end */
static enum fault
quoted_fault(struct str s)
{
	size_t i = 1;

	while (s.p[i] != '"') {
		bool pair = s.p[i] == '\\';
		unsigned char c = str_at(s, i + pair);
		if (!ascii_is_print(c) && (pair || c < 0x80))
			return FAULT_BAD_QUOTED;
		i += 1 + (size_t)pair;
	}
	return i == s.n - 1 ? FAULT_NONE : FAULT_BAD_LOCAL;
}

static void
judge_local(struct str local, bool utf8, struct path *path)
{
	if (str_starts(local, STR("\"")))
		note(path, quoted_fault(local));
	else if (!is_dot_string(local))
		note(path, FAULT_BAD_LOCAL);
	if (!utf8 && !str_is_ascii(local))
		note(path, FAULT_EIGHT_BIT);
	else if (!str_is_utf8(local))
		note(path, FAULT_BAD_UTF8);
	if (local.n > LOCAL_MOST)
		note(path, FAULT_LOCAL_TOO_LONG);
}

static void
judge(enum path_kind kind, bool utf8, struct path *path)
{
	bool has_domain = !str_is_none(path->domain);

	if (!has_domain && path->local.n == 0) {
		if (kind != PATH_REVERSE || path->routed)
			note(path, FAULT_EMPTY);
		return;
	}
	if (path->local.n == 0)
		note(path, FAULT_NO_LOCAL);
	else
		judge_local(path->local, utf8, path);
	if (has_domain)
		note(path, str_starts(path->domain, STR("["))
			       ? literal_fault(path->domain, NULL)
			       : domain_fault(path->domain, utf8));
	else if (kind != PATH_FORWARD ||
		 !str_eq_ci(path->local, STR("postmaster")))
		note(path, FAULT_NO_DOMAIN);
}

/* ---- the normal form ---------------------------------------------------- */

/* Copies s without its quotes and backslashes to p; its new length. */
static size_t
unquote(struct str s, char *p)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			continue;
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		p[n++] = s.p[i];
	}
	return n;
}

/* With quotes only where it needs them; `typed` tells "" from nothing. */
static void
add_local(struct str content, struct str typed, struct buf *out)
{
	if (typed.n == 0 || is_dot_string(content)) {
		buf_str_add(out, content);
		return;
	}
	buf_char(out, '"');
	for (size_t i = 0; i < content.n; i++) {
		if (content.p[i] == '"' || content.p[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, content.p[i]);
	}
	buf_char(out, '"');
}

/*
 * A domain in quotes is taken for what is in them where that is a name; it
 * stays as it is where it could be read as something else.
 */
static struct str
unquote_domain(struct str domain, struct arena *arena)
{
	char *p;
	size_t n;

	if (str_find(domain, '"') == STR_NOWHERE &&
	    str_find(domain, '\\') == STR_NOWHERE)
		return domain;
	p = arena_alloc(arena, domain.n);
	if (p == NULL)
		return STR_NONE;
	n = unquote(domain, p);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (!ascii_is_alnum(c) && c < 0x80 && c != '-' && c != '_' &&
		    c != '.')
			return domain;
	}
	return str_of(p, n);
}

static bool
build(const struct path *path, struct arena *arena, struct address *a)
{
	struct str domain = path->domain;
	struct buf out = { NULL, 0, 0, false };
	struct str content;
	char *p;

	if (!str_is_none(domain)) {
		domain = unquote_domain(domain, arena);
		if (!str_is_none(domain))
			domain = domain_normal(domain, arena);
		if (str_is_none(domain))
			return false;
	}
	p = arena_alloc(arena, path->local.n);
	out.cap = 2 * path->local.n + 2 + 1 + domain.n;
	out.p = arena_alloc(arena, out.cap);
	if (p == NULL || out.p == NULL)
		return false;
	content = str_of(p, unquote(path->local, p));
	add_local(content, path->local, &out);
	a->local = buf_str(&out);
	if (!str_is_none(domain)) {
		buf_char(&out, '@');
		a->domain = str_of(out.p + out.n, domain.n);
		buf_str_add(&out, domain);
	}
	a->norm = buf_str(&out);
	return true;
}

bool
address_parse(struct str raw, enum path_kind kind, bool smtputf8,
    struct arena *arena, struct address *address_r)
{
	struct path path = { .fault = FAULT_NONE };
	struct address a = { .raw = raw };
	struct str text = raw;
	size_t split;

	if (!drop_gaps(&text, arena, &path))
		return false;
	text = drop_brackets(text, kind, &path);
	text = drop_routes(text, smtputf8, &path);
	split = find_split(text);
	path.local = str_sub(text, 0, split);
	path.domain =
	    split == STR_NOWHERE ? STR_NONE : str_from(text, split + 1);
	judge(kind, smtputf8, &path);
	if (raw.n + (path.bare ? 2 : 0) > PATH_MOST)
		note(&path, FAULT_PATH_TOO_LONG);
	if (!build(&path, arena, &a))
		return false;
	if (a.norm.n == 0)
		a.local = STR_NONE;
	a.fault = path.fault;
	*address_r = a;
	return true;
}
