/*
 * Lists: every kind by tables, and faults by what they say.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>

#include "lists/list.h"

Suite *suite_list(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	ENTRIES_MOST = 6,
	TEXT_MOST = 96,
};

/* ---- helpers ------------------------------------------------------------
 */

static void
add_all(struct list *list, const char *const *entries)
{
	struct why why;

	for (size_t i = 0; i < ENTRIES_MOST && entries[i] != NULL; i++)
		ck_assert_msg(list_add(list, str_c(entries[i]), &why),
		    "\"%s\": %s", entries[i], why.text);
}

static struct list *
sealed(enum list_kind kind, const char *const *entries)
{
	struct list *list = list_new(kind);

	ck_assert_ptr_nonnull(list);
	add_all(list, entries);
	ck_assert(list_seal(list));
	return list;
}

/* Asks a list for a value as it comes in, which is brought to its normal
 * form. */
static int
ask(const struct list *list, const char *value)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct regex_room *room = regex_room_new();
	struct address a;
	struct ip ip;
	int result = -2;

	switch (list_kind(list)) {
	case LIST_NETWORKS:
		ck_assert_msg(ip_parse(str_c(value), &ip, NULL), "%s", value);
		result = list_match_ip(list, ip);
		break;
	case LIST_DOMAINS:
		result =
		    list_match_domain(list, domain_normal(str_c(value), arena));
		break;
	case LIST_ADDRESSES:
		ck_assert(
		    address_parse(str_c(value), PATH_FORWARD, true, arena, &a));
		result = list_match_address(list, &a);
		break;
	case LIST_WORDS:
	case LIST_PATTERNS:
		result = list_match_text(list, str_c(value), room);
		break;
	case LIST_KIND_COUNT:
		break;
	}
	regex_room_free(room);
	arena_free(arena);
	return result;
}

/* ---- membership ---------------------------------------------------------
 */

