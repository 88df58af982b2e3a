/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SPF_RECORD_H
#define WAYBILL_FIND_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "base/text.h"

/*
 * The grammar of RFC 7208 (sections 4.5 to 6, 7.1, 12), strict: parses the
 * text of a record into terms, or tells where it is wrong. No look-ups.
 */

/* Maximum size of a record in bytes: what one TXT record can hold. */
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
	const char *s;		/* NULL: absent */
	size_t len;
};

struct spf_term {
	enum spf_mechanism mechanism;
	char qualifier;		/* '+', '-', '~' or '?' */
	/* the term as written, including the qualifier */
	struct spf_span text;
	struct spf_span domain;	/* domain-spec */
	struct ip_net net;	/* ip4, ip6 */
	unsigned bits4;		/* a, mx: 32 if not given */
	unsigned bits6;		/* and 128 */
};

struct spf_record {
	char *text;		/* owned; the spans point into it */
	size_t len;
	struct spf_term *terms;	/* owned; in order */
	size_t n;
	struct spf_span redirect;	/* domain-specs of the modifiers */
	struct spf_span exp;
};

/* What is wrong with a record. */
struct spf_fault {
	size_t offset;		/* offset of the byte in the record */
	char text[160];		/* "term \"ip4:1.2.3\": not an IPv4 address" */
};

/* Returns true if it is an SPF record at all (RFC 7208 4.5): "v=spf1" in any
 * case, then a space or the end. */
bool spf_record_is(const char *s, size_t len);

/* Parses len bytes, untrusted, any bytes. Returns 0; -1 with *fault (may be
 * NULL), also without memory. spf_record_free() is safe in both cases. */
int spf_record_parse(struct spf_record *r, const char *s, size_t len,
    struct spf_fault *fault);

void spf_record_free(struct spf_record *r);

/* The number of its own terms that cause look-ups (RFC 7208 4.6.4), including
 * its redirect. */
unsigned spf_record_lookups(const struct spf_record *r);

/* Returns true if an ip4: or ip6: term with result "pass" contains the
 * address, before any other ip4, ip6 or all that contains it. Terms that cause
 * look-ups are skipped. */
bool spf_record_lists(const struct spf_record *r, const struct ip *ip);

/*
 * Appends the term to add for an address: "ip4:192.0.2.1", "ip6:2001:db8::7".
 */
void spf_record_term(const struct ip *ip, struct text *out);

/*
 * Appends the record with terms for the n addresses added: addresses that
 * spf_record_lists() already finds are left out; the rest go before the first
 * term that is not a "pass" (including all with any qualifier), otherwise
 * after the last mechanism. Existing text is kept as written. r NULL: a new
 * record, "v=spf1 TERMS ~all", because it is not known yet who else sends for
 * the domain.
 */
void spf_record_with(const struct spf_record *r, const struct ip *ips,
    size_t n, struct text *out);

#endif
