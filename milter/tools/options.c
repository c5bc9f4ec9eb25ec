/*
 * options - the command line of a subcommand.
 *
 * Our own instead of getopt_long(), whose messages name neither the
 * subcommand nor what to write.
 */
#include "tools/tools.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	NEAR_MOST = 2, /* edits between a misspelt name and the right one */
	COLUMN = 22,   /* where --help explains */
};

int
usage_error(const struct command *self, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "portreeve %s: ", self->name);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(
	    stderr, "\nusage: portreeve %s %s\n", self->name, self->usage);
	return STATUS_USAGE;
}

static void
print_option(const struct cmd_option *o)
{
	char text[80];
	struct buf b = BUF_ON(text);

	if (o->letter != 0)
		buf_printf(&b, "-%c, ", o->letter);
	buf_c(&b, o->name);
	if (o->value != NULL)
		buf_printf(&b, " %s", o->value);
	(void)printf("  %-*s %s\n", COLUMN, buf_cstr(&b), o->help);
}

static int
print_help(
    const struct command *self, const struct cmd_option *options, size_t n)
{
	(void)printf("usage: portreeve %s %s\n\n%s\n\n", self->name,
	    self->usage, self->help);
	for (size_t i = 0; i < n; i++)
		print_option(&options[i]);
	(void)printf("  %-*s %s\n", COLUMN, "-h, --help", "print this");
	return EXIT_SUCCESS;
}

static int
unknown_option(const struct command *self, const struct cmd_option *options,
    size_t n, struct str name)
{
	const char *near = "--help";
	unsigned best = str_distance(name, str_c(near), NEAR_MOST);

	for (size_t i = 0; i < n; i++) {
		unsigned d =
		    str_distance(name, str_c(options[i].name), NEAR_MOST);
		if (d < best) {
			best = d;
			near = options[i].name;
		}
	}
	if (best <= NEAR_MOST)
		return usage_error(self,
		    "there is no option \"%.*s\"; did you mean %s?",
		    STR_FMT(name), near);
	return usage_error(self, "there is no option \"%.*s\"", STR_FMT(name));
}

/* The row of a word such as --name=value, -c or -cvalue; the text of the
 * value in it, or none. */
static const struct cmd_option *
option_find(const struct cmd_option *options, size_t n, struct str word,
    struct str *name_r, struct str *value_r)
{
	bool is_long = str_starts(word, STR("--"));
	size_t equals = is_long ? str_find(word, '=') : STR_NOWHERE;

	*name_r = is_long ? str_sub(word, 0, equals) : str_sub(word, 0, 2);
	*value_r = STR_NONE;
	if (equals != STR_NOWHERE)
		*value_r = str_from(word, equals + 1);
	else if (!is_long && word.n > 2)
		*value_r = str_from(word, 2);
	for (size_t i = 0; i < n; i++)
		if (is_long ? str_eq(*name_r, str_c(options[i].name))
			    : options[i].letter == word.p[1])
			return &options[i];
	return NULL;
}

int
options_parse(const struct command *self, const struct cmd_option *options,
    size_t n, int *argc, char **argv)
{
	int operands = 1;
	bool ended = false;

	for (int i = 1; i < *argc; i++) {
		struct str word = str_c(argv[i]);
		const struct cmd_option *o;
		struct str name;
		struct str value;

		if (ended || word.n < 2 || str_at(word, 0) != '-') {
			argv[operands++] = argv[i];
			continue;
		}
		if (str_eq(word, STR("--"))) {
			ended = true;
			continue;
		}
		if (str_eq(word, STR("--help")) || str_eq(word, STR("-h")))
			return print_help(self, options, n);
		o = option_find(options, n, word, &name, &value);
		if (o == NULL)
			return unknown_option(self, options, n, name);
		if (o->value == NULL && !str_is_none(value))
			return usage_error(self, "%s takes no value", o->name);
		if (o->value == NULL) {
			*o->flag_r = true;
			continue;
		}
		if (str_is_none(value) && i + 1 == *argc)
			return usage_error(self, "%.*s wants a value: %.*s %s",
			    STR_FMT(name), STR_FMT(name), o->value);
		*o->text_r = str_is_none(value) ? argv[++i] : value.p;
	}
	*argc = operands;
	return -1;
}

int
options_only(const struct command *self, const struct cmd_option *options,
    size_t n, int argc, char **argv)
{
	int status = options_parse(self, options, n, &argc, argv);

	if (status >= 0 || argc == 1)
		return status;
	return usage_error(self,
	    "\"%s\" is one word too many; if it is the policy, write: "
	    "portreeve %s -c %s",
	    argv[1], self->name, argv[1]);
}
