/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_CONFINE_H
#define WAYBILL_BASE_CONFINE_H

#include "base/err.h"
#include "base/reach.h"

/* What stands beside reading files, talking and starting threads. */
enum confine_may {
	CONFINE_MAY_RUN = 1,	/* start programs; with CONFINE_MAY_FORK */
	CONFINE_MAY_FORK = 2,	/* start processes */
	CONFINE_MAY_WRITE = 4,	/* open files for writing, make, rename, ... */
	CONFINE_MAY_REMOVE = 8,	/* remove files */
};

/*
 * Gives up for good, for every thread, what a service has no use for: new
 * privileges by set-uid programs, capabilities (but for root), core dumps,
 * being traced, every system call but those of a list (libseccomp), listening,
 * and typing into its terminal. may: of enum confine_may. reach: the files
 * that are left (ended by this; for this thread and those it starts); NULL:
 * what its user may. After the user is changed, before threads. 0, or -1 with
 * err: then some of it stands, and the caller says so or ends.
 */
int confine_to(unsigned may, struct reach *reach, struct err *err);

/* May the process still start programs? */
enum confine_programs { CONFINE_NO_PROGRAMS, CONFINE_PROGRAMS };

/* The same for who may write and open what its user may, and fork where it may
 * start programs. */
int confine(enum confine_programs programs, struct err *err);

/*
 * Takes the capabilities that any program started from here on could get, for
 * good; what root has now stays until the user is changed. Nothing where this
 * process may not do that: then it has none to pass on.
 */
void confine_bounding_set(void);

#endif
