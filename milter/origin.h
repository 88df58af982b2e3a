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

/* What Postfix says of a message at MAIL. Strings may be NULL. */
struct origin_facts {
	const char *auth_type;		/* {auth_type} */
	const char *daemon_name;	/* {daemon_name} */
	const char *cert_subject;	/* {cert_subject} */
	const char *cert_issuer;	/* {cert_issuer} */
	const char *verify;		/* {verify}: Postfix hasn't got it */
	const char *queue_id;		/* i */
	const char *mail_arg;		/* argument of MAIL */
	struct ip client;		/* IP_NONE: none was given */
	unsigned port;
};

/* The section "outgoing" of one configuration. Immutable. */
struct origin_rules;

/* loopback: what "auto" among the networks stands for: true, loopback; false,
 * nothing. NULL with err. */
struct origin_rules *origin_rules_new(const struct config *c, bool loopback,
    struct err *err);
void origin_rules_free(struct origin_rules **rules);

/* Is a client of this address in outgoing.networks? */
bool origin_network_is_listed(const struct origin_rules *rules,
    const struct ip *client);

/* The first rule that holds. */
enum origin origin_of(const struct origin_rules *rules,
    const struct origin_facts *f);

#endif
