/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_DESTINATION_H
#define WAYBILL_FIND_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/domain.h"
#include "base/ip.h"

/*
 * Where a recipient's mail goes next: (its domain, transport, next hop).
 * Pure: from the recipient, what Postfix says of it in {rcpt_host} and
 * {rcpt_mailer}, and what Postfix's configuration says where it doesn't.
 */

enum { DESTINATION_NEXTHOP_SIZE = 512, DESTINATION_TRANSPORT_SIZE = 64 };

/* One service of master.cf that can be a transport. */
struct destination_service {
	const char *name;	/* "smtp4" */
	const char *command;	/* "smtp", "lmtp", "pipe", ...: the program */
};

/* What this Postfix says; strings as main.cf has them, NULL is "". */
struct destination_rules {
	const char *relayhost;
	const char *default_transport;		/* "smtp", "smtp:[relay]:25" */
	const char *content_filter;		/* "transport:nexthop" */
	bool has_transport_maps;		/* transport_maps isn't empty */
	bool has_sender_maps;	/* sender_dependent_relayhost_maps or
				 * sender_dependent_default_transport_maps isn't */
	const struct destination_service *service;  /* n_services of them; none: */
	size_t n_services;	/* a transport is taken for the command it is
				 * named like, an unknown one for smtp */
	const char *const *local;	/* n_local names of domains that are */
	size_t n_local;		/* delivered here (mydestination, virtual) */
};

enum destination_kind {
	DESTINATION_REMOTE,	/* sent by smtp(8): a route can be found */
	DESTINATION_HERE,	/* local, virtual, lmtp, pipe, error, discard,
				 * retry: no destination */
	DESTINATION_UNTOLD,	/* only a transport map could tell */
	DESTINATION_BAD,	/* no domain, or nothing that could be asked for */
};

struct destination {
	enum destination_kind kind;
	char domain[DOMAIN_SIZE];	/* A-label or "[literal]" */
	char transport[DESTINATION_TRANSPORT_SIZE];
	char nexthop[DESTINATION_NEXTHOP_SIZE];	/* Postfix's form, names as
						 * A-labels; "": untold */
	bool is_relay;		/* the next hop isn't the domain itself: the
				 * domain will see the relay's address, and its
				 * MX hosts may not be stamped */
	bool is_literal;	/* the domain is "[address]" and so is the hop */
};

/*
 * rcpt_host and rcpt_mailer are those macros, or NULL (mail of sendmail(1),
 * bounces). The same recipient domain by the same way gives equal results,
 * so a destination is told by domain, transport and nexthop.
 */
void destination_of(const struct address *recipient, const char *rcpt_host,
    const char *rcpt_mailer, const struct destination_rules *rules,
    struct destination *out);

bool destination_equal(const struct destination *a, const struct destination *b);

/* A next hop taken apart. */
struct hop {
	char host[DOMAIN_SIZE];	/* A-label or address, without brackets */
	struct ip ip;		/* IP_NONE unless host is an address */
	bool no_mx;		/* "[host]": its addresses alone */
	bool is_port_smtp;	/* port 25: where Postfix looks for itself */
};

/* Next hops of one list that are looked at; further ones are left out, and
 * route.cut says so. */
enum { DESTINATION_HOPS_MAX = 8 };

/*
 * "host", "[host]", "host:port", "[address]:service", and lists of these with
 * commas or blanks between: what is no host is left out. How many were put
 * into out, which holds DESTINATION_HOPS_MAX; *cut (may be NULL) is set when
 * there were more.
 */
size_t destination_hops(const char *nexthop, struct hop *out, bool *cut);

#endif
