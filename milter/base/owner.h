/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_OWNER_H
#define WAYBILL_BASE_OWNER_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Writes a file that the operator names: to a temporary name beside it, then
 * renamed over whatever is there (a link, a pipe, another user's file), never
 * through it. If run as root, the file is written by a process that has become
 * the first owner along the path who is not root, so that the owner of a
 * directory cannot make root write elsewhere. Devices, directories and
 * anything in /dev are rejected. The file gets exactly this mode, whatever the
 * umask. Returns 0, or -1 with err; the file is then unchanged.
 */
int owner_write(const char *path, const char *data, size_t len, mode_t mode,
    struct err *err);

/*
 * For root: finds out who else can replace what a path leads to. Sets *uid to
 * the first owner along its directories who is not root, and part to the
 * component that this user owns; 0: nobody. Returns -1 with err if a directory
 * is missing or somebody else can write to one of root's. The last component
 * of the path is not looked at.
 */
enum { OWNER_PART_SIZE = NAME_MAX + 1 };
int owner_find(const char *path, uid_t *uid, char part[OWNER_PART_SIZE],
    struct err *err);

#endif
