/*
 * param_int - between the table of ESMTP parameters and the functions that
 * read their values; for smtp/param*.c only.
 */
#ifndef SMTP_PARAM_INT_H
#define SMTP_PARAM_INT_H

#include "smtp/param.h"

/* What a reader sees; `has` is false for a bare keyword. */
struct argument {
	bool has;
	struct str value;
	struct arena *arena;
};

/* A reader fills the fields of its parameter, whichever command has it. */
struct params {
	struct mail_param mail;
	struct rcpt_param rcpt;
};

/* False where the value is malformed, or the arena failed. */
typedef bool param_reader(const struct argument *arg, struct params *params);

#define PARAM(id, command, key, word, reader, bad)                             \
	param_reader param_read_##reader;
#include "smtp/param.def"
#undef PARAM

#endif
