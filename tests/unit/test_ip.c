/*
 * Unit tests of base/ip.
 */
#include "base/ip.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* out NULL: no address. */
static const struct {
	const char *in;
	const char *out;
} addresses[] = {
	{ "0.0.0.0", "0.0.0.0" },
	{ "192.0.2.7", "192.0.2.7" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "192.000.002.007", "192.0.2.7" },
	{ "010.1.1.1", "10.1.1.1" },
	{ "", NULL },
	{ "1.2.3", NULL },
	{ "1.2.3.4.5", NULL },
	{ "1.2.3.4.", NULL },
	{ ".1.2.3.4", NULL },
	{ "1..3.4", NULL },
	{ "1.2.3.256", NULL },
	{ "1.2.3.0004", NULL },
	{ "1.2.3.-4", NULL },
	{ "1.2.3.0x4", NULL },
	{ " 1.2.3.4", NULL },
	{ "1.2.3.4 ", NULL },
	{ "1.2.3.4/24", NULL },
	{ "3232235777", NULL },
	{ "office", NULL },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "1::", "1::" },
	{ "2001:DB8::1", "2001:db8::1" },
	{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" },
	{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
	{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" }, /* one group let pass */
	{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
	{ "1:2:3::5:6:7:8", "1:2:3:0:5:6:7:8" },
	{ "1:0:0:2:0:0:0:3", "1:0:0:2::3" },   /* the longest run */
	{ "1:0:0:2:3:0:0:4", "1::2:3:0:0:4" }, /* the first of two */
	{ "1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7" },
	{ "0:0:1::", "0:0:1::" },
	{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
	{ "::1.2.3.4", "::102:304" },
	{ "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
	{ "::ffff:192.0.2.7", "192.0.2.7" }, /* mapped is IPv4 */
	{ "::FFFF:c000:207", "192.0.2.7" },
	{ "0:0:0:0:0:ffff:0:0", "0.0.0.0" },
	{ ":", NULL },
	{ ":::", NULL },
	{ "1", NULL },
	{ "1:", NULL },
	{ ":1", NULL },
	{ ":1::", NULL },
	{ "1:::2", NULL },
	{ "1::2::3", NULL },
	{ "::1::", NULL },
	{ "1:2:3:4:5:6:7", NULL },
	{ "1:2:3:4:5:6:7:8:9", NULL },
	{ "1:2:3:4:5:6:7:8::", NULL }, /* :: for none */
	{ "::1:2:3:4:5:6:7:8", NULL },
	{ "1:2:3:4:5:6:7:8:", NULL },
	{ "1:2:3:4:5:6:7:1.2.3.4", NULL },
	{ "::1:2:3:4:5:6:1.2.3.4", NULL },
	{ "1.2.3.4::", NULL },
	{ "::1.2.3.4:5", NULL },
	{ "::1.2.3", NULL },
	{ "::1.2.3.400", NULL },
	{ "::12345", NULL },
	{ "::g", NULL },
	{ "fe80::1%eth0", NULL },
	{ "fe80::%1", NULL },
	{ "[::1]", NULL },
	{ "::1 ", NULL },
	{ "2001:db8::/32", NULL },
};

START_TEST(address)
{
	struct str in = str_c(addresses[_i].in);
	struct ip ip = { .family = IP_NONE, .b = { 1, 2, 3 } };
	struct why why = { .text = "" };
	char text[IP_TEXT_MAX];
	struct buf b = BUF_ON(text);
	bool ok = ip_parse(in, &ip, &why);

	ck_assert_msg(ok == (addresses[_i].out != NULL), "%s: %s",
	    addresses[_i].in, why.text);
	if (!ok) {
		ck_assert_msg(why.text[0] != '\0', "%s", addresses[_i].in);
		ck_assert_uint_le(why.at, in.n);
		ck_assert_uint_eq(ip.family, IP_NONE);
		ck_assert_uint_eq(ip.b[2], 3);
		ck_assert(!ip_parse(in, &ip, NULL));
		return;
	}
	ip_print(ip, &b);
	ck_assert_str_eq(buf_cstr(&b), addresses[_i].out);
}
END_TEST

/* Any address, against libc's reading of what was printed. */
START_TEST(print_and_parse_agree_with_libc)
{
	unsigned seed = (unsigned)_i + 1;
	uint8_t octets[16];
	uint8_t read[16];
	char text[IP_TEXT_MAX];
	struct buf b = BUF_ON(text);
	struct ip again;
	struct ip ip;

	for (size_t i = 0; i < 16; i++) {
		seed = seed * 1103515245 + 12345;
		/* Many zeros, so that runs of them come about. */
		octets[i] = (seed >> 16) % 3 == 0 ? (uint8_t)(seed >> 20) : 0;
	}
	ip = ip_from_v6(octets);
	ck_assert_uint_eq(ip.family, IP_V6);
	ip_print(ip, &b);
	ck_assert_int_eq(inet_pton(AF_INET6, buf_cstr(&b), read), 1);
	ck_assert_mem_eq(read, octets, 16);
	ck_assert(ip_parse(buf_str(&b), &again, NULL));
	ck_assert(ip_eq(ip, again));
}
END_TEST

START_TEST(from_octets)
{
	static const uint8_t v4[4] = { 192, 0, 2, 7 };
	static const uint8_t mapped[16] = {
		[10] = 255, [11] = 255, 192, 0, 2, 7
	};
	static const uint8_t near[16] = {
		[10] = 255, [11] = 254, 192, 0, 2, 7
	};

	ck_assert(ip_eq(ip_from_v4(v4), ip_from_v6(mapped)));
	ck_assert(!ip_eq(ip_from_v4(v4), ip_from_v6(near)));
	ck_assert_uint_eq(ip_from_v6(near).family, IP_V6);
}
END_TEST

START_TEST(none_prints_as_a_hyphen)
{
	char text[4];
	struct buf b = BUF_ON(text);

	ip_print((struct ip){ .family = IP_NONE }, &b);
	ck_assert_str_eq(buf_cstr(&b), "-");
}
END_TEST

/* out: the network, or the message. */
static const struct {
	const char *in;
	const char *out;
	bool ok;
} networks[] = {
	{ "192.0.2.0/24", "192.0.2.0/24", true },
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7/32", "192.0.2.7", true },
	{ "0.0.0.0/0", "0.0.0.0/0", true },
	{ "192.0.2.128/25", "192.0.2.128/25", true },
	{ "2001:db8::/32", "2001:db8::/32", true },
	{ "2001:db8::1", "2001:db8::1", true },
	{ "::/0", "::/0", true },
	{ "::1/128", "::1", true },
	{ "::ffff:10.0.0.0/104", "10.0.0.0/8", true },
	{ "::ffff:0.0.0.0/96", "0.0.0.0/0", true },
	{ "::ffff:1.2.3.4", "1.2.3.4", true },
	{ "192.0.2.7/24",
	    "\"192.0.2.7/24\" has bits set behind its /24; write 192.0.2.0/24, "
	    "or 192.0.2.7 for that one address",
	    false },
	{ "10.1.0.0/9",
	    "\"10.1.0.0/9\" has bits set behind its /9; write 10.0.0.0/9, or "
	    "10.1.0.0 for that one address",
	    false },
	{ "1.2.3.4/0",
	    "\"1.2.3.4/0\" has bits set behind its /0; write 0.0.0.0/0, or "
	    "1.2.3.4 for that one address",
	    false },
	{ "2001:db8::7/64",
	    "\"2001:db8::7/64\" has bits set behind its /64; write "
	    "2001:db8::/64, or 2001:db8::7 for that one address",
	    false },
	{ "::ffff:10.0.0.1/104",
	    "\"::ffff:10.0.0.1/104\" has bits set behind its /8; write "
	    "10.0.0.0/8, or 10.0.0.1 for that one address",
	    false },
	{ "::ffff:1.2.3.4/64",
	    "\"::ffff:1.2.3.4/64\" is a network of IPv4-mapped addresses, "
	    "which begin at /96; write it as an IPv4 network",
	    false },
	{ "10/8", "\"10/8\" has fewer than four numbers; write 10.0.0.0/8",
	    false },
	{ "192.0.2.",
	    "\"192.0.2.\" has fewer than four numbers; write 192.0.2.0/24",
	    false },
	{ "192.0.2",
	    "\"192.0.2\" has fewer than four numbers; write 192.0.2.0/24",
	    false },
	{ "192.0.2.0/255.255.255.0",
	    "\"192.0.2.0/255.255.255.0\" has a netmask; write 192.0.2.0/24",
	    false },
	{ "192.0.2.0/0.0.0.255",
	    "\"192.0.2.0/0.0.0.255\": \"0.0.0.255\" is no number of bits; "
	    "write one from 0 to 32",
	    false },
	{ "192.0.2.0/33",
	    "\"192.0.2.0/33\": an IPv4 address has 32 bits; write a number "
	    "from 0 to 32",
	    false },
	{ "2001:db8::/129",
	    "\"2001:db8::/129\": an IPv6 address has 128 bits; write a number "
	    "from 0 to 128",
	    false },
	{ "192.0.2.0/",
	    "\"192.0.2.0/\" has nothing behind its slash; write a number of "
	    "bits, as in 192.0.2.0/32",
	    false },
	{ "192.0.2.0/-1",
	    "\"192.0.2.0/-1\": \"-1\" is no number of bits; write one from 0 "
	    "to 32",
	    false },
	{ "192.0.2.0/24/8",
	    "\"192.0.2.0/24/8\": \"24/8\" is no number of bits; write one from "
	    "0 to 32",
	    false },
	{ "1.2.3.256", "\"1.2.3.256\" is no IPv4 address: 256 is over 255",
	    false },
	{ "example.org",
	    "\"example.org\" is no IP address; write one such as 192.0.2.7 or "
	    "2001:db8::7",
	    false },
	{ "fe80::1%eth0",
	    "\"fe80::1%eth0\" is no IPv6 address: a zone (%) has no meaning "
	    "here",
	    false },
	{ "", "an IP address is missing", false },
	{ "/24", "an IP address is missing", false },
};

START_TEST(network)
{
	struct cidr net;
	struct why why = { .text = "" };
	char text[64];
	struct buf b = BUF_ON(text);
	bool ok = cidr_parse(str_c(networks[_i].in), &net, &why);

	ck_assert_msg(
	    ok == networks[_i].ok, "%s: %s", networks[_i].in, why.text);
	if (ok) {
		cidr_print(net, &b);
		ck_assert_str_eq(buf_cstr(&b), networks[_i].out);
	} else {
		ck_assert_str_eq(why.text, networks[_i].out);
		ck_assert(!cidr_parse(str_c(networks[_i].in), &net, NULL));
	}
}
END_TEST

START_TEST(a_long_fault_is_cut_in_its_message)
{
	char text[4096];
	struct cidr net;
	struct why why;

	memset(text, '1', sizeof(text));
	ck_assert(!cidr_parse(str_of(text, sizeof(text)), &net, &why));
	ck_assert_uint_lt(strlen(why.text), 200);
	memset(text, ':', sizeof(text));
	ck_assert(!cidr_parse(str_of(text, sizeof(text)), &net, &why));
	ck_assert_uint_lt(strlen(why.text), 200);
}
END_TEST

static const struct {
	const char *net;
	const char *ip;
	bool in;
} memberships[] = {
	{ "192.0.2.0/24", "192.0.2.0", true },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.0/24", "192.0.1.255", false },
	{ "192.0.2.0/24", "::ffff:192.0.2.1", true },
	{ "192.0.2.0/24", "::192.0.2.1", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "192.0.2.6/31", "192.0.2.7", true },
	{ "192.0.2.6/31", "192.0.2.8", false },
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7", "192.0.2.6", false },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "192.0.2.7", false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "2001:db8::7", "2001:db8::7", true },
	{ "2001:db8::7", "2001:db8::8", false },
};

START_TEST(membership)
{
	struct cidr net;
	struct ip ip;

	ck_assert(cidr_parse(str_c(memberships[_i].net), &net, NULL));
	ck_assert(ip_parse(str_c(memberships[_i].ip), &ip, NULL));
	ck_assert_msg(cidr_has(net, ip) == memberships[_i].in, "%s in %s",
	    memberships[_i].ip, memberships[_i].net);
	ck_assert(!cidr_has(net, (struct ip){ .family = IP_NONE }));
}
END_TEST

Suite *suite_ip(void);

Suite *
suite_ip(void)
{
	Suite *suite = suite_create("ip");
	TCase *tc = tcase_create("ip");

	tcase_add_loop_test(tc, address, 0, ROWS(addresses));
	tcase_add_loop_test(tc, print_and_parse_agree_with_libc, 0, 500);
	tcase_add_test(tc, from_octets);
	tcase_add_test(tc, none_prints_as_a_hyphen);
	tcase_add_loop_test(tc, network, 0, ROWS(networks));
	tcase_add_test(tc, a_long_fault_is_cut_in_its_message);
	tcase_add_loop_test(tc, membership, 0, ROWS(memberships));
	suite_add_tcase(suite, tc);
	return suite;
}
