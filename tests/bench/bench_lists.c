/*
 * bench_lists - what lists and maps cost: memory, loading, look-ups.
 *
 *     bench_lists            20,000 entries, for `make check`
 *     bench_lists 1000000    as large as that
 *     bench_lists 1000000 domains
 *
 * For every kind a file's text is made, loaded as the policy loads it, and
 * asked for entries that are in and for some that are not, in an order that
 * no cache foresees; a list of 1,000 is asked the same way.  Then a policy
 * with a list of that size is loaded, and again with nothing changed.  The
 * memory is bounded here, since it does not depend on the machine; the times
 * are only printed.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lang/policy.h"
#include "lists/load.h"

enum {
	FEW = 1000,
	OCTETS_MOST = 40, /* an entry, beyond its text */
	ASKED = 200000,
	ROUNDS = 5,
};

/* ---- what is in them ---------------------------------------------------- */

/* A number for i that looks random; the same one every time. */
static uint64_t
mixed(uint64_t i)
{
	i += 0x9e3779b97f4a7c15;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9;
	i = (i ^ i >> 27) * 0x94d049bb133111eb;
	return i ^ i >> 31;
}

static void
put_domain(struct buf *out, uint64_t i)
{
	buf_printf(out, "%sh%" PRIx64 ".example%u.org", i % 8 == 0 ? "." : "",
	    mixed(i) >> 24, (unsigned)(i % 977));
}

static void
put_address(struct buf *out, uint64_t i)
{
	buf_printf(out, "user%" PRIx64 "@example%u.org", mixed(i) >> 32,
	    (unsigned)(i % 977));
}

static void
put_word(struct buf *out, uint64_t i)
{
	buf_printf(out, "w%" PRIx64, mixed(i) >> 16);
}

/* Different for every i below 2^24: an odd factor permutes. */
static void
put_v4(struct buf *out, uint64_t i)
{
	uint32_t net = (uint32_t)(i * 0x9e3779b1) << 8;

	buf_printf(
	    out, "%u.%u.%u.0/24", net >> 24, net >> 16 & 0xff, net >> 8 & 0xff);
}

static void
put_ip(struct buf *out, uint64_t i)
{
	uint32_t ip = (uint32_t)(i * 0x9e3779b1);

	buf_printf(out, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 0xff,
	    ip >> 8 & 0xff, ip & 0xff);
}

static void
put_v6(struct buf *out, uint64_t i)
{
	uint32_t net = (uint32_t)(i * 0x9e3779b1);

	buf_printf(out, "2001:%x:%x::/48", net >> 16, net & 0xffff);
}

/* ---- one kind ----------------------------------------------------------- */

struct subject {
	const char *name;
	enum list_kind kind;
	bool is_map;
	void (*put)(struct buf *out, uint64_t i);
};

static const struct subject subjects[] = {
	{ "domains", LIST_DOMAINS, false, put_domain },
	{ "addresses", LIST_ADDRESSES, false, put_address },
	{ "words", LIST_WORDS, false, put_word },
	{ "networks /24", LIST_NETWORKS, false, put_v4 },
	{ "networks /32", LIST_NETWORKS, false, put_ip },
	{ "networks v6", LIST_NETWORKS, false, put_v6 },
	{ "map domains", LIST_DOMAINS, true, put_domain },
	{ "map addresses", LIST_ADDRESSES, true, put_address },
	{ "map words", LIST_WORDS, true, put_word },
	{ "map networks", LIST_NETWORKS, true, put_v4 },
	{ "map net v6", LIST_NETWORKS, true, put_v6 },
};

