/*
 * attach - one address, three ways to write it.
 *
 * The policy's is libmilter's, and Sendmail's too; Postfix puts the host
 * before the port.
 */
#include "core/attach.h"

struct place {
	struct str scheme; /* "unix", "inet", "inet6" */
	struct str path;   /* unix */
	struct str port;
	struct str host; /* without brackets */
};

static struct place
place_of(struct str listen)
{
	size_t colon = str_find(listen, ':');
	struct place place = { .scheme = str_sub(listen, 0, colon) };
	struct str rest =
	    colon == STR_NOWHERE ? STR("") : str_from(listen, colon + 1);
	size_t at = str_find(rest, '@');
	bool v6 = str_eq(place.scheme, STR("inet6"));

	if (str_eq(place.scheme, STR("unix"))) {
		place.path = rest;
		return place;
	}
	place.port = str_sub(rest, 0, at);
	if (at != STR_NOWHERE)
		place.host = str_from(rest, at + 1);
	if (place.host.n > 2 && str_at(place.host, 0) == '[')
		place.host = str_sub(place.host, 1, place.host.n - 2);
	if (place.host.n == 0 || str_eq(place.host, STR("0.0.0.0")) ||
	    str_eq(place.host, STR("::")))
		place.host = v6 ? STR("::1") : STR("127.0.0.1");
	return place;
}

void
attach_postfix(struct str listen, struct buf *out)
{
	const struct str queue = STR(ATTACH_QUEUE);
	struct place place = place_of(listen);
	bool brackets = str_find(place.host, ':') != STR_NOWHERE;

	if (place.path.p != NULL) {
		/* smtpd looks a relative path up in the queue directory,
		 * whether it runs chrooted there or not. */
		buf_c(out, "unix:");
		buf_str_add(out, str_starts(place.path, queue)
				     ? str_from(place.path, queue.n)
				     : place.path);
		return;
	}
	buf_c(out, brackets ? "inet:[" : "inet:");
	buf_str_add(out, place.host);
	buf_c(out, brackets ? "]:" : ":");
	buf_str_add(out, place.port);
}

void
attach_sendmail(struct str listen, struct buf *out)
{
	struct place place = place_of(listen);

	buf_str_add(out, place.scheme);
	buf_char(out, ':');
	if (place.path.p != NULL) {
		buf_str_add(out, place.path);
		return;
	}
	buf_str_add(out, place.port);
	buf_char(out, '@');
	buf_str_add(out, place.host);
}

bool
attach_postfix_has(struct str macro)
{
	static const char *const sendmails[] = { "{verify}", "{if_name}",
		"{if_addr}", "{auth_ssf}", "{msg_id}", "{cert_md5}" };

	for (size_t i = 0; i < sizeof sendmails / sizeof sendmails[0]; i++)
		if (str_eq(macro, str_c(sendmails[i])))
			return false;
	return true;
}
