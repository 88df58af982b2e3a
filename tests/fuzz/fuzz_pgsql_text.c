/* SPDX-License-Identifier: ISC */
/* Whatever stands in a log line is one column of one row for COPY, in UTF-8 and
 * within its bound; read as COPY reads, it is the text that a question looks
 * for. The first byte is the bound. */
#include "record/pgsql_text.h"

#include "base/escape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* COPY's escapes taken out again, of a column without its tab. */
static void
read_column(const char *s, size_t len, struct text *out)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '\t' || c == '\n' || c == '\r')
			abort();
		if (c == '\\' && s[i + 1] >= '0' && s[i + 1] <= '3') {
			c = (char)((s[i + 1] - '0') * 64 +
			    (s[i + 2] - '0') * 8 + s[i + 3] - '0');
			i += 3;
		} else if (c == '\\') {
			if (s[++i] != '\\')
				abort();
		}
		text_add_bytes(out, &c, 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t max = size > 0 ? data[0] : 0;
	char *s = calloc(1, size + 1);
	struct text plain, row, read;
	uint32_t c;

	if (s == NULL)
		abort();
	if (size > 1)
		memcpy(s, data + 1, size - 1);
	text_init(&plain, 4096);
	text_init(&row, 4096);
	text_init(&read, 4096);
	pgsql_text_add(&plain, s, max);
	pgsql_text_add_column(&row, s, max);
	if (plain.len > max || row.len == 0 || row.buf[row.len - 1] != '\t')
		abort();
	read_column(row.buf, row.len - 1, &read);
	if (read.len != plain.len ||
	    memcmp(read.buf, plain.buf, read.len) != 0)
		abort();
	for (const char *p = plain.buf; *p != '\0'; ) {
		size_t len = escape_decode(p, &c);

		if (len == 0)
			abort();
		p += len;
	}
	text_free(&plain);
	text_free(&row);
	text_free(&read);
	free(s);
	return 0;
}
