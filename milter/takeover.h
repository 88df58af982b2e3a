/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TAKEOVER_H
#define WAYBILL_TAKEOVER_H

#include "config/identity.h"
#include "inquiry.h"

/* Which keys of each identity signed when it was last looked at. Outlives
 * reloads. Used by one thread. */
struct takeover;

struct takeover *takeover_new(void);	/* NULL without memory */
void takeover_free(struct takeover **t);

/* Looks, and logs an event for each identity of which other keys sign now than
 * at the last look. One of whose keys nothing is known yet isn't judged; the
 * first time is no change. To be called every few seconds. */
void takeover_look(struct takeover *t, const struct identity_table *table,
    struct inquiry *q);

#endif
