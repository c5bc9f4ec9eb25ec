/*
 * Maps: look-up orders, keys that are several things at once, duplicates,
 * and the longest network against a naive implementation.
 */
#include <check.h>
#include <stdio.h>

#include "lists/map.h"

Suite *suite_map(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	KEYS_MOST = 8,
	ROUNDS = 200,
	QUESTIONS = 200,
	SET_MOST = 60,
	NOTHING = -1,
};

enum question {
	AS_DOMAIN,
	AS_ADDRESS,
	AS_IP,
	AS_WORD,
};

/* The value of a key is its place. */
static struct map *
sealed(const char *const *keys)
{
	struct map *map = map_new();
	uint32_t twice;
	struct why why;

	ck_assert_ptr_nonnull(map);
	for (uint32_t i = 0; i < KEYS_MOST && keys[i] != NULL; i++)
		ck_assert_msg(map_add(map, str_c(keys[i]), i, &twice, &why),
		    "\"%s\": %s", keys[i], why.text);
	ck_assert(map_seal(map));
	return map;
}

static int
ask(const struct map *map, enum question question, const char *text)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct address a;
	struct ip ip;
	uint32_t value = 4711;
	bool found = false;

	switch (question) {
	case AS_DOMAIN:
		found = map_get_domain(
		    map, domain_normal(str_c(text), arena), &value);
		break;
	case AS_ADDRESS:
		ck_assert(
		    address_parse(str_c(text), PATH_FORWARD, true, arena, &a));
		found = map_get_address(map, &a, &value);
		break;
	case AS_IP:
		ck_assert(ip_parse(str_c(text), &ip, NULL));
		found = map_get_ip(map, ip, &value);
		break;
	case AS_WORD:
		found = map_get_word(map, str_c(text), &value);
		break;
	}
	arena_free(arena);
	if (!found)
		ck_assert_uint_eq(value, 4711);
	return found ? (int)value : NOTHING;
}

