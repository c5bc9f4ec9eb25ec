/*
 * cmd_print - a policy in canonical form, on standard output.
 *
 * It is parsed and not checked: names may be unknown, and lists need not be
 * there.  What it includes is printed in its place.
 */
#include "tools/tools.h"

#include <stdlib.h>

#include "lang/parse.h"
#include "lang/print.h"

static int
no_memory(void)
{
	(void)fputs("portreeve print: no memory\n", stderr);
	return STATUS_FAULT;
}

static int
print_file(const char *file, struct arena *arena)
{
	const struct source *source;
	struct sources sources;
	struct diags diags;
	struct ast *ast;
	struct why why;

	sources_init(&sources, arena);
	source = default_source(
	    &sources, file == NULL ? STR_NONE : str_c(file), &why);
	if (source == NULL) {
		(void)fprintf(stderr, "portreeve print: %s\n", why.text);
		return STATUS_FAULT;
	}
	diags_init(&diags, arena);
	ast = parse_policy(&sources, source, arena, &diags);
	diags_print(&diags, stderr);
	if (diags.errors > 0)
		return STATUS_FAULT;
	print_policy(ast, stdout);
	return EXIT_SUCCESS;
}

static int
print_default(void)
{
	(void)fwrite(default_policy.p, 1, default_policy.n, stdout);
	return EXIT_SUCCESS;
}

int
cmd_print(const struct command *self, int argc, char **argv)
{
	const char *file = NULL;
	bool built_in = false;
	const struct cmd_option options[] = {
		{ .name = "--config",
		    .letter = 'c',
		    .value = "FILE",
		    .help = "the policy, instead of " DEFAULT_FILE,
		    .text_r = &file },
		{ .name = "--default",
		    .help = "print the policy that is built in, as it is "
			    "written, with its comments",
		    .flag_r = &built_in },
	};
	struct arena *arena;
	int status = options_only(
	    self, options, sizeof(options) / sizeof(options[0]), argc, argv);

	if (status >= 0)
		return status;
	if (built_in && file != NULL)
		return usage_error(
		    self, "--default and -c name two policies; print one");
	if (built_in)
		return print_default();
	arena = arena_new(ARENA_UNLIMITED);
	if (arena == NULL)
		return no_memory();
	status = print_file(file, arena);
	arena_free(arena);
	return status;
}
