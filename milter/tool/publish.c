/* SPDX-License-Identifier: ISC */
/*
 * What DNS should hold, written for a web form (one unquoted line) and for a
 * zone file (RFC 1035 5.1: quoted strings of at most 255 bytes, which readers
 * put together again without blanks).
 */
#include "tool/publish.h"

#include <stdio.h>

enum { VALUE_MAX = 8192, STRING_MAX = 255 };

void
publish_dkim(const struct key *key, struct publish_record *out)
{
	out->type = "TXT";
	(void)snprintf(out->name, sizeof out->name, "%s._domainkey.%s",
	    key->selector, key->domain);
	text_init(&out->value, VALUE_MAX);
	key_record(key, &out->value);
}

void
publish_zone(const struct publish_record *r, struct text *out)
{
	const char *s = r->value.buf;

	text_addf(out, "%s. IN %s", r->name, r->type);
	do {
		text_add(out, " \"");
		for (int i = 0; i < STRING_MAX && *s != '\0'; i++, s++) {
			if (*s == '"' || *s == '\\')
				text_add(out, "\\");
			text_add_bytes(out, s, 1);
		}
		text_add(out, "\"");
	} while (*s != '\0');
	text_add(out, "\n");
}

void
publish_free(struct publish_record *r)
{
	text_free(&r->value);
}
