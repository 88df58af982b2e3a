/* SPDX-License-Identifier: ISC */
/*
 * Converts what a milter gets to its form on the wire. Postfix passes the
 * folds of a field as LF, and the body without the CRLF that it will append to
 * an incomplete last line; signatures are over what is sent.
 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

char *
wire_field(const char *name, const char *value, size_t *len)
{
	size_t name_len = strchr(name, '\t') == NULL ? strlen(name) :
	    wire_name_length(name);
	size_t lines = 0;

	for (const char *p = value; *p != '\0'; p++)
		lines += *p == '\n';

	char *text = malloc(name_len + strlen(value) + lines + 2);
	char *to = text;

	if (text == NULL)
		return NULL;
	to = mempcpy(to, name, name_len);
	*to++ = ':';
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\n')
			*to++ = '\r';
		*to++ = *p;
	}
	while (to[-1] == '\n')
		to -= 2;
	*to = '\0';
	*len = (size_t)(to - text);
	return text;
}

size_t
wire_name_length(const char *name)
{
	size_t len = strlen(name);

	while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t'))
		len--;
	return len;
}

void
wire_tail_add(struct wire_tail *t, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	t->any = true;
	t->last[0] = len > 1 ? bytes[len - 2] : t->last[1];
	t->last[1] = bytes[len - 1];
}

bool
wire_tail_is_open(const struct wire_tail *t)
{
	return t->any && (t->last[0] != '\r' || t->last[1] != '\n');
}
