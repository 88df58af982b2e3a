/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_SCAN_H
#define WAYBILL_CONFIG_SCAN_H

#include <stddef.h>

#include "base/err.h"

/*
 * A first look at a configuration file, before libconfuse gets it: libconfuse
 * stops at its first fault, counts lines wrongly behind comments, takes the
 * last of two values silently, and accepts a section that is never closed.
 */

/* A section or an option that the file holds. */
struct scan_item {
	char *path;		/* as in the table: "domain.key.file" */
	char *title;		/* of a titled section, or NULL */
	int line;
	int domain;		/* which "domain" section it is or lies in; -1: none */
	int key;		/* which "key" section of that one; -1: none */
};

enum { SCAN_FILE_MAX = 1 << 22 };

struct scan {
	/* The text with comments, unknown options and second values blanked,
	 * line breaks kept: what libconfuse may read. */
	char *text;
	size_t len;
	struct scan_item *items;
	size_t n;
	int faults;		/* of structure: then libconfuse must not read it */
};

/* Scans len bytes of the file that is called name in sentences. Each fault is
 * added to errors. -1 when there is no memory. scan_free() either way. */
int scan_text(struct scan *s, const char *name, const char *text, size_t len,
    struct err_list *errors);

void scan_free(struct scan *s);

/* The line of an item, or 0 when the file hasn't got it. */
int scan_line(const struct scan *s, const char *path, int domain, int key);

#endif
