/* SPDX-License-Identifier: ISC */
/*
 * Foreign text as PostgreSQL takes it: UTF-8, and in COPY's text form, whose
 * columns end with a tab, whose rows end with a newline, and in which a
 * backslash begins an escape.
 */
#include "record/pgsql_text.h"

#include "base/escape.h"

#include <inttypes.h>
#include <string.h>

/* How many bytes at s are what they stand for in every form. */
static size_t
plain_bytes(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] >= ' ' && s[n] < 0x7f && s[n] != '\\')
		n++;
	return n;
}

static void
add(struct text *out, const char *s, size_t max, bool for_copy)
{
	size_t len, stored;
	uint32_t c;

	for (; *s != '\0'; s += len) {
		len = plain_bytes(s, max);
		if (len > 0) {
			text_add_bytes(out, s, len);
			max -= len;
			continue;
		}
		len = escape_decode(s, &c);
		stored = len == 0 ? strlen("\\xHH") : len;
		if (stored > max)
			break;
		max -= stored;
		if (len == 0)
			text_addf(out, for_copy ? "\\\\x%02X" : "\\x%02X",
			    (unsigned char)*s);
		else if (for_copy && *s == '\\')
			text_add(out, "\\\\");
		else if (for_copy && c < ' ')
			text_addf(out, "\\%03o", (unsigned)c);
		else
			text_add_bytes(out, s, len);
		len += len == 0;
	}
}

void
pgsql_text_add(struct text *out, const char *s, size_t max)
{
	add(out, s, max, false);
}

void
pgsql_text_add_column(struct text *row, const char *s, size_t max)
{
	add(row, s, max, true);
	text_add(row, "\t");
}

void
pgsql_text_add_number(struct text *row, int64_t n)
{
	text_addf(row, "%" PRId64 "\t", n);
}

void
pgsql_text_add_bool(struct text *row, bool yes)
{
	text_add(row, yes ? "t\t" : "f\t");
}

void
pgsql_text_end_row(struct text *row)
{
	if (row->len > 0 && !row->cut)
		row->buf[row->len - 1] = '\n';
}
