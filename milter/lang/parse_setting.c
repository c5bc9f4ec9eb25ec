/*
 * parse_setting - listen, log, observe all, on error, timezone, user, group,
 * control, drain, watch lists.
 */
#include "lang/facility.h"
#include "lang/parse_int.h"

static struct setting *
new_setting(struct parser *p, enum setting_kind kind, struct pos pos)
{
	struct setting *setting = arena_xalloc(p->arena, sizeof(*setting));

	setting->kind = kind;
	setting->pos = pos;
	*p->settings_end = setting;
	p->settings_end = &setting->next;
	return setting;
}

static bool
is_account_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum(str_at(name, i)) &&
		    strchr("_.-$", name.p[i]) == NULL)
			return false;
	return name.n > 0 && name.p[0] != '-';
}

/*
 * The word (any, as accounts have upper case and "_") or string behind
 * `last`; a keyword at the beginning of a line is the next statement.
 */
static struct ast_str
want_word(struct parser *p, const char *what)
{
	const struct token *token = parse_look(p, LEX_WORD);
	struct ast_str word = { STR_NONE, token->pos };

	if (token->kind == TOKEN_STRING) {
		struct token string = parse_take(p);
		return parse_plain(p, &string);
	}
	if (token->kind != TOKEN_WORD ||
	    (token->first && parse_begins_top(token->str))) {
		parse_expected(p, "%s", what);
		return word;
	}
	word.s = parse_take(p).str;
	return word;
}

static struct ast_str
want_account(struct parser *p, const char *what)
{
	struct ast_str name = want_word(p, what);

	if (!str_is_none(name.s) && !is_account_name(name.s))
		parse_complain(p, name.pos,
		    "\"%.*s\" is no name of an account or group",
		    STR_FMT(str_sub(name.s, 0, 60)));
	return name;
}

static struct ast_str
want_mode(struct parser *p)
{
	struct ast_str mode = want_word(p, "an octal mode, such as 0660");
	size_t i = 0;

	while (i < mode.s.n && mode.s.p[i] >= '0' && mode.s.p[i] <= '7')
		i++;
	if (!str_is_none(mode.s) && (i != mode.s.n || i == 0 || i > 4 ||
					(i == 4 && mode.s.p[0] != '0')))
		parse_complain(p, mode.pos,
		    "\"%.*s\" is no mode; write it in octal, 0600 to 0777, "
		    "such as mode 0660",
		    STR_FMT(str_sub(mode.s, 0, 60)));
	return mode;
}

/* One pair of listen; false if there is no more. */
static bool
listen_pair(struct parser *p, struct setting *setting, struct pos start)
{
	static const char *const words[] = { "mode", "user", "group", NULL };
	bool metrics = setting->kind == SETTING_METRICS;
	const struct token *token = parse_look(p, LEX_PLAIN);
	struct ast_str *to = NULL;
	struct token word;

	if (token->kind != TOKEN_NAME || !parse_goes_on(p, start))
		return false;
	if (str_eq(token->str, STR("mode")))
		to = &setting->mode;
	else if (str_eq(token->str, STR("user")))
		to = &setting->user;
	else if (str_eq(token->str, STR("group")))
		to = &setting->group;
	else if (parse_begins_top(token->str))
		return false;
	if (to == NULL) {
		parse_unknown_word(p,
		    metrics ? "part of metrics" : "part of listen", HINT_TEST,
		    words);
		return false;
	}
	word = parse_take(p);
	if (!str_is_none(to->s))
		parse_complain(
		    p, word.pos, "%.*s a second time", STR_FMT(word.str));
	*to = to == &setting->mode ? want_mode(p) : want_account(p, "a name");
	return !p->panic;
}

/*
 * listen = ( "listen" STRING | "metrics" ( STRING | WORD ) )
 *          { "mode" OCTAL | "user" NAME | "group" NAME }
 */
void
parse_listen(struct parser *p, const struct token *start)
{
	bool metrics = str_eq(start->str, STR("metrics"));
	struct setting *setting = new_setting(
	    p, metrics ? SETTING_METRICS : SETTING_LISTEN, start->pos);

	if (metrics)
		setting->value =
		    want_word(p, "where to answer for metrics, such as "
				 "metrics inet:9797@127.0.0.1");
	else
		setting->value =
		    parse_want_plain(p, "a socket in double quotes",
			"listen \"unix:/run/portreeve.sock\"");
	while (!p->panic && listen_pair(p, setting, start->pos))
		continue;
}

