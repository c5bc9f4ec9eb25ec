/*
 * reference - the tables of reply codes, and looking things up in them.
 *
 * Nothing but constant data; the texts are in the .def files.
 */
#include "smtp/reference.h"

#include <stdlib.h>

#define ALL ((1u << STAGE_COUNT) - 1)
#define AT(stage) (1u << STAGE_##stage)
#define IN(class) (1u << (class))
#define SHOWN(place) SHOWN_##place

static const struct code_row codes[] = {
#define CODE(number, ...) { .code = (number), __VA_ARGS__ },
#include "smtp/code_2yz.def"

#include "smtp/code_4yz.def"

#include "smtp/code_5yz.def"
#undef CODE
};

static const struct xcode_row xcodes[] = {
#define XCODE(x, y, ...) { .subject = (x), .detail = (y), __VA_ARGS__ },
#include "smtp/xcode_0to5.def"

#include "smtp/xcode_6to7.def"
#undef XCODE
};

enum {
	CODES = sizeof(codes) / sizeof(codes[0]),
	XCODES = sizeof(xcodes) / sizeof(xcodes[0]),
};

/* RFC 5321 4.2.1; classes of enhanced codes say the same (RFC 3463 2). */
static const struct digit classes[] = {
	[2] = { "done",
	    "the server did what was asked, and the next command may come" },
	[3] = { "half-way",
	    "so far so good; the server waits for the rest before anything "
	    "is done" },
	[4] = { "not now",
	    "nothing was done, and the same again may be taken later" },
	[5] = { "no",
	    "nothing was done, and the same again will be refused again" },
};

static const struct digit topics[] = {
	[0] = { "syntax", "about the form of the command, or one that is not "
			  "known or not done here" },
	[1] = { "information", "the answer to a question, such as HELP" },
	[2] = { "connection", "about the connection itself" },
	[3] = { "unspecified",
	    "RFC 5321 gives it no meaning; login (AUTH) uses it" },
	[4] = { "unspecified", "RFC 5321 gives it no meaning" },
	[5] = { "mail system", "about the mail system of the receiver, and "
			       "what was asked of it" },
};

/* RFC 3463 2 and 3. */
static const struct digit subjects[] = {
	[0] = { "undefined", "no subject is named" },
	[1] = { "address", "about the address of sender or recipient" },
	[2] = { "mailbox", "about the recipient's mailbox" },
	[3] = { "mail system", "about the server that was asked" },
	[4] = { "network", "about the network and the way to the next host" },
	[5] = { "protocol", "about the dialogue and its commands" },
	[6] = { "content", "about what is in the message" },
	[7] = { "security or policy",
	    "about permission: rules, login, encryption, authentication" },
};

/* ---- dialogues ---------------------------------------------------------- */

#define GREETED                                                                \
	"S: 220 mx.example ESMTP\n"                                            \
	"C: EHLO mail.example\n"                                               \
	"S: 250 mx.example\n"
#define WITH_SENDER                                                            \
	GREETED "C: MAIL FROM:<anna@example.net>\n"                            \
		"S: 250 2.1.0 Ok\n"
#define WITH_RECIPIENT                                                         \
	WITH_SENDER "C: RCPT TO:<bob@example.org>\n"                           \
		    "S: 250 2.1.5 Ok\n"

/* What goes before, and the command there if a row has none. */
static const struct {
	const char *before;
	const char *command;
} dialogues[] = {
	[SHOWN_CONNECT] = { "", NULL },
	[SHOWN_AUTH] = { "S: 220 mx.example ESMTP\n"
			 "C: EHLO desk.example\n"
			 "S: 250 AUTH PLAIN LOGIN\n",
	    "AUTH PLAIN AGFubmEAc2VjcmV0" },
	[SHOWN_MAIL] = { GREETED, "MAIL FROM:<anna@example.net>" },
	[SHOWN_RCPT] = { WITH_SENDER, "RCPT TO:<bob@example.org>" },
	[SHOWN_DATA] = { WITH_RECIPIENT, "DATA" },
	[SHOWN_DOT] = { WITH_RECIPIENT "C: DATA\n"
				       "S: 354 End data with a dot\n"
				       "C: Subject: hello\n"
				       "C:\n"
				       "C: Are you there?\n",
	    "." },
	[SHOWN_REPORT] = { "Final-Recipient: rfc822; bob@example.org\n", NULL },
};

