/*
 * milterload - milter sessions as fast as a filter takes them.
 *
 *     milterload [OPTION...] SOCKET       see usage()
 *
 * One thread, one epoll.  A slot is a connection under way; when its session
 * ends it begins the next one.  Idle connections are greeted first, and stay.
 * What came out is printed as key=value, one a line; the exit status is 1
 * where a session broke off.
 */
#include "load.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 10000,
	RETRY_US = 1000,     /* until a full backlog is tried again */
	GRACE_US = 30000000, /* for sessions under way at the end */
	EVENTS = 512,
};

/* Connections that are due one after the other, each as long after it was
 * put in. */
struct queue {
	struct load_conn *first;
	struct load_conn **end;
	int64_t delay;
};

struct load {
	struct shape shape;
	struct tally tally;
	unsigned active;
	unsigned idle;
	uint64_t limit;  /* sessions to begin; 0: no limit */
	int64_t seconds; /* to go on for; 0: until the limit */
	int64_t begin;
	int64_t end; /* 0: none */
	uint64_t begun;
	unsigned open; /* of the active ones */
	unsigned greeted;
	int epoll;
	struct load_conn *conns; /* idle ones, then active ones */
	struct queue next;       /* slots whose session has ended */
	struct queue retry;      /* those that the filter did not take yet */
	struct queue pause;
};

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- queues ------------------------------------------------------------- */

static void
queue_put(struct queue *q, struct load_conn *c)
{
	c->next = NULL;
	c->due = now_us() + q->delay;
	*q->end = c;
	q->end = &c->next;
}

static struct load_conn *
queue_take(struct queue *q, int64_t now)
{
	struct load_conn *c = q->first;

	if (c == NULL || c->due > now)
		return NULL;
	q->first = c->next;
	if (q->first == NULL)
		q->end = &q->first;
	return c;
}

/* ---- connections -------------------------------------------------------- */

static void
watch(struct load *load, struct load_conn *c, int how)
{
	struct epoll_event e = { .data.ptr = c };
	bool out = c->out.n > 0;

	if (how == EPOLL_CTL_MOD && out == c->wants_out)
		return;
	c->wants_out = out;
	e.events = EPOLLIN | (out ? EPOLLOUT : 0u);
	if (epoll_ctl(load->epoll, how, c->fd, &e) != 0)
		die("epoll_ctl");
}

static bool
may_begin(const struct load *load)
{
	return (load->limit == 0 || load->begun < load->limit) &&
	       (load->end == 0 || now_us() < load->end);
}

static void progressed(
    struct load *load, struct load_conn *c, enum progress progress);

static void
open_or_retry(struct load *load, struct load_conn *c)
{
	if (!conn_open(c, &load->shape)) {
		if (errno != EAGAIN)
			die("connect");
		queue_put(&load->retry, c);
		return;
	}
	watch(load, c, EPOLL_CTL_ADD);
	progressed(load, c, conn_go(c, &load->shape, &load->tally));
}

/* A session of an active slot, or none if there were enough. */
static void
begin_session(struct load *load, struct load_conn *c)
{
	if (!may_begin(load)) {
		load->open--;
		return;
	}
	load->begun++;
	open_or_retry(load, c);
}

static void
progressed(struct load *load, struct load_conn *c, enum progress progress)
{
	if (progress == PROGRESS_REPLY && load->pause.delay > 0) {
		queue_put(&load->pause, c);
		return;
	}
	if (progress == PROGRESS_REPLY)
		progress = conn_go(c, &load->shape, &load->tally);
	switch (progress) {
	case PROGRESS_WAITS:
	case PROGRESS_REPLY:
		watch(load, c, EPOLL_CTL_MOD);
		break;
	case PROGRESS_IDLE:
		watch(load, c, EPOLL_CTL_MOD);
		load->greeted += !c->greeted;
		c->greeted = true;
		break;
	case PROGRESS_OVER:
		if (c->idle) {
			(void)fprintf(stderr, "milterload: an idle connection "
					      "was closed\n");
			exit(1);
		}
		queue_put(&load->next, c);
		break;
	}
}

