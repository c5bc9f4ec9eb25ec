/*
 * check_setting - listen, log, on error and the other settings.
 *
 * Nothing is opened here: a policy must load on a machine where it does not
 * run.  Only the time zone is looked for, since a wrong one would move every
 * rule on the time.
 */
#include "lang/check.h"

#include <sys/un.h>
#include <unistd.h>

static const char *const names[] = {
	[SETTING_LISTEN] = "listen",
	[SETTING_LOG] = "log",
	[SETTING_OBSERVE_ALL] = "observe all",
	[SETTING_ON_ERROR] = "on error",
	[SETTING_TIMEZONE] = "timezone",
	[SETTING_USER] = "user",
	[SETTING_GROUP] = "group",
	[SETTING_CONTROL] = "control",
	[SETTING_METRICS] = "metrics",
	[SETTING_DRAIN] = "drain",
	[SETTING_WATCH_LISTS] = "watch lists",
};

enum {
	SETTING_KINDS = sizeof(names) / sizeof(names[0])
};

/* ---- listen ------------------------------------------------------------- */

static bool
check_unix(struct check *c, const struct ast_str *value, struct str path)
{
	if (path.n == 0 || path.p[0] != '/') {
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "the path of a socket begins with a slash; write "
		    "\"unix:/run/portreeve/portreeve.sock\"");
		return false;
	}
	if (path.n > LISTEN_PATH_MAX) {
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "the path of a socket is at most %d octets long; this "
		    "has %zu",
		    LISTEN_PATH_MAX, path.n);
		return false;
	}
	return true;
}

static bool
is_port(struct str s)
{
	uint64_t port;

	return s.n <= 5 && str_to_u64(s, &port) && port > 0 && port <= 65535;
}

/* "inet" for an address with dots, "inet6" for one with colons, or NULL. */
static const char *
family_of(struct str host)
{
	struct ip ip;

	if (str_find(host, ':') != STR_NOWHERE)
		return "inet6";
	return ip_parse(host, &ip, NULL) ? "inet" : NULL;
}

/* inet:PORT@HOST; people also write what Postfix wants, inet:HOST:PORT. */
static bool
check_inet(struct check *c, const struct ast_str *value, const char *family,
    struct str rest)
{
	const char *home =
	    str_eq(str_c(family), STR("inet")) ? "127.0.0.1" : "::1";
	size_t at = str_find(rest, '@');
	size_t colon = str_rfind(rest, ':');
	struct str host = at == STR_NOWHERE ? STR_NONE : str_from(rest, at + 1);
	struct str port = at == STR_NOWHERE ? rest : str_sub(rest, 0, at);

	if (at == STR_NOWHERE && colon != STR_NOWHERE &&
	    is_port(str_from(rest, colon + 1))) {
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "this is how main.cf writes it; here it is "
		    "\"%s:%.*s@%.*s\"",
		    family, STR_FMT(str_from(rest, colon + 1)),
		    STR_FMT(str_sub(rest, 0, colon)));
		return false;
	}
	if (!is_port(port)) {
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "\"%.*s\" is no port (1 to 65535); write \"%s:8891@%s\"",
		    STR_FMT(port), family, home);
		return false;
	}
	if (host.n == 0) {
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "there is no host after the port; write \"%s:%.*s@%s\"",
		    family, STR_FMT(port), home);
		return false;
	}
	if (family_of(host) != NULL &&
	    !str_eq(str_c(family_of(host)), str_c(family))) {
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "this address is of the other family; write "
		    "\"%s:%.*s@%.*s\"",
		    family_of(host), STR_FMT(port), STR_FMT(host));
		return false;
	}
	return true;
}

static bool
check_listen_address(struct check *c, const struct ast_str *value)
{
	struct str s = value->s;

	if (str_starts(s, STR("unix:")))
		return check_unix(c, value, str_from(s, 5));
	if (str_starts(s, STR("inet6:")))
		return check_inet(c, value, "inet6", str_from(s, 6));
	if (str_starts(s, STR("inet:")))
		return check_inet(c, value, "inet", str_from(s, 5));
	if (s.n > 0 && s.p[0] == '/')
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "write what kind of socket it is: \"unix:%.*s\"",
		    STR_FMT(s));
	else if (str_starts(s, STR("local:")))
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "here it is \"unix:%.*s\"", STR_FMT(str_from(s, 6)));
	else
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "\"%.*s\" is no address to listen at; write "
		    "\"unix:PATH\", \"inet:PORT@HOST\" or "
		    "\"inet6:PORT@HOST\"",
		    STR_FMT(s));
	return false;
}

