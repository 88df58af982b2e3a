/* SPDX-License-Identifier: ISC */
/* What is held is the beginning of a character of UTF-8 or of a colour. */
#include "tool/printable.h"

#include <stdint.h>
#include <string.h>

#include "base/escape.h"
#include "tool/print.h"

static void
drop(struct printable *p, size_t len)
{
	p->n -= len;
	memmove(p->held, p->held + len, p->n + 1);
}

static void
escape_byte(struct printable *p, struct text *out)
{
	text_addf(out, "\\x%02X", (unsigned char)p->held[0]);
	drop(p, 1);
}

/* A colour. False: its end is to come. */
static bool
settle_escape(struct printable *p, struct text *out)
{
	bool is_end;

	switch (print_match_paint(p->held, p->n, &is_end)) {
	case PRINT_BEGINS_PAINT:
		return false;
	case PRINT_IS_PAINT:
		text_add_bytes(out, p->held, p->n);
		p->is_coloured = !is_end;
		drop(p, p->n);
		return true;
	case PRINT_NO_PAINT:
		break;
	}
	escape_byte(p, out);
	return true;
}

/* How many bytes a character has that begins with this one; 1: or none does. */
static size_t
length_of(unsigned char c)
{
	return c >= 0xf0 && c < 0xf8 ? 4 : c >= 0xe0 && c < 0xf0 ? 3 :
	    c >= 0xc0 && c < 0xe0 ? 2 : 1;
}

/* A character. False: its end is to come. */
static bool
settle_character(struct printable *p, struct text *out)
{
	uint32_t c;
	size_t len = escape_decode(p->held, &c);
	size_t so_far = 1;

	while (so_far < p->n && (p->held[so_far] & 0xc0) == 0x80)
		so_far++;
	if (len == 0 && so_far == p->n && p->n < length_of(
	    (unsigned char)p->held[0]))
		return false;
	if (len == 0 || (len == 1 && escape_is_control(c))) {
		escape_byte(p, out);
		return true;
	}
	if (escape_is_control(c))
		text_addf(out, "\\u{%04X}", (unsigned)c);
	else
		text_add_bytes(out, p->held, len);
	drop(p, len);
	return true;
}

static bool
settle(struct printable *p, struct text *out)
{
	char c = p->held[0];

	if (c == '\033')
		return settle_escape(p, out);
	if (c != '\n' && c != '\t' && (c != '\r' || !p->may_return))
		return settle_character(p, out);
	text_add_bytes(out, p->held, 1);
	drop(p, 1);
	return true;
}

void
printable_add(struct printable *p, const char *data, size_t len,
    struct text *out)
{
	while (len > 0) {
		size_t plain = 0;

		while (p->n == 0 && plain < len && data[plain] >= ' ' &&
		    data[plain] <= '~')
			plain++;
		text_add_bytes(out, data, plain);
		data += plain;
		len -= plain;
		if (len == 0)
			return;
		p->held[p->n++] = *data++;
		p->held[p->n] = '\0';
		len--;
		while (p->n > 0 && settle(p, out))
			;
	}
}

void
printable_end(struct printable *p, struct text *out)
{
	while (p->n > 0) {
		escape_byte(p, out);
		while (p->n > 0 && settle(p, out))
			;
	}
	if (p->is_coloured)
		text_add(out, print_paint_end);
	p->is_coloured = false;
}