/* The facility of log syslog, where one follows. */
static struct ast_str
try_facility(struct parser *p, struct pos start)
{
	const struct token *token = parse_look(p, LEX_PLAIN);
	struct ast_str facility = { STR_NONE, token->pos };
	struct str near;

	if (token->kind != TOKEN_NAME || str_eq(token->str, STR("decisions")))
		return facility;
	if (facility_find(token->str) >= 0) {
		/* `user` begins a setting, too. */
		if (!parse_begins_top(token->str) || parse_goes_on(p, start))
			facility.s = parse_take(p).str;
		return facility;
	}
	if (parse_begins_top(token->str) || !parse_goes_on(p, start))
		return facility;
	near = facility_near(token->str);
	if (str_is_none(near))
		parse_fail(p, token->pos,
		    "unknown syslog facility \"%.*s\"; there are: %s",
		    STR_FMT(str_sub(token->str, 0, 60)), facility_names());
	else
		parse_fail(p, token->pos,
		    "unknown syslog facility \"%.*s\"; did you mean %.*s?",
		    STR_FMT(str_sub(token->str, 0, 60)), STR_FMT(near));
	return facility;
}

/* TARGET = "syslog" [ FACILITY ] | "stderr" | "file" STRING | "journal" */
static void
log_target(struct parser *p, struct setting *setting, struct pos start)
{
	if (parse_try_word(p, LEX_PLAIN, "stderr")) {
		setting->target = LOG_TO_STDERR;
	} else if (parse_try_word(p, LEX_PLAIN, "journal")) {
		setting->target = LOG_TO_JOURNAL;
	} else if (parse_try_word(p, LEX_PLAIN, "file")) {
		setting->target = LOG_TO_FILE;
		setting->value = parse_want_plain(p, "a path in double quotes",
		    "log file \"/var/log/portreeve.log\"");
	} else {
		parse_take(p);
		setting->target = LOG_TO_SYSLOG;
		setting->value = try_facility(p, start);
	}
}

static bool
is_among(const char *const *words, struct str word)
{
	while (*words != NULL && !str_eq(word, str_c(*words)))
		words++;
	return *words != NULL;
}

/* The journal has fields of its own. */
static void
log_json(struct parser *p, struct setting *setting, struct pos start)
{
	static const char *const targets[] = { "syslog", "stderr", "file",
		NULL };
	const struct token *token = parse_look(p, LEX_PLAIN);

	setting->json = true;
	setting->target = LOG_TO_STDERR;
	if (token->kind != TOKEN_NAME || !parse_goes_on(p, start) ||
	    str_eq(token->str, STR("decisions")))
		return;
	if (is_among(targets, token->str))
		log_target(p, setting, start);
	else if (str_eq(token->str, STR("journal")))
		parse_fail(p, token->pos,
		    "the journal has fields, not JSON; write log journal");
	else if (!parse_begins_top(token->str))
		parse_unknown_word(
		    p, "log target behind json", HINT_TEST, targets);
}

/*
 * log = "log" ( TARGET | "json" [ TARGET ] ) [ "decisions" ]
 */
void
parse_log(struct parser *p, const struct token *start)
{
	static const char *const targets[] = { "syslog", "stderr", "file",
		"journal", "json", NULL };
	const struct token *token = parse_look(p, LEX_PLAIN);
	struct setting *setting;

	if (token->kind == TOKEN_STRING) {
		parse_fail(p, start->pos,
		    "log \"text\" is a rule, and a rule stands in a block; "
		    "out here write log syslog, log stderr or log file "
		    "\"path\"");
		return;
	}
	if (token->kind != TOKEN_NAME || parse_begins_top(token->str)) {
		parse_expected(
		    p, "syslog, journal, stderr, file or json behind log");
		return;
	}
	if (!is_among(targets, token->str)) {
		parse_unknown_word(p, "log target", HINT_TEST, targets);
		return;
	}
	setting = new_setting(p, SETTING_LOG, start->pos);
	if (parse_try_word(p, LEX_PLAIN, "json"))
		log_json(p, setting, start->pos);
	else
		log_target(p, setting, start->pos);
	setting->decisions =
	    !p->panic && parse_try_word(p, LEX_PLAIN, "decisions");
}

