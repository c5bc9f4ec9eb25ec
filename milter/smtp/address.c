/*
 * address - paths and mailboxes of RFC 5321 4.1.2, with RFC 6531.
 *
 *     Path      = "<" [ A-d-l ":" ] Mailbox ">"
 *     A-d-l     = At-domain *( "," At-domain )
 *     Mailbox   = Local-part "@" ( Domain / address-literal )
 *
 * Reading and judging are apart.  One pass over the octets (scan.c) reads a
 * path that is well formed; path.c finds the parts of any other one.  Each
 * step notes the fault it met, and the first in the table of faults is the
 * one that is named.
 *
 * The normal form is a piece of what was read where that is in normal form
 * already, else it is built in the arena.  Reading it again gives the same.
 */
#include "smtp/address.h"

#include "smtp/path.h"

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

/* ---- reading ------------------------------------------------------------ */

/*
 * A path that is well formed but for its lengths and its octets over 0x7f,
 * and has no source route.  False where it is another one: then nothing is
 * known of it.
 */
static bool
read_plain(struct str raw, enum path_kind kind, struct path *path)
{
	struct str text = raw;

	path->bare = kind == PATH_MAILBOX || !str_starts(raw, STR("<")) ||
		     !str_ends(raw, STR(">"));
	if (!path->bare)
		text = str_sub(raw, 1, raw.n - 2);
	path->local = text;
	path->domain = STR_NONE;
	if (text.n == 0)
		return true;
	scan_local(text, &path->local_scan);
	path->local = str_sub(text, 0, path->local_scan.n);
	if (path->local_scan.fault != FAULT_NONE)
		return false;
	if (path->local_scan.n == text.n)
		return true;
	path->domain = str_from(text, path->local_scan.n + 1);
	if (str_starts(path->domain, STR("[")))
		return literal_fault(path->domain, NULL) == FAULT_NONE;
	scan_domain(path->domain, &path->domain_scan);
	return path->domain_scan.good;
}

/* ---- judging ------------------------------------------------------------ */

static void
judge_local(bool utf8, struct path *path)
{
	const struct local_scan *scan = &path->local_scan;

	path_note(path, scan->fault);
	if (scan->eight_bit && !utf8)
		path_note(path, FAULT_EIGHT_BIT);
	else if (scan->eight_bit && !str_is_utf8(path->local))
		path_note(path, FAULT_BAD_UTF8);
	if (path->local.n > LOCAL_MOST)
		path_note(path, FAULT_LOCAL_TOO_LONG);
}

static enum fault
behind_at_fault(const struct path *path, bool utf8)
{
	if (str_starts(path->domain, STR("[")))
		return literal_fault(path->domain, NULL);
	return domain_scan_fault(path->domain, utf8, &path->domain_scan);
}

/* <Postmaster>, of which no source route can be in front. */
static bool
is_postmaster(const struct path *path, enum path_kind kind)
{
	return kind == PATH_FORWARD && !path->routed &&
	       str_eq_ci(path->local, STR("postmaster"));
}

static void
judge(enum path_kind kind, bool utf8, struct path *path)
{
	bool has_domain = !str_is_none(path->domain);

	if (!has_domain && path->local.n == 0) {
		if (kind != PATH_REVERSE || path->routed)
			path_note(path, FAULT_EMPTY);
		return;
	}
	if (path->local.n == 0)
		path_note(path, FAULT_NO_LOCAL);
	else
		judge_local(utf8, path);
	if (has_domain)
		path_note(path, behind_at_fault(path, utf8));
	else if (!is_postmaster(path, kind))
		path_note(path, FAULT_NO_DOMAIN);
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
	if (typed.n == 0 || scan_is_dot_string(content)) {
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

/* False, and nothing touched, where the normal form has to be built. */
static bool
borrow(const struct path *path, struct address *a)
{
	size_t n = path->local.n;

	if (n > 0 && !path->local_scan.normal)
		return false;
	if (!str_is_none(path->domain)) {
		if (!domain_is_normal(path->domain, &path->domain_scan))
			return false;
		n += 1 + path->domain.n;
	}
	a->norm = n == 0 ? STR("") : str_of(path->local.p, n);
	a->local = path->local;
	a->domain = path->domain;
	return true;
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

	if (!read_plain(raw, kind, &path)) {
		path = (struct path){ .fault = FAULT_NONE };
		if (!path_read(raw, kind, smtputf8, arena, &path))
			return false;
	}
	judge(kind, smtputf8, &path);
	if (raw.n + (path.bare ? 2 : 0) > PATH_MOST)
		path_note(&path, FAULT_PATH_TOO_LONG);
	if (path.fault == FAULT_UNTOLD)
		arena_fail(arena);
	if (path.fault == FAULT_UNTOLD ||
	    (!borrow(&path, &a) && !build(&path, arena, &a)))
		return false;
	if (a.norm.n == 0)
		a.local = STR_NONE;
	a.fault = path.fault;
	*address_r = a;
	return true;
}
