/*
 * check_rule - rules and `when`: which verdict may stand where, labels,
 * tags, texts.
 */
#include "lang/check.h"

enum {
	IN_MESSAGE = 1u << STAGE_MAIL | 1u << STAGE_RCPT | 1u << STAGE_DATA |
		     1u << STAGE_MESSAGE,
	BEFORE_RCPT = 1u << STAGE_CONNECT | 1u << STAGE_HELO | 1u << STAGE_MAIL,
	ANYWHERE = (1u << STAGE_COUNT) - 1,
};

/* Where an action may stand, and what to write where it may not. */
static const struct action_row {
	unsigned stages;
	const char *instead;
} rows[ACTION_COUNT] = {
	[ACTION_ACCEPT] = { ANYWHERE, NULL },
	[ACTION_ACCEPT_MESSAGE] = { IN_MESSAGE,
	    "write it in \"on mail\", or write accept connection" },
	[ACTION_ACCEPT_CONNECTION] = { ANYWHERE, NULL },
	[ACTION_REJECT] = { ANYWHERE, NULL },
	[ACTION_DEFER] = { ANYWHERE, NULL },
	[ACTION_DISCONNECT] = { ANYWHERE, NULL },
	[ACTION_DISCARD] = { IN_MESSAGE, "write it in \"on mail\"" },
	[ACTION_QUARANTINE] = { IN_MESSAGE, "write it in \"on mail\"" },
	[ACTION_LOG] = { ANYWHERE, NULL },
	[ACTION_TAG] = { ANYWHERE, NULL },
	[ACTION_SCORE] = { ANYWHERE, NULL },
	[ACTION_ADD_HEADER] = { IN_MESSAGE,
	    "write it in \"on mail\"; a tag set here can be tested there" },
};

/* ---- names, before any rule is checked ---------------------------------- */

static void
enter_label(struct check *c, const struct ast_str *label)
{
	uint32_t next = (uint32_t)c->labels.n;
	struct name_slot *slot;
	bool old;

	slot = names_put(&c->labels, label->s, next, &old);
	if (!old) {
		c->label_pos[next] = label->pos;
		return;
	}
	diag_add(c->diags, DIAG_ERROR, label->pos,
	    "the label \"%.*s\" stands twice; each rule has a name of its own",
	    STR_FMT(label->s));
	diag_add(c->diags, DIAG_NOTE, c->label_pos[slot->value],
	    "the first is here");
}

static void
enter_tag(struct check *c, const struct ast_str *name)
{
	uint32_t next = (uint32_t)c->tags.n;
	bool old;

	(void)names_put(&c->tags, name->s, next, &old);
	if (!old)
		c->tag_pos[next] = name->pos;
}

static void
enter_names(struct check *c, const struct stmt *s)
{
	for (; s != NULL; s = s->next) {
		if (s->kind == STMT_WHEN) {
			enter_names(c, s->then);
			enter_names(c, s->other);
			continue;
		}
		if (!str_is_none(s->label.s))
			enter_label(c, &s->label);
		if (s->action == ACTION_TAG)
			enter_tag(c, &s->name);
		if (s->action == ACTION_SCORE)
			c->score_set = true;
	}
}

void
check_names_of_rules(struct check *c)
{
	size_t n = c->ast->rules + 1;

	c->label_pos = arena_xalloc(c->scratch, n * sizeof(*c->label_pos));
	c->tag_pos = arena_xalloc(c->scratch, n * sizeof(*c->tag_pos));
	c->tag_tested = arena_xalloc(c->scratch, n * sizeof(*c->tag_tested));
	for (const struct block *b = c->ast->blocks; b != NULL; b = b->next)
		enter_names(c, b->first);
}

/* ---- where it may stand ------------------------------------------------- */

static enum stage
first_of(unsigned stages)
{
	unsigned i = 0;

	while (i < STAGE_COUNT - 1 && (stages & 1u << i) == 0)
		i++;
	return (enum stage)i;
}

