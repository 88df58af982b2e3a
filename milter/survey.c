/* SPDX-License-Identifier: ISC */
/*
 * What is found out of one message.
 *
 *	at MAIL		SPF of the MAIL FROM domain, if it is ours
 *	at RCPT		the route of each destination; SPF over its transport
 *	end of header	the author's policy and keys are read; the rest is
 *			waited for
 *
 * Ours is a domain that has an identity here, or lies below one: what a user
 * who may log in writes into MAIL FROM must not choose whose records are
 * read. Another one is asked about only when it can be, and then is, aligned
 * with an author domain that is ours. The name that smtp(8) says itself, which
 * is judged under MAIL FROM:<> (RFC 7208 2.4), is always ours.
 *
 * SPF is judged once for each own address and name ("check"), which most
 * transports share.
 *
 * What depends on the author alone is kept fresh by the inquiry: it is read
 * and never waited for.
 */
#include "survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/domain.h"
#include "find/facts.h"
#include "inquiry.h"
#include "visible.h"

/* Number of labels that two domains must share to possibly have the same
 * organizational domain (a top-level domain is not one). */
enum { SHARED_LABELS_MIN = 2 };

/* SPF of one name for one outbound address. */
struct check {
	const struct sender_transport *transport;	/* whose name it is */
	struct ip ip;
	bool is_used;			/* this message may leave from it */
	char domain[DOMAIN_SIZE];	/* what SPF checks; "": nothing */
	struct fact *spf_fact;
	struct fact *org_fact;
	const struct spf_finding *spf;
	enum align align;
	enum dmarc_verdict dmarc;
};

struct survey {
	struct budget *budget;		/* of the message */
	const struct state *state;
	struct inquiry *inquiry;	/* the state's, or NULL */
	struct address mailfrom;
	char *party;			/* who sends, for fairness */
	bool is_ours;			/* MAIL FROM may be queried */
	int64_t deadline_ms;

	struct survey_route *route;
	struct fact **fact;		/* one for each route */
	enum why *absent;		/* likewise: why it has none */
	size_t nroutes, room;
	bool is_over;			/* there are more destinations */
	struct visible visible;

	struct check check[SURVEY_CHECKS_MAX];	/* those in use come first */
	struct survey_family address[SURVEY_CHECKS_MAX];
	size_t nchecks, naddresses;

	char login[DOMAIN_SIZE];	/* used for MAIL FROM:<>, or "" */
	struct fact *login_fact;	/* its policy */
	enum align login_align;

	struct fact *policy_fact;	/* of the author domain */
	struct fact *identity_fact;	/* policy of the signing domain */
	const struct dmarc_finding *policy;
	enum align dkim_align;
	struct gate_key *key;
	size_t nkeys;

	struct survey_sender sender;
};

static bool
is_null(const struct survey *v)
{
	return v->mailfrom.text[0] == '\0';
}

/* Returns true if the domain, or one above it, has an identity here. */
static bool
domain_is_ours(const struct state *s, const char *domain)
{
	for (const char *d = domain; d != NULL && *d != '\0';
	    d = domain_parent(d)) {
		if (identity_find(state_identities(s), d) != NULL)
			return true;
	}
	return false;
}

static void
ask_spf(struct survey *v, struct check *c)
{
	if (c->spf_fact == NULL && ip_is_global(&c->ip) &&
	    c->domain[0] != '\0')
		c->spf_fact = inquiry_spf(v->inquiry, c->domain, &c->ip,
		    c->transport->helo, v->party);
}

static const struct sender_family *
family_by(const struct sender_transport *t, enum ip_family family)
{
	return family == IP_6 ? &t->ip6 : &t->ip4;
}

/* Returns the check for mail that leaves through this transport from this
 * address; NULL if there is none. */
static struct check *
find_check(struct survey *v, const struct sender_transport *t,
    const struct ip *ip)
{
	for (size_t i = 0; i < v->nchecks; i++) {
		struct check *c = &v->check[i];

		if (ip_equal(&c->ip, ip) &&
		    strcmp(c->transport->helo, t->helo) == 0)
			return c;
	}
	return NULL;
}

