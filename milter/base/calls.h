/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_CALLS_H
#define WAYBILL_BASE_CALLS_H

#include "base/err.h"

/*
 * Limits this process, all its threads and everything it starts to an allow
 * list of system calls, permanently. may (enum confine_may) adds to the calls
 * that every service needs. A call outside the list fails: with EPERM if it is
 * what an attacker would use, with ENOSYS where a library tries a newer call
 * before the old one. Nothing is killed. no_new_privs must be set before.
 * Returns 0, or -1 with err and nothing changed. Does nothing without
 * libseccomp and in a sanitized build.
 */
int calls_limit(unsigned may, struct err *err);

#endif
