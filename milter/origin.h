/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_ORIGIN_H
#define WAYBILL_ORIGIN_H

#include <stdbool.h>

#include "base/err.h"
#include "base/ip.h"
#include "config/config.h"

/* Why a message is outgoing; the words are those of origin= in the log. */
enum origin {
	ORIGIN_INCOMING,
	ORIGIN_AUTHENTICATED,
	ORIGIN_DAEMON,
	ORIGIN_CERTIFICATE,
	ORIGIN_LOCAL,
	ORIGIN_NETWORK,
};
const char *origin_name(enum origin o);

/* What Postfix reports about a message at MAIL. Strings may be NULL. */
struct origin_facts {
	const char *auth_type;		/* {auth_type} */
	const char *daemon_name;	/* {daemon_name} */
	const char *cert_subject;	/* {cert_subject} */
	const char *cert_issuer;	/* {cert_issuer} */
	const char *verify;		/* {verify}: Postfix does not have it */
	const char *queue_id;		/* i */
	const char *mail_arg;		/* argument of MAIL */
	struct ip client;		/* IP_NONE: not given */
	unsigned port;
};

/* The section "outgoing" of one configuration. Immutable. */
struct origin_rules;

/* loopback: the meaning of "auto" among the networks: true, loopback; false,
 * nothing. Returns NULL with err. */
struct origin_rules *origin_rules_new(const struct config *c, bool loopback,
    struct err *err);
void origin_rules_free(struct origin_rules **rules);

/* Returns true if a client with this address is in outgoing.networks. */
bool origin_network_is_listed(const struct origin_rules *rules,
    const struct ip *client);

/* Returns the first rule that matches. */
enum origin origin_of(const struct origin_rules *rules,
    const struct origin_facts *f);

#endif
