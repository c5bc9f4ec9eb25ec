/*
 * explain_json - what explain knows, for other programs.
 *
 * The keys are a promise: portreeve(8) lists them.  What was asked about
 * comes in `replies`, in order; what is known of the codes in it once, in
 * `codes` and `enhanced`.
 */
#include "tools/explain_int.h"

enum {
	CLASSES = 6,
	LIST_ROOM = 256,
};

/* ---- pieces ------------------------------------------------------------- */

static void
put_c(struct jdoc *j, const char *key, const char *text)
{
	jdoc_str(j, key, str_c(text));
}

/* "a, b" or "a b" -> [ "a", "b" ] */
static void
put_list(struct jdoc *j, const char *key, const char *text, char sep)
{
	struct str rest = str_c(text);
	struct str one;

	jdoc_array(j, key);
	while (str_split(&rest, sep, &one))
		if (str_trim(one).n > 0)
			jdoc_str(j, NULL, str_trim(one));
	jdoc_end(j);
}

static void
put_stages(struct jdoc *j, unsigned stages)
{
	char room[LIST_ROOM];
	struct buf b = BUF_ON(room);

	explain_stages(stages, &b);
	put_list(j, "stages", buf_cstr(&b), ',');
}

static void
put_digit(struct jdoc *j, const char *key, const struct digit *digit)
{
	if (digit == NULL) {
		jdoc_str(j, key, STR_NONE);
		return;
	}
	jdoc_object(j, key);
	put_c(j, "name", digit->name);
	put_c(j, "meaning", digit->meaning);
	jdoc_end(j);
}

/* ---- codes -------------------------------------------------------------- */

static void
put_usual(struct jdoc *j, const struct code_row *row)
{
	jdoc_array(j, "defaults");
	for (size_t i = 0; i < CODE_USUAL_MAX; i++) {
		if (row->usual[i].stages == 0)
			continue;
		jdoc_object(j, NULL);
		put_stages(j, row->usual[i].stages);
		put_c(j, "enhanced", row->usual[i].xcode);
		put_c(j, "text", row->usual[i].text);
		jdoc_end(j);
	}
	jdoc_end(j);
}

static void
put_code(struct jdoc *j, unsigned code)
{
	const struct code_row *row = code_find(code);

	jdoc_object(j, NULL);
	jdoc_u64(j, "code", code);
	jdoc_bool(j, "registered", row != NULL);
	put_digit(j, "class", code_class(code / 100));
	put_digit(j, "subject", code_topic(code / 10 % 10));
	if (row != NULL) {
		put_c(j, "name", row->name);
		put_c(j, "meaning", row->meaning);
		put_c(j, "seen", row->seen);
		put_c(j, "sender", row->sender);
		put_c(j, "administrator", row->admin);
		put_stages(j, row->listed);
		put_list(j, "enhanced", row->xcodes, ' ');
		put_usual(j, row);
		put_list(j, "rfc", row->rfc, ',');
		put_list(j, "dialogue", row->dialogue, '\n');
	}
	jdoc_end(j);
}

static void
put_classes(struct jdoc *j, unsigned classes)
{
	jdoc_array(j, "classes");
	for (unsigned class = 0; class < CLASSES; class ++)
		if ((classes >> class & 1) != 0)
			jdoc_u64(j, NULL, class);
	jdoc_end(j);
}

