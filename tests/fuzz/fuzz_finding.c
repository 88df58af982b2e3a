/* SPDX-License-Identifier: ISC */
/* What a worker hands over, which may have been taken over. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tool/finding.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings f = { 0 };

	(void)findings_take(&f, (const char *)data, size);
	for (size_t i = 0; i < f.n; i++)
		assert(strlen(f.v[i].key) + strlen(f.v[i].subject) +
		    strlen(f.v[i].fact) + strlen(f.v[i].fix) < size);
	findings_free(&f);
	return 0;
}
