/*
 * encoded_word - reads RFC 2047's encoded words.
 *
 *     =?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?B?IGFuIGFsbGU=?=
 *       └charset └encoding └text
 *
 * A run is one or more words of one charset with nothing but white space
 * between them.  Its octets are collected, then converted at once.  What
 * comes out is never longer than UTF8_GROWTH times what went in, so one
 * buffer is enough.  The charset's name comes from outside: it goes to
 * iconv_open only if it is short and has only the characters of such names.
 */
#include "smtp/encoded_word.h"

#include <errno.h>
#include <iconv.h>

enum {
	CHARSET_MAX = 40,
	/* Octets of UTF-8 for one octet of the worst charset, with room to
	 * spare: one octet of a Vietnamese or Japanese set gives up to 6. */
	UTF8_GROWTH = 8,
	/* Runs in one value: opening a converter costs time, and no honest
	 * field changes its charset so often.  What follows stays as it is. */
	RUNS_MAX = 64,
};

struct word {
	struct str charset;
	char encoding; /* 'b' or 'q' */
	struct str text;
	size_t length; /* of all of it, "=?" to "?=" */
};

/* ---- one word ----------------------------------------------------------- */

static bool
is_charset(struct str s)
{
	if (s.n == 0 || s.n > CHARSET_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(str_at(s, i)) &&
		    strchr("-_.:+", s.p[i]) == NULL)
			return false;
	return true;
}

/* Text of a word: printable, no '?' and no blank. */
static size_t
text_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && str_at(s, n) > ' ' && str_at(s, n) < 0x7f &&
	       s.p[n] != '?')
		n++;
	return n;
}

/* encoded-word = "=?" charset ["*" language] "?" encoding "?" text "?=" */
static bool
word_at(struct str s, struct word *word_r)
{
	struct str rest;
	struct str charset;
	size_t end;
	size_t star;

	if (!str_starts(s, STR("=?")))
		return false;
	end = str_find(str_from(s, 2), '?');
	if (end == STR_NOWHERE)
		return false;
	charset = str_sub(s, 2, end);
	star = str_find(charset, '*');
	if (star != STR_NOWHERE)
		charset = str_sub(charset, 0, star);
	rest = str_from(s, 2 + end + 1);
	if (!is_charset(charset) || rest.n < 4 || rest.p[1] != '?')
		return false;
	word_r->charset = charset;
	word_r->encoding = (char)ascii_lower(str_at(rest, 0));
	if (word_r->encoding != 'b' && word_r->encoding != 'q')
		return false;
	rest = str_from(rest, 2);
	word_r->text = str_sub(rest, 0, text_length(rest));
	rest = str_from(rest, word_r->text.n);
	if (!str_starts(rest, STR("?=")))
		return false;
	word_r->length = (size_t)(rest.p + 2 - s.p);
	return true;
}

static int
hex_digit(unsigned char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode_q(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		int high = -1;
		int low = -1;

		if (text.p[i] == '=' && i + 2 < text.n) {
			high = hex_digit(str_at(text, i + 1));
			low = hex_digit(str_at(text, i + 2));
		}
		if (high >= 0 && low >= 0) {
			buf_char(out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_char(out, text.p[i] == '_' ? ' ' : text.p[i]);
		}
	}
}

static int
base64_digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* What is no digit is passed over (RFC 2045 6.8); "=" ends it. */
static void
decode_b(struct str text, struct buf *out)
{
	unsigned bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
		int digit = base64_digit(str_at(text, i));

		if (digit < 0)
			continue;
		held = (held << 6 | (unsigned)digit) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_char(out, (char)(held >> bits & 0xff));
		}
	}
}

static void
decode_word(const struct word *word, struct buf *out)
{
	if (word->encoding == 'q')
		decode_q(word->text, out);
	else
		decode_b(word->text, out);
}

/* ---- a run of words ----------------------------------------------------- */

enum convert_end {
	CONVERTED,
	CONVERT_UNKNOWN, /* iconv knows no such charset */
	CONVERT_FAILED,  /* it could not look: memory, descriptors */
};

