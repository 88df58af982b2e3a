/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_FILE_H
#define WAYBILL_BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Reads a regular file whole, opened without blocking and judged on the open
 * descriptor. max bytes at most. Returns malloc'd bytes with a NUL behind
 * them (the caller frees) and *len; NULL with err (a directory, a pipe, over
 * max, no permission: each its sentence).
 */
char *file_read(const char *path, size_t max, size_t *len, struct err *err);

enum file_over { FILE_NEVER_OVER, FILE_REPLACE };

/*
 * Writes a file whole or not at all: a temporary file in the same folder,
 * fsync, then link (FILE_NEVER_OVER: EXIT_DATA when path exists) or rename.
 * uid or gid (uid_t)-1: left. 0 or -1; nothing is left behind on error.
 */
int file_write(const char *path, const char *data, size_t len, mode_t mode,
    uid_t uid, gid_t gid, enum file_over over, struct err *err);

/*
 * The same by the descriptor of an open folder (not O_PATH), in which name has
 * no "/"; path is what sentences call the file.
 */
int file_write_at(int dir, const char *name, const char *path,
    const char *data, size_t len, mode_t mode, uid_t uid, gid_t gid,
    enum file_over over, struct err *err);

/*
 * Opens the folder that path lies in, from the folder from (or AT_FDCWD), and
 * copies the last part of path to name. The descriptor (the caller closes), or
 * -1 with err.
 */
int file_open_folder(int from, const char *path, char *name, size_t size,
    struct err *err);

#endif
