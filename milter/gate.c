/* SPDX-License-Identifier: ISC */
/*
 * The gate of keys.
 *
 *	DNS has			sign
 *	one of them or more	that one, and those of which DNS is silent
 *	none of them		all: a signature that can be verified tomorrow
 *				is better than none
 *
 * The inquiry keeps fresh what DNS has, so nobody waits for it.
 */
#include "gate.h"

void
gate_decide(struct gate_key *keys, size_t n)
{
	bool is_any_published = false;

	for (size_t i = 0; i < n; i++)
		is_any_published |= keys[i].state == PUBLISHED_YES;
	for (size_t i = 0; i < n; i++)
		keys[i].signs = !is_any_published ||
		    keys[i].state == PUBLISHED_YES ||
		    keys[i].state == PUBLISHED_UNKNOWN;
}

void
gate_read(struct inquiry *q, const struct identity *id, bool asks,
    struct gate_key *keys)
{
	for (size_t i = 0; i < id->nkeys; i++) {
		const struct key *key = id->keys[i];
		struct fact *fact = asks ? inquiry_published(q, key) :
		    inquiry_known_published(q, key);
		const struct published_finding *f = fact_wait(fact, 0);

		keys[i].key = key;
		keys[i].state = f == NULL ? PUBLISHED_UNKNOWN : f->state;
		fact_done(&fact);
	}
	gate_decide(keys, id->nkeys);
}