static void
check_place(struct check *c, const struct stmt *s, unsigned stages)
{
	const struct action_row *row = &rows[s->action];
	unsigned wrong = stages & ~row->stages;
	enum stage at = first_of(wrong);

	if (wrong != 0)
		diag_add(c->diags, DIAG_ERROR, s->action_pos,
		    "\"%s\" has no message to act on at %s; %s",
		    action_name(s->action), stage_name(at), row->instead);
	if (s->late && (stages & ~(unsigned)BEFORE_RCPT) != 0)
		diag_add(c->diags, DIAG_ERROR, s->late_pos,
		    "\"late\" is for connect, helo and mail, whose verdict it "
		    "keeps for rcpt; at %s leave it out",
		    stage_name(first_of(stages & ~(unsigned)BEFORE_RCPT)));
}

/* ---- effects ------------------------------------------------------------ */

static void
check_header_name(struct check *c, const struct ast_str *name)
{
	bool bad = name->s.n == 0 || name->s.n > 100;

	for (size_t i = 0; i < name->s.n; i++) {
		unsigned char o = str_at(name->s, i);
		bad = bad || !ascii_is_print(o) || o == ' ' || o == ':';
	}
	if (bad)
		diag_add(c->diags, DIAG_ERROR, name->pos,
		    "\"%.*s\" is no name of a header field; write it without "
		    "colon and blanks, as in add header \"X-Policy\" "
		    "\"checked\"",
		    STR_FMT(name->s));
}

/* Reasons and header values: printable, and one line. */
static void
check_line(struct check *c, const struct stmt *s, const char *what)
{
	struct str text;

	if (s->text == NULL || s->text->kind != NODE_STRING)
		return;
	text = check_literal_text(c, s->text);
	for (size_t i = 0; i < text.n; i++) {
		if (ascii_is_print(str_at(text, i)))
			continue;
		diag_add(c->diags, DIAG_ERROR, s->text->pos,
		    "%s is one line of printable ASCII; take out the %s", what,
		    str_at(text, i) == '\n'   ? "line end (\\n)"
		    : str_at(text, i) == '\t' ? "tab (\\t)"
					      : "other characters");
		return;
	}
}

static void
check_effect(struct check *c, const struct stmt *s, struct rule *rule)
{
	switch (s->action) {
	case ACTION_TAG:
		(void)names_find(&c->tags, s->name.s, &rule->tag);
		break;
	case ACTION_SCORE:
		rule->score = (int32_t)s->score; /* bounded by the parser */
		break;
	case ACTION_ADD_HEADER:
		check_header_name(c, &s->name);
		check_line(c, s, "the value of a header field");
		rule->header_name = arena_xstr(c->arena, s->name.s);
		break;
	case ACTION_QUARANTINE:
		check_line(c, s, "the reason of a quarantine");
		if (s->text != NULL && s->text->kind == NODE_STRING &&
		    s->text->pieces == NULL)
			diag_add(c->diags, DIAG_ERROR, s->text->pos,
			    "a quarantine needs a reason, which the MTA logs");
		break;
	case ACTION_REJECT:
	case ACTION_DEFER:
	case ACTION_DISCONNECT:
	case ACTION_ACCEPT:
	case ACTION_ACCEPT_MESSAGE:
	case ACTION_ACCEPT_CONNECTION:
	case ACTION_DISCARD:
	case ACTION_LOG:
	case ACTION_COUNT:
		break;
	}
}

/* ---- rules -------------------------------------------------------------- */

/* A label, or FILE:LINE with the file's last name. */
static struct str
rule_name(struct check *c, const struct stmt *s)
{
	struct str file;
	size_t slash;

	if (!str_is_none(s->label.s))
		return arena_xstr(c->arena, s->label.s);
	file = s->pos.source == NULL ? STR("policy") : s->pos.source->name;
	slash = str_rfind(file, '/');
	if (slash != STR_NOWHERE)
		file = str_from(file, slash + 1);
	return arena_printf(c->arena, "%.*s:%u", STR_FMT(file), s->pos.line);
}

