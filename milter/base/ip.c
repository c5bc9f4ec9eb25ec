/*
 * ip - IPv4 and IPv6 addresses and networks.
 *
 * Invariants: a mapped address (::ffff:a.b.c.d) never leaves this file as
 * IPv6; the host bits of a network are zero; octets that a family does not
 * use are zero, so that addresses may be compared and hashed as memory.
 */
#include "base/ip.h"

enum {
	V4_BITS = 32,
	V6_BITS = 128,
	MAPPED_BITS = 96, /* ::ffff:0:0/96 */
	V4_DIGITS = 3,    /* RFC 5321 4.1.3: Snum = 1*3DIGIT */
	GROUPS = 8,
	GROUP_DIGITS = 4,
	QUOTED_MOST = 64, /* octets of the input that a message shows */
};

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* "%.*s" of an input in a message. */
#define QUOTED(s) STR_FMT(str_sub((s), 0, QUOTED_MOST))

struct ip
ip_from_v4(const uint8_t octets[4])
{
	struct ip ip = { .family = IP_V4 };

	memcpy(ip.b, octets, 4);
	return ip;
}

struct ip
ip_from_v6(const uint8_t octets[16])
{
	struct ip ip = { .family = IP_V6 };

	if (memcmp(octets, mapped_prefix, sizeof(mapped_prefix)) == 0)
		return ip_from_v4(octets + sizeof(mapped_prefix));
	memcpy(ip.b, octets, 16);
	return ip;
}

/* ---- IPv4 --------------------------------------------------------------- */

/* number = 1*3DIGIT, 0 to 255 */
static bool
v4_number(struct str s, struct str number, uint8_t *octet_r, struct why *why)
{
	uint64_t v;
	size_t at = (size_t)(number.p - s.p);

	if (number.n == 0)
		return why_set_at(why, at,
		    "\"%.*s\" has two dots with no number between, or a dot "
		    "at an end",
		    QUOTED(s));
	if (!str_to_u64(number, &v) || number.n > V4_DIGITS)
		return why_set_at(why, at,
		    "\"%.*s\" is no IP address; write one such as 192.0.2.7 "
		    "or 2001:db8::7",
		    QUOTED(s));
	if (v > UINT8_MAX)
		return why_set_at(why, at,
		    "\"%.*s\" is no IPv4 address: %.*s is over 255", QUOTED(s),
		    QUOTED(number));
	*octet_r = (uint8_t)v;
	return true;
}

/*
 * number *("." number) into octets; *count_r is how many there were, at most
 * 5, so that the caller can say what is missing.
 */
static bool
v4_numbers(struct str s, uint8_t octets[4], size_t *count_r, struct why *why)
{
	struct str rest = s;
	struct str number;
	uint8_t octet = 0;
	size_t n = 0;

	while (n <= 4 && str_split(&rest, '.', &number)) {
		if (!v4_number(s, number, &octet, why))
			return false;
		if (n < 4)
			octets[n] = octet;
		n++;
	}
	*count_r = n;
	return true;
}

/* Dotted-quad of RFC 791 and RFC 5321 4.1.3. */
static bool
v4_parse(struct str s, uint8_t octets[4], struct why *why)
{
	size_t n;

	if (!v4_numbers(s, octets, &n, why))
		return false;
	if (n != 4)
		return why_set(why,
		    "\"%.*s\" is no IPv4 address: it has %s than four numbers",
		    QUOTED(s), n < 4 ? "fewer" : "more");
	return true;
}

/* ---- IPv6 --------------------------------------------------------------- */

/* What is read so far: groups in order, and where the "::" stood. */
struct v6 {
	uint16_t group[GROUPS];
	size_t count;
	size_t gap; /* STR_NOWHERE: none yet */
};

static bool
v6_bad(struct str s, size_t at, const char *fault, struct why *why)
{
	return why_set_at(
	    why, at, "\"%.*s\" is no IPv6 address: %s", QUOTED(s), fault);
}

/* What is wrong where no group begins. */
static const char *
v6_no_group(struct str s, size_t at)
{
	if (str_starts(s, STR("[")))
		return "it stands without square brackets here";
	if (str_starts_ci(s, STR("IPv6:")))
		return "the tag \"IPv6:\" is for mail addresses; leave it out";
	if (at < s.n && s.p[at] == '%')
		return "a zone (%) has no meaning here";
	return "a group of hexadecimal digits is missing";
}

