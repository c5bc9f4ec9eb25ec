/*
 * lines - from a terminal with line editing, or from anything else.
 *
 * libedit is optional: without it a terminal gets a prompt, and the kernel's
 * line discipline edits.
 */
#include "tools/lines.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef HAVE_LIBEDIT
#include <histedit.h>
#endif

struct lines {
	FILE *in;
	FILE *out;
	const char *prompt;
	bool terminal;
	char *text; /* getline's */
	size_t room;
#ifdef HAVE_LIBEDIT
	EditLine *edit;
	History *history;
	HistEvent event;
#endif
};

/* ---- line editing ------------------------------------------------------- */

#ifdef HAVE_LIBEDIT

enum {
	HISTORY_MAX = 1000
};

static const char *
edit_prompt(EditLine *edit)
{
	struct lines *l;

	if (el_get(edit, EL_CLIENTDATA, &l) != 0)
		return "";
	return l->prompt;
}

/* Where it fails, lines are read without editing. */
static void
edit_begin(struct lines *l)
{
	/* libedit asks the locale how wide a character is. */
	(void)setlocale(LC_CTYPE, "");
	l->edit = el_init("portreeve", l->in, l->out, stderr);
	l->history = history_init();
	if (l->edit == NULL || l->history == NULL)
		return;
	(void)history(l->history, &l->event, H_SETSIZE, HISTORY_MAX);
	(void)el_set(l->edit, EL_CLIENTDATA, l);
	(void)el_set(l->edit, EL_PROMPT, edit_prompt);
	(void)el_set(l->edit, EL_EDITOR, "emacs");
	(void)el_set(l->edit, EL_SIGNAL, 1);
	(void)el_set(l->edit, EL_HIST, history, l->history);
	(void)el_source(l->edit, NULL);
}

static void
edit_end(struct lines *l)
{
	if (l->history != NULL)
		history_end(l->history);
	if (l->edit != NULL)
		el_end(l->edit);
}

static bool
edit_next(struct lines *l, struct str *line_r)
{
	int n;
	const char *text = el_gets(l->edit, &n);

	if (text == NULL || n <= 0)
		return false;
	*line_r = str_of(text, (size_t)n);
	if (str_trim(*line_r).n > 0)
		(void)history(l->history, &l->event, H_ENTER, text);
	return true;
}

static bool
can_edit(const struct lines *l)
{
	return l->edit != NULL && l->history != NULL;
}

#else

static void
edit_begin(struct lines *l)
{
	(void)l;
}

static void
edit_end(struct lines *l)
{
	(void)l;
}

static bool
edit_next(struct lines *l, struct str *line_r)
{
	(void)l;
	(void)line_r;
	return false;
}

static bool
can_edit(const struct lines *l)
{
	(void)l;
	return false;
}

#endif

/* ---- reading ------------------------------------------------------------ */

struct lines *
lines_new(FILE *in, FILE *out, const char *prompt)
{
	struct lines *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->in = in;
	l->out = out;
	l->prompt = prompt;
	l->terminal = isatty(fileno(in)) == 1 && isatty(fileno(out)) == 1;
	if (l->terminal)
		edit_begin(l);
	return l;
}

void
lines_free(struct lines *l)
{
	if (l == NULL)
		return;
	edit_end(l);
	free(l->text);
	free(l);
}

bool
lines_is_terminal(const struct lines *l)
{
	return l->terminal;
}

static bool
plain_next(struct lines *l, struct str *line_r)
{
	ssize_t n;

	if (l->terminal) {
		(void)fputs(l->prompt, l->out);
		(void)fflush(l->out);
	}
	n = getline(&l->text, &l->room, l->in);
	if (n < 0)
		return false;
	*line_r = str_of(l->text, (size_t)n);
	return true;
}

bool
lines_next(struct lines *l, struct str *line_r)
{
	bool good = can_edit(l) ? edit_next(l, line_r) : plain_next(l, line_r);

	if (!good) {
		if (l->terminal) /* behind the prompt */
			(void)fputc('\n', l->out);
		return false;
	}
	if (line_r->n > 0 && str_at(*line_r, line_r->n - 1) == '\n')
		line_r->n--;
	if (line_r->n > 0 && str_at(*line_r, line_r->n - 1) == '\r')
		line_r->n--;
	return true;
}
