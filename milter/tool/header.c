/* SPDX-License-Identifier: ISC */
/*
 * A message's header, out of a file.
 *
 * Fields are cut out of one copy of the bytes, in place: a fold loses its line
 * end (RFC 5322 2.2.3), what it was folded with stays. Lines end in LF or CRLF.
 * The body isn't looked at; there need be none, where somebody saved the header
 * alone.
 */
#include "tool/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { HEADER_STEP = 16384 };	/* read at once */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The end of the line at s, its LF or end; *next is behind it. */
static char *
line_end(char *s, char *end, char **next)
{
	char *lf = memchr(s, '\n', (size_t)(end - s));

	*next = lf == NULL ? end : lf + 1;
	if (lf == NULL)
		lf = end;
	return lf > s && lf[-1] == '\r' ? lf - 1 : lf;
}

/* The length of a field's name (RFC 5322 3.6.8) before its colon; 0: none. */
static size_t
name_length(const char *s, const char *end, const char **colon)
{
	const char *p = s;
	size_t len;

	while (p < end && *p > ' ' && *p < 127 && *p != ':')
		p++;
	len = (size_t)(p - s);
	while (p < end && is_blank(*p))
		p++;
	if (p == end || *p != ':')
		return 0;
	*colon = p;
	return len;
}

/* Takes line end and blanks from both ends of s to end, and ends it. */
static char *
trimmed(char *s, char *end)
{
	while (s < end && is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

static int
add_field(struct header *h, char *name, char *value)
{
	if (h->n == h->room) {
		size_t room = h->room == 0 ? 64 : 2 * h->room;
		struct header_field *more = realloc(h->v, room * sizeof *more);

		if (more == NULL)
			return -1;
		h->v = more;
		h->room = room;
	}
	h->v[h->n++] = (struct header_field){ name, value };
	return 0;
}

/* What stands before the first field. */
static char *
skip_front(char *s, char *end)
{
	char *next;

	if (end - s >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	while (s < end) {
		if (line_end(s, end, &next) != s &&
		    strncmp(s, "From ", 5) != 0 && strncmp(s, ">From ", 6) != 0)
			break;
		s = next;
	}
	return s;
}

/* Cuts the fields out of bytes to end, where a NUL stands. */
static int
cut_fields(struct header *h, char *s, char *end)
{
	char *next;

	for (s = skip_front(s, end); s < end; s = next) {
		const char *colon;
		char *to = line_end(s, end, &next);
		size_t len;

		if (to == s) {
			h->cut = false;		/* its end was seen */
			return 0;
		}
		len = name_length(s, to, &colon);
		/* its folds move up to it */
		while (next < end && is_blank(*next)) {
			char *from = next;
			char *stop = line_end(from, end, &next);

			memmove(to, from, (size_t)(stop - from));
			to += stop - from;
		}
		if (len == 0 && h->n == 0)
			return 0;	/* it doesn't begin as one */
		if (len == 0)
			continue;
		if (h->n == HEADER_FIELDS_MAX) {
			h->cut = true;
			return 0;
		}
		if (add_field(h, s, trimmed(s + (colon - s) + 1, to)) != 0)
			return -1;
		s[len] = '\0';
	}
	return 0;
}

/* Makes fields of h->bytes, len of them and a NUL. */
static int
make_fields(struct header *h, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (h->bytes[i] == '\0')
			h->bytes[i] = '?';
	if (cut_fields(h, h->bytes, h->bytes + len) != 0)
		return err_set(err, EXIT_TEMPORARY, "no memory for a message");
	if (h->n == 0)
		return err_set(err, EXIT_DATA, "this is no message: it doesn't "
		    "begin with a header field. Save the message itself (\"show original\","
		    " \"save as\"), not a picture or a page of it");
	return 0;
}

int
header_parse(struct header *h, const char *s, size_t len, struct err *err)
{
	*h = (struct header){ 0 };
	if (len > HEADER_BYTES_MAX) {
		len = HEADER_BYTES_MAX;
		h->cut = true;
	}
	h->bytes = malloc(len + 1);
	if (h->bytes == NULL)
		return err_set(err, EXIT_TEMPORARY, "no memory for a message");
	memcpy(h->bytes, s, len);
	h->bytes[len] = '\0';
	return make_fields(h, len, err);
}

int
header_read(struct header *h, FILE *in, struct err *err)
{
	struct text t;
	char step[HEADER_STEP];
	size_t n;
	int rc;

	*h = (struct header){ 0 };
	text_init(&t, HEADER_BYTES_MAX + HEADER_STEP);
	/* one byte more than is used tells that there was more */
	while (t.len <= HEADER_BYTES_MAX && !t.cut &&
	    (n = fread(step, 1, sizeof step, in)) > 0)
		text_add_bytes(&t, step, n);
	if (ferror(in) != 0)
		rc = err_errno(err, EXIT_DATA, "the message can't be "
		    "read");
	else if (t.cut)
		rc = err_set(err, EXIT_TEMPORARY, "no memory for a message");
	else
		rc = header_parse(h, t.buf, t.len, err);
	text_free(&t);
	return rc;
}

void
header_free(struct header *h)
{
	free(h->v);
	free(h->bytes);
	*h = (struct header){ 0 };
}

const struct header_field *
header_find(const struct header *h, const char *name, size_t *at)
{
	for (; *at < h->n; (*at)++)
		if (text_equal_fold(h->v[*at].name, name))
			return &h->v[(*at)++];
	return NULL;
}
