/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_DMARC_H
#define WAYBILL_FIND_DMARC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"
#include "find/resolver.h"

/*
 * DMARC policy and organizational domain of a domain, using the DNS tree walk
 * of RFC 9989 4.10.
 */

/* Queries of one walk (RFC 9989 4.10). */
enum { DMARC_QUERIES_MAX = 8 };

enum dmarc_policy {
	DMARC_POLICY_UNKNOWN,	/* DNS does not tell */
	DMARC_POLICY_ABSENT,	/* no record that applies */
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT,
};

/* "unknown", "none" (for both absent and none), "quarantine", "reject". */
const char *dmarc_policy_name(enum dmarc_policy p);

enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };

/* A parsed record. */
struct dmarc_record {
	enum dmarc_policy p, sp, np;	/* ABSENT if the tag is missing */
	bool bad_policy;	/* p, sp or np has an unknown value */
	bool has_rua;		/* with a URI in it */
	bool testing;		/* t=y */
	bool strict_dkim;	/* adkim=s */
	bool strict_spf;	/* aspf=s */
	enum dmarc_psd psd;
};

/* Parses a TXT record of len bytes, untrusted. Returns 0, or -1 if it is not a
 * DMARC record (its first tag is not v=DMARC1). Unknown, repeated or malformed
 * tags are skipped (RFC 9989 4.8). */
int dmarc_record_parse(struct dmarc_record *d, const char *s, size_t len);

struct dmarc_finding {
	/* what applies to the domain: p, sp or np */
	enum dmarc_policy policy;
	bool testing;
	bool strict_dkim;
	bool strict_spf;
	char org[DOMAIN_SIZE];		/* organizational domain; "": unknown */
	char record_at[DOMAIN_SIZE];	/* whose record it is; "": none */
	bool several;		/* several records at one name: all ignored */
	unsigned queries;
	unsigned ttl_s;		/* how long the finding is valid */
};

/*
 * Finds both for domain (A-label form) and calls then(arg, finding) once, from
 * the collector or immediately from this thread; finding is valid only during
 * the call. Never blocks. Returns -1 without memory (then is not called).
 */
int dmarc_find(struct resolver *r, const char *domain,
    void (*then)(void *arg, const struct dmarc_finding *f), void *arg);

#endif
