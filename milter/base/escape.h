/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ESCAPE_H
#define WAYBILL_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Makes foreign text (replies, DNS, header fields) safe for its destination.
 * Each function appends to t.
 */

/* For a terminal: C0, DEL, C1, bidirectional controls (U+061C, U+200E/F,
 * U+202A-E, U+2066-9) and bytes that are not UTF-8 become \xHH or \u{HHHH}. */
void escape_terminal(struct text *t, const char *s);

/* For HTML text and quoted attributes: & < > " ' become entities, the rest as
 * in escape_terminal(). */
void escape_html(struct text *t, const char *s);

/*
 * Returns true if the name can be part of a printed command line or record:
 * only letters, digits, "-", "_" and dots, not empty, not beginning with "-".
 */
bool escape_is_plain_name(const char *s);

/* The path as an argument of a printed command line: path itself if it consists
 * of plain names and slashes, else the word FILE. Somebody may paste it. */
const char *escape_argument(const char *path);

/* Returns true if escape_terminal() escapes the character. */
bool escape_is_control(uint32_t c);

/* Decodes the character at s, just as strictly. Returns its length in bytes; 0
 * if it is not UTF-8. */
size_t escape_decode(const char *s, uint32_t *c);

#endif
