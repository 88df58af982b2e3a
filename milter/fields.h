/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIELDS_H
#define WAYBILL_FIELDS_H

#include <stddef.h>

#include "budget.h"

/* Maximum size of the header fields of one message in bytes. */
enum { FIELDS_MAX = 32 << 20 };

/* The header fields of one message, in the order in which they arrived.
 * Zeroed: none. Used by one thread at a time. */
struct fields {
	/* of the message, or NULL; owned by the caller */
	struct budget *budget;
	char *bytes;		/* NAME NUL VALUE NUL, repeated */
	size_t len;
	size_t size;
};

/* Returns -1, and adds nothing, if a limit is reached or there is no memory. */
int fields_add(struct fields *f, const char *name, const char *value);

/* Iterates: *at is NULL for the first field. Returns its name and sets *value;
 * both are valid until the next fields_add() or fields_free(). NULL at the
 * end. */
const char *fields_next(const struct fields *f, const char **at,
    const char **value);

/* Frees the memory; the fields are then empty. */
void fields_free(struct fields *f);

#endif
