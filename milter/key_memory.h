/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_KEY_MEMORY_H
#define WAYBILL_KEY_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "config/identity.h"
#include "config/keys.h"
#include "find/published.h"

/* What DNS has said about a key so far. */
struct key_past {
	bool is_late;		/* added when DNS had another of its domain */
	bool was_seen;		/* it was published at least once */
	enum published_state said;	/* the last answer; UNKNOWN: none yet */
	unsigned lacks;		/* consecutive answers that it is absent */
	int64_t lacks_since_ms;	/* the first of them */
};

/* The history of every key in use, in memory only: nothing is written to disk.
 * Outlives reloads. Thread-safe. */
struct key_memory;

struct key_memory *key_memory_new(void);	/* NULL without memory */
void key_memory_free(struct key_memory **m);

/* Makes the keys of this table the ones in use: their history is kept, the
 * rest is forgotten. To be called before they are queried. Returns 0, or -1
 * without memory. */
int key_memory_use(struct key_memory *m, const struct identity_table *table);

/* Records the answer to a DNS query for the key. UNKNOWN, which is not an
 * answer, changes nothing. now_ms: clock_ms(). A key not in use is ignored. */
void key_memory_note(struct key_memory *m, const struct key *key,
    enum published_state said, int64_t now_ms);

/* Returns an empty history if m is NULL or the key is not in use. */
struct key_past key_memory_read(struct key_memory *m, const struct key *key);

#endif