/* Begins a check, unless there are too many. */
static void
check_address(struct survey *v, const struct sender_transport *t,
    const struct ip *ip, bool is_used)
{
	struct check *c;

	if (find_check(v, t, ip) != NULL || v->nchecks == SURVEY_CHECKS_MAX)
		return;
	c = &v->check[v->nchecks++];
	c->transport = t;
	c->ip = *ip;
	c->is_used = is_used;
	if (is_null(v))
		(void)domain_to_ascii(t->helo, c->domain);
	else if (!v->mailfrom.is_literal)
		memcpy(c->domain, v->mailfrom.domain, sizeof c->domain);
	if (v->is_ours)
		ask_spf(v, c);
}

static void
check_family(struct survey *v, const struct sender_transport *t,
    enum ip_family family)
{
	const struct sender_family *f = family_by(t, family);

	check_address(v, t, &f->ip, true);
	for (size_t i = 0; i < f->n_others; i++)
		check_address(v, t, &f->other[i], true);
}

static void
check_transport(struct survey *v, const struct sender_transport *t)
{
	check_family(v, t, IP_4);
	check_family(v, t, IP_6);
}

/* The outbound addresses that this message does not leave from: the operator
 * is told about them too. The name that smtp(8) sends there is not checked; it
 * may be a different one. */
static void
check_the_rest(struct survey *v, enum ip_family family)
{
	const struct sender *s = state_sender(v->state);
	size_t n;
	const struct ip *ip = sender_addresses(s, family, &n);

	for (size_t i = 0; i < n && !is_null(v); i++) {
		bool is_there = false;

		for (size_t k = 0; k < v->nchecks; k++)
			is_there |= ip_equal(&v->check[k].ip, &ip[i]);
		if (!is_there)
			check_address(v, sender_transport(s, NULL), &ip[i],
			    false);
	}
}

struct survey *
survey_new(const struct state *s, const struct address *mailfrom,
    const char *login, const char *party, struct budget *b)
{
	struct survey *v = calloc(1, sizeof *v);

	if (v != NULL)
		v->party = strdup(party);
	if (v == NULL || v->party == NULL) {
		free(v);
		return NULL;
	}
	v->budget = b;
	budget_charge(b, sizeof *v);
	v->state = s;
	v->inquiry = state_inquiry(s);
	v->mailfrom = *mailfrom;
	if (is_null(v))
		memcpy(v->login, login, strlen(login) + 1);
	v->is_ours = is_null(v) || domain_is_ours(s, mailfrom->domain);
	check_transport(v, sender_transport(state_sender(s), NULL));
	return v;
}

/* Per destination, in the three arrays. */
enum { ROUTE_BYTES = sizeof (struct survey_route) + sizeof (struct fact *) +
	sizeof (enum why) };

static int
make_room(struct survey *v)
{
	size_t room = v->room == 0 ? 4 : 2 * v->room;
	struct survey_route *route;
	struct fact **fact;
	enum why *absent;

	if (v->nroutes < v->room)
		return 0;
	if (budget_take(v->budget, (room - v->room) * ROUTE_BYTES) != 0)
		return -1;
	route = realloc(v->route, room * sizeof *route);
	if (route != NULL)
		v->route = route;
	fact = realloc(v->fact, room * sizeof *fact);
	if (fact != NULL)
		v->fact = fact;
	absent = realloc(v->absent, room * sizeof *absent);
	if (absent != NULL)
		v->absent = absent;
	if (route == NULL || fact == NULL || absent == NULL) {
		budget_give(v->budget, (room - v->room) * ROUTE_BYTES);
		return -1;
	}
	v->room = room;
	return 0;
}

static void
ask_route(struct survey *v, size_t i)
{
	struct survey_route *r = &v->route[i];
	char hops[SENDER_HOPS_SIZE];

	v->fact[i] = NULL;
	v->absent[i] = WHY_TIMEOUT;
	if (r->destination.kind != DESTINATION_REMOTE || v->inquiry == NULL)
		return;
	sender_hops(r->transport, r->destination.nexthop, hops);
	v->fact[i] = facts_unanswered(v->fact, v->nroutes) <
	    FACTS_UNANSWERED_MAX ?
	    inquiry_route(v->inquiry, hops, r->transport->no_mx, v->party) :
	    inquiry_known_route(v->inquiry, hops, r->transport->no_mx);
	if (v->fact[i] == NULL)
		v->absent[i] = WHY_BUSY;
}

