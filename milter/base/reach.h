/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_REACH_H
#define WAYBILL_BASE_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/*
 * What of the file system a process can still open (landlock(7)): nothing but
 * what was added, whatever its user may. What is open already stays open, and
 * a socket can be connected to wherever it stands. Where the kernel has no
 * Landlock, nothing is limited and nothing fails.
 */

/* Rights; reading is part of each but REACH_REMOVE. */
enum {
	REACH_READ = 1,
	REACH_RUN = 2,		/* start programs */
	REACH_WRITE = 4,	/* make, change, rename and remove files */
	REACH_REMOVE = 8,	/* remove files */
	REACH_CHANGE = 16,	/* write to what is there, as to /dev/null */
};

struct reach {
	int fd;			/* the rules so far; -1: no Landlock */
	uint64_t handled;	/* rights that this kernel can take away */
	int error;		/* the first errno of an addition */
};

/* Begins with nothing; ended by reach_limit() or reach_free(). */
void reach_begin(struct reach *r);
void reach_free(struct reach *r);

/* Adds a file, or a directory and all below it. What isn't there, or this
 * process can't look up, is passed over; so is NULL. */
void reach_add(struct reach *r, const char *path, unsigned rights);

/* Adds the directory that a file is or will be in, so that it can be replaced
 * or rotated, and where it leads if it is a symbolic link now. */
void reach_add_place(struct reach *r, const char *file, unsigned rights);

/* Adds the libraries and the files by which the C library knows users, time
 * and chance; with REACH_RUN also the system's programs. */
void reach_add_system(struct reach *r, unsigned rights);

/* Adds everything that is there now but the hidden paths and what is below
 * them (NULL: no paths; one that isn't there or doesn't begin with "/" hides
 * nothing). A directory above a hidden one can't be listed, and what is made in
 * it later isn't added. */
void reach_add_all_but(struct reach *r, const struct text_list *hidden,
    unsigned rights);

/* From here on, for this thread and what it starts: call it before threads.
 * no_new_privs is set before. 0, or -1 with err. Ends r. */
int reach_limit(struct reach *r, struct err *err);

#endif
