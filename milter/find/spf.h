/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SPF_H
#define WAYBILL_FIND_SPF_H

#include <stdint.h>

#include "base/ip.h"
#include "find/resolver.h"

/* RFC 7208 2.6, and one of ours. */
enum spf_result {
	/* not evaluated: no address, or not a global one */
	SPF_UNCHECKED,
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

/* RFC 7208 4.6.4: terms that cause look-ups, and void look-ups. */
enum { SPF_LOOKUPS_MAX = 10, SPF_VOIDS_MAX = 2 };

enum { SPF_TERM_SIZE = 256, SPF_WHY_SIZE = 320 };

/* The arguments of check_host() (RFC 7208 4.1). All of them are untrusted. */
struct spf_query {
	const char *domain;	/* of MAIL FROM, or the HELO name */
	struct ip ip;
	const char *helo;	/* for %{h}; NULL or "": domain */
	/* for %{s} and %{l}; NULL or "": postmaster@domain */
	const char *sender;
};

struct spf_finding {
	enum spf_result result;
	/* The deciding term of the domain's own record, as written
	 * ("ip4:192.0.2.0/24", "-all"); after a redirect, the term of that
	 * record; "" if none decided. Printable ASCII; a longer one ends with
	 * "...". */
	char term[SPF_TERM_SIZE];
	/* terms that caused look-ups, including the one over the limit */
	unsigned lookups;
	unsigned voids;
	/* One sentence without a full stop: the reason for the result. Names
	 * and text from DNS in it are printable ASCII. */
	char why[SPF_WHY_SIZE];
	/* how long the finding is valid: least TTL seen */
	unsigned ttl_s;
};

/*
 * Evaluates SPF. Blocks until the deadline (clock_ms()) at most, so it is for
 * threads that may block (find/facts, the tool). Never fails: what cannot be
 * determined is SPF_TEMPERROR. Thread-safe. An address of family IP_NONE gives
 * SPF_UNCHECKED; the caller checks whether an address is global.
 */
void spf_find(struct resolver *r, const struct spf_query *q,
    int64_t deadline_ms, struct spf_finding *out);

#endif
