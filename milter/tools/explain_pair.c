/*
 * explain_pair - two codes side by side.
 *
 * What is different is written in pairs.def for those that are easily
 * confused; for any other two it follows from their digits.
 */
#include "tools/explain_int.h"
#include "tools/wrap.h"

enum {
	LABEL = 11, /* width of the first column */
	GAP = 2,
	WITH_ROOM = 256,
};

static const struct explain_pair_row pairs[] = {
#define PAIR(a, b, difference, use) { (a), (b), (difference), (use) },
#include "tools/pairs.def"
#undef PAIR
};

const struct explain_pair_row *
explain_pair_at(size_t i)
{
	return i < sizeof(pairs) / sizeof(pairs[0]) ? &pairs[i] : NULL;
}

const struct explain_pair_row *
explain_pair_find(unsigned a, unsigned b)
{
	unsigned least = a < b ? a : b;
	unsigned most = a < b ? b : a;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].a == least && pairs[i].b == most)
			return &pairs[i];
	return NULL;
}

/* ---- what there is to compare ------------------------------------------- */

/* One side; NULL where it has nothing of the kind. */
struct side {
	char head[EXPLAIN_XCODE_MAX];
	unsigned class; /* 0: any */
	const char *name;
	const struct digit *topic;
	const char *seen;
	const char *meaning;
	const char *sender;
	char with[WITH_ROOM]; /* codes of the other kind */
};

static struct side
side_of(const struct explain_about *about)
{
	struct side side = { .name = "not registered" };
	struct buf with = BUF_ON(side.with);

	if (about->kind == EXPLAIN_CODE) {
		const struct code_row *row = code_find(about->code);

		explain_say(side.head, sizeof(side.head), "%u", about->code);
		side.class = about->code / 100;
		side.topic = code_topic(about->code / 10 % 10);
		if (row != NULL) {
			side.name = row->name;
			side.seen = row->seen;
			side.meaning = row->meaning;
			side.sender = row->sender;
			explain_say(
			    side.with, sizeof(side.with), "%s", row->xcodes);
		}
	} else {
		const struct xcode_row *row =
		    xcode_find(about->xcode.subject, about->xcode.detail);

		memcpy(side.head, about->xcode.text, sizeof(side.head));
		side.class = about->xcode.class;
		side.topic = xcode_subject(about->xcode.subject);
		if (row != NULL) {
			side.name = row->title;
			side.seen = row->seen;
			side.meaning = row->meaning;
			side.sender = row->sender;
			xcode_codes(row, side.class, &with);
			(void)buf_cstr(&with);
		}
	}
	return side;
}

/* ---- columns ------------------------------------------------------------ */

static void
put_row(const struct explain *x, const char *label, const char *left,
    const char *right)
{
	size_t width = (x->width - LABEL - GAP) / 2;
	struct str a = str_c(left == NULL || left[0] == '\0' ? "-" : left);
	struct str b = str_c(right == NULL || right[0] == '\0' ? "-" : right);

	if ((left == NULL || left[0] == '\0') &&
	    (right == NULL || right[0] == '\0'))
		return;
	while (a.n > 0 || b.n > 0) {
		struct str cell_a = STR("");
		struct str cell_b = STR("");

		(void)wrap_next(&a, width, &cell_a);
		(void)wrap_next(&b, width, &cell_b);
		if (cell_b.n == 0)
			(void)fprintf(x->out, "%-*s%.*s\n", LABEL, label,
			    STR_FMT(cell_a));
		else
			(void)fprintf(x->out, "%-*s%-*.*s%.*s\n", LABEL, label,
			    (int)(width + GAP), STR_FMT(cell_a),
			    STR_FMT(cell_b));
		label = "";
	}
	(void)fputc('\n', x->out);
}

static const char *
class_name(unsigned class)
{
	const struct digit *digit = code_class(class);

	return digit == NULL ? NULL : digit->meaning;
}

static const char *
topic_meaning(const struct side *side)
{
	return side->topic == NULL ? NULL : side->topic->meaning;
}

/* ---- in words ----------------------------------------------------------- */

/* What two classes that differ mean for each other. */
static const char *
by_class(unsigned a, unsigned b)
{
	unsigned least = a < b ? a : b;
	unsigned most = a < b ? b : a;

	if (least <= 3 && most >= 4)
		return "One is a yes and the other a no.";
	if (least == 2 && most == 3)
		return "The first digit tells them apart: one is done, the "
		       "other is half-way.";
	if (least == 4 && most == 5)
		return "The first digit tells them apart: after 4 the message "
		       "stays in the client's queue and comes again, after 5 "
		       "it is returned to its sender at once.";
	return "The client does the same on both: it goes by the first digit. "
	       "What differs is what people read out of it.";
}

static void
put_words(const struct explain *x, const struct explain_about *a,
    const struct explain_about *b, unsigned class_a, unsigned class_b)
{
	const struct explain_pair_row *row = NULL;

	if (a->kind == EXPLAIN_CODE && b->kind == EXPLAIN_CODE)
		row = explain_pair_find(a->code, b->code);
	(void)fputs("The difference\n", x->out);
	if (row == NULL) {
		explain_text(x,
		    class_a == 0 || class_b == 0
			? "Without the first digit, it is the subject and the "
			  "detail that differ."
			: by_class(class_a, class_b));
		return;
	}
	explain_text(x, row->difference);
	explain_section(x, "When to use which");
	explain_text(x, row->use);
}

void
explain_pair(const struct explain *x, const struct explain_about *a,
    const struct explain_about *b)
{
	struct side l = side_of(a);
	struct side r = side_of(b);

	put_row(x, "", l.head, r.head);
	put_row(x, "is", l.name, r.name);
	put_row(x, "result", class_name(l.class), class_name(r.class));
	put_row(x, "subject", topic_meaning(&l), topic_meaning(&r));
	put_row(x, "means", l.meaning, r.meaning);
	put_row(x, "seen", l.seen, r.seen);
	put_row(x, "sender", l.sender, r.sender);
	put_row(x, "again?", explain_again(l.class), explain_again(r.class));
	put_row(x, "returned?", explain_fate(l.class), explain_fate(r.class));
	put_row(x, "goes with", l.with, r.with);
	put_words(x, a, b, l.class, r.class);
}
