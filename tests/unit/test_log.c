/*
 * test_log - the queue, the writers and the file sink.
 *
 * No sleeps: log_flush() says when a line is out, and a FIFO that nobody
 * reads is a sink that blocks for good.
 */
#include "obs/log.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/facility.h"
#include "obs/log_queue.h"

Suite *suite_log(void);

static char dir[] = "/tmp/portreeve-log-XXXXXX";
static char path[64];
static char text[1024 * 1024];

static void
setup(void)
{
	strcpy(dir + sizeof dir - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/log", dir);
}

static void
teardown(void)
{
	char moved[80];

	snprintf(moved, sizeof moved, "%s.1", path);
	unlink(moved);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static struct setting_log
to_file(const char *name)
{
	return (
	    struct setting_log){ .target = LOG_TO_FILE, .value = str_c(name) };
}

static struct log *
open_to(const char *name)
{
	struct setting_log setting = to_file(name);
	struct why why = { .text = "" };
	struct log *log = log_open(&setting, &why);

	ck_assert_msg(log != NULL, "%s: %s", name, why.text);
	return log;
}

/* The file's text, as a C string. */
static const char *
slurp(const char *name)
{
	int fd = open(name, O_RDONLY);
	size_t n = 0;
	ssize_t r = 0;

	ck_assert_msg(fd >= 0, "cannot open %s", name);
	while (n < sizeof text - 1 &&
	       (r = read(fd, text + n, sizeof text - 1 - n)) > 0)
		n += (size_t)r;
	close(fd);
	text[n] = '\0';
	return text;
}

/* ---- the queue ---------------------------------------------------------- */

START_TEST(queue_keeps_lines_over_its_end)
{
	struct log_queue q;
	char room[150]; /* three lines or so */
	char in[64];
	struct log_line line;
	unsigned put = 0;
	unsigned got = 0;

	ck_assert(log_queue_init(&q, 257));
	ck_assert_uint_eq(log_queue_take(&q, room, sizeof room).n, 0);
	while (got < 1000) {
		struct str batch;

		snprintf(in, sizeof in, "%.*s%u", (int)(put % 40),
		    "........................................", put);
		line = (struct log_line){
			.level = (int)(put % 8), .when = put, .text = str_c(in)
		};
		if (log_queue_put(&q, &line)) {
			put++;
			continue;
		}
		batch = log_queue_take(&q, room, sizeof room);
		ck_assert_msg(batch.n > 0, "line %u", got);
		while (log_batch_next(&batch, &line)) {
			snprintf(in, sizeof in, "%.*s%u", (int)(got % 40),
			    "........................................", got);
			ck_assert_msg(str_eq(line.text, str_c(in)),
			    "%u: \"%.*s\"", got, STR_FMT(line.text));
			ck_assert_int_eq(line.level, (int)(got % 8));
			ck_assert_int_eq(line.when, got);
			got++;
		}
	}
	ck_assert_uint_le(put - got, 20);
	log_queue_free(&q);
}
END_TEST

START_TEST(queue_cuts_long_lines_and_takes_empty_ones)
{
	static char longer[LOG_LINE_MAX * 2];
	struct log_queue q;
	char room[LOG_BATCH_MIN];
	struct log_line line = { .text = { longer, sizeof longer } };
	struct str batch;

	memset(longer, 'x', sizeof longer);
	ck_assert(log_queue_init(&q, LOG_LINE_MAX + 100));
	ck_assert(log_queue_put(&q, &line));
	ck_assert(!log_queue_put(&q, &line));
	batch = log_queue_take(&q, room, sizeof room);
	ck_assert(log_batch_next(&batch, &line));
	ck_assert_uint_eq(line.text.n, LOG_LINE_MAX);
	ck_assert(!log_batch_next(&batch, &line));
	line.text = STR("");
	ck_assert(log_queue_put(&q, &line));
	line.text = STR_NONE;
	ck_assert(log_queue_put(&q, &line));
	batch = log_queue_take(&q, room, sizeof room);
	ck_assert(log_batch_next(&batch, &line));
	ck_assert_uint_eq(line.text.n, 0);
	ck_assert(log_batch_next(&batch, &line));
	ck_assert_uint_eq(line.text.n, 0);
	log_queue_free(&q);
}
END_TEST

/* ---- the file ----------------------------------------------------------- */

START_TEST(file_line_has_time_and_process)
{
	struct log *log = open_to(path);
	char want[96];
	const char *got;
	struct stat st;

	log_event(log, LEVEL_INFO, "hello %d\nforged\x80\x1b[m", 7);
	log_close(log);
	got = slurp(path);
	/* 2026-11-22T10:00:00+01:00 */
	ck_assert_msg(strlen(got) > 26 && got[4] == '-' && got[10] == 'T' &&
			  (got[19] == '+' || got[19] == '-') &&
			  got[22] == ':' && got[25] == ' ',
	    "\"%s\"", got);
	snprintf(want, sizeof want, " portreeve[%ld]: hello 7?forged??[m\n",
	    (long)getpid());
	ck_assert_str_eq(got + 25, want);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_msg((st.st_mode & 07137) == 0, "mode %o", st.st_mode);
}
END_TEST

START_TEST(file_is_appended_to)
{
	struct log *log = open_to(path);

	log_event(log, LEVEL_INFO, "one");
	log_close(log);
	log = open_to(path);
	log_event(log, LEVEL_INFO, "two");
	log_close(log);
	slurp(path);
	ck_assert_ptr_nonnull(strstr(text, "one\n"));
	ck_assert_ptr_nonnull(strstr(text, "two\n"));
}
END_TEST

/* The sink looks at its path once a second. */
START_TEST(file_is_opened_anew_after_a_move)
{
	struct log *log = open_to(path);
	char moved[80];
	struct stat st;

	snprintf(moved, sizeof moved, "%s.1", path);
	log_event(log, LEVEL_INFO, "before");
	ck_assert(log_flush(log, 5000));
	ck_assert_int_eq(rename(path, moved), 0);
	for (int i = 0; i < 1000 && stat(path, &st) != 0; i++) {
		log_event(log, LEVEL_INFO, "after");
		ck_assert(log_flush(log, 5000));
		usleep(10000);
	}
	log_close(log);
	ck_assert_ptr_nonnull(strstr(slurp(path), "after\n"));
	ck_assert_ptr_null(strstr(text, "before\n"));
	ck_assert_ptr_nonnull(strstr(slurp(moved), "before\n"));
}
END_TEST

/* Runs with standard error in the file at `path`. */
START_TEST(full_disk_is_told_on_stderr_once)
{
	int before = dup(STDERR_FILENO);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct log *log;
	const char *got;
	uint64_t all;
	unsigned lost = 0;
	char end = 0;

	ck_assert(before >= 0 && fd >= 0);
	ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	log = open_to("/dev/full");
	for (int i = 0; i < 100; i++)
		log_event(log, LEVEL_INFO, "line %d", i);
	(void)log_flush(log, LOG_CLOSE_MS);
	all = log_lost(log);
	log_close(log);
	dup2(before, STDERR_FILENO);
	close(before);
	close(fd);
	ck_assert_uint_eq(all, 100);
	got = slurp(path);
	ck_assert_int_eq(
	    sscanf(got,
		"portreeve: cannot write the log file \"/dev/full\": No space "
		"left on device; %u lines lost so far%c",
		&lost, &end),
	    2);
	ck_assert_uint_gt(lost, 0);
	ck_assert_int_eq(end, '\n');
	ck_assert_ptr_eq(strchr(got, '\n'), got + strlen(got) - 1);
}
END_TEST

/* Soft limit on the size of files; a write over it goes out in part. */
static void
limit_files(rlim_t octets)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(lines_lost_in_the_middle_of_a_batch_are_counted)
{
	int before = dup(STDERR_FILENO);
	int null = open("/dev/null", O_WRONLY);
	struct log *log = open_to(path);
	unsigned whole = 0;
	unsigned lost = 0;
	const char *notice;

	signal(SIGXFSZ, SIG_IGN);
	dup2(null, STDERR_FILENO); /* it complains there */
	limit_files(1000);
	for (int i = 0; i < 100; i++)
		log_event(log, LEVEL_INFO, "line %03d.", i);
	(void)log_flush(log, 5000);
	limit_files(RLIM_INFINITY);
	log_event(log, LEVEL_INFO, "last");
	log_close(log);
	dup2(before, STDERR_FILENO);
	close(before);
	close(null);

	slurp(path);
	for (const char *p = text; (p = strstr(p, ".\n")) != NULL; p++)
		whole++;
	notice = strstr(text, " log lines could not be written: File too");
	ck_assert_msg(notice != NULL, "%s", text);
	while (notice[-1] != ' ')
		notice--;
	lost = (unsigned)strtoul(notice, NULL, 10);
	ck_assert_uint_gt(whole, 0);
	ck_assert_uint_eq(whole + lost, 100);
	/* the torn line has an end, and the notice a line of its own */
	while (notice > text && notice[-1] != '\n')
		notice--;
	ck_assert_msg(notice[4] == '-' && notice[10] == 'T', "%s", text);
	ck_assert_ptr_nonnull(strstr(notice, "]: last\n"));
}
END_TEST

START_TEST(stderr_is_a_sink)
{
	int before = dup(STDERR_FILENO);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct setting_log setting = { .target = LOG_TO_STDERR };
	struct why why;
	struct log *log;

	ck_assert(before >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	log = log_open(&setting, &why);
	log_event(log, LEVEL_INFO, "to a screen");
	log_close(log);
	ck_assert_int_ge(fcntl(STDERR_FILENO, F_GETFD), 0);
	dup2(before, STDERR_FILENO);
	close(before);
	close(fd);
	ck_assert_ptr_nonnull(strstr(slurp(path), "]: to a screen\n"));
}
END_TEST

static const struct {
	enum log_target target;
	const char *value; /* %s: the test's directory */
	const char *why;
} faults[] = {
	{ LOG_TO_FILE, "%s/no/log",
	    "cannot write the log file \"%s/no/log\": No such file or "
	    "directory; make its directory: install -d -o " },
	{ LOG_TO_FILE, "%s",
	    "cannot write the log file \"%s\": Is a directory" },
	{ LOG_TO_FILE, "%s/log",
	    "cannot write the log file \"%s/log\": it is a pipe that nobody "
	    "reads" },
	{ LOG_TO_SYSLOG, "male",
	    "there is no syslog facility \"male\"; write one of " },
};

START_TEST(sink_that_cannot_be_opened)
{
	char value[128];
	char want[256];
	struct setting_log good = to_file(path);
	struct setting_log bad = { .target = faults[_i].target };
	struct why why = { .text = "" };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
	snprintf(value, sizeof value, faults[_i].value, dir);
	snprintf(want, sizeof want, faults[_i].why, dir);
#pragma GCC diagnostic pop
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	bad.value = str_c(value);
	ck_assert_msg(log_open(&bad, &why) == NULL, "%s", value);
	ck_assert_msg(strncmp(why.text, want, strlen(want)) == 0,
	    "%s: \"%s\", not \"%s\"", value, why.text, want);
	/* one bad sink behind a good one: no log, and nothing left open */
	unlink(path);
	good.next = &bad;
	if (_i != 2)
		ck_assert_ptr_null(log_open(&good, &why));
}
END_TEST

/* ---- sinks that do not keep up ------------------------------------------ */

START_TEST(blocked_sink_drops_and_says_so)
{
	enum {
		LINES = 30000 /* well over a full queue and pipe */
	};
	struct setting_log blocked = to_file(path);
	struct setting_log quick = { .target = LOG_TO_FILE };
	char other[80];
	struct why why;
	struct log *log;
	unsigned seen = 0;
	unsigned long long dropped = 0;
	int fd;

	snprintf(other, sizeof other, "%s.1", path);
	quick.value = str_c(other);
	blocked.next = &quick;
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	log = log_open(&blocked, &why);
	ck_assert_ptr_nonnull(log);
	for (int i = 0; i < LINES; i++)
		log_event(log, LEVEL_INFO, "line %d %0100d", i, 0);
	ck_assert(!log_flush(log, 1));

	/* read all of it: the lines that were kept, then the notice */
	for (;;) {
		char *p;
		ssize_t n = read(fd, text, sizeof text - 1);
		ck_assert_int_gt(n, 0);
		text[n] = '\0';
		for (p = text; (p = strstr(p, "]: line ")) != NULL; p++)
			seen++;
		p = strstr(text, " log lines were dropped here");
		if (p == NULL)
			continue;
		while (p > text && p[-1] != ' ')
			p--;
		dropped = strtoull(p, NULL, 10);
		break;
	}
	ck_assert_uint_gt(seen, 5000);
	ck_assert_uint_gt(dropped, 0);
	/* a line cut between two reads is seen by neither */
	ck_assert_uint_le(seen + dropped, LINES);
	ck_assert_uint_ge(seen + dropped, LINES - 200);

	/* and it flows again */
	log_event(log, LEVEL_INFO, "last");
	ck_assert(log_flush(log, 5000));
	log_close(log);
	close(fd);
	/* the blocked sink did not hold up the other */
	slurp(other);
	ck_assert_ptr_nonnull(strstr(text, "]: line 0 "));
}
END_TEST

START_TEST(close_gives_a_blocked_writer_up)
{
	struct log *log;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_ge(open(path, O_RDWR), 0); /* for good: never read */
	log = open_to(path);
	for (int i = 0; i < 2000; i++)
		log_event(log, LEVEL_INFO, "line %d %0100d", i, 0);
	log_close(log); /* returns; the writer keeps what it stands in */
}
END_TEST

/* ---- records ------------------------------------------------------------ */

START_TEST(pass_lines_go_where_they_are_wanted)
{
	struct setting_log all = to_file(path);
	struct setting_log decisions = { .target = LOG_TO_FILE,
		.decisions = true };
	char other[80];
	struct why why;
	struct log *log;
	struct record pass = { .kind = RECORD_PASS,
		.verb = "pass",
		.stage = STAGE_MESSAGE,
		.decided = STAGE_MESSAGE,
		.session = STR("7f3a-1") };
	struct record reject = pass;

	reject.kind = RECORD_DECISION;
	reject.verb = "reject";
	snprintf(other, sizeof other, "%s.1", path);
	decisions.value = str_c(other);
	all.next = &decisions;
	log = log_open(&all, &why);
	ck_assert(log_wants_pass(log));
	log_record(log, &pass);
	log_record(log, &reject);
	log_close(log);
	slurp(path);
	ck_assert_ptr_nonnull(strstr(text, "NOQUEUE: pass: "));
	ck_assert_ptr_nonnull(strstr(text, "NOQUEUE: reject: "));
	slurp(other);
	ck_assert_ptr_null(strstr(text, "pass: "));
	ck_assert_ptr_nonnull(strstr(text, "NOQUEUE: reject: "));

	log = log_open(&decisions, &why);
	ck_assert(!log_wants_pass(log));
	log_close(log);
}
END_TEST

START_TEST(same_settings)
{
	struct setting_log a2 = { .target = LOG_TO_STDERR };
	struct setting_log a = {
		.target = LOG_TO_FILE, .value = STR("/x"), .next = &a2
	};
	struct setting_log b2 = a2;
	struct setting_log b = a;

	b.next = &b2;
	ck_assert(log_same(&a, &b));
	ck_assert(!log_same(&a, &a2));
	b2.decisions = true;
	ck_assert(!log_same(&a, &b));
	b2 = a2;
	b2.json = true;
	ck_assert(!log_same(&a, &b));
	b.next = NULL;
	ck_assert(!log_same(&a, &b));
	ck_assert(!log_same(&b, &a));
}
END_TEST

Suite *
suite_log(void)
{
	Suite *suite = suite_create("log");
	TCase *queue = tcase_create("queue");
	TCase *sinks = tcase_create("sinks");

	tcase_add_test(queue, queue_keeps_lines_over_its_end);
	tcase_add_test(queue, queue_cuts_long_lines_and_takes_empty_ones);
	tcase_add_test(queue, same_settings);
	suite_add_tcase(suite, queue);

	tcase_add_checked_fixture(sinks, setup, teardown);
	tcase_set_timeout(sinks, 30);
	tcase_add_test(sinks, file_line_has_time_and_process);
	tcase_add_test(sinks, file_is_appended_to);
	tcase_add_test(sinks, file_is_opened_anew_after_a_move);
	tcase_add_test(sinks, full_disk_is_told_on_stderr_once);
	tcase_add_test(sinks, lines_lost_in_the_middle_of_a_batch_are_counted);
	tcase_add_test(sinks, stderr_is_a_sink);
	tcase_add_loop_test(sinks, sink_that_cannot_be_opened, 0,
	    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(sinks, blocked_sink_drops_and_says_so);
	tcase_add_test(sinks, close_gives_a_blocked_writer_up);
	tcase_add_test(sinks, pass_lines_go_where_they_are_wanted);
	suite_add_tcase(suite, sinks);
	return suite;
}
