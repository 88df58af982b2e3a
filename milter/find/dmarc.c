/* SPDX-License-Identifier: ISC */
/*
 * DMARC records, the DNS tree walk, and what follows from it: the policy that
 * applies to a domain, and its organizational domain. RFC 9989, sections 4.7
 * (tags), 4.10 (tree walk), 4.10.1 (policy), 4.10.2 (organizational domain).
 *
 * The walk queries _dmarc.NAME for the domain, then for each of its parents;
 * for a domain of more than eight labels the first parent has seven. A record
 * with psd=n or psd=y ends it. Each query is a continuation of the previous
 * one, so no thread waits. If the policy for a nonexistent name differs from
 * that for others (np), one more query tells whether the domain exists (RFC
 * 8020: any answer but NXDOMAIN).
 *
 * A DNS failure ends the walk: what is certain without the rest is reported,
 * the rest is unknown.
 *
 * Records are untrusted text. A record begins with "v=DMARC1" (the tag name in
 * either case, its value exactly so, 4.8); two of them at one name count as
 * none. Unreadable tags are skipped one by one, as the RFC requires, so
 * base/taglist, which rejects the whole list, is not used here. A missing p=
 * is "none"; with an unreadable p=, the record counts as "none" if it requests
 * reports, and otherwise not as a policy at all.
 */
#include "find/dmarc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "find/rdata.h"

enum { TREE_LABELS = 7, TTL_MAX = 3600 };

static const char VERSION[] = "DMARC1";

/* A part of a record's text. */
struct span {
	const char *s;
	size_t len;
};

struct walk {
	struct resolver *r;
	void (*then)(void *arg, const struct dmarc_finding *f);
	void *arg;
	char domain[DOMAIN_SIZE];
	/* points into domain: whose record is looked up */
	const char *target;
	struct {
		const char *at;		/* into domain */
		struct dmarc_record record;
	/* from the longest name to the shortest */
	} found[DMARC_QUERIES_MAX];
	size_t n;
	const struct dmarc_record *applies;	/* into found; NULL: none */
	struct dmarc_finding f;
};

static void ask(struct walk *w);

static const char *const policy_names[] = {
	[DMARC_POLICY_UNKNOWN] = "unknown",
	[DMARC_POLICY_ABSENT] = "none",
	[DMARC_POLICY_NONE] = "none",
	[DMARC_POLICY_QUARANTINE] = "quarantine",
	[DMARC_POLICY_REJECT] = "reject",
};

const char *
dmarc_policy_name(enum dmarc_policy p)
{
	return policy_names[p];
}

static struct span
trimmed(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct span){ s, (size_t)(end - s) };
}

static bool
span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.s, word, s.len) == 0;
}

/* Takes the next "name = value" up to ";" from [*p, end); false at the end. A
 * piece without "=" has an empty name. */
static bool
next_tag(const char **p, const char *end, struct span *name,
    struct span *value)
{
	const char *stop, *equals;

	if (*p >= end)
		return false;
	stop = memchr(*p, ';', (size_t)(end - *p));
	if (stop == NULL)
		stop = end;
	equals = memchr(*p, '=', (size_t)(stop - *p));
	*name = (struct span){ *p, 0 };
	*value = *name;
	if (equals != NULL) {
		*name = trimmed(*p, equals);
		*value = trimmed(equals + 1, stop);
	}
	*p = stop + 1;
	return true;
}

static enum dmarc_policy
read_policy(struct span value, bool *is_bad)
{
	if (span_is(value, "none"))
		return DMARC_POLICY_NONE;
	if (span_is(value, "quarantine"))
		return DMARC_POLICY_QUARANTINE;
	if (span_is(value, "reject"))
		return DMARC_POLICY_REJECT;
	*is_bad = true;
	return DMARC_POLICY_ABSENT;
}

/* Returns true if it contains a URI: a scheme, ":" and more. */
static bool
has_uri(struct span value)
{
	const char *colon = memchr(value.s, ':', value.len);

	return colon != NULL && colon > value.s &&
	    colon + 1 < value.s + value.len;
}

