/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_REINJECTED_H
#define WAYBILL_REINJECTED_H

#include "base/text.h"
#include "state.h"

/*
 * Tells whether this host has received the message from a stranger before, and
 * a program here (a list, an alias, a filter) now sends it on, according to
 * its Received fields.
 */

/* host, version: Postfix's macros j and v ("Postfix 3.7.11"), or NULL. Appends
 * the corresponding line for postfix_received_is_stranger(): how this very
 * Postfix writes, even if its files cannot be read. */
void reinjected_writer(const char *host, const char *version,
    struct text *out);

/* received: the value of one Received field. writer: as above, or "". Returns
 * 1, 0, or -1 without memory. */
int reinjected_by(const struct state *s, const char *writer,
    const char *received);

/* Returns true if the author domain (A-label) is one that our own lists write
 * into From:. */
bool reinjected_is_listed(const struct state *s, const char *author);

#endif
