/*
 * Unit tests of smtp/address beyond the rows of syntax.def: lengths of all
 * sizes, noise, hostile shapes; domains, literals, HELO arguments.
 */
#include "smtp/address.h"

#include <check.h>
#include <stdlib.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(ARENA_UNLIMITED);
}

static void
teardown(void)
{
	arena_free(arena);
}

static void
same(const char *what, struct str in, struct str is, struct str expected)
{
	ck_assert_msg(str_eq(is, expected),
	    "%.*s: %s is %s\"%.*s\", not "
	    "%s\"%.*s\"",
	    STR_FMT(in), what, str_is_none(is) ? "none " : "", STR_FMT(is),
	    str_is_none(expected) ? "none " : "", STR_FMT(expected));
}

static void
same_fault(struct str in, enum fault is, enum fault expected)
{
	ck_assert_msg(is == expected, "%.*s: fault %.*s, not %.*s", STR_FMT(in),
	    STR_FMT(fault_word(is)), STR_FMT(fault_word(expected)));
}

#define U_UML "\xc3\xbc"

/* A domain in quotes or with a backslash that cannot be a name stays. */
START_TEST(quoted_domain)
{
	struct address a;

	ck_assert(address_parse(
	    STR("<joe@\"a@b\">"), PATH_REVERSE, false, arena, &a));
	same("domain", a.raw, a.domain, STR("\"a@b\""));
	same_fault(a.raw, a.fault, FAULT_BAD_DOMAIN);
	ck_assert(
	    address_parse(STR("<joe@a\\@b>"), PATH_REVERSE, false, arena, &a));
	same("domain", a.raw, a.domain, STR("a\\@b"));
	same_fault(a.raw, a.fault, FAULT_BAD_DOMAIN);
}
END_TEST

static void
normal_form_stays(struct str in)
{
	struct address a;
	struct address again;

	ck_assert(address_parse(in, PATH_REVERSE, true, arena, &a));
	ck_assert(address_parse(a.norm, PATH_REVERSE, true, arena, &again));
	same("norm of norm", in, again.norm, a.norm);
	same("local of norm", in, again.local, a.local);
	same("domain of norm", in, again.domain, a.domain);
}

/* Made of what matters to the reader, in every wrong order. */
START_TEST(normal_form_of_noise_is_stable)
{
	static const char *const pieces[] = { "a", "B", "@", "\"", "\\", ".",
		" ", "(", ")", "<", ">", ":", ",", "[", "]", U_UML, "\xff",
		"[1.2.3.4]", "\t", "-", "_", "\x01", "xn--", "\xe3\x80\x82",
		"\xef\xbc\xa0" };
	uint32_t seed = (uint32_t)_i * 2654435761u + 1;
	char text[512];
	struct arena_mark empty = arena_mark(arena);

	for (int round = 0; round < 400; round++) {
		struct buf b = BUF_ON(text);
		size_t n = 1 + (size_t)round % 20;
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			buf_c(&b, pieces[(seed >> 10) % (size_t)ROWS(pieces)]);
		}
		normal_form_stays(buf_str(&b));
	}
	arena_release(arena, empty);
}
END_TEST

/* ---- lengths ------------------------------------------------------------ */

/* A domain of n octets in labels of at most 50. */
static void
add_domain(struct buf *b, size_t n)
{
	for (size_t i = 1; i <= n; i++)
		buf_char(b, i % 50 == 0 && i < n ? '.' : 'd');
}

static enum fault
fault_of(size_t local, size_t domain, bool brackets)
{
	char text[1024];
	struct buf b = BUF_ON(text);
	struct address a;

	if (brackets)
		buf_char(&b, '<');
	for (size_t i = 0; i < local; i++)
		buf_char(&b, 'l');
	buf_char(&b, '@');
	add_domain(&b, domain);
	if (brackets)
		buf_char(&b, '>');
	ck_assert(!b.cut);
	ck_assert(address_parse(buf_str(&b), PATH_FORWARD, false, arena, &a));
	ck_assert_uint_eq(a.local.n, local);
	ck_assert_uint_eq(a.domain.n, domain);
	return a.fault;
}

