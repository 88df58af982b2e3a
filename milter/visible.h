/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_VISIBLE_H
#define WAYBILL_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

/* Recipients of one message that are remembered; those beyond are treated as
 * hidden. */
enum { VISIBLE_RECIPIENTS_MAX = 100000 };

/*
 * Which destinations of a message may be named in it: those of recipients in
 * its To: or Cc:, so that a Bcc: is never revealed (RFC 5322 3.6.3).
 */
struct visible {
	struct visible_recipient *recipient;	/* owned */
	size_t n, room;
	bool is_sorted;
};		/* zeroed: empty */

/* Adds a recipient of the envelope, and the index of its destination. Without
 * memory it is treated as hidden. */
void visible_add(struct visible *v, const struct address *recipient,
    size_t destination);

/*
 * The value of a To: or Cc: field; call it after the last recipient was added.
 */
void visible_show(struct visible *v, const char *value);

/* Sets is_shown[DESTINATION], of n, for those that may be named. */
void visible_mark(const struct visible *v, bool *is_shown, size_t n);

void visible_free(struct visible *v);

#endif
