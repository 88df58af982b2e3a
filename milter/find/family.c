/* SPDX-License-Identifier: ISC */
/*
 * The family of smtp(8)'s first attempt. Precondition: what DNS says is in
 * the route. The rule, in Postfix's order:
 *
 *	1 of each host, the addresses of the families in inet_protocols; a
 *	  host without any is passed over, whatever its look-ups said
 *	2 port 25: hosts as good as the best one that has an address of this
 *	  host itself, and worse ones, are cut off
 *	3 (ours) addresses of a family in which nothing can leave this host
 *	4 of the best preference left, one family or two?
 *	  one family ................. that one
 *	  both, preference is set .... that one
 *	  both, "any" ................ a chance, by the number of addresses;
 *					 without shuffling A comes before AAAA
 *
 * A next hop that leads nowhere gives way to the next one of the list, unless
 * the mail would come back to this host. Nothing that follows the first
 * attempt (smtp_mx_address_limit, balancing, cached connections) is told.
 *
 * The reason is the first that holds: relay or literal; the preference where
 * both families were there; else what the other family lacks among the hosts
 * up to the chosen preference: a way out of here, an answer, a record.
 */
#include "find/family.h"

#include <string.h>

#include "base/text.h"

static const char *const family_word[] = {
	[FAMILY_IPV6] = "ipv6",
	[FAMILY_IPV4] = "ipv4",
	[FAMILY_EITHER] = "either",
	[FAMILY_NONE] = "none",
	[FAMILY_UNKNOWN] = "unknown",
};

static const char *const why_word[] = {
	[WHY_PREFER_IPV6] = "prefer-ipv6",
	[WHY_PREFER_IPV4] = "prefer-ipv4",
	[WHY_ANY] = "any",
	[WHY_NO_AAAA] = "no-aaaa",
	[WHY_NO_A] = "no-a",
	[WHY_NO_IPV6_HERE] = "no-ipv6-here",
	[WHY_NO_IPV4_HERE] = "no-ipv4-here",
	[WHY_NULL_MX] = "null-mx",
	[WHY_NXDOMAIN] = "nxdomain",
	[WHY_NO_ADDRESS] = "no-address",
	[WHY_MX_IS_ME] = "mx-is-me",
	[WHY_FILTERED] = "filtered",
	[WHY_TIMEOUT] = "timeout",
	[WHY_SERVFAIL] = "servfail",
	[WHY_RELAY] = "relay",
	[WHY_LITERAL] = "literal",
	[WHY_TRANSPORT_MAPS] = "transport-maps",
	[WHY_BUSY] = "busy",
};

/* The hosts from which the first attempt is chosen. */
struct choice {
	unsigned preference;
	size_t a, aaaa;			/* addresses that can be tried */
	size_t hosts, v6_first;		/* hosts, and those without A */
	const char *mx4, *mx6;		/* first by name with A, AAAA */
};

static bool
has_own(const struct ip *ip, size_t n, const struct family_rules *rules)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < rules->n_own; k++) {
			if (ip_equal(&ip[i], &rules->own[k]))
				return true;
		}
	}
	return false;
}

static bool
host_is_me(const struct route_host *h, const struct family_rules *rules)
{
	return (rules->ipv4 && has_own(h->a, h->n_a, rules)) ||
	    (rules->ipv6 && has_own(h->aaaa, h->n_aaaa, rules));
}

static bool
host_has_any(const struct route_host *h, const struct family_rules *rules)
{
	return (rules->ipv4 && h->n_a > 0) || (rules->ipv6 && h->n_aaaa > 0);
}

/* How many hosts of the hop count: those before the one that is this host. */
static size_t
hosts_before_me(const struct route_hop *hop, const struct family_rules *rules)
{
	size_t n = 0;

	if (!hop->hop.is_port_smtp)
		return hop->n_hosts;
	for (size_t i = 0; i < hop->n_hosts; i++) {
		if (hop->host[i].preference != hop->host[n].preference)
			n = i;
		if (host_is_me(&hop->host[i], rules))
			return n;
	}
	return hop->n_hosts;
}

static const char *
first_name(const char *a, const char *b)
{
	return a == NULL || strcmp(b, a) < 0 ? b : a;
}

/* The hosts of the best preference among the first n that have an address that
 * can be tried. */
