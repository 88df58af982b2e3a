/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_ARENA_H
#define WAYBILL_ARENA_H

#include <stddef.h>

#include "budget.h"

/* All memory that libopendkim allocates for one message. Used by one thread at
 * a time. */
struct arena_block {
	struct arena_block *next;
	struct arena_block *prev;
	size_t size;
	size_t spare;		/* aligns what follows for any type */
};

struct arena {
	struct arena_block head;
	size_t blocks;		/* not yet freed */
	struct budget *budget;	/* where they are counted, or NULL */
};

void arena_init(struct arena *a);

/* Counts allocations in b from now on, which must outlive the arena. To be
 * called before the first allocation. Allocations do not fail because of b,
 * because not all paths of the library can handle that: call budget_is_over()
 * between its calls. */
void arena_count(struct arena *a, struct budget *b);

/* Frees what is left. Returns how many blocks that were. */
size_t arena_free(struct arena *a);

/* The two functions for dkim_init(). closure is a struct arena, or NULL for
 * memory that belongs to no message. NULL without memory. */
void *arena_take(void *closure, size_t size);
void arena_give(void *closure, void *p);

#endif