/* Octets of the run's charset to UTF-8. */
static enum convert_end
convert(struct str charset, struct str octets, struct buf *out)
{
	char name[CHARSET_MAX + 1];
	char *from = (char *)(uintptr_t)octets.p; /* iconv only reads it */
	size_t from_left = octets.n;
	char *to = out->p + out->n;
	size_t to_left = out->cap - out->n;
	iconv_t cd;

	memcpy(name, charset.p, charset.n);
	name[charset.n] = '\0';
	cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1)
		return errno == EINVAL ? CONVERT_UNKNOWN : CONVERT_FAILED;
	while (from_left > 0 && to_left > 0) {
		if (iconv(cd, &from, &from_left, &to, &to_left) != (size_t)-1)
			break;
		if (from_left == 0 || to_left == 0)
			break;
		from++;
		from_left--;
		*to++ = '?';
		to_left--;
	}
	(void)iconv_close(cd);
	out->n = (size_t)(to - out->p);
	return CONVERTED;
}

/*
 * The words from the start of s on that make one run: their octets into
 * *octets, their length (white space between them included) returned.
 */
static size_t
take_run(struct str s, struct word *first_r, struct buf *octets)
{
	struct word word;
	size_t length = 0;
	size_t at = 0;

	while (word_at(str_from(s, at), &word) &&
	       (length == 0 || str_eq_ci(word.charset, first_r->charset))) {
		if (length == 0)
			*first_r = word;
		decode_word(&word, octets);
		length = at + word.length;
		at = length;
		while (at < s.n && ascii_is_space(str_at(s, at)))
			at++;
	}
	return length;
}

/* Where the white space ends that stands at the start of s. */
static size_t
blank_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_is_space(str_at(s, n)))
		n++;
	return n;
}

static bool
has_word(struct str value)
{
	struct str rest = value;
	size_t at;

	while ((at = str_find(rest, '=')) != STR_NOWHERE) {
		rest = str_from(rest, at + 1);
		if (rest.n > 0 && rest.p[0] == '?')
			return true;
	}
	return false;
}

/* False if a charset could not be looked for. */
static bool
decode_all(struct str value, struct buf *octets, struct buf *out)
{
	bool after_word = false;
	size_t runs = 0;

	while (value.n > 0 && runs < RUNS_MAX) {
		size_t blanks = blank_length(value);
		struct str rest = str_from(value, blanks);
		struct word first;
		size_t length;

		octets->n = 0;
		length = take_run(rest, &first, octets);
		if (length > 0) {
			size_t kept = out->n;
			enum convert_end end;

			runs++;
			if (!after_word)
				buf_str_add(out, str_sub(value, 0, blanks));
			end = convert(first.charset, buf_str(octets), out);
			if (end == CONVERT_FAILED)
				return false;
			after_word = end == CONVERTED;
			if (!after_word) {
				out->n = kept;
				buf_str_add(
				    out, str_sub(value, 0, blanks + length));
			}
			value = str_from(rest, length);
			continue;
		}
		/* Blanks and one octet that begins no word. */
		length = blanks + (rest.n > 0 ? 1 : 0);
		buf_str_add(out, str_sub(value, 0, length));
		value = str_from(value, length);
		after_word = false;
	}
	buf_str_add(out, value);
	return true;
}

struct str
encoded_words_decode(struct str value, struct arena *arena)
{
	struct buf octets = { NULL, 0, value.n, false };
	struct buf out = { NULL, 0, 0, false };

	if (!has_word(value) || value.n > SIZE_MAX / UTF8_GROWTH)
		return value;
	out.cap = value.n * UTF8_GROWTH;
	octets.p = arena_alloc(arena, octets.cap);
	out.p = arena_alloc(arena, out.cap);
	if (octets.p == NULL || out.p == NULL)
		return STR_NONE;
	if (decode_all(value, &octets, &out))
		return buf_str(&out);
	arena_fail(arena);
	return STR_NONE;
}