/* Returns the index of the destination; nroutes if there is no room for it. */
static size_t
add_destination(struct survey *v, const struct destination *d)
{
	size_t i;

	for (i = 0; i < v->nroutes; i++) {
		if (destination_equal(&v->route[i].destination, d))
			return i;
	}
	if (v->nroutes == SURVEY_DESTINATIONS_MAX || make_room(v) != 0) {
		v->is_over = true;
		return v->nroutes;
	}
	v->nroutes++;
	v->route[i] = (struct survey_route){
		.destination = *d,
		.transport = sender_transport(state_sender(v->state),
		    d->transport),
	};
	ask_route(v, i);
	check_transport(v, v->route[i].transport);
	return i;
}

void
survey_add_recipient(struct survey *v, const char *arg, const char *host,
    const char *mailer)
{
	struct address recipient;
	struct destination d;
	size_t i;

	if (v->deadline_ms == 0)
		v->deadline_ms = clock_ms() +
		    state_config(v->state)->resolver.wait_ms;
	(void)address_path(arg, &recipient);
	destination_of(&recipient, host, mailer,
	    sender_destinations(state_sender(v->state)), &d);
	if (d.kind == DESTINATION_HERE)
		return;
	i = add_destination(v, &d);
	if (i < v->nroutes)
		visible_add(&v->visible, &recipient, i);
}

void
survey_show(struct survey *v, const char *value)
{
	visible_show(&v->visible, value);
}

/* Whether the two could have the same organizational domain. If not, no
 * look-up is needed. */
static bool
could_align(const char *a, const char *b)
{
	for (const char *d = a; d != NULL && *d != '\0' &&
	    domain_labels(d) >= SHARED_LABELS_MIN; d = domain_parent(d)) {
		if (domain_is_under(b, d))
			return true;
	}
	return false;
}

/* The organizational domain from the fact of a policy, or "". */
static const char *
org_of(struct fact *fact, int64_t deadline_ms)
{
	const struct dmarc_finding *f = fact_wait(fact, deadline_ms);

	return f == NULL ? "" : f->org;
}

/* Alignment of the author with domain, whose policy was looked up if needed. */
static enum align
align_with(const struct survey *v, const char *domain, struct fact *policy)
{
	const char *author = v->sender.author;

	if (!domain_equal(author, domain) && !could_align(author, domain))
		return ALIGN_NONE;
	return align_of(author, v->policy == NULL ? "" : v->policy->org,
	    domain, org_of(policy, v->deadline_ms));
}

/* What depends only on the author: read, not waited for. */
static void
read_author(struct survey *v, const char *author,
    const struct identity *identity)
{
	const char *org = "";

	v->sender.author = author;
	if (author[0] == '\0' || !domain_is_ours(v->state, author))
		return;
	v->policy_fact = inquiry_policy(v->inquiry, author, v->party);
	v->policy = fact_wait(v->policy_fact, 0);
	if (identity == NULL)
		return;
	if (!domain_equal(identity->domain, author)) {
		v->identity_fact = inquiry_policy(v->inquiry,
		    identity->domain, v->party);
		org = org_of(v->identity_fact, 0);
	}
	v->dkim_align = align_of(author, v->policy == NULL ? "" :
	    v->policy->org, identity->domain, org);
}

static void
read_keys(struct survey *v, const struct identity *identity)
{
	v->key = calloc(identity->nkeys, sizeof *v->key);
	if (v->key == NULL)
		return;
	v->nkeys = identity->nkeys;
	gate_read(v->inquiry, identity, true, v->key);
}

/* A domain other than the author's may be in the same organization. */
static struct fact *
ask_organization(const struct survey *v, const char *domain)
{
	const char *author = v->sender.author;

	return v->policy_fact != NULL && domain[0] != '\0' &&
	    !domain_equal(author, domain) && could_align(author, domain) ?
	    inquiry_policy(v->inquiry, domain, v->party) : NULL;
}

static void
ask_organizations(struct survey *v)
{
	v->login_fact = ask_organization(v, v->login);
	for (size_t i = 0; i < v->nchecks; i++)
		v->check[i].org_fact = ask_organization(v,
		    v->check[i].domain);
}

static void
find_checks(struct survey *v)
{
	v->login_align = align_with(v, v->login, v->login_fact);
	for (size_t i = 0; i < v->nchecks; i++) {
		struct check *c = &v->check[i];

		c->align = align_with(v, c->domain, c->org_fact);
		if (v->policy_fact != NULL && (c->align == ALIGN_STRICT ||
		    c->align == ALIGN_RELAXED))
			ask_spf(v, c);
	}
	for (size_t i = 0; i < v->nchecks; i++) {
		struct check *c = &v->check[i];

		c->spf = fact_wait(c->spf_fact, c->is_used ? v->deadline_ms :
		    0);
	}
}