START_TEST(lengths_of_parts)
{
	ck_assert_uint_eq(fault_of(64, 10, true), FAULT_NONE);
	ck_assert_uint_eq(fault_of(65, 10, true), FAULT_LOCAL_TOO_LONG);
	ck_assert_uint_eq(fault_of(64, 10, false), FAULT_NONE);
	ck_assert_uint_eq(fault_of(65, 10, false), FAULT_LOCAL_TOO_LONG);
	/* "<" local "@" domain ">" is 256. */
	ck_assert_uint_eq(fault_of(3, 250, true), FAULT_NONE);
	ck_assert_uint_eq(fault_of(3, 251, true), FAULT_PATH_TOO_LONG);
	ck_assert_uint_eq(fault_of(3, 250, false), FAULT_NONE);
	ck_assert_uint_eq(fault_of(3, 251, false), FAULT_PATH_TOO_LONG);
	ck_assert_uint_eq(fault_of(1, 255, true), FAULT_PATH_TOO_LONG);
	ck_assert_uint_eq(fault_of(1, 256, true), FAULT_DOMAIN_TOO_LONG);
	ck_assert_uint_eq(fault_of(65, 256, true), FAULT_LOCAL_TOO_LONG);
}
END_TEST

static enum fault
fault_with(const char *head, char fill, size_t n, const char *tail)
{
	char text[1024];
	struct buf b = BUF_ON(text);
	struct address a;

	buf_c(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_char(&b, fill);
	buf_c(&b, tail);
	ck_assert(!b.cut);
	ck_assert(address_parse(buf_str(&b), PATH_FORWARD, true, arena, &a));
	return a.fault;
}

START_TEST(lengths_as_typed)
{
	/* Quotes and backslashes count. */
	ck_assert_uint_eq(fault_with("<\"", 'l', 62, "\"@x>"), FAULT_NONE);
	ck_assert_uint_eq(
	    fault_with("<\"", 'l', 63, "\"@x>"), FAULT_LOCAL_TOO_LONG);
	ck_assert_uint_eq(
	    fault_with("<\"\\a", 'l', 61, "\"@x>"), FAULT_LOCAL_TOO_LONG);
	/* So does a source route. */
	ck_assert_uint_eq(fault_with("<@a,@b:joe@", 'd', 63, ">"), FAULT_NONE);
	ck_assert_uint_eq(
	    fault_with("<@a,@b:joe@", 'd', 64, ">"), FAULT_LABEL_TOO_LONG);
	/* Grammar first. */
	ck_assert_uint_eq(fault_with("<..", 'l', 300, "@x>"), FAULT_BAD_LOCAL);
	ck_assert_uint_eq(fault_with("<", 'l', 300, ">"), FAULT_NO_DOMAIN);
	ck_assert_uint_eq(
	    fault_with("<", 'l', 300, "@192.0.2.1>"), FAULT_BARE_IP);
	ck_assert_uint_eq(fault_with("<joe@", '-', 300, ">"), FAULT_BAD_DOMAIN);
}
END_TEST

START_TEST(lengths_of_labels)
{
	ck_assert_uint_eq(fault_with("<joe@", 'd', 63, ".x>"), FAULT_NONE);
	ck_assert_uint_eq(
	    fault_with("<joe@", 'd', 64, ".x>"), FAULT_LABEL_TOO_LONG);
	ck_assert_uint_eq(
	    fault_with("<joe@x.", 'd', 64, ">"), FAULT_LABEL_TOO_LONG);
	/* A U-label is as long as its A-label: xn--...-xxx. */
	ck_assert_uint_eq(
	    fault_with("<joe@" U_UML, 'd', 20, ".x>"), FAULT_NONE);
	ck_assert_uint_eq(
	    fault_with("<joe@" U_UML, 'd', 62, ".x>"), FAULT_LABEL_TOO_LONG);
}
END_TEST

/* 21 characters of three octets each are 63 octets, and fewer as A-label. */
START_TEST(u_label_longer_than_its_a_label)
{
	char text[256];
	struct buf b = BUF_ON(text);
	struct address a;

	buf_c(&b, "<joe@");
	for (int i = 0; i < 25; i++)
		buf_c(&b, "\xe4\xb8\xad"); /* U+4E2D */
	buf_c(&b, ".x>");
	ck_assert(address_parse(buf_str(&b), PATH_FORWARD, true, arena, &a));
	ck_assert(str_starts(a.domain, STR("xn--")));
	ck_assert_uint_eq(a.fault, FAULT_NONE);
}
END_TEST

START_TEST(a_long_name_of_u_labels_does_no_harm)
{
	static const size_t counts[] = { 100, 341, 342, 5000, 60000 };
	char *text = malloc(4 * 60000 + 16);
	struct address a;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct buf b = { text, 0, 4 * 60000 + 16, false };
		buf_c(&b, "joe@");
		for (size_t k = 0; k < counts[i]; k++)
			buf_c(&b, U_UML ".");
		buf_c(&b, "x");
		ck_assert(
		    address_parse(buf_str(&b), PATH_FORWARD, true, arena, &a));
		ck_assert_uint_ne(a.fault, FAULT_NONE);
		ck_assert(str_ends(a.domain, STR(".x")));
	}
	free(text);
}
END_TEST

