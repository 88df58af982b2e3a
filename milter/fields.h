/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIELDS_H
#define WAYBILL_FIELDS_H

#include <stddef.h>

#include "budget.h"

/* Bytes of header fields kept of one message. */
enum { FIELDS_MAX = 32 << 20 };

/* The header fields of one message, in the order in which they came. Zeroed:
 * none. Used by one thread at a time. */
struct fields {
	struct budget *budget;	/* of the message, or NULL; stays the caller's */
	char *bytes;		/* NAME NUL VALUE NUL, again and again */
	size_t len;
	size_t size;
};

/* -1 when a bound is reached or memory is short; nothing is added then. */
int fields_add(struct fields *f, const char *name, const char *value);

/* Walks: *at is NULL for the first one. Returns its name and sets *value; both
 * live until the next fields_add() or fields_free(). NULL at the end. */
const char *fields_next(const struct fields *f, const char **at,
    const char **value);

/* Gives the memory back; the fields are none again. */
void fields_free(struct fields *f);

#endif
