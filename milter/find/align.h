/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_ALIGN_H
#define WAYBILL_FIND_ALIGN_H

#include <stdbool.h>

#include "find/dmarc.h"
#include "find/family.h"
#include "find/published.h"
#include "find/spf.h"

/* How a domain aligns with the author's (RFC 9989 3.2.10). Pure. */
enum align {
	ALIGN_UNKNOWN,		/* an organizational domain is not known */
	ALIGN_NONE,
	ALIGN_RELAXED,
	ALIGN_STRICT,
};

/* "unknown", "none", "relaxed", "strict". */
const char *align_name(enum align a);

/* Both domains are in A-label form, each with its organizational domain: NULL
 * or "" if unknown (not needed if the domains are equal). domain NULL or "":
 * ALIGN_NONE. */
enum align align_of(const char *author, const char *author_org,
    const char *domain, const char *org);

/* The DMARC result at a receiver. */
enum dmarc_verdict { DMARC_UNKNOWN, DMARC_NONE, DMARC_FAIL, DMARC_PASS };

/* "unknown", "none", "fail", "pass". */
const char *dmarc_verdict_name(enum dmarc_verdict v);

struct align_inputs {
	const struct dmarc_finding *policy;	/* of the author domain; NULL: not
						 * known in time */
	enum spf_result spf;		/* over this family; SPF_UNCHECKED: unknown
					 * (a relay, NAT) */
	/* MAIL FROM domain against the author */
	enum align spf_align;
	bool signs_rsa;			/* one of our RSA signatures is added */
	enum published_state key;	/* the best of the RSA keys that sign */
	enum align dkim_align;		/* d= against the author */
};

/* The verdict for one family: pass if an aligned identifier passes; fail if
 * none does; unknown while one that is not known yet could pass. */
enum dmarc_verdict align_verdict(const struct align_inputs *in);

/* What a receiver will find in mail that arrives over one family. */
struct align_outcome {
	bool is_spf_known;	/* false: spf is meaningless (a relay) */
	enum spf_result spf;
	enum dmarc_verdict dmarc;
};

/* Returns true if a is worse for the sender than b. */
bool align_is_worse(const struct align_outcome *a,
    const struct align_outcome *b);

/*
 * The outcome for a destination whose family is predicted: for "either", the
 * worse of the two; for an unknown family, what both have in common. v4, v6:
 * NULL if no mail can leave over that family. Must not be called for
 * FAMILY_NONE.
 */
struct align_outcome align_over(enum family family,
    const struct align_outcome *v4, const struct align_outcome *v6);

/* The value of spf=: the result's word, or "unknown". */
const char *align_spf_name(const struct align_outcome *o);

#endif
