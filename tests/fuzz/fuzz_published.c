/* SPDX-License-Identifier: ISC */
/* A DKIM key record from DNS, against a key. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "find/published.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct published_query q = {
		"s", "example.org", "ed25519",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	};
	unsigned notes;
	enum published_state s = published_judge(&q, (const char *)data, size,
	    &notes);

	assert(s == PUBLISHED_YES || s == PUBLISHED_DIFFERS);
	assert(s != PUBLISHED_YES || (notes & PUBLISHED_REVOKED) == 0);
	return 0;
}