/* A list or a map of a subject. */
struct built {
	const struct subject *subject;
	struct list *list;
	struct map *map;
	uint64_t n;
	double octets; /* of memory, an entry */
	double text;   /* of the entries themselves, an entry */
	double load_s;
};

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
heap_octets(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void
die(const char *what)
{
	(void)fprintf(stderr, "bench_lists: %s\n", what);
	exit(EXIT_FAILURE);
}

static bool
read_value(void *ctx, const struct map_line *line, uint32_t *number_r)
{
	(void)ctx;
	*number_r = (uint32_t)line->value.n;
	return true;
}

static void
load_text(struct built *b, struct str text, struct diags *diags)
{
	struct map_reader reader = { read_value, NULL };
	struct source source = { .name = STR("bench"), .text = text };
	bool good;

	if (b->subject->is_map) {
		b->map = map_new();
		good = map_load(b->map, &source, &reader, diags) &&
		       map_seal(b->map);
	} else {
		b->list = list_new(b->subject->kind);
		good = list_load(b->list, &source, diags) && list_seal(b->list);
	}
	if (!good) {
		diags_print(diags, stderr);
		die("does not load");
	}
}

static void
build(struct built *b, const struct subject *subject, uint64_t n)
{
	size_t room = n * 64;
	char *p = malloc(room);
	struct buf text = { p, 0, room, false };
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct diags diags;
	size_t before;
	double start;

	if (p == NULL || arena == NULL)
		die("out of memory");
	*b = (struct built){ .subject = subject, .n = n };
	for (uint64_t i = 0; i < n; i++) {
		size_t from = text.n;
		subject->put(&text, i);
		b->text += (double)(text.n - from) / (double)n;
		buf_c(&text, subject->is_map ? " 25M\n" : "\n");
	}
	diags_init(&diags, arena);
	before = heap_octets();
	start = now_s();
	load_text(b, buf_str(&text), &diags);
	b->load_s = now_s() - start;
	b->octets = (double)(heap_octets() - before) / (double)n;
	arena_free(arena);
	free(p);
}

static void
built_free(struct built *b)
{
	list_unref(b->list);
	map_unref(b->map);
}

/* ---- look-ups ----------------------------------------------------------- */

/* A value that is asked for, ready as a session has it. */
struct question {
	struct str text;
	struct ip ip;
	struct address address;
};

static void
question_make(struct question *q, const struct subject *subject, uint64_t i,
    struct arena *arena)
{
	char text[80];
	struct buf b = BUF_ON(text);
	struct cidr net;

	subject->put(&b, i);
	q->text = arena_xstr(arena, buf_str(&b));
	if (subject->kind == LIST_DOMAINS && str_starts(q->text, STR(".")))
		q->text = arena_printf(arena, "mx%.*s", STR_FMT(q->text));
	if (subject->kind == LIST_NETWORKS && cidr_parse(q->text, &net, NULL))
		q->ip = net.ip;
	if (subject->kind == LIST_ADDRESSES)
		(void)address_parse(
		    q->text, PATH_MAILBOX, true, arena, &q->address);
}

static bool
ask_map(const struct built *b, const struct question *q)
{
	uint32_t value;

	switch (b->subject->kind) {
	case LIST_NETWORKS:
		return map_get_ip(b->map, q->ip, &value);
	case LIST_DOMAINS:
		return map_get_domain(b->map, q->text, &value);
	case LIST_ADDRESSES:
		return map_get_address(b->map, &q->address, &value);
	case LIST_WORDS:
	case LIST_PATTERNS:
	case LIST_KIND_COUNT:
		break;
	}
	return map_get_word(b->map, q->text, &value);
}

static bool
ask(const struct built *b, const struct question *q)
{
	if (b->map != NULL)
		return ask_map(b, q);
	switch (b->subject->kind) {
	case LIST_NETWORKS:
		return list_match_ip(b->list, q->ip) == 1;
	case LIST_DOMAINS:
		return list_match_domain(b->list, q->text) == 1;
	case LIST_ADDRESSES:
		return list_match_address(b->list, &q->address) == 1;
	case LIST_WORDS:
	case LIST_PATTERNS:
	case LIST_KIND_COUNT:
		break;
	}
	return list_match_text(b->list, q->text, NULL) == 1;
}

/* Nanoseconds a question; the first half of them is in, the others are not. */
static double
ask_all(const struct built *b, const struct question *qs, size_t n)
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_s();
		double took;
		size_t found = 0;

		for (size_t i = 0; i < n; i++)
			found += ask(b, &qs[i]);
		took = (now_s() - start) * 1e9 / (double)n;
		if (found < n / 2)
			die("an entry is not found");
		if (round == 0 || took < best)
			best = took;
	}
	return best;
}

static double
look_ups(const struct built *b)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	size_t n = ASKED;
	struct question *qs = calloc(n, sizeof(*qs));
	double ns;

	if (arena == NULL || qs == NULL)
		die("out of memory");
	for (size_t i = 0; i < n; i++) {
		uint64_t k = mixed(i) % b->n;
		question_make(&qs[i], b->subject,
		    i % 2 == 0 ? k : k + 10 * 1000 * 1000, arena);
	}
	ns = ask_all(b, qs, n);
	free(qs);
	arena_free(arena);
	return ns;
}