static void
put_xcode(struct jdoc *j, const struct explain_xcode *c)
{
	const struct xcode_row *row = xcode_find(c->subject, c->detail);
	char room[XCODE_DIALOGUE_MAX];
	struct buf b = BUF_ON(room);

	jdoc_object(j, NULL);
	put_c(j, "code", c->text);
	jdoc_bool(j, "registered", row != NULL);
	put_digit(j, "class", code_class(c->class));
	put_digit(j, "subject", xcode_subject(c->subject));
	if (row != NULL) {
		put_c(j, "name", row->title);
		put_c(j, "meaning", row->meaning);
		put_c(j, "seen", row->seen);
		put_c(j, "sender", row->sender);
		put_c(j, "administrator", row->admin);
		put_classes(j, row->classes);
		xcode_codes(row, c->class, &b);
		put_list(j, "codes", buf_cstr(&b), ' ');
		b.n = 0;
		put_list(j, "rfc", row->rfc, ',');
		xcode_dialogue(row, &b);
		put_list(j, "dialogue", buf_cstr(&b), '\n');
	}
	jdoc_end(j);
}

/* ---- which of them ------------------------------------------------------ */

/* Whether what is asked about has the code. */
static bool
about_code(const struct explain_about *a, unsigned code)
{
	char room[8];
	struct buf b = BUF_ON(room);

	switch (a->kind) {
	case EXPLAIN_CODE:
		return a->code == code;
	case EXPLAIN_LINE:
		return a->line->code == code;
	case EXPLAIN_PREFIX:
		buf_u64(&b, code);
		return code_find(code) != NULL &&
		       str_starts(buf_str(&b), a->prefix);
	case EXPLAIN_XCODE:
		break;
	}
	return false;
}

static void
put_codes(struct jdoc *j, const struct explain_about *about, size_t n)
{
	jdoc_array(j, "codes");
	for (unsigned code = CODE_LEAST; code <= CODE_SEEN_MOST; code++) {
		bool asked = false;

		for (size_t i = 0; i < n; i++)
			asked = asked || about_code(&about[i], code);
		if (asked)
			put_code(j, code);
	}
	jdoc_end(j);
}

/* Those of a prefix such as 5.7 or, where all is asked for, as X.7.1. */
static void
put_xcodes_below(struct jdoc *j, struct str prefix)
{
	const struct xcode_row *row;
	bool all = prefix.n == 0;

	for (size_t i = 0; (row = xcode_at(i)) != NULL; i++) {
		struct explain_xcode c = { .subject = row->subject,
			.detail = row->detail };
		char first = all ? 'X' : prefix.p[0];

		if (ascii_is_digit((unsigned char)first))
			c.class = (unsigned)(first - '0');
		explain_say(c.text, sizeof(c.text), "%c.%u.%u", first,
		    row->subject, row->detail);
		if (str_starts_ci(str_c(c.text), prefix) &&
		    (c.class == 0 || (row->classes >> c.class & 1) != 0))
			put_xcode(j, &c);
	}
}

static void
put_xcodes(struct jdoc *j, const struct explain_about *about, size_t n)
{
	jdoc_array(j, "enhanced");
	for (size_t i = 0; i < n; i++) {
		const struct explain_about *a = &about[i];

		if (a->kind == EXPLAIN_XCODE) {
			put_xcode(j, &a->xcode);
		} else if (a->kind == EXPLAIN_LINE &&
			   a->line->xcode[0] != '\0') {
			struct explain_xcode c =
			    explain_xcode_of(a->line->xcode);

			put_xcode(j, &c);
		} else if (a->kind == EXPLAIN_PREFIX &&
			   (a->prefix.n == 0 ||
			       str_find(a->prefix, '.') != STR_NOWHERE)) {
			put_xcodes_below(j, a->prefix);
		}
	}
	jdoc_end(j);
}

/* ---- replies ------------------------------------------------------------ */

static void
put_remarks(struct jdoc *j, const struct reply_line *line)
{
	char room[LIST_ROOM * 2];
	const char *text;

	put_c(j, "known", explain_known(line));
	jdoc_array(j, "notes");
	for (size_t i = 0;
	     (text = explain_remark(line, i, room, sizeof(room))) != NULL; i++)
		if (text[0] != '\0')
			put_c(j, NULL, text);
	jdoc_end(j);
}

