/*
 * Databases that postmap makes: read as the text that it was given, whatever
 * has befallen the file; and as lists and maps of a policy.
 *
 * tests/fuzz/fuzz_database.in has files that it made on a machine of 64 bits,
 * least octet first.  Where postmap is there, it makes more.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lang/policy.h"
#include "lists/database.h"

Suite *suite_database(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena *arena;
static struct diags diags;
static char dir[64];

static struct str
path_of(const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

static void
start(void)
{
	arena = arena_new(ARENA_UNLIMITED);
	diags_init(&diags, arena);
	(void)snprintf(dir, sizeof(dir), "/tmp/test_database_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
end(void)
{
	static const char *const names[] = { "main.cf", "p.conf", "a", "a.cdb",
		"a.lmdb", "a.db", "b", "b.cdb", "b.lmdb" };

	for (size_t i = 0; i < COUNT(names); i++)
		(void)unlink(path_of(names[i]).p);
	ck_assert_int_eq(rmdir(dir), 0);
	arena_free(arena);
}

static void
put_octets(const char *name, struct str octets)
{
	FILE *out = fopen(path_of(name).p, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(octets.p, 1, octets.n, out), octets.n);
	ck_assert_int_eq(fclose(out), 0);
}

static struct str
octets_of(const char *path)
{
	struct sources sources;
	const struct source *source;
	struct why why;

	sources_init(&sources, arena);
	source = source_read(&sources, str_c(path), SOURCE_MAX, &why);
	ck_assert_msg(source != NULL, "%s", why.text);
	return source->text;
}

static struct str
fixture(const char *name)
{
	return octets_of(
	    arena_printf(arena, "%s/fuzz/fuzz_database.in/%s", TESTS_DIR, name)
		.p);
}

/* LMDB's numbers are those of the machine. */
static bool
is_foreign(const char *name)
{
	static const uint16_t one = 1;

	return str_ends(str_c(name), STR(".lmdb")) &&
	       (sizeof(size_t) != 8 || *(const unsigned char *)&one != 1);
}

static bool
text_of(const char *name, struct str octets, bool values, struct str *text_r,
    struct why *why)
{
	const struct database_format *format =
	    database_find(str_c(name), octets);

	ck_assert_msg(format != NULL, "%s is no database", name);
	return database_text(format, octets, values, arena, text_r, why);
}

/* ---- files of postmap's ------------------------------------------------- */

#define FEW_CDB                                                                \
	"example.org OK\n.example.net REJECT no # really\n"                    \
	"\"quoted key\" val\njdoe@example.org \"a b\"\n"                       \
	"\"a b\"@x.example 1\nlong continued value\n"
#define FEW_LMDB                                                               \
	"\"a b\"@x.example 1\n\"quoted key\" val\n"                            \
	".example.net REJECT no # really\nexample.org OK\n"                    \
	"jdoe@example.org \"a b\"\nlong continued value\n"

static const struct {
	const char *name;
	const char *text; /* of a map */
} made[] = {
	{ "few.cdb", FEW_CDB },
	{ "few.lmdb", FEW_LMDB },
	{ "none.cdb", "" },
	{ "none.lmdb", "" },
};

START_TEST(as_postmap_was_given)
{
	const char *name = made[_i].name;
	struct str text;
	struct why why;

	if (is_foreign(name))
		return;
	ck_assert_msg(
	    text_of(name, fixture(name), true, &text, &why), "%s", why.text);
	ck_assert_str_eq(arena_cstr(arena, text), made[_i].text);
}
END_TEST

START_TEST(keys_only_of_a_list)
{
	struct str text;
	struct why why;

	ck_assert(text_of("few.cdb", fixture("few.cdb"), false, &text, &why));
	ck_assert_str_eq(arena_cstr(arena, text),
	    "example.org\n.example.net\n\"quoted key\"\njdoe@example.org\n"
	    "\"a b\"@x.example\nlong\n");
}
END_TEST

