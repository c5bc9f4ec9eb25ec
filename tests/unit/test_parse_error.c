/*
 * Unit tests of lang/parse: faulty texts, the first message about each, and
 * how many there are: one fault is told once.
 */
#include "parsing.h"

#include "parse_faults.h"

static const struct ast *
parse(const char *text)
{
	return parse_policy(&sources,
	    source_text(&sources, STR("t"), str_c(text)), arena, &diags);
}

static const char *
shown(const struct diag *d)
{
	if (d == NULL)
		return "nothing";
	return arena_cstr(arena, arena_printf(arena, "%u:%u: %.*s", d->pos.line,
				     d->pos.col, STR_FMT(d->text)));
}

START_TEST(fault)
{
	(void)parse(faults[_i].in);
	ck_assert_msg(diags.first != NULL &&
			  strcmp(shown(diags.first), faults[_i].first) == 0,
	    "input: %s\n     got: %s\nexpected: %s", faults[_i].in,
	    shown(diags.first), faults[_i].first);
	ck_assert_msg(diags.errors == faults[_i].errors,
	    "input: %s\n%zu errors, expected %zu; the last: %s", faults[_i].in,
	    diags.errors, faults[_i].errors, shown(diags.last));
	ck_assert_uint_eq(diags.warnings, 0);
	ck_assert_int_eq(diags.first->level, DIAG_ERROR);
	ck_assert_uint_ge(diags.first->pos.len, 1);
}
END_TEST

/* ---- several faults in one text ----------------------------------------- */

/* One fault a line, marked by "!" in its comment; the others have none. */
static const char many[] = "listen \"unix:/x\" group a\n"
			   "lisen \"unix:/y\"              # !\n"
			   "log syslog mial                # !\n"
			   "networks a = { 192.0.2.0/24 }\n"
			   "networks b { 192.0.2.0/24 }    # !\n"
			   "domains c = { \"x y }           # !\n"
			   "let d = e ==                   # !\n"
			   "let f = sender.domain == x@y.z # !\n"
			   "let g = h > 25MB and i         # !\n"
			   "on connect {\n"
			   "    a: rejct 550 if b          # !\n"
			   "    b: reject 5500 if c        # !\n"
			   "    c: reject if d and (e or   # !\n"
			   "    d: accept if e\n"
			   "    tag                        # !\n"
			   "    e: reject 550 \"open         # !\n"
			   "    f: reject 550 \"${g\" if h   # !\n"
			   "    when i j {                 # !\n"
			   "        g: reject no way       # !\n"
			   "        h: accept\n"
			   "    } elsif k {                # !\n"
			   "        i: accept\n"
			   "    }\n"
			   "    j: reject if l in { m, n } o # !\n"
			   "}\n"
			   "on helo {\n"
			   "    k: reject if p matches /x  # !\n"
			   "    l: accept\n"
			   "}\n"
			   "on meil {                      # !\n"
			   "    m: accept\n"
			   "}\n"
			   "map n = { o 1 p 2 q }          # !\n";

START_TEST(many_faults)
{
	struct str rest = str_c(many);
	struct str line = STR_NONE;
	const struct diag *d;
	const struct ast *ast = parse(many);

	d = diags.first;
	for (uint32_t n = 1; str_split(&rest, '\n', &line); n++) {
		if (str_find(line, '!') == STR_NOWHERE)
			continue;
		ck_assert_msg(d != NULL && d->pos.line == n,
		    "line %u: %.*s\nnext: %s", n, STR_FMT(line), shown(d));
		d = d->next;
	}
	ck_assert_msg(d == NULL, "too much: %s", shown(d));
	/* Only what does nothing that could be read is left out: a, b, tag. */
	ck_assert_uint_eq(ast->rules, 11);
	ck_assert_uint_eq(ast->settings->next->kind, SETTING_LOG);
}
END_TEST

/* ---- notes -------------------------------------------------------------- */

static const struct {
	const char *in;
	const char *note;
} notes[] = {
	{ "on mail { accept\non rcpt { }", "1:9: the block begins here" },
	{ "on mail {\n\twhen a {\n\t\taccept\n}\non rcpt { }",
	    "2:9: perhaps it is the } of this one that is missing: the } that "
	    "closes it stands further left" },
	{ "words a = { b\nlet c = { d", "2:7: it was noticed here" },
};

START_TEST(note)
{
	(void)parse(notes[_i].in);
	ck_assert_ptr_nonnull(diags.first);
	ck_assert_ptr_nonnull(diags.first->next);
	ck_assert_int_eq(diags.first->next->level, DIAG_NOTE);
	ck_assert_str_eq(shown(diags.first->next), notes[_i].note);
}
END_TEST

/* ---- what is left of a faulty text -------------------------------------- */

START_TEST(faulty_definitions_keep_their_names)
{
	const struct ast *ast = parse("let a = b c\nwords d = 5\nmap e = f\n"
				      "let g = (h\n");
	static const char names[] = "adeg";
	size_t n = 0;

	ck_assert_uint_eq(diags.errors, 4);
	for (const struct def *d = ast->defs; d != NULL; d = d->next)
		ck_assert_int_eq(d->name.s.p[0], names[n++]);
	ck_assert_uint_eq(n, 4);
	ck_assert_int_eq(ast->defs->cond->kind, NODE_BAD);
}
END_TEST

START_TEST(faulty_condition_keeps_its_rule)
{
	const struct ast *ast = parse("on mail { tag x if (y }");

	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_uint_eq(ast->rules, 1);
	ck_assert_int_eq(ast->blocks->first->action, ACTION_TAG);
	ck_assert_int_eq(ast->blocks->first->cond->kind, NODE_BAD);
}
END_TEST

Suite *suite_parse_error(void);

Suite *
suite_parse_error(void)
{
	Suite *suite = suite_create("parse_error");
	TCase *tc = tcase_create("parse_error");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, fault, 0, ROWS(faults));
	tcase_add_test(tc, many_faults);
	tcase_add_loop_test(tc, note, 0, ROWS(notes));
	tcase_add_test(tc, faulty_definitions_keep_their_names);
	tcase_add_test(tc, faulty_condition_keeps_its_rule);
	suite_add_tcase(suite, tc);
	return suite;
}
