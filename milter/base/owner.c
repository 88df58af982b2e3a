/* SPDX-License-Identifier: ISC */
/*
 * Writes files for root in places where others own directories.
 *
 * The owner of a directory can rename what is below it and put a link in its
 * place at any moment, so it is not enough to check the last directory, nor to
 * check any directory and then use its name again. The path is walked from "/"
 * by descriptors, one component at a time, without following a link:
 *
 *	owner of the component		action
 *	root				continue (into the directory, or with
 *					the target of the link)
 *	anybody else			a child process becomes that user and
 *					does the rest with the user's rights
 *	root, in a directory that	rejected: somebody could put another
 *	others can write to and		directory in its place
 *	that is not sticky
 *
 * The wait for the child is bounded: its user can stop it.
 */
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/acl.h"
#include "base/become.h"
#include "base/clock.h"
#include "base/file.h"

enum {
	LINKS_MAX = 40,		/* the kernel's limit */
	PATIENCE_MS = 60000,
	REST_SIZE = 2 * PATH_MAX,
};

struct walk {
	const char *path;	/* as given by the caller */
	int dir;		/* O_PATH; root owns everything above */
	char rest[REST_SIZE];	/* the rest of the path, relative to dir */
	uid_t uid;		/* owner of the next component; 0: root */
	char part[NAME_MAX + 1];	/* the last component looked at */
	unsigned links;
};

/* Returns true if the access control list of a directory lets anybody but root
 * write. Without a list, the group bits are the permissions of the group; with
 * one, they are the mask. A list that cannot be read is assumed to allow it. */
static bool
list_lets_write(int dir, const struct stat *st)
{
	unsigned char list[ACL_BYTES_MAX];
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fgetxattr(fd, "system.posix_acl_access",
	    list, sizeof list);
	bool has_none = n < 0 && fd >= 0 && (errno == ENODATA ||
	    errno == EOPNOTSUPP);

	if (fd >= 0)
		(void)close(fd);
	if (has_none)
		return st->st_gid != 0;
	return n < 0 || acl_lets_others_write(list, (size_t)n, st->st_gid);
}

/* Returns true if somebody else can replace what is in this directory of
 * root's. */
static bool
is_shared(int dir, const struct stat *st)
{
	if ((st->st_mode & S_ISVTX) != 0)
		return false;
	return (st->st_mode & S_IWOTH) != 0 ||
	    ((st->st_mode & S_IWGRP) != 0 && list_lets_write(dir, st));
}

static void
enter(struct walk *w, int fd)
{
	(void)close(w->dir);
	w->dir = fd;
}

/* Replaces the name of a link by its target in the path. */
static int
follow(struct walk *w, int link, const char *after, struct err *err)
{
	char text[PATH_MAX];
	char rest[REST_SIZE];
	ssize_t n = readlinkat(link, "", text, sizeof text - 1);
	int root = -1;

	if (n < 0)
		return err_errno(err, EXIT_DATA, "%s", w->path);
	text[n] = '\0';
	if (++w->links > LINKS_MAX || (size_t)snprintf(rest, sizeof rest,
	    "%s/%s", text, after) >= sizeof rest)
		return err_set(err, EXIT_DATA, "%s: too many symbolic links",
		    w->path);
	(void)snprintf(w->rest, sizeof w->rest, "%s", rest);
	if (text[0] != '/')
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_errno(err, EXIT_DATA, "%s", w->path);
	enter(w, root);
	return 0;
}

/* fd is the component "name" of a path in which "after" follows it. */
static int
take_part(struct walk *w, int fd, const char *name, const char *after,
    struct err *err)
{
	struct stat st;
	struct stat above;
	char rest[REST_SIZE];
	bool is_dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;