/* group = 1*4HEXDIG */
static bool
v6_group(struct str s, size_t *at, struct v6 *v, struct why *why)
{
	size_t from = *at;
	unsigned group = 0;

	while (*at < s.n && ascii_is_xdigit(str_at(s, *at))) {
		unsigned char c = ascii_lower(str_at(s, *at));
		if (*at - from == GROUP_DIGITS)
			return v6_bad(
			    s, from, "a group has over four digits", why);
		group =
		    group << 4 | (ascii_is_digit(c) ? c - (unsigned)'0'
						    : c - (unsigned)'a' + 10);
		++*at;
	}
	if (*at == from)
		return v6_bad(s, from, v6_no_group(s, *at), why);
	if (v->count == GROUPS)
		return v6_bad(s, from, "it has over eight groups", why);
	v->group[v->count++] = (uint16_t)group;
	return true;
}

/* The last 32 bits as a dotted quad: s from `at` to its end. */
static bool
v6_tail(struct str s, size_t at, struct v6 *v, struct why *why)
{
	uint8_t b[4];

	if (v->count > GROUPS - 2)
		return v6_bad(s, at, "it has over eight groups", why);
	if (!v4_parse(str_from(s, at), b, NULL))
		return v6_bad(
		    s, at, "the IPv4 address at its end is wrong", why);
	v->group[v->count++] = (uint16_t)(b[0] << 8 | b[1]);
	v->group[v->count++] = (uint16_t)(b[2] << 8 | b[3]);
	return true;
}

/* Whether a dot comes before the next colon: the tail begins here. */
static bool
v6_at_tail(struct str s, size_t at)
{
	while (at < s.n && ascii_is_digit(str_at(s, at)))
		at++;
	return at < s.n && s.p[at] == '.';
}

/* "::" at *at: remembers it and goes past it. */
static bool
v6_gap(struct str s, size_t *at, struct v6 *v, struct why *why)
{
	if (v->gap != STR_NOWHERE)
		return v6_bad(s, *at, "\"::\" stands in it twice", why);
	v->gap = v->count;
	*at += 2;
	return true;
}

static bool
v6_groups(struct str s, struct v6 *v, struct why *why)
{
	size_t at = 0;

	if (str_starts(s, STR("::")) && !v6_gap(s, &at, v, why))
		return false;
	while (at < s.n) {
		if (v6_at_tail(s, at))
			return v6_tail(s, at, v, why);
		if (!v6_group(s, &at, v, why))
			return false;
		if (at == s.n)
			break;
		if (str_starts(str_from(s, at), STR("::"))) {
			if (!v6_gap(s, &at, v, why))
				return false;
		} else if (s.p[at] == ':' && at + 1 < s.n) {
			at++;
		} else {
			return v6_bad(s, at,
			    s.p[at] == ':' ? "it ends in a colon"
			    : s.p[at] == '%'
				? "a zone (%) has no meaning here"
				: "it has a character that is no hexadecimal "
				  "digit",
			    why);
		}
	}
	return true;
}

/* RFC 4291 2.2; a "::" for one group is let pass, for none it is not. */
static bool
v6_parse(struct str s, uint8_t octets[16], struct why *why)
{
	struct v6 v = { .gap = STR_NOWHERE };
	size_t missing;

	if (!v6_groups(s, &v, why))
		return false;
	missing = GROUPS - v.count;
	if (v.gap == STR_NOWHERE && missing != 0)
		return v6_bad(s, 0, "it has fewer than eight groups", why);
	if (v.gap != STR_NOWHERE && missing == 0)
		return v6_bad(s, 0, "\"::\" stands for no group", why);
	memset(octets, 0, 16);
	for (size_t i = 0; i < v.count; i++) {
		size_t to = i < v.gap ? i : i + missing;
		octets[2 * to] = (uint8_t)(v.group[i] >> 8);
		octets[2 * to + 1] = (uint8_t)(v.group[i] & 0xff);
	}
	return true;
}

/* ---- either ------------------------------------------------------------- */

bool
ip_parse(struct str s, struct ip *ip_r, struct why *why)
{
	uint8_t octets[16];
	size_t colon = str_find(s, ':');

	if (s.n == 0)
		return why_set(why, "an IP address is missing");
	if (colon != STR_NOWHERE && colon == str_rfind(s, ':') &&
	    v4_parse(str_sub(s, 0, colon), octets, NULL))
		return why_set_at(why, colon, "\"%.*s\" has a port; write %.*s",
		    QUOTED(s), STR_FMT(str_sub(s, 0, colon)));
	if (colon != STR_NOWHERE) {
		if (!v6_parse(s, octets, why))
			return false;
		*ip_r = ip_from_v6(octets);
	} else {
		if (!v4_parse(s, octets, why))
			return false;
		*ip_r = ip_from_v4(octets);
	}
	return true;
}

