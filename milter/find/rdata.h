/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_RDATA_H
#define WAYBILL_FIND_RDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/domain.h"
#include "base/ip.h"
#include "find/resolver.h"

/* Parses uncompressed record data of a resolver's answer. All of it is
 * untrusted: each function rejects malformed data. */

/*
 * Writes the domain name at data (len bytes) to out, in lower case without a
 * final dot; the root is "". *used (may be NULL) is the number of bytes it
 * took. Returns -1 if it is malformed, or if a label contains anything but
 * letters, digits, "-" and "_": no host has such a name, and written as text
 * it could be mistaken for another (a dot or a backslash inside a label). out
 * has DOMAIN_SIZE bytes and is then "".
 */
int rdata_name(const uint8_t *data, size_t len, char *out, size_t *used);

/* A or AAAA, depending on type. A mapped IPv4 address stays IP_6. */
int rdata_ip(const struct rdata *r, enum dns_type type, struct ip *out);

struct rdata_mx {
	unsigned preference;
	char host[DOMAIN_SIZE];	/* "" for the null MX (RFC 7505) */
};

int rdata_mx(const struct rdata *r, struct rdata_mx *out);

/* PTR: the name. */
int rdata_ptr(const struct rdata *r, char *out);

/*
 * TXT: its strings joined without anything between them (RFC 7208, 3.3; RFC
 * 6376, 3.6.2.2). *len bytes, any of which may be NUL or above 127, followed
 * by a NUL. Malloc'd: the caller frees it. NULL if it is malformed (*len is
 * then 0) or without memory.
 */
char *rdata_txt(const struct rdata *r, size_t *len);

#endif
