/*
 * str - byte strings by pointer and length.
 *
 * A struct str borrows its octets; who owns them is said where it is made.
 * It need not end in NUL.  p == NULL means "there is none" (absent); an
 * empty string has p != NULL and n == 0.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR_NONE ((struct str){ NULL, 0 })
/* A string literal as a struct str (the NUL is not counted). */
#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })
/* For printf: printf("%.*s", STR_FMT(s)); at most INT_MAX octets. */
#define STR_FMT(s) (int)(s).n, (s).p == NULL ? "" : (s).p

/* Returned by the find functions where nothing is found. */
#define STR_NOWHERE SIZE_MAX

/* A C string, borrowed; NULL gives STR_NONE. */
static inline struct str
str_c(const char *s)
{
	return (struct str){ s, s == NULL ? 0 : strlen(s) };
}

static inline struct str
str_of(const char *p, size_t n)
{
	return (struct str){ p, n };
}

/* Octet i as 0..255; i < s.n. */
static inline unsigned char
str_at(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

static inline bool
str_is_none(struct str s)
{
	return s.p == NULL;
}

/* Octets [from, from + n), cut to what is there. */
struct str str_sub(struct str s, size_t from, size_t n);
/* Octets from `from` to the end. */
struct str str_from(struct str s, size_t from);

/* Equality; the _ci form folds ASCII letters only.  None equals only none. */
bool str_eq(struct str a, struct str b);
bool str_eq_ci(struct str a, struct str b);
/* Total order (octets; _ci folds ASCII; none first), <0, 0, >0. */
int str_cmp(struct str a, struct str b);
int str_cmp_ci(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_starts_ci(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_ends_ci(struct str s, struct str suffix);

/* Index of the first (str_find) or last (str_rfind) c, or STR_NOWHERE. */
size_t str_find(struct str s, char c);
size_t str_rfind(struct str s, char c);

/* The directory that a path is in: "/a" of "/a/b", "/" of "/a", "." of "a". */
struct str str_directory(struct str path);

/* Index of the first `what` in s, or STR_NOWHERE; of an empty one, 0. */
size_t str_search(struct str s, struct str what);

/* Without leading and trailing white space (SP HT CR LF VT FF). */
struct str str_trim(struct str s);

/*
 * The next piece of *rest up to `sep`; *rest moves past the separator.
 * False, and nothing touched, when *rest is none (all was taken).
 */
bool str_split(struct str *rest, char sep, struct str *piece_r);
/* The next run of octets that are not SP or HT; false when there is none. */
bool str_word(struct str *rest, struct str *word_r);

/* All of s as an unsigned decimal number; false on anything else. */
bool str_to_u64(struct str s, uint64_t *v_r);

/* Well-formed UTF-8 (RFC 3629), ASCII included; no octet over 0x7f. */
bool str_is_utf8(struct str s);
bool str_is_ascii(struct str s);

/* ASCII-only classes, never the locale's; here, because every octet of a list
 * goes through them. */
static inline bool
ascii_is_alpha(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alnum(unsigned char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

static inline bool
ascii_is_xdigit(unsigned char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* SP HT CR LF VT FF */
static inline bool
ascii_is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* 0x20..0x7e */
static inline bool
ascii_is_print(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e;
}

static inline unsigned char
ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

/*
 * Edit distance (insert, delete, replace, swap of neighbours) between a and
 * b, ASCII case folded, counted up to `most`; more is reported as most + 1.
 * Strings over 64 octets are never near.
 */
unsigned str_distance(struct str a, struct str b, unsigned most);

#endif