static unsigned
bits_of(struct ip ip)
{
	return ip.family == IP_V4 ? V4_BITS : V6_BITS;
}

static struct ip
mask(struct ip ip, unsigned prefix)
{
	for (unsigned i = 0; i < sizeof(ip.b); i++) {
		unsigned kept = prefix > 8 * i ? prefix - 8 * i : 0;
		if (kept < 8)
			ip.b[i] &= (uint8_t)(0xff00u >> kept);
	}
	return ip;
}

/*
 * "255.255.255.0" -> 24; false where it is no netmask.
 */
static bool
netmask_parse(struct str s, unsigned *prefix_r)
{
	struct ip ip = { 0 };
	unsigned prefix = 0;

	if (!ip_parse(s, &ip, NULL) || ip.family != IP_V4)
		return false;
	while (prefix < V4_BITS && (ip.b[prefix / 8] << prefix % 8 & 0x80))
		prefix++;
	*prefix_r = prefix;
	return ip_eq(mask(ip, prefix), ip);
}

static const char *
ip_text(struct ip ip, char text[IP_TEXT_MAX])
{
	struct buf b = { text, 0, IP_TEXT_MAX, false };

	ip_print(ip, &b);
	return buf_cstr(&b);
}

/* "/24" behind an address of `bits` bits (as written, before unmapping). */
static bool
prefix_parse(struct str s, struct str address, struct str prefix, unsigned bits,
    unsigned *prefix_r, struct why *why)
{
	uint64_t v;
	unsigned meant;
	size_t at = address.n + 1;

	if (prefix.n == 0)
		return why_set_at(why, at,
		    "\"%.*s\" has nothing behind its slash; write a number of "
		    "bits, as in %.*s/%u",
		    QUOTED(s), QUOTED(address), bits);
	if (bits == V4_BITS && netmask_parse(prefix, &meant))
		return why_set_at(why, at,
		    "\"%.*s\" has a netmask; write %.*s/%u", QUOTED(s),
		    QUOTED(address), meant);
	if (!str_to_u64(prefix, &v))
		return why_set_at(why, at,
		    "\"%.*s\": \"%.*s\" is no number of bits; write one from "
		    "0 to %u",
		    QUOTED(s), QUOTED(prefix), bits);
	if (v > bits)
		return why_set_at(why, at,
		    "\"%.*s\": an %s address has %u bits; write a number from "
		    "0 to %u",
		    QUOTED(s), bits == V4_BITS ? "IPv4" : "IPv6", bits, bits);
	*prefix_r = (unsigned)v;
	return true;
}

/*
 * "10/8" and "192.0.2." mean a network to other programs: say how it is
 * written here.  True where that was it, and *why is filled.
 */
static bool
short_network(
    struct str s, struct str address, struct str prefix, struct why *why)
{
	uint8_t b[4] = { 0 };
	size_t n;
	uint64_t bits;

	if (str_ends(address, STR(".")))
		address.n--;
	if (!v4_numbers(address, b, &n, NULL) || n == 0 || n > 3)
		return false;
	if (!str_to_u64(prefix, &bits) || bits > V4_BITS)
		bits = 8 * n;
	why_set(why,
	    "\"%.*s\" has fewer than four numbers; write %u.%u.%u.%u/%u",
	    QUOTED(s), b[0], b[1], b[2], b[3], (unsigned)bits);
	return true;
}

/* What other programs take for a network: a wildcard, a range. */
static void
other_network(struct str s, struct str address, struct why *why)
{
	size_t dash = str_find(address, '-');
	uint8_t b[4] = { 0 };
	size_t n;
	struct ip ip;

	if (dash != STR_NOWHERE &&
	    ip_parse(str_sub(address, 0, dash), &ip, NULL))
		why_set(why,
		    "\"%.*s\" is a range; write the networks that it is made "
		    "of, such as 192.0.2.0/28",
		    QUOTED(s));
	if (!str_ends(address, STR(".*")))
		return;
	while (str_ends(address, STR(".*")))
		address.n -= 2;
	if (v4_numbers(address, b, &n, NULL) && n < 4)
		why_set(why, "\"%.*s\" has a wildcard; write %u.%u.%u.%u/%u",
		    QUOTED(s), b[0], b[1], b[2], b[3], (unsigned)(8 * n));
}

