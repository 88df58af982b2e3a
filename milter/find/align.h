/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_ALIGN_H
#define WAYBILL_FIND_ALIGN_H

#include <stdbool.h>

#include "find/dmarc.h"
#include "find/family.h"
#include "find/published.h"
#include "find/spf.h"

/* How a domain stands to the author's (RFC 9989 3.2.10). Pure. */
enum align {
	ALIGN_UNKNOWN,		/* an organizational domain isn't known */
	ALIGN_NONE,
	ALIGN_RELAXED,
	ALIGN_STRICT,
};

/* "unknown", "none", "relaxed", "strict". */
const char *align_name(enum align a);

/* Both domains in A-label form; the organizational domain of each, NULL or ""
 * where it isn't known (not needed when the two are equal). domain NULL or "":
 * ALIGN_NONE. */
enum align align_of(const char *author, const char *author_org,
    const char *domain, const char *org);

/* What DMARC will say at a receiver. */
enum dmarc_verdict { DMARC_UNKNOWN, DMARC_NONE, DMARC_FAIL, DMARC_PASS };

/* "unknown", "none", "fail", "pass". */
const char *dmarc_verdict_name(enum dmarc_verdict v);

struct align_inputs {
	const struct dmarc_finding *policy;	/* of the author domain; NULL: not
						 * known in time */
	enum spf_result spf;		/* over this family; SPF_UNCHECKED: unknown
					 * (a relay, NAT) */
	enum align spf_align;		/* MAIL FROM domain against the author */
	bool signs_rsa;			/* an RSA signature of ours goes with it */
	enum published_state key;	/* the best of the RSA keys that sign */
	enum align dkim_align;		/* d= against the author */
};

/* The verdict for one family: pass when an aligned identifier passes; fail
 * when none does; unknown while one that isn't known could still. */
enum dmarc_verdict align_verdict(const struct align_inputs *in);

/* What a receiver will find, of mail that comes over one family. */
struct align_outcome {
	bool is_spf_known;	/* false: spf says nothing (a relay) */
	enum spf_result spf;
	enum dmarc_verdict dmarc;
};

/* Is a worse for the sender than b? */
bool align_is_worse(const struct align_outcome *a,
    const struct align_outcome *b);

/*
 * The outcome for a destination whose family is predicted: under "either" the
 * worse of the two; where the family is unknown, what both would give alike.
 * v4, v6: NULL when no mail can leave over that family. Of FAMILY_NONE there is
 * none to be asked for.
 */
struct align_outcome align_over(enum family family,
    const struct align_outcome *v4, const struct align_outcome *v6);

/* The value of spf=: the result's word, or "unknown". */
const char *align_spf_name(const struct align_outcome *o);

#endif