static const struct {
	enum list_kind kind;
	const char *entries[ENTRIES_MOST];
	const char *value;
	int expected;
} members[] = {
	{ LIST_NETWORKS, { NULL }, "192.0.2.1", 0 },
	{ LIST_NETWORKS, { "192.0.2.0/24" }, "192.0.2.0", 1 },
	{ LIST_NETWORKS, { "192.0.2.0/24" }, "192.0.2.255", 1 },
	{ LIST_NETWORKS, { "192.0.2.0/24" }, "192.0.3.0", 0 },
	{ LIST_NETWORKS, { "192.0.2.0/24" }, "192.0.1.255", 0 },
	{ LIST_NETWORKS, { "192.0.2.7" }, "192.0.2.7", 1 },
	{ LIST_NETWORKS, { "192.0.2.7" }, "192.0.2.8", 0 },
	{ LIST_NETWORKS, { "192.0.2.7/32" }, "::ffff:192.0.2.7", 1 },
	{ LIST_NETWORKS, { "::ffff:192.0.2.0/120" }, "192.0.2.9", 1 },
	{ LIST_NETWORKS, { "0.0.0.0/0" }, "255.255.255.255", 1 },
	{ LIST_NETWORKS, { "0.0.0.0/0" }, "::1", 0 },
	{ LIST_NETWORKS, { "::/0" }, "2001:db8::1", 1 },
	{ LIST_NETWORKS, { "::/0" }, "192.0.2.1", 0 },
	{ LIST_NETWORKS, { "2001:db8::/32" }, "2001:db8:ffff::1", 1 },
	{ LIST_NETWORKS, { "2001:db8::/32" }, "2001:db9::", 0 },
	{ LIST_NETWORKS, { "2001:db8::/65" }, "2001:db8::7fff:0:0:1", 1 },
	{ LIST_NETWORKS, { "2001:db8::/65" }, "2001:db8::8000:0:0:1", 0 },
	{ LIST_NETWORKS, { "2001:db8::/64" }, "2001:db8:0:1::", 0 },
	{ LIST_NETWORKS, { "2001:db8::1" }, "2001:db8::1", 1 },
	{ LIST_NETWORKS, { "2001:db8::1" }, "2001:db8::2", 0 },
	{ LIST_NETWORKS, { "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24" },
	    "10.200.0.1", 1 },
	{ LIST_NETWORKS, { "10.1.2.0/24", "10.0.0.0/8" }, "10.1.3.1", 1 },
	{ LIST_NETWORKS, { "10.1.2.0/24", "10.0.0.0/8" }, "11.0.0.0", 0 },

	{ LIST_DOMAINS, { NULL }, "example.org", 0 },
	{ LIST_DOMAINS, { "example.org" }, "example.org", 1 },
	{ LIST_DOMAINS, { "example.org" }, "EXAMPLE.Org", 1 },
	{ LIST_DOMAINS, { "Example.ORG" }, "example.org", 1 },
	{ LIST_DOMAINS, { "example.org" }, "example.org.", 1 },
	{ LIST_DOMAINS, { "example.org." }, "example.org", 1 },
	{ LIST_DOMAINS, { "example.org" }, "a.example.org", 0 },
	{ LIST_DOMAINS, { "example.org" }, "org", 0 },
	{ LIST_DOMAINS, { ".example.org" }, "example.org", 0 },
	{ LIST_DOMAINS, { ".example.org" }, "a.example.org", 1 },
	{ LIST_DOMAINS, { ".example.org" }, "a.b.c.Example.org", 1 },
	{ LIST_DOMAINS, { ".example.org." }, "a.example.org", 1 },
	{ LIST_DOMAINS, { ".example.org" }, "aexample.org", 0 },
	{ LIST_DOMAINS, { ".example.org" }, "a.example.org.net", 0 },
	{ LIST_DOMAINS, { ".example.org" }, "a..example.org", 1 },
	{ LIST_DOMAINS, { ".org" }, "example.org", 1 },
	{ LIST_DOMAINS, { "localhost" }, "localhost", 1 },
	{ LIST_DOMAINS, { "a_b.example.org" }, "A_B.example.org", 1 },
	{ LIST_DOMAINS, { "_dmarc.example.org" }, "_dmarc.example.org", 1 },
	{ LIST_DOMAINS, { "m\xc3\xbcller.example" }, "xn--mller-kva.example",
	    1 },
	{ LIST_DOMAINS, { "M\xc3\x9cLLER.example" }, "xn--mller-kva.example",
	    1 },
	{ LIST_DOMAINS, { ".xn--mller-kva.example" }, "a.m\xc3\xbcller.example",
	    1 },
	{ LIST_DOMAINS, { "[192.0.2.1]" }, "[192.0.2.1]", 1 },
	{ LIST_DOMAINS, { "[IPv6:2001:DB8::1]" }, "[ipv6:2001:db8::1]", 1 },
	{ LIST_DOMAINS, { "192.0.2.1" }, "192.0.2.1", 1 },
	{ LIST_DOMAINS, { ".2.1" }, "192.0.2.1", 1 },
	{ LIST_DOMAINS, { "example.org" }, "", 0 },
	{ LIST_DOMAINS, { ".org" }, ".", 0 },

	{ LIST_ADDRESSES, { "user@example.org" }, "<user@example.org>", 1 },
	{ LIST_ADDRESSES, { "user@example.org" }, "<USER@Example.ORG.>", 1 },
	{ LIST_ADDRESSES, { "user@example.org" }, "<\"us\\er\"@example.org>",
	    1 },
	{ LIST_ADDRESSES, { "\"us\\er\"@example.org" }, "<user@example.org>",
	    1 },
	{ LIST_ADDRESSES, { "\"a@b\"@example.org" }, "<\"a\\@b\"@example.org>",
	    1 },
	{ LIST_ADDRESSES, { "\"a b\"@example.org" }, "<\"a b\"@example.org>",
	    1 },
	{ LIST_ADDRESSES, { "user@example.org" },
	    "<@relay.example:user@example.org>", 1 },
	{ LIST_ADDRESSES, { "user@example.org" }, "<user@a.example.org>", 0 },
	{ LIST_ADDRESSES, { "user@example.org" }, "<other@example.org>", 0 },
	{ LIST_ADDRESSES, { "user@m\xc3\xbcller.example" },
	    "<user@xn--mller-kva.example>", 1 },
	{ LIST_ADDRESSES, { "m\xc3\xbcller@example.org" },
	    "<m\xc3\xbcller@example.org>", 1 },
	{ LIST_ADDRESSES, { "@example.org" }, "<any@EXAMPLE.org>", 1 },
	{ LIST_ADDRESSES, { "@example.org" }, "<any@a.example.org>", 0 },
	{ LIST_ADDRESSES, { "@.example.org" }, "<any@a.example.org>", 1 },
	{ LIST_ADDRESSES, { "@.example.org" }, "<any@example.org>", 0 },
	{ LIST_ADDRESSES, { "@[192.0.2.1]" }, "<any@[192.0.2.1]>", 1 },
	{ LIST_ADDRESSES, { "postmaster@" }, "<PostMaster@any.example>", 1 },
	{ LIST_ADDRESSES, { "postmaster@" }, "<Postmaster>", 1 },
	{ LIST_ADDRESSES, { "postmaster@" }, "<post@master>", 0 },
	{ LIST_ADDRESSES, { "\"post\\master\"@" }, "<Postmaster>", 1 },
	{ LIST_ADDRESSES, { "user@", "@example.org" }, "<>", 0 },
	{ LIST_ADDRESSES, { "user@my_host.example" }, "<user@my_host.example>",
	    1 },
	{ LIST_ADDRESSES, { "user@-host.example" }, "<user@-host.example>", 1 },
	{ LIST_ADDRESSES, { "@my_host.example" }, "<user@my_host.example>", 1 },
	/* A name in one role is not found in another. */
	{ LIST_ADDRESSES, { "user@" }, "<a@user>", 0 },
	{ LIST_ADDRESSES, { "@user" }, "<user>", 0 },

	{ LIST_WORDS, { NULL }, "word", 0 },
	{ LIST_WORDS, { "word" }, "WoRd", 1 },
	{ LIST_WORDS, { "two words" }, "Two Words", 1 },
	{ LIST_WORDS, { "word" }, "word ", 0 },
	{ LIST_WORDS, { "word" }, "wor", 0 },
	{ LIST_WORDS, { "example.org" }, "example.org.", 0 },
	{ LIST_WORDS, { "example.org" }, "a.example.org", 0 },
	{ LIST_WORDS, { ".example.org" }, "a.example.org", 0 },
	{ LIST_WORDS, { ".example.org" }, ".example.org", 1 },
	{ LIST_WORDS, { "a..b." }, "A..B.", 1 },
	{ LIST_WORDS, { "a..b." }, "a.b.", 0 },
	{ LIST_WORDS, { "..." }, "...", 1 },
	{ LIST_WORDS, { "..." }, "..", 0 },
	{ LIST_WORDS, { "" }, "", 1 },
	{ LIST_WORDS, { "x" }, "", 0 },
	{ LIST_WORDS, { "\xc3\xa4" }, "\xc3\x84", 0 },
	{ LIST_WORDS, { "@[`{" }, "`{@[", 0 },

	{ LIST_PATTERNS, { NULL }, "x", 0 },
	{ LIST_PATTERNS, { "/^dsl/" }, "dsl-1.example", 1 },
	{ LIST_PATTERNS, { "/^dsl/" }, "DSL-1.example", 0 },
	{ LIST_PATTERNS, { "/^dsl/i" }, "DSL-1.example", 1 },
	{ LIST_PATTERNS, { "/a  b/x" }, "ab", 1 },
	{ LIST_PATTERNS, { "/A  b/xi" }, "aB", 1 },
	{ LIST_PATTERNS, { "/a\\/b/" }, "a/b", 1 },
	{ LIST_PATTERNS, { "/x/", "/y/", "/z/" }, "z", 1 },
	{ LIST_PATTERNS, { "/x/", "/y/", "/z/" }, "w", 0 },
	{ LIST_PATTERNS, { "/\\d/", "/\\D/" }, "a", 1 },
};

