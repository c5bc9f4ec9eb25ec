/*
 * reply - one SMTP reply: code, enhanced code, text; its defaults and what
 * may be wrong with it.
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/buf.h"
#include "base/diag.h"
#include "smtp/stage.h"

enum {
	REPLY_LINE_MAX = 512, /* RFC 5321 4.5.3.1.5, CRLF included */
	REPLY_LINES_MAX = 32, /* libmilter's MAXREPLIES */
	REPLY_XCODE_MAX = 12, /* "5.999.999" and NUL */
};

struct reply {
	unsigned code;               /* 0: none given */
	char xcode[REPLY_XCODE_MAX]; /* "" : none given */
	struct str text;             /* lines apart by '\n'; may be none */
};

/* "550" -> 550.  Three digits, 200..559. */
bool reply_code_parse(struct str s, unsigned *code_r, struct why *why);
/*
 * The same of what others say, up to 599: a code such as 571, whose second
 * digit means nothing, is seen all the same; clients go by the first one.
 */
bool reply_code_seen(struct str s, unsigned *code_r, struct why *why);
/* "5.7.1" into xcode_r (RFC 3463: class 2, 4 or 5, up to 3 digits each,
 * no leading zeros). */
bool reply_xcode_parse(
    struct str s, char xcode_r[REPLY_XCODE_MAX], struct why *why);

/* The usual enhanced code of a code at a stage: 552 at message is 5.3.4.
 * Never NULL for a code of class 4 or 5. */
const char *reply_usual_xcode(unsigned code, enum stage stage);

/*
 * Fills what the policy left out: at `stage`, permanent or not.  Code and
 * enhanced code as LANGUAGE section 5 says (554 5.7.1 at connect, ...); a
 * given code without enhanced code gets the usual one; no text gets a short
 * sentence for the code.
 */
void reply_complete(struct reply *reply, enum stage stage, bool permanent);

/*
 * True if RFC 5321 4.3.2 lists the code for that command (or 3.x for the
 * extension in use), so that no warning is due.
 */
bool reply_code_usual_at(unsigned code, enum stage stage);
/* For the warning: the codes that are listed there, "450, 451, ...". */
void reply_codes_at(enum stage stage, struct buf *out);
/*
 * What an MTA does to a reply at this stage, so that the client does not see
 * it as written, and what to write instead; NULL when it goes through.
 * (MILTER-FACTS 6 to 9.)  A late reply is spoken at rcpt: ask for that stage.
 */
const char *reply_lost_at(unsigned code, enum stage stage);

/* Octets that a line of text may have behind the reply's codes. */
size_t reply_room(const struct reply *reply);
/*
 * Why a text cannot be sent: non-ASCII or control octets, over 32 lines, a
 * line over 512 octets with code, an enhanced code such as 5.7.1, and CRLF.
 * `at` is set.
 */
bool reply_text_check(struct str text, struct why *why);
/*
 * Why a reply cannot be sent: no code of class 4 or 5, an enhanced code of
 * another class, or its text, measured with its own enhanced code.
 */
bool reply_check(const struct reply *reply, struct why *why);

/* "550 5.7.1 first line" (the first line only; no CRLF). */
void reply_print(const struct reply *reply, struct buf *out);

#endif
