/* SPDX-License-Identifier: ISC */
/*
 * The log contains everything. What leaves with a message reveals nothing that
 * its recipients should not know: no user, no client, no local part, no next
 * hop and no host of a relay.
 */
#include "tags.h"

#include <stdio.h>
#include <string.h>

static void
tag_add(const struct tag_writer *w, const char *name, const char *value)
{
	w->add(w->arg, name, value);
}

static void
tag_add_number(const struct tag_writer *w, const char *name, unsigned value)
{
	char text[16];

	(void)snprintf(text, sizeof text, "%u", value);
	tag_add(w, name, text);
}

void
tags_of_sender(const struct survey_sender *s, const char *host,
    const struct tag_writer *w)
{
	char ip[IP_SIZE];

	if (w->is_public)
		tag_add(w, "host", host);
	tag_add(w, "mailfrom", s->mailfrom);
	if (s->helo != NULL)
		tag_add(w, "helo", s->helo);
	if (w->is_public && s->author[0] != '\0')
		tag_add(w, "from", s->author);
	tag_add(w, "align", align_name(s->align));
	tag_add(w, "policy", dmarc_policy_name(s->policy));
	tag_add(w, "ip4", ip_format(&s->ip4.ip, ip));
	if (s->ip4.ip.family != IP_NONE) {
		tag_add(w, "spf4", spf_result_name(s->ip4.spf));
		tag_add(w, "dmarc4", dmarc_verdict_name(s->ip4.dmarc));
	}
	tag_add(w, "ip6", ip_format(&s->ip6.ip, ip));
	if (s->ip6.ip.family != IP_NONE) {
		tag_add(w, "spf6", spf_result_name(s->ip6.spf));
		tag_add(w, "dmarc6", dmarc_verdict_name(s->ip6.dmarc));
	}
	tag_add(w, "key", s->is_signed ? published_state_name(s->key) :
	    "none");
}

/* The MX hosts and the name of a relay are internal. */
static bool
hides_host(const struct survey_route *r)
{
	return r->destination.is_relay || r->prediction.why == WHY_RELAY ||
	    r->prediction.why == WHY_LITERAL;
}

static void
add_host(const struct prediction *p, const struct tag_writer *w)
{
	if (p->mx[0] != '\0')
		tag_add(w, "mx", p->mx);
}

void
tags_of_route(const struct survey_route *r, const struct tag_writer *w)
{
	const struct destination *d = &r->destination;
	const struct prediction *p = &r->prediction;

	tag_add(w, "dest", d->domain);
	if (!w->is_public && d->transport[0] != '\0')
		tag_add(w, "transport", d->transport);
	tag_add(w, "family", family_name(p->family));
	tag_add(w, "why", family_why_name(p->why));
	if (p->family == FAMILY_EITHER)
		tag_add_number(w, "p6", p->p6);
	if (r->route != NULL) {
		tag_add_number(w, "mxs", r->route->mxs);
		tag_add_number(w, "a", r->route->a);
		tag_add_number(w, "aaaa", r->route->aaaa);
	}
	if (w->is_public && !hides_host(r))
		add_host(p, w);
	if (p->family != FAMILY_NONE) {
		tag_add(w, "spf", align_spf_name(&r->outcome));
		tag_add(w, "dmarc", dmarc_verdict_name(r->outcome.dmarc));
	}
	if (w->is_public)
		return;
	/* Long names come last in a line: they may fill it. */
	if (d->nexthop[0] != '\0' && strcmp(d->nexthop, d->domain) != 0)
		tag_add(w, "nexthop", d->nexthop);
	add_host(p, w);
}
