/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_HASH_H
#define WAYBILL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Adds len bytes to the 64-bit hash h, for tables and for recognizing what was
 * seen before. Whoever chooses the bytes and knows h can produce collisions:
 * so either what is found is compared, or h is random, or a collision gains an
 * attacker nothing. The result is the same on every machine, so it can be
 * stored.
 */
uint64_t hash_add(uint64_t h, const void *bytes, size_t len);

/* The same for a text including its end: "ab" + "c" differs from "a" + "bc". */
uint64_t hash_add_text(uint64_t h, const char *s);

#endif
