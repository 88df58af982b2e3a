/* SPDX-License-Identifier: ISC */
/*
 * Makes foreign text safe for a terminal or an HTML page. UTF-8 is decoded
 * strictly (no overlong forms, no surrogates, U+10FFFF at most), because a
 * terminal may find a control character in a form that a lax decoder passes.
 * Readable text of any script is kept; characters that move the cursor,
 * control the terminal or change the text direction are written as their
 * number.
 */
#include "base/escape.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

bool
escape_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	    c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

static const char *
escape_entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void
escape_add(struct text *t, const char *s, bool html)
{
	const unsigned char *p = (const unsigned char *)s;

	while (*p != '\0') {
		uint32_t c = 0;
		size_t len = escape_decode((const char *)p, &c);
		const char *entity = html && len == 1 ? escape_entity(c) : NULL;

		if (len == 0 || (len == 1 && escape_is_control(c)))
			text_addf(t, "\\x%02X", *p);
		else if (escape_is_control(c))
			text_addf(t, "\\u{%04X}", (unsigned)c);
		else if (entity != NULL)
			text_add(t, entity);
		else
			text_add_bytes(t, (const char *)p, len);
		p += len == 0 ? 1 : len;
	}
}

void
escape_terminal(struct text *t, const char *s)
{
	escape_add(t, s, false);
}

void
escape_html(struct text *t, const char *s)
{
	escape_add(t, s, true);
}

bool
escape_is_plain_name(const char *s)
{
	if (*s == '\0' || *s == '-')
		return false;
	for (; *s != '\0'; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && *s != '-' && *s != '_' &&
		    *s != '.')
			return false;
	return true;
}

const char *
escape_argument(const char *path)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./";

	return path[0] != '\0' && path[0] != '-' &&
	    path[strspn(path, plain)] == '\0' ? path : "FILE";
}

size_t
escape_decode(const char *text, uint32_t *c)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = s[0] < 0x80 ? 1 : (s[0] & 0xe0) == 0xc0 ? 2
	    : (s[0] & 0xf0) == 0xe0 ? 3 : (s[0] & 0xf8) == 0xf0 ? 4 : 0;

	if (len == 0)
		return 0;
	*c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	/* a NUL ends the text and is not a continuation byte */
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return len;
}
