/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_GATE_H
#define WAYBILL_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/identity.h"
#include "config/keys.h"
#include "find/published.h"
#include "inquiry.h"
#include "key_memory.h"

/*
 * Which keys of an identity sign. While DNS has one of them, those that it
 * surely lacks don't: a new key can be added beside the old one, and takes over
 * when its record is out.
 */
struct gate_key {
	const struct key *key;
	enum published_state state;	/* now; what the stamp says */
	struct key_past past;
	bool signs;
};

/* Decides by the pasts. now_ms: clock_ms(). Pure. */
void gate_decide(struct gate_key *keys, size_t n, int64_t now_ms);

/* Reads what is known of the keys of id, and decides. Never waits. asks: what
 * isn't known is asked for. keys has room for id->nkeys. */
void gate_read(struct inquiry *q, const struct identity *id, bool asks,
    struct gate_key *keys);

#endif
