/*
 * param - ESMTP parameters of MAIL and RCPT.
 *
 * One row per keyword: its fault words and the function that reads its
 * value.  A row that comes twice, or whose value is malformed, leaves its
 * fields as if it had not been given; the first fault is kept.
 */
#include "smtp/param.h"

#include "smtp/address.h"

enum {
	SIZE_DIGITS = 20,  /* RFC 1870 3 */
	ENVID_MOST = 100,  /* RFC 3461 4.4, as typed */
	ORCPT_MOST = 500,  /* RFC 3461 4.2, as typed */
	HEXPOINT_MOST = 6, /* RFC 6533 3: digits of "\x{...}" */
};

/* ---- xtext -------------------------------------------------------------- */

/* RFC 3461 4: hexadecimal digits of xtext are upper case. */
static int
hex_upper(unsigned char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* hexchar = "+" 2HEX, at s[i]; -1 if it is none */
static int
hexchar(struct str s, size_t i)
{
	int high;
	int low;

	if (s.n - i < 3)
		return -1;
	high = hex_upper(str_at(s, i + 1));
	low = hex_upper(str_at(s, i + 2));
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct str
xtext_decode(struct str xtext, struct arena *arena)
{
	char *p = arena_alloc(arena, xtext.n);
	size_t n = 0;

	if (p == NULL)
		return STR_NONE;
	for (size_t i = 0; i < xtext.n; i++) {
		int c = str_at(xtext, i);
		if (c <= ' ' || c > '~' || c == '=')
			return STR_NONE;
		if (c == '+') {
			c = hexchar(xtext, i);
			i += 2;
		}
		if (c < 0)
			return STR_NONE;
		p[n++] = (char)c;
	}
	return str_of(p, n);
}

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_print(str_at(s, i)))
			return false;
	return true;
}

/* ---- MAIL --------------------------------------------------------------- */

/* The values read functions see; `has` is false for a bare keyword. */
struct argument {
	bool has;
	struct str value;
	struct arena *arena;
};

/* "SIZE=" 1*20DIGIT; what no int64 holds is as large as one can be. */
static bool
read_size(const struct argument *arg, struct mail_param *param)
{
	uint64_t size;

	if (arg->value.n == 0 || arg->value.n > SIZE_DIGITS)
		return false;
	for (size_t i = 0; i < arg->value.n; i++)
		if (!ascii_is_digit(str_at(arg->value, i)))
			return false;
	if (!str_to_u64(arg->value, &size) || size > INT64_MAX)
		size = INT64_MAX;
	param->has_size = true;
	param->size = size;
	return true;
}

/* The word of a NULL-terminated table that the value is, without case. */
static bool
read_word(struct str value, const char *const *words, struct str *word_r)
{
	for (; *words != NULL; words++) {
		if (str_eq_ci(value, str_c(*words))) {
			*word_r = str_c(*words);
			return true;
		}
	}
	return false;
}

static bool
read_body(const struct argument *arg, struct mail_param *param)
{
	static const char *const words[] = { "7BIT", "8BITMIME", "BINARYMIME",
		NULL };

	return read_word(arg->value, words, &param->body);
}

static bool
read_smtputf8(const struct argument *arg, struct mail_param *param)
{
	param->smtputf8 = !arg->has;
	return !arg->has;
}

static bool
read_ret(const struct argument *arg, struct mail_param *param)
{
	static const char *const words[] = { "FULL", "HDRS", NULL };

	return read_word(arg->value, words, &param->ret);
}

static bool
read_envid(const struct argument *arg, struct mail_param *param)
{
	struct str envid;

	if (arg->value.n == 0 || arg->value.n > ENVID_MOST)
		return false;
	envid = xtext_decode(arg->value, arg->arena);
	if (str_is_none(envid) || !is_printable(envid))
		return false;
	param->envid = envid;
	return true;
}

/* RFC 4954 5: "<>" or a mailbox, as xtext */
static bool
read_auth(const struct argument *arg, struct mail_param *param)
{
	struct str auth = xtext_decode(arg->value, arg->arena);
	struct address address;

	if (str_is_none(auth))
		return false;
	if (!str_eq(auth, STR("<>")) &&
	    (!address_parse(auth, PATH_MAILBOX, true, arg->arena, &address) ||
		address.fault != FAULT_NONE))
		return false;
	param->auth = auth;
	return true;
}

/* ---- RCPT --------------------------------------------------------------- */

enum {
	NOTIFY_SUCCESS = 1,
	NOTIFY_FAILURE = 2,
	NOTIFY_DELAY = 4,
	NOTIFY_SETS = 8,
};