/* Octal digits, as the parser saw to. */
static unsigned
mode_of(struct check *c, const struct ast_str *mode)
{
	unsigned v = 0;

	for (size_t i = 0; i < mode->s.n && i < 4; i++)
		v = v * 8 + (unsigned)(str_at(mode->s, i) - '0');
	if (v == 0)
		diag_add(c->diags, DIAG_ERROR, mode->pos,
		    "nobody could use a socket of mode 0; write such as "
		    "mode 0660");
	return v;
}

/* A place that outlives the texts: a name and a line, nothing to show. */
static struct pos
lasting(struct check *c, struct pos pos)
{
	struct source *source = arena_xalloc(c->arena, sizeof(*source));

	source->text = STR("");
	source->name = STR("");
	if (pos.source != NULL)
		source->name = arena_xstr(c->arena, pos.source->name);
	pos.source = source;
	return pos;
}

static void
check_listen(
    struct check *c, const struct setting *s, struct setting_listen *listen)
{
	const struct ast_str *only[] = { &s->mode, &s->user, &s->group };

	/* Of one that is missing, the parser has told. */
	if (str_is_none(s->value.s) || !check_listen_address(c, &s->value))
		return;
	listen->address = arena_xstr(c->arena, s->value.s);
	listen->pos = lasting(c, s->value.pos);
	listen->user = arena_xstr(c->arena, s->user.s);
	listen->group = arena_xstr(c->arena, s->group.s);
	if (!str_is_none(s->mode.s))
		listen->mode = mode_of(c, &s->mode);
	if ((listen->mode & 02) != 0)
		diag_add(c->diags, DIAG_WARNING, s->mode.pos,
		    "every user of this machine can connect to a socket of "
		    "mode %.*s; write mode 0660, and the group of the mail "
		    "server: group postfix",
		    STR_FMT(s->mode.s));
	if (str_starts(s->value.s, STR("unix:")))
		return;
	for (size_t i = 0; i < 3; i++)
		if (!str_is_none(only[i]->s))
			diag_add(c->diags, DIAG_ERROR, only[i]->pos,
			    "mode, user and group are those of a unix: "
			    "socket; leave them out here");
}

/* ---- what the program may have been built without ----------------------- */

#ifdef HAVE_LIBMICROHTTPD
#define METRICS_THERE true
#else
#define METRICS_THERE false
#endif
#ifdef HAVE_LIBSYSTEMD
#define JOURNAL_THERE true
#else
#define JOURNAL_THERE false
#endif

static void
check_library(struct check *c, const struct setting *s, bool there,
    const char *what, const char *library)
{
	if (!there)
		diag_add(c->diags, DIAG_ERROR, s->pos,
		    "%s needs %s, and this portreeve was built without it; "
		    "leave this line out, or build with --with-%s",
		    what, library, library);
}

static void
check_metrics(struct check *c, const struct setting *s)
{
	check_library(c, s, METRICS_THERE, "metrics", "libmicrohttpd");
	check_listen(c, s, &c->policy->metrics);
}

/* ---- log ---------------------------------------------------------------- */

static void
add_log(struct check *c, const struct setting *s, struct str value)
{
	struct setting_log **end = &c->policy->logs;
	struct setting_log *log = arena_xalloc(c->arena, sizeof(*log));

	while (*end != NULL)
		end = &(*end)->next;
	log->target = s->target;
	log->value = arena_xstr(c->arena, value);
	log->decisions = s->decisions;
	log->json = s->json;
	*end = log;
}

static void
check_log(struct check *c, const struct setting *s)
{
	struct str value = s->value.s;

	if (s->target == LOG_TO_JOURNAL)
		check_library(c, s, JOURNAL_THERE, "log journal", "libsystemd");
	if (s->target == LOG_TO_SYSLOG && str_is_none(value))
		value = STR("mail");
	if (s->target == LOG_TO_FILE && value.n == 0 && !str_is_none(value)) {
		diag_add(c->diags, DIAG_ERROR, s->value.pos,
		    "there is no file without a name; write log file "
		    "\"/var/log/portreeve/decisions.log\"");
		return;
	}
	if (s->target == LOG_TO_FILE)
		value = source_relative(c->sources, s->pos.source, value);
	add_log(c, s, value);
}

/* ---- on error ----------------------------------------------------------- */

