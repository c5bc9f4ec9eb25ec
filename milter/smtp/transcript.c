/*
 * transcript - reads a dialogue line by line, and compares replies with it.
 *
 * Where in the dialogue a line stands is kept in struct reader:
 *
 *     greeting ──S:──▶ ready ──C:──▶ asked ──S:──▶ ready
 *                        │                  S: 354 ──▶ message ──C: .──▶ asked
 *                        └─X:─▶ ready
 *
 * A bad line is reported and the reader goes on, so that one run shows all
 * of them.  Texts are borrowed from the source.
 */
#include "smtp/transcript.h"

#include "base/clock.h"

enum where {
	AT_GREETING, /* the server speaks next, and has not yet */
	AT_READY,    /* the client's turn; an S: goes on about the last reply */
	AT_ASKED,    /* a C: line waits for its S: */
	AT_MESSAGE,  /* behind S: 354 */
};

struct reader {
	const struct source *source;
	struct arena *arena;
	struct diags *diags;
	struct transcript *transcript;
	struct transcript_line **end;
	enum where where;
	struct pos asked;  /* the line that waits for an S: */
	bool after_server; /* the line before was an S: */
	bool no_memory;
};

/* ---- helpers ------------------------------------------------------------ */

static struct pos
pos_of(const struct reader *r, uint32_t line, struct str all, struct str part)
{
	struct pos pos = {
		.source = r->source, .line = line, .col = 1, .len = 1
	};

	if (part.p != NULL && part.p >= all.p && part.p <= all.p + all.n) {
		pos.col = (uint32_t)(part.p - all.p) + 1;
		pos.len = part.n == 0 ? 1 : (uint32_t)part.n;
	}
	return pos;
}

static struct transcript_line *
line_new(struct reader *r, enum transcript_kind kind, struct pos pos)
{
	struct transcript_line *line = arena_alloc(r->arena, sizeof *line);

	if (line == NULL) {
		r->no_memory = true;
		return NULL;
	}
	line->kind = kind;
	line->pos = pos;
	*r->end = line;
	r->end = &line->next;
	return line;
}

static struct str
trim_front(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from(s, 1);
	return s;
}

/* ---- C: ----------------------------------------------------------------- */

/* The C: line (or the greeting) at r->asked has no S: line. */
static void
no_answer(struct reader *r)
{
	if (r->where == AT_GREETING)
		diag_add(r->diags, DIAG_ERROR, r->asked,
		    "the server speaks first: write \"S: 220\" before this "
		    "line");
	else
		diag_add(r->diags, DIAG_ERROR, r->asked,
		    "no S: line says what the server answers to this; write "
		    "the code you expect below it, as in \"S: 250\"");
}

static void
parse_client(struct reader *r, struct pos pos, struct str rest)
{
	struct transcript_line *line;

	if (rest.n > 0 && rest.p[0] == ' ')
		rest = str_from(rest, 1);
	if (r->where == AT_GREETING)
		r->asked = pos;
	if (r->where == AT_GREETING || r->where == AT_ASKED)
		no_answer(r);
	line = line_new(r, LINE_CLIENT, pos);
	if (line == NULL)
		return;
	line->text = rest;
	line->in_message = r->where == AT_MESSAGE && !str_eq(rest, STR("."));
	if (line->in_message)
		return;
	r->where = AT_ASKED;
	r->asked = pos;
}

/* ---- S: ----------------------------------------------------------------- */

/* "text {rule}" -> text, rule (none where there is none). */
static void
split_rule(struct str s, struct str *text_r, struct str *rule_r)
{
	size_t open = str_rfind(s, '{');
	struct str inside;

	*text_r = s;
	*rule_r = STR_NONE;
	if (open == STR_NOWHERE || s.p[s.n - 1] != '}' ||
	    (open > 0 && s.p[open - 1] != ' ' && s.p[open - 1] != '\t'))
		return;
	inside = str_sub(s, open + 1, s.n - open - 2);
	if (str_find(inside, ' ') != STR_NOWHERE ||
	    str_find(inside, '\t') != STR_NOWHERE)
		return;
	*text_r = str_trim(str_sub(s, 0, open));
	*rule_r = inside;
}

static bool
server_in_place(struct reader *r, struct pos pos)
{
	if (r->where == AT_MESSAGE) {
		diag_add(r->diags, DIAG_ERROR, pos,
		    "the server says nothing until the message ends; end it "
		    "with \"C: .\" before this line");
		return false;
	}
	if (r->where == AT_READY && !r->after_server) {
		diag_add(r->diags, DIAG_ERROR, pos,
		    "no C: line stands before this S: line, so the server has "
		    "nothing to answer");
		return false;
	}
	return true;
}

