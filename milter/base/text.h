/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_TEXT_H
#define WAYBILL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Text that grows up to a limit. buf is always NUL-terminated after
 * text_init(). What does not fit, or for which there is no memory, is left
 * out, and cut stays set from then on.
 */
struct text {
	/* owned; never NULL: an empty text points to a constant */
	char *buf;
	size_t len;	/* bytes, without the NUL */
	size_t size;	/* bytes allocated */
	size_t max;	/* limit of len */
	bool cut;
};

/* A list of strings; it owns each of them. */
struct text_list {
	char **v;
	size_t n;
};

void text_init(struct text *t, size_t max);
void text_free(struct text *t);

/* Empties the text but keeps the memory; clears cut. */
void text_clear(struct text *t);

/* Append. An addition is made whole or not at all; if not, cut is set. */
void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const char *s, size_t len);
void text_addf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns the buffer, which the caller frees; t is then empty. NULL if there
 * was no memory or something was cut. */
char *text_take(struct text *t);

/* Appends a copy of s. Returns 0, or -1 if there is no memory. */
int text_list_add(struct text_list *list, const char *s);
void text_list_free(struct text_list *list);

/* Returns true if s is in the list, ignoring ASCII case. */
bool text_list_has_fold(const struct text_list *list, const char *s);

/* Returns true if equal, ignoring ASCII case, independent of the locale. */
bool text_equal_fold(const char *a, const char *b);

/* Returns true if s begins with prefix, ignoring ASCII case. */
bool text_begins_fold(const char *s, const char *prefix);

/* Parses a whole decimal number without sign, blanks or leading "+", min to
 * max. Returns 0, or -1 if s is anything else (out is then unchanged). */
int text_number(const char *s, long long min, long long max, long long *out);

#endif
