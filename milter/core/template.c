/*
 * template - texts with ${...} filled in.
 *
 * What comes from outside is made safe: control and 8-bit octets become '?',
 * a value is cut at VALUE_MAX octets, a line at line_max.  The policy's own
 * pieces were checked at load and pass as they are.
 */
#include "core/eval_int.h"

enum {
	VALUE_MAX = 128,
	/* Room to print one value before it is cut: any number, IP address or
	 * the first octets of a string. */
	PRINT_ROOM = 4 * VALUE_MAX,
};

static void
piece_value(struct eval *ev, const struct expr *e, struct buf *out)
{
	char room[PRINT_ROOM];
	struct buf text = BUF_ON(room);
	struct value v;

	eval_value(ev, e, &v);
	if (v.state == VALUE_PENDING && type_is_numeric(v.type))
		v.state = VALUE_PRESENT; /* how far it has come */
	value_print(&v, &text);
	buf_safe(out, buf_str(&text), VALUE_MAX);
}

/* Cuts every line of the text at line_max octets, in place. */
static size_t
cut_lines(char *p, size_t n, size_t line_max)
{
	size_t to = 0, col = 0;

	for (size_t i = 0; i < n; i++) {
		col = p[i] == '\n' ? 0 : col + 1;
		if (col <= line_max)
			p[to++] = p[i];
	}
	return to;
}

struct str
template_render(struct eval *ev, const struct template *t, size_t line_max)
{
	struct buf out = { NULL, 0, 1, false };
	bool pending = ev->pending;

	for (uint32_t i = 0; i < t->n; i++)
		out.cap +=
		    t->pieces[i].expr == NULL ? t->pieces[i].text.n : VALUE_MAX;
	out.p = arena_alloc(ev->s->scratch, out.cap);
	if (out.p == NULL) {
		session_broken(ev->s, SCOPE_EVENT);
		return STR_NONE;
	}
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->pieces[i].expr == NULL)
			buf_str_add(&out, t->pieces[i].text);
		else
			piece_value(ev, t->pieces[i].expr, &out);
	}
	ev->pending = pending;
	return str_of(out.p, cut_lines(out.p, out.n, line_max));
}

bool
template_waits(struct eval *ev, const struct template *t)
{
	bool pending = ev->pending;
	bool waits;
	struct value v;

	ev->pending = false;
	for (uint32_t i = 0; i < t->n; i++)
		if (t->pieces[i].expr != NULL)
			eval_value(ev, t->pieces[i].expr, &v);
	waits = ev->pending;
	ev->pending = pending;
	return waits;
}
