/*
 * domain - domain names and address literals of RFC 5321 4.1.2 and 4.1.3,
 * with U-labels (RFC 5890, RFC 6531) by way of libidn2.
 *
 * What libidn2 is given is bounded and checked to be UTF-8 first; what it
 * gives back is taken only where it is letters, digits, hyphens, underscores
 * and dots, because its mapping can make an @ out of a character that looks
 * like one.
 */
#include "smtp/scan.h"

#include <idn2.h>

enum {
	LABEL_MOST = 63,   /* RFC 1035 2.3.4 */
	DOMAIN_MOST = 255, /* RFC 5321 4.5.3.1.2 */
	/* Octets of a name that are given to libidn2. */
	IDN_MOST = 1024,
	LITERAL_MAX = IP_TEXT_MAX + 8, /* with "[ipv6:" and "]" */
};

static bool
is_name_octet(unsigned char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_octet(str_at(s, i)))
			return false;
	return true;
}

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/*
 * Adds a name as A-labels to out.  Returns libidn2's word on it; nothing is
 * added where that is not IDN2_OK.
 */
static int
add_a_labels(struct str name, struct buf *out)
{
	char typed[IDN_MOST + 1];
	uint8_t *ascii;
	int rc;

	if (name.n > IDN_MOST)
		return IDN2_TOO_BIG_DOMAIN;
	for (size_t i = 0; i < name.n; i++)
		if (is_control(str_at(name, i)))
			return IDN2_DISALLOWED;
	memcpy(typed, name.p, name.n);
	typed[name.n] = '\0';
	rc = idn2_lookup_u8((const uint8_t *)typed, &ascii,
	    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return rc;
	name = str_c((const char *)ascii);
	if (is_name(name))
		buf_str_add(out, name);
	else
		rc = IDN2_DISALLOWED;
	idn2_free(ascii);
	return rc;
}

/* Label by label, so that a bad one does not hide the domain above it.  False
 * when memory was out. */
static bool
add_normal(struct str name, struct buf *out)
{
	struct str label;
	int rc = IDN2_OK;

	for (bool more = false; str_split(&name, '.', &label); more = true) {
		if (more)
			buf_char(out, '.');
		if (str_is_ascii(label) || !str_is_utf8(label) ||
		    (rc = add_a_labels(label, out)) != IDN2_OK)
			buf_str_add(out, label);
		if (rc == IDN2_MALLOC)
			return false;
	}
	return true;
}

static void
lower(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)ascii_lower((unsigned char)p[i]);
}

static void
print_literal(struct ip ip, struct buf *out)
{
	buf_c(out, ip.family == IP_V6 ? "[ipv6:" : "[");
	ip_print(ip, out);
	buf_char(out, ']');
}

bool
domain_is_normal(struct str name, const struct domain_scan *scan)
{
	char text[LITERAL_MAX];
	struct buf b = BUF_ON(text);
	struct ip ip;

	if (scan->good)
		return !scan->upper && !scan->eight_bit;
	if (literal_fault(name, &ip) != FAULT_NONE)
		return false;
	print_literal(ip, &b);
	return str_eq(name, buf_str(&b));
}

