/*
 * typography - the table.
 */
#include "base/typography.h"

#define APOSTROPHE(octets)                                                     \
	{                                                                      \
		octets, "a typographic quote", "write \"", "write '", false    \
	}
#define QUOTE(octets)                                                          \
	{                                                                      \
		octets, "a typographic quote", "write \"", "write \\\"", false \
	}
#define OTHER(octets, what, instead)                                           \
	{                                                                      \
		octets, what, instead, instead, false                          \
	}
#define DASH(octets)                                                           \
	{                                                                      \
		octets, "a typographic dash", "write -", "write -", true       \
	}
#define SPACE(octets, name) OTHER(octets, name, "write an ordinary one")
#define UNSEEN(octets, name)                                                   \
	OTHER(octets, "a character that is not seen (" name ")", "delete it")

static const struct typography rows[] = {
	APOSTROPHE("\xe2\x80\x98"),
	APOSTROPHE("\xe2\x80\x99"),
	APOSTROPHE("\xe2\x80\x9a"),
	QUOTE("\xe2\x80\x9c"),
	QUOTE("\xe2\x80\x9d"),
	QUOTE("\xe2\x80\x9e"),
	APOSTROPHE("\xe2\x80\xb2"),
	QUOTE("\xe2\x80\xb3"),
	QUOTE("\xc2\xab"),
	QUOTE("\xc2\xbb"),
	DASH("\xe2\x80\x90"),
	DASH("\xe2\x80\x91"),
	DASH("\xe2\x80\x92"),
	DASH("\xe2\x80\x93"),
	DASH("\xe2\x80\x94"),
	DASH("\xe2\x80\x95"),
	DASH("\xe2\x88\x92"),
	SPACE("\xc2\xa0", "a no-break space (U+00A0)"),
	SPACE("\xe2\x80\x82", "a space of its own kind (U+2002)"),
	SPACE("\xe2\x80\x83", "a space of its own kind (U+2003)"),
	SPACE("\xe2\x80\x89", "a space of its own kind (U+2009)"),
	SPACE("\xe2\x80\xaf", "a space of its own kind (U+202F)"),
	SPACE("\xe3\x80\x80", "a space of its own kind (U+3000)"),
	UNSEEN("\xc2\xad", "U+00AD"),
	UNSEEN("\xe2\x80\x8b", "U+200B"),
	UNSEEN("\xe2\x80\x8c", "U+200C"),
	UNSEEN("\xe2\x80\x8d", "U+200D"),
	UNSEEN("\xe2\x80\x8e", "U+200E"),
	UNSEEN("\xe2\x80\x8f", "U+200F"),
	UNSEEN("\xe2\x81\xa0", "U+2060"),
	OTHER("\xef\xbb\xbf", "a byte order mark inside the text", "delete it"),
	OTHER("\xe2\x80\xa6", "a typographic ellipsis", "write ..."),
	OTHER("\xe2\x89\xa0", "a mathematical sign", "write !="),
	OTHER("\xe2\x89\xa4", "a mathematical sign", "write <="),
	OTHER("\xe2\x89\xa5", "a mathematical sign", "write >="),
};

const struct typography *
typography_at(struct str text)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(text, str_c(rows[i].octets)))
			return &rows[i];
	return NULL;
}
