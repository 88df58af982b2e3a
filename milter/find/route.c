/* SPDX-License-Identifier: ISC */
/*
 * The way to a next hop by DNS: MX (RFC 5321, 5.1), null MX (RFC 7505),
 * implicit MX, then A and AAAA of every host. All of it are continuations of
 * the resolver: the hops of a list and the hosts of a hop are asked for at
 * once, and whichever answer is the last puts the route together.
 *
 *	"[host]", "[address]", no_mx ....... that host alone
 *	MX with data ........................ its hosts, the best ROUTE_HOSTS_MAX
 *	  one of them is "." ................ null MX, whatever else there is
 *	  a name that is an address ......... used as one (Postfix does)
 *	  a name that is no host name ....... left out (Postfix does)
 *	no MX, no such name ................. the name itself is the host
 *	any other answer .................... no host
 *
 * What a zone says costs at most DESTINATION_HOPS_MAX * (1 + 2 *
 * ROUTE_HOSTS_MAX) questions and as many times ROUTE_ADDRESSES_MAX addresses.
 */
#include "find/route.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "find/rdata.h"

/* An answer with addresses, as received. */
struct addresses {
	enum answer_status status;
	struct ip *ip;			/* owned */
	size_t n;
	unsigned ttl_s;
	bool cut;
};

/* Number of hosts of a hop that are queried at a time. */
enum { HOSTS_AT_ONCE = 3 };

struct host {
	struct hop_state *hop;
	atomic_uint unanswered;
	struct route_host *out;		/* of the route */
	struct addresses a, aaaa;
};

struct hop_state {
	struct find *find;
	struct route_hop *out;
	struct host *host;		/* owned, out->n_hosts of them */
	struct route_host *hosts;	/* finally owned by the route */
	atomic_size_t next;		/* next host to query */
	unsigned mxs;			/* MX records with a host */
	unsigned ttl_s;
	bool cut, failed;
};

/* A route under construction. Each look-up writes to its own part; pending
 * counts those in flight, plus one for the function that launches them. */
struct find {
	struct resolver *resolver;
	struct route *route;
	struct route_hop *hops;
	struct hop_state state[DESTINATION_HOPS_MAX];
	atomic_uint pending;
	void (*done)(void *arg, struct route *route);
	void *arg;
};

/* Frees all that a route points to, for route_free(). */
static void
hosts_free(const struct route_hop *hop)
{
	for (size_t i = 0; i < hop->n_hosts; i++) {
		free((void *)(uintptr_t)hop->host[i].a);
		free((void *)(uintptr_t)hop->host[i].aaaa);
	}
	free((void *)(uintptr_t)hop->host);
}

static bool
is_failure(enum answer_status s)
{
	return s == ANSWER_SERVFAIL || s == ANSWER_TIMEOUT || s == ANSWER_BOGUS;
}

/* Moves the addresses to the host in the route. */
static void
gather_addresses(struct route *r, const struct addresses *from,
    enum answer_status *status, const struct ip **ip, size_t *n)
{
	*status = from->status;
	*ip = from->ip;
	*n = from->n;
	r->cut |= from->cut;
	r->failed |= is_failure(from->status);
	if (from->ttl_s < r->ttl_s)
		r->ttl_s = from->ttl_s;
}

static void
gather_hop(struct route *r, struct hop_state *s)
{
	r->cut |= s->cut;
	r->failed |= s->failed;
	if (s->ttl_s < r->ttl_s)
		r->ttl_s = s->ttl_s;
	s->out->host = s->hosts;
	for (size_t i = 0; i < s->out->n_hosts; i++) {
		struct route_host *h = &s->hosts[i];

		gather_addresses(r, &s->host[i].a, &h->a_status, &h->a, &h->n_a);
		gather_addresses(r, &s->host[i].aaaa, &h->aaaa_status, &h->aaaa,
		    &h->n_aaaa);
	}
	free(s->host);
}

/* For stamps and log lines: the numbers and best host of the first hop. */
static void
count_first_hop(struct route *r, unsigned mxs)
{
	const struct route_hop *hop = &r->hop[0];
	const struct route_host *best = NULL;

	r->mxs = mxs;
	for (size_t i = 0; i < hop->n_hosts; i++) {
		const struct route_host *h = &hop->host[i];

		r->a += (unsigned)h->n_a;
		r->aaaa += (unsigned)h->n_aaaa;
		if (best == NULL && h->n_a + h->n_aaaa > 0)
			best = h;
	}
	if (best == NULL && hop->n_hosts > 0)
		best = &hop->host[0];
	if (best != NULL)
		memcpy(r->mx, best->name, sizeof r->mx);
}

