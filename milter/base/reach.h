/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_REACH_H
#define WAYBILL_BASE_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/*
 * Limits which files a process can still open (landlock(7)): only those that
 * were added, whatever its user may open. Open descriptors stay usable, and
 * connecting to sockets is not limited. If the kernel has no Landlock, nothing
 * is limited and nothing fails.
 */

/* Rights. All of them except REACH_REMOVE include reading. */
enum {
	REACH_READ = 1,
	REACH_RUN = 2,		/* start programs */
	REACH_WRITE = 4,	/* create, change, rename and remove files */
	REACH_REMOVE = 8,	/* remove files */
	REACH_CHANGE = 16,	/* write to existing files, such as /dev/null */
};

struct reach {
	int fd;			/* the rules so far; -1: no Landlock */
	uint64_t handled;	/* rights that this kernel can restrict */
	int error;		/* the first errno of an addition */
};

/* Begins with an empty set; finish with reach_limit() or reach_free(). */
void reach_begin(struct reach *r);
void reach_free(struct reach *r);

/* Adds a file, or a directory and everything below it. A path that does not
 * exist or that this process cannot look up is skipped; so is NULL. */
void reach_add(struct reach *r, const char *path, unsigned rights);

/* Adds the directory that contains the file, now or later, so that it can be
 * replaced or rotated; and the directory of its target if it is a symbolic
 * link now. */
void reach_add_place(struct reach *r, const char *file, unsigned rights);

/* Adds the libraries and the files from which the C library reads users, time
 * zones and random data; with REACH_RUN also the programs of the system. */
void reach_add_system(struct reach *r, unsigned rights);

/* Adds everything that exists now except the hidden paths and what is below
 * them (NULL: no paths; one that does not exist or does not begin with "/"
 * hides nothing). A directory above a hidden one cannot be listed, and files
 * created in it later are not added. */
void reach_add_all_but(struct reach *r, const struct text_list *hidden,
    unsigned rights);

/* Takes effect for this thread and what it starts: call it before starting
 * threads. no_new_privs must be set before. Frees r. Returns 0, or -1 with
 * err. */
int reach_limit(struct reach *r, struct err *err);

#endif