START_TEST(test_member)
{
	struct list *list = sealed(members[_i].kind, members[_i].entries);
	int result = ask(list, members[_i].value);

	ck_assert_msg(result == members[_i].expected,
	    "%s, first entry \"%s\": asked for \"%s\", got %d",
	    list_kind_name(members[_i].kind),
	    members[_i].entries[0] == NULL ? "" : members[_i].entries[0],
	    members[_i].value, result);
	list_unref(list);
}
END_TEST

/* The same through another list: a part of a list may be a list. */
START_TEST(test_member_by_list)
{
	struct list *inner = sealed(members[_i].kind, members[_i].entries);
	struct list *list = list_new(members[_i].kind);
	size_t size = list_size(inner);

	ck_assert(list_add_list(list, inner));
	ck_assert(list_add_list(list, inner));
	list_unref(inner);
	ck_assert(list_seal(list));
	ck_assert_uint_eq(list_size(list), size);
	ck_assert_int_eq(ask(list, members[_i].value), members[_i].expected);
	list_unref(list);
}
END_TEST

START_TEST(test_absent)
{
	const char *const words[ENTRIES_MOST] = { "x", "" };
	const char *const patterns[ENTRIES_MOST] = { "/x*/" };
	const char *const domains[ENTRIES_MOST] = { "x", ".x" };
	const char *const addresses[ENTRIES_MOST] = { "x@", "@x" };
	struct address a = { .norm = STR_NONE };
	struct ip ip = { .family = IP_NONE };
	struct list *list = sealed(LIST_WORDS, words);

	ck_assert_int_eq(list_match_text(list, STR_NONE, NULL), 0);
	list_unref(list);
	list = sealed(LIST_PATTERNS, patterns);
	ck_assert_int_eq(list_match_text(list, STR_NONE, NULL), 0);
	list_unref(list);
	list = sealed(LIST_DOMAINS, domains);
	ck_assert_int_eq(list_match_domain(list, STR_NONE), 0);
	list_unref(list);
	list = sealed(LIST_ADDRESSES, addresses);
	ck_assert_int_eq(list_match_address(list, &a), 0);
	list_unref(list);
	list = list_new(LIST_NETWORKS);
	ck_assert(list_add(list, STR("0.0.0.0/0"), NULL));
	ck_assert(list_add(list, STR("::/0"), NULL));
	ck_assert(list_seal(list));
	ck_assert_int_eq(list_match_ip(list, ip), 0);
	list_unref(list);
}
END_TEST

