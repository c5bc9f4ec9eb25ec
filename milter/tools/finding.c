/*
 * finding - collects and prints.
 *
 *     ok       the policy loads
 *     FAULT    smtpd cannot reach the socket
 *                mend: chgrp postfix /run/portreeve
 */
#include "tools/finding.h"

#include <stdarg.h>
#include <stdlib.h>

enum {
	WIDTH = 79,
	INDENT = 9,
	TEXT_MAX = 2048,
};

static const char *const words[FINDING_LEVELS] = {
	[FINDING_OK] = "ok",
	[FINDING_NOTE] = "note",
	[FINDING_WARNING] = "WARNING",
	[FINDING_FAULT] = "FAULT",
};

static struct str text_make(struct arena *arena, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static struct str
text_make(struct arena *arena, const char *fmt, va_list ap)
{
	char text[TEXT_MAX];

	(void)vsnprintf(text, sizeof text, fmt, ap);
	return arena_xstr(arena, str_c(text));
}

void
finding_add(struct findings *f, enum finding_level level, const char *fmt, ...)
{
	struct finding *finding = arena_xalloc(f->arena, sizeof *finding);
	va_list ap;

	finding->level = level;
	va_start(ap, fmt);
	finding->text = text_make(f->arena, fmt, ap);
	va_end(ap);
	finding->mend = STR_NONE;
	if (f->last == NULL)
		f->first = finding;
	else
		f->last->next = finding;
	f->last = finding;
	f->n[level]++;
}

void
finding_mend(struct findings *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->last->mend = text_make(f->arena, fmt, ap);
	va_end(ap);
}

/* Words, folded behind the first column. */
static void
print_folded(struct str text, FILE *out)
{
	size_t column = INDENT;
	struct str word;

	while (str_word(&text, &word)) {
		if (column > INDENT && column + 1 + word.n > WIDTH) {
			(void)fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		}
		if (column > INDENT) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fwrite(word.p, 1, word.n, out);
		column += word.n;
	}
	(void)fputc('\n', out);
}

/* A command is not folded: it is to be copied.  It may have lines. */
static void
print_mend(struct str mend, FILE *out)
{
	const char *before = "mend: ";
	struct str line;

	while (str_split(&mend, '\n', &line)) {
		(void)fprintf(
		    out, "%*s%s%.*s\n", INDENT + 2, "", before, STR_FMT(line));
		before = "      ";
	}
}

void
findings_print(const struct findings *f, FILE *out)
{
	for (const struct finding *i = f->first; i != NULL; i = i->next) {
		(void)fprintf(out, "%-*s", INDENT, words[i->level]);
		print_folded(i->text, out);
		if (!str_is_none(i->mend))
			print_mend(i->mend, out);
	}
	(void)fprintf(out, "\n%zu fault%s, %zu warning%s\n",
	    f->n[FINDING_FAULT], f->n[FINDING_FAULT] == 1 ? "" : "s",
	    f->n[FINDING_WARNING], f->n[FINDING_WARNING] == 1 ? "" : "s");
}