/* The slots whose time has come. */
static void
run_queues(struct load *load)
{
	int64_t now = now_us();
	struct load_conn *c;

	while ((c = queue_take(&load->next, now)) != NULL)
		begin_session(load, c);
	while ((c = queue_take(&load->retry, now)) != NULL)
		open_or_retry(load, c);
	while ((c = queue_take(&load->pause, now)) != NULL)
		progressed(load, c, conn_go(c, &load->shape, &load->tally));
}

static void
handle(struct load *load, const struct epoll_event *e)
{
	struct load_conn *c = e->data.ptr;

	if ((e->events & EPOLLIN) != 0 || (e->events & EPOLLOUT) == 0)
		progressed(load, c, conn_read(c, &load->shape, &load->tally));
	else
		progressed(load, c, conn_go(c, &load->shape, &load->tally));
}

static void
turn(struct load *load)
{
	struct epoll_event events[EVENTS];
	int n;

	run_queues(load);
	n = epoll_wait(load->epoll, events, EVENTS, 1);
	if (n < 0 && errno != EINTR)
		die("epoll_wait");
	for (int i = 0; i < n; i++)
		handle(load, &events[i]);
}

/* ---- the run ------------------------------------------------------------ */

static void
start_idle(struct load *load)
{
	for (unsigned i = 0; i < load->idle; i++) {
		load->conns[i].idle = true;
		open_or_retry(load, &load->conns[i]);
	}
	while (load->greeted < load->idle)
		turn(load);
	printf("idle=%u\n", load->idle);
	(void)fflush(stdout);
}

static void
start_active(struct load *load)
{
	load->begin = now_us();
	if (load->seconds > 0)
		load->end = load->begin + load->seconds * 1000000;
	load->open = load->active;
	for (unsigned i = 0; i < load->active; i++)
		queue_put(&load->next, &load->conns[load->idle + i]);
}

/* False: sessions under way did not end. */
static bool
run(struct load *load)
{
	start_idle(load);
	start_active(load);
	while (load->open > 0 || (load->active == 0 && now_us() < load->end)) {
		turn(load);
		if (load->end > 0 && now_us() > load->end + GRACE_US)
			return false;
	}
	return true;
}

/* ---- what came out ------------------------------------------------------ */

/* The upper end of the bucket in which the share `part` is reached. */
static uint64_t
percentile(const struct tally *tally, double part)
{
	uint64_t all = 0;
	uint64_t sum = 0;

	for (unsigned i = 0; i < BUCKETS; i++)
		all += tally->latency[i];
	for (unsigned i = 0; i < BUCKETS; i++) {
		sum += tally->latency[i];
		if (sum > 0 && (double)sum >= part * (double)all)
			return (uint64_t)((16.0 + i % 16 + 1) / 16 *
					  (double)(UINT64_C(1) << i / 16));
	}
	return 0;
}