/* ---- all ---------------------------------------------------------------- */

static bool
measure(const struct subject *subject, uint64_t n)
{
	struct built few;
	struct built many;
	double beyond;
	double ns_few;
	double ns_many;

	build(&few, subject, FEW);
	ns_few = look_ups(&few);
	built_free(&few);
	build(&many, subject, n);
	ns_many = look_ups(&many);
	built_free(&many);
	beyond = many.octets - many.text;
	(void)printf("%-14s %8.1f %8.1f %10.2f %8.0f %8.0f %7.1f\n",
	    subject->name, many.octets, beyond, many.load_s * 1e6 / (double)n,
	    ns_few, ns_many, ns_many / ns_few);
	if (beyond <= OCTETS_MOST)
		return true;
	(void)printf("FAIL: over %d octets an entry beyond its text\n",
	    (int)OCTETS_MOST);
	return false;
}

/* ---- reloads ------------------------------------------------------------ */

/* A policy with a list of n domains, in the directory. */
static void
write_policy(const char *conf, const char *list, uint64_t n)
{
	FILE *out = fopen(list, "w");
	char line[80];

	for (uint64_t i = 0; out != NULL && i < n; i++) {
		struct buf b = BUF_ON(line);
		put_domain(&b, i);
		(void)fprintf(out, "%s\n", buf_cstr(&b));
	}
	if (out == NULL || fclose(out) != 0)
		die("cannot write the list");
	out = fopen(conf, "w");
	if (out == NULL)
		die("cannot write the policy");
	(void)fprintf(out, "domains bad = file \"list\"\n"
			   "on mail { reject if sender.domain in bad }\n");
	(void)fclose(out);
}

/* A reload, by its time and what it left on the heap. */
static struct policy *
reload(const char *conf, const struct policy *old, const char *what)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	size_t before = heap_octets();
	double start = now_s();
	struct policy *policy;
	struct diags diags;

	diags_init(&diags, arena);
	/* long enough after, so that the times of the files are settled */
	policy = old == NULL
		     ? policy_load(conf, &diags)
		     : policy_reload(conf, old, time(NULL) + 100, &diags);
	if (policy == NULL)
		die("the policy does not load");
	arena_free(arena);
	(void)printf("%-28s %8.2f ms %9zu KiB\n", what, (now_s() - start) * 1e3,
	    (heap_octets() - before) / 1024);
	return policy;
}

static bool
measure_reload(uint64_t n)
{
	char dir[] = "/tmp/bench_lists_XXXXXX";
	char conf[sizeof(dir) + 8];
	char list[sizeof(dir) + 8];
	struct policy *p[3];
	size_t heap;

	if (mkdtemp(dir) == NULL)
		die("no temporary directory");
	(void)snprintf(conf, sizeof(conf), "%s/conf", dir);
	(void)snprintf(list, sizeof(list), "%s/list", dir);
	write_policy(conf, list, n);
	p[0] = reload(conf, NULL, "policy with domains: load");
	heap = heap_octets();
	p[1] = reload(conf, p[0], "reload, file read again");
	p[2] = reload(conf, p[1], "reload, file not looked into");
	heap = heap_octets() - heap;
	for (size_t i = 0; i < 3; i++)
		policy_unref(p[i]);
	(void)unlink(conf);
	(void)unlink(list);
	(void)rmdir(dir);
	if (heap <= n)
		return true;
	(void)printf("FAIL: reloads do not share the list\n");
	return false;
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
	const char *only = argc > 2 ? argv[2] : "";
	bool good = true;

	if (n < FEW)
		die("the number of entries is at least 1000");
	(void)printf("%" PRIu64 " entries; look-ups in ns, with %d entries "
		     "and with all\n",
	    n, (int)FEW);
	(void)printf("%-14s %8s %8s %10s %8s %8s %7s\n", "kind", "octets",
	    "- text", "us/line", "few", "all", "ratio");
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		if (strstr(subjects[i].name, only) != NULL)
			good = measure(&subjects[i], n) && good;
	good = measure_reload(n) && good;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
