/*
 * type - operators and types: a cell that is not written is 0, which is a
 * combination that cannot be.
 */
#include "lang/type.h"

static const uint8_t cmp_table[T_COUNT][T_COUNT] = {
	[T_NUMBER] = { [T_NUMBER] = CMP_ORDERED, [T_SIZE] = CMP_ORDERED },
	[T_SIZE] = { [T_NUMBER] = CMP_ORDERED, [T_SIZE] = CMP_ORDERED },
	[T_DURATION] = { [T_DURATION] = CMP_ORDERED },
	[T_CLOCK] = { [T_CLOCK] = CMP_ORDERED },
	[T_DATE] = { [T_DATE] = CMP_ORDERED },
	[T_STRING] = {
		[T_STRING] = CMP_EQUALITY,
		[T_DOMAIN] = CMP_EQUALITY,
		[T_ADDRESS] = CMP_EQUALITY,
	},
	[T_DOMAIN] = { [T_STRING] = CMP_EQUALITY, [T_DOMAIN] = CMP_EQUALITY },
	[T_ADDRESS] = {
		[T_STRING] = CMP_EQUALITY,
		[T_ADDRESS] = CMP_EQUALITY,
	},
	[T_IP] = { [T_IP] = CMP_EQUALITY },
};

/* Sums and differences are of one kind; a plain number stands for octets. */
static const uint8_t sum_table[T_COUNT][T_COUNT] = {
	[T_NUMBER] = { [T_NUMBER] = T_NUMBER, [T_SIZE] = T_SIZE },
	[T_SIZE] = { [T_NUMBER] = T_SIZE, [T_SIZE] = T_SIZE },
	[T_DURATION] = { [T_DURATION] = T_DURATION },
};

/* Octets times octets, or seconds times seconds, are nothing. */
static const uint8_t product_table[T_COUNT][T_COUNT] = {
	[T_NUMBER] = {
		[T_NUMBER] = T_NUMBER,
		[T_SIZE] = T_SIZE,
		[T_DURATION] = T_DURATION,
	},
	[T_SIZE] = { [T_NUMBER] = T_SIZE },
	[T_DURATION] = { [T_NUMBER] = T_DURATION },
};

static const bool in_table[T_COUNT][LIST_KIND_COUNT] = {
	[T_IP] = { [LIST_NETWORKS] = true },
	[T_DOMAIN] = {
		[LIST_DOMAINS] = true,
		[LIST_WORDS] = true,
		[LIST_PATTERNS] = true,
	},
	[T_STRING] = {
		[LIST_DOMAINS] = true,
		[LIST_ADDRESSES] = true,
		[LIST_WORDS] = true,
		[LIST_PATTERNS] = true,
	},
	[T_ADDRESS] = {
		[LIST_ADDRESSES] = true,
		[LIST_DOMAINS] = true,
		[LIST_PATTERNS] = true,
	},
};

static const bool is_table[T_COUNT][IS_KIND_COUNT] = {
	[T_NUMBER] = { [IS_ABSENT] = true, [IS_PRESENT] = true },
	[T_SIZE] = { [IS_ABSENT] = true, [IS_PRESENT] = true },
	[T_DURATION] = { [IS_ABSENT] = true, [IS_PRESENT] = true },
	[T_CLOCK] = { [IS_ABSENT] = true, [IS_PRESENT] = true },
	[T_DATE] = { [IS_ABSENT] = true, [IS_PRESENT] = true },
	[T_STRING] = {
		[IS_ABSENT] = true,
		[IS_PRESENT] = true,
		[IS_IP] = true,
		[IS_LITERAL] = true,
		[IS_FQDN] = true,
		[IS_ASCII] = true,
	},
	[T_DOMAIN] = {
		[IS_ABSENT] = true,
		[IS_PRESENT] = true,
		[IS_VALID] = true,
		[IS_IP] = true,
		[IS_LITERAL] = true,
		[IS_FQDN] = true,
		[IS_ASCII] = true,
	},
	[T_ADDRESS] = {
		[IS_ABSENT] = true,
		[IS_PRESENT] = true,
		[IS_NULL] = true,
		[IS_VALID] = true,
		[IS_LITERAL] = true,
		[IS_FQDN] = true,
		[IS_ASCII] = true,
	},
	[T_IP] = { [IS_ABSENT] = true, [IS_PRESENT] = true },
};

static const struct type_words {
	const char *example;
	const char *unit;
	const char *plural;
} words[T_COUNT] = {
	[T_NONE] = { "10", NULL, "nothing" },
	[T_BOOL] = { "mail.smtputf8", NULL, "conditions" },
	[T_NUMBER] = { "10", NULL, "numbers" },
	[T_SIZE] = { "25M", "octets", "sizes" },
	[T_DURATION] = { "30s", "seconds", "durations" },
	[T_CLOCK] = { "22:00", NULL, "times of day" },
	[T_DATE] = { "2026-12-24", NULL, "dates" },
	[T_STRING] = { "\"text\"", NULL, "strings" },
	[T_DOMAIN] = { "\"example.org\"", NULL, "domains" },
	[T_ADDRESS] = { "\"user@example.org\"", NULL, "addresses" },
	[T_IP] = { "192.0.2.1", NULL, "IP addresses" },
};

enum cmp_can
type_cmp(enum type a, enum type b)
{
	return (enum cmp_can)cmp_table[a][b];
}

enum type
type_arith(char op, enum type a, enum type b)
{
	if (op == '*')
		return (enum type)product_table[a][b];
	return (enum type)sum_table[a][b];
}

bool
type_in(enum type type, enum list_kind kind)
{
	return in_table[type][kind];
}

bool
type_set(enum type type, enum list_kind *kind_r)
{
	switch (type) {
	case T_NUMBER:
	case T_SIZE:
	case T_DURATION:
	case T_CLOCK:
	case T_DATE:
		*kind_r = LIST_KIND_COUNT;
		return true;
	case T_STRING:
		*kind_r = LIST_WORDS;
		return true;
	case T_DOMAIN:
		*kind_r = LIST_DOMAINS;
		return true;
	case T_ADDRESS:
		*kind_r = LIST_ADDRESSES;
		return true;
	case T_IP:
		*kind_r = LIST_NETWORKS;
		return true;
	case T_NONE:
	case T_BOOL:
	case T_COUNT:
		return false;
	}
	return false;
}

bool
type_matches(enum type type)
{
	return type == T_STRING || type == T_DOMAIN || type == T_ADDRESS;
}

bool
type_is(enum type type, enum is_kind kind)
{
	return is_table[type][kind];
}

const char *
type_example(enum type type)
{
	return words[type].example;
}

const char *
type_unit(enum type type)
{
	return words[type].unit;
}

const char *
type_plural(enum type type)
{
	return words[type].plural;
}
