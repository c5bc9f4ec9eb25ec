/*
 * check_macro - macros of the MTA: their names as libmilter wants them, and
 * from which stage on MTAs have them.
 */
#include "lang/check.h"

/*
 * What Postfix and Sendmail send, by first stage.  A macro that is not here
 * is asked for at each stage that reads it.
 */
static const struct {
	const char *name;
	enum stage stage;
	bool reread;
} known[] = {
	{ "j", STAGE_CONNECT, false },
	{ "v", STAGE_CONNECT, false },
	{ "_", STAGE_CONNECT, false },
	{ "{daemon_name}", STAGE_CONNECT, false },
	{ "{daemon_addr}", STAGE_CONNECT, false },
	{ "{daemon_port}", STAGE_CONNECT, false },
	{ "{if_name}", STAGE_CONNECT, false },
	{ "{if_addr}", STAGE_CONNECT, false },
	{ "{client_addr}", STAGE_CONNECT, false },
	{ "{client_connections}", STAGE_CONNECT, false },
	{ "{client_name}", STAGE_CONNECT, false },
	{ "{client_port}", STAGE_CONNECT, false },
	{ "{client_ptr}", STAGE_CONNECT, false },
	{ "{client_resolve}", STAGE_CONNECT, false },
	{ "{tls_version}", STAGE_HELO, true },
	{ "{tls_sni}", STAGE_HELO, true },
	{ "{cipher}", STAGE_HELO, true },
	{ "{cipher_bits}", STAGE_HELO, true },
	{ "{verify}", STAGE_HELO, true },
	{ "{cert_subject}", STAGE_HELO, true },
	{ "{cert_issuer}", STAGE_HELO, true },
	{ "{cert_md5}", STAGE_HELO, true },
	{ "i", STAGE_MAIL, true },
	{ "{auth_type}", STAGE_MAIL, false },
	{ "{auth_authen}", STAGE_MAIL, false },
	{ "{auth_author}", STAGE_MAIL, false },
	{ "{auth_ssf}", STAGE_MAIL, false },
	{ "{mail_addr}", STAGE_MAIL, false },
	{ "{mail_host}", STAGE_MAIL, false },
	{ "{mail_mailer}", STAGE_MAIL, false },
	{ "{rcpt_addr}", STAGE_RCPT, false },
	{ "{rcpt_host}", STAGE_RCPT, false },
	{ "{rcpt_mailer}", STAGE_RCPT, false },
	{ "{msg_id}", STAGE_MESSAGE, false },
};

bool
macro_stage(struct str name, enum stage *stage_r, bool *reread_r)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!str_eq(name, str_c(known[i].name)))
			continue;
		*stage_r = known[i].stage;
		*reread_r = known[i].reread;
		return true;
	}
	return false;
}

/* Letters, digits and what else the names of macros are made of. */
static bool
is_macro_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(str_at(s, i)) && s.p[i] != '_' &&
		    s.p[i] != '-' && s.p[i] != '.')
			return false;
	return s.n > 0 && s.n <= 60;
}

struct str
check_macro_name(struct check *c, const struct ast_str *name)
{
	struct str s = name->s;

	if (s.n > 2 && s.p[0] == '{' && s.p[s.n - 1] == '}')
		s = str_sub(s, 1, s.n - 2);
	else if (s.n > 1 && s.p[0] == '$')
		s = STR_NONE;
	if (!is_macro_name(s)) {
		diag_add(c->diags, DIAG_ERROR, name->pos,
		    "\"%.*s\" is no name of a macro; write it as in "
		    "macro(\"client_ptr\") or macro(\"i\")",
		    STR_FMT(name->s));
		return STR_NONE;
	}
	if (s.n == 1)
		return arena_xstr(c->arena, s);
	return arena_printf(c->arena, "{%.*s}", STR_FMT(s));
}

uint32_t
check_macro_slot(struct check *c, struct pos pos, struct str name,
    enum stage first, bool reread)
{
	uint32_t next = c->n_macros;
	struct name_slot *slot;
	struct macro_use *use;
	bool old;

	if (!names_find(&c->macro_names, name, &next) && next == MACROS_MAX) {
		if (!c->macros_full)
			diag_add(c->diags, DIAG_ERROR, pos,
			    "this policy reads over %d different macros of "
			    "the MTA",
			    MACROS_MAX);
		c->macros_full = true;
		return 0;
	}
	slot = names_put(&c->macro_names, name, next, &old);
	use = &c->macros[slot->value];
	if (!old) {
		slot->name = arena_xstr(c->arena, name);
		*use = (struct macro_use){ .name = slot->name, .first = first };
		c->n_macros++;
	}
	if (first < use->first)
		use->first = first;
	use->reread = use->reread || reread;
	return slot->value;
}
