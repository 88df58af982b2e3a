/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SPF_RECORD_H
#define WAYBILL_FIND_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "base/text.h"

/*
 * The grammar of RFC 7208 (sections 4.5 to 6, 7.1, 12), strict: text of a
 * record to its terms, or where it is wrong. Asks nothing.
 */

/* Bytes of a record: what one TXT record can hold. */
enum { SPF_RECORD_MAX = 65535 };

enum spf_mechanism {
	SPF_TERM_ALL,
	SPF_TERM_INCLUDE,
	SPF_TERM_A,
	SPF_TERM_MX,
	SPF_TERM_PTR,
	SPF_TERM_IP4,
	SPF_TERM_IP6,
	SPF_TERM_EXISTS,
};

/* A part of the record's text. */
struct spf_span {
	const char *s;		/* NULL: it isn't there */
	size_t len;
};

struct spf_term {
	enum spf_mechanism mechanism;
	char qualifier;		/* '+', '-', '~' or '?' */
	struct spf_span text;	/* the term as written, qualifier and all */
	struct spf_span domain;	/* domain-spec */
	struct ip_net net;	/* ip4, ip6 */
	unsigned bits4;		/* a, mx: 32 where nothing is written */
	unsigned bits6;		/* and 128 */
};

struct spf_record {
	char *text;		/* owned; what the spans point into */
	size_t len;
	struct spf_term *terms;	/* owned; in order */
	size_t n;
	struct spf_span redirect;	/* domain-specs of the modifiers */
	struct spf_span exp;
};

/* What is wrong with a record. */
struct spf_fault {
	size_t offset;		/* byte in the record */
	char text[160];		/* "the term \"ip4:1.2.3\": no IPv4 address" */
};

/* Is it a record of SPF at all (RFC 7208 4.5): "v=spf1" in any case, then a
 * space or the end? */
bool spf_record_is(const char *s, size_t len);

/* Reads len bytes, untrusted, any bytes. 0; -1 with *fault (may be NULL), also
 * without memory. spf_record_free() is safe either way. */
int spf_record_parse(struct spf_record *r, const char *s, size_t len,
    struct spf_fault *fault);

void spf_record_free(struct spf_record *r);

/* How many of its own terms ask DNS (RFC 7208 4.6.4), its redirect too. */
unsigned spf_record_lookups(const struct spf_record *r);

/* Does an ip4: or ip6: term that means "pass" hold the address, before any
 * other ip4, ip6 or all that does? Terms that ask DNS are passed over. */
bool spf_record_lists(const struct spf_record *r, const struct ip *ip);

/* Appends the term to add for an address: "ip4:192.0.2.1", "ip6:2001:db8::7". */
void spf_record_term(const struct ip *ip, struct text *out);

/*
 * Appends the record with the terms for the n addresses put in: those that
 * spf_record_lists() already are left out, the rest stand before the first
 * term that isn't a "pass" (all of any kind included), else behind the last
 * mechanism. What is there is kept as it is written. r NULL: a new record,
 * "v=spf1 TERMS ~all", for nobody knows yet who else sends for the domain.
 */
void spf_record_with(const struct spf_record *r, const struct ip *ips,
    size_t n, struct text *out);

#endif
