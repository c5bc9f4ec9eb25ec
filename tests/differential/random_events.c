/*
 * random_events - what a client and its mail server could do.
 */
#include "differential.h"

enum {
	LONG_VALUE = 70 * 1024, /* over what a regex is let search */
};

uint64_t
chance_next(struct chance *c)
{
	uint64_t x = c->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

unsigned
below(struct chance *c, unsigned n)
{
	return (unsigned)(chance_next(c) >> 32) % n;
}

bool
often(struct chance *c, unsigned percent)
{
	return below(c, 100) < percent;
}

/* ---- words -------------------------------------------------------------- */

const char *
random_domain(struct chance *c)
{
	static const char *const words[] = { "a.example", "b.example",
		"sub.a.example", "x.y.b.example", "c.example", "example",
		"dsl-1-2.c.example", "[192.0.2.1]", "xn--bcher-kva.example" };

	return ONE_OF(c, words);
}

const char *
random_local(struct chance *c)
{
	static const char *const words[] = { "joe", "ann", "postmaster",
		"list-owner", "joe+tag", "a.b", "x" };

	return ONE_OF(c, words);
}

const char *
random_ip(struct chance *c)
{
	static const char *const words[] = { "192.0.2.1", "192.0.2.77",
		"192.0.2.200", "198.51.100.7", "203.0.113.5", "2001:db8::1",
		"2001:db8:0:1::9", "10.1.2.3" };

	return ONE_OF(c, words);
}

const char *
random_word(struct chance *c)
{
	static const char *const words[] = { "alpha", "Beta", "gamma delta",
		"viagra now", "mx", "OK", "FAIL", "mon", "sun", "joe",
		"a.example", "cheap ALPHA pills", "" };

	return ONE_OF(c, words);
}

void
random_address(struct chance *c, struct buf *out)
{
	buf_printf(out, "%s@%s", random_local(c), random_domain(c));
}

/* Mostly one of the words; now and then in other case, or far too long. */
static void
put_noisy(struct chance *c, struct buf *out, const char *word)
{
	size_t from = out->n;

	buf_c(out, word);
	if (often(c, 10))
		for (size_t i = from; i < out->n; i++)
			if (ascii_is_alpha((unsigned char)out->p[i]))
				out->p[i] = (char)(out->p[i] ^ 0x20);
	if (often(c, 4))
		for (unsigned i = 0; i < LONG_VALUE; i++)
			buf_char(out, 'a');
	if (often(c, 2))
		buf_char(out, '.');
}

/* ---- events ------------------------------------------------------------- */

static void
put_macros(struct chance *c, struct buf *out)
{
	static const char *const names[] = { "{client_ptr}", "{client_resolve}",
		"{daemon_name}", "{daemon_addr}", "{daemon_port}", "j",
		"{tls_version}", "{cipher_bits}", "{auth_authen}",
		"{auth_type}", "{rcpt_mailer}", "{rcpt_host}", "{x}", "i" };

	while (often(c, 60)) {
		buf_printf(out, "macro %s ", ONE_OF(c, names));
		switch (below(c, 4)) {
		case 0:
			buf_c(out, random_domain(c));
			break;
		case 1:
			buf_c(out, random_ip(c));
			break;
		case 2:
			buf_printf(out, "%u", below(c, 4) * 64);
			break;
		default:
			buf_c(out, random_word(c));
			break;
		}
		buf_char(out, '\n');
	}
}

static void
put_path(struct chance *c, struct buf *out)
{
	switch (below(c, 12)) {
	case 0:
		buf_c(out, "<>");
		break;
	case 1:
		buf_printf(out, "<%s>", random_local(c));
		break;
	case 2:
		buf_printf(
		    out, "<\"%s\"@%s>", random_local(c), random_domain(c));
		break;
	case 3:
		buf_printf(out, "%s@%s..x", random_local(c), random_domain(c));
		break;
	default:
		buf_char(out, '<');
		put_noisy(c, out, random_local(c));
		buf_char(out, '@');
		put_noisy(c, out, random_domain(c));
		buf_char(out, '>');
		break;
	}
}

static void
put_headers(struct chance *c, struct buf *out)
{
	static const char *const names[] = { "Subject", "From", "X-Spam" };

	while (often(c, 70)) {
		buf_printf(out, "header %s: ", ONE_OF(c, names));
		put_noisy(c, out, random_word(c));
		buf_c(out, often(c, 20) ? "| alpha" : "");
		buf_char(out, '\n');
	}
}

static void
put_message(struct chance *c, struct buf *out)
{
	if (often(c, 30))
		put_macros(c, out);
	buf_c(out, "mail ");
	put_path(c, out);
	if (often(c, 30))
		buf_printf(out, " SIZE=%u", below(c, 4) * 500);
	if (often(c, 20))
		buf_c(out, " SMTPUTF8 BODY=8BITMIME");
	buf_char(out, '\n');
	for (unsigned i = below(c, 5); i > 0; i--) {
		if (often(c, 20))
			put_macros(c, out);
		if (often(c, 10))
			buf_c(out, "refused\n");
		buf_c(out, "rcpt ");
		put_path(c, out);
		buf_c(out, often(c, 10) ? " NOTIFY=NEVER\n" : "\n");
	}
	if (often(c, 10))
		return;
	buf_c(out, "data\n");
	put_headers(c, out);
	buf_c(out, "eoh\n");
	while (often(c, 50)) {
		if (often(c, 20))
			put_macros(c, out);
		buf_printf(out, "body %u\n", below(c, 6) * 200);
	}
	buf_c(out, often(c, 10) ? "clock 1440\neom\n" : "eom\n");
	buf_c(out, often(c, 50) ? "end\n" : "");
}

void
random_events(struct chance *c, struct buf *out)
{
	put_macros(c, out);
	buf_c(out, "connect ");
	buf_c(out, often(c, 20) ? "unknown" : random_domain(c));
	buf_printf(out, " %s\n", often(c, 5) ? "local" : random_ip(c));
	while (often(c, 70)) {
		buf_c(out, "helo ");
		put_noisy(c, out, random_domain(c));
		buf_char(out, '\n');
		if (often(c, 20))
			put_macros(c, out);
	}
	for (unsigned i = below(c, 4); i > 0; i--) {
		put_message(c, out);
		if (often(c, 15))
			buf_printf(out, "unknown %s\n", random_word(c));
		if (often(c, 5))
			buf_printf(out, "helo %s\n", random_domain(c));
	}
}