struct str
domain_normal(struct str name, struct arena *arena)
{
	char labels[IDN_MOST];
	char text[LITERAL_MAX];
	struct buf b = BUF_ON(labels);
	struct buf literal = BUF_ON(text);
	struct ip ip;
	char *copy;

	while (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (!str_is_ascii(name)) {
		if (!add_normal(name, &b)) {
			arena_fail(arena);
			return STR_NONE;
		}
		while (b.n > 0 && b.p[b.n - 1] == '.')
			b.n--;
		if (!b.cut)
			name = buf_str(&b);
	}
	/* Only now: the mapping drops characters, a literal may be left. */
	if (literal_fault(name, &ip) == FAULT_NONE) {
		print_literal(ip, &literal);
		return arena_str(arena, buf_str(&literal));
	}
	copy = arena_cstr(arena, name);
	if (copy == NULL)
		return STR_NONE;
	lower(copy, name.n);
	return str_of(copy, name.n);
}

/* ---- judging ------------------------------------------------------------ */

static enum fault
length_fault(size_t longest, size_t n)
{
	if (longest > LABEL_MOST)
		return FAULT_LABEL_TOO_LONG;
	return n > DOMAIN_MOST ? FAULT_DOMAIN_TOO_LONG : FAULT_NONE;
}

static enum fault
idn_word(int rc)
{
	switch (rc) {
	case IDN2_OK:
		return FAULT_NONE;
	case IDN2_TOO_BIG_LABEL:
	case IDN2_PUNYCODE_BIG_OUTPUT:
		return FAULT_LABEL_TOO_LONG;
	case IDN2_TOO_BIG_DOMAIN:
		return FAULT_DOMAIN_TOO_LONG;
	case IDN2_MALLOC:
		return FAULT_UNTOLD;
	default:
		return FAULT_BAD_IDN;
	}
}

static enum fault
first_fault(enum fault a, enum fault b)
{
	if (a == FAULT_NONE || b == FAULT_NONE)
		return a == FAULT_NONE ? b : a;
	return a < b ? a : b;
}

/*
 * The name as A-labels, and the first fault of a label: U-labels and A-labels
 * are libidn2's to judge (RFC 5891 5, RFC 5892, RFC 5893), others are what
 * they are.
 */
static enum fault
put_a_labels(struct str name, struct buf *out)
{
	enum fault fault = FAULT_NONE;
	struct str label;

	for (bool more = false; str_split(&name, '.', &label); more = true) {
		if (more)
			buf_char(out, '.');
		if (str_is_ascii(label) && !str_starts_ci(label, STR("xn--")))
			buf_str_add(out, label);
		else
			fault = first_fault(
			    fault, idn_word(add_a_labels(label, out)));
	}
	return fault;
}

/* The limits hold for the octets typed and for the A-labels. */
static enum fault
idn_fault(struct str name)
{
	char labels[IDN_MOST];
	struct buf b = BUF_ON(labels);
	struct domain_scan scan;
	enum fault fault;
	struct ip ip;

	if (name.n > IDN_MOST)
		return FAULT_DOMAIN_TOO_LONG;
	fault = put_a_labels(name, &b);
	if (fault != FAULT_NONE)
		return fault;
	if (b.cut)
		return FAULT_DOMAIN_TOO_LONG;
	/* The mapping makes dots, underscores and digits, too. */
	scan_domain(buf_str(&b), &scan);
	if (!scan.good)
		return FAULT_BAD_IDN;
	if (scan.number && ip_parse(buf_str(&b), &ip, NULL))
		return FAULT_BARE_IP;
	return length_fault(scan.longest, name.n > b.n ? name.n : b.n);
}

/* What is wrong with a name that is no Domain. */
static enum fault
odd_name_fault(struct str name, bool utf8)
{
	struct ip ip;

	if (!utf8 && !str_is_ascii(name))
		return FAULT_EIGHT_BIT;
	if (!str_is_utf8(name))
		return FAULT_BAD_UTF8;
	return ip_parse(name, &ip, NULL) ? FAULT_BARE_IP : FAULT_BAD_DOMAIN;
}

enum fault
domain_scan_fault(struct str name, bool utf8, const struct domain_scan *scan)
{
	struct ip ip;

	if (name.n == 0)
		return FAULT_EMPTY_DOMAIN;
	if (!scan->good)
		return odd_name_fault(name, utf8);
	if (scan->eight_bit && !utf8)
		return FAULT_EIGHT_BIT;
	if (scan->eight_bit && !str_is_utf8(name))
		return FAULT_BAD_UTF8;
	if (scan->number && ip_parse(name, &ip, NULL))
		return FAULT_BARE_IP;
	if (scan->eight_bit || scan->a_label)
		return idn_fault(name);
	return length_fault(scan->longest, name.n);
}

enum fault
domain_fault(struct str name, bool utf8)
{
	struct domain_scan scan;

	scan_domain(name, &scan);
	return domain_scan_fault(name, utf8, &scan);
}

/*
 * "[" IPv4-address-literal / "IPv6:" IPv6-addr "]"; no other tag is
 * registered.
 */
enum fault
literal_fault(struct str literal, struct ip *ip_r)
{
	static const struct str tag = { "IPv6:", 5 };
	struct str text;
	struct ip ip;
	bool v6;

	if (!str_starts(literal, STR("[")) || !str_ends(literal, STR("]")))
		return FAULT_BAD_LITERAL;
	text = str_sub(literal, 1, literal.n - 2);
	v6 = str_starts_ci(text, tag);
	if (v6)
		text = str_from(text, tag.n);
	if (v6 != (str_find(text, ':') != STR_NOWHERE) ||
	    !ip_parse(text, &ip, NULL))
		return FAULT_BAD_LITERAL;
	if (ip_r != NULL)
		*ip_r = ip;
	return FAULT_NONE;
}

enum fault
helo_fault(struct str argument, struct ip *ip_r)
{
	struct ip ip = { .family = IP_NONE };
	enum fault fault;

	if (argument.n == 0)
		fault = FAULT_EMPTY;
	else if (argument.p[0] == '[')
		fault = literal_fault(argument, &ip);
	else
		fault = domain_fault(argument, false);
	if (fault == FAULT_BARE_IP)
		(void)ip_parse(argument, &ip, NULL);
	if (ip_r != NULL)
		*ip_r = ip;
	return fault;
}
