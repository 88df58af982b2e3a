/* SPDX-License-Identifier: ISC */
/*
 * Each step takes in a word of eight bytes (little-endian, the last one filled
 * up with zeros and told apart by the length), multiplies by an odd constant,
 * and folds the upper half, in which every bit counts, into the lower one.
 */
#include "base/hash.h"

#include <endian.h>
#include <string.h>

/* 2^64 divided by the golden ratio, made odd. */
static const uint64_t FACTOR = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * FACTOR;
	return h ^ h >> 32;
}

uint64_t
hash_add(uint64_t h, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t word;

	h = mix(h, len);
	for (; len >= sizeof word; p += sizeof word, len -= sizeof word) {
		memcpy(&word, p, sizeof word);
		h = mix(h, le64toh(word));
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, p, len);
		h = mix(h, le64toh(word));
	}
	return h;
}

uint64_t
hash_add_text(uint64_t h, const char *s)
{
	return hash_add(h, s, strlen(s));
}
