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
 * Decides which keys of an identity sign. While DNS has one of them, those
 * that it certainly lacks do not sign: a new key can be added beside the old
 * one, and takes over when its record is published.
 */
struct gate_key {
	const struct key *key;
	/* the current one; what the stamp says */
	enum published_state state;
	struct key_past past;
	bool signs;
};

/* Decides from the history of each key. now_ms: clock_ms(). Pure. */
void gate_decide(struct gate_key *keys, size_t n, int64_t now_ms);

/* Reads what is known about the keys of id, and decides. Never waits. asks:
 * query what is not known. keys has room for id->nkeys. */
void gate_read(struct inquiry *q, const struct identity *id, bool asks,
    struct gate_key *keys);

#endif
