/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SPF_DNS_H
#define WAYBILL_FIND_SPF_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "find/spf.h"
#include "find/spf_record.h"

/*
 * DNS as one SPF evaluation sees it, and libspf2 between the two: does one
 * mechanism match one name? For spf.c alone.
 */

/* What one evaluation has seen and may still ask. Open to spf.c. */
struct spf_dns {
	struct resolver *resolver;
	int64_t deadline_ms;
	unsigned shares;	/* a question waits for the time that is left
				 * until then, divided by this: 1 or more */
	struct ip ip;		/* the client's; IPv4-mapped never */
	unsigned lookups;	/* terms that asked DNS */
	unsigned voids;
	unsigned ttl_s;		/* least one seen */
	char why[SPF_WHY_SIZE];	/* of the last one that wasn't yes or no */

	struct spf_library *library;	/* what belongs to libspf2 */

	/* of the question under way */
	enum spf_mechanism mechanism;
	bool is_validating;	/* for %{p}, in the name of domain */
	const char *domain;
	bool has_asked;		/* its own question; what follows are addresses
				 * of the hosts that it gave */
	bool takes_any;		/* its prefix is 0 */
	bool has_many_mx;
};

enum spf_match { SPF_MATCH_NO, SPF_MATCH_YES, SPF_MATCH_TEMPERROR, SPF_MATCH_PERMERROR };

/* Sets d up; 0, or -1 (why says so). spf_dns_end() either way. */
int spf_dns_begin(struct spf_dns *d, struct resolver *r, const struct ip *ip,
    int64_t deadline_ms);
void spf_dns_end(struct spf_dns *d);

/* Counts a term that asks DNS; false when there are too many. */
bool spf_dns_count(struct spf_dns *d);

/*
 * The SPF records of name, by its TXT records: how many there are, the first
 * one's text (malloc'd, *len bytes) in *text. -1: DNS didn't tell.
 */
int spf_dns_record(struct spf_dns *d, const char *name, char **text,
    size_t *len);

/* Does a, mx, ptr or exists match name ("" : one that can't be asked for)?
 * bits is the prefix length for the family of the client (a, mx). */
enum spf_match spf_dns_match(struct spf_dns *d, enum spf_mechanism m,
    const char *name, unsigned bits);

/* The validated name of the client (RFC 7208 7.3) for %{p} in a record of
 * domain, or "unknown". Belongs to d until the next call. */
const char *spf_dns_validated(struct spf_dns *d, const char *domain);

#endif
