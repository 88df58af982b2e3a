/* SPDX-License-Identifier: ISC */
/* Configuration files: whatever they hold, they are read or refused with a
 * sentence, and what is read can be printed and read again. */
#include <stdint.h>
#include <stdlib.h>

#include "config/config.h"
#include "config/describe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err_list errors = { 0 };
	struct config *c = config_read_text("f", (const char *)data, size,
	    &errors);
	struct text t;

	if ((c == NULL) != (errors.n > 0))
		abort();
	if (c != NULL) {
		text_init(&t, DESCRIBE_MAX);
		describe_config(c, &t);
		config_free(&c);
		c = config_read_text("f", t.buf, t.len, &errors);
		if (c == NULL)
			abort();
		text_free(&t);
	}
	config_free(&c);
	err_list_free(&errors);
	return 0;
}