static void
put_line(struct jdoc *j, const struct reply_line *line)
{
	struct str rest = line->text;
	struct str one;

	jdoc_object(j, NULL);
	if (line->code == 0)
		jdoc_str(j, "code", STR_NONE);
	else
		jdoc_u64(j, "code", line->code);
	put_c(j, "enhanced", line->xcode[0] == '\0' ? NULL : line->xcode);
	jdoc_array(j, "text");
	while (line->text.n > 0 && str_split(&rest, '\n', &one))
		jdoc_str(j, NULL, one);
	jdoc_end(j);
	jdoc_bool(j, "more", line->more);
	jdoc_bool(j, "observed", line->observed);
	jdoc_str(j, "queue_id", line->queued);
	jdoc_str(j, "logged_id", line->logged);
	jdoc_str(j, "said_by", line->host);
	jdoc_str(j, "said_to", line->client);
	jdoc_str(j, "command", line->command);
	jdoc_str(j, "status", line->status);
	jdoc_str(j, "from", line->sender);
	jdoc_str(j, "to", line->recipient);
	jdoc_str(j, "rule", line->rule);
	jdoc_str(j, "stage", line->stage);
	jdoc_str(j, "session", line->session);
	put_remarks(j, line);
	jdoc_end(j);
}

static void
put_comparison(struct jdoc *j, const struct explain_about *about, size_t n)
{
	const struct explain_pair_row *row = NULL;

	if (n == 2 && about[0].kind == EXPLAIN_CODE &&
	    about[1].kind == EXPLAIN_CODE)
		row = explain_pair_find(about[0].code, about[1].code);
	if (row == NULL)
		return;
	jdoc_object(j, "comparison");
	put_c(j, "difference", row->difference);
	put_c(j, "use", row->use);
	jdoc_end(j);
}

/* ---- rules -------------------------------------------------------------- */

static void
put_rule(struct jdoc *j, const struct explain *x, const struct explain_rule *r)
{
	jdoc_object(j, NULL);
	jdoc_str(j, "rule", r->rule->name);
	jdoc_str(j, "file", r->rule->file);
	jdoc_u64(j, "line", r->rule->line);
	put_c(j, "action", action_name(r->rule->action));
	jdoc_bool(j, "late", r->rule->late);
	jdoc_bool(j, "observe", r->rule->observe);
	jdoc_bool(j, "on_error", r->on_error);
	put_stages(j, r->stages);
	jdoc_u64(j, "code", r->step->reply.code);
	put_c(j, "enhanced", r->step->reply.xcode);
	jdoc_str(j, "text", explain_rule_text(x, r->step));
	jdoc_bool(j, "text_fits", r->text);
	jdoc_end(j);
}

static void
put_rules(struct jdoc *j, const struct explain *x,
    const struct explain_about *about, size_t n)
{
	if (x->policy == NULL)
		return;
	jdoc_array(j, "rules");
	for (size_t i = 0; i < n; i++) {
		struct explain_rule *rules;
		size_t n_rules = explain_rules(x, &about[i], &rules);

		for (size_t r = 0; r < n_rules; r++)
			put_rule(j, x, &rules[r]);
	}
	jdoc_end(j);
}

/* ---- all of it ---------------------------------------------------------- */

bool
explain_json(const struct explain *x, const struct explain_about *about,
    size_t n, struct why *why)
{
	struct jdoc *j = jdoc_new(why);
	bool good;

	if (j == NULL)
		return false;
	jdoc_object(j, NULL);
	jdoc_array(j, "replies");
	for (size_t i = 0; i < n; i++)
		if (about[i].kind == EXPLAIN_LINE)
			put_line(j, about[i].line);
	jdoc_end(j);
	put_codes(j, about, n);
	put_xcodes(j, about, n);
	put_comparison(j, about, n);
	put_rules(j, x, about, n);
	jdoc_end(j);
	good = jdoc_print(j, x->out);
	jdoc_free(j);
	return good || why_set(why, "the document could not be written");
}
