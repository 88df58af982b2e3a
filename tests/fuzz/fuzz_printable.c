/* SPDX-License-Identifier: ISC */
/* What comes through, in pieces, is the same as in one, and harmless: nothing
 * is left that escape_terminal() would take out but tabs, ends of lines and
 * colours. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/escape.h"
#include "tool/print.h"
#include "tool/printable.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_harmless(const char *s)
{
	while (*s != '\0') {
		uint32_t c = 0;
		size_t len = escape_decode(s, &c);
		bool is_end;

		assert(len > 0);
		if (c == 0x1b)
			for (len = 1; print_match_paint(s, len, &is_end) !=
			    PRINT_IS_PAINT; len++)
				assert(s[len] != '\0' && len < PRINTABLE_HELD);
		else
			assert(!escape_is_control(c) || c == '\n' || c == '\t');
		s += len;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct printable whole = { .n = 0 };
	struct printable cut = { .n = 0 };
	struct text one;
	struct text two;
	size_t at = size == 0 ? 0 : data[0] % size;

	text_init(&one, 4 * size + PRINTABLE_HELD);
	text_init(&two, 4 * size + PRINTABLE_HELD);
	printable_add(&whole, (const char *)data, size, &one);
	printable_end(&whole, &one);
	printable_add(&cut, (const char *)data, at, &two);
	printable_add(&cut, (const char *)data + at, size - at, &two);
	printable_end(&cut, &two);
	assert(!one.cut && strcmp(one.buf, two.buf) == 0);
	check_harmless(one.buf);
	text_free(&one);
	text_free(&two);
	return 0;
}