	if (fstat(fd, &st) != 0 || fstat(w->dir, &above) != 0)
		return err_errno(err, EXIT_DATA, "%s", w->path);
	(void)snprintf(rest, sizeof rest, "%s", after);
	w->uid = st.st_uid;
	if (st.st_uid == 0 && !is_dots && is_shared(w->dir, &above))
		return err_set(err, EXIT_CONFIG, "%s: users other than root "
		    "can replace the directory %s (its parent directory has "
		    "mode %04o); choose another location", w->path, name,
		    (unsigned)above.st_mode & 07777);
	if (st.st_uid == 0 && S_ISLNK(st.st_mode))
		return follow(w, fd, rest, err);
	if (S_ISLNK(st.st_mode))
		return 0;	/* left to a process of its owner */
	if (!S_ISDIR(st.st_mode))
		return err_set(err, EXIT_DATA, "%s: %s is not a directory",
		    w->path, name);
	(void)snprintf(w->rest, sizeof w->rest, "%s", rest);
	enter(w, dup(fd));
	return w->dir < 0 ? err_errno(err, EXIT_TEMPORARY, "%s", w->path) : 0;
}

/* Handles one component of the path. Returns 1 if it was taken; 0 if only the
 * file name is left or the rest belongs to another user; -1 with err. */
static int
step(struct walk *w, struct err *err)
{
	char *part = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(part, "/");
	char name[NAME_MAX + 1];
	int fd;
	int rc;

	if (part[len] == '\0' || w->uid != 0) {
		memmove(w->rest, part, strlen(part) + 1);
		return 0;
	}
	if (len >= sizeof name)
		return err_set(err, EXIT_DATA, "%s: component of the path too "
		    "long",
		    w->path);
	memcpy(name, part, len);
	name[len] = '\0';
	memcpy(w->part, name, len + 1);
	fd = openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, errno == EACCES ? EXIT_CONFIG : EXIT_DATA,
		    "%s: directory %s", w->path, name);
	/* At least one "/" follows the name. */
	rc = take_part(w, fd, name, part + len + 1, err);
	(void)close(fd);
	return rc == 0 ? 1 : -1;
}

static int
begin(struct walk *w, const char *path, struct err *err)
{
	char here[PATH_MAX] = "";
	struct stat st;

	*w = (struct walk){ .path = path, .dir = -1 };
	if (path[0] != '/' && getcwd(here, sizeof here) == NULL)
		return err_errno(err, EXIT_DATA, "%s: cannot open the current "
		    "directory",
		    path);
	if ((size_t)snprintf(w->rest, sizeof w->rest, "%s/%s", here, path) >=
	    sizeof w->rest)
		return err_set(err, EXIT_DATA, "%s: path too long",
		    path);
	w->dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->dir < 0 || fstat(w->dir, &st) != 0)
		return err_errno(err, EXIT_DATA, "%s", path);
	w->uid = st.st_uid;
	return 0;
}

/* Rejects a name in root's own directory that must not be replaced. */
static int
refuse_place(int dir, const char *name, const char *path, struct err *err)
{
	struct stat st;
	struct stat in;
	struct stat dev;

	if (fstat(dir, &in) == 0 && stat("/dev", &dev) == 0 &&
	    in.st_dev == dev.st_dev && in.st_ino == dev.st_ino)
		return err_set(err, EXIT_DATA, "%s: nothing in /dev is "
		    "replaced; write to standard output (-), /dev/stdout or "
		    "/dev/fd/N", path);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return err_set(err, EXIT_DATA, "%s is a directory, not a "
		    "file", path);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return err_set(err, EXIT_DATA, "%s is a device and is not "
		    "replaced; write to standard output (-) and redirect "
		    "it", path);
	return 0;
}

/* Writes the file with the current rights of this process, relative to dir. */
static int
write_from(int dir, const char *rest, const char *path, const char *data,
    size_t len, mode_t mode, struct err *err)
{
	char name[NAME_MAX + 1];
	int in = file_open_folder(dir, rest, name, sizeof name, err);
	int rc;

	if (in < 0)
		return -1;
	rc = refuse_place(in, name, path, err);
	if (rc == 0)
		rc = file_write_at(in, name, path, data, len, mode, (uid_t)-1,
		    (gid_t)-1, FILE_REPLACE, err);
	(void)close(in);
	return rc;
}

/* The child has the rights of the user, so its answer is checked: the message
 * must be terminated and the code valid. */
