/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_WIRE_H
#define WAYBILL_WIRE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns a header field as it will be on the wire: name, colon and value,
 * folds as CRLF, without the final CRLF. Sets *len to its length. Blanks
 * before the colon are left out if one is a tab: libopendkim rejects it, and
 * in relaxed form they do not count. The caller frees it; NULL without memory.
 */
char *wire_field(const char *name, const char *value, size_t *len);

/* The length of a field name without the blanks before the colon that some
 * write ("Subject : x"; RFC 5322, 4.5). */
size_t wire_name_length(const char *name);

/* The end of a body that comes in pieces. */
struct wire_tail {
	bool any;
	char last[2];
};

void wire_tail_add(struct wire_tail *t, const char *bytes, size_t len);

/* Returns true if "\r\n" will be appended to this body, because its last line
 * is incomplete. */
bool wire_tail_is_open(const struct wire_tail *t);

#endif