START_TEST(hostile_shapes_take_little_time)
{
	static const char *const shapes[] = { "(", "[", "@", "@:", "\"", "\\",
		"<", ">", "(\\", "@[", " (", "\"@", ":", ",", "\"\\\"" };
	size_t most = 256 * 1024;
	char *text = malloc(most);
	struct buf b = { text, 0, most, false };
	struct address a;

	buf_c(&b, _i % 2 ? "@" : "<");
	while (!b.cut)
		buf_c(&b, shapes[_i / 2]);
	ck_assert(address_parse(buf_str(&b), PATH_REVERSE, true, arena, &a));
	ck_assert_uint_ne(a.fault, FAULT_NONE);
	free(text);
}
END_TEST

/* ---- domains, literals, HELO -------------------------------------------- */

static const struct {
	const char *in;
	const char *out;
} normals[] = {
	{ "", "" },
	{ "Example.ORG", "example.org" },
	{ "example.org.", "example.org" },
	{ "_dmarc.Example.org", "_dmarc.example.org" },
	{ "B" U_UML "cher.example", "xn--bcher-kva.example" },
	{ "xn--BCHER-kva.example.", "xn--bcher-kva.example" },
	{ "b" U_UML "cher.example.", "xn--bcher-kva.example" },
	{ U_UML "\xe3\x80\x82", "xn--tda" },
	{ "[192.0.2.1]", "[192.0.2.1]" },
	{ "[IPV6:2001:DB8:0::1]", "[ipv6:2001:db8::1]" },
	{ "[Nonsense]", "[nonsense]" },
	{ "\xff.EXAMPLE", "\xff.example" },
	{ "\xc3\x9c\x01.EXAMPLE", "\xc3\x9c\x01.example" },
	{ "..", "" },
};

START_TEST(domain_normal_form)
{
	struct str in = str_c(normals[_i].in);

	same("normal", in, domain_normal(in, arena), str_c(normals[_i].out));
}
END_TEST

START_TEST(domain_of_none)
{
	ck_assert(str_is_none(domain_normal(STR_NONE, arena)));
	ck_assert_uint_eq(domain_fault(STR_NONE, false), FAULT_EMPTY_DOMAIN);
	ck_assert_uint_eq(literal_fault(STR_NONE, NULL), FAULT_BAD_LITERAL);
	ck_assert_uint_eq(helo_fault(STR_NONE, NULL), FAULT_EMPTY);
	ck_assert_uint_eq(domain_fault(STR("a\0b"), true), FAULT_BAD_DOMAIN);
	ck_assert_uint_ne(domain_fault(STR("a\0" U_UML), true), FAULT_NONE);
	ck_assert(
	    str_eq(domain_normal(STR("A\0" U_UML), arena), STR("a\0" U_UML)));
}
END_TEST

