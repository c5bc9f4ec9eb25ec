/*
 * encoded_word - "=?charset?Q?text?=" in header fields (RFC 2047, with the
 * language suffix of RFC 2231).
 */
#ifndef SMTP_ENCODED_WORD_H
#define SMTP_ENCODED_WORD_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * The unfolded value with its encoded words as UTF-8, in the arena; `value`
 * itself where there are none.  White space between two encoded words goes
 * (RFC 2047 6.2); neighbours of one charset are joined before they are
 * converted, because senders split characters between them.  Words that are
 * malformed, or in a charset that iconv(3) does not know, stay as they are;
 * octets that are wrong in their charset become '?'.
 * None when the arena failed.
 */
struct str encoded_words_decode(struct str value, struct arena *arena);

#endif
