/*
 * regex - PCRE2 with bounds, so that no subject can hold up the mail path.
 */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "base/diag.h"

struct regex;
struct regex_room;

enum {
	REGEX_PATTERN_MAX = 32 * 1024, /* octets of a pattern */
	REGEX_SUBJECT_MAX = 64 * 1024, /* octets that can be searched */
};

enum regex_flag {
	REGEX_ICASE = 1,    /* flag i */
	REGEX_EXTENDED = 2, /* flag x */
};

/*
 * Compiles a pattern (the text between the slashes, "\/" for a slash), with
 * JIT where the library has it.  Subjects are octets, not UTF-8.  On failure
 * NULL, *why with the offset of the fault in `at` and a text such as
 * "missing closing parenthesis (at offset 7)".
 */
struct regex *regex_new(struct str pattern, unsigned flags, struct why *why);
void regex_free(struct regex *re);

/*
 * Sets of texts, of each of which at least one stands, in any case, in every
 * subject that matches: how many are in set number `set`, from 0 on; 0 behind
 * the last.  They are in lower case, have at least two octets, and live as
 * long as the regex.
 */
size_t regex_literals(
    const struct regex *re, size_t set, const struct str **literals_r);

/*
 * What a match needs to write into; one a session, NULL when memory is out.
 */
struct regex_room *regex_room_new(void);
void regex_room_free(struct regex_room *room);

/*
 * 1 if it matches anywhere in the subject, 0 if not, -1 if it could not be
 * told (the subject is too long, a limit of steps, time, depth or memory was
 * reached, or room is NULL).  A subject that is not too long and has none of
 * the literals of some set is surely 0.
 */
int regex_match(
    const struct regex *re, struct str subject, struct regex_room *room);

#endif
