/*
 * cmd_top - portreeve top: rules and replies of the portreeve that runs, live.
 *
 *     ask ──▶ status now, status before ──▶ ranks and rates ──▶ screen
 *      └────────────── every --interval seconds, or on a key ◀──┘
 *
 * The two statuses live in an arena each, which are used in turn.
 */
#include "tools/ask_status.h"

#include <stdlib.h>

#include "tools/top.h"

#ifdef HAVE_NCURSES

#include <curses.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	INTERVAL_S = 2,
	INTERVAL_MOST_S = 3600,
	REPLIES_SHOWN = 6,
};

/* One look at the daemon. */
struct look {
	struct arena *arena;
	struct status status;
	int64_t at_us;
	bool taken;
};

struct screen {
	const struct command *self;
	struct ask ask;
	unsigned interval;
	enum top_order order;
	size_t skip; /* rules above the first that is shown */
	struct look looks[2];
	unsigned now; /* of the two */
};

static bool
look_again(struct screen *s, struct why *why)
{
	struct look *look = &s->looks[s->now ^ 1];
	struct arena *arena = arena_new(ARENA_UNLIMITED);

	if (arena == NULL)
		return why_set(why, "out of memory");
	arena_free(look->arena);
	*look = (struct look){ .arena = arena };
	if (ask_status(&s->ask, arena, &look->status, why) != ASK_OK)
		return false;
	look->at_us = clock_system.mono_us(clock_system.ctx);
	look->taken = true;
	s->now ^= 1;
	return true;
}

static const struct status *
before(const struct screen *s)
{
	const struct look *look = &s->looks[s->now ^ 1];

	return look->taken ? &look->status : NULL;
}

static double
seconds_between(const struct screen *s)
{
	return (double)(s->looks[s->now].at_us - s->looks[s->now ^ 1].at_us) /
	       1e6;
}

/* ---- drawing ------------------------------------------------------------ */

static void
draw_head(const struct screen *s, int *row)
{
	const struct status *status = &s->looks[s->now].status;
	char room[64];
	struct buf up = BUF_ON(room);

	status_print_span(
	    (double)time(NULL) - status_number(status, METRIC_STARTED), &up);
	mvprintw((*row)++, 0,
	    "portreeve %.*s  up %s  sessions %.0f open, %.0f in all  messages "
	    "%.0f",
	    STR_FMT(status_info(status, METRIC_BUILD_INFO, "version")),
	    buf_cstr(&up), status_number(status, METRIC_OPEN),
	    status_number(status, METRIC_SESSIONS),
	    status_number(status, METRIC_MESSAGES));
	mvprintw((*row)++, 0, "%.*s  %.0f rules  reloads %.0f, failed %.0f",
	    STR_FMT(status_info(status, METRIC_POLICY_INFO, "file")),
	    status_number(status, METRIC_RULES),
	    status_number(status, METRIC_RELOADS),
	    status_number(status, METRIC_RELOAD_FAILURES));
	++*row;
}

static void
draw_title(int row, const char *text)
{
	attron(A_REVERSE);
	mvprintw(row, 0, "%-*.*s", COLS, COLS, text);
	attroff(A_REVERSE);
}

static void
draw_replies(const struct screen *s, int *row)
{
	struct top_reply replies[TOP_REPLIES];
	size_t n = top_replies(
	    &s->looks[s->now].status, before(s), seconds_between(s), replies);
	char title[128];

	(void)snprintf(title, sizeof title, "%-10s %-12s %12s %10s", "STAGE",
	    "VERDICT", "COUNT", "PER SECOND");
	draw_title((*row)++, title);
	for (size_t i = 0; i < n && i < REPLIES_SHOWN; i++)
		mvprintw((*row)++, 0, "%-10s %-12s %12.0f %10.1f",
		    stage_name(replies[i].stage),
		    verdict_names[replies[i].verdict], replies[i].count,
		    replies[i].rate);
	++*row;
}

static int
at_most(size_t n, int most)
{
	return n < (size_t)most ? (int)n : most;
}

static void
draw_rule(int row, const struct top_rule *top)
{
	const struct status_rule *rule = top->rule;
	char room[64];
	struct buf last = BUF_ON(room);

	if (rule->last > 0)
		status_print_span((double)time(NULL) - rule->last, &last);
	else
		buf_c(&last, "never");
	mvprintw(row, 0, "%-26.*s %-12.*s %9.0f %9.0f %8.1f  %s",
	    at_most(rule->name.n, 26), rule->name.p,
	    at_most(rule->action.n, 12), rule->action.p, rule->acted,
	    rule->would, top->rate, buf_cstr(&last));
}

/* Rules from `skip` on, down to the line before the last. */
static bool
draw_rules(const struct screen *s, int row)
{
	const struct status *status = &s->looks[s->now].status;
	struct top_rule *rules = arena_calloc(
	    s->looks[s->now].arena, status->n_rules + 1, sizeof *rules);
	char title[128];

	if (rules == NULL)
		return false;
	top_rank(status, before(s), seconds_between(s), s->order, rules);
	(void)snprintf(title, sizeof title, "%-26s %-12s %9s %9s %8s  %s",
	    "RULE", "ACTION", "HITS", "OBSERVED", "PER SEC", "LAST HIT");
	draw_title(row++, title);
	for (size_t i = s->skip; i < status->n_rules && row < LINES - 1; i++)
		draw_rule(row++, &rules[i]);
	return true;
}

