/* SPDX-License-Identifier: ISC */
/*
 * Tag-lists, RFC 6376 section 3.2, as used by DKIM keys, DMARC policies and
 * our own stamps. The reader accepts 8-bit bytes inside values, because
 * records with such notes exist; otherwise it follows the RFC: no tag twice,
 * no tag without a name. White space inside a value is kept: each tag defines
 * what it means.
 */
#include "base/taglist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
taglist_begin(struct taglist_writer *w, struct text *out, size_t column)
{
	*w = (struct taglist_writer){.out = out, .column = column};
}

void
taglist_add(struct taglist_writer *w, const char *name, const char *value)
{
	size_t name_len = strlen(name), len = name_len + 1 + strlen(value);

	if (w->any) {
		/* " ", the tag and the ";" that may follow it */
		bool fold = w->column + 1 + 1 + len + 1 > TAGLIST_COLUMNS;
		text_add(w->out, fold ? ";\n " : "; ");
		w->column = fold ? 1 : w->column + 2;
	}
	text_add(w->out, name);
	text_add(w->out, "=");
	for (const char *p = value; *p != '\0'; p++) {
		bool good = *p >= ' ' && *p <= '~' && *p != ';';
		text_add_bytes(w->out, good ? p : "?", 1);
	}
	w->column += len;
	w->any = true;
}

void
taglist_add_number(struct taglist_writer *w, const char *name, long long value)
{
	char digits[32];

	(void)snprintf(digits, sizeof digits, "%lld", value);
	taglist_add(w, name, digits);
}

static bool
taglist_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
taglist_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* tag-name = ALPHA *ALNUMPUNC, RFC 6376 3.2 */
static bool
taglist_is_name(const char *s)
{
	if (!taglist_is_alpha(*s))
		return false;
	for (; *s != '\0'; s++)
		if (!taglist_is_alpha(*s) && !(*s >= '0' && *s <= '9') &&
		    *s != '_')
			return false;
	return true;
}

/* Strips white space from both ends, in place. */
static char *
taglist_trim(char *s, char *end)
{
	while (s < end && taglist_is_space(*s))
		s++;
	while (end > s && taglist_is_space(end[-1]))
		end--;
	*end = '\0';
	return s;
}

/* Reads one tag-spec from s to end; a NUL may be written at end. */
static int
taglist_parse_tag(struct taglist *l, char *s, char *end)
{
	char *equals = memchr(s, '=', (size_t)(end - s));

	if (equals == NULL || l->n == TAGLIST_TAGS_MAX)
		return -1;
	const char *name = taglist_trim(s, equals);
	if (!taglist_is_name(name) || taglist_value(l, name) != NULL)
		return -1;
	l->tag[l->n].name = name;
	l->tag[l->n].value = taglist_trim(equals + 1, end);
	l->n++;
	return 0;
}

int
taglist_parse(struct taglist *l, const char *s, size_t len)
{
	l->n = 0;
	l->buf = malloc(len + 1);
	if (l->buf == NULL || memchr(s, '\0', len) != NULL)
		return -1;
	memcpy(l->buf, s, len);
	l->buf[len] = '\0';
	char *p = l->buf, *end = l->buf + len;
	while (end > p && taglist_is_space(end[-1]))
		end--;
	/* a trailing ";" is allowed */
	if (end > p && end[-1] == ';')
		end--;
	for (;;) {
		char *stop = memchr(p, ';', (size_t)(end - p));
		if (stop == NULL)
			return taglist_parse_tag(l, p, end);
		if (taglist_parse_tag(l, p, stop) != 0)
			return -1;
		p = stop + 1;
	}
}

const char *
taglist_value(const struct taglist *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->tag[i].name, name) == 0)
			return l->tag[i].value;
	return NULL;
}

void
taglist_free(struct taglist *l)
{
	free(l->buf);
	l->buf = NULL;
	l->n = 0;
}
