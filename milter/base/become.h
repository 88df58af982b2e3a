/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_BECOME_H
#define WAYBILL_BASE_BECOME_H

#include <sys/types.h>

#include "base/err.h"

/*
 * Where this process is root, it becomes the user for good, with the user's
 * groups; else nothing happens. 0; -1 with a sentence and nothing changed when
 * there is no such user; a process that can't change ends.
 */
int become_user(const char *user, struct err *err);

/*
 * Root becomes the user of this id for good, with the user's own groups; with
 * none but nobody's where the host has no such user. 0, or -1 with err: then
 * the process is to end.
 */
int become_owner(uid_t uid, struct err *err);

/*
 * Root becomes the user with these numbers for good, with the groups that the
 * name is in and no other, and proves that there is no way back and no program
 * that it starts can get a capability. 0, or -1 with err: then the process has
 * to end.
 */
int become(const char *name, uid_t uid, gid_t gid, struct err *err);

/* The groups that the name is in, beside gid, become those of this process, and
 * no other stays. 0, or -1 with err. */
int become_groups(const char *name, gid_t gid, struct err *err);

#endif
