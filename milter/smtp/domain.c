/*
 * domain - domain names and address literals of RFC 5321 4.1.2 and 4.1.3,
 * with U-labels (RFC 5890, RFC 6531) by way of libidn2.
 *
 * What libidn2 is given is bounded and checked to be UTF-8 first; what it
 * gives back is taken only where it is letters, digits, hyphens, underscores
 * and dots, because its mapping can make an @ out of a character that looks
 * like one.
 */
#include "smtp/address.h"

#include <idn2.h>

enum {
	LABEL_MOST = 63,   /* RFC 1035 2.3.4 */
	DOMAIN_MOST = 255, /* RFC 5321 4.5.3.1.2 */
	/* Octets of a name that are given to libidn2. */
	IDN_MOST = 1024,
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

/* Label by label, so that a bad one does not hide the domain above it. */
static void
add_normal(struct str name, struct buf *out)
{
	struct str label;

	for (bool more = false; str_split(&name, '.', &label); more = true) {
		if (more)
			buf_char(out, '.');
		if (str_is_ascii(label) || !str_is_utf8(label) ||
		    add_a_labels(label, out) != IDN2_OK)
			buf_str_add(out, label);
	}
}

static void
lower(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)ascii_lower((unsigned char)p[i]);
}

static struct str
literal_normal(struct ip ip, struct arena *arena)
{
	char text[IP_TEXT_MAX];
	struct buf b = BUF_ON(text);

	ip_print(ip, &b);
	return arena_printf(
	    arena, "[%s%s]", ip.family == IP_V6 ? "ipv6:" : "", buf_cstr(&b));
}

struct str
domain_normal(struct str name, struct arena *arena)
{
	char labels[IDN_MOST];
	struct buf b = BUF_ON(labels);
	struct ip ip;
	char *copy;

	while (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (literal_fault(name, &ip) == FAULT_NONE)
		return literal_normal(ip, arena);
	if (!str_is_ascii(name)) {
		add_normal(name, &b);
		while (b.n > 0 && b.p[b.n - 1] == '.')
			b.n--;
		if (!b.cut)
			name = buf_str(&b);
	}
	copy = arena_cstr(arena, name);
	if (copy == NULL)
		return STR_NONE;
	lower(copy, name.n);
	return str_of(copy, name.n);
}

/* sub-domain = Let-dig [Ldh-str], or a U-label, whose letters IDNA judges */
static bool
is_sub_domain(struct str label)
{
	if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		unsigned char c = str_at(label, i);
		if (!ascii_is_alnum(c) && c != '-' && c < 0x80)
			return false;
	}
	return true;
}

/* sub-domain *("." sub-domain) */
static bool
is_domain(struct str name)
{
	struct str label;

	while (str_split(&name, '.', &label))
		if (!is_sub_domain(label))
			return false;
	return true;
}

static enum fault
label_length_fault(struct str name)
{
	struct str label;

	while (str_split(&name, '.', &label))
		if (label.n > LABEL_MOST)
			return FAULT_LABEL_TOO_LONG;
	return FAULT_NONE;
}

/* The limits hold for the octets typed and for the A-labels. */
static enum fault
name_length_fault(struct str typed, struct str ascii)
{
	enum fault fault = label_length_fault(ascii);

	if (fault == FAULT_NONE &&
	    (typed.n > DOMAIN_MOST || ascii.n > DOMAIN_MOST))
		fault = FAULT_DOMAIN_TOO_LONG;
	return fault;
}

static enum fault
u_label_fault(struct str name)
{
	char labels[IDN_MOST];
	struct buf b = BUF_ON(labels);

	switch (add_a_labels(name, &b)) {
	case IDN2_OK:
		/* Its mapping makes dots and underscores, too. */
		return is_domain(buf_str(&b))
			   ? name_length_fault(name, buf_str(&b))
			   : FAULT_BAD_IDN;
	case IDN2_TOO_BIG_LABEL:
	case IDN2_PUNYCODE_BIG_OUTPUT:
		return FAULT_LABEL_TOO_LONG;
	case IDN2_TOO_BIG_DOMAIN:
		return FAULT_DOMAIN_TOO_LONG;
	default:
		return FAULT_BAD_IDN;
	}
}

/* Domain = sub-domain *("." sub-domain) */
enum fault
domain_fault(struct str name, bool utf8)
{
	struct ip ip;

	if (name.n == 0)
		return FAULT_EMPTY_DOMAIN;
	if (!utf8 && !str_is_ascii(name))
		return FAULT_EIGHT_BIT;
	if (!str_is_utf8(name))
		return FAULT_BAD_UTF8;
	if (ip_parse(name, &ip, NULL))
		return FAULT_BARE_IP;
	if (!is_domain(name))
		return FAULT_BAD_DOMAIN;
	if (!str_is_ascii(name))
		return u_label_fault(name);
	return name_length_fault(name, name);
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
