/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_PRIVILEGES_H
#define WAYBILL_PRIVILEGES_H

#include <sys/types.h>

#include "base/err.h"

/* The user that the daemon runs as. */
struct privileges {
	uid_t uid;
	gid_t gid;
	char *name;	/* owned */
};

/* Looks up the user: the requested one if this process is root, otherwise the
 * current one. Returns 0, or -1 with err. */
int privileges_find(const char *user, struct privileges *p, struct err *err);

/* Returns the number of a group; EXIT_CONFIG if the host does not have it. */
int privileges_group(const char *name, gid_t *gid, struct err *err);

/* Reads and writes as that user until privileges_resume(). Does nothing if
 * this process is not root. Call it before starting threads. */
int privileges_assume(const struct privileges *p, struct err *err);
int privileges_resume(const struct privileges *p, struct err *err);

/* Becomes that user permanently, and verifies that there is no way back. */
int privileges_drop(const struct privileges *p, struct err *err);

/* Raises the soft limit of open files to the hard one. Returns it. */
unsigned long privileges_raise_files(void);

#endif
