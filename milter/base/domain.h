/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_DOMAIN_H
#define WAYBILL_BASE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 1035: 253 visible bytes and the NUL. */
enum { DOMAIN_SIZE = 254 };

/*
 * Converts name to its A-label form, lower case, without a final dot (RFC
 * 5890). ASCII labels are checked here (letters, digits, "-", "_"; 1 to 63
 * bytes; 253 in all) and only lower-cased, because libidn2 rejects some that
 * exist; others go through libidn2 (nontransitional) and are checked
 * afterwards. out has DOMAIN_SIZE bytes. Returns 0, or -1 if name is not a
 * valid domain (out is then "").
 */
int domain_to_ascii(const char *name, char *out);

/* The same for a name that is not NUL-terminated. */
int domain_to_ascii_bytes(const char *name, size_t len, char *out);

/* Why domain_to_ascii() rejects name, as a phrase to follow "not a valid
 * domain: " ("empty label"). Returns a constant. */
const char *domain_fault(const char *name);

/* Writes the U-label form, for people, to out of size bytes; the A-label if
 * there is none or it does not fit. */
void domain_to_unicode(const char *ascii, char *out, size_t size);

/* These functions take A-label forms as domain_to_ascii() writes them. */
bool domain_equal(const char *a, const char *b);

/* Returns true if child equals parent or is below it. */
bool domain_is_under(const char *child, const char *parent);

/* Returns what follows the first dot, or NULL for a single label. Points into
 * name. */
const char *domain_parent(const char *name);

unsigned domain_labels(const char *name);

#endif