static void
print_replies(const struct tally *tally)
{
	static const struct {
		char code;
		const char *name;
	} names[] = {
		{ SMFIR_CONTINUE, "continue" },
		{ SMFIR_ACCEPT, "accept" },
		{ SMFIR_REJECT, "reject" },
		{ SMFIR_TEMPFAIL, "tempfail" },
		{ SMFIR_DISCARD, "discard" },
		{ SMFIR_REPLYCODE, "replycode" },
		{ SMFIR_SKIP, "skip" },
		{ SMFIR_ADDHEADER, "addheader" },
		{ SMFIR_QUARANTINE, "quarantine" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		printf("replies_%s=%llu\n", names[i].name,
		    (unsigned long long)
			tally->replies[(unsigned char)names[i].code]);
}

static void
print(const struct load *load)
{
	const struct tally *t = &load->tally;
	double seconds = (double)(now_us() - load->begin) / 1e6;

	printf("seconds=%.3f\n", seconds);
	printf("sessions=%llu\n", (unsigned long long)t->sessions);
	printf("sessions_per_second=%.1f\n", (double)t->sessions / seconds);
	printf("errors=%llu\n", (unsigned long long)t->errors);
	printf("messages=%llu\n", (unsigned long long)t->messages);
	printf("body_octets=%llu\n", (unsigned long long)t->body);
	printf("refused_at=%llu\n", (unsigned long long)t->refused_at);
	print_replies(t);
	printf("p50_us=%llu\n", (unsigned long long)percentile(t, 0.50));
	printf("p99_us=%llu\n", (unsigned long long)percentile(t, 0.99));
	printf("max_us=%llu\n", (unsigned long long)t->latency_max);
	negotiated_print();
}

/* ---- options ------------------------------------------------------------ */

static _Noreturn void
usage(void)
{
	(void)fputs(
	    "usage: milterload [OPTION...] SOCKET\n"
	    "  -c N   connections at once (16), at most 10000 with -i\n"
	    "  -i N   idle connections beside them (0)\n"
	    "  -n N   sessions in all (no limit)\n"
	    "  -t N   seconds (2; with -n no limit)\n"
	    "  -m N   messages of a session (1)\n"
	    "  -r N   recipients of a message (1)\n"
	    "  -H N   header fields of a message (8)\n"
	    "  -b N   octets of its body (2048)\n"
	    "  -p N   milliseconds between a reply and what follows (0)\n"
	    "  -V N   protocol version (6)\n"
	    "  -P N   protocol steps that are offered (0x1fffff)\n",
	    stderr);
	exit(2);
}

static unsigned long
number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (*text == '\0' || *end != '\0' || n > max)
		usage();
	return n;
}

static void
option(struct load *load, int letter, const char *value)
{
	unsigned long n = letter == '?' ? 0 : number(value, UINT32_MAX);

	switch (letter) {
	case 'c':
		load->active = (unsigned)n;
		break;
	case 'i':
		load->idle = (unsigned)n;
		break;
	case 'n':
		load->limit = n;
		break;
	case 't':
		load->seconds = (int64_t)n;
		break;
	case 'm':
		load->shape.messages = (unsigned)n;
		break;
	case 'r':
		load->shape.recipients = (unsigned)n;
		break;
	case 'H':
		load->shape.headers = (unsigned)n;
		break;
	case 'b':
		load->shape.body = n;
		break;
	case 'p':
		load->pause.delay = (int64_t)n * 1000;
		break;
	case 'V':
		load->shape.version = (unsigned)n;
		break;
	case 'P':
		load->shape.steps = n;
		break;
	default:
		usage();
	}
}

static void
options(struct load *load, int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "c:i:n:t:m:r:H:b:p:V:P:")) != -1)
		option(load, letter, optarg);
	if (optind + 1 != argc || load->active + load->idle > CONNECTIONS_MAX ||
	    load->shape.messages == 0 || load->shape.recipients == 0)
		usage();
	if (load->limit == 0 && load->seconds == 0)
		load->seconds = 2;
	load->shape.socket = argv[optind];
}

static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(int argc, char **argv)
{
	static struct load load = {
		.active = 16,
		.shape = { .messages = 1,
		    .recipients = 1,
		    .headers = 8,
		    .body = 2048,
		    .version = 6,
		    .steps = 0x1fffff },
		.next.end = &load.next.first,
		.retry.end = &load.retry.first,
		.retry.delay = RETRY_US,
		.pause.end = &load.pause.first,
	};
	bool ended;

	options(&load, argc, argv);
	raise_descriptors();
	load.conns = calloc(load.active + load.idle + 1, sizeof *load.conns);
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load.conns == NULL || load.epoll < 0)
		die("milterload");
	ended = run(&load);
	print(&load);
	if (!ended)
		(void)fprintf(
		    stderr, "milterload: %u sessions did not end\n", load.open);
	return ended && load.tally.errors == 0 ? 0 : 1;
}
