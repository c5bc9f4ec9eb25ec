/*
 * offline_command - the commands of the offline MTA, a table row each.
 *
 * The order of the checks in each command is Postfix's: what it refuses by
 * itself is refused before the policy is asked.  A command returns false
 * where Postfix counts an error (20 of them end the connection).
 */
#include "tools/offline_int.h"

#include <stdio.h>

struct words {
	struct str *v;
	size_t n;
};

/* ---- words -------------------------------------------------------------- */

/* Behind the '"' or '<' at i: where the quoted run ends. */
static size_t
quoted_end(struct str s, size_t i)
{
	bool quoted = s.p[i] == '"';
	size_t open = quoted ? 0 : 1;

	for (i++; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\')
			i++;
		else if (quoted || c == '"') {
			if (c == '"')
				quoted = !quoted;
			if (!quoted && open == 0)
				return i + 1;
		} else if (c == '<')
			open++;
		else if (c == '>' && --open == 0)
			return i + 1;
	}
	return s.n;
}

/*
 * The next word as Postfix cuts it: up to white space outside quotes and
 * brackets; "FROM:" and "TO:" end a word too.
 */
static bool
next_word(struct str *rest, struct str *word_r)
{
	struct str s = *rest;
	size_t i = 0;

	while (s.n > 0 && ascii_is_space(str_at(s, 0)))
		s = str_from(s, 1);
	while (i < s.n && !ascii_is_space(str_at(s, i))) {
		struct str word = str_sub(s, 0, i + 1);

		if (s.p[i] == '<' || s.p[i] == '"')
			i = quoted_end(s, i);
		else if (s.p[i] == '\\')
			i += 2;
		else
			i++;
		if (str_eq_ci(word, STR("FROM:")) ||
		    str_eq_ci(word, STR("TO:")))
			break;
	}
	*word_r = str_sub(s, 0, i);
	*rest = str_from(s, i);
	return word_r->n > 0;
}

static struct words
split_words(struct offline *o, struct str line)
{
	struct words words = { NULL, 0 };
	struct str rest = line;
	struct str word;

	while (next_word(&rest, &word))
		words.n++;
	words.v = arena_xalloc(o->scratch, (words.n + 1) * sizeof *words.v);
	rest = line;
	for (size_t i = 0; i < words.n; i++)
		(void)next_word(&rest, &words.v[i]);
	return words;
}

/* The words from `from` on, with one space between. */
static struct str
join(struct offline *o, const struct words *w, size_t from)
{
	size_t cap = 1;
	struct buf b = { 0 };

	for (size_t i = from; i < w->n; i++)
		cap += w->v[i].n + 1;
	b = (struct buf){ arena_xalloc(o->scratch, cap), 0, cap, false };
	for (size_t i = from; i < w->n; i++) {
		if (i > from)
			buf_char(&b, ' ');
		buf_str_add(&b, w->v[i]);
	}
	return buf_str(&b);
}

/* The words from `from` on as libmilter hands them over. */
static const char *const *
milter_argv(struct offline *o, const struct words *w, size_t from)
{
	const char **argv =
	    arena_xalloc(o->scratch, (w->n - from + 1) * sizeof *argv);

	for (size_t i = from; i < w->n; i++)
		argv[i - from] = arena_cstr(o->scratch, w->v[i]);
	return argv;
}