/* Those that exceeded the limit get their turn as others are answered. */
static void
ask_the_rest(struct survey *v)
{
	for (size_t i = 0; i < v->nroutes; i++) {
		if (v->absent[i] != WHY_BUSY)
			continue;
		do {
			if (!facts_wait_room(v->fact, v->nroutes,
			    FACTS_UNANSWERED_MAX, v->deadline_ms) ||
			    !inquiry_wait_share(v->inquiry, v->party,
			    v->deadline_ms))
				return;
			ask_route(v, i);
			/* another message of the party may have been faster */
		} while (v->absent[i] == WHY_BUSY &&
		    !inquiry_wait_share(v->inquiry, v->party, 0));
	}
}

static void
find_routes(struct survey *v)
{
	ask_the_rest(v);
	for (size_t i = 0; i < v->nroutes; i++) {
		struct survey_route *r = &v->route[i];

		r->route = fact_wait(v->fact[i], v->deadline_ms);
		family_predict(&r->destination, r->route, v->absent[i],
		    &r->transport->rules, &r->prediction);
	}
}

static void
mark_shown(struct survey *v)
{
	bool *is_shown = calloc(v->nroutes + 1, sizeof *is_shown);

	if (is_shown == NULL)
		return;
	visible_mark(&v->visible, is_shown, v->nroutes);
	for (size_t i = 0; i < v->nroutes; i++)
		v->route[i].is_shown = is_shown[i];
	free(is_shown);
}

bool
survey_is_open(const struct survey *v)
{
	struct fact *asked[SURVEY_CHECKS_MAX];

	for (size_t i = 0; i < v->nchecks; i++)
		asked[i] = v->check[i].spf_fact;
	for (size_t i = 0; i < v->nroutes; i++) {
		if (v->absent[i] == WHY_BUSY)
			return true;
	}
	return facts_unanswered(v->fact, v->nroutes) > 0 ||
	    facts_unanswered(asked, v->nchecks) > 0;
}

void
survey_find(struct survey *v, const char *author,
    const struct identity *identity)
{
	check_the_rest(v, IP_4);
	check_the_rest(v, IP_6);
	read_author(v, author, identity);
	if (identity != NULL)
		read_keys(v, identity);
	ask_organizations(v);
	find_checks(v);
	find_routes(v);
	mark_shown(v);
}

enum align
survey_sender_align(const struct survey *v)
{
	return is_null(v) ? v->login_align : v->check[0].align;
}

const struct gate_key *
survey_keys(const struct survey *v, size_t *n)
{
	*n = v->nkeys;
	return v->key;
}

static enum spf_result
spf_of(const struct check *c)
{
	if (c->spf != NULL)
		return c->spf->result;
	return c->spf_fact != NULL ? SPF_TEMPERROR : SPF_UNCHECKED;
}

/* The best RSA key that signs, for DMARC. Returns false if none does. */
static bool
best_key(const struct survey *v, enum published_state *best)
{
	bool is_any = false;

	for (size_t i = 0; i < v->nkeys; i++) {
		const struct gate_key *k = &v->key[i];

		if (!k->signs || k->key->algorithm != KEY_RSA)
			continue;
		if (!is_any || k->state < *best)
			*best = k->state;
		is_any = true;
	}
	return is_any;
}

static struct align_inputs
common_inputs(const struct survey *v)
{
	struct align_inputs in = { .policy = v->policy,
	    .dkim_align = v->dkim_align };

	in.signs_rsa = v->sender.is_signed && best_key(v, &in.key);
	return in;
}

static struct survey_family
family_of(const struct check *c)
{
	return (struct survey_family){ .ip = c->ip, .domain = c->domain,
	    .spf = spf_of(c), .dmarc = c->dmarc, .finding = c->spf };
}

static struct align_outcome
outcome_of(const struct check *c)
{
	return (struct align_outcome){ true, spf_of(c), c->dmarc };
}

/* Of the addresses that others may see for this transport, the one with the
 * worst result. NULL: there were too many to check. */
static const struct check *
worst_check(struct survey *v, const struct sender_transport *t,
    enum ip_family family)
{
	const struct sender_family *f = family_by(t, family);
	const struct check *worst = find_check(v, t, &f->ip);