static const struct {
	const char *keys[KEYS_MOST];
	enum question question;
	const char *text;
	int expected;
} gets[] = {
	{ { NULL }, AS_DOMAIN, "example.org", NOTHING },
	{ { "example.org", ".example.org", ".org" }, AS_DOMAIN, "example.org",
	    0 },
	{ { "example.org", ".example.org", ".org" }, AS_DOMAIN,
	    "a.b.EXAMPLE.org", 1 },
	{ { "example.org", ".example.org", ".org" }, AS_DOMAIN, "example.net",
	    NOTHING },
	{ { "example.org", ".example.org", ".org" }, AS_DOMAIN, "other.org",
	    2 },
	{ { ".org", ".b.example.org", ".example.org" }, AS_DOMAIN,
	    "a.b.example.org", 1 },
	{ { ".org", ".b.example.org", "a.b.example.org" }, AS_DOMAIN,
	    "a.b.example.org.", 2 },
	{ { ".org" }, AS_DOMAIN, "org", NOTHING },
	{ { "m\xc3\xbcller.example" }, AS_DOMAIN, "xn--mller-kva.example", 0 },
	{ { "example.org" }, AS_DOMAIN, "", NOTHING },
	{ { "192.0.2.1" }, AS_DOMAIN, "192.0.2.1", 0 },
	{ { "@example.org" }, AS_DOMAIN, "example.org", 0 },

	{ { "user@", ".example.org", "a.example.org", "user@a.example.org" },
	    AS_ADDRESS, "<USER@a.example.org>", 3 },
	{ { "user@", ".example.org", "a.example.org", "user@b.example.org" },
	    AS_ADDRESS, "<user@A.example.org>", 2 },
	{ { "user@", ".example.org", "@a.example.org" }, AS_ADDRESS,
	    "<user@a.example.org>", 2 },
	{ { "user@", ".org", ".example.org" }, AS_ADDRESS,
	    "<user@a.example.org>", 2 },
	{ { "user@", "@.example.org" }, AS_ADDRESS, "<user@a.example.org>", 1 },
	{ { "user@", ".example.org" }, AS_ADDRESS, "<user@example.org>", 0 },
	{ { "user@" }, AS_ADDRESS, "<\"us\\er\"@example.org>", 0 },
	{ { "\"a b\"@" }, AS_ADDRESS, "<\"a b\"@example.org>", 0 },
	{ { "postmaster@" }, AS_ADDRESS, "<Postmaster>", 0 },
	{ { "user", "user@b" }, AS_ADDRESS, "<user@a>", NOTHING },
	{ { "user@", ".org" }, AS_ADDRESS, "<>", NOTHING },

	{ { "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3" }, AS_IP, "10.1.2.3", 2 },
	{ { "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3" }, AS_IP, "10.1.2.4", 1 },
	{ { "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3" }, AS_IP, "10.2.2.3", 0 },
	{ { "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3" }, AS_IP, "11.0.0.0",
	    NOTHING },
	{ { "10.1.2.3", "0.0.0.0/0" }, AS_IP, "255.255.255.255", 1 },
	{ { "2001:db8::/32", "2001:db8::/96", "::/0" }, AS_IP, "2001:db8::1:1",
	    1 },
	{ { "2001:db8::/32", "2001:db8::/96", "::/0" }, AS_IP, "::1", 2 },
	{ { "::/0" }, AS_IP, "192.0.2.1", NOTHING },
	{ { "example.org" }, AS_IP, "192.0.2.1", NOTHING },

	{ { "word", "Two Words" }, AS_WORD, "two wordS", 1 },
	{ { "word" }, AS_WORD, "words", NOTHING },
	{ { "word" }, AS_DOMAIN, "word", 0 },
	/* A key is itself as a word too, whatever else it is. */
	{ { "user@example.org" }, AS_WORD, "User@example.org", 0 },
	{ { "example.org" }, AS_WORD, "EXAMPLE.ORG", 0 },
	{ { ".example.org" }, AS_WORD, ".example.org", 0 },
	{ { ".example.org" }, AS_WORD, "a.example.org", NOTHING },
	{ { "@example.org" }, AS_WORD, "@example.org", 0 },
	{ { "@example.org" }, AS_WORD, "example.org", NOTHING },
	{ { "user@" }, AS_WORD, "user@", 0 },
	{ { "user@" }, AS_WORD, "user", NOTHING },
	{ { "2001:DB8::/32" }, AS_WORD, "2001:db8::/32", 0 },
	{ { "2001:db8:0::/32" }, AS_WORD, "2001:db8::/32", NOTHING },
	/* The same text in two roles, with two values. */
	{ { "user@", "user" }, AS_ADDRESS, "<user@a.example>", 0 },
	{ { "user@", "user" }, AS_WORD, "user", 1 },
	{ { "example.org", "org" }, AS_DOMAIN, "org", 1 },
	/* No faulty domains, but words. */
	{ { "foo bar" }, AS_WORD, "foo bar", 0 },
	{ { "a..b" }, AS_WORD, "a..b", 0 },
	{ { "10:30", "5.7.1", "a/b" }, AS_WORD, "10:30", 0 },
	{ { "10:30", "5.7.1", "a/b" }, AS_WORD, "5.7.1", 1 },
	{ { "10:30", "5.7.1", "a/b" }, AS_WORD, "a/b", 2 },
};

START_TEST(test_get)
{
	struct map *map = sealed(gets[_i].keys);
	int value = ask(map, gets[_i].question, gets[_i].text);

	ck_assert_msg(value == gets[_i].expected,
	    "row %d, \"%s\": got %d, not %d", _i, gets[_i].text, value,
	    gets[_i].expected);
	map_unref(map);
}
END_TEST

