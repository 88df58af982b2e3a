/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_INQUIRY_H
#define WAYBILL_INQUIRY_H

#include <stdbool.h>

#include "base/err.h"
#include "base/ip.h"
#include "config/config.h"
#include "config/identity.h"
#include "config/keys.h"
#include "find/facts.h"
#include "key_memory.h"

/*
 * What waybilld asks DNS for, by one configuration: its resolver, its facts,
 * and the kinds of facts that there are. Thread-safe.
 *
 * What depends on an identity alone (its policy, its organizational domain,
 * its keys in DNS) is kept fresh from the beginning on.
 */
struct inquiry;

/* Starts threads: after the last fork and confinement. The arguments must
 * outlive it; memory, which may be NULL, notes what DNS says of keys. NULL with
 * err. */
struct inquiry *inquiry_new(const struct config *c,
    const struct identity_table *identities, struct key_memory *memory,
    struct err *err);

/* The memory that it was given. q may be NULL. */
struct key_memory *inquiry_key_memory(const struct inquiry *q);

/* Could it be begun by this configuration? Asks nobody. 0, or -1 with err. */
int inquiry_check(const struct config *c, struct err *err);

/* Every fact has been given back before. May take seconds: a thread that waits
 * for DNS is waited for. */
void inquiry_free(struct inquiry **q);

/*
 * One question each. Never block. The caller gives the fact back by
 * fact_done(); its result is of the type named. NULL without memory, with too
 * much in flight, or when q is NULL. party names who sends the message (see
 * facts_start()).
 */

/* struct route. hops: as route_find() takes them. */
struct fact *inquiry_route(struct inquiry *q, const char *hops, bool no_mx,
    const char *party);

/* Waits until the party may ask for another route (facts_wait_share()). */
bool inquiry_wait_share(struct inquiry *q, const char *party,
    int64_t deadline_ms);

/* The same if it needs no question, else NULL. */
struct fact *inquiry_known_route(struct inquiry *q, const char *hops,
    bool no_mx);

/* struct spf_finding; of domain and address (helo matters to macros alone). */
struct fact *inquiry_spf(struct inquiry *q, const char *domain,
    const struct ip *ip, const char *helo, const char *party);

/* struct dmarc_finding: policy and organizational domain. */
struct fact *inquiry_policy(struct inquiry *q, const char *domain,
    const char *party);

/* struct published_finding. */
struct fact *inquiry_published(struct inquiry *q, const struct key *key);

/* The same if it needs no question, else NULL. */
struct fact *inquiry_known_published(struct inquiry *q, const struct key *key);

#endif
