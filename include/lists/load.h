/*
 * load - list files and map files.
 *
 *     list    entry                   # comment
 *     map     key   value             # comment
 *
 * One entry a line; white space around it, blank lines, CR before the line
 * end and a UTF-8 byte order mark mean nothing.  "#" begins a comment at the
 * start of a line or after white space, but not inside quotes, nor inside
 * the slashes of a pattern.  An entry, key or value may stand in quotes, in
 * which \" is a quote and \\ a backslash; only so can it begin with "#" or
 * keep its outer blanks.  A quoted piece right before an "@" is the quoted
 * local part of an address, and one before a "," the first of several:
 * these are taken as they are written.
 *
 * Nothing is skipped in silence: each bad line is an error at its place.
 */
#ifndef LISTS_LOAD_H
#define LISTS_LOAD_H

#include "lists/list.h"
#include "lists/map.h"

/*
 * Adds all entries of a list file's text to a list that is not sealed.
 * False if there was an error; what doubts there are become warnings.
 */
bool list_load(
    struct list *list, const struct source *source, struct diags *diags);

/* One line of a map file.  The texts live until the call returns. */
struct map_line {
	struct pos key_pos;
	struct str key;
	struct pos value_pos;
	struct str value;
	bool value_quoted;
};

struct map_reader {
	/*
	 * Types the value of a line and gives it a number, by which map_get_*
	 * return it; lines may share a number.  False, after telling the diags
	 * why, if it is wrong; reading goes on to find more.
	 */
	bool (*value)(
	    void *ctx, const struct map_line *line, uint32_t *number_r);
	void *ctx;
};

/*
 * Adds all lines of a map file's text to a map that is empty.  A key twice is
 * an error that names both places.  False if there was an error; the values
 * of the map then mean nothing.
 */
bool map_load(struct map *map, const struct source *source,
    const struct map_reader *reader, struct diags *diags);

#endif
