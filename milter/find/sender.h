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
 * How mail leaves this host: for each transport and family the address that
 * other hosts see, the name that smtp(8) sends in EHLO, and Postfix's rules
 * for the family. Taken from the operator's settings, otherwise from Postfix,
 * otherwise from the kernel. Immutable, reference counted.
 */

enum {
	SENDER_ADDRESSES_MAX = 16,	/* outbound ones of a family */
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
	/* proxy_interfaces; the local one is not global */
	SENDER_PROXY,
	SENDER_KERNEL,		/* the kernel's choice */
};
const char *sender_source_name(enum sender_source s);

struct sender_family {
	struct ip ip;		/* as other hosts see it; IP_NONE: none */
	enum sender_source source;
	/* if false, never treated as the public address */
	bool is_global;
	/* Further configured ones, if none of them is local: other hosts see
	 * ip or one of these. */
	struct ip other[SENDER_ADDRESSES_MAX];
	size_t n_others;
	/* the local address that mail leaves from; IP_NONE: none can leave */
	struct ip local;
	bool bind_is_absent;	/* the bind address is not one of this host's */
	/* ip is configured, but local is global and not among the configured
	 * ones: warning bind */
	bool differs;
};

struct sender_transport {
	char name[SENDER_TRANSPORT_SIZE];
	struct sender_family ip4, ip6;
	char helo[SENDER_HELO_SIZE];	/* smtp_helo_name */
	bool no_mx;			/* it does not look up MX records */
	/* smtp_fallback_relay */
	char fallback[DESTINATION_NEXTHOP_SIZE];
	struct family_rules rules;
};

/* The operator's settings, section "sender". */
struct sender_options {
	const struct text_list *ipv4;	/* "auto", "none" or addresses; NULL or
					 * empty: "auto" */
	const struct text_list *ipv6;
	const char *hostname;		/* "auto" or NULL, or a name */
	bool has_preference;		/* false: auto */
	enum family_preference preference;
};

struct sender;

/* Collects everything; uses the kernel, sends nothing, never blocks. p may be
 * one that was not found: then Postfix's defaults apply. Returns NULL without
 * memory. */
struct sender *sender_new(const struct postfix *p,
    const struct sender_options *o);

struct sender *sender_hold(struct sender *s);
void sender_release(struct sender **s);

/*
 * Returns false if anything differs that the state and the log should reflect.
 */
bool sender_equal(const struct sender *a, const struct sender *b);

/* host= of the stamp: the configured name, myhostname, or the kernel's. */
const char *sender_hostname(const struct sender *s);

/* Returns the transport with this name in master.cf; for NULL or one that is
 * not an smtp(8) service, the transport "smtp", which always exists. */
const struct sender_transport *sender_transport(const struct sender *s,
    const char *name);

/* The list of next hops that the transport will try, in the format of
 * route_find(): nexthop, then its fallback. out has SENDER_HOPS_SIZE bytes. */
void sender_hops(const struct sender_transport *t, const char *nexthop,
    char *out);

/* All of them. */
const struct sender_transport *sender_transports(const struct sender *s,
    size_t *n);

/* What this Postfix says about next hops if {rcpt_host} is not given. */
const struct destination_rules *sender_destinations(const struct sender *s);

/* Returns true for an address of this host: of an interface, of
 * proxy_interfaces, loopback, or one that the operator configured. */
bool sender_is_own(const struct sender *s, const struct ip *ip);

/* Every outbound address of a family, of all transports, each once, for SPF
 * and for the records to publish. */
const struct ip *sender_addresses(const struct sender *s,
    enum ip_family family, size_t *n);

#endif
