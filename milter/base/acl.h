/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ACL_H
#define WAYBILL_BASE_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* More entries than anybody has; a longer list isn't read. */
enum { ACL_BYTES_MAX = 4 + 8 * 512 };

/*
 * Does an access control list (acl(5), the bytes of the extended attribute
 * system.posix_acl_access) let anybody write but the owner and root? group is
 * the group that the directory belongs to; root's is root. What isn't such a
 * list may be anything: true.
 */
bool acl_lets_others_write(const unsigned char *list, size_t len,
    gid_t group);

#endif
