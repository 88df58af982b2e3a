/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_DMARC_H
#define WAYBILL_FIND_DMARC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"
#include "find/resolver.h"

/*
 * DMARC policy and organizational domain of a domain, by the DNS tree walk of
 * RFC 9989 4.10.
 */

/* Look-ups of one walk (RFC 9989 4.10). */
enum { DMARC_QUERIES_MAX = 8 };

enum dmarc_policy {
	DMARC_POLICY_UNKNOWN,	/* DNS doesn't say */
	DMARC_POLICY_ABSENT,	/* no record that applies */
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT,
};

/* "unknown", "none" (absent and none alike), "quarantine", "reject". */
const char *dmarc_policy_name(enum dmarc_policy p);

enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };

/* One record read. */
struct dmarc_record {
	enum dmarc_policy p, sp, np;	/* ABSENT where the tag isn't there */
	bool bad_policy;	/* a p, sp or np that is none of the words */
	bool has_rua;		/* with a URI in it */
	bool testing;		/* t=y */
	bool strict_dkim;	/* adkim=s */
	bool strict_spf;	/* aspf=s */
	enum dmarc_psd psd;
};

/* Reads one TXT record, len bytes, untrusted. 0; -1 when it is no DMARC record
 * (its first tag isn't v=DMARC1). Tags that are unknown, doubled or malformed
 * are passed over (RFC 9989 4.8). */
int dmarc_record_parse(struct dmarc_record *d, const char *s, size_t len);

struct dmarc_finding {
	enum dmarc_policy policy;	/* what applies to the domain: p, sp or np */
	bool testing;
	bool strict_dkim;
	bool strict_spf;
	char org[DOMAIN_SIZE];		/* organizational domain; "": unknown */
	char record_at[DOMAIN_SIZE];	/* whose record it is; "": none */
	bool several;		/* more than one record somewhere: all ignored */
	unsigned queries;
	unsigned ttl_s;		/* how long the finding holds */
};

/*
 * Finds both for domain (A-label form) and calls then(arg, finding) once, from
 * the collector or at once from this thread; finding lives as long as the
 * call. Nothing blocks. -1 without memory (then isn't called).
 */
int dmarc_find(struct resolver *r, const char *domain,
    void (*then)(void *arg, const struct dmarc_finding *f), void *arg);

#endif
