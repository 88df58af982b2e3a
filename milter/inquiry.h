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
 * The DNS look-ups of waybilld for one configuration: its resolver, its facts,
 * and the kinds of facts. Thread-safe.
 *
 * What depends only on an identity (its policy, its organizational domain, its
 * keys in DNS) is kept fresh from the beginning.
 */
struct inquiry;

/* Starts threads: call it after the last fork and confinement. The arguments
 * must outlive it. memory, which may be NULL, records what DNS says about
 * keys. Returns NULL with err. */
struct inquiry *inquiry_new(const struct config *c,
    const struct identity_table *identities, struct key_memory *memory,
    struct err *err);

/* The memory given to inquiry_new(). q may be NULL. */
struct key_memory *inquiry_key_memory(const struct inquiry *q);

/* Checks whether this configuration can be used, without look-ups. Returns 0,
 * or -1 with err. */
int inquiry_check(const struct config *c, struct err *err);

/* All facts must have been released before. May take seconds, because it waits
 * for threads that wait for DNS. */
void inquiry_free(struct inquiry **q);

/*
 * One look-up each. Never block. The caller releases the fact with
 * fact_done(); the comments name the type of its result. NULL without memory,
 * if too much is in flight, or if q is NULL. party names who sends the message
 * (see facts_start()).
 */

/* struct route. hops: as for route_find(). */
struct fact *inquiry_route(struct inquiry *q, const char *hops, bool no_mx,
    const char *party);

/*
 * Waits until the party may start another route look-up (facts_wait_share()).
 */
bool inquiry_wait_share(struct inquiry *q, const char *party,
    int64_t deadline_ms);

/* The same if no query is needed, otherwise NULL. */
struct fact *inquiry_known_route(struct inquiry *q, const char *hops,
    bool no_mx);

/* struct spf_finding; for domain and address (helo matters only to macros). */
struct fact *inquiry_spf(struct inquiry *q, const char *domain,
    const struct ip *ip, const char *helo, const char *party);

/* struct dmarc_finding: policy and organizational domain. */
struct fact *inquiry_policy(struct inquiry *q, const char *domain,
    const char *party);

/* struct published_finding. */
struct fact *inquiry_published(struct inquiry *q, const struct key *key);

/* The same if no query is needed, otherwise NULL. */
struct fact *inquiry_known_published(struct inquiry *q, const struct key *key);

#endif
