/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_TAGLIST_H
#define WAYBILL_BASE_TAGLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Tag-lists, RFC 6376 section 3.2: "name=value; name=value". Written for a
 * header field, folded at 78 columns with LF and one space; read from DNS
 * records and header fields.
 */

enum { TAGLIST_COLUMNS = 78, TAGLIST_TAGS_MAX = 40 };

struct taglist_writer {
	struct text *out;
	size_t column;
	bool any;
};

/* Begins a list. Its first line starts at column (the length of "Name: "). */
void taglist_begin(struct taglist_writer *w, struct text *out, size_t column);

/* Adds a tag. value must be printable ASCII without ";" (other bytes become
 * "?"). Folds between tags, never inside one. */
void taglist_add(struct taglist_writer *w, const char *name, const char *value);
void taglist_add_number(struct taglist_writer *w, const char *name,
    long long value);

/* A parsed list; strings point into buf. */
struct taglist {
	char *buf;		/* owned */
	size_t n;
	struct {
		const char *name;
		const char *value;	/* surrounding white space removed */
	} tag[TAGLIST_TAGS_MAX];
};

/* Parses len bytes, untrusted. White space and folds around names and values
 * are removed. Returns 0, or -1 if it is not a tag-list (a tag without "=", an
 * invalid character in a name, a name used twice, too many tags, a NUL).
 * taglist_free() is safe in both cases. */
int taglist_parse(struct taglist *l, const char *s, size_t len);

/* Returns the value of a tag (names are case-sensitive: RFC 6376, 3.2), or
 * NULL. */
const char *taglist_value(const struct taglist *l, const char *name);

void taglist_free(struct taglist *l);

#endif