/* observe all = "observe" "all" */
void
parse_observe_all(struct parser *p, const struct token *start)
{
	if (parse_try_word(p, LEX_PLAIN, "all"))
		new_setting(p, SETTING_OBSERVE_ALL, start->pos);
	else if (parse_look(p, LEX_PLAIN)->kind == TOKEN_NAME &&
		 parse_begins_rule(p->tok.str))
		parse_fail(p, start->pos,
		    "a rule stands in a block; write on STAGE { ... } around "
		    "it (or observe all, to enforce nothing)");
	else
		parse_expected(p, "all behind observe");
}

/* on error = "on" "error" ( "accept" | ( "defer" | "reject" ) REPLY ) */
void
parse_on_error(struct parser *p, const struct token *start)
{
	struct setting *setting;
	struct stmt *rule;

	parse_take(p);
	if (!parse_is_word(p, LEX_PLAIN, "accept") &&
	    !parse_is_word(p, LEX_PLAIN, "defer") &&
	    !parse_is_word(p, LEX_PLAIN, "reject")) {
		parse_expected(p, "accept, defer or reject behind on error");
		return;
	}
	rule = arena_xalloc(p->arena, sizeof(*rule));
	rule->pos = p->tok.pos;
	if (!parse_action(p, rule))
		return;
	if (rule->late)
		parse_complain(p, rule->late_pos,
		    "on error speaks where the error is; leave late out");
	if (rule->action == ACTION_ACCEPT_MESSAGE ||
	    rule->action == ACTION_ACCEPT_CONNECTION)
		parse_complain(p, rule->action_pos,
		    "on error accept is for one reply; leave message or "
		    "connection out");
	if (parse_is_word(p, LEX_PLAIN, "if") ||
	    parse_is_word(p, LEX_PLAIN, "unless")) {
		parse_fail(p, p->tok.pos,
		    "on error has no condition; it holds for every rule");
		return;
	}
	setting = new_setting(p, SETTING_ON_ERROR, start->pos);
	setting->rule = rule;
}

/* timezone = "timezone" STRING */
void
parse_timezone(struct parser *p, const struct token *start)
{
	struct setting *setting = new_setting(p, SETTING_TIMEZONE, start->pos);

	setting->value = parse_want_plain(
	    p, "a time zone in double quotes", "timezone \"Europe/Berlin\"");
}

/* account = ( "user" | "group" ) NAME */
void
parse_account(struct parser *p, const struct token *start)
{
	bool user = str_eq(start->str, STR("user"));
	struct setting *setting =
	    new_setting(p, user ? SETTING_USER : SETTING_GROUP, start->pos);

	setting->value = want_account(
	    p, user ? "the name of an account" : "the name of a group");
}

/* control = "control" STRING */
void
parse_control(struct parser *p, const struct token *start)
{
	struct setting *setting = new_setting(p, SETTING_CONTROL, start->pos);

	setting->value = parse_want_plain(p, "a socket in double quotes",
	    "control \"unix:/run/portreeve/control.sock\"");
}

/* drain = "drain" DURATION */
void
parse_drain(struct parser *p, const struct token *start)
{
	struct setting *setting = new_setting(p, SETTING_DRAIN, start->pos);
	struct token token;

	if (parse_look(p, LEX_VALUE)->kind != TOKEN_DURATION) {
		parse_expected(p, "a time, such as 30s, behind drain");
		return;
	}
	token = parse_take(p);
	if (!str_is_none(token.fault))
		return;
	setting->value = (struct ast_str){ token.text, token.pos };
	setting->seconds = token.num;
}

/* watch lists = "watch" "lists" */
void
parse_watch_lists(struct parser *p, const struct token *start)
{
	if (parse_try_word(p, LEX_PLAIN, "lists"))
		new_setting(p, SETTING_WATCH_LISTS, start->pos);
	else
		parse_expected(p, "lists behind watch");
}
