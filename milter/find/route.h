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
 * What DNS says about the way to a next hop: MX hosts by preference (RFC
 * 5321, 5.1), null MX (RFC 7505), implicit MX, the A and AAAA records of each
 * host. Facts only; which of them Postfix takes is family.h's rule.
 */

/* MX hosts of a hop whose addresses are asked for, the best ones; addresses
 * kept of a host and family. What is beyond sets cut. */
enum { ROUTE_HOSTS_MAX = 20, ROUTE_ADDRESSES_MAX = 32 };

struct route_host {
	char name[DOMAIN_SIZE];
	unsigned preference;
	enum answer_status a_status, aaaa_status;
	const struct ip *a, *aaaa;	/* belong to the route */
	size_t n_a, n_aaaa;
};

/* One hop of the next hop's list. */
struct route_hop {
	struct hop hop;
	enum answer_status mx_status;	/* ANSWER_DATA where no MX is asked for */
	bool null_mx;
	bool implicit;		/* no MX record: the name itself is the host */
	const struct route_host *host;	/* by preference, then in reply order */
	size_t n_hosts;		/* 0 with ANSWER_DATA: no MX names a host */
};

struct route {
	const struct route_hop *hop;
	size_t n_hops;
	unsigned mxs, a, aaaa;	/* of the first hop: MX hosts in DNS (1 for an
				 * implicit MX or "[host]"), their addresses */
	char mx[DOMAIN_SIZE];	/* best host of the first hop that has an
				 * address, else the best, else "" */
	bool cut;		/* there was more than the bounds allow */
	bool failed;		/* a look-up ended without an answer */
	unsigned ttl_s;		/* the least of all answers */
};

/*
 * Finds the route to nexthop (destination.h; "[host]:port", lists). no_mx:
 * this transport asks for no MX (disable_dns_lookups and the like). Never
 * blocks: done(arg, route) is called once, from the collector's thread or at
 * once from this one, and owns the route (route_free()); it must not block.
 * route is NULL without memory.
 */
void route_find(struct resolver *r, const char *nexthop, bool no_mx,
    void (*done)(void *arg, struct route *route), void *arg);

void route_free(struct route **route);

#endif
