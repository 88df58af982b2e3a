/* SPDX-License-Identifier: ISC */
/*
 * The gate of keys. It looks at the past of each (key_memory), for one answer
 * of DNS may be forged or broken.
 *
 *	the key			signs while another one stands
 *	stands			yes
 *	DNS hasn't answered	yes, unless it is late
 *	never published		no, unless no RSA key stands: then until it is
 *				surely absent. A late one never does
 *	surely absent		no
 *
 * A key stands when DNS has it, or had it and it isn't surely absent: that is
 * when DNS has answered at least ANSWERS times in a row, over ABSENT_MS or
 * more, that it has none or another one. The inquiry asks anew whenever the
 * TTL is over, after 5 minutes at most where DNS has none. A key is late when
 * it was added, by a reload, to a domain of which DNS had a key already. While
 * no key stands all sign: a signature that can be verified tomorrow is better
 * than none.
 *
 * So a new key waits for its record, and doesn't sign in vain; a published one
 * loses its signature by no single answer. After a start nothing is known yet
 * of what was published. A forged answer can then keep an old key for a new
 * one, until the next answer comes; it can't take away the last signature that
 * every verifier knows, since not all verify Ed25519 (RFC 8463).
 *
 * The inquiry keeps fresh what DNS has, so nobody waits for it.
 */
#include "gate.h"

#include "base/clock.h"

enum { ANSWERS = 3, ABSENT_MS = 60 * 60 * 1000 };

static bool
is_surely_absent(const struct key_past *p, int64_t now_ms)
{
	return p->lacks >= ANSWERS && now_ms - p->lacks_since_ms >= ABSENT_MS;
}

static bool
stands(const struct key_past *p, int64_t now_ms)
{
	return p->was_seen && !is_surely_absent(p, now_ms);
}

/* For a key that is not established, while another one is. */
static bool
signs_beside(const struct key_past *p, bool rsa_stands, int64_t now_ms)
{
	if (p->is_late || is_surely_absent(p, now_ms))
		return false;
	return p->said == PUBLISHED_UNKNOWN || !rsa_stands;
}

void
gate_decide(struct gate_key *keys, size_t n, int64_t now_ms)
{
	bool any_stands = false, rsa_stands = false;

	for (size_t i = 0; i < n; i++) {
		bool it_stands = stands(&keys[i].past, now_ms);

		any_stands |= it_stands;
		rsa_stands |= it_stands && keys[i].key->algorithm == KEY_RSA;
	}
	for (size_t i = 0; i < n; i++) {
		const struct key_past *p = &keys[i].past;

		keys[i].signs = !any_stands || stands(p, now_ms) ||
		    signs_beside(p, rsa_stands, now_ms);
	}
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
		keys[i].past = key_memory_read(inquiry_key_memory(q), key);
		fact_done(&fact);
	}
	gate_decide(keys, id->nkeys, clock_ms());
}
