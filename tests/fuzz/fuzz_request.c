/* SPDX-License-Identifier: ISC */
/* What a store gives back of requests under way: the disk is trusted no more
 * than the network. What was taken is written, and taken again: nothing
 * is added or lost. */
#include "record/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
saved_after(const char *text)
{
	struct request_table *t = request_table_new();
	struct text out;

	if (t == NULL)
		abort();
	text_init(&out, 1 << 20);
	request_restore(t, text);
	(void)request_oldest(t, 0);
	request_save(t, 0, &out);
	request_table_free(&t);
	return text_take(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *first;
	char *second;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	first = saved_after(text);
	second = first == NULL ? NULL : saved_after(first);
	if (first != NULL && (second == NULL || strlen(first) != strlen(second)))
		abort();
	free(first);
	free(second);
	free(text);
	return 0;
}
