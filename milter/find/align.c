/* SPDX-License-Identifier: ISC */
/*
 * Alignment and the DMARC verdict of RFC 9989 (3.2.10, 5.3.5). Pure rules on
 * facts found elsewhere; no look-ups.
 *
 *	policy		identifier		verdict
 *	unknown		any			unknown
 *	absent		any			none
 *	a record	one passes, aligned	pass
 *			none can any more	fail
 *			one is not known yet	unknown
 *
 * Only RSA signatures count: Gmail and Microsoft do not verify Ed25519. If DNS
 * lacks the key, no receiver can verify the signature.
 */
#include "find/align.h"

#include <stddef.h>
#include <string.h>

#include "base/domain.h"

/* Whether an identifier makes DMARC pass. */
enum outlook { WONT, MAY, WILL };

static const char *const align_names[] = {
	[ALIGN_UNKNOWN] = "unknown",
	[ALIGN_NONE] = "none",
	[ALIGN_RELAXED] = "relaxed",
	[ALIGN_STRICT] = "strict",
};

static const char *const verdict_names[] = {
	[DMARC_UNKNOWN] = "unknown",
	[DMARC_NONE] = "none",
	[DMARC_FAIL] = "fail",
	[DMARC_PASS] = "pass",
};

const char *
align_name(enum align a)
{
	return align_names[a];
}

const char *
dmarc_verdict_name(enum dmarc_verdict v)
{
	return verdict_names[v];
}

static bool
is_empty(const char *s)
{
	return s == NULL || s[0] == '\0';
}

enum align
align_of(const char *author, const char *author_org, const char *domain,
    const char *org)
{
	if (is_empty(author) || is_empty(domain))
		return ALIGN_NONE;
	if (domain_equal(author, domain))
		return ALIGN_STRICT;
	if (is_empty(author_org) || is_empty(org))
		return ALIGN_UNKNOWN;
	return domain_equal(author_org, org) ? ALIGN_RELAXED : ALIGN_NONE;
}

/* The same for an alignment, under a strict or relaxed policy. */
static enum outlook
outlook_of_align(enum align a, bool strict)
{
	switch (a) {
	case ALIGN_STRICT:
		return WILL;
	case ALIGN_RELAXED:
		return strict ? WONT : WILL;
	case ALIGN_NONE:
		return WONT;
	case ALIGN_UNKNOWN:
		break;
	}
	return strict ? WONT : MAY;	/* unknown, but not equal */
}

static enum outlook
outlook_of_spf(enum spf_result r)
{
	switch (r) {
	case SPF_PASS:
		return WILL;
	case SPF_UNCHECKED:
	case SPF_TEMPERROR:
		return MAY;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR:
		break;
	}
	return WONT;
}

static enum outlook
outlook_of_key(enum published_state s)
{
	switch (s) {
	case PUBLISHED_YES:
		return WILL;
	case PUBLISHED_UNKNOWN:
		return MAY;
	case PUBLISHED_MISSING:
	case PUBLISHED_DIFFERS:
		break;
	}
	return WONT;
}

/* An identifier passes DMARC if it passes and is aligned: the worse of the two
 * decides. */
static enum outlook
worse(enum outlook a, enum outlook b)
{
	return a < b ? a : b;
}

enum dmarc_verdict
align_verdict(const struct align_inputs *in)
{
	const struct dmarc_finding *p = in->policy;
	enum outlook spf, dkim = WONT;

	if (p == NULL || p->policy == DMARC_POLICY_UNKNOWN)
		return DMARC_UNKNOWN;
	if (p->policy == DMARC_POLICY_ABSENT)
		return DMARC_NONE;
	spf = worse(outlook_of_spf(in->spf),
	    outlook_of_align(in->spf_align, p->strict_spf));
	if (in->signs_rsa)
		dkim = worse(outlook_of_key(in->key),
		    outlook_of_align(in->dkim_align, p->strict_dkim));
	if (spf == WILL || dkim == WILL)
		return DMARC_PASS;
	return spf == MAY || dkim == MAY ? DMARC_UNKNOWN : DMARC_FAIL;
}

/* Pass is best, then unknown; the order of the rest does not matter. */
bool
align_is_worse(const struct align_outcome *a, const struct align_outcome *b)
{
	if (a->dmarc != b->dmarc)
		return a->dmarc == DMARC_FAIL || b->dmarc == DMARC_PASS;
	if (a->spf == b->spf)
		return false;
	return b->spf == SPF_PASS ||
	    (b->spf == SPF_UNCHECKED && a->spf != SPF_PASS);
}

struct align_outcome
align_over(enum family family, const struct align_outcome *v4,
    const struct align_outcome *v6)
{
	struct align_outcome o = { false, SPF_UNCHECKED, DMARC_UNKNOWN };

	if (v4 == NULL || (family == FAMILY_IPV6 && v6 != NULL))
		return v6 == NULL ? o : *v6;
	if (v6 == NULL || family == FAMILY_IPV4)
		return *v4;
	if (family == FAMILY_EITHER)
		return align_is_worse(v6, v4) ? *v6 : *v4;
	o.is_spf_known = v4->is_spf_known && v4->spf == v6->spf;
	o.spf = o.is_spf_known ? v4->spf : SPF_UNCHECKED;
	o.dmarc = v4->dmarc == v6->dmarc ? v4->dmarc : DMARC_UNKNOWN;
	return o;
}

const char *
align_spf_name(const struct align_outcome *o)
{
	return o->is_spf_known ? spf_result_name(o->spf) : "unknown";
}
