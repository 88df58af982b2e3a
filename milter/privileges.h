/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_PRIVILEGES_H
#define WAYBILL_PRIVILEGES_H

#include <sys/types.h>

#include "base/err.h"

/* The user who runs the daemon. */
struct privileges {
	uid_t uid;
	gid_t gid;
	char *name;	/* owned */
};

/* Looks the user up: who is asked for when this process is root, else who it
 * is already. 0, or -1 with err. */
int privileges_find(const char *user, struct privileges *p, struct err *err);

/* The number of a group; EXIT_CONFIG when the host hasn't got it. */
int privileges_group(const char *name, gid_t *gid, struct err *err);

/* Reads and writes as that user until privileges_resume(); nothing when this
 * process isn't root. Before threads. */
int privileges_assume(const struct privileges *p, struct err *err);
int privileges_resume(const struct privileges *p, struct err *err);

/* Becomes that user for good, and proves that there is no way back. */
int privileges_drop(const struct privileges *p, struct err *err);

/* Raises the soft limit of open files to the hard one; returns it. */
unsigned long privileges_raise_files(void);

#endif
