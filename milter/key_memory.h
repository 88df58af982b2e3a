/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_KEY_MEMORY_H
#define WAYBILL_KEY_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "config/identity.h"
#include "config/keys.h"
#include "find/published.h"

/* What DNS has said of a key so far. */
struct key_past {
	bool is_late;		/* it came when DNS had another of its domain */
	bool was_seen;		/* it was published, at least once */
	enum published_state said;	/* the last answer; UNKNOWN: none yet */
	unsigned lacks;		/* answers in a row that it isn't there */
	int64_t lacks_since_ms;	/* the first of them */
};

/* The past of every key in use. Of this process: nothing is written down.
 * Outlives reloads. Thread-safe. */
struct key_memory;

struct key_memory *key_memory_new(void);	/* NULL without memory */
void key_memory_free(struct key_memory **m);

/* From now on the keys of this table are those in use: what is known of them
 * is kept, the rest is forgotten. To be called before they are asked for. 0, or
 * -1 without memory. */
int key_memory_use(struct key_memory *m, const struct identity_table *table);

/* DNS was asked, by a query of its own, and has said this. UNKNOWN, which is no
 * answer, changes nothing. now_ms: clock_ms(). A key not in use is ignored. */
void key_memory_note(struct key_memory *m, const struct key *key,
    enum published_state said, int64_t now_ms);

/* m may be NULL; then, and of a key not in use, nothing is known. */
struct key_past key_memory_read(struct key_memory *m, const struct key *key);

#endif
