/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_HEADER_H
#define WAYBILL_TOOL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* The header of a message that somebody saved: RFC 5322 2.2, untrusted. */

enum { HEADER_BYTES_MAX = 1 << 20, HEADER_FIELDS_MAX = 5000 };

struct header_field {
	const char *name;
	const char *value;	/* unfolded, without blanks at its ends */
};

struct header {
	char *bytes;			/* owned; what the fields point into */
	struct header_field *v;		/* owned; from the top */
	size_t n, room;
	bool cut;			/* there was more than the bounds */
};

/*
 * Reads in up to the empty line. What mail programs save around a message (a
 * byte order mark, empty lines, "From " of a mailbox) is passed over, as is a
 * later line that is no field; NUL reads as "?". 0, or -1 with err (EXIT_DATA:
 * it doesn't begin with a field, or can't be read). header_free() either way is
 * safe.
 */
int header_read(struct header *h, FILE *in, struct err *err);

/* The same of len bytes. */
int header_parse(struct header *h, const char *s, size_t len,
    struct err *err);

void header_free(struct header *h);

/* The first field of that name, from the top and from number *at on, which is
 * set behind it; NULL: none. */
const struct header_field *header_find(const struct header *h,
    const char *name, size_t *at);

#endif
