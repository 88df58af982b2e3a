/* SPDX-License-Identifier: ISC */
/*
 * The public halves are written by the owner of the keys, which is root;
 * waybilld reads keys but never writes a file. Everything goes through
 * descriptors, in directories that only their owner can write to. The
 * directory is next to the key directory, wherever that is, so it may contain
 * other files: only a file that has exactly the form of a public half is ever
 * removed, and a directory only together with the last of them.
 */
#include "config/public.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/file.h"

enum { PUBLIC_PATH_SIZE = 4096, PUBLIC_FILE_MAX = 64 * 1024 };

static const char suffix[] = ".txt";

int
public_folder(const struct config *c, char *out, size_t size)
{
	const char *keys = c->keys[0] == '\0' ? SYSCONFDIR "/waybill/keys" :
	    c->keys;
	size_t len = strlen(keys);
	int n;

	while (len > 1 && keys[len - 1] == '/')
		len--;
	while (len > 0 && keys[len - 1] != '/')
		len--;
	n = snprintf(out, size, "%.*spublic", (int)len, keys);
	return n > 0 && (size_t)n < size ? 0 : -1;
}

/* Opens a directory, and creates it if it does not exist, readable by others
 * whatever the umask. Returns its descriptor, or -1 with err. */
static int
open_folder(const char *path, struct err *err)
{
	bool is_new = mkdir(path, 0755) == 0;
	int fd;

	if (!is_new && errno != EEXIST)
		return err_errno(err, EXIT_CONFIG, "cannot create the "
		    "directory %s", path);
	fd = key_folder_open(path, err);
	if (fd >= 0 && is_new && fchmod(fd, 0755) != 0) {
		(void)close(fd);
		return err_errno(err, EXIT_CONFIG, "%s", path);
	}
	return fd;
}

static void
add_text(struct text *t, const struct key *key, const char *key_path)
{
	key_record(key, t);
	text_addf(t, "\n%s\n", key_path);
}

static bool
is_there(const char *path, const struct text *want)
{
	size_t len = 0;
	char *is = file_read(path, PUBLIC_FILE_MAX, &len, NULL);
	bool same = is != NULL && len == want->len &&
	    memcmp(is, want->buf, len) == 0;

	free(is);
	return same;
}

/* Writes the file of a key into the open directory of its domain. */
static int
put(int fd, const char *folder, const struct key *key, const char *key_path,
    struct err *err)
{
	char name[DOMAIN_SIZE + sizeof suffix];
	char path[2 * PUBLIC_PATH_SIZE];
	struct text text;
	int rc = 0;

	(void)snprintf(name, sizeof name, "%s%s", key->selector, suffix);
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	text_init(&text, PUBLIC_FILE_MAX);
	add_text(&text, key, key_path);
	if (!is_there(path, &text))
		rc = file_write_at(fd, name, path, text.buf, text.len, 0644,
		    (uid_t)-1, (gid_t)-1, FILE_REPLACE, err);
	text_free(&text);
	return rc;
}

/* Opens the directory of a domain and writes its path to folder. */
static int
open_domain(const struct config *c, const char *domain,
    char folder[PUBLIC_PATH_SIZE], struct err *err)
{
	char top[PUBLIC_PATH_SIZE];
	int fd;

	if (public_folder(c, top, sizeof top) != 0 ||
	    (size_t)snprintf(folder, PUBLIC_PATH_SIZE, "%s/%s", top, domain) >=
	    PUBLIC_PATH_SIZE)
		return err_set(err, EXIT_CONFIG, "keys: path too long");
	fd = open_folder(top, err);
	if (fd < 0)
		return -1;
	(void)close(fd);
	return open_folder(folder, err);
}