/* Pages of branches, and a value that has pages of its own. */
START_TEST(large)
{
	char line[64];
	struct str text;
	struct why why;

	if (is_foreign("many.lmdb"))
		return;
	ck_assert(
	    text_of("many.lmdb", fixture("many.lmdb"), true, &text, &why));
	for (int i = 0; i < 120; i++) {
		(void)snprintf(line, sizeof(line), "host%03d.example.org v", i);
		ck_assert_msg(str_starts(text, str_c(line)), "no %s", line);
		text = str_from(text, str_find(text, '\n') + 1);
	}
	ck_assert(str_starts(text, STR("long.example.org www")));
	ck_assert_uint_eq(text.n, strlen("long.example.org ") + 5000 + 1);
}
END_TEST

/* ---- files that something has befallen ---------------------------------- */

static const char *const fixtures[] = { "few.cdb", "few.lmdb", "many.lmdb" };

/* A part of a file is refused, or has all that the file has; the octets end
 * where the memory ends, so that valgrind and ASan see who reads behind. */
START_TEST(cut_short)
{
	const char *name = fixtures[_i];
	struct str whole = fixture(name);
	struct arena_mark mark;
	struct str text;
	struct str part;
	struct why why;

	if (is_foreign(name))
		return;
	ck_assert(text_of(name, whole, true, &text, &why));
	mark = arena_mark(arena);
	for (size_t n = 0; n < whole.n; n += 1 + n / 1024) {
		char *copy = malloc(n + (n == 0));
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, whole.p, n);
		if (text_of(name, str_of(copy, n), true, &part, &why))
			ck_assert_msg(str_eq(part, text),
			    "%s cut to %zu octets has other entries", name, n);
		free(copy);
		arena_release(arena, mark);
	}
}
END_TEST

/* Bits turned over, one to four of them: any answer, but an answer. */
START_TEST(bits_turned)
{
	const char *name = fixtures[_i];
	struct str whole = fixture(name);
	char *copy = malloc(whole.n);
	struct arena_mark mark = arena_mark(arena);
	uint64_t state = 88172645463325252u;
	size_t refused = 0;
	struct str text;
	struct why why;

	ck_assert_ptr_nonnull(copy);
	for (int i = 0; i < 20000; i++) {
		memcpy(copy, whole.p, whole.n);
		for (int flips = i % 4; flips >= 0; flips--) {
			size_t at;
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			at = (size_t)(state >> 16) % whole.n;
			copy[at] = (char)(copy[at] ^ (1 << (state & 7)));
		}
		refused +=
		    !text_of(name, str_of(copy, whole.n), true, &text, &why);
		arena_release(arena, mark);
	}
	ck_assert_uint_gt(refused, 100);
	free(copy);
}
END_TEST

/* ---- cdb databases of our own ------------------------------------------- */

static void
put_number(FILE *out, size_t n)
{
	for (int i = 0; i < 4; i++)
		(void)fputc((int)(n >> 8 * i & 0xff), out);
}

struct entry {
	struct str key;
	struct str value;
};

/* With tables that are empty, since nothing is looked up. */
static struct str
cdb_of(const struct entry *entries, size_t n)
{
	size_t records_end = 2048;
	char *octets;
	size_t size;
	FILE *out = open_memstream(&octets, &size);
	struct str copy;

	ck_assert_ptr_nonnull(out);
	for (size_t i = 0; i < n; i++)
		records_end += 8 + entries[i].key.n + entries[i].value.n;
	for (int i = 0; i < 256; i++) {
		put_number(out, records_end);
		put_number(out, 0);
	}
	for (size_t i = 0; i < n; i++) {
		put_number(out, entries[i].key.n);
		put_number(out, entries[i].value.n);
		(void)fwrite(entries[i].key.p, 1, entries[i].key.n, out);
		(void)fwrite(entries[i].value.p, 1, entries[i].value.n, out);
	}
	ck_assert_int_eq(fclose(out), 0);
	copy = arena_xstr(arena, str_of(octets, size));
	free(octets);
	return copy;
}

