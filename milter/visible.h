/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_VISIBLE_H
#define WAYBILL_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

/* Recipients of one message that are remembered; those beyond count as hidden
 * ones. */
enum { VISIBLE_RECIPIENTS_MAX = 100000 };

/*
 * Which destinations of a message may be named in it: those of recipients who
 * stand in its To: or Cc:, so that nobody learns of a Bcc: (RFC 5322 3.6.3).
 */
struct visible {
	struct visible_recipient *recipient;	/* owned */
	size_t n, room;
	bool is_sorted;
};		/* zeroed: empty */

/* One recipient of the envelope, and the number of its destination. Without
 * memory it counts as hidden. */
void visible_add(struct visible *v, const struct address *recipient,
    size_t destination);

/* The value of a To: or Cc: field; to be called after the last recipient was
 * added. */
void visible_show(struct visible *v, const char *value);

/* Sets is_shown[DESTINATION] of n for those that may be named. */
void visible_mark(const struct visible *v, bool *is_shown, size_t n);

void visible_free(struct visible *v);

#endif