	for (size_t i = 0; i < f->n_others && worst != NULL; i++) {
		const struct check *c = find_check(v, t, &f->other[i]);
		struct align_outcome a, b = outcome_of(worst);

		if (c == NULL)
			continue;
		a = outcome_of(c);
		if (align_is_worse(&a, &b))
			worst = c;
	}
	return worst;
}

static void
judge_sender(struct survey *v)
{
	struct survey_sender *s = &v->sender;
	const struct sender_transport *t =
	    sender_transport(state_sender(v->state), NULL);

	s->mailfrom = is_null(v) ? "<>" : v->mailfrom.domain;
	s->helo = is_null(v) ? t->helo : NULL;
	s->spf_domain = v->check[0].domain;
	s->align = v->check[0].align;
	s->policy = v->policy == NULL ? DMARC_POLICY_UNKNOWN :
	    v->policy->policy;
	s->key = PUBLISHED_YES;
	for (size_t i = 0; i < v->nkeys; i++) {
		if (v->key[i].signs && v->key[i].state > s->key)
			s->key = v->key[i].state;
	}
	/* The ones begun first: they exist. */
	s->ip4 = family_of(worst_check(v, t, IP_4));
	s->ip6 = family_of(worst_check(v, t, IP_6));
	for (size_t i = 0; i < v->nchecks; i++) {
		if (v->check[i].ip.family != IP_NONE)
			v->address[v->naddresses++] = family_of(&v->check[i]);
	}
}

/* What a destination will find in mail over this transport and family. */
static struct align_outcome
outcome_over(struct survey *v, const struct survey_route *r,
    enum ip_family family)
{
	const struct check *c = worst_check(v, r->transport, family);
	struct align_outcome o = { false, SPF_UNCHECKED, DMARC_UNKNOWN };

	if (r->destination.is_relay) {
		struct align_inputs in = common_inputs(v);

		in.spf_align = ALIGN_NONE;
		o.dmarc = align_verdict(&in);
	} else if (c != NULL) {
		o = outcome_of(c);
	}
	return o;
}

static void
judge_route(struct survey *v, struct survey_route *r)
{
	const struct family_rules *rules = &r->transport->rules;
	struct align_outcome v4, v6;

	if (r->prediction.family == FAMILY_NONE)
		return;
	v4 = outcome_over(v, r, IP_4);
	v6 = outcome_over(v, r, IP_6);
	r->outcome = align_over(r->prediction.family,
	    rules->can_ipv4 ? &v4 : NULL, rules->can_ipv6 ? &v6 : NULL);
	if (r->prediction.family == FAMILY_IPV6 && rules->can_ipv4)
		r->other = v4;
	if (r->prediction.family == FAMILY_IPV4 && rules->can_ipv6)
		r->other = v6;
}

void
survey_judge(struct survey *v, bool is_signed)
{
	v->sender.is_signed = is_signed;
	for (size_t i = 0; i < v->nchecks; i++) {
		struct check *c = &v->check[i];
		struct align_inputs in = common_inputs(v);

		in.spf = spf_of(c);
		in.spf_align = c->align;
		c->dmarc = align_verdict(&in);
	}
	judge_sender(v);
	for (size_t i = 0; i < v->nroutes; i++)
		judge_route(v, &v->route[i]);
}

const struct survey_sender *
survey_sender(const struct survey *v)
{
	return &v->sender;
}

const struct survey_route *
survey_routes(const struct survey *v, size_t *n)
{
	*n = v->nroutes;
	return v->route;
}

const struct survey_family *
survey_addresses(const struct survey *v, size_t *n)
{
	*n = v->naddresses;
	return v->address;
}

size_t
survey_destinations(const struct survey *v)
{
	return v->nroutes + v->is_over;
}

void
survey_free(struct survey **survey)
{
	struct survey *v = *survey;

	if (v == NULL)
		return;
	for (size_t i = 0; i < v->nchecks; i++) {
		fact_done(&v->check[i].spf_fact);
		fact_done(&v->check[i].org_fact);
	}
	for (size_t i = 0; i < v->nroutes; i++)
		fact_done(&v->fact[i]);
	fact_done(&v->login_fact);
	fact_done(&v->policy_fact);
	fact_done(&v->identity_fact);
	visible_free(&v->visible);
	free(v->route);
	free(v->fact);
	free(v->absent);
	free(v->party);
	free(v->key);
	budget_give(v->budget, sizeof *v + v->room * ROUTE_BYTES);
	free(v);
	*survey = NULL;
}