/* Renumbering reaches every role of every key. */
START_TEST(test_renumber)
{
	static const uint32_t numbers[KEYS_MOST] = { 100, 101, 102, 103, 104,
		105, 106, 107 };
	struct map *map = map_new();
	uint32_t twice;
	int expected = gets[_i].expected;

	for (uint32_t i = 0; i < KEYS_MOST && gets[_i].keys[i] != NULL; i++)
		ck_assert(
		    map_add(map, str_c(gets[_i].keys[i]), i, &twice, NULL));
	map_renumber(map, numbers);
	ck_assert(map_seal(map));
	ck_assert_int_eq(ask(map, gets[_i].question, gets[_i].text),
	    expected == NOTHING ? NOTHING : expected + 100);
	map_unref(map);
}
END_TEST

static const struct {
	const char *key;
	const char *says;
} faults[] = {
	{ "", "empty" },
	{ "*", "default VALUE" },
	{ "*.example.org", "write .example.org" },
	{ "*@example.org", "write @example.org" },
	{ "..org", "empty label" },
	{ ".", "a dot alone" },
	{ "<user@example.org>", "write user@example.org" },
	{ "user@a..b", "no address" },
	{ "a b@example.org", "no address" },
	{ "@", "nothing stands around" },
	{ "192.0.2.1/24", "192.0.2.0/24" },
	{ "192.0.2.300", "255" },
	{ "10.0/8", "10.0.0.0/8" },
	{ "192.0.2.0/33", "32" },
	{ "2001:db8::1::1/64", "twice" },
	{ "2001:db8::1/32", "2001:db8::/32" },
};

START_TEST(test_fault)
{
	struct map *map = map_new();
	struct why why = { "", 0 };
	uint32_t twice = 1;

	ck_assert_msg(!map_add(map, str_c(faults[_i].key), 0, &twice, &why),
	    "took \"%s\"", faults[_i].key);
	ck_assert_uint_eq(twice, MAP_NONE);
	ck_assert_msg(strstr(why.text, faults[_i].says) != NULL,
	    "\"%s\" said: %s", faults[_i].key, why.text);
	map_unref(map);
}
END_TEST

START_TEST(test_key_limit)
{
	char key[LIST_ENTRY_MAX + 1];
	struct map *map = map_new();
	struct why why;
	uint32_t twice;

	memset(key, 'k', sizeof(key));
	ck_assert(!map_add(map, str_of(key, sizeof(key)), 0, &twice, &why));
	ck_assert_msg(strstr(why.text, "1024") != NULL, "%s", why.text);
	ck_assert(map_add(map, str_of(key, sizeof(key) - 1), 0, &twice, &why));
	map_unref(map);
}
END_TEST

static const struct {
	const char *first;
	const char *second;
	bool twice;
} pairs[] = {
	{ "example.org", "EXAMPLE.org", true },
	{ "example.org", "example.org.", true },
	{ "example.org", ".example.org", false },
	{ "example.org", "@example.org", true },
	{ ".example.org", "@.Example.org", true },
	{ "m\xc3\xbcller.example", "xn--mller-kva.example", true },
	{ "192.0.2.7", "192.0.2.7/32", true },
	{ "192.0.2.7", "::ffff:192.0.2.7", true },
	{ "2001:db8::/32", "2001:0db8:0::/32", true },
	{ "192.0.2.0/24", "192.0.2.0/25", false },
	{ "user@a", "\"us\\er\"@A", true },
	{ "user@a", "user@b", false },
	{ "user@", "user", false },
	{ "user@", "\"user\"@", true },
	{ "Word", "word", true },
	{ "foo bar", "foo  bar", false },
};

START_TEST(test_twice)
{
	struct map *map = map_new();
	struct why why;
	uint32_t twice;
	bool added;

	ck_assert(map_add(map, STR("another"), 6, &twice, &why));
	ck_assert(map_add(map, str_c(pairs[_i].first), 7, &twice, &why));
	added = map_add(map, str_c(pairs[_i].second), 8, &twice, &why);
	ck_assert_msg(added != pairs[_i].twice, "\"%s\" and \"%s\"",
	    pairs[_i].first, pairs[_i].second);
	ck_assert_uint_eq(twice, pairs[_i].twice ? 7 : MAP_NONE);
	ck_assert_uint_eq(map_size(map), pairs[_i].twice ? 2 : 3);
	map_unref(map);
}
END_TEST

