/* SPDX-License-Identifier: ISC */
/* A DMARC record from a stranger's zone. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "find/dmarc.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmarc_record d;

	if (dmarc_record_parse(&d, (const char *)data, size) < 0)
		return 0;
	assert(size >= 8 && (data[0] == 'v' || data[0] == 'V'));
	assert(d.p != DMARC_POLICY_UNKNOWN && d.p <= DMARC_POLICY_REJECT);
	return 0;
}
