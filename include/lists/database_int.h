/*
 * database_int - what lists/database and its formats share.
 *
 * A format reads a copy of the file in memory, once, from beginning to end,
 * and believes nothing: all lengths and places are checked.
 */
#ifndef LISTS_DATABASE_INT_H
#define LISTS_DATABASE_INT_H

#include "lists/database.h"

struct database_sink {
	/* Takes an entry; its texts live as long as the octets. */
	bool (*entry)(
	    void *ctx, struct str key, struct str value, struct why *why);
	void *ctx;
};

struct database_format {
	const char *suffix;
	/* Not NULL: the suffix is used for texts too. */
	bool (*is)(struct str octets);
	/* Gives all entries to the sink; false where that or it says so. */
	bool (*each)(struct str octets, const struct database_sink *sink,
	    struct why *why);
};

bool database_cdb_each(
    struct str octets, const struct database_sink *sink, struct why *why);
bool database_lmdb_each(
    struct str octets, const struct database_sink *sink, struct why *why);

#endif
