/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_SIGHTING_H
#define WAYBILL_RECORD_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#include "record/source.h"

/*
 * What makes a line known again: when it is read twice, and when two logs have
 * it. Two honest equal lines are two.
 */
struct sightings;

enum { SIGHTING_STREAMS = 8 };

/* has_many_streams: there will be more than one. NULL without memory. */
struct sightings *sightings_new(bool has_many_streams);
void sightings_free(struct sightings **s);

/* Is there more than one stream? */
bool sightings_are_many(const struct sightings *s);

/* The identity of a line of a stream (0 to SIGHTING_STREAMS - 1), positive. To
 * be asked once for each line, in the order of the log. is_repeat (may be
 * NULL): another stream had it already. */
uint64_t sighting_identity(struct sightings *s, unsigned stream,
    const struct source_line *line, bool *is_repeat);

#endif
