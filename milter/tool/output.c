/* SPDX-License-Identifier: ISC */
/*
 * The output of a command as a file that is written whole: a worker makes it,
 * into this process's memory, and what is complete is written at once. So root
 * can write a page where only its owner may, out of a record that root doesn't
 * open.
 *
 * What the worker made is text and went through printable.h on its way, also
 * for a file: it may be shown on a terminal some day.
 *
 * A device or a pipe is written to only as a descriptor that is open already.
 * A name is replaced, whatever it is: opened, it could block, or be a disk.
 */
#include "tool/output.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/owner.h"
#include "base/text.h"
#include "tool/command.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024, OUTPUT_MODE = 0644, FD_MAX = 65535 };

/* The descriptor that a name stands for; -1: none, it is a file. */
static int
descriptor_of(const char *path)
{
	static const char *const before[] = { "/dev/fd/", "/proc/self/fd/" };
	long long n;

	if (path == NULL || strcmp(path, "-") == 0 ||
	    strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
		if (strncmp(path, before[i], strlen(before[i])) == 0 &&
		    text_number(path + strlen(before[i]), 0, FD_MAX, &n) == 0)
			return (int)n;
	return -1;
}

static int
write_into(int fd, const char *path, const char *data, size_t len,
    struct err *err)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		struct pollfd p = { .fd = fd, .events = POLLOUT };

		/* Another who has it open may have made it not blocking. */
		if (n < 0 && (errno == EINTR || (errno == EAGAIN &&
		    poll(&p, 1, -1) >= 0)))
			continue;
		if (n < 0)
			return err_errno(err, EXIT_DATA,
			    "%s: cannot be written", path);
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* By way of memory. */
static int
write_whole(const struct worker *worker, const char *path, int fd)
{
	struct err err = { .code = EXIT_OK };
	char *data;
	size_t len;
	int code = worker_read(worker, OUTPUT_MAX, &data, &len);
	bool is_good = code == EXIT_OK || code == EXIT_ATTENTION;

	if (is_good && (fd >= 0 ? write_into(fd, path, data, len, &err) :
	    owner_write(path, data, len, OUTPUT_MODE, &err)) != 0)
		code = command_fail(&err);
	free(data);
	return code;
}

int
output_write(const char *path, const struct worker *worker)
{
	int fd = descriptor_of(path);

	if (fd == STDOUT_FILENO)
		return worker_run(worker);
	return write_whole(worker, path, fd);
}
