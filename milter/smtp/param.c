/*
 * param - ESMTP parameters of MAIL and RCPT.
 *
 * One row of param.def per keyword.  A keyword that comes twice, or whose
 * value is malformed, leaves its fields as if it had not been given; the
 * first fault is kept.
 */
#include "smtp/param_int.h"

enum command {
	MAIL,
	RCPT
};

enum param_id {
#define PARAM(id, command, key, word, reader, bad) PARAM_##id,
#include "smtp/param.def"
#undef PARAM
	PARAM_COUNT
};

enum fault_kind {
	FAULT_BAD,
	FAULT_REPEATED,
	FAULT_MISPLACED,
	FAULT_KINDS
};

static const struct row {
	enum command command;
	const char *key;
	const char *faults[FAULT_KINDS];
	const char *bad;
	param_reader *read;
} rows[PARAM_COUNT] = {
#define PARAM(id, command, key, word, reader, bad)                             \
	[PARAM_##id] = { command, key,                                         \
		{ "bad-" word, "repeated-" word, "misplaced-" word }, bad,     \
		param_read_##reader },
#include "smtp/param.def"
#undef PARAM
};

static const char conflicting_hold[] = "conflicting-hold";

const char *
param_fault(size_t i, struct buf *sentence)
{
	static const char *const commands[] = { "MAIL", "RCPT" };
	struct buf nowhere = { NULL, 0, 0, false };
	const struct row *row;

	if (sentence == NULL)
		sentence = &nowhere;
	if (i == (size_t)PARAM_COUNT * FAULT_KINDS) {
		buf_c(sentence, "HOLDFOR and HOLDUNTIL are both given");
		return conflicting_hold;
	}
	if (i > (size_t)PARAM_COUNT * FAULT_KINDS)
		return NULL;
	row = &rows[i / FAULT_KINDS];
	switch ((enum fault_kind)(i % FAULT_KINDS)) {
	case FAULT_BAD:
		buf_c(sentence, row->bad);
		break;
	case FAULT_REPEATED:
		buf_printf(sentence, "%s is given more than once", row->key);
		break;
	case FAULT_MISPLACED:
		buf_printf(sentence, "%s is a parameter of %s", row->key,
		    commands[row->command]);
		break;
	case FAULT_KINDS:
		break;
	}
	return row->faults[i % FAULT_KINDS];
}

/* A command that is being read. */
struct reader {
	enum command command;
	unsigned given[PARAM_COUNT]; /* how often, by row */
	unsigned seen[PARAM_COUNT];  /* of these, so far */
	struct params params;
	struct params dropped; /* what is read for its faults only */
	struct str fault;      /* the first */
	struct arena *arena;
};

static void
note(struct reader *reader, const char *fault)
{
	if (str_is_none(reader->fault))
		reader->fault = str_c(fault);
}

/* The row of a word; PARAM_COUNT where its keyword is not known. */
static enum param_id
find_row(struct str word)
{
	struct str key = str_sub(word, 0, str_find(word, '='));
	unsigned i = 0;

	while (i < PARAM_COUNT && !str_eq_ci(key, str_c(rows[i].key)))
		i++;
	return (enum param_id)i;
}

static void
read_word(struct reader *reader, struct str word, enum param_id id)
{
	const struct row *row = &rows[id];
	size_t equals = str_find(word, '=');
	struct argument arg = { .has = equals != STR_NOWHERE,
		.value = STR(""),
		.arena = reader->arena };
	struct params *params =
	    reader->given[id] > 1 ? &reader->dropped : &reader->params;

	if (arg.has)
		arg.value = str_from(word, equals + 1);
	if (row->command != reader->command)
		note(reader, row->faults[FAULT_MISPLACED]);
	else if (reader->seen[id]++ > 0)
		note(reader, row->faults[FAULT_REPEATED]);
	else if (word.n > PARAM_MAX || !row->read(&arg, params))
		note(reader, row->faults[FAULT_BAD]);
}

/* RFC 4865 3: one or the other. */
static void
check_hold(struct reader *reader)
{
	if (reader->seen[PARAM_HOLDFOR] == 0 ||
	    reader->seen[PARAM_HOLDUNTIL] == 0)
		return;
	note(reader, conflicting_hold);
	reader->params.mail.hold_kind = HOLD_NONE;
	reader->params.mail.hold = 0;
}

static bool
parse(const char *const *argv, struct reader *reader)
{
	for (size_t i = 0; argv[i] != NULL; i++) {
		enum param_id id = find_row(str_c(argv[i]));
		if (id != PARAM_COUNT)
			reader->given[id]++;
	}
	for (size_t i = 0; argv[i] != NULL; i++) {
		struct str word = str_c(argv[i]);
		enum param_id id = find_row(word);
		if (id != PARAM_COUNT)
			read_word(reader, word, id);
	}
	check_hold(reader);
	return !arena_failed(reader->arena);
}

bool
mail_param_parse(
    const char *const *argv, struct arena *arena, struct mail_param *param_r)
{
	struct reader reader = { .command = MAIL, .arena = arena };
	bool ok = parse(argv, &reader);

	*param_r = reader.params.mail;
	param_r->fault = reader.fault;
	return ok;
}

bool
rcpt_param_parse(
    const char *const *argv, struct arena *arena, struct rcpt_param *param_r)
{
	struct reader reader = { .command = RCPT, .arena = arena };
	bool ok = parse(argv, &reader);

	*param_r = reader.params.rcpt;
	param_r->fault = reader.fault;
	return ok;
}
