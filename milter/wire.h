/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_WIRE_H
#define WAYBILL_WIRE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a milter is handed, as it will be on the wire. A header field: name,
 * colon and value, folds as CRLF, without the last CRLF. len gets its length.
 * Blanks before the colon are left out if one is a tab: libopendkim refuses it,
 * and in relaxed form they don't count. The caller frees; NULL without memory.
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

/* Will "\r\n" be put behind this body, since its last line has no end? */
bool wire_tail_is_open(const struct wire_tail *t);

#endif