/* ---- faults -------------------------------------------------------------
 */

static const struct {
	enum list_kind kind;
	const char *entry;
	const char *says;
} faults[] = {
	{ LIST_NETWORKS, "", "empty" },
	{ LIST_NETWORKS, "192.0.2.7/24", "192.0.2.0/24" },
	{ LIST_NETWORKS, "192.0.2.0/33", "32" },
	{ LIST_NETWORKS, "example.org", "example.org" },
	{ LIST_NETWORKS, "192.0.2.1 192.0.2.2", "white space" },

	{ LIST_DOMAINS, "", "empty" },
	{ LIST_DOMAINS, ".", "a dot alone" },
	{ LIST_DOMAINS, "..", "a dot alone" },
	{ LIST_DOMAINS, "....", "empty label" },
	{ LIST_DOMAINS, "...", "a dot alone" },
	{ LIST_DOMAINS, "a..b", "empty label" },
	{ LIST_DOMAINS, "..b", "empty label" },
	{ LIST_DOMAINS, "b..", "empty label" },
	{ LIST_DOMAINS, "*.example.org", "write .example.org" },
	{ LIST_DOMAINS, "*", "'*'" },
	{ LIST_DOMAINS, "a.*.org", "'*'" },
	{ LIST_DOMAINS, "user@example.org", "write example.org" },
	{ LIST_DOMAINS, "@example.org", "write example.org" },
	{ LIST_DOMAINS, "a.example b.example", "white space" },
	{ LIST_DOMAINS, "http://example.org/", "':'" },
	{ LIST_DOMAINS, "example.org,", "','" },
	{ LIST_DOMAINS, "192.0.2.0/24", "networks" },
	{ LIST_DOMAINS, "2001:db8::1", "networks" },
	{ LIST_DOMAINS, "[192.0.2.300]", "literal" },
	{ LIST_DOMAINS, "[2001:db8::1]", "literal" },
	{ LIST_DOMAINS, "a\001b", "0x01" },
	{ LIST_DOMAINS, "\xff.example", "UTF-8" },
	{ LIST_DOMAINS, "\xe2\x98\x83\xe2\x80\xa8.example",
	    "internationalized" },
	{ LIST_DOMAINS, "m\xc3\xbc..example", "empty label" },
	{ LIST_DOMAINS,
	    "a123456789a123456789a123456789a123456789a123456789a123456789abcd"
	    ".example",
	    "limit for one label is 63" },

	{ LIST_ADDRESSES, "", "empty" },
	{ LIST_ADDRESSES, "<>", "sender is null" },
	{ LIST_ADDRESSES, "<user@example.org>", "write user@example.org" },
	{ LIST_ADDRESSES, "example.org", "write @example.org" },
	{ LIST_ADDRESSES, "*@example.org", "write @example.org" },
	{ LIST_ADDRESSES, "@", "nothing stands around" },
	{ LIST_ADDRESSES, "@*.example.org", "write @.example.org" },
	{ LIST_ADDRESSES, "@a..b", "empty label" },
	{ LIST_ADDRESSES, "user@.example.org", "write user@" },
	{ LIST_ADDRESSES, "user@192.0.2.1", "user@[192.0.2.1]" },
	{ LIST_ADDRESSES, "a b@example.org", "no address" },
	{ LIST_ADDRESSES, "a..b@example.org", "no address" },
	{ LIST_ADDRESSES, "user@exa mple.org", "no address" },
	{ LIST_ADDRESSES, "user@a..b", "no address" },
	{ LIST_ADDRESSES, "\"user@example.org", "" },

	{ LIST_PATTERNS, "", "between slashes" },
	{ LIST_PATTERNS, "abc", "write /abc/" },
	{ LIST_PATTERNS, "/abc", "no closing slash" },
	{ LIST_PATTERNS, "/abc\\/", "no closing slash" },
	{ LIST_PATTERNS, "/", "no closing slash" },
	{ LIST_PATTERNS, "//", "empty pattern" },
	{ LIST_PATTERNS, "/a/b/", "write \\/" },
	{ LIST_PATTERNS, "/a/g", "no such flag" },
	{ LIST_PATTERNS, "/a(b/", "(at offset" },
};

