/*
 * database_cdb - D. J. Bernstein's constant database (cdb:).
 *
 *     256 times { place, slots } of a hash table        2048 octets
 *     records: key length, value length, key, value     up to the first table
 *     the tables: { hash, place of the record }
 *
 * All numbers are of 32 bits, least octet first.  Postmap writes a file
 * beside the old one and renames it, so there is no half-written one.
 */
#include "lists/database_int.h"

enum {
	TABLES = 256,
	PAIR = 8, /* octets of two numbers */
};

static uint32_t
number(struct str octets, size_t at)
{
	return (uint32_t)str_at(octets, at) |
	       (uint32_t)str_at(octets, at + 1) << 8 |
	       (uint32_t)str_at(octets, at + 2) << 16 |
	       (uint32_t)str_at(octets, at + 3) << 24;
}

/* Where the records end; 0 where the tables do not lie behind them. */
static size_t
records_end(struct str octets)
{
	size_t end;

	if (octets.n < TABLES * PAIR)
		return 0;
	end = number(octets, 0);
	if (end < TABLES * PAIR)
		return 0;
	for (size_t at = 0; at < TABLES * PAIR; at += PAIR) {
		size_t place = number(octets, at);
		size_t slots = number(octets, at + 4);
		if (place < end || place > octets.n ||
		    slots > (octets.n - place) / PAIR)
			return 0;
	}
	return end;
}

static bool
damaged(struct why *why)
{
	return why_set(why, "a damaged cdb database; make it anew with "
			    "\"postmap cdb:FILE\"");
}

bool
database_cdb_each(
    struct str octets, const struct database_sink *sink, struct why *why)
{
	size_t end = records_end(octets);
	struct str rest;

	if (end == 0)
		return why_set(why, "not a cdb database, or one cut short; "
				    "make it with \"postmap cdb:FILE\"");
	rest = str_from(str_sub(octets, 0, end), TABLES * PAIR);
	while (rest.n > 0) {
		struct str key;
		struct str value;
		if (rest.n < PAIR)
			return damaged(why);
		key = str_sub(rest, PAIR, number(rest, 0));
		value = str_sub(rest, PAIR + key.n, number(rest, 4));
		if (key.n != number(rest, 0) || value.n != number(rest, 4))
			return damaged(why);
		if (!sink->entry(sink->ctx, key, value, why))
			return false;
		rest = str_from(rest, PAIR + key.n + value.n);
	}
	return true;
}
