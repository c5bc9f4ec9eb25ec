/*
 * word - the tables of keywords and of words kept for later.
 *
 * The kinds of `is` stand in expr.c and are asked there, so that a new kind
 * is one row.
 */
#include "lang/word.h"

#include "lang/expr.h"

static const char *const keywords[] = {
	"accept",
	"add",
	"addresses",
	"all",
	"and",
	"any",
	"connect",
	"connection",
	"control",
	"data",
	"decisions",
	"default",
	"defer",
	"discard",
	"disconnect",
	"domains",
	"drain",
	"else",
	"error",
	"file",
	"group",
	"header",
	"header-raw",
	"helo",
	"if",
	"in",
	"include",
	"is",
	"journal",
	"json",
	"late",
	"let",
	"listen",
	"log",
	"macro",
	"mail",
	"map",
	"matches",
	"message",
	"metrics",
	"mode",
	"networks",
	"not",
	"observe",
	"of",
	"on",
	"or",
	"patterns",
	"quarantine",
	"rcpt",
	"reject",
	"score",
	"stderr",
	"syslog",
	"tag",
	"tagged",
	"timezone",
	"unknown",
	"unless",
	"user",
	"watch",
	"when",
	"words",
	NULL,
};

static const char *const reserved[] = {
	"address",
	"asn",
	"attachment",
	"body",
	"change",
	"delay",
	"dkim",
	"dmarc",
	"forget",
	"geo",
	"greylist",
	"limit",
	"listed",
	"mx",
	"number",
	"part",
	"per",
	"rate",
	"recipient",
	"record",
	"redirect",
	"remember",
	"remove",
	"replace",
	"resolver",
	"seen",
	"shadow",
	"spf",
	"store",
	"until",
	NULL,
};

static bool
is_among(const char *const *table, struct str word)
{
	for (size_t i = 0; table[i] != NULL; i++)
		if (str_eq(word, str_c(table[i])))
			return true;
	return false;
}

bool
word_is_keyword(struct str word)
{
	enum is_kind kind;

	return is_among(keywords, word) || is_kind_find(word, &kind);
}

bool
word_is_reserved(struct str word)
{
	return is_among(reserved, word);
}

const char *
word_keyword(size_t i)
{
	return keywords[i];
}

const char *
word_reserved(size_t i)
{
	return reserved[i];
}
