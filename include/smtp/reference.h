/*
 * reference - every SMTP reply code and enhanced status code: what it means,
 * where it is seen, what to do.
 *
 * One source: code_2yz.def, code_4yz.def, code_5yz.def and xcode_*.def are
 * what `portreeve explain` prints, and what smtp/reply fills in and warns of.
 */
#ifndef SMTP_REFERENCE_H
#define SMTP_REFERENCE_H

#include "base/buf.h"
#include "smtp/stage.h"

enum {
	CODE_LEAST = 200,     /* codes have a first digit of 2 to 5, */
	CODE_MOST = 559,      /* a second one of 0 to 5 */
	CODE_SEEN_MOST = 599, /* said all the same */
	CODE_USUAL_MAX = 4,
	XCODE_DIALOGUE_MAX = 512,
};

/* What is sent where a policy gives the code and no more: the first row that
 * has the stage.  RFC 5248 registers which enhanced codes go with which. */
struct code_usual {
	unsigned stages;   /* bit 1u << stage; 0: no row */
	const char *xcode; /* "5.7.1" */
	const char *text;
};

/*
 * One reply code.  Texts are sentences in ASCII; what somebody is to do is
 * told in the imperative.
 */
struct code_row {
	unsigned code;
	const char *name; /* a few words */
	/*
	 * Bit 1u << stage: RFC 5321 4.3.2 lists it for the command of that
	 * stage, or an extension does: 1870 (SIZE: 452, 552), 3207 and 4954
	 * (STARTTLS and AUTH wanted: 530), 7504 and 7505 (no mail here: 521,
	 * 556).  Any command may be answered 421, 500 and 501.  DATA has one
	 * entry there for the command and for the message, so data has the
	 * codes of both.
	 */
	unsigned listed;
	struct code_usual usual[CODE_USUAL_MAX];
	const char *xcodes; /* seen with it: "5.1.1 5.7.1", or "" */
	const char *meaning;
	const char *seen;   /* at which commands */
	const char *sender; /* what the client is to do */
	const char *admin;
	const char *rfc;      /* "RFC 5321 4.2.2, RFC 1870 6.1" */
	const char *dialogue; /* a transcript in which it is said */
};

/* What an enhanced code answers where it is shown. */
enum shown {
	SHOWN_CONNECT,
	SHOWN_AUTH,
	SHOWN_MAIL,
	SHOWN_RCPT,
	SHOWN_DATA,
	SHOWN_DOT,
	SHOWN_REPORT, /* nothing: it stands in a delivery report (RFC 3464) */
};

/* One enhanced code, X.subject.detail. */
struct xcode_row {
	unsigned subject;
	unsigned detail;
	const char *title;
	unsigned classes;  /* bit 1u << class: those it makes sense with */
	const char *codes; /* basic codes that IANA names for it, or "": any */
	const char *meaning;
	const char *seen; /* at which commands */
	const char *sender;
	const char *admin;
	enum shown at;       /* it is shown there, */
	const char *command; /* behind this one; NULL: the usual one there, */
	const char *reply;   /* in this line */
	const char *rfc;
};

/* By index, in order of the numbers; NULL behind the last. */
const struct code_row *code_at(size_t i);
const struct xcode_row *xcode_at(size_t i);
/* The row of it, or NULL where nobody has registered it. */
const struct code_row *code_find(unsigned code);
const struct xcode_row *xcode_find(unsigned subject, unsigned detail);

/* What a class or a subject says on its own. */
struct digit {
	const char *name; /* "done", "mail system" */
	const char *meaning;
};

/* The first digit of a code and the class of an enhanced one: 2 to 5; and the
 * second digit of a code: 0 to 5.  NULL where there is no such. */
const struct digit *code_class(unsigned digit);
const struct digit *code_topic(unsigned digit);
/* 0 to 7. */
const struct digit *xcode_subject(unsigned subject);

/* "5.7.25" -> 5, 7, 25; it is a code that reply_xcode_parse takes. */
void xcode_split(const char *xcode, unsigned *class_r, unsigned *subject_r,
    unsigned *detail_r);
/* Appends a transcript in which it is said, at most XCODE_DIALOGUE_MAX octets;
 * of one that is shown in a report, the lines of that. */
void xcode_dialogue(const struct xcode_row *row, struct buf *out);
/*
 * Appends the codes that it is seen with, "451 452": those that IANA names and
 * those whose row names it; of one class, or of all (0).
 */
void xcode_codes(const struct xcode_row *row, unsigned class, struct buf *out);
/*
 * Whether an enhanced code is usual with a code: either row names the other,
 * or that of the enhanced code names none.  False where a row is missing.
 */
bool xcode_goes_with(const char *xcode, unsigned code);

#endif
