/* SPDX-License-Identifier: ISC */
/*
 * Landlock, by direct system calls: the C library has no functions for it. A
 * right that the kernel does not know cannot be taken away, so the ABI version
 * that it reports decides which ones are (ABI 1 to 5, landlock(7)); from ABI 6
 * on, signals to processes outside are blocked as well.
 *
 * A rule belongs to an inode. So a file that may be replaced by another of the
 * same name, such as resolv.conf(5) and every rotated log, is added by its
 * directory.
 */
#include "build_config.h"
#include "base/reach.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in linux/landlock.h, whose oldest version lacks some of these. */
enum {
	FS_EXECUTE = 1 << 0, FS_WRITE_FILE = 1 << 1, FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3, FS_REMOVE_DIR = 1 << 4, FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_CHAR = 1 << 6, FS_MAKE_DIR = 1 << 7, FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9, FS_MAKE_FIFO = 1 << 10,
	FS_MAKE_BLOCK = 1 << 11, FS_MAKE_SYM = 1 << 12, FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14, FS_IOCTL_DEV = 1 << 15,
	FS_ABI_1 = (1 << 13) - 1,
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE |
	    FS_IOCTL_DEV,
	SCOPE_SIGNAL = 1 << 1,
	RULE_PATH_BENEATH = 1,
	CREATE_RULESET_VERSION = 1,
};

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

#if defined(SYS_landlock_create_ruleset) && !defined(WAYBILL_SANITIZED)
static long
reach_create(const struct ruleset *attr, size_t size, unsigned flags)
{
	return syscall(SYS_landlock_create_ruleset, attr, size, flags);
}
#else
/* A sanitizer reads and writes files of its own choice. */
static long
reach_create(const struct ruleset *attr, size_t size, unsigned flags)
{
	(void)attr;
	(void)size;
	(void)flags;
	errno = ENOSYS;
	return -1;
}
#endif

void
reach_begin(struct reach *r)
{
	struct ruleset attr = { .fs = FS_ABI_1 };
	size_t size = sizeof attr.fs;
	long abi = reach_create(NULL, 0, CREATE_RULESET_VERSION);

	*r = (struct reach){ .fd = -1 };
	if (abi < 1)
		return;
	attr.fs |= (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	    (abi >= 5 ? FS_IOCTL_DEV : 0);
	if (abi >= 6) {
		attr.scoped = SCOPE_SIGNAL;
		size = sizeof attr;
	}
	r->handled = attr.fs;
	r->fd = (int)reach_create(&attr, size, 0);
	if (r->fd < 0)
		r->error = errno;
}

void
reach_free(struct reach *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	r->fd = -1;
}

static uint64_t
reach_rights(unsigned rights)
{
	uint64_t all = 0;

	if ((rights & (REACH_READ | REACH_RUN | REACH_WRITE)) != 0)
		all |= FS_READ_FILE | FS_READ_DIR;
	if ((rights & REACH_RUN) != 0)
		all |= FS_EXECUTE;
	if ((rights & REACH_WRITE) != 0)
		all |= FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG |
		    FS_MAKE_DIR | FS_REMOVE_DIR | FS_REFER | FS_TRUNCATE;
	if ((rights & REACH_REMOVE) != 0)
		all |= FS_REMOVE_FILE;
	if ((rights & REACH_CHANGE) != 0)
		all |= FS_READ_FILE | FS_WRITE_FILE;
	return all;
}

void
reach_add(struct reach *r, const char *path, unsigned rights)
{
	struct rule rule = { .allowed = reach_rights(rights) & r->handled };
	struct stat st;

	if (r->fd < 0 || path == NULL)
		return;
	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0)
		return;
	if (fstat(rule.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= FS_OF_FILES;
#ifdef SYS_landlock_add_rule
	if (rule.allowed != 0 && syscall(SYS_landlock_add_rule, r->fd,
	    RULE_PATH_BENEATH, &rule, 0) != 0 && r->error == 0)
		r->error = errno;
#endif
	(void)close(rule.parent);
}

/* Adds the directory of a path, "." for a bare name. */
static void
reach_add_directory(struct reach *r, const char *file, unsigned rights)
{
	const char *slash = strrchr(file, '/');
	char path[PATH_MAX];
	int n = slash == NULL ? snprintf(path, sizeof path, ".") :
	    snprintf(path, sizeof path, "%.*s", slash == file ? 1 :
	    (int)(slash - file), file);

	if (n > 0 && (size_t)n < sizeof path)
		reach_add(r, path, rights);
}

void
reach_add_place(struct reach *r, const char *file, unsigned rights)
{
	char *real;

	if (r->fd < 0 || file == NULL || file[0] == '\0')
		return;
	reach_add_directory(r, file, rights);
	real = realpath(file, NULL);
	if (real != NULL)
		reach_add_directory(r, real, rights);
	free(real);
}

void
reach_add_system(struct reach *r, unsigned rights)
{
	static const char *const trees[] = { "/usr", "/lib", "/lib32",
	    "/lib64", "/libx32", "/proc", "/sys/devices/system/cpu" };
	static const char *const programs[] = { "/bin", "/sbin", "/opt" };
	static const char *const files[] = { "/etc/gai.conf", "/etc/group",
	    "/etc/host.conf", "/etc/hosts", "/etc/ld.so.cache",
	    "/etc/localtime", "/etc/machine-id", "/etc/nsswitch.conf",
	    "/etc/passwd", "/etc/protocols", "/etc/resolv.conf",
	    "/etc/services", "/etc/ssl/openssl.cnf", "/dev/random",
	    "/dev/urandom", "/dev/zero" };

	for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++)
		reach_add(r, trees[i], rights);
	if ((rights & REACH_RUN) != 0)
		for (size_t i = 0; i < 3; i++)
			reach_add(r, programs[i], rights);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		reach_add(r, files[i], REACH_READ);
	reach_add(r, "/dev/null", REACH_CHANGE);
}

/* Returns true if path is hidden, or an ancestor of a hidden one. */
static bool
reach_leads_to(const char *path, char *const *hidden, size_t n,
    bool *is_hidden)
{
	size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);
	bool is_above = false;

	*is_hidden = false;
	for (size_t i = 0; i < n; i++) {
		if (hidden[i] == NULL || strncmp(hidden[i], path, len) != 0)
			continue;
		*is_hidden = *is_hidden || hidden[i][len] == '\0';
		is_above = is_above || hidden[i][len] == '/';
	}
	return *is_hidden || is_above;
}

