/* SPDX-License-Identifier: ISC */
/*
 * Bounded strings and lists of strings. An addition is made whole or not at
 * all, so a reader never sees half a value, and a caller can check cut once at
 * the end instead of after each call. Everything here is independent of the
 * locale: host names and header names are ASCII whatever LANG is.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_FIRST = 128 };

/* What an empty text points to; never written, since size is then 0. */
static char text_empty[1];

static int
text_fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Makes room for len more bytes and the NUL; sets cut and returns false if it
 * cannot. */
static bool
text_reserve(struct text *t, size_t len)
{
	if (t->len > t->max || len > t->max - t->len) {
		t->cut = true;
		return false;
	}
	size_t need = t->len + len + 1;
	if (need <= t->size)
		return true;
	size_t size = t->size < TEXT_FIRST ? TEXT_FIRST : t->size * 2;
	if (size < need)
		size = need;
	char *buf = realloc(t->size == 0 ? NULL : t->buf, size);
	if (buf == NULL) {
		t->cut = true;
		return false;
	}
	t->buf = buf;
	t->size = size;
	return true;
}

void
text_init(struct text *t, size_t max)
{
	*t = (struct text){.buf = text_empty, .max = max};
}

void
text_free(struct text *t)
{
	if (t->size != 0)
		free(t->buf);
	text_init(t, t->max);
}

void
text_clear(struct text *t)
{
	t->len = 0;
	t->cut = false;
	if (t->size != 0)
		t->buf[0] = '\0';
}

void
text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void
text_add_bytes(struct text *t, const char *s, size_t len)
{
	if (len == 0 || !text_reserve(t, len))
		return;
	memcpy(t->buf + t->len, s, len);
	t->len += len;
	t->buf[t->len] = '\0';
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0) {
		t->cut = true;
		return;
	}
	if (len == 0 || !text_reserve(t, (size_t)len))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(t->buf + t->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)len;
}

char *
text_take(struct text *t)
{
	char *s = NULL;

	if (!t->cut) {
		s = t->size == 0 ? strdup("") : t->buf;
		if (t->size != 0)
			t->size = 0;
	}
	text_free(t);
	return s;
}

int
text_list_add(struct text_list *list, const char *s)
{
	char **v = realloc(list->v, (list->n + 1) * sizeof *v);
	if (v == NULL)
		return -1;
	list->v = v;
	v[list->n] = strdup(s);
	if (v[list->n] == NULL)
		return -1;
	list->n++;
	return 0;
}

void
text_list_free(struct text_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct text_list){0};
}

bool
text_list_has_fold(const struct text_list *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_equal_fold(list->v[i], s))
			return true;
	return false;
}

bool
text_equal_fold(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (text_fold((unsigned char)*a) != text_fold((unsigned char)*b))
			return false;
	return *a == *b;
}

bool
text_begins_fold(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++)
		if (text_fold((unsigned char)*s) !=
		    text_fold((unsigned char)*prefix))
			return false;
	return true;
}

int
text_number(const char *s, long long min, long long max, long long *out)
{
	long long n = 0;

	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		int digit = *s - '0';
		if (n > (9223372036854775807LL - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	if (n < min || n > max)
		return -1;
	*out = n;
	return 0;
}
