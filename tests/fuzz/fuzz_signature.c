/* SPDX-License-Identifier: ISC */
/* DKIM-Signature values that others wrote: one that is well-formed is still
 * so without what a fold adds, and has what a verifier needs. */
#include "signature.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *value)
{
	static const char *const needed[] = { "v", "a", "b", "bh", "d", "h",
	    "s" };
	struct taglist tags;
	size_t len;

	if (signature_read(value, &tags)) {
		const char *h = taglist_value(&tags, "h");

		for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
			if (taglist_value(&tags, needed[i])[0] == '\0')
				abort();
		for (size_t n = 0; signature_next_name(&h, &len) != NULL; n++)
			if (len == 0 || n > SIGNATURE_MAX)
				abort();
	}
	taglist_free(&tags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *value = malloc(size + 2);

	if (value == NULL)
		abort();
	memcpy(value, data, size);
	value[size] = '\0';
	check(value);
	if (signature_is_well_formed(value)) {
		memmove(value + 1, value, strlen(value) + 1);
		value[0] = '\n';
		if (strlen(value) <= SIGNATURE_MAX &&
		    !signature_is_well_formed(value))
			abort();
	}
	free(value);
	return 0;
}