static bool
draw(const struct screen *s)
{
	int row = 0;
	bool ok;

	erase();
	draw_head(s, &row);
	draw_replies(s, &row);
	ok = draw_rules(s, row);
	mvprintw(LINES - 1, 0,
	    "q quit  r h l p order (%s)  up down page keys  every %u s",
	    top_order_names[s->order], s->interval);
	refresh();
	return ok;
}

/* ---- keys --------------------------------------------------------------- */

static void
move_by(struct screen *s, long by)
{
	size_t n = s->looks[s->now].status.n_rules;
	long to = (long)s->skip + by;

	if (to < 0 || n == 0)
		to = 0;
	else if ((size_t)to >= n)
		to = (long)n - 1;
	s->skip = (size_t)to;
}

static void
order_by(struct screen *s, enum top_order order)
{
	s->order = order;
	s->skip = 0;
}

/* False: to quit. */
static bool
on_key(struct screen *s, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
	case 3: /* Ctrl-C, in raw mode */
		return false;
	case 'r':
		order_by(s, TOP_BY_RATE);
		break;
	case 'h':
		order_by(s, TOP_BY_HITS);
		break;
	case 'l':
		order_by(s, TOP_BY_LAST);
		break;
	case 'p':
		order_by(s, TOP_BY_POLICY);
		break;
	case KEY_UP:
	case 'k':
		move_by(s, -1);
		break;
	case KEY_DOWN:
	case 'j':
		move_by(s, 1);
		break;
	case KEY_PPAGE:
		move_by(s, -10);
		break;
	case KEY_NPAGE:
	case ' ':
		move_by(s, 10);
		break;
	case KEY_HOME:
		s->skip = 0;
		break;
	default:
		break;
	}
	return true;
}

/* ---- the command -------------------------------------------------------- */

/* Draws until a key ends it; false with *why if the daemon does. */
static bool
live(struct screen *s, struct why *why)
{
	int64_t next = 0;
	bool go = true;

	while (go) {
		int64_t now = clock_system.mono_us(clock_system.ctx);

		if (now >= next) {
			if (!look_again(s, why))
				return false;
			next = now + (int64_t)s->interval * 1000000;
		}
		if (!draw(s))
			return why_set(why, "out of memory");
		timeout((int)((next - now) / 1000) + 1);
		go = on_key(s, getch());
	}
	return true;
}

static bool
terminal_fault(struct why *why)
{
	const char *term = getenv("TERM");

	return why_set(why,
	    "no screen can be drawn on a terminal that TERM calls \"%s\"; "
	    "set TERM to what it is (TERM=xterm), or use: watch portreeve "
	    "status",
	    term == NULL ? "" : term);
}

static bool
run(struct screen *s, struct why *why)
{
	SCREEN *screen;
	bool ok;

	if (!look_again(s, why))
		return false;
	/* not initscr(), which ends the process with words of its own */
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL)
		return terminal_fault(why);
	if (tigetstr("cup") == NULL) { /* its cursor cannot be moved */
		(void)endwin();
		delscreen(screen);
		return terminal_fault(why);
	}
	(void)raw();
	(void)noecho();
	(void)keypad(stdscr, TRUE);
	(void)curs_set(0);
	ok = live(s, why);
	(void)endwin();
	delscreen(screen);
	return ok;
}

static int
report(const struct command *self, const struct why *why)
{
	(void)fprintf(stderr, "portreeve %s: %s\n", self->name, why->text);
	return STATUS_FAULT;
}

static bool
interval_read(const char *text, unsigned *interval_r)
{
	uint64_t n;

	if (!str_to_u64(str_c(text), &n) || n < 1 || n > INTERVAL_MOST_S)
		return false;
	*interval_r = (unsigned)n;
	return true;
}

int
cmd_top(const struct command *self, int argc, char **argv)
{
	struct screen s = {
		.self = self, .ask.file = DEFAULT_FILE, .interval = INTERVAL_S
	};
	const char *interval = NULL;
	struct why why = { .text = "" };
	const struct cmd_option options[] = {
		ASK_OPTIONS(s.ask),
		{ "--interval", 'n', "SECONDS",
		    "look so often, instead of every 2 seconds", NULL,
		    &interval },
	};
	int status = options_only(
	    self, options, sizeof options / sizeof options[0], argc, argv);

	if (status >= 0)
		return status;
	if (interval != NULL && !interval_read(interval, &s.interval))
		return usage_error(self,
		    "\"%s\" is no number of seconds, 1 to %d", interval,
		    INTERVAL_MOST_S);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return usage_error(self,
		    "this is for a terminal; for a script there is: portreeve "
		    "status");
	if (run(&s, &why))
		status = EXIT_SUCCESS;
	else
		status = report(self, &why);
	arena_free(s.looks[0].arena);
	arena_free(s.looks[1].arena);
	return status;
}

#else

int
cmd_top(const struct command *self, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)fprintf(stderr,
	    "portreeve %s needs ncurses, and this portreeve was built without "
	    "it; build with --with-ncurses, or use: watch portreeve status\n",
	    self->name);
	return STATUS_FAULT;
}

#endif