/* ip NULL: none. */
static const struct {
	const char *in;
	enum fault fault;
	const char *ip;
} helos[] = {
	{ "mail.example.org", FAULT_NONE, NULL },
	{ "MAIL", FAULT_NONE, NULL },
	{ "localhost", FAULT_NONE, NULL },
	{ "[192.0.2.1]", FAULT_NONE, "192.0.2.1" },
	{ "[IPv6:2001:db8::1]", FAULT_NONE, "2001:db8::1" },
	{ "[IPv6:::ffff:192.0.2.1]", FAULT_NONE, "192.0.2.1" },
	{ "192.0.2.1", FAULT_BARE_IP, "192.0.2.1" },
	{ "2001:db8::1", FAULT_BARE_IP, "2001:db8::1" },
	{ "[2001:db8::1]", FAULT_BAD_LITERAL, NULL },
	{ "[192.0.2.1", FAULT_BAD_LITERAL, NULL },
	{ "192.0.2.1]", FAULT_BAD_DOMAIN, NULL },
	{ "", FAULT_EMPTY, NULL },
	{ "mail.example.org.", FAULT_BAD_DOMAIN, NULL },
	{ "mail_1.example.org", FAULT_BAD_DOMAIN, NULL },
	{ "mail example", FAULT_BAD_DOMAIN, NULL },
	{ "-mail", FAULT_BAD_DOMAIN, NULL },
	{ "<mail>", FAULT_BAD_DOMAIN, NULL },
	{ "m" U_UML "nchen.example", FAULT_EIGHT_BIT, NULL },
	{ "xn--mnchen-3ya.example", FAULT_NONE, NULL },
};

START_TEST(helo)
{
	struct str in = str_c(helos[_i].in);
	struct ip ip = { .family = IP_V4 };
	char text[IP_TEXT_MAX];
	struct buf b = BUF_ON(text);

	same_fault(in, helo_fault(in, &ip), helos[_i].fault);
	same_fault(in, helo_fault(in, NULL), helos[_i].fault);
	if (helos[_i].ip == NULL) {
		ck_assert_uint_eq(ip.family, IP_NONE);
	} else {
		ip_print(ip, &b);
		ck_assert_str_eq(buf_cstr(&b), helos[_i].ip);
	}
}
END_TEST

START_TEST(words_of_faults)
{
	enum fault fault = (enum fault)_i;
	struct str word = fault_word(fault);

	ck_assert_uint_gt(word.n, 0);
	ck_assert_uint_gt(strlen(fault_sentence(fault)), 0);
}
END_TEST

START_TEST(no_other_fault)
{
	ck_assert(str_is_none(fault_word(FAULT_NONE)));
	/* Grammar before length. */
	for (unsigned i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		ck_assert_int_eq(i >= FAULT_LOCAL_TOO_LONG,
		    str_ends(fault_word((enum fault)i), STR("-too-long")));
}
END_TEST

Suite *suite_address(void);

Suite *
suite_address(void)
{
	Suite *suite = suite_create("address");
	TCase *tc = tcase_create("address");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, quoted_domain);
	tcase_add_loop_test(tc, normal_form_of_noise_is_stable, 0, 50);
	tcase_add_test(tc, lengths_of_parts);
	tcase_add_test(tc, lengths_as_typed);
	tcase_add_test(tc, lengths_of_labels);
	tcase_add_test(tc, u_label_longer_than_its_a_label);
	tcase_add_test(tc, a_long_name_of_u_labels_does_no_harm);
	tcase_add_loop_test(tc, hostile_shapes_take_little_time, 0, 30);
	tcase_add_loop_test(tc, domain_normal_form, 0, ROWS(normals));
	tcase_add_test(tc, domain_of_none);
	tcase_add_loop_test(tc, helo, 0, ROWS(helos));
	tcase_add_loop_test(tc, words_of_faults, FAULT_NONE + 1, FAULT_COUNT);
	tcase_add_test(tc, no_other_fault);
	suite_add_tcase(suite, tc);
	return suite;
}
