/* SPDX-License-Identifier: ISC */
/* Names as they come from headers, DNS and users. */
#include "base/domain.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[DOMAIN_SIZE], again[DOMAIN_SIZE], people[4 * DOMAIN_SIZE];

	if (domain_to_ascii_bytes((const char *)data, size, out) != 0) {
		if (out[0] != '\0')
			abort();
		return 0;
	}
	/* what is a name stays that name */
	if (domain_to_ascii(out, again) != 0 || strcmp(out, again) != 0 ||
	    strlen(out) >= DOMAIN_SIZE)
		abort();
	domain_to_unicode(out, people, sizeof people);
	if (!domain_is_under(out, out) || domain_labels(out) == 0)
		abort();
	return 0;
}