static struct choice
choose(const struct route_hop *hop, size_t n, const struct family_rules *rules)
{
	struct choice c = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct route_host *h = &hop->host[i];
		size_t a = rules->ipv4 && rules->can_ipv4 ? h->n_a : 0;
		size_t aaaa = rules->ipv6 && rules->can_ipv6 ? h->n_aaaa : 0;

		if (a + aaaa == 0)
			continue;
		if (c.hosts > 0 && h->preference != c.preference)
			break;
		c.preference = h->preference;
		c.hosts++;
		c.a += a;
		c.aaaa += aaaa;
		c.v6_first += a == 0;
		if (a > 0)
			c.mx4 = first_name(c.mx4, h->name);
		if (aaaa > 0)
			c.mx6 = first_name(c.mx6, h->name);
	}
	return c;
}

/* The reason for a failed look-up; otherwise the given reason. */
static enum why
failure_or(enum answer_status s, enum why otherwise)
{
	switch (s) {
	case ANSWER_TIMEOUT:
		return WHY_TIMEOUT;
	case ANSWER_SERVFAIL:
	case ANSWER_BOGUS:
		return WHY_SERVFAIL;
	case ANSWER_DATA:
	case ANSWER_NODATA:
	case ANSWER_NXDOMAIN:
	case ANSWER_BAD_NAME:
		break;
	}
	return otherwise;
}

static bool
is_soft(enum why w)
{
	return w == WHY_TIMEOUT || w == WHY_SERVFAIL;
}

/* Why there is no address to try. */
static void
nothing_to_try(const struct route_hop *hop, const struct family_rules *rules,
    struct prediction *out)
{
	bool a = false, aaaa = false, nxdomain = hop->implicit;

	out->family = FAMILY_NONE;
	out->why = WHY_NO_ADDRESS;
	for (size_t i = 0; i < hop->n_hosts; i++) {
		const struct route_host *h = &hop->host[i];

		if (rules->ipv4 && !is_soft(out->why))
			out->why = failure_or(h->a_status, out->why);
		if (rules->ipv6 && !is_soft(out->why))
			out->why = failure_or(h->aaaa_status, out->why);
		a |= h->n_a > 0;
		aaaa |= h->n_aaaa > 0;
		nxdomain &= h->a_status == ANSWER_NXDOMAIN ||
		    h->aaaa_status == ANSWER_NXDOMAIN;
	}
	if (is_soft(out->why))
		out->family = FAMILY_UNKNOWN;
	else if (aaaa)
		out->why = WHY_NO_IPV6_HERE;
	else if (a)
		out->why = WHY_NO_IPV4_HERE;
	else if (nxdomain)
		out->why = WHY_NXDOMAIN;
}

/* Why the other family is not in the choice. */
static enum why
other_lacks(const struct route_hop *hop, const struct family_rules *rules,
    const struct choice *c, enum ip_family other)
{
	bool used = other == IP_6 ? rules->ipv6 : rules->ipv4;
	enum why why = other == IP_6 ? WHY_NO_AAAA : WHY_NO_A;

	for (size_t i = 0; i < hop->n_hosts; i++) {
		const struct route_host *h = &hop->host[i];

		if (h->preference > c->preference)
			break;
		if ((other == IP_6 ? h->n_aaaa : h->n_a) > 0)
			return other == IP_6 ? WHY_NO_IPV6_HERE : WHY_NO_IPV4_HERE;
		if (used && h->preference == c->preference)
			why = failure_or(other == IP_6 ? h->aaaa_status :
			    h->a_status, why);
	}
	return why;
}

/* Both families are available and none is preferred. */
static void
by_chance(const struct choice *c, const struct family_rules *rules,
    struct prediction *out)
{
	size_t part = rules->randomize ? c->aaaa : c->v6_first;
	size_t all = rules->randomize ? c->a + c->aaaa : c->hosts;

	out->why = WHY_ANY;
	out->family = part == 0 ? FAMILY_IPV4 : FAMILY_EITHER;
	if (out->family == FAMILY_EITHER)
		out->p6 = (unsigned)((100 * part + all / 2) / all);
}

static void
by_family(const struct route_hop *hop, const struct choice *c,
    const struct family_rules *rules, struct prediction *out)
{
	if (c->aaaa == 0) {
		out->family = FAMILY_IPV4;
		out->why = other_lacks(hop, rules, c, IP_6);
		return;
	}
	if (c->a == 0) {
		out->family = FAMILY_IPV6;
		out->why = other_lacks(hop, rules, c, IP_4);
		return;
	}
	switch (rules->preference) {
	case FAMILY_PREFER_IPV6:
		out->family = FAMILY_IPV6;
		out->why = WHY_PREFER_IPV6;
		break;
	case FAMILY_PREFER_IPV4:
		out->family = FAMILY_IPV4;
		out->why = WHY_PREFER_IPV4;
		break;
	case FAMILY_PREFER_ANY:
		by_chance(c, rules, out);
		break;
	}
}

