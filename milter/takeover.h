/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TAKEOVER_H
#define WAYBILL_TAKEOVER_H

#include "config/identity.h"
#include "inquiry.h"

/* Which keys of each identity signed at the last look. Outlives reloads. Used
 * by one thread. */
struct takeover;

struct takeover *takeover_new(void);	/* NULL without memory */
void takeover_free(struct takeover **t);

/* Logs an event for each identity for which other keys sign now than at the
 * last call. An identity about whose keys nothing is known yet is skipped; the
 * first time is not a change. Call it every few seconds. */
void takeover_look(struct takeover *t, const struct identity_table *table,
    struct inquiry *q);

#endif
