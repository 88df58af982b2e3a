/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_ARENA_H
#define WAYBILL_ARENA_H

#include <stddef.h>

#include "budget.h"

/* All memory that libopendkim takes for one message. Used by one thread at a
 * time. */
struct arena_block {
	struct arena_block *next;
	struct arena_block *prev;
	size_t size;
	size_t spare;		/* what follows is aligned for any type */
};

struct arena {
	struct arena_block head;
	size_t blocks;		/* not yet given back */
	struct budget *budget;	/* that they are counted in, or NULL */
};

void arena_init(struct arena *a);

/* From now on, while nothing is taken yet: counts what is taken in b, which
 * must outlive it. The library isn't refused memory for that, since not all of
 * its paths bear it: ask budget_is_over() between its calls. */
void arena_count(struct arena *a, struct budget *b);

/* Frees what was never given back; returns how many blocks that were. */
size_t arena_free(struct arena *a);

/* The two functions for dkim_init(): closure is a struct arena, or NULL for
 * memory that belongs to no message. NULL when there is none. */
void *arena_take(void *closure, size_t size);
void arena_give(void *closure, void *p);

#endif
