/* SPDX-License-Identifier: ISC */
/*
 * SPF and DMARC as a destination would see them: SPF of the sender's domain
 * for the address that mail leaves from, the policy of the author domain, the
 * alignment, the keys that DNS has. MAIL FROM and From: are one mailbox here.
 */
#include "tool/standing.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "config/identity.h"
#include "tool/asker.h"
#include "tool/halves.h"

/* The best of the identity's RSA keys, and how its domain aligns. */
static void
find_key(struct resolver *r, const struct identity *id, struct standing *out)
{
	struct dmarc_finding of_key;

	for (size_t i = 0; i < id->nkeys; i++) {
		const struct key *k = id->keys[i];
		struct published_query q = { .selector = k->selector,
			.domain = k->domain, .type = key_type(k->algorithm),
			.public_base64 = k->public_base64 };
		struct published_finding f;

		if (k->algorithm != KEY_RSA)
			continue;
		asker_published(r, &q, &f);
		if (!out->signs_rsa || f.state < out->key)
			out->key = f.state;
		out->signs_rsa = true;
	}
	asker_dmarc(r, id->domain, &of_key);
	out->dkim_align = align_of(out->from.domain, out->policy.org, id->domain,
	    of_key.org);
}

/* The mailbox to stand for: the one given, or the only domain's. */
static int
find_from(const char *from, const struct identity_table *t,
    struct address *out, struct err *err)
{
	char mailbox[ADDRESS_MAX];

	if (from == NULL && (t == NULL || identity_count(t) != 1))
		return err_set(err, EXIT_USAGE, "which sender? There isn't just "
		    "one domain with keys here: --from MAILBOX");
	if (from == NULL) {
		(void)snprintf(mailbox, sizeof mailbox, "postmaster@%s",
		    identity_at(t, 0)->domain);
		from = mailbox;
	}
	if (address_path(from, out) != 0 || out->domain[0] == '\0' ||
	    out->is_literal)
		return err_set(err, EXIT_DATA,
		    "\"%s\" is no mailbox of a domain", from);
	return 0;
}

int
standing_find(struct resolver *r, const struct config *c, const char *from,
    struct standing *out, struct err *err)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct identity_table *t = halves_read(c, &errors, &warnings);
	const struct identity *id = NULL;
	int rc;

	memset(out, 0, sizeof *out);
	rc = find_from(from, t, &out->from, err);
	if (rc == 0) {
		asker_dmarc(r, out->from.domain, &out->policy);
		id = t != NULL ? identity_find(t, out->from.domain) : NULL;
	}
	if (id != NULL)
		find_key(r, id, out);
	if (t == NULL) {
		/* there may be a key, and it can't be read from here */
		out->signs_rsa = true;
		out->key = PUBLISHED_UNKNOWN;
		out->dkim_align = ALIGN_STRICT;
	}
	identity_table_free(&t);
	err_list_free(&errors);
	err_list_free(&warnings);
	return rc;
}

static struct align_outcome
judge_address(struct resolver *r, const struct standing *s,
    const struct sender_transport *t, const struct ip *ip, bool is_relay)
{
	struct spf_query q = { .domain = s->from.domain, .ip = *ip,
		.helo = t->helo, .sender = s->from.text };
	struct spf_finding finding = { .result = SPF_UNCHECKED };
	struct align_inputs in = { .policy = &s->policy,
		.spf_align = is_relay ? ALIGN_NONE : ALIGN_STRICT,
		.signs_rsa = s->signs_rsa, .key = s->key,
		.dkim_align = s->dkim_align };

	if (!is_relay && ip_is_global(ip))
		spf_find(r, &q, clock_ms() + ASKER_PATIENCE_MS, &finding);
	in.spf = finding.result;
	return (struct align_outcome){ !is_relay, finding.result,
	    align_verdict(&in) };
}

/* Of several addresses that may be seen the worst. */
static struct align_outcome
judge_family(struct resolver *r, const struct standing *s,
    const struct sender_transport *t, enum ip_family family, bool is_relay)
{
	const struct sender_family *f = family == IP_6 ? &t->ip6 : &t->ip4;
	struct align_outcome worst = judge_address(r, s, t, &f->ip, is_relay);

	for (size_t i = 0; i < f->n_others && !is_relay; i++) {
		struct align_outcome o = judge_address(r, s, t, &f->other[i],
		    false);

		if (align_is_worse(&o, &worst))
			worst = o;
	}
	return worst;
}

struct standing_words
standing_judge(struct resolver *r, const struct standing *s,
    const struct sender_transport *t, enum family family, bool is_relay)
{
	struct align_outcome v4, v6, o;
	bool by4 = family != FAMILY_IPV6 && t->rules.can_ipv4;
	bool by6 = family != FAMILY_IPV4 && t->rules.can_ipv6;

	if (family == FAMILY_NONE)
		return (struct standing_words){ NULL, NULL };
	if (by4)
		v4 = judge_family(r, s, t, IP_4, is_relay);
	if (by6)
		v6 = judge_family(r, s, t, IP_6, is_relay);
	o = align_over(family, by4 ? &v4 : NULL, by6 ? &v6 : NULL);
	return (struct standing_words){ align_spf_name(&o),
	    dmarc_verdict_name(o.dmarc) };
}