static void
parse_server(struct reader *r, uint32_t number, struct str all, struct str rest)
{
	struct str s = str_trim(rest);
	struct str code = str_sub(s, 0, 3);
	struct pos pos = pos_of(r, number, all, all);
	struct transcript_line *line;
	struct why why;
	unsigned value;

	if (!server_in_place(r, pos))
		return;
	if (!reply_code_parse(code, &value, &why) ||
	    (s.n > 3 && s.p[3] != ' ' && s.p[3] != '\t' && s.p[3] != '-')) {
		diag_add(r->diags, DIAG_ERROR, pos_of(r, number, all, s),
		    "an S: line begins with a reply code of three digits from "
		    "200 to 559, as in \"S: 250\"");
		r->where = AT_READY;
		r->after_server = true;
		return;
	}
	line = line_new(r, LINE_SERVER, pos);
	if (line == NULL)
		return;
	line->code = value;
	split_rule(trim_front(str_from(s, 4)), &line->text, &line->rule);
	r->where = r->where == AT_ASKED && value == 354 ? AT_MESSAGE : AT_READY;
	if (r->where == AT_MESSAGE)
		r->asked = pos;
}

/* ---- X: ----------------------------------------------------------------- */

/* "i" and "{i}" are i; "client_ptr" and "{client_ptr}" are {client_ptr}. */
static struct str
macro_name(struct arena *arena, struct str word)
{
	struct str bare = word;

	if (word.n > 2 && word.p[0] == '{' && word.p[word.n - 1] == '}')
		bare = str_sub(word, 1, word.n - 2);
	if (bare.n == 0 || str_find(bare, '{') != STR_NOWHERE ||
	    str_find(bare, '}') != STR_NOWHERE)
		return STR_NONE;
	if (bare.n == 1)
		return arena_str(arena, bare);
	return arena_printf(arena, "{%.*s}", STR_FMT(bare));
}

static bool
x_macro(struct arena *arena, struct str args, struct transcript_line *line)
{
	struct str word;

	if (!str_word(&args, &word))
		return false;
	line->name = macro_name(arena, word);
	args = str_trim(args);
	line->text = args.n == 0 ? STR_NONE : args;
	return line->name.p != NULL;
}

/* n digits at `at`, as a number. */
static bool
digits(struct str s, size_t at, size_t n, int *v_r)
{
	uint64_t v;

	if (!str_to_u64(str_sub(s, at, n), &v) || s.n < at + n)
		return false;
	*v_r = (int)v;
	return true;
}

static bool
is_date(int year, int month, int day)
{
	int64_t y;
	int m, d;

	if (month < 1 || month > 12 || day < 1)
		return false;
	date_civil(date_days(year, month, day), &y, &m, &d);
	return m == month && d == day;
}

static bool
x_now(struct arena *arena, struct str args, struct transcript_line *line)
{
	struct str s = str_trim(args);
	int year, month, day, hour, minute;

	(void)arena;
	if (s.n != 16 || s.p[4] != '-' || s.p[7] != '-' || s.p[10] != 'T' ||
	    s.p[13] != ':' || !digits(s, 0, 4, &year) ||
	    !digits(s, 5, 2, &month) || !digits(s, 8, 2, &day) ||
	    !digits(s, 11, 2, &hour) || !digits(s, 14, 2, &minute))
		return false;
	if (!is_date(year, month, day) || hour > 23 || minute > 59)
		return false;
	line->num =
	    date_days(year, month, day) * 1440 + (int64_t)hour * 60 + minute;
	return true;
}

static bool
x_tls(struct arena *arena, struct str args, struct transcript_line *line)
{
	struct str word;
	uint64_t bits;

	(void)arena;
	if (!str_word(&args, &line->name) || !str_word(&args, &line->cipher) ||
	    !str_word(&args, &word) || str_trim(args).n != 0 ||
	    !str_to_u64(word, &bits) || bits > 65535)
		return false;
	line->bits = (unsigned)bits;
	return true;
}

static bool
x_refuse(struct arena *arena, struct str args, struct transcript_line *line)
{
	struct why why;

	(void)arena;
	if (!str_word(&args, &line->name))
		return false;
	line->text = str_trim(args);
	return reply_code_parse(str_sub(line->text, 0, 3), &line->code, &why) &&
	       line->code >= 400 &&
	       (line->text.n == 3 || line->text.p[3] == ' ');
}

