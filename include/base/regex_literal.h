/*
 * regex_literal - what must stand in a text for a regex to match it.
 *
 *     /(foo|bar)[0-9]+pool\.example$/     "pool.example"; "foo" or "bar"
 *     /^(dsl|dyn)[0-9]/i                  "dsl" or "dyn"
 *     /[a-z]+/                            nothing is known
 */
#ifndef BASE_REGEX_LITERAL_H
#define BASE_REGEX_LITERAL_H

#include "base/str.h"

enum {
	REGEX_SETS_MAX = 3,            /* of each a literal must stand there */
	REGEX_LITERALS_MAX = 16,       /* in one set */
	REGEX_LITERAL_LENGTH_MAX = 32, /* a longer one is cut */
	REGEX_LITERAL_LENGTH_MIN = 2,
};

/* In lower case, to be looked for without regard to ASCII case. */
struct regex_set {
	size_t n;
	struct str text[REGEX_LITERALS_MAX];
};

/* The first is that which says most, by itself. */
struct regex_literals {
	size_t n; /* 0: nothing is known */
	struct regex_set sets[REGEX_SETS_MAX];
};

/*
 * The literals of a pattern that PCRE2 took, without flag x: no text matches
 * it that has none of a set.  They stand in `room`, which has pattern.n
 * octets.
 */
void regex_literal_find(
    struct str pattern, char *room, struct regex_literals *found_r);

#endif
