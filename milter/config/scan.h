/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_SCAN_H
#define WAYBILL_CONFIG_SCAN_H

#include <stddef.h>

#include "base/err.h"

/*
 * A first pass over a configuration file before libconfuse reads it:
 * libconfuse stops at its first error, miscounts lines after comments,
 * silently takes the last of two values, and accepts a section that is never
 * closed.
 */

/* A section or an option in the file. */
struct scan_item {
	char *path;		/* as in the table: "domain.key.file" */
	char *title;		/* of a titled section, or NULL */
	int line;
	/* index of the "domain" section it is or belongs to; -1: none */
	int domain;
	/* index of the "key" section within it; -1: none */
	int key;
};

enum { SCAN_FILE_MAX = 1 << 22 };

struct scan {
	/* The text with comments, unknown options and repeated values blanked
	 * and line breaks kept: what libconfuse may read. */
	char *text;
	size_t len;
	struct scan_item *items;
	size_t n;
	/* structural errors: if any, libconfuse must not read it */
	int faults;
};

/* Scans len bytes of the file; messages call it name. Each error is added to
 * errors. Returns -1 if there is no memory. Call scan_free() in either case. */
int scan_text(struct scan *s, const char *name, const char *text, size_t len,
    struct err_list *errors);

void scan_free(struct scan *s);

/* Returns the line of an item, or 0 if the file does not have it. */
int scan_line(const struct scan *s, const char *path, int domain, int key);

#endif
