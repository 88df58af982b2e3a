/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SIGNATURE_H
#define WAYBILL_SIGNATURE_H

#include <stdbool.h>

#include "base/taglist.h"

/* No honest DKIM-Signature value is longer. */
enum { SIGNATURE_MAX = 8192 };

/*
 * Parses a DKIM-Signature value, untrusted, as a verifier has to (RFC 6376,
 * 3.5 and 6.1.1): a tag-list of v=1, a=, s=, a d= that is a domain, an h= that
 * names From, and base64 without other bytes in b= and bh=. Returns false if
 * it is not a signature or there is no memory. Call taglist_free() in either
 * case.
 */
bool signature_read(const char *value, struct taglist *tags);

/* Returns true if it is one. */
bool signature_is_well_formed(const char *value);

/* Steps through an h=: returns the next name without the white space around
 * it, len bytes, or NULL at the end. Empty names are skipped. */
const char *signature_next_name(const char **h, size_t *len);

#endif
