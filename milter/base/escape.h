/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ESCAPE_H
#define WAYBILL_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Foreign text (replies, DNS, header fields), made harmless for where it goes.
 * Each appends to t.
 */

/* For a terminal: C0, DEL, C1, bidirectional controls (U+061C, U+200E/F,
 * U+202A-E, U+2066-9) and bytes that aren't UTF-8 as \xHH or \u{HHHH}. */
void escape_terminal(struct text *t, const char *s);

/* For HTML text and quoted attributes: & < > " ' as entities, the rest as
 * escape_terminal(). */
void escape_html(struct text *t, const char *s);

/* May this name stand in a printed command line or record? Letters, digits,
 * "-", "_" and dots only, not empty, not beginning with "-". */
bool escape_is_plain_name(const char *s);

/* Is the character one that escape_terminal() takes out? */
bool escape_is_control(uint32_t c);

/* Decodes the character at s, as strictly. Its length in bytes; 0 when it is
 * no UTF-8. */
size_t escape_decode(const char *s, uint32_t *c);

#endif
