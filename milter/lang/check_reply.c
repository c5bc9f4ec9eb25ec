/*
 * check_reply - replies that rules give: codes, enhanced codes, texts.
 *
 * What is known at load is checked at load: the literal pieces of a text
 * must fit even where every value in it is empty.
 */
#include "lang/check.h"

static bool
is_permanent(const struct stmt *s)
{
	return s->action == ACTION_REJECT;
}

enum stage
stage_spoken(const struct stmt *s, enum stage stage)
{
	return s->late ? STAGE_RCPT : stage;
}

/*
 * A late verdict has the default code of rcpt, where it is spoken; what goes
 * with a code is that of the stage which it is about.
 */
void
reply_of(const struct stmt *s, enum stage stage, struct reply *reply_r)
{
	struct reply reply = { .code = s->code, .text = STR_NONE };
	struct reply spoken = { .code = s->code, .text = STR_NONE };

	reply_complete(&spoken, stage_spoken(s, stage), is_permanent(s));
	reply.code = spoken.code;
	if (s->action == ACTION_DISCONNECT)
		reply = (struct reply){ .code = 421, .xcode = "4.7.0" };
	else if (!str_is_none(s->xcode.s))
		(void)reply_xcode_parse(s->xcode.s, reply.xcode, NULL);
	reply_complete(&reply, stage, is_permanent(s));
	*reply_r = reply;
}

/* ---- codes -------------------------------------------------------------- */

static void
check_code(struct check *c, const struct stmt *s)
{
	unsigned wanted = is_permanent(s) ? 5 : 4;
	const char *name = action_name(s->action);

	if (s->code == 0 || s->code / 100 == wanted)
		return;
	if (s->code == 421)
		diag_add(c->diags, DIAG_ERROR, s->code_pos,
		    "421 closes the connection; write disconnect");
	else if (s->code / 100 == 4 || s->code / 100 == 5)
		diag_add(c->diags, DIAG_ERROR, s->code_pos,
		    "%s is %s and takes a %uyz code; for %u write %s", name,
		    wanted == 5 ? "permanent" : "temporary", wanted, s->code,
		    wanted == 5 ? "defer" : "reject");
	else
		diag_add(c->diags, DIAG_ERROR, s->code_pos,
		    "%s takes a %uyz code such as %s, not %u", name, wanted,
		    wanted == 5 ? "550" : "450", s->code);
}

static void
check_xcode(struct check *c, const struct stmt *s)
{
	unsigned class = is_permanent(s) ? 5 : 4;
	char xcode[REPLY_XCODE_MAX];
	struct why why;

	if (str_is_none(s->xcode.s))
		return;
	if (!reply_xcode_parse(s->xcode.s, xcode, &why)) {
		diag_add(c->diags, DIAG_ERROR, s->xcode.pos, "%s", why.text);
		return;
	}
	if (s->code / 100 == 4 || s->code / 100 == 5)
		class = s->code / 100;
	if ((unsigned)(xcode[0] - '0') != class)
		diag_add(c->diags, DIAG_ERROR, s->xcode.pos,
		    "the enhanced code %s is of another class than the "
		    "reply; write %u%s",
		    xcode, class, xcode + 1);
}

static const char *
stage_before(enum stage stage)
{
	static const char *const words[STAGE_COUNT] = {
		[STAGE_CONNECT] = "a connection",
		[STAGE_HELO] = "HELO and EHLO",
		[STAGE_MAIL] = "MAIL",
		[STAGE_RCPT] = "RCPT",
		[STAGE_DATA] = "DATA",
		[STAGE_MESSAGE] = "the message",
		[STAGE_UNKNOWN] = "an unknown command",
	};

	return words[stage];
}

static void
warn_unlisted(struct check *c, const struct stmt *s, unsigned stages)
{
	char room[128];
	char instead[32] = "";
	struct buf codes = BUF_ON(room);

	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		enum stage spoken = stage_spoken(s, (enum stage)i);
		struct reply usual = { .text = STR_NONE };
		if ((stages & 1u << i) == 0 ||
		    reply_code_usual_at(s->code, spoken))
			continue;
		reply_codes_at(spoken, &codes);
		reply_complete(&usual, spoken, is_permanent(s));
		if (reply_code_usual_at(usual.code, spoken))
			snprintf(
			    instead, sizeof(instead), "write %u; ", usual.code);
		diag_add(c->diags, DIAG_WARNING, s->code_pos,
		    "the RFCs list no %u as a reply to %s; %sthey list %s",
		    s->code, stage_before(spoken), instead, buf_cstr(&codes));
		return;
	}
}

