/* SPDX-License-Identifier: ISC */
/* Text for people, broken into lines. A word that is wider stays whole. */
#include "tool/paragraph.h"

#include <string.h>

#include "base/escape.h"
#include "base/text.h"

enum { PARAGRAPH_MAX = 1 << 16 };

/* Columns: bytes that begin a character of UTF-8. */
static int
columns_of(const char *s, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

static int
print_words(FILE *out, int indent, int column, const char *s)
{
	bool is_first = true;

	while (*s != '\0') {
		size_t len = strcspn(s, " ");
		int wide = columns_of(s, len);

		if (!is_first && column + 1 + wide > PARAGRAPH_COLUMNS) {
			(void)fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (!is_first) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fprintf(out, "%.*s", (int)len, s);
		column += wide;
		is_first = false;
		s += len;
		s += strspn(s, " ");
	}
	return column;
}

void
paragraph_print(FILE *out, int indent, const char *label, const char *text,
    const char *margin)
{
	paragraph_print_word(out, indent, label, PRINT_PLAIN, "", text, margin);
}

void
paragraph_print_word(FILE *out, int indent, const char *label,
    enum print_paint paint, const char *word, const char *text,
    const char *margin)
{
	int column = columns_of(label, strlen(label)) +
	    columns_of(word, strlen(word));
	int wide = columns_of(margin, strlen(margin));
	struct text t;

	text_init(&t, PARAGRAPH_MAX);
	escape_terminal(&t, text);
	(void)fputs(label, out);
	print_word(out, paint, word);
	if (column >= indent && column > 0) {
		(void)fputc('\n', out);
		column = 0;
	}
	if (column < indent)
		(void)fprintf(out, "%*s", indent - column, "");
	column = print_words(out, indent, column < indent ? indent : column,
	    t.buf);
	if (*margin != '\0' && column + 2 + wide > PARAGRAPH_COLUMNS) {
		(void)fputc('\n', out);
		column = 0;
	}
	if (*margin != '\0')
		(void)fprintf(out, "%*s", PARAGRAPH_COLUMNS - column, margin);
	(void)fputc('\n', out);
	text_free(&t);
}
