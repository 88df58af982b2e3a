/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SENDER_H
#define WAYBILL_FIND_SENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/text.h"
#include "find/family.h"
#include "find/postfix.h"

/*
 * How mail leaves this host: per transport and family the address that the
 * world sees, the name that smtp(8) says, and Postfix's rules for the family.
 * From the operator's words, else from Postfix, else from the kernel.
 * Immutable, reference counted.
 */

enum {
	SENDER_ADDRESSES_MAX = 16,	/* own outbound ones of a family */
	SENDER_OWN_MAX = 256,		/* of all interfaces and proxies */
	SENDER_TRANSPORT_SIZE = 64,
	SENDER_HELO_SIZE = 256,
	SENDER_HOPS_SIZE = 2 * DESTINATION_NEXTHOP_SIZE,
};

/* Where an address comes from. */
enum sender_source {
	SENDER_ABSENT,		/* there is none */
	SENDER_CONFIGURED,	/* sender.ipv4, sender.ipv6 */
	SENDER_BIND,		/* smtp_bind_address, smtp_bind_address6 */
	SENDER_INTERFACE,	/* the only one in inet_interfaces */
	SENDER_PROXY,		/* proxy_interfaces, the own one not being global */
	SENDER_KERNEL,		/* the kernel's choice */
};
const char *sender_source_name(enum sender_source s);

struct sender_family {
	struct ip ip;		/* as the world sees it; IP_NONE: none */
	enum sender_source source;
	bool is_global;		/* never take another one for the public one */
	/* Further configured ones, when none of them is local: the world sees
	 * ip or one of these. */
	struct ip other[SENDER_ADDRESSES_MAX];
	size_t n_others;
	struct ip local;	/* that mail leaves from on this host; IP_NONE:
				 * none can leave */
	bool bind_is_absent;	/* the bind address is none of this host's */
	bool differs;		/* ip is configured and local, which is global,
				 * is none of the configured ones: warning bind */
};

struct sender_transport {
	char name[SENDER_TRANSPORT_SIZE];
	struct sender_family ip4, ip6;
	char helo[SENDER_HELO_SIZE];	/* smtp_helo_name */
	bool no_mx;			/* it asks for no MX records */
	char fallback[DESTINATION_NEXTHOP_SIZE];	/* smtp_fallback_relay */
	struct family_rules rules;
};

/* The operator's words, sections "sender". */
struct sender_options {
	const struct text_list *ipv4;	/* "auto", "none" or addresses; NULL or
					 * empty: "auto" */
	const struct text_list *ipv6;
	const char *hostname;		/* "auto" or NULL, or a name */
	bool has_preference;		/* false: auto */
	enum family_preference preference;
};

struct sender;

/* Finds out; asks the kernel, sends nothing, blocks on nothing. p may be one
 * that isn't found: then Postfix's defaults hold. NULL without memory. */
struct sender *sender_new(const struct postfix *p,
    const struct sender_options *o);

struct sender *sender_hold(struct sender *s);
void sender_release(struct sender **s);

/* Is anything different, so that state and log should know? */
bool sender_equal(const struct sender *a, const struct sender *b);

/* host= of the stamp: the configured name, myhostname, or the kernel's. */
const char *sender_hostname(const struct sender *s);

/* A transport by its name in master.cf; one that isn't an smtp(8) service, or
 * NULL, gets the transport "smtp", which is always there. */
const struct sender_transport *sender_transport(const struct sender *s,
    const char *name);

/* The list of next hops that the transport will try, as route_find() takes it:
 * nexthop, then its fallback. out has SENDER_HOPS_SIZE bytes. */
void sender_hops(const struct sender_transport *t, const char *nexthop,
    char *out);

/* All of them. */
const struct sender_transport *sender_transports(const struct sender *s,
    size_t *n);

/* What this Postfix says about next hops that {rcpt_host} doesn't name. */
const struct destination_rules *sender_destinations(const struct sender *s);

/* Is it an address of this host: of an interface, of proxy_interfaces, loopback,
 * or one that the operator names? */
bool sender_is_own(const struct sender *s, const struct ip *ip);

/* Every own outbound address of a family, of all transports, each once, for
 * SPF and for records to publish. */
const struct ip *sender_addresses(const struct sender *s,
    enum ip_family family, size_t *n);

#endif
