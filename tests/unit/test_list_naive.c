/*
 * Networks and domains against a naive implementation, on random data that
 * is the same in every run.
 */
#include <check.h>
#include <stdio.h>

#include "lists/list.h"

Suite *suite_list_naive(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	ROUNDS = 200,
	QUESTIONS = 200,
	SET_MOST = 300,
	TEXT_MOST = 96,
};

static uint32_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32);
}

static uint32_t
below(uint64_t *state, uint32_t n)
{
	return next_random(state) % n;
}

struct naive {
	struct cidr nets[SET_MOST];
	char names[SET_MOST][TEXT_MOST];
	size_t n;
};

/* Close to each other, so that networks nest and addresses hit edges. */
static struct ip
random_ip(uint64_t *state)
{
	uint8_t octets[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	uint8_t v4[4] = { 10, 0, 0, 0 };
	uint32_t bits = next_random(state) & next_random(state);

	if (below(state, 2) == 0) {
		v4[below(state, 4)] ^= (uint8_t)bits;
		v4[3] ^= (uint8_t)(bits >> 8);
		return ip_from_v4(v4);
	}
	octets[below(state, 16)] ^= (uint8_t)bits;
	octets[7 + below(state, 2)] ^= (uint8_t)(bits >> 8);
	octets[15] ^= (uint8_t)(bits >> 16);
	return ip_from_v6(octets);
}

static struct cidr
random_net(uint64_t *state)
{
	struct cidr net = { random_ip(state), 0 };
	uint32_t most = net.ip.family == IP_V4 ? 32 : 128;
	uint32_t prefix = below(state, 3) == 0
			      ? below(state, most + 1)
			      : most - below(state, 1 + most / 4);

	net.prefix = (uint8_t)prefix;
	for (size_t i = 0; i < most; i++)
		if (i >= prefix)
			net.ip.b[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	return net;
}

static struct list *
random_nets(uint64_t *state, struct naive *naive)
{
	struct list *list = list_new(LIST_NETWORKS);
	char text[IP_TEXT_MAX + 4];

	naive->n = below(state, SET_MOST + 1);
	for (size_t i = 0; i < naive->n; i++) {
		struct buf b = BUF_ON(text);
		struct why why;
		naive->nets[i] = random_net(state);
		cidr_print(naive->nets[i], &b);
		ck_assert_msg(
		    list_add(list, buf_str(&b), &why), "%s", why.text);
	}
	ck_assert(list_seal(list));
	return list;
}

static bool
naive_has_ip(const struct naive *naive, struct ip ip)
{
	for (size_t i = 0; i < naive->n; i++)
		if (cidr_has(naive->nets[i], ip))
			return true;
	return false;
}

START_TEST(test_networks_naive)
{
	uint64_t state = 0x9e3779b97f4a7c15 + (uint64_t)_i;
	struct naive naive;
	struct list *list = random_nets(&state, &naive);
	char text[IP_TEXT_MAX];

	for (int i = 0; i < QUESTIONS; i++) {
		struct ip ip = random_ip(&state);
		struct buf b = BUF_ON(text);
		ip_print(ip, &b);
		ck_assert_msg(
		    list_match_ip(list, ip) == naive_has_ip(&naive, ip),
		    "round %d: %s", _i, buf_cstr(&b));
	}
	list_unref(list);
}
END_TEST

static const char *
random_name(uint64_t *state, char text[TEXT_MOST])
{
	static const char *const labels[] = { "a", "b", "A", "ab", "ba", "a-b",
		"_a", "aaaaaaaaaaaaaaaa" };
	uint32_t n = 1 + below(state, 5);
	struct buf b = { text, 0, TEXT_MOST, false };

	for (uint32_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(&b, '.');
		buf_c(&b, labels[below(state, COUNT(labels))]);
	}
	return buf_cstr(&b);
}

static bool
naive_has_name(const struct naive *naive, struct str name)
{
	for (size_t i = 0; i < naive->n; i++) {
		struct str entry = str_c(naive->names[i]);
		if (entry.p[0] == '.' ? str_ends_ci(name, entry)
				      : str_eq_ci(name, entry))
			return true;
	}
	return false;
}

START_TEST(test_domains_naive)
{
	uint64_t state = 0x2545f4914f6cdd1d + (uint64_t)_i;
	struct list *list = list_new(LIST_DOMAINS);
	struct naive naive = { .n = below(&state, SET_MOST + 1) };
	char text[TEXT_MOST];

	for (size_t i = 0; i < naive.n; i++) {
		snprintf(naive.names[i], TEXT_MOST, "%s%.90s",
		    below(&state, 2) == 0 ? "" : ".",
		    random_name(&state, text));
		ck_assert(list_add(list, str_c(naive.names[i]), NULL));
	}
	ck_assert(list_seal(list));
	for (int i = 0; i < QUESTIONS; i++) {
		struct str name = str_c(random_name(&state, text));
		ck_assert_msg(list_match_domain(list, name) ==
				  naive_has_name(&naive, name),
		    "round %d: %s", _i, text);
	}
	list_unref(list);
}
END_TEST

Suite *
suite_list_naive(void)
{
	Suite *suite = suite_create("list_naive");
	TCase *tc = tcase_create("list_naive");

	tcase_add_loop_test(tc, test_networks_naive, 0, ROUNDS);
	tcase_add_loop_test(tc, test_domains_naive, 0, ROUNDS);
	suite_add_tcase(suite, tc);
	return suite;
}