/* One look-up has ended; the last one completes the route. */
static void
find_end(struct find *f)
{
	struct route *r = f->route;

	if (atomic_fetch_sub(&f->pending, 1) != 1)
		return;
	for (size_t i = 0; i < r->n_hops; i++)
		gather_hop(r, &f->state[i]);
	if (r->n_hops > 0)
		count_first_hop(r, f->state[0].mxs);
	f->done(f->arg, r);
	free(f);
}

static void
take_addresses(struct addresses *to, const struct answer *a, enum dns_type type)
{
	size_t max = a->n < ROUTE_ADDRESSES_MAX ? a->n : ROUTE_ADDRESSES_MAX;

	to->status = a->status;
	to->ttl_s = is_failure(a->status) ? 0 : a->ttl_s;
	to->cut = a->cut || a->n > max;
	if (a->status != ANSWER_DATA)
		return;
	to->ip = calloc(max > 0 ? max : 1, sizeof *to->ip);
	for (size_t i = 0; to->ip != NULL && i < max; i++) {
		if (rdata_ip(&a->rdata[i], type, &to->ip[to->n]) == 0)
			to->n++;
	}
	if (to->n == 0)
		to->status = to->ip != NULL ? ANSWER_NODATA : ANSWER_SERVFAIL;
}

static void
ask(struct find *f, const char *name, enum dns_type type,
    void (*then)(void *arg, const struct answer *a), void *arg)
{
	static const struct answer no_memory = { .status = ANSWER_SERVFAIL };

	if (resolver_ask_then(f->resolver, name, type, then, arg) != 0)
		then(arg, &no_memory);
}

/* A host that is an address: no query needed. */
static void
host_is_address(struct host *h, const struct ip *ip)
{
	struct addresses *to = ip->family == IP_4 ? &h->a : &h->aaaa;

	h->a.status = h->aaaa.status = ANSWER_NODATA;
	h->a.ttl_s = h->aaaa.ttl_s = UINT_MAX;
	to->ip = malloc(sizeof *to->ip);
	if (to->ip == NULL) {
		to->status = ANSWER_SERVFAIL;
		return;
	}
	*to->ip = *ip;
	to->n = 1;
	to->status = ANSWER_DATA;
}

static void hosts_ask_next(struct hop_state *s);

/* One answer of two; after the second, the next host is queried. */
static void
host_end(struct host *h)
{
	struct find *f = h->hop->find;

	if (atomic_fetch_sub(&h->unanswered, 1) == 1)
		hosts_ask_next(h->hop);
	find_end(f);
}

static void
on_a(void *arg, const struct answer *a)
{
	struct host *h = arg;

	take_addresses(&h->a, a, DNS_A);
	host_end(h);
}

static void
on_aaaa(void *arg, const struct answer *a)
{
	struct host *h = arg;

	take_addresses(&h->aaaa, a, DNS_AAAA);
	host_end(h);
}

/* Queries the addresses of the first host that has not been queried. */
static void
hosts_ask_next(struct hop_state *s)
{
	struct find *f = s->find;
	size_t n = s->out->n_hosts, i;

	while ((i = atomic_fetch_add(&s->next, 1)) < n) {
		struct host *h = &s->host[i];

		if (atomic_load(&h->unanswered) == 0)
			continue;
		ask(f, h->out->name, DNS_A, on_a, h);
		ask(f, h->out->name, DNS_AAAA, on_aaaa, h);
		return;
	}
}

/* Queries the addresses of every host of the hop, a few at a time, so that a
 * zone with many dead hosts takes no more than that of the shared room. */
static void
hosts_ask(struct hop_state *s)
{
	struct find *f = s->find;
	size_t n = s->out->n_hosts;

	s->host = calloc(n > 0 ? n : 1, sizeof *s->host);
	if (s->host == NULL) {
		s->out->n_hosts = 0;
		s->out->mx_status = ANSWER_SERVFAIL;
		s->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct host *h = &s->host[i];
		struct ip ip;

		h->hop = s;
		h->out = &s->hosts[i];
		if (ip_parse(h->out->name, &ip) == 0) {
			host_is_address(h, &ip);
			continue;
		}
		atomic_store(&h->unanswered, 2);
		atomic_fetch_add(&f->pending, 2);
	}
	for (int i = 0; i < HOSTS_AT_ONCE; i++)
		hosts_ask_next(s);
}