static struct rule *
rule_new(struct check *c, const struct stmt *s)
{
	struct rule *rule = arena_xalloc(c->arena, sizeof(*rule));

	rule->name = rule_name(c, s);
	rule->file = s->pos.source == NULL
			 ? STR("policy")
			 : arena_xstr(c->arena, s->pos.source->name);
	rule->line = s->pos.line;
	rule->action = s->action;
	rule->observe = s->observe || (c->policy->observe_all &&
					  action_is_refusal(s->action));
	rule->late = s->late;
	return rule;
}

static const struct expr *
check_rule_cond(struct check *c, const struct stmt *s)
{
	const struct expr *cond;
	struct expr *no;

	if (s->cond == NULL)
		return NULL;
	cond = check_cond(c, s->cond);
	if (!s->unless || cond->type == T_NONE)
		return cond;
	no = check_expr_new(c, EXPR_NOT, T_BOOL);
	no->a = cond;
	return no;
}

/* Its condition is one positive any recipient: the text may name it. */
static bool
finds_recipient(const struct stmt *s)
{
	return s->cond != NULL && s->cond->kind == NODE_QUANT &&
	       s->cond->over == OVER_RECIPIENT && !s->cond->all && !s->unless;
}

static void
check_one_rule(struct check *c, struct checked_stmt *cs, unsigned stages)
{
	const struct stmt *s = cs->stmt;
	struct scope scope = { .stages = stages };
	struct rule *rule = rule_new(c, s);

	rule->id = c->policy->n_rules++;
	cs->rule = rule;
	c->scope = &scope;
	check_place(c, s, stages);
	cs->cond = check_rule_cond(c, s);
	cs->fallible = scope.uses.fallible;
	scope.depth = 0;
	scope.recipient = finds_recipient(s);
	check_effect(c, s, rule);
	if (s->action == ACTION_REJECT || s->action == ACTION_DEFER ||
	    s->action == ACTION_DISCONNECT) {
		check_reply(c, s, stages);
		check_reply_doubts(c, s, stages);
	}
	rule->text = check_template(c, s->text);
	cs->uses = scope.uses;
	c->scope = NULL;
}

static struct checked_stmt *check_stmts(
    struct check *c, const struct stmt *s, unsigned stages);

static void
check_when(struct check *c, struct checked_stmt *cs, unsigned stages)
{
	struct scope scope = { .stages = stages };

	c->scope = &scope;
	cs->cond = check_cond(c, cs->stmt->cond);
	c->scope = NULL;
	cs->uses = scope.uses;
	cs->fallible = scope.uses.fallible;
	cs->then = check_stmts(c, cs->stmt->then, stages);
	cs->other = check_stmts(c, cs->stmt->other, stages);
}

static const struct node *
node_of(struct check *c, const struct stmt *s)
{
	struct node *no;

	if (s->cond == NULL || s->kind == STMT_WHEN || !s->unless)
		return s->cond;
	no = arena_xalloc(c->scratch, sizeof(*no));
	no->kind = NODE_NOT;
	no->pos = s->cond->pos;
	no->a = s->cond;
	return no;
}

static struct checked_stmt *
check_stmts(struct check *c, const struct stmt *s, unsigned stages)
{
	struct checked_stmt *first = NULL;
	struct checked_stmt **last = &first;

	for (; s != NULL; s = s->next) {
		struct checked_stmt *cs = arena_xalloc(c->scratch, sizeof(*cs));
		cs->stmt = s;
		cs->node = node_of(c, s);
		*last = cs;
		last = &cs->next;
		if (s->kind == STMT_WHEN)
			check_when(c, cs, stages);
		else
			check_one_rule(c, cs, stages);
	}
	return first;
}

void
check_rules(struct check *c)
{
	struct checked_block **last = &c->blocks;

	for (const struct block *b = c->ast->blocks; b != NULL; b = b->next) {
		struct checked_block *cb =
		    arena_xalloc(c->scratch, sizeof(*cb));
		cb->stages = b->stages;
		cb->first = check_stmts(c, b->first, b->stages);
		*last = cb;
		last = &cb->next;
	}
}
