/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_DOMAIN_H
#define WAYBILL_BASE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 1035: 253 visible bytes, and the NUL. */
enum { DOMAIN_SIZE = 254 };

/*
 * The A-label form, lower case, without a final dot (RFC 5890). Labels of
 * ASCII alone are judged here (letters, digits, "-", "_"; 1 to 63 bytes; 253
 * in all) and only lower-cased, since libidn2 refuses some that exist; others
 * go through libidn2 (nontransitional) and are judged after it.
 * out has DOMAIN_SIZE bytes. 0, or -1 when name is no domain (out is "").
 */
int domain_to_ascii(const char *name, char *out);

/* The same for name that isn't NUL-terminated. */
int domain_to_ascii_bytes(const char *name, size_t len, char *out);

/* Why domain_to_ascii() refuses name, as half a sentence ("a label is over
 * 63 bytes"); a constant. */
const char *domain_fault(const char *name);

/* U-label form for people, into out of size bytes; the A-label where there
 * is none or it doesn't fit. */
void domain_to_unicode(const char *ascii, char *out, size_t size);

/* All of these take A-label forms as domain_to_ascii() writes them. */
bool domain_equal(const char *a, const char *b);

/* Is child equal to parent or below it? */
bool domain_is_under(const char *child, const char *parent);

/* What follows the first dot, or NULL for a single label. Points into name. */
const char *domain_parent(const char *name);

unsigned domain_labels(const char *name);

#endif
