/*
 * main - finds the subcommand (commands.def) and calls it.
 */
#include "tools/tools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct command commands[] = {
#define COMMAND(name, usage, help) { #name, usage, help, cmd_##name },
#include "tools/commands.def"
#undef COMMAND
};

enum {
	COMMANDS = sizeof commands / sizeof commands[0],
	NEAR_MOST = 2, /* edits between a misspelt name and the right one */
};

static void
print_help(FILE *out)
{
	(void)fprintf(out,
	    "portreeve decides by a policy which SMTP replies a mail server "
	    "gives.\n\nusage:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(out, "  portreeve %s %s\n      %s\n",
		    commands[i].name, commands[i].usage, commands[i].help);
	(void)fprintf(out,
	    "  portreeve COMMAND --help\n      tell the options of a command\n"
	    "  portreeve --version\n\n"
	    "The policy is read from %s unless -c names another.  Where there "
	    "is no\nsuch file it is the default policy, which is built in.\n",
	    DEFAULT_FILE);
}

static int
unknown_command(const char *name)
{
	const char *near = NULL;
	unsigned best = NEAR_MOST + 1;

	for (size_t i = 0; i < COMMANDS; i++) {
		unsigned d = str_distance(
		    str_c(name), str_c(commands[i].name), NEAR_MOST);
		if (d < best) {
			best = d;
			near = commands[i].name;
		}
	}
	(void)fprintf(stderr, "portreeve: there is no command \"%s\"", name);
	if (near != NULL)
		(void)fprintf(
		    stderr, "; did you mean \"portreeve %s\"?\n", near);
	else
		(void)fprintf(stderr, "; \"portreeve --help\" lists them\n");
	return STATUS_USAGE;
}

static int
run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (name == NULL) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    strcmp(name, "help") == 0) {
		print_help(stdout);
		return EXIT_SUCCESS;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		(void)printf("portreeve %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(
			    &commands[i], argc - 1, argv + 1);
	return unknown_command(name);
}

/* A script that reads a page of which half is missing must not take it for the
 * whole. */
static int
all_printed(int status)
{
	bool torn = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !torn)
		return status;
	(void)fprintf(stderr,
	    "portreeve: standard output did not take all that was "
	    "printed%s%s\n",
	    errno == 0 ? "" : ": ", errno == 0 ? "" : strerror(errno));
	return status == EXIT_SUCCESS ? STATUS_FAULT : status;
}

int
main(int argc, char **argv)
{
	return all_printed(run(argc, argv));
}