static void
set_mx(const struct choice *c, struct prediction *out)
{
	const char *mx = c->mx6;

	if (out->family == FAMILY_IPV4 || mx == NULL)
		mx = c->mx4;
	else if (out->family == FAMILY_EITHER)
		mx = first_name(c->mx4, c->mx6);
	memcpy(out->mx, mx, strlen(mx) + 1);
}

/* Handles one hop. Returns false if it leads nowhere, and the next one of the
 * list is tried. */
static bool
predict_hop(const struct route_hop *hop, const struct family_rules *rules,
    struct prediction *out)
{
	size_t n = hosts_before_me(hop, rules);
	enum why failure = failure_or(hop->mx_status, WHY_NO_ADDRESS);
	struct choice c;
	bool any = false;

	out->family = FAMILY_NONE;
	if (is_soft(failure)) {
		out->family = FAMILY_UNKNOWN;
		out->why = failure;
		return false;
	}
	if (hop->null_mx || hop->mx_status == ANSWER_BAD_NAME) {
		out->why = hop->null_mx ? WHY_NULL_MX : WHY_NXDOMAIN;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		any |= host_has_any(&hop->host[i], rules);
	if (!any && n < hop->n_hosts) {
		out->why = WHY_MX_IS_ME;
		return true;
	}
	c = choose(hop, n, rules);
	if (c.hosts == 0) {
		nothing_to_try(hop, rules, out);
		return false;
	}
	by_family(hop, &c, rules, out);
	set_mx(&c, out);
	return true;
}

/* For a relay or literal, that is the reason. */
static void
settle_why(const struct destination *d, const struct route_hop *hop,
    struct prediction *out)
{
	if (out->family == FAMILY_NONE || out->family == FAMILY_UNKNOWN)
		return;
	if (d->is_relay || (!d->is_literal &&
	    !domain_equal(d->domain, hop->hop.host)))
		out->why = WHY_RELAY;
	else if (d->is_literal)
		out->why = WHY_LITERAL;
}

/* Returns false if the next hop is an address. */
static bool
asks_dns(const struct route *route)
{
	return route->n_hops == 0 || route->hop[0].hop.ip.family == IP_NONE;
}

const char *
family_name(enum family f)
{
	return family_word[f];
}

const char *
family_why_name(enum why w)
{
	return why_word[w];
}

int
family_preference_parse(const char *s, enum family_preference *out)
{
	if (text_equal_fold(s, "any"))
		*out = FAMILY_PREFER_ANY;
	else if (text_equal_fold(s, "ipv6"))
		*out = FAMILY_PREFER_IPV6;
	else if (text_equal_fold(s, "ipv4"))
		*out = FAMILY_PREFER_IPV4;
	else
		return -1;
	return 0;
}

void
family_predict(const struct destination *d, const struct route *route,
    enum why absent, const struct family_rules *rules, struct prediction *out)
{
	struct prediction first = { .family = FAMILY_NONE, .why = WHY_NO_ADDRESS };

	memset(out, 0, sizeof *out);
	out->family = FAMILY_UNKNOWN;
	if (d->kind == DESTINATION_UNTOLD) {
		out->why = WHY_TRANSPORT_MAPS;
		return;
	}
	if (d->kind == DESTINATION_BAD) {
		*out = first;
		return;
	}
	if (route == NULL) {
		out->why = absent;
		return;
	}
	if (rules->has_reply_filter && asks_dns(route)) {
		out->why = WHY_FILTERED;
		memcpy(out->mx, route->mx, sizeof out->mx);
		return;
	}
	for (size_t i = 0; i < route->n_hops; i++) {
		*out = (struct prediction){ 0 };
		if (predict_hop(&route->hop[i], rules, out)) {
			settle_why(d, &route->hop[i], out);
			break;
		}
		if (i == 0)
			first = *out;
		if (i + 1 == route->n_hops)
			*out = first;
	}
	if (route->n_hops == 0)
		*out = first;
	if (out->mx[0] == '\0')
		memcpy(out->mx, route->mx, sizeof out->mx);
}
