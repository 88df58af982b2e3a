/* SPDX-License-Identifier: ISC */
/* XXH3 of libxxhash, compiled in: only its header is needed. */
#include "base/hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
hash_add(uint64_t h, const void *bytes, size_t len)
{
	return XXH3_64bits_withSeed(bytes, len, h);
}

uint64_t
hash_add_text(uint64_t h, const char *s)
{
	return hash_add(h, s, strlen(s));
}
