/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_BECOME_H
#define WAYBILL_BASE_BECOME_H

#include <sys/types.h>

#include "base/err.h"

/*
 * If this process is root, it becomes the user permanently, with the user's
 * groups; otherwise nothing happens. Returns 0, or -1 with err and nothing
 * changed if there is no such user. Exits if the change itself fails.
 */
int become_user(const char *user, struct err *err);

/*
 * Root becomes the user with this id permanently, with the user's own groups;
 * if the host has no such user, with nobody's group only. Returns 0, or -1
 * with err: the process must then exit.
 */
int become_owner(uid_t uid, struct err *err);

/*
 * Root becomes the user with these numbers permanently, with the groups of
 * name and no others, and verifies that there is no way back and that no
 * program it starts can get a capability. Returns 0, or -1 with err: the
 * process must then exit.
 */
int become(const char *name, uid_t uid, gid_t gid, struct err *err);

/* Sets the supplementary groups of this process to those of name, in addition
 * to gid, and drops all others. Returns 0, or -1 with err. */
int become_groups(const char *name, gid_t gid, struct err *err);

#endif
