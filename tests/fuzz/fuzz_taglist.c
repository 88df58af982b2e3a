/* SPDX-License-Identifier: ISC */
/* Tag-lists of records and header fields that others wrote. */
#include "base/taglist.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taglist_writer w;
	struct taglist a, b;
	struct text t;

	text_init(&t, 4 * size + 1000);
	if (taglist_parse(&a, (const char *)data, size) == 0) {
		taglist_begin(&w, &t, 0);
		for (size_t i = 0; i < a.n; i++)
			taglist_add(&w, a.tag[i].name, a.tag[i].value);
		if (t.cut || taglist_parse(&b, t.buf, t.len) != 0 ||
		    a.n != b.n)
			abort();
		for (size_t i = 0; i < a.n; i++)
			if (strcmp(a.tag[i].name, b.tag[i].name) != 0 ||
			    strlen(a.tag[i].value) != strlen(b.tag[i].value))
				abort();
		taglist_free(&b);
	}
	taglist_free(&a);
	text_free(&t);
	return 0;
}
