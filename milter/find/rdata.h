/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_RDATA_H
#define WAYBILL_FIND_RDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/domain.h"
#include "base/ip.h"
#include "find/resolver.h"

/* Uncompressed record data, as a resolver's answer has it, read. All of it
 * was written by strangers: each function refuses what is malformed. */

/*
 * The domain name at data, len bytes, in lower case without a final dot; the
 * root is "". *used (may be NULL) is how many bytes it took. -1 when it is
 * malformed, or when a label holds anything but letters, digits, "-" and "_":
 * no host can be asked for by such a name, and written out it could be taken
 * for another (a dot or a backslash inside a label). out has DOMAIN_SIZE
 * bytes and is "" then.
 */
int rdata_name(const uint8_t *data, size_t len, char *out, size_t *used);

/* A or AAAA, by the family asked for. A mapped IPv4 address stays IP_6. */
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
 * 6376, 3.6.2.2). *len bytes, any of which may be NUL or above 127, and a NUL
 * behind them. Malloc'd: the caller frees. NULL when it is malformed (then
 * *len is 0) or without memory.
 */
char *rdata_txt(const struct rdata *r, size_t *len);

#endif
