/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_CALLS_H
#define WAYBILL_BASE_CALLS_H

#include "base/err.h"

/*
 * Leaves this process, all its threads and whatever it starts the system calls
 * of a list, for good. may: of enum confine_may, what stands beside the calls
 * that every service needs. A call outside the list fails, with EPERM where a
 * program that was taken over would want it, with ENOSYS where a library tries
 * a newer one before the old; nothing is killed. no_new_privs is set before.
 * 0; -1 with err and nothing changed. Without libseccomp, and in a sanitized
 * build, nothing happens.
 */
int calls_limit(unsigned may, struct err *err);

#endif