static void
warn_lost(struct check *c, const struct stmt *s, unsigned stages)
{
	struct reply reply;
	const char *lost;

	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		enum stage stage = (enum stage)i;
		if ((stages & 1u << i) == 0 || s->late)
			continue;
		reply_of(s, stage, &reply);
		lost = reply_lost_at(reply.code, stage);
		if (lost == NULL)
			continue;
		diag_add(c->diags, DIAG_WARNING, s->action_pos, "%s", lost);
		return;
	}
}

/* ---- texts -------------------------------------------------------------- */

struct str
check_literal_text(struct check *c, const struct node *n)
{
	size_t size = 0;
	char *p;
	char *to;

	for (const struct ast_piece *i = n->pieces; i != NULL; i = i->next)
		size += i->expr == NULL ? i->text.n : 0;
	to = p = arena_xalloc(c->scratch, size + 1);
	for (const struct ast_piece *i = n->pieces; i != NULL; i = i->next) {
		if (i->expr != NULL || i->text.n == 0)
			continue;
		memcpy(to, i->text.p, i->text.n);
		to += i->text.n;
	}
	return str_of(p, size);
}

static bool
begins_with_code(struct str s)
{
	return s.n >= 4 && (s.p[0] == '4' || s.p[0] == '5') &&
	       ascii_is_digit(str_at(s, 1)) && ascii_is_digit(str_at(s, 2)) &&
	       (s.p[3] == ' ' || s.p[3] == '-');
}

static bool
begins_with_xcode(struct str s)
{
	char xcode[REPLY_XCODE_MAX];
	struct why why;
	struct str word;

	return str_word(&s, &word) && reply_xcode_parse(word, xcode, &why);
}

/* reject "550 5.7.1 no": the code is sent twice. */
static void
warn_code_in_text(struct check *c, const struct node *text, struct str s)
{
	if (!begins_with_code(s) && !begins_with_xcode(s))
		return;
	if (text->pieces == NULL || text->pieces->expr != NULL)
		return;
	diag_add(c->diags, DIAG_WARNING, text->pos,
	    "this text begins with what looks like a reply code; codes "
	    "stand before the string: reject 550 5.7.1 \"text\"");
}

/* The literal pieces with the codes of each stage. */
static void
check_reply_text(struct check *c, const struct stmt *s, unsigned stages)
{
	struct str text = check_literal_text(c, s->text);
	struct reply reply;
	struct why why;

	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		if ((stages & 1u << i) == 0)
			continue;
		reply_of(s, (enum stage)i, &reply);
		reply.text = text;
		if (reply_check(&reply, &why))
			continue;
		diag_add(c->diags, DIAG_ERROR, s->text->pos, "%s", why.text);
		return;
	}
}

const struct template *
check_template(struct check *c, const struct node *n)
{
	struct template *t;
	uint32_t count = 0;

	/* An empty text is as good as none. */
	if (n == NULL || n->kind != NODE_STRING || n->pieces == NULL)
		return NULL;
	for (const struct ast_piece *i = n->pieces; i != NULL; i = i->next)
		count++;
	t = arena_xalloc(
	    c->arena, sizeof(*t) + count * sizeof(struct template_piece));
	for (const struct ast_piece *i = n->pieces; i != NULL; i = i->next) {
		struct template_piece *piece = &t->pieces[t->n++];
		if (i->expr == NULL) {
			piece->text = arena_xstr(c->arena, i->text);
			continue;
		}
		piece->expr = check_value(c, i->expr);
		if (i->expr->kind == NODE_NUMBER)
			diag_add(c->diags, DIAG_ERROR, i->expr->pos,
			    "this is the number itself, and nothing that a "
			    "regex has found; name a fact, such as "
			    "${sender.local}");
	}
	return t;
}

void
check_reply(struct check *c, const struct stmt *s, unsigned stages)
{
	size_t before = c->diags->errors;

	if (s->action == ACTION_REJECT || s->action == ACTION_DEFER) {
		check_code(c, s);
		check_xcode(c, s);
	}
	if (c->diags->errors == before && s->text != NULL &&
	    s->text->kind == NODE_STRING && s->action != ACTION_ACCEPT)
		check_reply_text(c, s, stages);
}

void
check_reply_doubts(struct check *c, const struct stmt *s, unsigned stages)
{
	if (c->diags->errors > 0)
		return;
	if (s->text != NULL && s->text->kind == NODE_STRING)
		warn_code_in_text(c, s->text, check_literal_text(c, s->text));
	if (s->code != 0)
		warn_unlisted(c, s, stages);
	warn_lost(c, s, stages);
}
