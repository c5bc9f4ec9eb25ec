/*
 * cmd_explain - portreeve explain: what a reply means.
 */
#include "tools/explain_int.h"
#include "tools/tools.h"
#include "tools/wrap.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	INPUT_MAX = 64 * 1024,
	FAULT_ROOM = 512,
};

struct request {
	const char *file; /* of the policy; NULL: none */
	bool json;
	struct explain_about *about;
	size_t n;
};

/* The text may have a piece of what was pasted. */
static int
fault(const char *text)
{
	char room[FAULT_ROOM];
	struct buf b = BUF_ON(room);

	buf_safe(&b, str_c(text), FAULT_ROOM - 1);
	(void)fprintf(stderr, "portreeve explain: %s\n", buf_cstr(&b));
	return STATUS_FAULT;
}

/* ---- what to print ------------------------------------------------------ */

static bool
is_code(const struct explain_about *about)
{
	return about->kind == EXPLAIN_CODE || about->kind == EXPLAIN_XCODE;
}

static bool
put_list(const struct explain *x, struct str prefix)
{
	if (explain_list(x, prefix))
		return true;
	(void)fprintf(stderr,
	    "portreeve explain: no code begins with \"%.*s\"; all of them: "
	    "portreeve explain\n",
	    STR_FMT(prefix));
	return false;
}

static bool
put_page(const struct explain *x, const struct explain_about *about)
{
	switch (about->kind) {
	case EXPLAIN_CODE:
		explain_code_page(x, about->code);
		break;
	case EXPLAIN_XCODE:
		explain_xcode_page(x, &about->xcode);
		break;
	case EXPLAIN_LINE:
		explain_line_page(x, about->line);
		break;
	case EXPLAIN_PREFIX:
		if (!put_list(x, about->prefix))
			return false;
		break;
	}
	if (x->policy != NULL)
		explain_rules_page(x, about);
	return true;
}

/* Where three or more were asked for, a line of each comes first. */
static void
put_overview(const struct explain *x, const struct request *r)
{
	if (r->n < 3)
		return;
	for (size_t i = 0; i < r->n; i++)
		explain_short(x, &r->about[i]);
	(void)fputs("\n", x->out);
}

static int
put_all(const struct explain *x, const struct request *r)
{
	bool good = true;

	if (r->n == 2 && is_code(&r->about[0]) && is_code(&r->about[1])) {
		explain_pair(x, &r->about[0], &r->about[1]);
		for (size_t i = 0; i < r->n && x->policy != NULL; i++)
			explain_rules_page(x, &r->about[i]);
		return EXIT_SUCCESS;
	}
	put_overview(x, r);
	for (size_t i = 0; i < r->n; i++) {
		if (i > 0)
			(void)fputc('\n', x->out);
		good = put_page(x, &r->about[i]) && good;
	}
	return good ? EXIT_SUCCESS : STATUS_FAULT;
}

/* Without arguments: all of them. */
static int
put_everything(const struct explain *x)
{
	(void)explain_list(x, STR(""));
	explain_section(x, "X.y.z  enhanced codes; X is 2, 4 or 5 as above");
	(void)explain_list(x, STR("X."));
	explain_section(x,
	    "All of one: portreeve explain 550; two compared: portreeve "
	    "explain 550 554");
	return EXIT_SUCCESS;
}

/* ---- the command -------------------------------------------------------- */

static int
print(struct explain *x, const struct request *r)
{
	struct why why;

	if (r->json)
		return explain_json(x, r->about, r->n, &why) ? EXIT_SUCCESS
							     : fault(why.text);
	if (r->n == 1 && r->about[0].kind == EXPLAIN_PREFIX &&
	    r->about[0].prefix.n == 0)
		return put_everything(x);
	return put_all(x, r);
}

static int
with_policy(struct explain *x, const struct request *r)
{
	struct policy *policy = NULL;
	int status;

	if (r->file != NULL) {
		policy = load_policy(r->file, NULL);
		if (policy == NULL)
			return STATUS_FAULT;
	}
	x->policy = policy;
	status = print(x, r);
	if (policy != NULL)
		policy_unref(policy);
	return status;
}

/* "-": a reply from standard input, of several lines perhaps. */
static char *
read_input(struct arena *arena)
{
	char *room = arena_xalloc(arena, INPUT_MAX + 1);
	size_t n = fread(room, 1, INPUT_MAX, stdin);

	room[n] = '\0';
	return room;
}

static int
explain(struct request *r, int n, char **words, struct arena *arena)
{
	struct explain x = {
		.out = stdout, .width = wrap_width(stdout), .arena = arena
	};
	struct why why;

	r->about = arena_xalloc(arena, ((size_t)n + 1) * sizeof(*r->about));
	for (int i = 0; i < n; i++) {
		if (strcmp(words[i], "-") != 0)
			continue;
		words[i] = read_input(arena);
		if (str_trim(str_c(words[i])).n == 0)
			return fault("there is nothing on standard input");
	}
	if (n == 0) {
		r->about[0] = (struct explain_about){ .kind = EXPLAIN_PREFIX,
			.prefix = STR("") };
		r->n = 1;
	} else if (!explain_what(n, words, arena, r->about, &r->n, &why)) {
		return fault(why.text);
	}
	return with_policy(&x, r);
}

int
cmd_explain(const struct command *self, int argc, char **argv)
{
	struct request r = { .file = NULL };
	const struct cmd_option options[] = {
		{ .name = "--config",
		    .letter = 'c',
		    .value = "FILE",
		    .help = "name the rules of this policy that can say it",
		    .text_r = &r.file },
		{ .name = "--json",
		    .help = "for other programs",
		    .flag_r = &r.json },
	};
	struct arena *arena;
	int status = options_parse(
	    self, options, sizeof(options) / sizeof(options[0]), &argc, argv);

	if (status >= 0)
		return status;
	arena = arena_new(ARENA_UNLIMITED);
	if (arena == NULL)
		return fault("no memory");
	status = explain(&r, argc - 1, argv + 1, arena);
	arena_free(arena);
	return status;
}
