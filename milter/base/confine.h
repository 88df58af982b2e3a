/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_CONFINE_H
#define WAYBILL_BASE_CONFINE_H

#include "base/err.h"

/* May the process still start programs? */
enum confine_programs { CONFINE_NO_PROGRAMS, CONFINE_PROGRAMS };

/*
 * Gives up, for every thread and for good, what a service has no use for: new
 * privileges by set-uid programs, core dumps, being traced, and, where
 * libseccomp is there, the system calls by which a process that was taken over
 * would go on. After the user is changed. 0 or -1 with err.
 */
int confine(enum confine_programs programs, struct err *err);

#endif