static void
read_tag(struct dmarc_record *d, struct span name, struct span value)
{
	if (span_is(name, "p"))
		d->p = read_policy(value, &d->bad_policy);
	else if (span_is(name, "sp"))
		d->sp = read_policy(value, &d->bad_policy);
	else if (span_is(name, "np"))
		d->np = read_policy(value, &d->bad_policy);
	else if (span_is(name, "rua"))
		d->has_rua = has_uri(value);
	else if (span_is(name, "t"))
		d->testing = span_is(value, "y");
	else if (span_is(name, "adkim"))
		d->strict_dkim = span_is(value, "s");
	else if (span_is(name, "aspf"))
		d->strict_spf = span_is(value, "s");
	else if (span_is(name, "psd"))
		d->psd = span_is(value, "y") ? DMARC_PSD_YES :
		    span_is(value, "n") ? DMARC_PSD_NO : DMARC_PSD_UNSAID;
}

/* Returns the bit of a known tag with this name; 0 for others. */
static unsigned
tag_bit(struct span name)
{
	static const char *const known[] = {
		"p", "sp", "np", "rua", "t", "adkim", "aspf", "psd",
	};

	for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
		if (span_is(name, known[i]))
			return 1u << i;
	return 0;
}

int
dmarc_record_parse(struct dmarc_record *d, const char *s, size_t len)
{
	const char *p = s, *end = s + len;
	struct span name, value;
	unsigned seen = 0;

	*d = (struct dmarc_record){
		.p = DMARC_POLICY_ABSENT, .sp = DMARC_POLICY_ABSENT,
		.np = DMARC_POLICY_ABSENT,
	};
	if (len == 0 || (s[0] != 'v' && s[0] != 'V') || !next_tag(&p, end, &name, &value))
		return -1;
	if (name.len != 1 || value.len != sizeof VERSION - 1 ||
	    memcmp(value.s, VERSION, value.len) != 0)
		return -1;
	while (next_tag(&p, end, &name, &value)) {
		unsigned bit = tag_bit(name);

		if (bit == 0 || (seen & bit) != 0)
			continue;
		seen |= bit;
		read_tag(d, name, value);
	}
	return 0;
}

/* Finds the record among the TXT records of one name: 1, or 0 if there is none
 * or more than one. */
static int
pick_record(const struct answer *a, struct dmarc_record *d, bool *several)
{
	unsigned found = 0;

	for (size_t i = 0; i < a->n; i++) {
		struct dmarc_record one;
		size_t len;
		char *txt = rdata_txt(&a->rdata[i], &len);

		if (txt != NULL && dmarc_record_parse(&one, txt, len) == 0) {
			*d = one;
			found++;
		}
		free(txt);
	}
	if (found > 1)
		*several = true;
	return found == 1;
}

static void
finish(struct walk *w)
{
	if (w->f.policy == DMARC_POLICY_UNKNOWN || w->f.org[0] == '\0')
		w->f.ttl_s = 0;
	w->then(w->arg, &w->f);
	free(w);
}

/* Returns the part of domain that is one label longer than parent. */
static const char *
one_below(const char *domain, const char *parent)
{
	const char *p = parent;

	if (p == domain)
		return p;
	for (p--; p > domain && p[-1] != '.'; p--)
		;
	return p;
}

/* The organizational domain according to the walk (4.10.2). */
static const char *
organization(const struct walk *w)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->found[i].record.psd == DMARC_PSD_NO)
			return w->found[i].at;
		if (w->found[i].record.psd == DMARC_PSD_YES &&
		    w->found[i].at != w->domain)
			return one_below(w->domain, w->found[i].at);
	}
	return w->n > 0 ? w->found[w->n - 1].at : w->domain;
}

/* The record that applies (4.10.1): the domain's own, that of its
 * organizational domain, or that of its public suffix. */
static void
pick_applying(struct walk *w, const char *org)
{
	for (size_t i = 0; i < w->n; i++) {
		bool is_own = w->found[i].at == w->domain;
		bool is_org = w->found[i].at == org;
		bool is_psd = w->found[i].record.psd == DMARC_PSD_YES;

		if (!is_own && !is_org && !is_psd)
			continue;
		w->applies = &w->found[i].record;
		snprintf(w->f.record_at, sizeof w->f.record_at, "%s",
		    w->found[i].at);
		return;
	}
}

/* The policy of a record for the domain; exists selects between sp and np. */
static enum dmarc_policy
effective(const struct dmarc_record *d, bool is_own, bool exists)
{
	enum dmarc_policy p = d->p;

	if (d->bad_policy)
		return d->has_rua ? DMARC_POLICY_NONE : DMARC_POLICY_ABSENT;
	if (!is_own && d->sp != DMARC_POLICY_ABSENT)
		p = d->sp;
	if (!is_own && !exists && d->np != DMARC_POLICY_ABSENT)
		p = d->np;
	return p == DMARC_POLICY_ABSENT ? DMARC_POLICY_NONE : p;
}