static void
reach_walk(struct reach *r, const char *path, char *const *hidden, size_t n,
    unsigned rights)
{
	bool is_hidden;
	DIR *dir;

	if (!reach_leads_to(path, hidden, n, &is_hidden)) {
		reach_add(r, path, rights);
		return;
	}
	dir = is_hidden ? NULL : opendir(path);
	if (dir == NULL)
		return;
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		char below[PATH_MAX];
		struct stat st;
		int len = snprintf(below, sizeof below, "%s/%s",
		    strcmp(path, "/") == 0 ? "" : path, e->d_name);

		/* For a link, its target is added. */
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 && len > 0 &&
		    (size_t)len < sizeof below && lstat(below, &st) == 0 &&
		    !S_ISLNK(st.st_mode))
			reach_walk(r, below, hidden, n, rights);
	}
	(void)closedir(dir);
}

void
reach_add_all_but(struct reach *r, const struct text_list *hidden,
    unsigned rights)
{
	size_t n = hidden == NULL ? 0 : hidden->n;
	char **real = calloc(n + 1, sizeof *real);

	if (real == NULL && r->error == 0)
		r->error = ENOMEM;
	for (size_t i = 0; real != NULL && r->fd >= 0 && i < n; i++)
		real[i] = hidden->v[i][0] == '/' ?
		    realpath(hidden->v[i], NULL) : NULL;
	if (real != NULL && r->fd >= 0)
		reach_walk(r, "/", real, n, rights);
	for (size_t i = 0; real != NULL && i < n; i++)
		free(real[i]);
	free(real);
	reach_add(r, "/dev/null", REACH_CHANGE);
}

int
reach_limit(struct reach *r, struct err *err)
{
	int error = r->error;

#ifdef SYS_landlock_restrict_self
	if (error == 0 && r->fd >= 0 &&
	    syscall(SYS_landlock_restrict_self, r->fd, 0) != 0)
		error = errno;
#endif
	reach_free(r);
	if (error == 0)
		return 0;
	errno = error;
	return err_errno(err, EXIT_TEMPORARY, "cannot restrict the files it "
	    "can open (Landlock)");
}
