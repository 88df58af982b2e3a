/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_COUNTED_H
#define WAYBILL_RECORD_COUNTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which lines the counters have, as a span of time, so that what is read again
 * (after a crash, out of an old file, from journal and file) isn't counted
 * again. A row has its identity for that; a counter has only this.
 */

/* From the first second to the last, and how many lines of the last. */
struct counted_span {
	int64_t from, to;
	uint64_t at_to;
};

enum { COUNTED_SETS = 4096, COUNTED_WAYS = 4, COUNTED_TEXT_SIZE = 80 };

struct counted {
	bool is_empty, was_empty;
	struct counted_span was;	/* when this run began */
	struct counted_span is;
	uint64_t again;			/* lines of was.to met in this run */
	uint64_t lately[COUNTED_SETS][COUNTED_WAYS];	/* identities */
};

/* Begins a run with what an earlier one saved, "" for none. */
void counted_begin(struct counted *c, const char *saved);

/* Has the line to be counted? Then it is from now on. identity 0: it has none,
 * and counts however often this run meets it. */
bool counted_add(struct counted *c, int64_t second, uint64_t identity);

/* What to save: this run's, and what another saved meanwhile. */
void counted_save(struct counted *c, const char *saved,
    char out[COUNTED_TEXT_SIZE]);

#endif