START_TEST(test_fault)
{
	struct list *list = list_new(faults[_i].kind);
	struct why why = { "", 0 };
	bool added = list_add(list, str_c(faults[_i].entry), &why);

	ck_assert_msg(!added, "%s took \"%s\"", list_kind_name(faults[_i].kind),
	    faults[_i].entry);
	ck_assert_msg(strstr(why.text, faults[_i].says) != NULL,
	    "%s \"%s\" said: %s", list_kind_name(faults[_i].kind),
	    faults[_i].entry, why.text);
	ck_assert_uint_eq(list_size(list), 0);
	ck_assert(!list_failed(list));
	ck_assert(!list_add(list, str_c(faults[_i].entry), NULL));
	ck_assert(list_seal(list));
	list_unref(list);
}
END_TEST

START_TEST(test_fault_place)
{
	struct list *list = list_new(LIST_PATTERNS);
	struct why why;

	ck_assert(!list_add(list, STR("/ab/ig"), &why));
	ck_assert_uint_eq(why.at, 5);
	ck_assert(!list_add(list, STR("/a)b/"), &why));
	ck_assert_uint_eq(why.at, 2);
	list_unref(list);
	list = list_new(LIST_DOMAINS);
	ck_assert(!list_add(list, STR("exam!ple.org"), &why));
	ck_assert_uint_eq(why.at, 4);
	list_unref(list);
	list = list_new(LIST_ADDRESSES);
	ck_assert(!list_add(list, STR("@exam!ple.org"), &why));
	ck_assert_uint_eq(why.at, 5);
	list_unref(list);
}
END_TEST

