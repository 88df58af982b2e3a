/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_HASH_H
#define WAYBILL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * A 64-bit hash of bytes, added to h, for tables and to know a thing again.
 * Whoever can choose the bytes and knows h may make collisions: what is found
 * by it is compared, or h is random, or a stranger gains nothing by two that
 * meet. The same on every machine, so that it can be stored.
 */
uint64_t hash_add(uint64_t h, const void *bytes, size_t len);

/* The same of a text, and of its end: "ab" + "c" is not "a" + "bc". */
uint64_t hash_add_text(uint64_t h, const char *s);

#endif
