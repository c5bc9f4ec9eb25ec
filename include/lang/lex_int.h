/*
 * lex_int - between the files of the lexer; for nobody else.
 */
#ifndef LANG_LEX_INT_H
#define LANG_LEX_INT_H

#include "lang/lex.h"

/* The octet at `at`, or -1 behind the end. */
static inline int
lex_octet(const struct lex *lex, size_t at)
{
	return at < lex->end ? str_at(lex->source->text, at) : -1;
}

/* The place of n octets (n >= 1) of the present line, from `at` on. */
struct pos lex_pos(const struct lex *lex, size_t at, size_t n);
/* Gives the token its fault; the first one stays. */
void lex_fault(struct lex *lex, struct token *token, struct pos pos,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Ends the token in front of `at` and goes on there. */
void lex_finish(struct lex *lex, struct token *token, size_t at);

/* Tokens that begin where the lexer stands. */
void lex_literal(struct lex *lex, struct token *token); /* a digit */
void lex_string(struct lex *lex, struct token *token);  /* a quote */
void lex_regex(struct lex *lex, struct token *token);   /* a slash */
void lex_item(struct lex *lex, enum lex_mode mode, struct token *token);
/* What other languages write; false if it is none of that. */
bool lex_odd(struct lex *lex, struct token *token);
void lex_piece(struct lex *lex, struct token *token); /* LEX_STRING */

#endif