static const struct {
	struct str key;
	struct str value;
	const char *line; /* NULL: it has none */
} rows[] = {
	{ STR("a"), STR("1"), "a 1\n" },
	{ STR("a\0"), STR("1\0"), "a 1\n" },
	{ STR("x y"), STR("1"), "\"x y\" 1\n" },
	{ STR("#x"), STR("1"), "\"#x\" 1\n" },
	{ STR("2001:db8::"), STR("1"), "\"2001:db8::\" 1\n" },
	{ STR("a\\"), STR("1"), "\"a\\\\\" 1\n" },
	{ STR("5\"disk"), STR(""), "\"5\\\"disk\" \n" },
	{ STR(""), STR(""), "\"\" \n" },
	{ STR("m\xc3\xbcller"), STR("1"), "\"m\xc3\xbcller\" 1\n" },
	{ STR("a\nb"), STR("1"), NULL },
	{ STR("a"), STR("1\r"), NULL },
};

START_TEST(keys_as_lines)
{
	struct entry entry = { rows[_i].key, rows[_i].value };
	struct str octets = cdb_of(&entry, 1);
	struct str text;
	struct why why;
	bool good = text_of("a.cdb", octets, true, &text, &why);

	if (rows[_i].line == NULL) {
		ck_assert(!good);
		ck_assert(str_starts(str_c(why.text), STR("key \"a")));
	} else {
		ck_assert_msg(good, "%s", why.text);
		ck_assert_str_eq(arena_cstr(arena, text), rows[_i].line);
	}
}
END_TEST

/* ---- what is no database ------------------------------------------------ */

START_TEST(by_suffix)
{
	char berkeley[64] = { 0 };
	const uint32_t magic = 0x061561;
	struct str octets = str_of(berkeley, sizeof(berkeley));
	struct str text;
	struct why why;

	ck_assert_ptr_null(database_find(STR("cdb"), STR("")));
	ck_assert_ptr_null(database_find(STR("a.cdb.txt"), STR("")));
	ck_assert_ptr_null(database_find(STR("a.db"), octets));
	memcpy(berkeley + 12, &magic, sizeof(magic));
	ck_assert(!text_of("a.db", octets, true, &text, &why));
	ck_assert_ptr_nonnull(strstr(why.text, "postmap cdb:FILE"));
	ck_assert(!text_of("a.cdb", octets, true, &text, &why));
	ck_assert_ptr_nonnull(strstr(why.text, "not a cdb database"));
	ck_assert(!text_of("a.lmdb", octets, true, &text, &why));
	ck_assert_ptr_nonnull(strstr(why.text, "not an LMDB database"));
}
END_TEST

/* ---- in a policy -------------------------------------------------------- */

static void
put_policy(const char *suffix)
{
	put_octets(
	    "p.conf", arena_printf(arena,
			  "domains bad = file \"a.%s\"\n"
			  "map most = file \"b.%s\" default 25M\n"
			  "on mail { reject if sender.domain in bad and\n"
			  " message.size > most[sender.domain] }\n",
			  suffix, suffix));
}

static struct policy *
load(const struct policy *old)
{
	return policy_reload(
	    path_of("p.conf").p, old, (int64_t)time(NULL), &diags);
}

static const struct kept_def *
kept(const struct policy *p, const char *name)
{
	const struct kept_def *k = p == NULL ? NULL : p->kept;

	while (k != NULL && !str_eq(k->name, str_c(name)))
		k = k->next;
	ck_assert_msg(k != NULL, "%s is not kept: %s", name,
	    diags.first == NULL ? "" : diags.first->text.p);
	return k;
}

static bool
is_bad(const struct policy *p, const char *domain)
{
	return list_match_domain(kept(p, "bad")->list, str_c(domain)) == 1;
}

/* Its octets; 0 where the map has none. */
static int64_t
most(const struct policy *p, const char *domain)
{
	const struct valued *valued = kept(p, "most")->valued;
	uint32_t i;

	if (!map_get_domain(valued->map, str_c(domain), &i))
		return 0;
	return valued->values[i].num;
}

/* Entries are added to postmap's own, or take their place: in both cases the
 * list is another, and where it says the same, it is shared. */
