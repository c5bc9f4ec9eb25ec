/*
 * parse_top - what stands outside of blocks, and the texts it stands in.
 *
 * An included text is parsed where the include stands, so that its blocks
 * take their place in order.  The chain of texts being read lives on the
 * stack, PARSE_INCLUDE_MAX deep at most.
 */
#include "lang/parse_int.h"

#include <glob.h>
#include <stdlib.h>

static void
parse_on(struct parser *p, const struct token *start)
{
	if (parse_is_word(p, LEX_PLAIN, "error"))
		parse_on_error(p, start);
	else
		parse_block(p, start);
}

static const struct {
	const char *word;
	void (*parse)(struct parser *p, const struct token *start);
} statements[] = {
	{ "addresses", parse_list },
	{ "control", parse_control },
	{ "domains", parse_list },
	{ "drain", parse_drain },
	{ "group", parse_account },
	{ "include", parse_include },
	{ "let", parse_let },
	{ "listen", parse_listen },
	{ "log", parse_log },
	{ "map", parse_map },
	{ "metrics", parse_listen },
	{ "networks", parse_list },
	{ "observe", parse_observe_all },
	{ "on", parse_on },
	{ "patterns", parse_list },
	{ "timezone", parse_timezone },
	{ "user", parse_account },
	{ "watch", parse_watch_lists },
	{ "words", parse_list },
};

enum {
	STATEMENTS = sizeof(statements) / sizeof(statements[0])
};

const char *const parse_top_words[] = { "addresses", "control", "domains",
	"drain", "group", "include", "let", "listen", "log", "map", "metrics",
	"networks", "observe", "on", "patterns", "timezone", "user", "watch",
	"words", NULL };

_Static_assert(
    sizeof(parse_top_words) / sizeof(parse_top_words[0]) == STATEMENTS + 1,
    "one word per statement");

bool
parse_begins_top(struct str word)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		if (str_eq(word, str_c(statements[i].word)))
			return true;
	return false;
}

void
parse_top_statement(struct parser *p)
{
	struct token start = parse_take(p);

	for (size_t i = 0; i < STATEMENTS; i++) {
		if (!str_eq(start.str, str_c(statements[i].word)))
			continue;
		statements[i].parse(p, &start);
		return;
	}
}

/* A rule outside of any block: it is read for its faults and left out. */
static void
stray_rule(struct parser *p)
{
	if (!p->stray)
		parse_complain(p, p->tok.pos,
		    "a rule stands in a block; write on STAGE { ... } around "
		    "it, STAGE being one of connect, helo, mail, rcpt, data, "
		    "message, unknown");
	p->stray = true;
	(void)parse_stmt(p);
}

static void
parse_one(struct parser *p)
{
	const struct token *token = parse_look(p, LEX_PLAIN);

	if (token->kind == TOKEN_LABEL && parse_begins_top(token->str) &&
	    !p->stray)
		parse_complain(p, token->pos, "write %.*s without \":\"",
		    STR_FMT(token->str));
	if ((token->kind == TOKEN_NAME ||
		(token->kind == TOKEN_LABEL && !p->stray)) &&
	    parse_begins_top(token->str)) {
		p->stray = false;
		parse_top_statement(p);
	} else if (token->kind == TOKEN_LABEL ||
		   (token->kind == TOKEN_NAME &&
		       parse_begins_rule(token->str))) {
		stray_rule(p);
	} else if (parse_is_punct(p, LEX_PLAIN, "}")) {
		struct pos pos = parse_take(p).pos;
		if (!p->stray)
			parse_complain(p, pos,
			    "this } closes nothing; delete it, or look for "
			    "one too many above");
		p->stray = true;
	} else if (token->kind == TOKEN_NAME) {
		parse_unknown_word(p, "statement", HINT_TOP, parse_top_words);
	} else {
		parse_expected(
		    p, "a setting, a definition or a block (on STAGE { ... })");
	}
}

void
parse_top(struct parser *p)
{
	while (parse_look(p, LEX_PLAIN)->kind != TOKEN_END) {
		size_t begin = parse_offset(p);
		parse_one(p);
		parse_go_on(p, begin);
	}
}

/* ---- texts -------------------------------------------------------------- */

enum {
	TEXT_LEAST = 256, /* octets that a text counts at least: its cost */
};

/* Parses a text, then goes on where the including one was left. */
static void
parse_source(struct parser *p, const struct source *source)
{
	struct parse_file file = { source, p->file };
	struct lex lex = p->lex;
	bool semicolon = p->semicolon;

	p->sources->octets +=
	    source->text.n < TEXT_LEAST ? TEXT_LEAST : source->text.n;
	p->file = &file;
	p->semicolon = false;
	p->unclosed = SIZE_MAX;
	lex_init(&p->lex, p->arena, source);
	p->looked = false;
	p->last = (struct token){ .kind = TOKEN_END };
	parse_top(p);
	p->file = file.outer;
	p->semicolon = semicolon;
	parse_seek(p, &lex);
}

