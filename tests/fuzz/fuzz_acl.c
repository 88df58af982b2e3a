/* SPDX-License-Identifier: ISC */
/* A list of rights; one that lets nobody else write doesn't where the group is
 * root's either. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/acl.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool of_others = acl_lets_others_write(data, size, 1000);

	assert(of_others || !acl_lets_others_write(data, size, 0));
	return 0;
}
