/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_DESTINATION_H
#define WAYBILL_FIND_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/domain.h"
#include "base/ip.h"

/*
 * Where a recipient's mail goes next: (its domain, transport, next hop). Pure:
 * derived from the recipient, from the macros {rcpt_host} and {rcpt_mailer},
 * and, if Postfix does not give them, from Postfix's configuration.
 */

enum { DESTINATION_NEXTHOP_SIZE = 512, DESTINATION_TRANSPORT_SIZE = 64 };

/* A service of master.cf that can be a transport. */
struct destination_service {
	const char *name;	/* "smtp4" */
	const char *command;	/* "smtp", "lmtp", "pipe", ...: the program */
};

/* Postfix's settings; strings as in main.cf, NULL is "". */
struct destination_rules {
	const char *relayhost;
	const char *default_transport;		/* "smtp", "smtp:[relay]:25" */
	const char *content_filter;		/* "transport:nexthop" */
	/* transport_maps is not empty */
	bool has_transport_maps;
	/* sender_dependent_relayhost_maps or
	 * sender_dependent_default_transport_maps is not empty */
	bool has_sender_maps;
	/* n_services of them; without any, */
	const struct destination_service *service;
	/* a transport is taken for the command with its name, an unknown one
	 * for smtp */
	size_t n_services;
	const char *const *local;	/* n_local domains that are */
	size_t n_local;		/* delivered here (mydestination, virtual) */
};

enum destination_kind {
	DESTINATION_REMOTE,	/* sent by smtp(8): a route can be found */
	/* local, virtual, lmtp, pipe, error, discard, retry: no destination */
	DESTINATION_HERE,
	DESTINATION_UNTOLD,	/* only a transport map could tell */
	DESTINATION_BAD,	/* no domain, or one that cannot be looked up */
};

struct destination {
	enum destination_kind kind;
	char domain[DOMAIN_SIZE];	/* A-label or "[literal]" */
	char transport[DESTINATION_TRANSPORT_SIZE];
	/* Postfix's form, names as A-labels; "": unknown */
	char nexthop[DESTINATION_NEXTHOP_SIZE];
	/* the next hop is not the domain itself: the destination will see the
	 * relay's address, and its MX hosts must not be stamped */
	bool is_relay;
	/* the domain is "[address]" and so is the hop */
	bool is_literal;
};

/*
 * rcpt_host and rcpt_mailer are the values of those macros, or NULL (mail from
 * sendmail(1), bounces). The same recipient domain with the same route gives
 * equal results, so a destination is identified by domain, transport and
 * nexthop.
 */
void destination_of(const struct address *recipient, const char *rcpt_host,
    const char *rcpt_mailer, const struct destination_rules *rules,
    struct destination *out);

bool destination_equal(const struct destination *a, const struct destination *b);

/* A parsed next hop. */
struct hop {
	char host[DOMAIN_SIZE];	/* A-label or address, without brackets */
	struct ip ip;		/* IP_NONE unless host is an address */
	bool no_mx;		/* "[host]": only its addresses */
	/* port 25, for which Postfix checks whether a host is itself */
	bool is_port_smtp;
};

/* Number of next hops in a list that are looked at; further ones are ignored,
 * and route.cut is set. */
enum { DESTINATION_HOPS_MAX = 8 };

/*
 * Parses "host", "[host]", "host:port", "[address]:service", and lists of
 * these separated by commas or blanks; invalid hosts are skipped. Returns how
 * many were written to out, which has room for DESTINATION_HOPS_MAX; *cut (may
 * be NULL) is set if there were more.
 */
size_t destination_hops(const char *nexthop, struct hop *out, bool *cut);

#endif