static int
check(const struct err *said, const char *path, struct err *err)
{
	int len = (int)strnlen(said->text, sizeof said->text);

	switch (said->code) {
	case EXIT_OK:
		return 0;
	case EXIT_ATTENTION:
	case EXIT_USAGE:
	case EXIT_DATA:
	case EXIT_UNAVAILABLE:
	case EXIT_TEMPORARY:
	case EXIT_CONFIG:
		return err_set(err, said->code, "%.*s", len, said->text);
	}
	return err_set(err, EXIT_TEMPORARY, "%s: invalid answer from the "
	    "process that writes the file as the owner of its directory", path);
}

/* Waits for the child's answer until the deadline. Returns it, or -1 with err;
 * the child is then killed. */
static int
hear(int fd, pid_t child, const char *path, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct err said = { .code = EXIT_OK };
	int64_t until = clock_ms() + PATIENCE_MS;
	int n;

	do
		n = poll(&p, 1, clock_left(until));
	while (n < 0 && errno == EINTR);
	/* The answer is one write, smaller than a pipe takes at once. */
	if (n != 1 || read(fd, &said, sizeof said) != (ssize_t)sizeof said)
		err_set(&said, EXIT_TEMPORARY, "%s: the process that writes it "
		    "as the owner of its directory %s", path,
		    n == 0 ? "was stopped" : "ended");
	(void)kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return check(&said, path, err);
}

static void __attribute__((noreturn))
answer(int fd, const struct err *said)
{
	_exit(write(fd, said, sizeof *said) == (ssize_t)sizeof *said ? 0 : 1);
}

static int
write_as(const struct walk *w, const char *data, size_t len, mode_t mode,
    struct err *err)
{
	struct err said = { .code = EXIT_OK };
	const struct passwd *pw = getpwuid(w->uid);
	int fds[2];
	pid_t child;
	int rc;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(err, EXIT_TEMPORARY, "pipe");
	child = fork();
	if (child == 0) {
		if (become_owner(w->uid, &said) == 0)
			(void)write_from(w->dir, w->rest, w->path, data, len,
			    mode, &said);
		answer(fds[1], &said);
	}
	(void)close(fds[1]);
	if (child < 0)
		rc = err_errno(err, EXIT_TEMPORARY, "fork");
	else
		rc = hear(fds[0], child, w->path, err);
	(void)close(fds[0]);
	if (rc != 0 && pw != NULL)
		err_prefix(err, "as user %s, who owns its directory",
		    pw->pw_name);
	return rc;
}

/* Walks as far as root owns the path. w->dir is open afterwards, or -1. */
static int
walk(struct walk *w, const char *path, struct err *err)
{
	int rc = begin(w, path, err);

	if (rc == 0)
		do
			rc = step(w, err);
		while (rc > 0);
	return rc;
}

int
owner_find(const char *path, uid_t *uid, char part[OWNER_PART_SIZE],
    struct err *err)
{
	struct walk w;
	struct stat st;
	int rc = walk(&w, path, err);

	*uid = w.uid;
	(void)snprintf(part, OWNER_PART_SIZE, "%s", w.part);
	if (rc == 0 && w.uid == 0 && fstat(w.dir, &st) == 0 &&
	    is_shared(w.dir, &st))
		rc = err_set(err, EXIT_CONFIG, "%s: users other than root can "
		    "write to the directory %s (mode %04o)", path, part,
		    (unsigned)st.st_mode & 07777);
	if (w.dir >= 0)
		(void)close(w.dir);
	return rc;
}

int
owner_write(const char *path, const char *data, size_t len, mode_t mode,
    struct err *err)
{
	struct walk w;
	int rc;

	if (geteuid() != 0)
		return write_from(AT_FDCWD, path, path, data, len, mode, err);
	rc = walk(&w, path, err);
	if (rc == 0 && w.uid == 0)
		rc = write_from(w.dir, w.rest, path, data, len, mode, err);
	else if (rc == 0)
		rc = write_as(&w, data, len, mode, err);
	if (w.dir >= 0)
		(void)close(w.dir);
	return rc;
}
