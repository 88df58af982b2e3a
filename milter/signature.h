/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SIGNATURE_H
#define WAYBILL_SIGNATURE_H

#include <stdbool.h>

#include "base/taglist.h"

/* A DKIM-Signature value that is longer is nobody's honest signature. */
enum { SIGNATURE_MAX = 8192 };

/*
 * Reads a DKIM-Signature value, which is hostile, as a verifier has to (RFC
 * 6376, 3.5 and 6.1.1): a tag-list of v=1, a=, s=, a d= that is a domain, an h=
 * that names From, and base64 without other bytes in b= and bh=. False when it
 * is no signature or there is no memory. taglist_free() either way.
 */
bool signature_read(const char *value, struct taglist *tags);

/* Is it one? */
bool signature_is_well_formed(const char *value);

/* Steps over an h=: the next name without the white space around it, len
 * bytes, or NULL at the end. Empty names are passed over. */
const char *signature_next_name(const char **h, size_t *len);

#endif
