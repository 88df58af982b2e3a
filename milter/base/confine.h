/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_CONFINE_H
#define WAYBILL_BASE_CONFINE_H

#include "base/err.h"
#include "base/reach.h"

/* What is allowed in addition to reading files, networking and starting
 * threads. */
enum confine_may {
	CONFINE_MAY_RUN = 1,	/* start programs; with CONFINE_MAY_FORK */
	CONFINE_MAY_FORK = 2,	/* start processes */
	CONFINE_MAY_WRITE = 4,	/* write to, create, rename files, ... */
	CONFINE_MAY_REMOVE = 8,	/* remove files */
};

/*
 * Gives up permanently, for every thread, what a service does not need:
 * privileges from set-uid programs, capabilities (unless root), core dumps,
 * being traced, every system call outside an allow list (libseccomp),
 * listening, and typing into its terminal. may: of enum confine_may. reach:
 * the files that stay accessible, for this thread and those it starts (freed
 * here); NULL: everything the user can access. Call it after changing the user
 * and before starting threads. Returns 0, or -1 with err: some of it is then
 * in effect, and the caller reports it or exits.
 */
int confine_to(unsigned may, struct reach *reach, struct err *err);

/* Whether the process can still start programs. */
enum confine_programs { CONFINE_NO_PROGRAMS, CONFINE_PROGRAMS };

/* The same for a process that may write, may open everything its user can
 * access, and may fork if it may start programs. */
int confine(enum confine_programs programs, struct err *err);

/*
 * Removes, permanently, the capabilities that programs started from here on
 * could get. Root keeps its current ones until it changes the user. Does
 * nothing if the process is not permitted to: it then has none to pass on.
 */
void confine_bounding_set(void);

#endif