/* True if the text may not be read: it includes itself, directly or not. */
static bool
is_open(const struct parser *p, struct str name)
{
	/* A policy in force has no loops, whatever its files have become. */
	if (p->sources->replay != NULL)
		return false;
	for (const struct parse_file *f = p->file; f != NULL; f = f->outer)
		if (source_same_file(p->arena, f->source->name, name))
			return true;
	return false;
}

/* `pattern`: with wildcards, that found it; or none. */
static void
include_one(
    struct parser *p, struct str name, struct str pattern, struct pos pos)
{
	const struct source *source;
	struct why why = { "", 0 };
	size_t octets = p->sources->octets;

	/* Told: reading on would only cost time. */
	if (octets > SOURCE_MAX)
		return;
	if (is_open(p, name)) {
		parse_complain(p, pos,
		    "%.*s includes itself, directly or through others",
		    STR_FMT(name));
		return;
	}
	source = source_read_policy(
	    p->sources, name, pattern, SOURCE_MAX - octets, &why);
	if (p->sources->over) {
		parse_complain(p, pos,
		    "with %.*s the policy has more than %d octets of text; "
		    "long lists stand in files of their own: file \"PATH\"",
		    STR_FMT(name), SOURCE_MAX);
		p->sources->octets = SOURCE_MAX + 1;
	} else if (source == NULL) {
		parse_complain(p, pos, "%s", why.text);
	} else {
		parse_source(p, source);
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
include_glob(struct parser *p, struct str pattern, struct pos pos)
{
	glob_t found = { 0 };
	int status =
	    glob(arena_cstr(p->arena, pattern), GLOB_NOSORT, NULL, &found);

	if (status == GLOB_NOSPACE || status == GLOB_ABORTED) {
		parse_complain(
		    p, pos, "cannot look for %.*s", STR_FMT(pattern));
	} else if (status == 0) {
		/* glob's own order is that of the locale. */
		qsort(found.gl_pathv, found.gl_pathc, sizeof(*found.gl_pathv),
		    by_name);
		for (size_t i = 0; i < found.gl_pathc; i++)
			include_one(p,
			    arena_xstr(p->arena, str_c(found.gl_pathv[i])),
			    pattern, pos);
	}
	globfree(&found);
}

/* The files that the pattern found when the policy in force was read. */
static void
include_replay(struct parser *p, struct str pattern, struct pos pos)
{
	const struct policy_text *text = p->sources->replay;

	for (; text != NULL; text = text->next)
		if (str_eq(text->pattern, pattern))
			include_one(p, text->name, pattern, pos);
}

static bool
has_wildcard(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (strchr("*?[", path.p[i]) != NULL)
			return true;
	return false;
}

static unsigned
include_depth(const struct parser *p)
{
	unsigned depth = 0;

	for (const struct parse_file *f = p->file; f != NULL; f = f->outer)
		depth++;
	return depth - 1;
}

/* include = "include" STRING */
void
parse_include(struct parser *p, const struct token *start)
{
	struct ast_str path = parse_want_plain(
	    p, "a path in double quotes", "include \"conf.d/*.conf\"");
	struct str name;

	if (str_is_none(path.s))
		return;
	if (path.s.n == 0) {
		parse_complain(p, path.pos, "the path is empty");
		return;
	}
	if (include_depth(p) >= PARSE_INCLUDE_MAX) {
		parse_complain(p, start->pos,
		    "more than %d includes within each other",
		    PARSE_INCLUDE_MAX);
		return;
	}
	name = source_relative(p->sources, p->file->source, path.s);
	if (!has_wildcard(path.s))
		include_one(p, name, STR_NONE, path.pos);
	else if (p->sources->replay != NULL)
		include_replay(p, name, path.pos);
	else if (!p->sources->no_files)
		include_glob(p, name, path.pos);
}

struct ast *
parse_policy(struct sources *sources, const struct source *source,
    struct arena *arena, struct diags *diags)
{
	struct ast *ast = arena_xalloc(arena, sizeof(*ast));
	struct parser p = { .arena = arena,
		.diags = diags,
		.sources = sources,
		.ast = ast,
		.settings_end = &ast->settings,
		.defs_end = &ast->defs,
		.blocks_end = &ast->blocks };

	ast->source = source;
	if (source->text.n > SOURCE_MAX) {
		diag_add(diags, DIAG_ERROR, (struct pos){ source, 1, 1, 1 },
		    "the policy has more than %d octets of text", SOURCE_MAX);
		return ast;
	}
	parse_source(&p, source);
	return ast;
}
