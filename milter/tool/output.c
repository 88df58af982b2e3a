/* SPDX-License-Identifier: ISC */
/*
 * A file that is written whole: by a pipe from the process that makes it, into
 * memory, then at once. So root can write a page where only root may, out of a
 * record that root doesn't open.
 *
 * Only a file is replaced. What is there and is none (/dev/stdout, /dev/null, a
 * pipe) is written into, as the shell's ">" would: a name that root gives must
 * never take a device's place.
 */
#include "tool/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "tool/command.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024, OUTPUT_STEP = 65536, OUTPUT_MODE = 0644 };

/* All that comes by the pipe; NULL with err. */
static char *
read_all(int fd, size_t *len, struct err *err)
{
	char *data = NULL;
	size_t size = 0;
	ssize_t n;

	*len = 0;
	for (;;) {
		if (*len + OUTPUT_STEP > size) {
			char *more = realloc(data, 2 * size + OUTPUT_STEP);

			if (more == NULL || size > OUTPUT_MAX) {
				free(more == NULL ? data : more);
				err_set(err, EXIT_TEMPORARY,
				    "the output is too large");
				return NULL;
			}
			data = more;
			size = 2 * size + OUTPUT_STEP;
		}
		n = read(fd, data + *len, size - *len);
		if (n == 0)
			return data;
		if (n > 0)
			*len += (size_t)n;
		else if (errno != EINTR) {
			err_errno(err, EXIT_TEMPORARY, "pipe");
			free(data);
			return NULL;
		}
	}
}

static int
make_in_child(int fd, int (*make)(void *arg, FILE *out), void *arg)
{
	FILE *out = fdopen(fd, "w");
	int code = out == NULL ? EXIT_TEMPORARY : make(arg, out);

	if (out != NULL && fclose(out) != 0 && code == EXIT_OK)
		code = EXIT_TEMPORARY;
	return code;
}

/* Is something there that isn't a regular file? */
static bool
is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int
write_into(const char *path, const char *data, size_t len, struct err *err)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	int rc = 0;

	while (fd >= 0 && len > 0 && rc == 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			rc = -1;
		data += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	if (fd < 0 || rc != 0)
		rc = err_errno(err, EXIT_DATA, "%s: cannot be written", path);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int
write_out(const char *path, const char *data, size_t len, struct err *err)
{
	if (is_special(path))
		return write_into(path, data, len, err);
	return file_write(path, data, len, OUTPUT_MODE, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, err);
}

static int
collect(const char *path, int fd, pid_t child)
{
	struct err err = { 0 };
	size_t len;
	char *data = read_all(fd, &len, &err);
	int status = 0;
	int code;

	(void)close(fd);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (data == NULL)
		return command_fail(&err);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_TEMPORARY;
	if ((code == EXIT_OK || code == EXIT_ATTENTION) &&
	    write_out(path, data, len, &err) != 0)
		code = command_fail(&err);
	free(data);
	return code;
}

int
output_write(const char *path, int (*make)(void *arg, FILE *out), void *arg)
{
	struct err err = { 0 };
	int fds[2];
	pid_t child;

	if (path == NULL || strcmp(path, "-") == 0)
		return make(arg, stdout);
	if (pipe(fds) != 0) {
		err_errno(&err, EXIT_TEMPORARY, "pipe");
		return command_fail(&err);
	}
	(void)fflush(NULL);
	child = fork();
	if (child < 0) {
		err_errno(&err, EXIT_TEMPORARY, "fork");
		(void)close(fds[0]);
		(void)close(fds[1]);
		return command_fail(&err);
	}
	if (child == 0) {
		(void)close(fds[0]);
		_exit(make_in_child(fds[1], make, arg));
	}
	(void)close(fds[1]);
	return collect(path, fds[0], child);
}
