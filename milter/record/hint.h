/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_HINT_H
#define WAYBILL_RECORD_HINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a text must hold for a pattern to match it, found out once for each
 * pattern: so most patterns needn't be tried. A hint may let a text through
 * that doesn't match; it never holds back one that does.
 */
struct hint;

/* Reads a pattern of PCRE2 that folds ASCII case. NULL when nothing is known
 * of its matches, or without memory: then it is always tried. */
struct hint *hint_new(const char *pattern);
void hint_free(struct hint **h);

/* A text, seen from afar: which three bytes in a row it may hold. */
struct hint_view {
	uint64_t bits[64];
};

void hint_look(struct hint_view *view, const char *text, size_t len);

/* May the pattern match? h NULL: yes. */
bool hint_allows(const struct hint *h, const struct hint_view *view);

#endif
