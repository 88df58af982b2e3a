/* SPDX-License-Identifier: ISC */
/*
 * Keeps the header fields of a message until the end of the header, when it is
 * known who signs. Names and values are in one block, one after the other, so
 * that a million short fields take no more memory than their bytes.
 */
#include "fields.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096 };

/* Makes room for len more bytes. */
static int
grow(struct fields *f, size_t len)
{
	size_t size = f->size == 0 ? FIRST_SIZE : f->size;
	char *grown;

	if (len > FIELDS_MAX - f->len)
		return -1;
	while (size - f->len < len)
		size *= 2;
	if (size == f->size)
		return 0;
	if (budget_take(f->budget, size - f->size) != 0)
		return -1;
	grown = realloc(f->bytes, size);
	if (grown == NULL) {
		budget_give(f->budget, size - f->size);
		return -1;
	}
	f->bytes = grown;
	f->size = size;
	return 0;
}

int
fields_add(struct fields *f, const char *name, const char *value)
{
	size_t name_len = strlen(name) + 1;
	size_t value_len = strlen(value) + 1;

	if (grow(f, name_len + value_len) != 0)
		return -1;
	memcpy(f->bytes + f->len, name, name_len);
	memcpy(f->bytes + f->len + name_len, value, value_len);
	f->len += name_len + value_len;
	return 0;
}

const char *
fields_next(const struct fields *f, const char **at, const char **value)
{
	const char *name = *at == NULL ? f->bytes : *at;

	if (name == NULL || name == f->bytes + f->len)
		return NULL;
	*value = name + strlen(name) + 1;
	*at = *value + strlen(*value) + 1;
	return name;
}

void
fields_free(struct fields *f)
{
	free(f->bytes);
	budget_give(f->budget, f->size);
	*f = (struct fields){ .budget = f->budget };
}