START_TEST(test_entry_limit)
{
	static char text[REGEX_PATTERN_MAX + 8];
	struct list *list = list_new((enum list_kind)_i);
	struct why why;
	size_t most = _i == LIST_PATTERNS ? REGEX_PATTERN_MAX : LIST_ENTRY_MAX;
	char limit[32];

	memset(text, 'a', sizeof(text));
	if (_i == LIST_PATTERNS) {
		text[0] = '/';
		text[most + 2] = '/';
		ck_assert(!list_add(list, str_of(text, most + 3), &why));
	} else {
		ck_assert(!list_add(list, str_of(text, most + 1), &why));
	}
	snprintf(limit, sizeof(limit), "%zu", most);
	ck_assert_msg(strstr(why.text, limit) != NULL, "%s", why.text);
	if (_i == LIST_WORDS) {
		ck_assert(list_add(list, str_of(text, most), &why));
		ck_assert(list_seal(list));
		ck_assert_int_eq(
		    list_match_text(list, str_of(text, most), NULL), 1);
		ck_assert_int_eq(
		    list_match_text(list, str_of(text, most + 1), NULL), 0);
	}
	list_unref(list);
}
END_TEST

START_TEST(test_doubt)
{
	struct why why;

	ck_assert(list_doubt(LIST_DOMAINS, STR("192.0.2.1"), &why));
	ck_assert_ptr_nonnull(strstr(why.text, "192.0.2.1"));
	ck_assert(!list_doubt(LIST_DOMAINS, STR("example.org"), &why));
	ck_assert(!list_doubt(LIST_DOMAINS, STR("example.a1"), &why));
	ck_assert(!list_doubt(LIST_WORDS, STR("192.0.2.1"), &why));
}
END_TEST

/* ---- sizes, kinds, life -------------------------------------------------
 */

static const struct {
	enum list_kind kind;
	const char *entries[ENTRIES_MOST];
	size_t size;
} sizes[] = {
	{ LIST_NETWORKS, { NULL }, 0 },
	{ LIST_NETWORKS,
	    { "192.0.2.0/24", "192.0.2.0/25", "192.0.2.0/24",
		"::ffff:192.0.2.0/120", "2001:db8::/32", "2001:DB8::/32" },
	    3 },
	{ LIST_DOMAINS, { "a.b", "A.B.", ".a.b" }, 2 },
	{ LIST_ADDRESSES, { "a@b", "\"a\"@B", "a@", "@b", "@.b" }, 4 },
	{ LIST_WORDS, { "a", "A", "b" }, 2 },
	{ LIST_PATTERNS, { "/a/", "/a/", "/A/", "/a/i", "/a/ix", "/a/xi" }, 4 },
};

START_TEST(test_size)
{
	struct list *list = sealed(sizes[_i].kind, sizes[_i].entries);

	ck_assert_uint_eq(list_size(list), sizes[_i].size);
	list_unref(list);
}
END_TEST

START_TEST(test_kinds)
{
	enum list_kind kind;

	for (unsigned i = 0; i < LIST_KIND_COUNT; i++) {
		const char *name = list_kind_name((enum list_kind)i);
		ck_assert(list_kind_find(str_c(name), &kind));
		ck_assert_uint_eq(kind, i);
	}
	ck_assert_str_eq(list_kind_name(LIST_ADDRESSES), "addresses");
	ck_assert(!list_kind_find(STR("Words"), &kind));
	ck_assert(!list_kind_find(STR(""), &kind));
}
END_TEST