void
xcode_dialogue(const struct xcode_row *row, struct buf *out)
{
	const char *command =
	    row->command != NULL ? row->command : dialogues[row->at].command;
	bool report = row->at == SHOWN_REPORT;

	buf_c(out, dialogues[row->at].before);
	if (command != NULL)
		buf_printf(out, "%s%s\n", report ? "" : "C: ", command);
	buf_printf(out, "%s%s\n", report ? "" : "S: ", row->reply);
}

/* ---- rows --------------------------------------------------------------- */

const struct code_row *
code_at(size_t i)
{
	return i < CODES ? &codes[i] : NULL;
}

const struct xcode_row *
xcode_at(size_t i)
{
	return i < XCODES ? &xcodes[i] : NULL;
}

const struct code_row *
code_find(unsigned code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return &codes[i];
	return NULL;
}

const struct xcode_row *
xcode_find(unsigned subject, unsigned detail)
{
	for (size_t i = 0; i < XCODES; i++)
		if (xcodes[i].subject == subject && xcodes[i].detail == detail)
			return &xcodes[i];
	return NULL;
}

/* ---- digits ------------------------------------------------------------- */

static const struct digit *
digit_of(const struct digit *table, size_t n, unsigned digit)
{
	return digit < n && table[digit].name != NULL ? &table[digit] : NULL;
}

const struct digit *
code_class(unsigned digit)
{
	return digit_of(classes, sizeof(classes) / sizeof(classes[0]), digit);
}

const struct digit *
code_topic(unsigned digit)
{
	return digit_of(topics, sizeof(topics) / sizeof(topics[0]), digit);
}

const struct digit *
xcode_subject(unsigned subject)
{
	return digit_of(
	    subjects, sizeof(subjects) / sizeof(subjects[0]), subject);
}

/* ---- enhanced codes ----------------------------------------------------- */

void
xcode_split(const char *xcode, unsigned *class_r, unsigned *subject_r,
    unsigned *detail_r)
{
	unsigned *const parts[] = { class_r, subject_r, detail_r };
	struct str rest = str_c(xcode);
	struct str part;
	uint64_t number;

	for (size_t i = 0; i < 3; i++) {
		*parts[i] = 0;
		if (str_split(&rest, '.', &part) && str_to_u64(part, &number))
			*parts[i] = (unsigned)number;
	}
}

static bool
has_word(const char *words, struct str word)
{
	struct str rest = str_c(words);
	struct str one;

	while (str_word(&rest, &one))
		if (str_eq(one, word))
			return true;
	return false;
}

/* Whether one of the two rows names the other. */
static bool
seen_with(const struct xcode_row *x, unsigned code)
{
	const struct code_row *row = code_find(code);
	char room[32];
	struct buf b = BUF_ON(room);

	buf_u64(&b, code);
	if (has_word(x->codes, buf_str(&b)))
		return true;
	b.n = 0;
	buf_printf(&b, "%u.%u.%u", code / 100, x->subject, x->detail);
	return row != NULL && has_word(row->xcodes, buf_str(&b));
}

void
xcode_codes(const struct xcode_row *row, unsigned class, struct buf *out)
{
	bool first = true;

	for (unsigned code = CODE_LEAST; code <= CODE_MOST; code++) {
		if ((class != 0 && code / 100 != class) ||
		    !seen_with(row, code))
			continue;
		buf_printf(out, "%s%u", first ? "" : " ", code);
		first = false;
	}
}

bool
xcode_goes_with(const char *xcode, unsigned code)
{
	const struct xcode_row *x;
	unsigned class;
	unsigned subject;
	unsigned detail;

	xcode_split(xcode, &class, &subject, &detail);
	x = xcode_find(subject, detail);
	if (code_find(code) == NULL || x == NULL)
		return false;
	return x->codes[0] == '\0' || seen_with(x, code);
}