static bool
x_size(struct arena *arena, struct str args, struct transcript_line *line)
{
	static const char units[] = "KMG";
	struct str s = str_trim(args);
	unsigned shift = 0;
	uint64_t v;

	(void)arena;
	for (unsigned i = 0; s.n > 0 && units[i] != '\0'; i++)
		if (s.p[s.n - 1] == units[i])
			shift = 10 * (i + 1);
	if (shift != 0)
		s.n--;
	if (!str_to_u64(s, &v) || v == 0 || v > (uint64_t)INT64_MAX >> shift)
		return false;
	line->num = (int64_t)(v << shift);
	return true;
}

/* clang-format off */
static const struct control {
	const char *word;
	enum transcript_kind kind;
	bool (*parse)(struct arena *, struct str, struct transcript_line *);
	const char *form;
} controls[] = {
	{ "macro",  LINE_MACRO,  x_macro,  "X: macro {client_ptr} a.example" },
	{ "now",    LINE_NOW,    x_now,    "X: now 2026-11-22T10:00" },
	{ "tls",    LINE_TLS,    x_tls,    "X: tls TLSv1.3 TLS_AES_256_GCM_SHA384 256" },
	{ "refuse", LINE_REFUSE, x_refuse, "X: refuse a@example.org 550 5.1.1 no such user" },
	{ "size",   LINE_SIZE,   x_size,   "X: size 10M" },
};
/* clang-format on */

/* What stands in a C: line instead. */
static const struct {
	const char *word;
	const char *hint;
} no_controls[] = {
	{ "auth", "; a login is \"C: XCLIENT LOGIN=joe\" and \"S: 220\"" },
	{ "login", "; a login is \"C: XCLIENT LOGIN=joe\" and \"S: 220\"" },
	{ "client", "; another client is \"C: XCLIENT ADDR=203.0.113.9\" and "
		    "\"S: 220\"" },
	{ "time", "; \"X: now 2026-11-22T10:00\" is the time" },
	{ "date", "; \"X: now 2026-11-22T10:00\" is the time" },
};

static const char *
no_control_hint(struct str word)
{
	for (size_t i = 0; i < sizeof no_controls / sizeof no_controls[0]; i++)
		if (str_eq_ci(word, str_c(no_controls[i].word)))
			return no_controls[i].hint;
	return "";
}

#define NO_CONTROL "an X: line says one of: macro, now, tls, refuse, size%s"
#define BAD_CONTROL "\"X: %s\" is written as in \"%s\""

static const struct control *
control_find(struct str word)
{
	for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
		if (str_eq(word, str_c(controls[i].word)))
			return &controls[i];
	return NULL;
}

static void
parse_control(
    struct reader *r, uint32_t number, struct str all, struct str rest)
{
	struct pos pos = pos_of(r, number, all, all);
	const struct control *control;
	struct transcript_line *line;
	struct str word = STR("");

	if (r->where == AT_ASKED || r->where == AT_MESSAGE) {
		diag_add(r->diags, DIAG_ERROR, pos,
		    "an X: line stands before the C: line that it is about, "
		    "not between a C: line and what the server answers");
		return;
	}
	(void)str_word(&rest, &word);
	control = control_find(word);
	if (control == NULL) {
		diag_add(r->diags, DIAG_ERROR, pos_of(r, number, all, word),
		    NO_CONTROL, no_control_hint(word));
		return;
	}
	line = line_new(r, control->kind, pos);
	if (line == NULL)
		return;
	if (r->transcript->offline_only == NULL)
		r->transcript->offline_only = line;
	if (!control->parse(r->arena, rest, line))
		diag_add(r->diags, DIAG_ERROR,
		    pos_of(r, number, all, str_trim(rest)), BAD_CONTROL,
		    control->word, control->form);
}

bool
transcript_control(struct str what, struct arena *arena,
    struct transcript_line *line_r, struct why *why)
{
	const struct control *control;
	struct str word = STR("");

	(void)str_word(&what, &word);
	control = control_find(word);
	if (control == NULL)
		return why_set(why, NO_CONTROL, no_control_hint(word));
	*line_r = (struct transcript_line){ .kind = control->kind };
	return control->parse(arena, what, line_r) ||
	       why_set(why, BAD_CONTROL, control->word, control->form);
}

/* ---- lines -------------------------------------------------------------- */

