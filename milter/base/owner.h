/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_OWNER_H
#define WAYBILL_BASE_OWNER_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Writes a file that the operator names: beside its name, then renamed over
 * whatever stands there (a link, a pipe, another's file); never through it. Run
 * as root it is written by a process that has become the first owner along the
 * path who isn't root, so that nobody who owns a directory can make root write
 * elsewhere. A device, a directory and what lies in /dev are refused. mode is
 * the file's whatever the umask. 0, or -1 with err; the file is then as it was.
 */
int owner_write(const char *path, const char *data, size_t len, mode_t mode,
    struct err *err);

/*
 * For root: who else can exchange what a path leads to. *uid becomes the first
 * owner along its directories who isn't root, and part what he owns; 0: nobody.
 * -1 with err: a directory is missing, or somebody can write to one of root's.
 * The last name of the path isn't looked at.
 */
enum { OWNER_PART_SIZE = NAME_MAX + 1 };
int owner_find(const char *path, uid_t *uid, char part[OWNER_PART_SIZE],
    struct err *err);

#endif
