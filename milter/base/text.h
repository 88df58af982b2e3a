/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_TEXT_H
#define WAYBILL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Text that grows up to a bound. buf is always NUL-terminated after
 * text_init(); what doesn't fit, or for which there is no memory, is left
 * out, and cut says so from then on.
 */
struct text {
	char *buf;	/* owned; never NULL: an empty text points to a constant */
	size_t len;	/* bytes, without the NUL */
	size_t size;	/* bytes allocated */
	size_t max;	/* bytes that len may reach */
	bool cut;
};

/* A list of strings, each owned. */
struct text_list {
	char **v;
	size_t n;
};

void text_init(struct text *t, size_t max);
void text_free(struct text *t);

/* Empties it and keeps the memory; cut is cleared. */
void text_clear(struct text *t);

/* Append; an addition is made whole or not at all (then cut is set). */
void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const char *s, size_t len);
void text_addf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Hands the buffer to the caller, who frees it; t is empty then. NULL when
 * there is no memory or when something was cut. */
char *text_take(struct text *t);

/* Appends a copy of s. 0, or -1 without memory. */
int text_list_add(struct text_list *list, const char *s);
void text_list_free(struct text_list *list);

/* Is s in the list, ASCII case folded? */
bool text_list_has_fold(const struct text_list *list, const char *s);

/* Equal with ASCII case folded, independent of the locale. */
bool text_equal_fold(const char *a, const char *b);

/* Does s begin with prefix, ASCII case folded? */
bool text_begins_fold(const char *s, const char *prefix);

/* Reads a whole decimal number without sign, blanks or leading "+", min to
 * max. 0, or -1 when s is anything else (out is untouched). */
int text_number(const char *s, long long min, long long max, long long *out);

#endif
