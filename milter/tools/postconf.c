/*
 * postconf - asks postconf(1) and reads what it prints.
 *
 *     postconf -x NAME...   NAME = VALUE, $names expanded
 *     postconf -M           the fields of master.cf, a service a line
 *     postconf -Px          SERVICE/TYPE/NAME = VALUE, their -o options
 */
#include "tools/postconf.h"

#include "tools/spawn.h"

static const char *const wanted[] = {
	"compatibility_level",
	"queue_directory",
	"mail_owner",
	"mail_version",
	"smtpd_milters",
	"smtpd_milter_maps",
	"non_smtpd_milters",
	"milter_default_action",
	"milter_protocol",
	"milter_connect_timeout",
	"milter_command_timeout",
	"milter_content_timeout",
	"smtpd_delay_open_until_valid_rcpt",
};

enum {
	WANTED = sizeof wanted / sizeof wanted[0],
	WORDS_MAX = WANTED + 8,
	FIELDS = 8, /* of master.cf, before the command's arguments */
};

/* ---- running it --------------------------------------------------------- */

static bool
ask(struct postconf *p, const char *option, const char *const *names,
    struct str *text_r, struct why *why)
{
	const char *argv[WORDS_MAX] = { "postconf" };
	size_t n = 1;

	if (p->directory != NULL) {
		argv[n++] = "-c";
		argv[n++] = p->directory;
	}
	argv[n++] = option;
	for (size_t i = 0; names != NULL && i < WANTED; i++)
		argv[n++] = names[i];
	return spawn_read(argv, p->arena, text_r, why);
}

/* NAME = VALUE; a line without a name goes on with the one before, which
 * postconf never does without -f. */
static bool
split_pair(struct str line, struct str *name_r, struct str *value_r)
{
	size_t at = str_find(line, '=');

	if (at == STR_NOWHERE)
		return false;
	*name_r = str_trim(str_sub(line, 0, at));
	*value_r = str_trim(str_from(line, at + 1));
	return name_r->n > 0;
}

static void
pair_add(struct postconf_pair **list, struct arena *arena, struct str name,
    struct str value)
{
	struct postconf_pair *pair = arena_xalloc(arena, sizeof *pair);

	pair->name = name;
	pair->value = value;
	pair->next = *list;
	*list = pair;
}

static bool
read_parameters(struct postconf *p, struct why *why)
{
	struct str text;
	struct str line;
	struct str name;
	struct str value;

	/* One that this Postfix does not know is left out, with a warning. */
	if (!ask(p, "-x", wanted, &text, why))
		return false;
	while (str_split(&text, '\n', &line))
		if (split_pair(line, &name, &value))
			pair_add(&p->parameters, p->arena, name, value);
	return true;
}

/* ---- services ----------------------------------------------------------- */

/* Before compatibility_level 1, "-" meant yes. */
static bool
chroot_usual(const struct postconf *p)
{
	struct str level = postconf_get(p, NULL, "compatibility_level");

	return str_eq(level, STR("0")) || level.n == 0;
}

static bool
is_yes(struct str field, bool usual)
{
	return str_eq(field, STR("-")) ? usual : str_eq(field, STR("y"));
}

/* service type private unpriv chroot wakeup maxproc command */
static void
read_service(
    struct postconf *p, struct str line, struct postconf_service ***end)
{
	struct postconf_service *service;
	struct str field[FIELDS];

	for (size_t i = 0; i < FIELDS; i++)
		if (!str_word(&line, &field[i]))
			return;
	if (!str_eq(field[7], STR("smtpd")))
		return;
	service = arena_xalloc(p->arena, sizeof *service);
	service->name = field[0];
	service->type = field[1];
	service->privileged = !is_yes(field[3], true);
	service->chroot = is_yes(field[4], chroot_usual(p));
	**end = service;
	*end = &service->next;
}

/* SERVICE/TYPE/NAME = VALUE: a name of a service may have slashes. */
static void
read_own(struct postconf *p, struct str line)
{
	struct str path;
	struct str value;
	size_t name_at;
	size_t type_at;

	if (!split_pair(line, &path, &value))
		return;
	name_at = str_rfind(path, '/');
	if (name_at == STR_NOWHERE || name_at == 0)
		return;
	type_at = str_rfind(str_sub(path, 0, name_at), '/');
	if (type_at == STR_NOWHERE)
		return;
	for (struct postconf_service *s = p->services; s != NULL; s = s->next)
		if (str_eq(s->name, str_sub(path, 0, type_at)) &&
		    str_eq(s->type,
			str_sub(path, type_at + 1, name_at - type_at - 1)))
			pair_add(&s->own, p->arena, str_from(path, name_at + 1),
			    value);
}

static bool
read_services(struct postconf *p, struct why *why)
{
	struct postconf_service **end = &p->services;
	struct str text;
	struct str line;

	if (!ask(p, "-M", NULL, &text, why))
		return false;
	while (str_split(&text, '\n', &line))
		read_service(p, line, &end);
	if (!ask(p, "-Px", NULL, &text, why))
		return false;
	while (str_split(&text, '\n', &line))
		read_own(p, line);
	return true;
}

bool
postconf_read(const char *directory, struct arena *arena,
    struct postconf *postconf_r, struct why *why)
{
	*postconf_r =
	    (struct postconf){ .arena = arena, .directory = directory };
	return read_parameters(postconf_r, why) &&
	       read_services(postconf_r, why);
}

static const struct postconf_pair *
pair_find(const struct postconf_pair *list, const char *name)
{
	while (list != NULL && !str_eq(list->name, str_c(name)))
		list = list->next;
	return list;
}

struct str
postconf_get(const struct postconf *p, const struct postconf_service *service,
    const char *name)
{
	const struct postconf_pair *pair =
	    service == NULL ? NULL : pair_find(service->own, name);

	if (pair == NULL)
		pair = pair_find(p->parameters, name);
	return pair == NULL ? STR("") : pair->value;
}

/* ---- lists of milters --------------------------------------------------- */

static bool
is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\n' || c == '\r';
}

static struct str
skip_separators(struct str s)
{
	while (s.n > 0 && is_separator(s.p[0]))
		s = str_from(s, 1);
	return s;
}

static struct str
take_word(struct str *rest)
{
	size_t n = 0;
	struct str word;

	while (n < rest->n && !is_separator(rest->p[n]))
		n++;
	word = str_sub(*rest, 0, n);
	*rest = str_from(*rest, n);
	return word;
}

/* milter = ADDRESS | "{" ADDRESS { "," NAME "=" VALUE } "}" */
bool
postconf_milter(struct str *rest, struct postconf_milter *milter_r)
{
	struct str inner;
	struct str name;
	struct str value;
	size_t end;

	*milter_r = (struct postconf_milter){ .action = STR_NONE };
	*rest = skip_separators(*rest);
	if (rest->n == 0)
		return false;
	if (rest->p[0] != '{') {
		milter_r->address = take_word(rest);
		return true;
	}
	end = str_find(*rest, '}');
	inner = skip_separators(
	    str_sub(*rest, 1, end == STR_NOWHERE ? rest->n : end - 1));
	*rest = end == STR_NOWHERE ? STR("") : str_from(*rest, end + 1);
	milter_r->address = take_word(&inner);
	while (str_split(&inner, ',', &value))
		if (split_pair(value, &name, &value) &&
		    str_eq(name, STR("default_action")))
			milter_r->action = value;
	return true;
}