/* "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ) */
static bool
read_notify(const struct argument *arg, struct rcpt_param *param)
{
	static const char *const words[] = { "SUCCESS", "FAILURE", "DELAY",
		NULL };
	static const char *const sets[NOTIFY_SETS] = {
		[NOTIFY_SUCCESS] = "SUCCESS",
		[NOTIFY_FAILURE] = "FAILURE",
		[NOTIFY_DELAY] = "DELAY",
		[NOTIFY_SUCCESS | NOTIFY_FAILURE] = "SUCCESS,FAILURE",
		[NOTIFY_SUCCESS | NOTIFY_DELAY] = "SUCCESS,DELAY",
		[NOTIFY_FAILURE | NOTIFY_DELAY] = "FAILURE,DELAY",
		[NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY] =
		    "SUCCESS,FAILURE,DELAY",
	};
	struct str rest = arg->value;
	struct str piece;
	struct str word;
	unsigned set = 0;

	if (str_eq_ci(arg->value, STR("NEVER"))) {
		param->notify = STR("NEVER");
		return true;
	}
	while (str_split(&rest, ',', &piece)) {
		if (!read_word(piece, words, &word))
			return false;
		set |= word.p[0] == 'S'   ? NOTIFY_SUCCESS
		       : word.p[0] == 'F' ? NOTIFY_FAILURE
					  : NOTIFY_DELAY;
	}
	if (set == 0)
		return false;
	param->notify = str_c(sets[set]);
	return true;
}

/* addr-type = atom */
static bool
is_addr_type(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = str_at(s, i);
		if (c <= ' ' || c > '~' || strchr("()<>@,;:\\\".[]", c) != NULL)
			return false;
	}
	return s.n > 0;
}

static size_t
put_utf8(uint32_t c, char *p)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* "\x{" HEXPOINT "}" at s[*i]; goes past it. */
static bool
hexpoint(struct str s, size_t *i, uint32_t *c_r)
{
	uint32_t c = 0;
	size_t at = *i + 3;

	if (!str_starts(str_from(s, *i), STR("\\x{")))
		return false;
	for (; at < s.n && s.p[at] != '}'; at++) {
		int digit = hex_upper(str_at(s, at));
		if (digit < 0 || at - *i - 3 == HEXPOINT_MOST)
			return false;
		c = c << 4 | (uint32_t)digit;
	}
	if (at == s.n || c < 0x20 || c == 0x7f || c > 0x10ffff)
		return false;
	*i = at + 1;
	*c_r = c;
	return true;
}

/* RFC 6533 3: an utf-8 address, as "\x{...}" or plainly. */
static struct str
utf8_address(struct str s, struct arena *arena)
{
	/* "\x{20}", the shortest form, is longer than any character. */
	char *p = arena_alloc(arena, s.n);
	size_t n = 0;

	if (p == NULL)
		return STR_NONE;
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		if (s.p[i] != '\\') {
			if (str_at(s, i) <= ' ' || s.p[i] == 0x7f ||
			    s.p[i] == '+' || s.p[i] == '=')
				return STR_NONE;
			p[n++] = s.p[i++];
		} else if (hexpoint(s, &i, &c)) {
			n += put_utf8(c, p + n);
		} else {
			return STR_NONE;
		}
	}
	return str_is_utf8(str_of(p, n)) ? str_of(p, n) : STR_NONE;
}

/* "ORCPT=" addr-type ";" xtext; not kept where the arena fails */
static bool
read_orcpt(const struct argument *arg, struct rcpt_param *param)
{
	size_t semicolon = str_find(arg->value, ';');
	struct str type = str_sub(arg->value, 0, semicolon);
	struct str address;
	struct str all;

	if (semicolon == STR_NOWHERE || arg->value.n > ORCPT_MOST ||
	    !is_addr_type(type))
		return false;
	address = str_from(arg->value, semicolon + 1);
	if (str_eq_ci(type, STR("utf-8"))) {
		address = utf8_address(address, arg->arena);
	} else {
		address = xtext_decode(address, arg->arena);
		if (!is_printable(address))
			return false;
	}
	if (address.n == 0)
		return false;
	all = arena_printf(
	    arg->arena, "%.*s;%.*s", STR_FMT(type), STR_FMT(address));
	if (str_is_none(all))
		return false;
	param->orcpt = all;
	return true;
}

/* ---- both --------------------------------------------------------------- */

enum mail_key {
	MAIL_SIZE,
	MAIL_BODY,
	MAIL_SMTPUTF8,
	MAIL_RET,
	MAIL_ENVID,
	MAIL_AUTH,
	MAIL_KEYS
};

enum rcpt_key {
	RCPT_NOTIFY,
	RCPT_ORCPT,
	RCPT_KEYS
};

enum {
	KEYS_MOST = MAIL_KEYS
};