int
public_add(const struct config *c, const struct key *key, const char *key_path,
    struct err *err)
{
	char folder[PUBLIC_PATH_SIZE];
	int fd = open_domain(c, key->domain, folder, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = put(fd, folder, key, key_path, err);
	(void)close(fd);
	return rc;
}

static int
is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Returns true if the identity (NULL: none) has the key that the file is named
 * after. */
static bool
has_key(const struct identity *id, const char *name, size_t len)
{
	for (size_t i = 0; id != NULL && i < id->nkeys; i++)
		if (strlen(id->keys[i]->selector) == len &&
		    memcmp(id->keys[i]->selector, name, len) == 0)
			return true;
	return false;
}

/* Returns true if put() wrote this file, for whatever key. */
static bool
is_half(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC);
	char is[PUBLIC_FILE_MAX + 1];
	struct stat st;
	ssize_t n = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ?
	    read(fd, is, sizeof is) : -1;
	char *copy = n > 0 && n < (ssize_t)sizeof is ? strndup(is, (size_t)n) :
	    NULL;
	struct key *key = copy == NULL ? NULL : key_parse_public(copy, "", "");
	struct text text;
	bool same;

	if (fd >= 0)
		(void)close(fd);
	text_init(&text, PUBLIC_FILE_MAX);
	if (key != NULL)
		add_text(&text, key, key->path);
	same = key != NULL && key->path[0] == '/' && text.len == (size_t)n &&
	    memcmp(text.buf, is, text.len) == 0;
	text_free(&text);
	key_free(&key);
	free(copy);
	return same;
}

/*
 * Returns true if only root and this user can change what is in the directory.
 */
static bool
is_private(int folder)
{
	struct stat st;

	return fstat(folder, &st) == 0 && (st.st_mode & 0022) == 0 &&
	    (st.st_uid == 0 || st.st_uid == geteuid());
}

/* Returns how many were removed. */
static size_t
remove_files(int fd, const struct identity *id)
{
	struct dirent **names = NULL;
	int n = is_private(fd) ? scandirat(fd, ".", &names, is_visible,
	    alphasort) : 0;
	size_t removed = 0;

	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		size_t len = strlen(name);

		if (len > strlen(suffix) &&
		    strcmp(name + len - strlen(suffix), suffix) == 0 &&
		    !has_key(id, name, len - strlen(suffix)) &&
		    is_half(fd, name) && unlinkat(fd, name, 0) == 0)
			removed++;
		free(names[i]);
	}
	free(names);
	return removed;
}

/* Removes what is left of deleted keys. */
static void
remove_old(const char *top, const struct identity_table *t)
{
	struct dirent **names = NULL;
	int dir = key_folder_open(top, NULL);
	int n = dir < 0 ? -1 : scandirat(dir, ".", &names, is_visible,
	    alphasort);

	for (int i = 0; i < n; i++) {
		const struct identity *id = NULL;
		int fd = openat(dir, names[i]->d_name, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC);

		for (size_t k = 0; k < identity_count(t); k++)
			if (strcmp(identity_at(t, k)->domain,
			    names[i]->d_name) == 0)
				id = identity_at(t, k);
		if (fd >= 0 && remove_files(fd, id) > 0 && id == NULL)
			(void)unlinkat(dir, names[i]->d_name, AT_REMOVEDIR);
		if (fd >= 0)
			(void)close(fd);
		free(names[i]);
	}
	free(names);
	if (dir >= 0)
		(void)close(dir);
}

int
public_write(const struct config *c, const struct identity_table *t,
    struct err *err)
{
	char path[PUBLIC_PATH_SIZE];
	int rc = 0;

	for (size_t i = 0; i < identity_count(t) && rc == 0; i++) {
		const struct identity *id = identity_at(t, i);
		int fd = open_domain(c, id->domain, path, err);

		if (fd < 0)
			return -1;
		for (size_t k = 0; k < id->nkeys && rc == 0; k++)
			rc = put(fd, path, id->keys[k], id->keys[k]->path,
			    err);
		(void)close(fd);
	}
	if (rc == 0 && public_folder(c, path, sizeof path) == 0)
		remove_old(path, t);
	return rc;
}
