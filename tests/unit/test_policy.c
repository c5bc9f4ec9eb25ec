/*
 * policy_load from files: list and map files, includes, settings, and the
 * policy of the language's manual.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regex_doubt.h"
#include "lang/default.h"
#include "lang/policy.h"

Suite *suite_policy(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	FILES_MAX = 8
};

/* A directory with files, which goes at the end of a test. */
struct dir {
	char name[64];
	const char *paths[FILES_MAX];
	size_t n;
	struct arena *arena;
	struct diags diags;
};

static void
dir_make(struct dir *dir)
{
	*dir = (struct dir){ .name = "/tmp/test_policy_XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(dir->name));
	dir->arena = arena_new(ARENA_UNLIMITED);
	diags_init(&dir->diags, dir->arena);
}

static const char *
dir_file(struct dir *dir, const char *name, const char *text)
{
	const char *path = arena_printf(dir->arena, "%s/%s", dir->name, name).p;
	FILE *out;

	dir->paths[dir->n++] = path;
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
	return path;
}

static void
dir_free(struct dir *dir)
{
	for (size_t i = 0; i < dir->n; i++)
		unlink(dir->paths[i]);
	rmdir(dir->name);
	arena_free(dir->arena);
}

static const char *
told(const struct dir *dir)
{
	return dir->diags.first == NULL ? "nothing" : dir->diags.first->text.p;
}

/* ---- the manual's example ----------------------------------------------- */

static const char example[] =
    "listen  \"unix:/var/spool/postfix/portreeve/portreeve.sock\" mode 0660 "
    "group postfix\n"
    "log     syslog mail\n"
    "networks  office   = { 192.0.2.0/24 2001:db8::/32 }\n"
    "domains   ours     = { example.org .example.net }\n"
    "addresses vips     = file \"vips\"\n"
    "patterns  dynamic  = { /^(dsl|dyn|ppp)[0-9.-]/i  /\\bpool\\b/i }\n"
    "map       quota    = file \"size-by-domain\" default 25M\n"
    "let trusted = client.ip in office or auth.user is present\n"
    "on connect {\n"
    "    office:  accept connection if client.ip in office\n"
    "    tag nameless if client.name is absent\n"
    "}\n"
    "on helo {\n"
    "    bad-helo: reject late 501 5.5.2 \"HELO needs a host name or an "
    "address literal\" unless helo is valid\n"
    "}\n"
    "on mail {\n"
    "    bad-sender: reject 553 5.1.7 \"sender address: ${sender.fault}\"\n"
    "        if sender.fault is present and sender.fault != "
    "\"local-too-long\"\n"
    "    spoof: reject 550 5.7.1 \"log in to send as ${sender.domain}\" if "
    "sender.domain in ours and not trusted\n"
    "}\n"
    "on mail, message {\n"
    "    too-big: reject 552 5.3.4 \"the limit is ${quota[sender.domain]} "
    "octets\" if message.size > quota[sender.domain]\n"
    "}\n"
    "on rcpt {\n"
    "    postmaster: accept if rcpt.local == \"postmaster\" and "
    "(rcpt.domain in ours or rcpt.domain is absent)\n"
    "    fan-out: reject 550 5.7.1 \"a bounce has one recipient\" if sender "
    "is null and recipients.count > 1\n"
    "    when tagged nameless {\n"
    "        hold-off: observe defer 450 4.7.25 \"no reverse DNS\" if "
    "client.ptr in dynamic\n"
    "        strangers: reject 550 5.7.1 \"not for ${rcpt}\" if rcpt in "
    "vips\n"
    "    }\n"
    "}\n"
    "on message {\n"
    "    no-date: observe reject 554 5.6.0 \"no Date header\" if "
    "header(\"Date\") is absent\n"
    "    loop: reject 554 5.4.6 \"mail loop\" if header(\"Received\").count "
    "> 50\n"
    "}\n";

START_TEST(manual_example)
{
	struct dir dir;
	struct policy *p;

	dir_make(&dir);
	dir_file(&dir, "vips", "# those\nceo@example.org\n@example.net\n");
	dir_file(&dir, "size-by-domain", "example.org 10M\n.x.example 5M\n");
	p = policy_load(dir_file(&dir, "p.conf", example), &dir.diags);
	ck_assert_msg(p != NULL && dir.diags.warnings == 0, "%s", told(&dir));
	ck_assert(str_eq(p->listen.address,
	    STR("unix:/var/spool/postfix/portreeve/portreeve.sock")));
	ck_assert_uint_eq(p->listen.mode, 0660);
	ck_assert(str_eq(p->listen.group, STR("postfix")));
	ck_assert(str_is_none(p->listen.user));
	ck_assert(str_eq(p->logs->value, STR("mail")));
	ck_assert_ptr_null(p->logs->next);
	ck_assert_uint_eq(p->n_rules, 12);
	ck_assert_uint_eq(p->program[STAGE_RCPT].n, 5);
	ck_assert_uint_eq(p->program[STAGE_MESSAGE].n, 3);
	ck_assert(p->needs.headers && p->needs.body);
	policy_unref(p);
	dir_free(&dir);
}
END_TEST

/* ---- files -------------------------------------------------------------- */

START_TEST(list_files)
{
	struct dir dir;
	struct policy *p;
	const struct expr *cond;

	dir_make(&dir);
	dir_file(&dir, "one", "a.example # first\n\nb.example\n");
	p = policy_load(
	    dir_file(&dir, "p.conf",
		"domains joined = file \"one\" + { c.example } + more\n"
		"domains more = { d.example a.example }\n"
		"on mail { reject if sender.domain in joined }\n"),
	    &dir.diags);
	ck_assert_msg(p != NULL && dir.diags.warnings == 0, "%s", told(&dir));
	cond = p->program[STAGE_MAIL].steps[0].cond;
	ck_assert_int_eq(cond->kind, EXPR_IN_LIST);
	ck_assert_uint_eq(list_size(cond->list), 4);
	policy_unref(p);
	dir_free(&dir);
}
END_TEST

START_TEST(map_files)
{
	struct dir dir;
	struct policy *p;
	const struct expr *e;
	uint32_t i;

	dir_make(&dir);
	dir_file(&dir, "quota", "a.example  1M\n.a.example 2000 # less\n");
	dir_file(&dir, "note", "joe  hello, world\njane \"25\"\n");
	dir_file(&dir, "own", "joe  joe@a.example, @b.example\n");
	p = policy_load(
	    dir_file(&dir, "p.conf",
		"map quota = file \"quota\" map note = file \"note\"\n"
		"map own of addresses = file \"own\"\n"
		"on mail {\n"
		" log \"1\" if message.size > quota[sender.domain]\n"
		" log \"2\" if note[auth.user] == \"25\"\n"
		" log \"3\" if sender in own[auth.user]\n}\n"),
	    &dir.diags);
	ck_assert_msg(p != NULL && dir.diags.warnings == 0, "%s", told(&dir));
	e = p->program[STAGE_MAIL].steps[0].cond->b;
	ck_assert(map_get_domain(e->map, STR("b.a.example"), &i));
	ck_assert_int_eq(e->map_values[i].num, 2000);
	ck_assert_int_eq(e->map_values[i].type, T_SIZE);
	e = p->program[STAGE_MAIL].steps[1].cond->a;
	ck_assert(map_get_word(e->map, STR("joe"), &i));
	ck_assert(str_eq(e->map_values[i].str, STR("hello, world")));
	e = p->program[STAGE_MAIL].steps[2].cond;
	ck_assert(map_get_word(e->map, STR("JOE"), &i));
	ck_assert_uint_eq(list_size(e->map_lists[i]), 2);
	policy_unref(p);
	dir_free(&dir);
}
END_TEST

START_TEST(includes)
{
	struct dir dir;
	struct policy *p;

	dir_make(&dir);
	dir_file(&dir, "20-b.inc", "on mail { b: log \"b\" }\n");
	dir_file(&dir, "10-a.inc", "on mail { a: log \"a\" if t }\n");
	p = policy_load(dir_file(&dir, "p.conf",
			    "include \"*.inc\"\ninclude \"none/*.inc\"\n"
			    "let t = helo is ip\non mail { c: log \"c\" }\n"),
	    &dir.diags);
	ck_assert_msg(p != NULL && dir.diags.warnings == 0, "%s", told(&dir));
	ck_assert_uint_eq(p->n_rules, 3);
	ck_assert(str_eq(p->rules[0]->name, STR("a")));
	ck_assert(str_eq(p->rules[1]->name, STR("b")));
	ck_assert(str_eq(p->rules[2]->name, STR("c")));
	ck_assert(str_ends(p->rules[0]->file, STR("/10-a.inc")));
	policy_unref(p);
	dir_free(&dir);
}
END_TEST

static const struct {
	const char *list; /* the file "list", NULL: there is none */
	const char *text;
	const char *file; /* where the first error is */
	uint32_t line;
	uint32_t col;
	const char *message;
} faults[] = {
	{ NULL, "words w = file \"list\"", "/p.conf", 1, 16, "No such file" },
	{ NULL, "words w = file \".\"", "/p.conf", 1, 16, "directory" },
	{ "a\n192.0.2.1/24\n", "networks w = file \"list\"", "/list", 2, 1,
	    "" },
	{ "192.0.2.0/24\n192.0.2.1/24\n", "networks w = file \"list\"", "/list",
	    2, 1, "192.0.2.0/24" },
	{ "x 1\ny 2s\n", "map m = file \"list\"", "/list", 2, 3, "duration" },
	{ "x 1\ny\n", "map m = file \"list\"", "/list", 2, 1, "" },
	{ "x 1\nX 2\n", "map m = file \"list\"", "/list", 2, 1, "" },
	{ "x a@b.example,b.example\n", "map m of addresses = file \"list\"",
	    "/list", 1, 3, "@" },
	{ "on mail { reject if sendr is null }", "\ninclude \"list\"", "/list",
	    1, 21, "sender?" },
	{ "include \"p.conf\"", "include \"list\"", "/list", 1, 9, "itself" },
};

START_TEST(fault_of_file)
{
	struct dir dir;
	struct policy *p;
	const struct diag *d;

	dir_make(&dir);
	if (faults[_i].list != NULL)
		dir_file(&dir, "list", faults[_i].list);
	p = policy_load(dir_file(&dir, "p.conf", faults[_i].text), &dir.diags);
	ck_assert_msg(p == NULL, "%s", faults[_i].text);
	d = dir.diags.first;
	while (d != NULL && d->level != DIAG_ERROR)
		d = d->next;
	ck_assert_ptr_nonnull(d);
	if (_i == 2) /* the first line of that list is at fault, too */
		d = d->next;
	ck_assert_msg(str_ends(d->pos.source->name, str_c(faults[_i].file)) &&
			  d->pos.line == faults[_i].line &&
			  d->pos.col == faults[_i].col,
	    "%s: %.*s:%u:%u: %s", faults[_i].text, STR_FMT(d->pos.source->name),
	    d->pos.line, d->pos.col, d->text.p);
	ck_assert_msg(
	    strstr(d->text.p, faults[_i].message) != NULL, "%s", d->text.p);
	dir_free(&dir);
}
END_TEST

START_TEST(no_file)
{
	struct dir dir;

	dir_make(&dir);
	ck_assert_ptr_null(policy_load("/no/such/file.conf", &dir.diags));
	ck_assert_uint_eq(dir.diags.errors, 1);
	ck_assert_ptr_nonnull(strstr(told(&dir), "/no/such/file.conf"));
	ck_assert_ptr_null(dir.diags.first->pos.source);
	dir_free(&dir);
}
END_TEST

/* Where no file is named, and where the policy that had none is loaded again:
 * the file in its place, if the machine has one, else what is built in. */
START_TEST(no_name)
{
	static const char *const names[] = { NULL, DEFAULT_NAME };
	struct dir dir;
	struct policy *p;

	for (size_t i = 0; i < 2 && access(DEFAULT_FILE, F_OK) != 0; i++) {
		dir_make(&dir);
		p = policy_load(names[i], &dir.diags);
		ck_assert_msg(p != NULL, "%s", told(&dir));
		ck_assert_uint_eq(dir.diags.warnings, 0);
		ck_assert(str_eq(p->file, STR(DEFAULT_NAME)));
		ck_assert(p->listen.address.n > 0);
		ck_assert_uint_gt(p->n_rules, 20);
		policy_unref(p);
		dir_free(&dir);
	}
}
END_TEST

/* ---- settings ----------------------------------------------------------- */

START_TEST(settings)
{
	static const char text[] =
	    "log syslog\nlog stderr decisions\nlog file \"decisions.log\"\n"
	    "timezone \"UTC\"\nuser portreeve\ngroup mail\n"
	    "drain 2m control \"unix:/run/c.sock\"\n"
	    "listen \"inet:8891@127.0.0.1\"\n";
	struct dir dir;
	struct policy *p;
	const struct setting_log *log;

	dir_make(&dir);
	p = policy_load(dir_file(&dir, "p.conf", text), &dir.diags);
	ck_assert_msg(p != NULL, "%s", told(&dir));
	log = p->logs;
	ck_assert_int_eq(log->target, LOG_TO_SYSLOG);
	ck_assert(str_eq(log->value, STR("mail")) && !log->decisions);
	log = log->next;
	ck_assert(log->target == LOG_TO_STDERR && log->decisions);
	log = log->next;
	ck_assert_int_eq(log->target, LOG_TO_FILE);
	ck_assert(str_starts(log->value, str_c(dir.name)));
	ck_assert_ptr_null(log->next);
	ck_assert(str_eq(p->timezone, STR("UTC")));
	ck_assert(str_eq(p->user, STR("portreeve")));
	ck_assert(str_eq(p->group, STR("mail")));
	ck_assert(str_eq(p->control, STR("unix:/run/c.sock")));
	ck_assert_uint_eq(p->drain, 120);
	/* The place of listen outlives the texts. */
	dir_free(&dir);
	ck_assert_uint_eq(p->listen.pos.line, 8);
	ck_assert(str_ends(p->listen.pos.source->name, STR("/p.conf")));
	policy_unref(p);
}
END_TEST

/* ---- regexes that are doubtful ------------------------------------------ */

/* A policy with other faults still tells where its daemon is reached. */
START_TEST(control_of_faulty)
{
	struct dir dir;
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	const char *faulty =
	    "rubbish\non rcpt { rejct }\ncontrol \"unix:/run/c\"\n";

	dir_make(&dir);
	ck_assert(
	    str_eq(policy_read_control(dir_file(&dir, "f.conf", faulty), arena),
		STR("unix:/run/c")));
	ck_assert(str_is_none(policy_read_control(
	    dir_file(&dir, "n.conf", "observe all"), arena)));
	ck_assert(str_is_none(policy_read_control("/nonexistent", arena)));
	arena_free(arena);
	dir_free(&dir);
}
END_TEST

static const struct {
	const char *pattern;
	unsigned flags;
	bool doubt;
	size_t at;
} doubts[] = {
	{ "a", 0, false, 0 },
	{ "(a+)+", 0, true, 3 },
	{ "(a+)*", 0, true, 3 },
	{ "(a*)+b", 0, true, 3 },
	{ "(a+){2,}", 0, true, 3 },
	{ "(a{2,})+", 0, true, 6 },
	{ "((a+)b)+", 0, true, 6 },
	{ "(?:a+)+", 0, true, 5 },
	{ "(?i:[ab]+)+", 0, true, 9 },
	{ "x|(\\d+-?)+$", 0, true, 8 },
	{ "([a-z]+[a-z])*", 0, true, 12 },
	{ "([a-z]+[A-Z])*", REGEX_ICASE, true, 12 },
	{ "(.+\\.)*", 0, true, 5 },
	{ "(a+\\.?)*", 0, true, 6 },
	{ "(,?[^,]+)*", 0, true, 8 },
	{ "(\\w*\\B)+", 0, true, 6 },
	{ "(a+b+)+", 0, true, 5 },
	{ "(a+|b)+", 0, true, 5 },
	{ "(a+b)+(a+)+", 0, true, 9 },
	{ "((?:a+b)+)+", 0, true, 9 },
	{ "@([a-z0-9-]+\\.)*example\\.org$", 0, false, 0 },
	{ "(?:[^,]*,){5,}", 0, false, 0 },
	{ "(,[^,]*){5,}", 0, false, 0 },
	{ "^(\\w+ )+$", 0, false, 0 },
	{ "([a-z]+[A-Z])*", 0, false, 0 },
	{ "(a+)", 0, false, 0 },
	{ "(a+)?", 0, false, 0 },
	{ "(a+){3}", 0, false, 0 },
	{ "(a)+", 0, false, 0 },
	{ "(ab?c)+", 0, false, 0 },
	{ "(a{1,3})+", 0, false, 0 },
	{ "(a++)+", 0, false, 0 },
	{ "(a+)++", 0, false, 0 },
	{ "(?>a+)+", 0, false, 0 },
	{ "([+*])+", 0, false, 0 },
	{ "([]+])+", 0, false, 0 },
	{ "([^]+])+", 0, false, 0 },
	{ "([[:digit:]+])+", 0, false, 0 },
	{ "(\\+)+", 0, false, 0 },
	{ "(\\Qa+\\E)+", 0, false, 0 },
	{ "(?#a+)b+", 0, false, 0 },
	{ "(a # b+\n)+", REGEX_EXTENDED, false, 0 },
	{ "(a # b+\n)+", 0, true, 8 },
	{ "(a{x}+)", 0, false, 0 },
	{ ".*a", 0, true, 0 },
	{ "(.*)a", 0, true, 0 },
	{ "^.*a", 0, false, 0 },
	{ "a.*", 0, false, 0 },
	{ "a[bä]", 0, true, 1 },
	{ "aä+", 0, true, 2 },
	{ "ä?", 0, true, 1 },
	{ "a\\p{Han}", 0, true, 1 },
	{ "\\X", 0, true, 0 },
	{ "(?:ä|ö)+x", 0, false, 0 },
	{ "[\\xe4-\\xe9][\\x80-\\xbf]", 0, false, 0 },
	{ "ä", 0, false, 0 },
	/* what does not compile must not be read past its end */
	{ "(", 0, false, 0 },
	{ ")", 0, false, 0 },
	{ "))))+", 0, false, 0 },
	{ "[", 0, false, 0 },
	{ "[^", 0, false, 0 },
	{ "[[:", 0, false, 0 },
	{ "\\", 0, false, 0 },
	{ "\\Q", 0, false, 0 },
	{ "(?", 0, false, 0 },
	{ "(?#", 0, false, 0 },
	{ "a{", 0, false, 0 },
	{ "a{1", 0, false, 0 },
	{ "a{1,", 0, false, 0 },
	{ "", 0, false, 0 },
};

START_TEST(doubt)
{
	/* An exact copy, so that a sanitizer sees reading past it. */
	size_t n = strlen(doubts[_i].pattern);
	char *copy = malloc(n + 1);
	struct why why = { .at = 0 };
	bool found;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, doubts[_i].pattern, n);
	copy = realloc(copy, n == 0 ? 1 : n);
	found = regex_doubt(str_of(copy, n), doubts[_i].flags, &why);
	ck_assert_msg(found == doubts[_i].doubt, "%s", doubts[_i].pattern);
	if (found)
		ck_assert_msg(why.at == doubts[_i].at, "%s: at %zu",
		    doubts[_i].pattern, why.at);
	free(copy);
}
END_TEST

START_TEST(doubt_deep)
{
	char pattern[1001];

	memset(pattern, '(', 400);
	memset(pattern + 400, 'a', 200);
	memset(pattern + 600, ')', 400);
	pattern[1000] = '\0';
	ck_assert(!regex_doubt(str_c(pattern), 0, NULL));
}
END_TEST

Suite *
suite_policy(void)
{
	Suite *s = suite_create("policy");
	TCase *tc = tcase_create("files");

	tcase_add_test(tc, manual_example);
	tcase_add_test(tc, list_files);
	tcase_add_test(tc, map_files);
	tcase_add_test(tc, includes);
	tcase_add_loop_test(tc, fault_of_file, 0, COUNT(faults));
	tcase_add_test(tc, no_file);
	tcase_add_test(tc, no_name);
	tcase_add_test(tc, settings);
	tcase_add_test(tc, control_of_faulty);
	suite_add_tcase(s, tc);
	tc = tcase_create("regex doubts");
	tcase_add_loop_test(tc, doubt, 0, COUNT(doubts));
	tcase_add_test(tc, doubt_deep);
	suite_add_tcase(s, tc);
	return s;
}
