/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_FILE_H
#define WAYBILL_BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Reads a regular file whole, opened without blocking and checked on the open
 * descriptor; at most max bytes. Returns malloc'd, NUL-terminated bytes (the
 * caller frees them) and *len, or NULL with err (a directory, a pipe, over
 * max, no permission: each has its own message).
 */
char *file_read(const char *path, size_t max, size_t *len, struct err *err);

enum file_over { FILE_NEVER_OVER, FILE_REPLACE };

/*
 * Writes a file whole or not at all: a temporary file in the same directory,
 * fsync, then link (FILE_NEVER_OVER: EXIT_DATA if path exists) or rename.
 * (uid_t)-1 for uid or gid leaves it unchanged. Returns 0, or -1 with err;
 * nothing is left behind on error.
 */
int file_write(const char *path, const char *data, size_t len, mode_t mode,
    uid_t uid, gid_t gid, enum file_over over, struct err *err);

/*
 * The same, relative to the descriptor of an open directory (not O_PATH). name
 * contains no "/"; messages refer to the file as path.
 */
int file_write_at(int dir, const char *name, const char *path,
    const char *data, size_t len, mode_t mode, uid_t uid, gid_t gid,
    enum file_over over, struct err *err);

/*
 * Opens the directory that contains path, relative to from (or AT_FDCWD), and
 * copies the last component of path to name (size bytes). Returns the
 * descriptor, which the caller closes, or -1 with err.
 */
int file_open_folder(int from, const char *path, char *name, size_t size,
    struct err *err);

#endif