static void
parse_comment(struct reader *r, struct str all)
{
	struct str text = str_trim(str_from(all, 1));

	if (r->transcript->first == NULL && r->transcript->name.p == NULL &&
	    text.n > 0)
		r->transcript->name = text;
}

static void
parse_line(struct reader *r, uint32_t number, struct str all)
{
	struct pos pos = pos_of(r, number, all, all);
	struct str rest = str_from(all, 2);

	if (str_find(all, '\0') != STR_NOWHERE)
		diag_add(r->diags, DIAG_ERROR, pos,
		    "a transcript is text, and this line has a NUL octet");
	else if (str_trim(all).n == 0)
		return;
	else if (all.p[0] == '#')
		parse_comment(r, all);
	else if (str_starts(all, STR("C:"))) {
		parse_client(r, pos, rest);
		r->after_server = false;
	} else if (str_starts(all, STR("S:"))) {
		parse_server(r, number, all, rest);
		r->after_server = true;
	} else if (str_starts(all, STR("X:"))) {
		parse_control(r, number, all, rest);
		r->after_server = false;
	} else
		diag_add(r->diags, DIAG_ERROR, pos,
		    "a line begins with S:, C:, X: or #");
}

/* The dialogue may not end in the middle of an exchange. */
static void
parse_end(struct reader *r, uint32_t last)
{
	struct pos end = {
		.source = r->source, .line = last, .col = 1, .len = 1
	};

	switch (r->where) {
	case AT_GREETING:
		diag_add(r->diags, DIAG_ERROR, end,
		    "there is no dialogue here; begin it with what the server "
		    "says first, \"S: 220\"");
		break;
	case AT_ASKED:
		no_answer(r);
		break;
	case AT_MESSAGE:
		diag_add(r->diags, DIAG_ERROR, r->asked,
		    "the message that begins here does not end; end it with "
		    "\"C: .\" and what the server answers");
		break;
	case AT_READY:
		break;
	}
}

bool
transcript_parse(const struct source *source, struct arena *arena,
    struct diags *diags, struct transcript *transcript_r)
{
	struct transcript transcript = { .name = STR_NONE };
	struct reader r = { .source = source,
		.arena = arena,
		.diags = diags,
		.transcript = &transcript,
		.end = &transcript.first,
		.where = AT_GREETING };
	struct str rest = source->text;
	size_t errors = diags->errors;
	struct str line;
	uint32_t number = 0;

	/* A byte order mark, as editors on Windows write it. */
	if (str_starts(rest, STR("\xef\xbb\xbf")))
		rest = str_from(rest, 3);

	while (!r.no_memory && str_split(&rest, '\n', &line)) {
		if (line.n == 0 && rest.p == NULL)
			break; /* behind the last line's end */
		number++;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		parse_line(&r, number, line);
	}
	parse_end(&r, number == 0 ? 1 : number);
	if (r.no_memory)
		diag_add(diags, DIAG_ERROR,
		    (struct pos){
			.source = source, .line = 1, .col = 1, .len = 1 },
		    "no memory for this transcript");
	if (transcript.name.p == NULL)
		transcript.name = source->name;
	*transcript_r = transcript;
	return diags->errors == errors;
}

/* ---- compare ------------------------------------------------------------ */

/* "250-text" -> 250, text; false if the line does not begin with a code. */
static bool
reply_line(struct str line, unsigned *code_r, struct str *text_r)
{
	uint64_t code;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n < 3 || !str_to_u64(str_sub(line, 0, 3), &code))
		return false;
	*code_r = (unsigned)code;
	*text_r = str_from(line, 4);
	return true;
}

static bool
codes_are(struct str reply, unsigned code)
{
	struct str line, text;
	unsigned got;

	while (str_split(&reply, '\n', &line))
		if (!reply_line(line, &got, &text) || got != code)
			return false;
	return true;
}

bool
transcript_matches(const struct transcript_line *expect, struct str reply,
    const struct transcript_line **failed_r)
{
	struct str rest = reply;
	struct str line, text = STR("");
	bool first = true;
	unsigned code;

	for (; expect != NULL && expect->kind == LINE_SERVER;
	     expect = expect->next) {
		bool found = false;

		*failed_r = expect;
		if (reply.p == NULL || !codes_are(reply, expect->code))
			return false;
		if (!first && expect->text.n == 0)
			continue;
		while (!found && str_split(&rest, '\n', &line)) {
			(void)reply_line(line, &code, &text);
			found = str_starts(text, expect->text);
			if (first)
				break;
		}
		if (!found)
			return false;
		first = false;
	}
	return true;
}