size_t
offline_header_name(struct str line)
{
	size_t n = 0;
	size_t i;

	while (n < line.n && str_at(line, n) > 32 && str_at(line, n) < 127 &&
	       line.p[n] != ':')
		n++;
	for (i = n; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t');)
		i++;
	return i < line.n && line.p[i] == ':' ? n : 0;
}

/* ---- HELO, EHLO --------------------------------------------------------- */

static void
say_ehlo(struct offline *o, bool refused)
{
	bool bare = refused && o->latched.p[0] == '5';

	offline_say(o, "250-%s\n", OFFLINE_HOST);
	if (bare) {
		buf_c(&o->out, "250 ENHANCEDSTATUSCODES");
		return;
	}
	buf_c(&o->out, "250-PIPELINING\n250-SIZE");
	if (o->size_limit != 0) {
		buf_char(&o->out, ' ');
		buf_u64(&o->out, o->size_limit);
	}
	buf_c(&o->out, "\n250-VRFY\n250-ETRN\n"
		       "250-XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT "
		       "LOGIN DESTADDR DESTPORT\n"
		       "250-ENHANCEDSTATUSCODES\n250-8BITMIME\n250-DSN\n"
		       "250 SMTPUTF8");
}

/*
 * A refusal is latched and the answer is 250 all the same, unless it is a
 * 421, which is said at once.
 */
static bool
greet_client(struct offline *o, const struct words *w, bool ehlo)
{
	const char *verb = ehlo ? "EHLO" : "HELO";
	bool refused;

	if (w->n < 2) {
		offline_say(o, "501 Syntax: %s hostname", verb);
		return false;
	}
	refused = offline_latched(o);
	if (!refused && !o->skip) {
		(void)session_helo(o->session, join(o, w, 1));
		refused = offline_refused(o, STAGE_HELO);
		if (refused)
			offline_latch(o);
	}
	if (refused && str_starts(o->latched, STR("421")))
		return false;
	offline_message_end(o);
	if (ehlo)
		say_ehlo(o, refused);
	else
		offline_say(o, "250 %s", OFFLINE_HOST);
	return true;
}

static bool
cmd_helo(struct offline *o, const struct words *w)
{
	return greet_client(o, w, false);
}

static bool
cmd_ehlo(struct offline *o, const struct words *w)
{
	return greet_client(o, w, true);
}

/* ---- MAIL --------------------------------------------------------------- */

static bool
fault(struct offline *o, const char *reply)
{
	offline_say(o, "%s", reply);
	return false;
}

/* What Postfix refuses itself, before any milter is asked. */
static bool
mail_in_order(struct offline *o, const struct words *w)
{
	if (o->in_mail)
		return fault(o, "503 5.5.1 Error: nested MAIL command");
	if (w->n < 3 || !str_eq_ci(w->v[1], STR("FROM:")))
		return fault(o, "501 5.5.4 Syntax: MAIL FROM:<address>");
	return true;
}

/* What the MTA itself reads of MAIL. */
static bool
mail_size_fits(struct offline *o, const char *const *argv)
{
	struct mail_param param;

	if (!mail_param_parse(argv + 1, o->scratch, &param))
		return true;
	o->smtputf8 = param.smtputf8;
	if (param.auth.p != NULL)
		o->mail_auth = arena_xstr(o->message, param.auth);
	return o->size_limit == 0 || !param.has_size ||
	       param.size <= o->size_limit;
}

static bool
cmd_mail(struct offline *o, const struct words *w)
{
	const char *const *argv;

	if (!mail_in_order(o, w))
		return false;
	argv = milter_argv(o, w, 2);
	if (!mail_size_fits(o, argv)) {
		offline_message_end(o);
		return fault(o, "552 5.3.4 Message size exceeds fixed limit");
	}
	if (offline_latched(o)) {
		offline_message_end(o);
		return false;
	}
	o->sender_raw = arena_xstr(o->message, w->v[2]);
	o->told_mail = true;
	(void)session_mail(o->session, argv);
	if (offline_refused(o, STAGE_MAIL)) {
		offline_message_end(o);
		return false;
	}
	o->in_mail = true;
	offline_say(o, "250 2.1.0 Ok");
	return true;
}

/* ---- RCPT --------------------------------------------------------------- */

static bool
rcpt_in_order(struct offline *o, const struct words *w)
{
	if (!o->in_mail)
		return fault(o, "503 5.5.1 Error: need MAIL command");
	if (w->n < 3 || !str_eq_ci(w->v[1], STR("TO:")))
		return fault(o, "501 5.5.4 Syntax: RCPT TO:<address>");
	if (o->rcpts >= OFFLINE_RCPTS_MAX)
		return fault(o, "452 4.5.3 Error: too many recipients");
	return true;
}

/* The "X: refuse" of that recipient, or NULL. */
static const struct transcript_line *
mta_refuses(struct offline *o, struct str raw)
{
	struct address rcpt, refused;

	if (!address_parse(raw, PATH_FORWARD, true, o->scratch, &rcpt))
		return NULL;
	for (struct transcript_control *c = o->controls; c != NULL; c = c->next)
		if (c->line->kind == LINE_REFUSE &&
		    address_parse(c->line->name, PATH_FORWARD, true, o->scratch,
			&refused) &&
		    str_eq_ci(rcpt.norm, refused.norm))
			return c->line;
	return NULL;
}

/* The MTA takes the recipient; the first one opens the queue file. */
static void
rcpt_taken(struct offline *o)
{
	if (o->rcpts == 0) {
		o->first_rcpt = arena_xstr(o->message, o->rcpt_raw);
		(void)snprintf(
		    o->queue_id, sizeof o->queue_id, "A%010u", ++o->queued);
	}
	o->rcpts++;
	offline_say(o, "250 2.1.5 Ok");
}

static bool
cmd_rcpt(struct offline *o, const struct words *w)
{
	const struct transcript_line *refuse;
	bool refused = false;

	if (!rcpt_in_order(o, w))
		return false;
	refuse = mta_refuses(o, w->v[2]);
	if (refuse != NULL) {
		if (!o->skip)
			session_rcpt_refused(o->session);
		offline_say(o, "%.*s", STR_FMT(refuse->text));
		return false;
	}
	o->rcpt_raw = w->v[2];
	if (!o->skip) {
		(void)session_rcpt(o->session, milter_argv(o, w, 2));
		refused = offline_refused(o, STAGE_RCPT);
	}
	if (!refused)
		rcpt_taken(o);
	o->rcpt_raw = o->first_rcpt;
	return !refused;
}

/* ---- DATA --------------------------------------------------------------- */

static bool
cmd_data(struct offline *o, const struct words *w)
{
	if (o->rcpts == 0)
		return fault(o, o->in_mail
				    ? "554 5.5.1 Error: no valid recipients"
				    : "503 5.5.1 Error: need RCPT command");
	if (w->n != 1)
		return fault(o, "501 5.5.4 Syntax: DATA");
	if (!o->skip) {
		(void)session_data(o->session);
		if (offline_refused(o, STAGE_DATA))
			return false;
	}
	o->in_data = true;
	offline_say(o, "354 End data with <CR><LF>.<CR><LF>");
	return true;
}

/* ---- the rest ----------------------------------------------------------- */

static bool
cmd_rset(struct offline *o, const struct words *w)
{
	if (w->n != 1)
		return fault(o, "501 5.5.4 Syntax: RSET");
	offline_message_end(o);
	offline_say(o, "250 2.0.0 Ok");
	return true;
}

static bool
cmd_noop(struct offline *o, const struct words *w)
{
	(void)w;
	offline_say(o, "250 2.0.0 Ok");
	return true;
}

static bool
cmd_vrfy(struct offline *o, const struct words *w)
{
	struct words args = *w;
	struct str address;

	if (args.n > 1 && str_eq_ci(args.v[args.n - 1], STR("SMTPUTF8")))
		args.n--;
	if (args.n < 2)
		return fault(o, "501 5.5.4 Syntax: VRFY address [SMTPUTF8]");
	if (offline_latched(o))
		return false;
	address = join(o, &args, 1);
	offline_say(o, "252 2.0.0 %.*s", STR_FMT(address));
	return true;
}

/* Nobody has asked for a fast flush here. */
static bool
cmd_etrn(struct offline *o, const struct words *w)
{
	if (offline_latched(o))
		return false;
	if (o->in_mail)
		return fault(o, "503 Error: MAIL transaction in progress");
	if (w->n != 2)
		return fault(o, "500 Syntax: ETRN domain");
	offline_say(o, "459 <%.*s>: service unavailable", STR_FMT(w->v[1]));
	return false;
}

static bool
tls_active(const struct offline *o)
{
	const struct transcript_control *c = o->controls;

	while (c != NULL && c->line->kind != LINE_TLS)
		c = c->next;
	return c != NULL;
}

static bool
cmd_starttls(struct offline *o, const struct words *w)
{
	if (w->n != 1)
		return fault(o, "501 5.5.4 Syntax: STARTTLS");
	if (offline_latched(o))
		return o->latched.p[0] == '5'
			   ? false
			   : fault(o, "454 4.3.0 Try again later");
	if (tls_active(o))
		return fault(o, "554 5.5.1 Error: TLS already active");
	return fault(o, "502 5.5.1 Error: command not implemented");
}

static bool
cmd_auth(struct offline *o, const struct words *w)
{
	(void)w;
	return fault(o, "503 5.5.1 Error: authentication not enabled");
}

static bool
cmd_bdat(struct offline *o, const struct words *w)
{
	(void)w;
	return fault(o, "521 5.5.1 Error: command not implemented");
}

static bool
cmd_xclient(struct offline *o, const struct words *w)
{
	if (o->in_mail)
		return fault(
		    o, "503 5.5.1 Error: MAIL transaction in progress");
	if (w->n < 2)
		return fault(o, "501 5.5.4 Syntax: XCLIENT attribute=value...");
	return offline_xclient(o, w->n - 1, w->v + 1);
}

static bool
cmd_xforward(struct offline *o, const struct words *w)
{
	if (o->in_mail)
		return fault(
		    o, "503 5.5.1 Error: MAIL transaction in progress");
	if (w->n < 2)
		return fault(
		    o, "501 5.5.4 Syntax: XFORWARD attribute=value...");
	return fault(o, "550 5.7.0 Error: insufficient authorization");
}

static bool
cmd_quit(struct offline *o, const struct words *w)
{
	(void)w;
	offline_say(o, "221 2.0.0 Bye");
	return true;
}

/*
 * Postfix hands the first word over, not the line.  A header field or the
 * start of an HTTP request is the end of its patience.
 */
static bool
unknown_command(struct offline *o, const struct words *w)
{
	struct str word = w->v[0];

	if (offline_header_name(word) > 0 || str_eq_ci(word, STR("CONNECT")) ||
	    str_eq_ci(word, STR("GET")) || str_eq_ci(word, STR("POST"))) {
		offline_say(
		    o, "221 2.7.0 Error: I can break rules, too. Goodbye.");
		return false;
	}
	if (offline_latched(o))
		return false;
	if (!o->skip) {
		(void)session_unknown(o->session, word);
		if (offline_refused(o, STAGE_UNKNOWN))
			return false;
	}
	return fault(o, "500 5.5.2 Error: command not recognized");
}

/* ---- the table ---------------------------------------------------------- */

/* clang-format off */
static const struct command_row {
	const char *name;
	bool (*run)(struct offline *, const struct words *);
	bool junk; /* counted: too many of them are errors */
} rows[] = {
	{ "HELO",     cmd_helo,     true },
	{ "EHLO",     cmd_ehlo,     true },
	{ "XCLIENT",  cmd_xclient,  false },
	{ "XFORWARD", cmd_xforward, false },
	{ "STARTTLS", cmd_starttls, false },
	{ "AUTH",     cmd_auth,     false },
	{ "MAIL",     cmd_mail,     false },
	{ "RCPT",     cmd_rcpt,     false },
	{ "DATA",     cmd_data,     false },
	{ "BDAT",     cmd_bdat,     false },
	{ "RSET",     cmd_rset,     true },
	{ "NOOP",     cmd_noop,     true },
	{ "VRFY",     cmd_vrfy,     true },
	{ "ETRN",     cmd_etrn,     true },
	{ "QUIT",     cmd_quit,     false },
};
/* clang-format on */

bool
offline_command(struct offline *o, struct str line)
{
	struct words words = split_words(o, line);
	bool good;

	if (words.n == 0)
		return fault(o, "500 5.5.2 Error: bad syntax");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!str_eq_ci(words.v[0], str_c(rows[i].name)))
			continue;
		good = rows[i].run(o, &words);
		if (rows[i].junk && o->junk++ > OFFLINE_JUNK_MAX)
			o->errors++;
		return good;
	}
	return unknown_command(o, &words);
}
