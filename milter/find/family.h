/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_FAMILY_H
#define WAYBILL_FIND_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"
#include "base/ip.h"
#include "find/destination.h"
#include "find/route.h"

/* Which address family smtp(8) tries first, by Postfix's own rule. Pure. */

enum family {
	FAMILY_IPV6, FAMILY_IPV4,
	FAMILY_EITHER,		/* a chance, see p6 */
	FAMILY_NONE,		/* nothing will be tried */
	FAMILY_UNKNOWN,
};

enum why {
	WHY_PREFER_IPV6, WHY_PREFER_IPV4, WHY_ANY, WHY_NO_AAAA, WHY_NO_A,
	WHY_NO_IPV6_HERE, WHY_NO_IPV4_HERE, WHY_NULL_MX, WHY_NXDOMAIN,
	WHY_NO_ADDRESS, WHY_MX_IS_ME, WHY_FILTERED, WHY_TIMEOUT, WHY_SERVFAIL,
	WHY_RELAY, WHY_LITERAL, WHY_TRANSPORT_MAPS, WHY_BUSY,
};

/* The words of waybill-log(7). */
const char *family_name(enum family f);
const char *family_why_name(enum why w);

/* smtp_address_preference */
enum family_preference {
	FAMILY_PREFER_ANY, FAMILY_PREFER_IPV6, FAMILY_PREFER_IPV4,
};

/* "any", "ipv4", "ipv6" (case folded); -1 for anything else. */
int family_preference_parse(const char *s, enum family_preference *out);

/* What applies to one transport: main.cf with its -o overrides in master.cf. */
struct family_rules {
	bool ipv4, ipv6;		/* inet_protocols has it */
	/* an attempt can leave this host: there is a route, and no enforced
	 * bind address that is missing */
	bool can_ipv4, can_ipv6;
	enum family_preference preference;
	bool randomize;			/* smtp_randomize_addresses */
	bool has_reply_filter;		/* smtp_dns_reply_filter is not empty */
	const struct ip *own;		/* inet_interfaces, proxy_interfaces */
	size_t n_own;
};

struct prediction {
	enum family family;
	enum why why;
	unsigned p6;		/* percent, with FAMILY_EITHER */
	/* the host that is tried first (the first in alphabetical order among
	 * equal ones), otherwise the best in DNS, otherwise "" */
	char mx[DOMAIN_SIZE];
};

/*
 * route is that of the destination's next hop, or NULL if it is not known;
 * absent is then the reason (WHY_TIMEOUT, WHY_BUSY, ...). An UNTOLD
 * destination gives unknown, a BAD one has no address; must not be called for
 * HERE.
 */
void family_predict(const struct destination *d, const struct route *route,
    enum why absent, const struct family_rules *rules, struct prediction *out);

#endif
