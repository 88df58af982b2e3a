/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SPF_H
#define WAYBILL_FIND_SPF_H

#include <stdint.h>

#include "base/ip.h"
#include "find/resolver.h"

/* RFC 7208 2.6, and one of ours. */
enum spf_result {
	SPF_UNCHECKED,		/* nobody asked: no address, or not a global one */
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};

/* "unchecked", "none", "neutral", "pass", ... */
const char *spf_result_name(enum spf_result r);

/* RFC 7208 4.6.4: terms that ask DNS, and look-ups of them that find nothing. */
enum { SPF_LOOKUPS_MAX = 10, SPF_VOIDS_MAX = 2 };

enum { SPF_TERM_SIZE = 256, SPF_WHY_SIZE = 320 };

/* The arguments of check_host() (RFC 7208 4.1). Nothing here is trusted. */
struct spf_query {
	const char *domain;	/* of MAIL FROM, or the HELO name */
	struct ip ip;
	const char *helo;	/* for %{h}; NULL or "": domain */
	const char *sender;	/* for %{s} and %{l}; NULL or "": postmaster@domain */
};

struct spf_finding {
	enum spf_result result;
	/* The term of the domain's own record that decided, as written ("ip4:
	 * 192.0.2.0/24", "-all"); after a redirect the term of that record;
	 * "" when none did. Printable ASCII, what is longer ends in "...". */
	char term[SPF_TERM_SIZE];
	unsigned lookups;	/* terms that asked DNS, the one over the limit too */
	unsigned voids;
	/* One sentence without a stop: what the result rests on. Names and text
	 * of DNS in it are printable ASCII. */
	char why[SPF_WHY_SIZE];
	unsigned ttl_s;		/* how long the finding holds: least TTL seen */
};

/*
 * Evaluates. Blocks until the deadline (clock_ms()) at most, so it is for
 * threads that may (find/facts, the tool). Never fails: what can't be found
 * out is SPF_TEMPERROR. Thread-safe. An address of family IP_NONE gives
 * SPF_UNCHECKED; whether an address is global is the caller's business.
 */
void spf_find(struct resolver *r, const struct spf_query *q,
    int64_t deadline_ms, struct spf_finding *out);

#endif
