/*
 * plan_attach - the lines that attach a policy to Postfix and to Sendmail,
 * with what this policy needs to be known of them, as comments.
 *
 * Both blocks can be pasted as they stand.
 */
#include "tools/plan_int.h"

#include "core/attach.h"

enum {
	WIDTH = 76, /* of a comment */
	ADDRESS_MAX = 300,
};

/* ---- comments ----------------------------------------------------------- */

/* Text in comment lines, each behind `mark`. */
static void
put_comment(FILE *out, const char *mark, struct str text)
{
	size_t col = 0;
	struct str word;

	while (str_word(&text, &word)) {
		if (col > 0 && col + 1 + word.n > WIDTH) {
			(void)fputc('\n', out);
			col = 0;
		}
		if (col == 0) {
			(void)fputs(mark, out);
			col = strlen(mark);
		}
		(void)fprintf(out, " %.*s", STR_FMT(word));
		col += 1 + word.n;
	}
	(void)fputc('\n', out);
}

/* ---- what the policy does ----------------------------------------------- */

static bool
fails_open(const struct policy *policy)
{
	return policy->on_error[0].rule->action == ACTION_ACCEPT;
}

/* The first rule that may refuse a recipient, or NULL. */
static const struct rule *
refuses_recipients(const struct policy *policy)
{
	for (unsigned i = 0; i <= STAGE_RCPT; i++) {
		const struct program *program = &policy->program[i];

		for (uint32_t s = 0; s < program->n; s++) {
			const struct rule *rule = program->steps[s].rule;

			if (rule == NULL || rule->observe ||
			    rule->action == ACTION_QUARANTINE ||
			    rule->action == ACTION_DISCARD ||
			    !action_is_refusal(rule->action))
				continue;
			if (i == STAGE_RCPT || rule->late)
				return rule;
		}
	}
	return NULL;
}

/* ---- Postfix ------------------------------------------------------------ */

static void
put_macro_notes(struct plan *plan)
{
	char room[512];
	struct buf b = BUF_ON(room);
	size_t n = 0;

	put_comment(plan->out, "#",
	    STR("milter_*_macros need no change: Portreeve asks for the "
		"macros that it reads (with milter_protocol = 6, the "
		"default)."));
	for (uint32_t i = 0; i < plan->policy->n_macros; i++) {
		struct str name = plan->policy->macros[i].name;

		if (attach_postfix_has(name))
			continue;
		buf_c(&b, n++ > 0 ? ", " : "Postfix does not have ");
		buf_str_add(&b, name);
	}
	if (n == 0)
		return;
	buf_c(&b, n == 1 ? ", which this policy reads: it is absent there."
			 : ", which this policy reads: they are absent there.");
	put_comment(plan->out, "#", buf_str(&b));
}

static void
put_chroot_note(struct plan *plan)
{
	struct str address = plan->policy->listen.address;
	struct str path = str_from(address, 5);

	if (!str_starts(address, STR("unix:")))
		return;
	if (str_starts(path, STR(ATTACH_QUEUE)))
		put_comment(plan->out, "#",
		    STR("The path is relative to the queue directory, "
			"/var/spool/postfix, so that an smtpd in a chroot "
			"(Debian's is in one) finds it too."));
	else
		put_comment(plan->out, "#",
		    arena_printf(plan->arena,
			"An smtpd in a chroot, as Debian's is (\"y\" in its "
			"line of master.cf), cannot reach %.*s: listen below "
			"" ATTACH_QUEUE ", or write \"n\" there.",
			STR_FMT(path)));
}

static void
put_local_note(struct plan *plan)
{
	const struct rule *rule = refuses_recipients(plan->policy);

	if (rule == NULL) {
		put_comment(plan->out, "#",
		    STR("For mail of local programs, sendmail(1), too:"));
	} else {
		put_comment(plan->out, "#",
		    arena_printf(plan->arena,
			"For mail of local programs, sendmail(1), too. It "
			"comes as from localhost[127.0.0.1], and what is "
			"refused for a recipient stays in the queue: exempt "
			"client.ip in 127.0.0.0/8 from rules such as %.*s "
			"first.",
			STR_FMT(name_from(plan->directory, rule->name))));
	}
	(void)fputs("#non_smtpd_milters = $smtpd_milters\n", plan->out);
}

static void
put_postfix(struct plan *plan, struct str address)
{
	bool open = fails_open(plan->policy);

	(void)fprintf(plan->out,
	    "\nFor Postfix, in main.cf; then: postfix reload\n\n"
	    "smtpd_milters = %.*s\n",
	    STR_FMT(address));
	put_chroot_note(plan);
	(void)fprintf(plan->out, "milter_default_action = %s\n",
	    open ? "accept" : "tempfail");
	put_comment(plan->out, "#",
	    open ? STR("While Portreeve does not answer, mail comes in "
		       "unchecked, as \"on error accept\" has it; tempfail "
		       "asks clients to come again.")
		 : STR("While Portreeve does not answer, clients are asked to "
		       "come again; accept lets mail in unchecked."));
	put_macro_notes(plan);
	put_local_note(plan);
}

/* ---- Sendmail ----------------------------------------------------------- */

static void
put_sendmail(struct plan *plan, struct str address)
{
	bool open = fails_open(plan->policy);

	(void)fprintf(plan->out,
	    "\nFor Sendmail, in sendmail.mc; then make sendmail.cf anew and "
	    "restart it\n\n"
	    "INPUT_MAIL_FILTER(`portreeve',\n"
	    "    `S=%.*s, %sT=C:30s;S:10s;R:10s;E:5m')dnl\n",
	    STR_FMT(address), open ? "" : "F=T, ");
	put_comment(plan->out, "dnl",
	    open ? STR("Without F= mail comes in unchecked while Portreeve "
		       "does not answer, as \"on error accept\" has it; F=T "
		       "asks clients to come again.")
		 : STR("F=T: while Portreeve does not answer, clients are "
		       "asked to come again; without it, mail comes in "
		       "unchecked."));
	put_comment(plan->out, "dnl",
	    STR("T=: C to connect, S to send, R to wait for a reply, E for "
		"the one at the end of the message. Macros need no setting "
		"since Sendmail 8.14."));
	if (str_starts(plan->policy->listen.address, STR("unix:")))
		put_comment(plan->out, "dnl",
		    STR("Nobody but root and the user that Sendmail runs as "
			"may write to the directory of the socket, or to "
			"those above it."));
}

void
plan_put_lines(struct plan *plan)
{
	struct str listen = plan->policy->listen.address;
	char postfix[ADDRESS_MAX];
	char sendmail[ADDRESS_MAX];
	struct buf p = BUF_ON(postfix);
	struct buf s = BUF_ON(sendmail);

	if (listen.n == 0) {
		(void)fputs("\nThe policy has no listen line, so there is "
			    "nothing to put into main.cf or\nsendmail.mc. "
			    "Add, for Postfix:\n\n"
			    "listen \"unix:" ATTACH_QUEUE
			    "portreeve/portreeve.sock\" mode 0660 group "
			    "postfix\n",
		    plan->out);
		return;
	}
	attach_postfix(listen, &p);
	attach_sendmail(listen, &s);
	put_postfix(plan, buf_str(&p));
	put_sendmail(plan, buf_str(&s));
}
