/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ACL_H
#define WAYBILL_BASE_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* More entries than any real list has; a longer list is not read. */
enum { ACL_BYTES_MAX = 4 + 8 * 512 };

/*
 * Returns true if an access control list (acl(5)) lets anybody but the owner
 * and root write. list holds the len bytes of the extended attribute
 * system.posix_acl_access; group is the group of the directory, and root's
 * group counts as root. Returns true for anything that cannot be parsed.
 */
bool acl_lets_others_write(const unsigned char *list, size_t len,
    gid_t group);

#endif