START_TEST(reload)
{
	static const struct entry one = { STR("a.example"), STR("OK") };
	static const struct entry two = { STR("b.example"), STR("OK") };
	static const struct entry size = { STR("a.example"), STR("10M") };
	struct policy *p;
	struct policy *next;

	put_policy("cdb");
	put_octets("a.cdb", cdb_of(&one, 1));
	put_octets("b.cdb", cdb_of(&size, 1));
	p = load(NULL);
	ck_assert(is_bad(p, "a.example") && !is_bad(p, "b.example"));
	ck_assert_int_eq(most(p, "a.example"), 10 * 1024 * 1024);
	put_octets("a.cdb", cdb_of(&two, 1));
	next = policy_renew_lists(p, (int64_t)time(NULL), &diags);
	ck_assert(!is_bad(next, "a.example") && is_bad(next, "b.example"));
	ck_assert_ptr_eq(kept(next, "most")->valued, kept(p, "most")->valued);
	policy_unref(p);
	put_octets("a.cdb", str_sub(cdb_of(&one, 1), 0, 2050));
	ck_assert_ptr_null(
	    policy_renew_lists(next, (int64_t)time(NULL), &diags));
	ck_assert_ptr_nonnull(strstr(diags.first->text.p, "/a.cdb: not a cdb"));
	ck_assert(is_bad(next, "b.example"));
	policy_unref(next);
}
END_TEST

/* ---- what the postmap of this machine makes ----------------------------- */

static const char *const types[] = { "cdb", "lmdb" };

/* Postfix waits a second or two where main.cf is not older than that. */
static bool
postmap(const char *type, const char *name, const char *text)
{
	static const struct timespec long_ago[2] = { { 1, 0 }, { 1, 0 } };

	put_octets("main.cf", STR(""));
	ck_assert_int_eq(
	    utimensat(AT_FDCWD, path_of("main.cf").p, long_ago, 0), 0);
	put_octets(name, str_c(text));
	return system(arena_printf(arena,
		   "PATH=$PATH:/usr/sbin postmap -c %s %s:%s/%s >/dev/null "
		   "2>&1",
		   dir, type, dir, name)
			  .p) == 0;
}

START_TEST(postmap_of_here)
{
	const char *type = types[_i];
	struct policy *p;
	struct policy *next;

	/* It is not there, or has no such type. */
	if (!postmap(type, "a", "A.example OK\n.b.example\tany text # too\n"))
		return;
	put_policy(type);
	ck_assert(postmap(type, "b", "a.example 10M\n.b.example 5M # five\n"));
	p = load(NULL);
	ck_assert(is_bad(p, "a.example") && is_bad(p, "x.b.example"));
	ck_assert(!is_bad(p, "b.example"));
	ck_assert_int_eq(most(p, "a.example"), 10 * 1024 * 1024);
	ck_assert_int_eq(most(p, "x.b.example"), 5 * 1024 * 1024);
	ck_assert(postmap(type, "b", "a.example 10M\n.b.example 5M # five\n"));
	ck_assert(postmap(type, "a", "c.example OK\n"));
	next = load(p);
	ck_assert(is_bad(next, "c.example") && !is_bad(next, "a.example"));
	/* Made anew, of the same text. */
	ck_assert_ptr_eq(kept(next, "most")->valued, kept(p, "most")->valued);
	policy_unref(p);
	policy_unref(next);
}
END_TEST

Suite *
suite_database(void)
{
	Suite *suite = suite_create("database");
	TCase *tc = tcase_create("database");

	tcase_add_checked_fixture(tc, start, end);
	tcase_add_loop_test(tc, as_postmap_was_given, 0, (int)COUNT(made));
	tcase_add_test(tc, keys_only_of_a_list);
	tcase_add_test(tc, large);
	tcase_add_loop_test(tc, cut_short, 0, (int)COUNT(fixtures));
	tcase_add_loop_test(tc, bits_turned, 0, (int)COUNT(fixtures));
	tcase_add_loop_test(tc, keys_as_lines, 0, (int)COUNT(rows));
	tcase_add_test(tc, by_suffix);
	tcase_add_test(tc, reload);
	suite_add_tcase(suite, tc);
	/* It waits for the disk, and the disk for others. */
	tc = tcase_create("postmap");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, end);
	tcase_add_loop_test(tc, postmap_of_here, 0, (int)COUNT(types));
	suite_add_tcase(suite, tc);
	return suite;
}
