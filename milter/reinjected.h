/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_REINJECTED_H
#define WAYBILL_REINJECTED_H

#include "base/text.h"
#include "state.h"

/*
 * Has this host taken the message in from a stranger before, and does a program
 * here (a list, an alias, a filter) send it on now? What a message says of that
 * stands in its Received fields.
 */

/* host, version: Postfix's macros j and v ("Postfix 3.7.11"), or NULL. Appends
 * the line for postfix_received_is_stranger() that they make: how this very
 * Postfix writes, also where its files can't be read. */
void reinjected_writer(const char *host, const char *version,
    struct text *out);

/* received: the value of one Received field. writer: as above, or "". 1, 0, or
 * -1 without memory. */
int reinjected_by(const struct state *s, const char *writer,
    const char *received);

/* Is the author domain (A-label) one that lists of our own write into From:? */
bool reinjected_is_listed(const struct state *s, const char *author);

#endif
