/*
 * fuzz_list - any octets as entries of a list, one a line; its first line
 * says which kind.  What is in the list is then looked up in it.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "lists/list.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_of(size == 0 ? "" : (const char *)data, size);
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct regex_room *room = regex_room_new();
	enum list_kind kind;
	struct list *list;
	struct address address;
	struct str line = STR_NONE;
	struct str last = STR_NONE;
	struct why why;
	struct ip ip;

	if (arena == NULL || room == NULL)
		abort();
	if (!str_split(&rest, '\n', &line) || !list_kind_find(line, &kind))
		kind = LIST_ADDRESSES;
	list = list_new(kind);
	if (list == NULL)
		abort();
	while (str_split(&rest, '\n', &line)) {
		if (line.n <= LIST_ENTRY_MAX && list_add(list, line, &why))
			last = line;
	}
	if (!list_seal(list))
		abort();
	if (last.p != NULL) {
		if (kind == LIST_WORDS &&
		    list_match_text(list, last, NULL) != 1)
			abort();
		if (kind == LIST_PATTERNS)
			(void)list_match_text(list, last, room);
		if (kind == LIST_DOMAINS)
			(void)list_match_domain(
			    list, domain_normal(last, arena));
		if (kind == LIST_NETWORKS && ip_parse(last, &ip, NULL) &&
		    list_match_ip(list, ip) != 1)
			abort();
		if (kind == LIST_ADDRESSES &&
		    address_parse(last, PATH_MAILBOX, true, arena, &address))
			(void)list_match_address(list, &address);
	}
	list_unref(list);
	regex_room_free(room);
	arena_free(arena);
	return 0;
}
