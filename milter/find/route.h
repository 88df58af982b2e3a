/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_ROUTE_H
#define WAYBILL_FIND_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"
#include "base/ip.h"
#include "find/destination.h"
#include "find/resolver.h"

/*
 * What DNS says about the route to a next hop: MX hosts by preference (RFC
 * 5321, 5.1), null MX (RFC 7505), implicit MX, the A and AAAA records of each
 * host. Facts only; family.h has the rule for which of them Postfix uses.
 */

/* The number of MX hosts of a hop whose addresses are looked up, the best
 * ones; and of addresses kept per host and family. Anything beyond sets cut. */
enum { ROUTE_HOSTS_MAX = 20, ROUTE_ADDRESSES_MAX = 32 };

struct route_host {
	char name[DOMAIN_SIZE];
	unsigned preference;
	enum answer_status a_status, aaaa_status;
	const struct ip *a, *aaaa;	/* owned by the route */
	size_t n_a, n_aaaa;
};

/* One hop of the list of next hops. */
struct route_hop {
	struct hop hop;
	/* ANSWER_DATA if no MX query is made */
	enum answer_status mx_status;
	bool null_mx;
	bool implicit;		/* no MX record: the name itself is the host */
	const struct route_host *host;	/* by preference, then in reply order */
	size_t n_hosts;		/* 0 with ANSWER_DATA: no MX names a host */
};

struct route {
	const struct route_hop *hop;
	size_t n_hops;
	/* of the first hop: number of MX hosts in DNS (1 for an implicit MX or
	 * "[host]"), and of their addresses */
	unsigned mxs, a, aaaa;
	/* best host of the first hop that has an address, otherwise the best,
	 * otherwise "" */
	char mx[DOMAIN_SIZE];
	bool cut;		/* the limits were exceeded */
	bool failed;		/* a look-up ended without an answer */
	unsigned ttl_s;		/* the lowest of all answers */
};

/*
 * Finds the route to nexthop (destination.h; "[host]:port", lists). no_mx:
 * this transport does not use MX (disable_dns_lookups and the like). Never
 * blocks: done(arg, route) is called once, from the collector's thread or
 * immediately from this one, and takes ownership of the route (route_free());
 * it must not block. route is NULL without memory.
 */
void route_find(struct resolver *r, const char *nexthop, bool no_mx,
    void (*done)(void *arg, struct route *route), void *arg);

void route_free(struct route **route);

#endif
