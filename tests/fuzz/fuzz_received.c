/* SPDX-License-Identifier: ISC */
/* A whole message, read and judged. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tool/received.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct header h;
	struct received r;

	if (header_parse(&h, (const char *)data, size, &err) == 0) {
		assert(h.n > 0 && h.n <= HEADER_FIELDS_MAX);
		received_judge(&h, "X-Waybill-", &r);
		assert(r.n > 0 && r.n <= RECEIVED_ROWS_MAX);
		/* only what a receiver says can make stamps good */
		for (size_t i = 0; i < r.n; i++)
			assert(strcmp(r.v[i].what, "stamps") != 0 ||
			    r.v[i].verdict != RECEIVED_AGREES ||
			    r.has_results);
		received_free(&r);
	}
	header_free(&h);
	return 0;
}
