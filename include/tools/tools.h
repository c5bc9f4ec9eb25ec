/*
 * tools - the subcommands of the program (commands.def) and what they share.
 */
#ifndef TOOLS_TOOLS_H
#define TOOLS_TOOLS_H

#include "lang/default.h"
#include "lang/policy.h"

/* Exit status of every subcommand, beside 0. */
enum {
	STATUS_FAULT = 1, /* the policy, a test or the machine is at fault */
	STATUS_USAGE = 2, /* the command line is */
};

struct command {
	const char *name;
	const char *usage; /* its arguments: "[-c FILE] [--check]" */
	const char *help;  /* one line, begins in lower case, no full stop */
	/* argv[0] is the subcommand's name; the result is the exit status. */
	int (*run)(const struct command *self, int argc, char **argv);
};

/* cmd_run, cmd_check, ...: one function a row, in milter/tools/cmd_x.c. */
#define COMMAND(name, usage, help)                                             \
	int cmd_##name(const struct command *self, int argc, char **argv);
#include "tools/commands.def"
#undef COMMAND

/* One option of a subcommand. */
struct cmd_option {
	const char *name;  /* "--config" */
	char letter;       /* 'c' for -c; 0: none */
	const char *value; /* what --help calls its value; NULL: a flag */
	const char *help;
	bool *flag_r;        /* flags: set to true */
	const char **text_r; /* options with a value: set to it */
};

/*
 * Takes the options out of argv ("-c X", "-cX", "--config X", "--config=X";
 * "--" ends them), so that argv[1] to argv[*argc - 1] are the operands.
 * --help and -h are known to every subcommand.  Returns -1 to go on, else
 * the exit status: help was printed, or an error on standard error.
 */
int options_parse(const struct command *self, const struct cmd_option *options,
    size_t n, int *argc, char **argv);

/* The same for a subcommand that takes no operands: one is refused, with
 * what to write instead should it be the policy. */
int options_only(const struct command *self, const struct cmd_option *options,
    size_t n, int argc, char **argv);

/* "portreeve NAME: MESSAGE" and how to get help, on standard error;
 * returns STATUS_USAGE. */
int usage_error(const struct command *self, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Loads a policy and prints its diagnostics on standard error, and that it is
 * the one that is built in if it is; NULL if it has errors.  `file` NULL:
 * none was named.  *warnings_r (may be NULL) is their number.
 */
struct policy *load_policy(const char *file, size_t *warnings_r);

#endif
