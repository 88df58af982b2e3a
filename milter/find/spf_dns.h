/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SPF_DNS_H
#define WAYBILL_FIND_SPF_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "find/spf.h"
#include "find/spf_record.h"

/*
 * DNS for one SPF evaluation, with libspf2 in between: whether one mechanism
 * matches one name. Used only by spf.c.
 */

/* The state and the limits of one evaluation. A complete type for spf.c. */
struct spf_dns {
	struct resolver *resolver;
	int64_t deadline_ms;
	/* a query waits for the remaining time divided by this: 1 or more */
	unsigned shares;
	struct ip ip;		/* the client's; never IPv4-mapped */
	unsigned lookups;	/* terms that caused look-ups */
	unsigned voids;
	unsigned ttl_s;		/* least one seen */
	char why[SPF_WHY_SIZE];	/* for the last result other than yes or no */

	struct spf_library *library;	/* state of libspf2 */

	/* of the current question */
	enum spf_mechanism mechanism;
	bool is_validating;	/* for %{p}, in the name of domain */
	const char *domain;
	/* its own query was made; further ones are for addresses of the hosts
	 * found */
	bool has_asked;
	bool takes_any;		/* its prefix is 0 */
	bool has_many_mx;
};

enum spf_match { SPF_MATCH_NO, SPF_MATCH_YES, SPF_MATCH_TEMPERROR, SPF_MATCH_PERMERROR };

/* Sets up d. Returns 0, or -1 (why has the reason). Call spf_dns_end() in
 * either case. */
int spf_dns_begin(struct spf_dns *d, struct resolver *r, const struct ip *ip,
    int64_t deadline_ms);
void spf_dns_end(struct spf_dns *d);

/* Counts a term that causes look-ups; false if there are too many. */
bool spf_dns_count(struct spf_dns *d);

/*
 * Finds the SPF records of name, from its TXT records: returns their number,
 * with the text of the first (malloc'd, *len bytes) in *text; -1 if DNS did
 * not answer.
 */
int spf_dns_record(struct spf_dns *d, const char *name, char **text,
    size_t *len);

/* Tells whether a, mx, ptr or exists matches name ("": one that cannot be
 * queried). bits is the prefix length for the family of the client (a, mx). */
enum spf_match spf_dns_match(struct spf_dns *d, enum spf_mechanism m,
    const char *name, unsigned bits);

/* The validated name of the client (RFC 7208 7.3) for %{p} in a record of
 * domain, or "unknown". Owned by d until the next call. */
const char *spf_dns_validated(struct spf_dns *d, const char *domain);

#endif
