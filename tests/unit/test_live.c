/*
 * live - the SMTP client against a server on the loopback that says what the
 * test tells it to, however badly.
 */
#include "tools/live.h"

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the server says: the greeting, then one piece behind each line; NULL
 * hangs up. */
enum {
	SAYS_MOST = 8
};

struct server {
	int fd;
	char address[32];
	const char *const *says;
	pthread_t thread;
};

/* False when the client has gone. */
static bool
read_line(int fd)
{
	char c = 0;

	while (c != '\n')
		if (read(fd, &c, 1) != 1)
			return false;
	return true;
}

static void *
serve(void *arg)
{
	const struct server *server = arg;
	int fd = accept(server->fd, NULL, NULL);

	for (size_t i = 0; i < SAYS_MOST && server->says[i] != NULL; i++) {
		const char *text = server->says[i];

		if (i > 0 && !read_line(fd))
			break;
		if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
			break;
	}
	(void)close(fd);
	return NULL;
}

static void
server_start(struct server *server, const char *const *says)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t n = sizeof in;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->says = says;
	server->fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(server->fd, 0);
	ck_assert_int_eq(bind(server->fd, (struct sockaddr *)&in, n), 0);
	ck_assert_int_eq(listen(server->fd, 1), 0);
	ck_assert_int_eq(
	    getsockname(server->fd, (struct sockaddr *)&in, &n), 0);
	(void)snprintf(server->address, sizeof server->address, "127.0.0.1:%u",
	    (unsigned)ntohs(in.sin_port));
	ck_assert_int_eq(
	    pthread_create(&server->thread, NULL, serve, server), 0);
}

static void
server_stop(struct server *server)
{
	ck_assert_int_eq(pthread_join(server->thread, NULL), 0);
	(void)close(server->fd);
}

/* ---- dialogues ---------------------------------------------------------- */

#define PLAIN "S: 220\nC: EHLO x\nS: 250\nS: 250 SIZE\nC: QUIT\nS: 221\n"

static const struct {
	const char *says[SAYS_MOST];
	const char *transcript;
	const char *failure; /* NULL: it holds; else part of what is said */
} dialogues[] = {
	{ { "220 mx\r\n", "250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n",
	      "221 bye\r\n" },
	    PLAIN, NULL },
	/* Bare LF, no text, lines in pieces of a packet. */
	{ { "220\n", "250-mx\n250 SIZE\n", "221\n" }, PLAIN, NULL },
	/* A message gets no replies until it ends. */
	{ { "220 mx\r\n", "354 go\r\n", "", "", "", "250 ok\r\n" },
	    "S: 220\nC: DATA\nS: 354\nC: X: y\nC:\nC: z\nC: .\nS: 250 ok\n",
	    NULL },
	/* Rules cannot be told without a log. */
	{ { "220 mx\r\n", "550 5.7.1 no\r\n" },
	    "S: 220 {a}\nC: x\nS: 550 5.7.1 {b}\n", NULL },
	{ { "220 mx\r\n", "550 5.7.1 no\r\n" }, "S: 220\nC: x\nS: 250\n",
	    "got:      550 5.7.1 no" },
	{ { "554 mx\r\n" }, PLAIN, "got:      554 mx" },
	{ { "220 mx\r\n" }, PLAIN, "the server has closed the connection" },
	{ { "220 mx\r\n", "250-mx\r\n" }, PLAIN, "closed the connection" },
	{ { "220 mx\r\n", "250 mx" }, PLAIN, "closed the connection" },
	{ { NULL }, PLAIN, "closed the connection" },
	{ { "hello\r\n" }, PLAIN, "is no SMTP reply: hello" },
	{ { "\r\n" }, PLAIN, "is no SMTP reply" },
	{ { "22\r\n" }, PLAIN, "is no SMTP reply" },
	{ { "220x\r\n" }, PLAIN, "is no SMTP reply" },
	{ { "SSH-2.0-\x1b[2J\r\n" }, PLAIN, "is no SMTP reply: SSH-2.0-?[2J" },
	/* What a server said before it hung up can be read. */
	{ { "220 mx\r\n", "421 too many errors\r\n" }, "S: 220\nC: a\nS: 421\n",
	    NULL },
};

static bool
play_against(const char *address, const char *text, char **said_r)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct source source = { .name = STR("t.smtp"), .text = str_c(text) };
	struct play_failure failure;
	struct transcript t;
	struct diags diags;
	struct live *live;
	struct why why;
	size_t n;
	FILE *out = open_memstream(said_r, &n);
	bool good;

	diags_init(&diags, arena);
	ck_assert(transcript_parse(&source, arena, &diags, &t));
	live = live_connect(address, NULL, &why);
	ck_assert_msg(live != NULL, "%s: %s", address, why.text);
	good = play(&t, live_peer(live), NULL, &failure);
	if (!good)
		play_explain(&failure, out);
	(void)fclose(out);
	live_close(live);
	arena_free(arena);
	return good;
}