struct row {
	const char *key;
	const char *bad;
	const char *repeated;
	bool (*read_mail)(const struct argument *arg, struct mail_param *param);
	bool (*read_rcpt)(const struct argument *arg, struct rcpt_param *param);
};

#define ROW(key, word) key, "bad-" word, "repeated-" word

static const struct row mail_rows[MAIL_KEYS] = {
	[MAIL_SIZE] = { ROW("SIZE", "size"), read_size, NULL },
	[MAIL_BODY] = { ROW("BODY", "body"), read_body, NULL },
	[MAIL_SMTPUTF8] = { ROW("SMTPUTF8", "smtputf8"), read_smtputf8, NULL },
	[MAIL_RET] = { ROW("RET", "ret"), read_ret, NULL },
	[MAIL_ENVID] = { ROW("ENVID", "envid"), read_envid, NULL },
	[MAIL_AUTH] = { ROW("AUTH", "auth"), read_auth, NULL },
};

static const struct row rcpt_rows[RCPT_KEYS] = {
	[RCPT_NOTIFY] = { ROW("NOTIFY", "notify"), NULL, read_notify },
	[RCPT_ORCPT] = { ROW("ORCPT", "orcpt"), NULL, read_orcpt },
};

/* One word of the command, and what was seen before it. */
struct reader {
	const struct row *rows;
	size_t count;
	unsigned seen[KEYS_MOST]; /* how often, by row */
	struct str fault;         /* the first */
	struct arena *arena;
};

static void
note(struct reader *reader, const char *fault)
{
	if (str_is_none(reader->fault))
		reader->fault = str_c(fault);
}

/*
 * The row of a word, to be read into its fields; reader->count where there
 * is nothing to read: an unknown keyword, or one that came before.
 */
static size_t
next_row(struct reader *reader, struct str word, struct argument *arg_r)
{
	size_t equals = str_find(word, '=');
	struct str key = str_sub(word, 0, equals);
	size_t i = 0;

	while (i < reader->count && !str_eq_ci(key, str_c(reader->rows[i].key)))
		i++;
	if (i == reader->count)
		return i;
	arg_r->has = equals != STR_NOWHERE;
	arg_r->value = arg_r->has ? str_from(word, equals + 1) : STR("");
	arg_r->arena = reader->arena;
	if (reader->seen[i]++ > 0) {
		note(reader, reader->rows[i].repeated);
		return reader->count;
	}
	return i;
}

/* As if it had never been given. */
static void
drop_repeated(const unsigned *seen, struct mail_param *param)
{
	if (seen[MAIL_SIZE] > 1) {
		param->has_size = false;
		param->size = 0;
	}
	if (seen[MAIL_BODY] > 1)
		param->body = STR_NONE;
	if (seen[MAIL_SMTPUTF8] > 1)
		param->smtputf8 = false;
	if (seen[MAIL_RET] > 1)
		param->ret = STR_NONE;
	if (seen[MAIL_ENVID] > 1)
		param->envid = STR_NONE;
	if (seen[MAIL_AUTH] > 1)
		param->auth = STR_NONE;
}

bool
mail_param_parse(
    const char *const *argv, struct arena *arena, struct mail_param *param_r)
{
	struct reader reader = {
		.rows = mail_rows, .count = MAIL_KEYS, .arena = arena
	};
	struct argument arg;

	*param_r = (struct mail_param){ .has_size = false };
	for (; *argv != NULL; argv++) {
		struct str word = str_c(*argv);
		size_t i = next_row(&reader, word, &arg);
		if (i < MAIL_KEYS &&
		    (word.n > PARAM_MAX ||
			!mail_rows[i].read_mail(&arg, param_r)))
			note(&reader, mail_rows[i].bad);
	}
	drop_repeated(reader.seen, param_r);
	param_r->fault = reader.fault;
	return !arena_failed(arena);
}

bool
rcpt_param_parse(
    const char *const *argv, struct arena *arena, struct rcpt_param *param_r)
{
	struct reader reader = {
		.rows = rcpt_rows, .count = RCPT_KEYS, .arena = arena
	};
	struct argument arg;

	*param_r = (struct rcpt_param){ .fault = STR_NONE };
	for (; *argv != NULL; argv++) {
		struct str word = str_c(*argv);
		size_t i = next_row(&reader, word, &arg);
		if (i < RCPT_KEYS &&
		    (word.n > PARAM_MAX ||
			!rcpt_rows[i].read_rcpt(&arg, param_r)))
			note(&reader, rcpt_rows[i].bad);
	}
	if (reader.seen[RCPT_NOTIFY] > 1)
		param_r->notify = STR_NONE;
	if (reader.seen[RCPT_ORCPT] > 1)
		param_r->orcpt = STR_NONE;
	param_r->fault = reader.fault;
	return !arena_failed(arena);
}
