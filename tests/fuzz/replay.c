/*
 * replay - the main of a fuzz target in `make check`: runs it over its
 * corpus, tests/fuzz/NAME.in, and over tests/fuzz/NAME.repro, the inputs that
 * once found a fault.  Or over the files that are named as arguments.
 *
 * Any compiler will do; libFuzzer itself needs clang (--enable-fuzzers).
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	INPUT_MAX = 1024 * 1024
};

static bool
replay_file(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *file = fopen(path, "rb");
	size_t n;

	if (data == NULL || file == NULL) {
		perror(path);
		free(data);
		return false;
	}
	n = fread(data, 1, INPUT_MAX, file);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, n);
	free(data);
	return true;
}

/* The number of files replayed; a directory that is not there has none. */
static size_t
replay_dir(const char *dir)
{
	char path[4096];
	DIR *list = opendir(dir);
	struct dirent *entry;
	size_t n = 0;

	if (list == NULL)
		return 0;
	while ((entry = readdir(list)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		/* Should it die, this is the last line of the log. */
		(void)printf("%s\n", path);
		(void)fflush(stdout);
		if (replay_file(path))
			n++;
	}
	(void)closedir(list);
	return n;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	char dir[4096];
	size_t n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_file(argv[i]);
	if (argc == 1) {
		if (srcdir == NULL)
			srcdir = ".";
		name = name == NULL ? argv[0] : name + 1;
		(void)snprintf(
		    dir, sizeof(dir), "%s/tests/fuzz/%s.in", srcdir, name);
		n = replay_dir(dir);
		(void)snprintf(
		    dir, sizeof(dir), "%s/tests/fuzz/%s.repro", srcdir, name);
		n += replay_dir(dir);
	}
	(void)printf("%zu inputs\n", n);
	return n == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
