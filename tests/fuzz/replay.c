/* SPDX-License-Identifier: ISC */
/*
 * main() of a fuzz target where there is no libFuzzer: each file named on the
 * command line, or each seed of the target, goes through it once. The seeds of
 * fuzz_NAME are in tests/fuzz/seeds/NAME below $srcdir, as `make check` sets
 * it; a crash or a failed assertion is the failure.
 *
 * It doesn't invent input, and gives the target what libFuzzer would: memory
 * of exactly the input's length.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED_MAX ((size_t)4 << 20)

static int
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *room, *data;
	size_t len;

	if (f == NULL) {
		perror(path);
		return -1;
	}
	room = malloc(SEED_MAX);
	len = room == NULL ? 0 : fread(room, 1, SEED_MAX, f);
	fclose(f);
	data = malloc(len > 0 ? len : 1);
	if (room == NULL || data == NULL) {
		free(room);
		free(data);
		return -1;
	}
	memcpy(data, room, len);
	free(room);
	printf("%s: %zu bytes\n", path, len);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, len);
	free(data);
	return 0;
}

static int
replay_seeds(const char *program)
{
	const char *src = getenv("srcdir");
	const char *name = strstr(program, "fuzz_");
	char path[4096];
	struct dirent *e;
	DIR *d;
	int failed = 0, n = 0;

	snprintf(path, sizeof path, "%s/tests/fuzz/seeds/%s",
	    src == NULL ? "." : src, name == NULL ? "" : name + 5);
	d = opendir(path);
	if (d == NULL) {
		fprintf(stderr, "%s: no seeds\n", path);
		return 1;
	}
	while ((e = readdir(d)) != NULL) {
		char file[sizeof path + 257];

		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, e->d_name);
		failed |= replay_file(file) != 0;
		n++;
	}
	closedir(d);
	return failed || n == 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	/* Without input of its own a parser meets nothing, which is one more. */
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	if (argc < 2) {
		const char *slash = strrchr(argv[0], '/');

		return replay_seeds(slash == NULL ? argv[0] : slash + 1);
	}
	for (int i = 1; i < argc; i++)
		failed |= replay_file(argv[i]) != 0;
	return failed;
}
