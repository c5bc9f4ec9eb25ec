/*
 * explain_int - the parts of `portreeve explain` to each other; for
 * tools/explain*.c and cmd_explain.c only.
 */
#ifndef TOOLS_EXPLAIN_INT_H
#define TOOLS_EXPLAIN_INT_H

#include <stdio.h>

#include "base/jdoc.h"
#include "lang/policy.h"
#include "smtp/reference.h"
#include "smtp/reply_line.h"

enum {
	EXPLAIN_XCODE_MAX = 16
}; /* "X.999.999" and NUL */

/* An enhanced code; class 0: any ("X.7.1"). */
struct explain_xcode {
	unsigned class;
	unsigned subject;
	unsigned detail;
	char text[EXPLAIN_XCODE_MAX];
};

/* What somebody asks about. */
enum explain_kind {
	EXPLAIN_CODE,   /* code */
	EXPLAIN_XCODE,  /* xcode */
	EXPLAIN_LINE,   /* line */
	EXPLAIN_PREFIX, /* prefix: all that begin so; "": all */
};

struct explain_about {
	enum explain_kind kind;
	unsigned code;
	struct explain_xcode xcode;
	const struct reply_line *line;
	struct str prefix;
};

/* A rule of the policy that can say it. */
struct explain_rule {
	const struct rule *rule;
	const struct step *step; /* of the first of `stages` */
	unsigned stages;         /* bit 1u << stage */
	bool on_error;
	bool text; /* its text is that of the line */
};

struct explain {
	FILE *out;
	size_t width;
	struct arena *arena;
	const struct policy *policy; /* NULL: none was asked for */
};

/* ---- cmd_explain.c -> the words ---- */

/* What the words ask about, what is asked twice once; see explain_what.c. */
bool explain_what(int n, char **words, struct arena *arena,
    struct explain_about *about_r, size_t *n_r, struct why *why);
/* "5.7.1" or "X.7.1"; false where it is none. */
bool explain_xcode_parse(struct str s, struct explain_xcode *x_r);
/* "5.7.1" of a line; its xcode is not empty. */
struct explain_xcode explain_xcode_of(const char *xcode);

/* ---- pages, as text ---- */

void explain_code_page(const struct explain *x, unsigned code);
void explain_xcode_page(const struct explain *x, const struct explain_xcode *c);
void explain_line_page(const struct explain *x, const struct reply_line *line);
/* One line each of those that begin so; false where none does. */
bool explain_list(const struct explain *x, struct str prefix);
/* One line of about, for an overview. */
void explain_short(const struct explain *x, const struct explain_about *about);
/* Two side by side; neither is a line or a prefix. */
void explain_pair(const struct explain *x, const struct explain_about *a,
    const struct explain_about *b);
/* The rules that can say what is asked about, or that there are none. */
void explain_rules_page(
    const struct explain *x, const struct explain_about *about);

/* ---- their pieces ---- */

/* snprintf, for numbers that are known to fit. */
void explain_say(char *room, size_t n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "Meaning", and a text beneath. */
void explain_section(const struct explain *x, const char *head);
void explain_text(const struct explain *x, const char *text);
/* "  head  text", wrapped; text at column `at`. */
void explain_item(
    const struct explain *x, const char *head, size_t at, struct str text);
/* "helo, mail" */
void explain_stages(unsigned stages, struct buf *out);
/* What is to be said of a line by itself; NULL behind the last. */
const char *explain_remark(
    const struct reply_line *line, size_t i, char *room, size_t n);
/* A text that is known to come from a certain place, and what it means. */
const char *explain_known(const struct reply_line *line);
/* The differences of two codes in words; NULL where nothing is written. */
struct explain_pair_row {
	unsigned a;
	unsigned b;
	const char *difference;
	const char *use;
};
const struct explain_pair_row *explain_pair_at(size_t i);
const struct explain_pair_row *explain_pair_find(unsigned a, unsigned b);
/* What becomes of the message and whether the client comes again. */
const char *explain_again(unsigned class);
const char *explain_fate(unsigned class);

/* The rules that can say it; those whose text is that of a line first, and
 * alone if there are any.  Their number; they live in the arena. */
size_t explain_rules(const struct explain *x, const struct explain_about *about,
    struct explain_rule **rules_r);
/* The text of a rule as the policy has it, with its ${...}. */
struct str explain_rule_text(const struct explain *x, const struct step *step);

/* ---- JSON ---- */

/* All of it as one document; false with *why. */
bool explain_json(const struct explain *x, const struct explain_about *about,
    size_t n, struct why *why);

#endif
