/*
 * lex - text of a policy to tokens (LANGUAGE section 3).
 *
 * What a run of octets means depends on where it stands, so the parser names
 * a mode with every token it asks for, and asks only when it needs one.
 * The lexer reports nothing: a faulty token carries its fault, and where it
 * is clear what was meant (`&&`, 'text', REJECT), it carries that too, so
 * that the parser can complain and go on.
 */
#ifndef LANG_LEX_H
#define LANG_LEX_H

#include "base/arena.h"
#include "base/diag.h"

enum token_kind {
	TOKEN_END,
	TOKEN_BAD,      /* nothing usable: see fault */
	TOKEN_NAME,     /* str: name or fact path (a-b, sender.domain, if) */
	TOKEN_LABEL,    /* str: the name before the ':' */
	TOKEN_NUMBER,   /* 10 */
	TOKEN_SIZE,     /* 25M: num in octets */
	TOKEN_DURATION, /* 5m: num in seconds; "5M" is a size */
	TOKEN_CLOCK,    /* 22:00: num in minutes */
	TOKEN_DATE,     /* 2026-12-24: num in days since 1970-01-01 */
	TOKEN_XCODE,    /* 5.7.1 */
	TOKEN_ADDRESS,  /* 192.0.2.0/24, 2001:db8::1; not yet looked into */
	TOKEN_STRING, /* text with its quotes; lex_enter(..., 1, 1) reads it */
	TOKEN_REGEX,  /* str: pattern, num: flags (enum regex_flag) */
	TOKEN_WORD,   /* an item of a set */
	TOKEN_PUNCT,  /* str: { } ( ) [ ] , . = == != < <= > >= + - *, and
		       * with a fault =~ !~ ; */
	TOKEN_TEXT,   /* LEX_STRING: decoded text in str */
	TOKEN_EXPR,   /* LEX_STRING: text is ${...}; lex_enter(..., 2, 1) */
	TOKEN_KIND_COUNT
};

struct token {
	enum token_kind kind;
	struct pos pos;
	size_t at;       /* offset of its first octet */
	struct str text; /* as it stands in the source */
	struct str str;  /* what it says, see above */
	int64_t num;
	struct str fault; /* none: no fault */
	struct pos fault_pos;
	bool first;  /* the first token of its line */
	bool spaced; /* white space (or the beginning) stands before it */
};

enum lex_mode {
	LEX_PLAIN,    /* NAME ':' is a label */
	LEX_VALUE,    /* where a value stands: fe80::1 is an address */
	LEX_REGEX,    /* behind `matches`: as LEX_VALUE, and a regex */
	LEX_WORD,     /* one word of any letters, as an account's name is */
	LEX_SET,      /* in the braces of a set: words and strings */
	LEX_PATTERNS, /* as LEX_SET, and regexes */
	LEX_STRING,   /* in a string: TOKEN_TEXT and TOKEN_EXPR */
};

enum {
	LEX_STRING_MAX = 64 * 1024, /* octets between the quotes */
	LEX_QUOTES_MAX = 100,       /* strings within ${...} within strings */
};

/* A place in a text; a plain value: a copy is a point to come back to. */
struct lex {
	struct arena *arena;
	const struct source *source;
	size_t at;
	size_t end;
	size_t line_start;
	uint32_t line;
	bool line_begun; /* a token was read from this line */
	bool quiet;      /* faults are noted, but without a text */
};

/* At the beginning of a text (behind a byte order mark). */
void lex_init(
    struct lex *lex, struct arena *arena, const struct source *source);
/*
 * Inside a token of `outer`, without its first `front` and last `back`
 * octets; positions stay those of the source.
 */
struct lex lex_enter(const struct lex *outer, const struct token *token,
    size_t front, size_t back);
/* The next token.  At the end TOKEN_END, any number of times. */
void lex_next(struct lex *lex, enum lex_mode mode, struct token *token_r);

/*
 * The unit that a word stands for ('K' for "kb", 'm' for "min"), as written
 * by people who do not know ours; 0 if it is none.
 */
char lex_unit(struct str word);

#endif
