/*
 * control - the clients of the control socket.
 *
 * Slots are fixed, and a client keeps its slot until its command has
 * answered, even if it has hung up, so that an answer never meets another
 * client.
 */
#include "daemon/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "core/control.h"
#include "daemon/loop.h"

enum state {
	FREE,
	CONNECTED,
	ASKED,
	ANSWERED,
};

struct control_client {
	enum state state;
	int fd;
	int64_t until; /* but in ASKED; milliseconds */
	char line[CONTROL_LINE_MAX];
	size_t n;
	char *answer;
	struct str left; /* of it, to be sent */
};

static struct control_client clients[CONTROL_CLIENTS];
static int listening = -1;

static void on_call(void *ctx, int fd, short revents);
static void on_client(void *ctx, int fd, short revents);

static int64_t
now_ms(void)
{
	return clock_system.mono_us(clock_system.ctx) / 1000;
}

static void
client_end(struct control_client *c)
{
	loop_remove(c->fd);
	(void)close(c->fd);
	free(c->answer);
	*c = (struct control_client){ .state = FREE };
	if (listening >= 0)
		(void)loop_add(listening, POLLIN, on_call, NULL);
}

/* ---- the answer --------------------------------------------------------- */

static void
client_write(struct control_client *c)
{
	ssize_t n = send(c->fd, c->left.p, c->left.n, MSG_NOSIGNAL);

	if (n >= 0)
		c->left = str_from(c->left, (size_t)n);
	if (c->left.n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		client_end(c);
}

void
control_answer(struct control_client *c, bool ok, struct str text)
{
	const char *how = ok ? CONTROL_OK : CONTROL_FAULT;
	size_t n = strlen(how);

	c->answer = malloc(n + text.n);
	if (c->answer == NULL) {
		client_end(c);
		return;
	}
	memcpy(c->answer, how, n);
	if (text.n > 0)
		memcpy(c->answer + n, text.p, text.n);
	c->left = str_of(c->answer, n + text.n);
	c->state = ANSWERED;
	c->until = now_ms() + CONTROL_MS;
	if (!loop_add(c->fd, POLLOUT, on_client, c))
		client_end(c);
}

/* ---- the request -------------------------------------------------------- */

static void
line_run(struct control_client *c, struct str line)
{
	size_t space = str_find(line, ' ');
	struct str word = str_sub(line, 0, space);
	struct str rest =
	    space == STR_NOWHERE ? STR("") : str_trim(str_from(line, space));
	char text[256];
	struct buf b = BUF_ON(text);

	c->state = ASKED;
	loop_remove(c->fd);
	for (const struct control_command *r = control_commands;
	     r->name != NULL; r++)
		if (str_eq(word, str_c(r->name))) {
			r->run(c, rest);
			return;
		}
	buf_c(&b, "the portreeve that runs does not know the command \"");
	buf_safe(&b, str_sub(word, 0, 60), 0);
	buf_c(&b, "\"; is it older than this program?\n");
	control_answer(c, false, buf_str(&b));
}

static void
client_read(struct control_client *c)
{
	ssize_t n = recv(c->fd, c->line + c->n, sizeof c->line - c->n, 0);
	size_t end;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		client_end(c);
		return;
	}
	c->n += (size_t)n;
	end = str_find(str_of(c->line, c->n), '\n');
	if (end != STR_NOWHERE)
		line_run(c, str_of(c->line, end));
	else if (c->n == sizeof c->line)
		control_answer(
		    c, false, STR("no command has so long a line\n"));
}

static void
on_client(void *ctx, int fd, short revents)
{
	struct control_client *c = ctx;

	(void)fd;
	(void)revents; /* an end or error shows in what is tried */
	if (c->state == CONNECTED)
		client_read(c);
	else
		client_write(c);
}

/* ---- clients ------------------------------------------------------------ */

/* The mode of the socket says the same; this holds whatever becomes of it. */
static bool
may_command(int fd)
{
	struct ucred cred;
	socklen_t n = sizeof cred;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0 &&
	       (cred.uid == 0 || cred.uid == geteuid());
}

static void
client_new(struct control_client *c, int fd)
{
	*c = (struct control_client){
		.state = CONNECTED, .fd = fd, .until = now_ms() + CONTROL_MS
	};
	if (!may_command(fd))
		control_answer(c, false,
		    STR("commands are taken from root and from the user that "
			"portreeve runs as; try sudo\n"));
	else if (!loop_add(fd, POLLIN, on_client, c))
		client_end(c);
}

static void
on_call(void *ctx, int fd, short revents)
{
	struct control_client *c = clients;
	int client;

	(void)ctx;
	(void)revents;
	while (c < clients + CONTROL_CLIENTS && c->state != FREE)
		c++;
	if (c == clients + CONTROL_CLIENTS) {
		loop_remove(fd); /* until one of them ends */
		return;
	}
	client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client >= 0)
		client_new(c, client);
	else
		loop_remove(fd); /* until the next sweep: no descriptors? */
}

void
control_serve(int fd)
{
	listening = fd;
	(void)loop_add(fd, POLLIN, on_call, NULL);
}

void
control_stop(void)
{
	loop_remove(listening);
	(void)shutdown(listening, SHUT_RDWR);
	listening = -1;
}

bool
control_busy(void)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (clients[i].state != FREE)
			return true;
	return false;
}

void
control_sweep(void)
{
	int64_t now = now_ms();

	if (listening >= 0)
		(void)loop_add(listening, POLLIN, on_call, NULL);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &clients[i];
		if ((c->state == CONNECTED || c->state == ANSWERED) &&
		    c->until < now)
			client_end(c);
	}
}