/* The step of every stage: the same rule, its reply completed for it. */
static void
build_on_error(struct check *c)
{
	static const struct stmt standard = { .action = ACTION_DEFER,
		.code = 451,
		.xcode = { { "4.3.0", 5 }, { 0 } } };
	const struct stmt *s = c->on_error == NULL ? &standard : c->on_error;
	struct rule *rule = arena_xalloc(c->arena, sizeof(*rule));
	struct scope scope = { .stages = (1u << STAGE_COUNT) - 1 };

	rule->name = STR("on-error");
	rule->file = s->pos.source == NULL
			 ? STR("")
			 : arena_xstr(c->arena, s->pos.source->name);
	rule->line = s->pos.line;
	rule->action = s->action;
	/* No rule of a block has this number. */
	rule->id = UINT32_MAX;
	c->scope = &scope;
	check_reply(c, s, scope.stages);
	if (s->action != ACTION_ACCEPT)
		rule->text = check_template(c, s->text);
	c->scope = NULL;
	c->on_error_uses = scope.uses;
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		struct step *step = &c->policy->on_error[i];
		step->rule = rule;
		if (s->action == ACTION_ACCEPT)
			continue;
		reply_of(s, (enum stage)i, &step->reply);
		step->text = step->reply.text;
		step->reply.text = STR_NONE;
	}
}

/* ---- the others --------------------------------------------------------- */

static void
check_timezone(struct check *c, const struct ast_str *value)
{
	static const char base[] = "/usr/share/zoneinfo/";
	char room[256];
	struct buf path = BUF_ON(room);
	bool bad = value->s.n == 0 || value->s.n > 100 ||
		   value->s.p[0] == '/' || value->s.p[0] == '.';

	for (size_t i = 0; i + 1 < value->s.n; i++)
		bad = bad || (value->s.p[i] == '.' && value->s.p[i + 1] == '.');
	for (size_t i = 0; i < value->s.n; i++)
		bad = bad || !ascii_is_print(str_at(value->s, i));
	buf_c(&path, base);
	buf_str_add(&path, value->s);
	if (bad || access(buf_cstr(&path), R_OK) != 0 ||
	    access(base, R_OK) != 0)
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "there is no time zone \"%.*s\" under %s; write a name "
		    "such as \"Europe/Berlin\" or \"UTC\"%s",
		    STR_FMT(value->s), base,
		    access(base, R_OK) == 0
			? ""
			: " (is the package tzdata installed?)");
	c->policy->timezone = arena_xstr(c->arena, value->s);
}

static void
check_control(struct check *c, const struct ast_str *value)
{
	if (str_is_none(value->s))
		return;
	if (!str_starts(value->s, STR("unix:")))
		diag_add(c->diags, DIAG_ERROR, value->pos,
		    "the control socket is in the file system; write "
		    "control \"unix:/run/portreeve/control.sock\"");
	else if (check_unix(c, value, str_from(value->s, 5)))
		c->policy->control = arena_xstr(c->arena, value->s);
}

static void
check_drain(struct check *c, const struct setting *s)
{
	if (str_is_none(s->value.s))
		return;
	if (s->seconds > DRAIN_MOST)
		diag_add(c->diags, DIAG_ERROR, s->value.pos,
		    "\"drain %.*s\" is too long for a server to end; write "
		    "at most 1h, such as drain 30s",
		    STR_FMT(s->value.s));
	else
		c->policy->drain = (uint32_t)s->seconds;
}

static void
check_one(struct check *c, const struct setting *s)
{
	switch (s->kind) {
	case SETTING_LISTEN:
		check_listen(c, s, &c->policy->listen);
		break;
	case SETTING_METRICS:
		check_metrics(c, s);
		break;
	case SETTING_LOG:
		check_log(c, s);
		break;
	case SETTING_OBSERVE_ALL:
		c->policy->observe_all = true;
		break;
	case SETTING_ON_ERROR:
		c->on_error = s->rule;
		break;
	case SETTING_TIMEZONE:
		check_timezone(c, &s->value);
		break;
	case SETTING_USER:
		c->policy->user = arena_xstr(c->arena, s->value.s);
		break;
	case SETTING_GROUP:
		c->policy->group = arena_xstr(c->arena, s->value.s);
		break;
	case SETTING_CONTROL:
		check_control(c, &s->value);
		break;
	case SETTING_DRAIN:
		check_drain(c, s);
		break;
	case SETTING_WATCH_LISTS:
		c->policy->watch_lists = true;
		break;
	}
}

void
check_settings(struct check *c)
{
	static const struct setting standard_log = { .target = LOG_TO_SYSLOG };
	const struct setting *first[SETTING_KINDS] = { NULL };

	for (const struct setting *s = c->ast->settings; s != NULL;
	     s = s->next) {
		const struct setting *twice = first[s->kind];
		if (twice == NULL || s->kind == SETTING_LOG) {
			first[s->kind] = s;
			check_one(c, s);
			continue;
		}
		diag_add(c->diags, DIAG_ERROR, s->pos,
		    "\"%s\" stands twice; leave one of them out",
		    names[s->kind]);
		diag_add(c->diags, DIAG_NOTE, twice->pos, "the first is here");
	}
	if (c->policy->logs == NULL)
		add_log(c, &standard_log, STR("mail"));
	build_on_error(c);
}