static void *
ref_and_ask(void *arg)
{
	struct list *list = arg;
	size_t found = 0;

	for (int i = 0; i < 20000; i++) {
		struct list *mine = list_ref(list);
		found += (size_t)list_match_domain(mine, STR("a.example.org"));
		list_unref(mine);
	}
	return found == 20000 ? list : NULL;
}

START_TEST(test_shared)
{
	const char *const entries[ENTRIES_MOST] = { ".example.org" };
	struct list *list = sealed(LIST_DOMAINS, entries);
	pthread_t threads[4];
	void *result;

	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, ref_and_ask, list), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		ck_assert_int_eq(pthread_join(threads[i], &result), 0);
		ck_assert_ptr_eq(result, list);
	}
	ck_assert_int_eq(list_match_domain(list, STR("b.example.org")), 1);
	list_unref(list);
	list_unref(NULL);
}
END_TEST

/* A regex over its limit is "not known", unless another one matches. */
START_TEST(test_pattern_limit)
{
	static char text[4096];
	struct regex_room *room = regex_room_new();
	const char *const slow[ENTRIES_MOST] = { "/(a*)*(a*)*(a*)*[b-c]$/",
		"/^x/" };
	const char *const hit[ENTRIES_MOST] = { "/(a*)*(a*)*(a*)*[b-c]$/",
		"/^a/" };
	struct list *list = sealed(LIST_PATTERNS, slow);

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	ck_assert_int_eq(
	    list_match_text(list, str_of(text, sizeof(text)), NULL), -1);
	ck_assert_int_eq(list_match_text(list, STR("b"), room), 1);
	list_unref(list);
	list = sealed(LIST_PATTERNS, hit);
	ck_assert_int_eq(
	    list_match_text(list, str_of(text, sizeof(text)), room), 1);
	list_unref(list);
	regex_room_free(room);
}
END_TEST

/* Enough for the table and the blob to grow many times. */
START_TEST(test_many)
{
	struct list *list = list_new(LIST_DOMAINS);
	char text[TEXT_MOST];

	for (unsigned i = 0; i < 50000; i++) {
		snprintf(text, sizeof(text), "%sn%u.Example.ORG",
		    i % 2 == 0 ? "" : ".", i);
		ck_assert(list_add(list, str_c(text), NULL));
	}
	ck_assert(list_seal(list));
	ck_assert_uint_eq(list_size(list), 50000);
	for (unsigned i = 0; i < 60000; i++) {
		bool exact = i % 2 == 0 && i < 50000;
		bool under = i % 2 == 1 && i < 50000;
		snprintf(text, sizeof(text), "n%u.example.org", i);
		ck_assert_msg(
		    list_match_domain(list, str_c(text)) == exact, "%s", text);
		snprintf(text, sizeof(text), "x.y.n%u.example.org", i);
		ck_assert_msg(
		    list_match_domain(list, str_c(text)) == under, "%s", text);
	}
	list_unref(list);
}
END_TEST

Suite *
suite_list(void)
{
	Suite *suite = suite_create("list");
	TCase *tc = tcase_create("list");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_member, 0, (int)COUNT(members));
	tcase_add_loop_test(tc, test_member_by_list, 0, (int)COUNT(members));
	tcase_add_test(tc, test_absent);
	tcase_add_loop_test(tc, test_fault, 0, (int)COUNT(faults));
	tcase_add_test(tc, test_fault_place);
	tcase_add_loop_test(tc, test_entry_limit, 0, LIST_KIND_COUNT);
	tcase_add_test(tc, test_doubt);
	tcase_add_loop_test(tc, test_size, 0, (int)COUNT(sizes));
	tcase_add_test(tc, test_kinds);
	tcase_add_test(tc, test_shared);
	tcase_add_test(tc, test_pattern_limit);
	tcase_add_test(tc, test_many);
	suite_add_tcase(suite, tc);
	return suite;
}