static void
on_existence(void *arg, const struct answer *a)
{
	struct walk *w = arg;

	switch (a->status) {
	case ANSWER_DATA:
	case ANSWER_NODATA:
		w->f.policy = effective(w->applies, false, true);
		break;
	case ANSWER_NXDOMAIN:
		w->f.policy = effective(w->applies, false, false);
		break;
	case ANSWER_SERVFAIL:
	case ANSWER_TIMEOUT:
	case ANSWER_BOGUS:
	case ANSWER_BAD_NAME:
		w->f.policy = DMARC_POLICY_UNKNOWN;
		break;
	}
	if (a->ttl_s < w->f.ttl_s)
		w->f.ttl_s = a->ttl_s;
	finish(w);
}

/* Determines the policy from the record that applies. Afterwards either
 * everything is done, or on_existence() will do the rest. */
static void
conclude_policy(struct walk *w)
{
	const struct dmarc_record *d = w->applies;
	bool is_own = strcmp(w->f.record_at, w->domain) == 0;

	w->f.testing = d->testing;
	w->f.strict_dkim = d->strict_dkim;
	w->f.strict_spf = d->strict_spf;
	if (effective(d, is_own, true) == effective(d, is_own, false))
		w->f.policy = effective(d, is_own, true);
	else if (resolver_ask_then(w->r, w->domain, DNS_A, on_existence,
	    w) == 0)
		return;
	finish(w);
}

/* Ends the walk. failed: it was cut short, and only the domain's own record is
 * certain to apply. */
static void
conclude(struct walk *w, bool failed)
{
	const char *org = organization(w);

	pick_applying(w, failed ? w->domain : org);
	if (!failed) {
		snprintf(w->f.org, sizeof w->f.org, "%s", org);
		if (w->applies == NULL)
			w->f.policy = DMARC_POLICY_ABSENT;
	}
	if (w->applies != NULL)
		conclude_policy(w);
	else
		finish(w);
}

/* Whose record comes after target's; NULL at the end of the walk. */
static const char *
next_target(const struct walk *w)
{
	const char *p = domain_parent(w->target);

	if (w->target != w->domain)
		return p;
	while (p != NULL && domain_labels(p) > TREE_LABELS)
		p = domain_parent(p);
	return p;
}

static void
on_record(void *arg, const struct answer *a)
{
	struct walk *w = arg;
	struct dmarc_record d;
	bool ends = false;

	switch (a->status) {
	case ANSWER_SERVFAIL:
	case ANSWER_TIMEOUT:
	case ANSWER_BOGUS:
		conclude(w, true);
		return;
	case ANSWER_DATA:
	case ANSWER_NODATA:
	case ANSWER_NXDOMAIN:
	case ANSWER_BAD_NAME:
		break;
	}
	if (a->ttl_s < w->f.ttl_s && a->status != ANSWER_BAD_NAME)
		w->f.ttl_s = a->ttl_s;
	if (a->status == ANSWER_DATA &&
	    pick_record(a, &d, &w->f.several) == 1) {
		w->found[w->n].at = w->target;
		w->found[w->n].record = d;
		w->n++;
		ends = d.psd != DMARC_PSD_UNSAID;
	}
	w->target = next_target(w);
	if (ends || w->target == NULL)
		conclude(w, false);
	else
		ask(w);
}

/* Queries target's record, or continues if no such name can exist. */
static void
ask(struct walk *w)
{
	char name[sizeof "_dmarc." + DOMAIN_SIZE];

	w->f.queries++;
	snprintf(name, sizeof name, "_dmarc.%s", w->target);
	if (resolver_ask_then(w->r, name, DNS_TXT, on_record, w) < 0)
		conclude(w, true);
}

int
dmarc_find(struct resolver *r, const char *domain,
    void (*then)(void *arg, const struct dmarc_finding *f), void *arg)
{
	struct walk *w = calloc(1, sizeof *w);

	if (w == NULL)
		return -1;
	w->r = r;
	w->then = then;
	w->arg = arg;
	snprintf(w->domain, sizeof w->domain, "%s", domain);
	w->target = w->domain;
	w->f.ttl_s = TTL_MAX;
	ask(w);
	return 0;
}
