/*
 * value - types of the policy language, and one value of them.
 */
#ifndef LANG_VALUE_H
#define LANG_VALUE_H

#include "base/ip.h"
#include "smtp/address.h"

enum type {
	T_NONE,     /* no type: an expression that was in error */
	T_BOOL,
	T_NUMBER,   /* a plain number; may stand for octets */
	T_SIZE,     /* octets */
	T_DURATION, /* seconds */
	T_CLOCK,    /* minutes since midnight */
	T_DATE,     /* days since 1970-01-01 */
	T_STRING,
	T_DOMAIN,
	T_ADDRESS,
	T_IP,
	T_COUNT
};

/* "a number", "a size", "an address": for messages. */
const char *type_name(enum type type);
/* Number, size, duration, clock or date: held in `num`. */
bool type_is_numeric(enum type type);

/*
 * Whether there is a value.  PENDING: not known yet in this message, will be
 * by its end (numeric ones hold in `num` how far the count has come, and it
 * only grows).  UNKNOWN: a look-up failed.
 */
enum value_state {
	VALUE_ABSENT,
	VALUE_PRESENT,
	VALUE_UNKNOWN,
	VALUE_PENDING,
};

struct value {
	enum type type;
	enum value_state state;
	union {
		bool truth;                    /* T_BOOL */
		int64_t num;                   /* numeric types */
		struct str str;                /* T_STRING, T_DOMAIN */
		const struct address *address; /* T_ADDRESS */
		struct ip ip;                  /* T_IP */
	};
};

/*
 * As it prints in texts and traces: sizes in octets, absent as "-", an
 * address in its normal form, a clock as 22:00, a date as 2026-12-24, a
 * duration in seconds.  Octets as they are: make them safe afterwards.
 */
void value_print(const struct value *v, struct buf *out);

#endif