START_TEST(test_life)
{
	struct map *map = map_new();
	struct map *other = map_ref(map);
	uint32_t value;

	ck_assert(map_add(map, STR("k"), 1, &value, NULL));
	map_unref(map);
	ck_assert(!map_failed(other));
	ck_assert(map_seal(other));
	ck_assert(map_seal(other));
	ck_assert(map_get_word(other, STR("K"), &value));
	ck_assert_uint_eq(value, 1);
	ck_assert(!map_get_word(other, STR_NONE, &value));
	ck_assert(!map_get_domain(other, STR_NONE, &value));
	map_unref(other);
	map_unref(NULL);
}
END_TEST

/* ---- the longest network, against a naive implementation ----------------
 */

static uint32_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32);
}

/* Few bits are ever set, so that networks nest deeply. */
static struct ip
random_ip(uint64_t *state)
{
	uint8_t octets[16] = { 0x20 };
	bool v4 = next_random(state) % 2 == 0;

	for (int i = 0; i < 3; i++) {
		uint32_t bit = next_random(state) % (v4 ? 32 : 128);
		octets[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
	}
	return v4 ? ip_from_v4(octets) : ip_from_v6(octets);
}

static struct cidr
random_net(uint64_t *state)
{
	struct cidr net = { random_ip(state), 0 };
	uint32_t most = net.ip.family == IP_V4 ? 32 : 128;

	net.prefix = (uint8_t)(next_random(state) % (most + 1));
	for (size_t i = net.prefix; i < most; i++)
		net.ip.b[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	return net;
}

static int
naive_get(const struct cidr *nets, const bool *there, size_t n, struct ip ip)
{
	int longest = NOTHING;

	for (size_t i = 0; i < n; i++)
		if (there[i] && cidr_has(nets[i], ip) &&
		    (longest == NOTHING ||
			nets[i].prefix > nets[longest].prefix))
			longest = (int)i;
	return longest;
}

START_TEST(test_networks_naive)
{
	uint64_t state = 0xdeadbeefcafef00d + (uint64_t)_i;
	struct map *map = map_new();
	struct cidr nets[SET_MOST];
	bool there[SET_MOST];
	char text[IP_TEXT_MAX + 4];
	uint32_t value;

	for (uint32_t i = 0; i < SET_MOST; i++) {
		struct buf b = BUF_ON(text);
		nets[i] = random_net(&state);
		cidr_print(nets[i], &b);
		there[i] = map_add(map, buf_str(&b), i, &value, NULL);
		ck_assert_msg(
		    there[i] || value != MAP_NONE, "%s", buf_cstr(&b));
	}
	ck_assert(map_seal(map));
	for (int i = 0; i < QUESTIONS; i++) {
		struct ip ip = i < SET_MOST ? nets[i].ip : random_ip(&state);
		struct buf b = BUF_ON(text);
		int expected = naive_get(nets, there, SET_MOST, ip);
		int got = map_get_ip(map, ip, &value) ? (int)value : NOTHING;
		ip_print(ip, &b);
		ck_assert_msg(got == expected, "round %d, %s: got %d, not %d",
		    _i, buf_cstr(&b), got, expected);
	}
	map_unref(map);
}
END_TEST

Suite *
suite_map(void)
{
	Suite *suite = suite_create("map");
	TCase *tc = tcase_create("map");

	tcase_add_loop_test(tc, test_get, 0, (int)COUNT(gets));
	tcase_add_loop_test(tc, test_renumber, 0, (int)COUNT(gets));
	tcase_add_loop_test(tc, test_fault, 0, (int)COUNT(faults));
	tcase_add_test(tc, test_key_limit);
	tcase_add_loop_test(tc, test_twice, 0, (int)COUNT(pairs));
	tcase_add_test(tc, test_life);
	tcase_add_loop_test(tc, test_networks_naive, 0, ROUNDS);
	suite_add_tcase(suite, tc);
	return suite;
}
