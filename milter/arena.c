/* SPDX-License-Identifier: ISC */
/*
 * The memory that libopendkim allocates for one message, in one list, so that
 * all of it is freed with the message.
 *
 * Why: libopendkim 2.11 leaks the buffer of every Ed25519 signature, and its
 * failure paths leak memory or free it twice. With the list, a handle that
 * failed need not free itself; its memory is freed anyway.
 *
 * Every block has SLACK spare bytes at its end: selecting the fields of a
 * hostile h= (dkim_canon_selecthdrs()) writes one pointer past its array.
 */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { SLACK = 2 * sizeof (void *) };

void
arena_init(struct arena *a)
{
	a->head.next = a->head.prev = &a->head;
	a->blocks = 0;
	a->budget = NULL;
}

void
arena_count(struct arena *a, struct budget *b)
{
	a->budget = b;
}

size_t
arena_free(struct arena *a)
{
	size_t n = a->blocks;

	while (a->head.next != &a->head)
		arena_give(a, a->head.next + 1);
	return n;
}

void *
arena_take(void *closure, size_t size)
{
	struct arena *a = closure;

	if (size > SIZE_MAX - sizeof (struct arena_block) - SLACK)
		return NULL;

	struct arena_block *b = malloc(sizeof *b + size + SLACK);

	if (b == NULL)
		return NULL;
	b->size = sizeof *b + size + SLACK;
	b->next = b->prev = b;
	if (a != NULL) {
		b->next = a->head.next;
		b->prev = &a->head;
		a->head.next->prev = b;
		a->head.next = b;
		a->blocks++;
		budget_charge(a->budget, b->size);
	}
	return b + 1;
}

void
arena_give(void *closure, void *p)
{
	struct arena *a = closure;

	if (p == NULL)
		return;

	struct arena_block *b = (struct arena_block *)p - 1;

	b->next->prev = b->prev;
	b->prev->next = b->next;
	if (a != NULL) {
		a->blocks--;
		budget_give(a->budget, b->size);
	}
	free(b);
}
