/* SPDX-License-Identifier: ISC */
/*
 * Files are read with a size limit, and written whole or not at all. A file is
 * checked on the open descriptor, so nothing can be put in its place between
 * the check and the read; and it is opened without blocking, so that a pipe in
 * its place blocks nobody. New content goes to a temporary file in the same
 * directory until it is complete and on disk; then it gets its name in one
 * step. A kill in between leaves the temporary file (".NAME.XXXXXX"), never
 * half of NAME.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_TEMP_TRIES = 20, FILE_NAME_SIZE = 256 };

/* The operator can fix permissions, a lack of resources may pass, and anything
 * else is the fault of the file. */
static enum exit_code
file_code(int number)
{
	switch (number) {
	case EACCES:
	case EPERM:
	case EROFS:
		return EXIT_CONFIG;
	case EDQUOT:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOSPC:
		return EXIT_TEMPORARY;
	default:
		return EXIT_DATA;
	}
}

/*
 * Reads fd to its end into malloc'd bytes; NULL with errno, EFBIG if over max.
 */
static char *
file_read_fd(int fd, size_t max, size_t hint, size_t *len)
{
	size_t size = (hint < max ? hint : max) + 2, n = 0;
	char *buf = malloc(size);

	while (buf != NULL) {
		ssize_t got = read(fd, buf + n, size - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
		if (n > max) {
			errno = EFBIG;
			break;
		}
		if (got == 0) {
			buf[n] = '\0';
			*len = n;
			return buf;
		}
		if (n + 1 < size)
			continue;
		size = size * 2 < max + 2 ? size * 2 : max + 2;
		char *more = realloc(buf, size);
		if (more == NULL)
			break;
		buf = more;
	}
	free(buf);
	return NULL;
}

char *
file_read(const char *path, size_t max, size_t *len, struct err *err)
{
	char *buf = NULL;
	struct stat st;

	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		(void)err_errno(err, file_code(errno), "%s", path);
		return NULL;
	}
	if (fstat(fd, &st) != 0) {
		(void)err_errno(err, EXIT_DATA, "%s", path);
	} else if (S_ISDIR(st.st_mode)) {
		(void)err_set(err, EXIT_DATA,
		    "%s is a directory, not a file", path);
	} else if (!S_ISREG(st.st_mode)) {
		(void)err_set(err, EXIT_DATA,
		    "%s is a device, pipe or socket, not a regular file", path);
	} else {
		buf = file_read_fd(fd, max, (size_t)st.st_size, len);
		if (buf == NULL && errno == EFBIG)
			(void)err_set(err, EXIT_DATA,
			    "%s is larger than %zu bytes", path, max);
		else if (buf == NULL)
			(void)err_errno(err, EXIT_DATA, "%s", path);
	}
	(void)close(fd);
	return buf;
}

/* Creates ".NAME.XXXXXX" in dir. Returns its descriptor, or -1 with errno. */
static int
file_temp(int dir, const char *name, char *temp, size_t size)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char random[6];

	for (int i = 0; i < FILE_TEMP_TRIES; i++) {
		char tail[sizeof random + 1] = {0};

		if (getrandom(random, sizeof random, 0) != sizeof random)
			return -1;
		for (size_t k = 0; k < sizeof random; k++)
			tail[k] = digits[random[k] & 31];
		int n = snprintf(temp, size, ".%s.%s", name, tail);
		if (n < 0 || (size_t)n >= size) {
			errno = ENAMETOOLONG;
			return -1;
		}
		int fd = openat(dir, temp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static int
file_write_fd(int fd, const char *data, size_t len, mode_t mode, uid_t uid,
    gid_t gid)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) && fchown(fd, uid, gid) != 0)
		return -1;
	if (fchmod(fd, mode) != 0)
		return -1;
	return fsync(fd);
}

/* Gives the temporary file its name. On a file system without hard links, the
 * kernel's rename without replacement does the same. */
static int
file_name_it(int dir, const char *temp, const char *name, enum file_over over)
{
	if (over == FILE_REPLACE)
		return renameat(dir, temp, dir, name);
	if (linkat(dir, temp, dir, name, 0) == 0)
		return unlinkat(dir, temp, 0);
	if (errno == EEXIST)
		return -1;
	return renameat2(dir, temp, dir, name, RENAME_NOREPLACE);
}

int
file_open_folder(int from, const char *path, char *name, size_t size,
    struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash == NULL ? path : slash + 1;

	if (*last == '\0' || strcmp(last, ".") == 0 ||
	    strcmp(last, "..") == 0 || strlen(last) >= size)
		return err_set(err, EXIT_DATA, "%s: not a file name", path);
	(void)snprintf(name, size, "%s", last);
	char *folder = slash == NULL ? strdup(".") : slash == path
	    ? strdup("/") : strndup(path, (size_t)(slash - path));
	if (folder == NULL)
		return err_errno(err, EXIT_TEMPORARY, "%s", path);
	int dir = openat(from, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		(void)err_errno(err, file_code(errno), "%s: directory %s", path,
		    folder);
	free(folder);
	return dir;
}

int
file_write_at(int dir, const char *name, const char *path, const char *data,
    size_t len, mode_t mode, uid_t uid, gid_t gid, enum file_over over,
    struct err *err)
{
	char temp[FILE_NAME_SIZE];
	int ret = -1;

	int fd = file_temp(dir, name, temp, sizeof temp);
	if (fd < 0)
		return err_errno(err, file_code(errno), "%s: cannot "
		    "write", path);
	if (file_write_fd(fd, data, len, mode, uid, gid) != 0) {
		(void)err_errno(err, file_code(errno), "%s: cannot write",
		    path);
	} else if (file_name_it(dir, temp, name, over) == 0) {
		ret = 0;
		if (fsync(dir) != 0 && errno != EINVAL)
			ret = err_errno(err, EXIT_TEMPORARY,
			    "%s: written, but its directory could not be "
			    "synced to disk", path);
	} else if (errno == EEXIST) {
		(void)err_set(err, EXIT_DATA,
		    "%s already exists and is not overwritten", path);
	} else {
		(void)err_errno(err, file_code(errno), "%s", path);
	}
	if (ret != 0)
		(void)unlinkat(dir, temp, 0);
	(void)close(fd);
	return ret;
}

int
file_write(const char *path, const char *data, size_t len, mode_t mode,
    uid_t uid, gid_t gid, enum file_over over, struct err *err)
{
	char name[FILE_NAME_SIZE];
	int dir = file_open_folder(AT_FDCWD, path, name, sizeof name, err);
	int ret;

	if (dir < 0)
		return -1;
	ret = file_write_at(dir, name, path, data, len, mode, uid, gid, over,
	    err);
	(void)close(dir);
	return ret;
}