/* The name of the hop is its only host. */
static void
host_is_hop(struct hop_state *s)
{
	s->hosts = calloc(1, sizeof *s->hosts);
	if (s->hosts == NULL) {
		s->out->mx_status = ANSWER_SERVFAIL;
		s->failed = true;
		return;
	}
	memcpy(s->hosts->name, s->out->hop.host, sizeof s->hosts->name);
	s->out->n_hosts = s->mxs = 1;
	hosts_ask(s);
}

/* Inserts the host by preference, after those of equal preference; the worst
 * is dropped if there are too many. */
static void
host_insert(struct hop_state *s, const struct rdata_mx *mx)
{
	size_t n = s->out->n_hosts, at = n;

	while (at > 0 && s->hosts[at - 1].preference > mx->preference)
		at--;
	if (n == ROUTE_HOSTS_MAX) {
		s->cut = true;
		if (at == n)
			return;
		n--;
	}
	memmove(&s->hosts[at + 1], &s->hosts[at], (n - at) * sizeof *s->hosts);
	s->hosts[at] = (struct route_host){ .preference = mx->preference };
	memcpy(s->hosts[at].name, mx->host, sizeof mx->host);
	s->out->n_hosts = n + 1;
}

static void
take_mxs(struct hop_state *s, const struct answer *a)
{
	s->hosts = calloc(ROUTE_HOSTS_MAX, sizeof *s->hosts);
	if (s->hosts == NULL) {
		s->out->mx_status = ANSWER_SERVFAIL;
		s->failed = true;
		return;
	}
	s->cut |= a->cut;
	for (size_t i = 0; i < a->n; i++) {
		struct rdata_mx mx;

		if (rdata_mx(&a->rdata[i], &mx) != 0)
			continue;
		s->mxs += mx.host[0] != '\0';
		s->out->null_mx |= mx.host[0] == '\0';
		host_insert(s, &mx);
	}
	if (s->out->null_mx)
		s->out->n_hosts = s->mxs = 0;
	hosts_ask(s);
}

static void
on_mx(void *arg, const struct answer *a)
{
	struct hop_state *s = arg;

	s->out->mx_status = a->status;
	s->failed = is_failure(a->status);
	s->ttl_s = s->failed ? 0 : a->ttl_s;
	switch (a->status) {
	case ANSWER_DATA:
		take_mxs(s, a);
		break;
	case ANSWER_NODATA:
	case ANSWER_NXDOMAIN:
		s->out->implicit = true;
		host_is_hop(s);
		break;
	case ANSWER_SERVFAIL:
	case ANSWER_TIMEOUT:
	case ANSWER_BOGUS:
	case ANSWER_BAD_NAME:
		break;
	}
	find_end(s->find);
}

static struct find *
find_new(struct resolver *r, const char *nexthop)
{
	struct find *f = calloc(1, sizeof *f);
	struct hop hop[DESTINATION_HOPS_MAX];

	if (f == NULL)
		return NULL;
	f->resolver = r;
	f->route = calloc(1, sizeof *f->route);
	f->hops = calloc(DESTINATION_HOPS_MAX, sizeof *f->hops);
	if (f->route == NULL || f->hops == NULL) {
		free(f->hops);
		free(f->route);
		free(f);
		return NULL;
	}
	f->route->hop = f->hops;
	f->route->ttl_s = UINT_MAX;
	f->route->n_hops = destination_hops(nexthop, hop, &f->route->cut);
	for (size_t i = 0; i < f->route->n_hops; i++) {
		f->hops[i].hop = hop[i];
		f->state[i] = (struct hop_state){ .find = f, .out = &f->hops[i],
			.ttl_s = UINT_MAX };
	}
	return f;
}

void
route_find(struct resolver *r, const char *nexthop, bool no_mx,
    void (*done)(void *arg, struct route *route), void *arg)
{
	struct find *f = find_new(r, nexthop);
	size_t n;

	if (f == NULL) {
		done(arg, NULL);
		return;
	}
	f->done = done;
	f->arg = arg;
	n = f->route->n_hops;
	atomic_init(&f->pending, (unsigned)n + 1);
	for (size_t i = 0; i < n; i++) {
		struct hop_state *s = &f->state[i];

		if (s->out->hop.no_mx || no_mx) {
			host_is_hop(s);
			find_end(f);
		} else {
			ask(f, s->out->hop.host, DNS_MX, on_mx, s);
		}
	}
	find_end(f);
}

void
route_free(struct route **rp)
{
	struct route *r = *rp;

	if (r == NULL)
		return;
	*rp = NULL;
	for (size_t i = 0; i < r->n_hops; i++)
		hosts_free(&r->hop[i]);
	free((void *)(uintptr_t)r->hop);
	free(r);
}