static bool
host_bits(struct str s, struct cidr meant, struct ip ip, struct why *why)
{
	char network[IP_TEXT_MAX];
	char address[IP_TEXT_MAX];

	return why_set(why,
	    "\"%.*s\" has bits set behind its /%u; write %s/%u, or %s for that "
	    "one address",
	    QUOTED(s), meant.prefix, ip_text(meant.ip, network), meant.prefix,
	    ip_text(ip, address));
}

bool
cidr_parse(struct str s, struct cidr *net_r, struct why *why)
{
	size_t slash = str_find(s, '/');
	bool has_prefix = slash != STR_NOWHERE;
	struct str address = has_prefix ? str_sub(s, 0, slash) : s;
	struct str prefix = has_prefix ? str_from(s, slash + 1) : STR("");
	bool v6 = str_find(address, ':') != STR_NOWHERE;
	unsigned bits = v6 ? V6_BITS : V4_BITS;
	unsigned kept = bits;
	struct cidr net;
	struct ip ip = { .family = IP_NONE };

	if (!ip_parse(address, &ip, why)) {
		if (!v6 && !short_network(s, address, prefix, why))
			other_network(s, address, why);
		return false;
	}
	if (has_prefix && !prefix_parse(s, address, prefix, bits, &kept, why))
		return false;
	if (v6 && ip.family == IP_V4) {
		if (kept < MAPPED_BITS)
			return why_set_at(why, slash + 1,
			    "\"%.*s\" is a network of IPv4-mapped addresses, "
			    "which begin at /%d; write it as an IPv4 network",
			    QUOTED(s), MAPPED_BITS);
		kept -= MAPPED_BITS;
	}
	net.ip = mask(ip, kept);
	net.prefix = (uint8_t)kept;
	if (!ip_eq(net.ip, ip))
		return host_bits(s, net, ip, why);
	*net_r = net;
	return true;
}

static unsigned
group_at(struct ip ip, size_t i)
{
	return (unsigned)(ip.b[2 * i] << 8 | ip.b[2 * i + 1]);
}

/* The longest run of zero groups, the first of several (RFC 5952 4.2). */
static size_t
longest_zeros(struct ip ip, size_t *length_r)
{
	size_t best = GROUPS;
	size_t best_length = 1; /* one group is not shortened */

	for (size_t i = 0; i < GROUPS; i++) {
		size_t n = 0;
		while (i + n < GROUPS && group_at(ip, i + n) == 0)
			n++;
		if (n > best_length) {
			best = i;
			best_length = n;
		}
	}
	*length_r = best_length;
	return best;
}

static void
v6_print(struct ip ip, struct buf *out)
{
	size_t length;
	size_t gap = longest_zeros(ip, &length);
	char group[GROUP_DIGITS + 1];
	struct buf b = BUF_ON(group);

	for (size_t i = 0; i < GROUPS; i++) {
		if (i == gap) {
			buf_c(out, "::");
			i += length - 1;
			continue;
		}
		if (i > 0 && i != gap + length)
			buf_char(out, ':');
		b.n = 0;
		buf_printf(&b, "%x", group_at(ip, i));
		buf_str_add(out, buf_str(&b));
	}
}

void
ip_print(struct ip ip, struct buf *out)
{
	switch (ip.family) {
	case IP_NONE:
		buf_char(out, '-');
		break;
	case IP_V4:
		for (size_t i = 0; i < 4; i++) {
			if (i > 0)
				buf_char(out, '.');
			buf_u64(out, ip.b[i]);
		}
		break;
	case IP_V6:
		v6_print(ip, out);
		break;
	}
}

void
cidr_print(struct cidr net, struct buf *out)
{
	ip_print(net.ip, out);
	if (net.prefix != bits_of(net.ip)) {
		buf_char(out, '/');
		buf_u64(out, net.prefix);
	}
}

bool
ip_eq(struct ip a, struct ip b)
{
	return a.family == b.family && memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

bool
cidr_has(struct cidr net, struct ip ip)
{
	size_t whole = net.prefix / 8;
	unsigned rest = net.prefix % 8;

	if (net.ip.family != ip.family || ip.family == IP_NONE)
		return false;
	if (memcmp(net.ip.b, ip.b, whole) != 0)
		return false;
	return rest == 0 || ((net.ip.b[whole] ^ ip.b[whole]) &
				(0xff00u >> rest) & 0xff) == 0;
}