START_TEST(plays)
{
	struct server server;
	char *said = NULL;
	bool good;

	server_start(&server, dialogues[_i].says);
	good = play_against(server.address, dialogues[_i].transcript, &said);
	server_stop(&server);
	ck_assert_msg(
	    good == (dialogues[_i].failure == NULL), "%d: %s", _i, said);
	if (!good)
		ck_assert_msg(strstr(said, dialogues[_i].failure) != NULL,
		    "\"%s\" is not in\n%s", dialogues[_i].failure, said);
	free(said);
}
END_TEST

/* A line without an end is not read for ever. */
START_TEST(endless_line)
{
	char *endless = malloc(100001);
	const char *says[SAYS_MOST] = { endless };
	struct server server;
	char *said = NULL;

	ck_assert_ptr_nonnull(endless);
	memset(endless, '2', 100000);
	endless[100000] = '\0';
	server_start(&server, says);
	ck_assert(!play_against(server.address, PLAIN, &said));
	ck_assert_ptr_nonnull(strstr(said, "a line over 16384 octets"));
	server_stop(&server);
	free(said);
	free(endless);
}
END_TEST

/* ---- addresses ---------------------------------------------------------- */

static const struct {
	const char *address;
	const char *said;
} faults[] = {
	{ "", "is no HOST:PORT" },
	{ "localhost", "is no HOST:PORT" },
	{ ":25", "is no HOST:PORT" },
	{ "127.0.0.1:", "is no HOST:PORT" },
	{ "[]:25", "is no HOST:PORT" },
	{ "127.0.0.1:no-such-service", "127.0.0.1:no-such-service: " },
	{ "127.0.0.1:1", "cannot connect to 127.0.0.1:1: " },
};

START_TEST(refuses_addresses)
{
	struct why why;
	struct live *live = live_connect(faults[_i].address, NULL, &why);

	ck_assert_ptr_null(live);
	ck_assert_msg(strstr(why.text, faults[_i].said) != NULL, "%s: %s",
	    faults[_i].address, why.text);
}
END_TEST

START_TEST(refuses_missing_log)
{
	struct why why;

	ck_assert_ptr_null(
	    live_connect("127.0.0.1:1", "/nonexistent/log", &why));
	ck_assert_ptr_nonnull(strstr(why.text, "/nonexistent/log: "));
}
END_TEST

/* ---- the decision log --------------------------------------------------- */

static const char old_line[] =
    "NOQUEUE: reject: stage=mail rule=old reply=\"550 5.7.1 no\" x\n";

static const struct {
	const char *line; /* added before the reply is read */
	bool holds;       /* "S: 550 {want}" would */
} logs[] = {
	{ "Q: reject: stage=mail rule=want reply=\"550 5.7.1 no\" x\n", true },
	{ "Q: reject: stage=mail rule=other reply=\"550 5.7.1 no\" x\n",
	    false },
	/* The line of another reply, an observed rule, a note, none. */
	{ "Q: defer: stage=mail rule=other reply=\"450 4.7.1 no\" x\n", true },
	{ "Q: would-reject: stage=mail rule=other reply=\"550 x\" x\n", true },
	{ "Q: log: stage=mail rule=other text=\"x\" x\n", true },
	{ "", true },
	/* What a client wrote names no rule. */
	{ "Q: reject: stage=mail rule=want reply=\"550 a rule=b\" rule=c\n",
	    true },
};

START_TEST(reads_log)
{
	static const char *const says[SAYS_MOST] = { "220 mx\r\n",
		"550 5.7.1 no\r\n" };
	char path[] = "/tmp/test-live-XXXXXX";
	int fd = mkstemp(path);
	struct server server;
	struct live *live;
	struct peer_reply reply = { .text = STR_NONE };
	struct why why;
	const struct peer *peer;
	size_t n = strlen(logs[_i].line);
	bool holds;

	ck_assert_int_ge(fd, 0);
	ck_assert(write(fd, old_line, sizeof old_line - 1) > 0);
	server_start(&server, says);
	live = live_connect(server.address, path, &why);
	ck_assert_msg(live != NULL, "%s", why.text);
	peer = live_peer(live);
	ck_assert(peer->greeting(peer->ctx, &reply, &why));
	ck_assert(!reply.knows_rule);
	ck_assert_int_eq(write(fd, logs[_i].line, n), (ssize_t)n);
	ck_assert(peer->line(peer->ctx, STR("a"), true, &reply, &why));
	holds = !reply.knows_rule || str_eq(reply.rule, STR("want"));
	ck_assert_msg(holds == logs[_i].holds, "%.*s: %s", STR_FMT(reply.rule),
	    logs[_i].line);
	live_close(live);
	server_stop(&server);
	(void)close(fd);
	(void)unlink(path);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *suite_live(void);

Suite *
suite_live(void)
{
	Suite *s = suite_create("live");
	TCase *tc = tcase_create("live");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, plays, 0, COUNT(dialogues));
	tcase_add_test(tc, endless_line);
	tcase_add_loop_test(tc, refuses_addresses, 0, COUNT(faults));
	tcase_add_test(tc, refuses_missing_log);
	tcase_add_loop_test(tc, reads_log, 0, COUNT(logs));
	suite_add_tcase(s, tc);
	return s;
}
