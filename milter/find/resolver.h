/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_RESOLVER_H
#define WAYBILL_FIND_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/*
 * DNS look-ups (libunbound): one query in flight per name and type, a bounded
 * cache by TTL, bounded waits. Questions never block; answers are immutable
 * and reference counted.
 */

/* The values are those of DNS. */
enum dns_type {
	DNS_A = 1, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28,
	DNS_TLSA = 52,
};

enum answer_status {
	ANSWER_DATA,
	ANSWER_NODATA,
	ANSWER_NXDOMAIN,
	ANSWER_SERVFAIL,	/* and every other failure of a server */
	ANSWER_TIMEOUT,		/* nobody answered in time */
	ANSWER_BOGUS,		/* DNSSEC validation failed */
	ANSWER_BAD_NAME,	/* the name cannot be queried */
};
const char *answer_status_name(enum answer_status s);

struct rdata {
	const uint8_t *data;	/* owned by the answer */
	size_t len;
};

/* Records of one answer beyond this number are not kept (cut is set). */
enum { ANSWER_RECORDS_MAX = 256 };

struct answer {
	enum answer_status status;
	bool secure;		/* DNSSEC validated */
	bool cut;
	unsigned ttl_s;
	const char *canonical;	/* the target of CNAMEs, no final dot */
	size_t n;
	struct rdata *rdata;	/* in the order of the reply */
};

struct resolver_options {
	/* "ADDR" or "ADDR@PORT"; empty: resolv_conf */
	const struct text_list *servers;
	const char *resolv_conf;	/* NULL: /etc/resolv.conf */
	const char *trust_anchor;	/* file; NULL or "": no validation */
	size_t cache_max;		/* entries; 0: the default */
	/* false in production: see resolver.c */
	bool serve_local_zones;
};

struct resolver;
struct question;

/* Call it after the last fork. Returns NULL with err. */
struct resolver *resolver_new(const struct resolver_options *o, struct err *err);
void resolver_free(struct resolver **r);

/* Sends a query, joins one in flight, or finds it in the cache. Never blocks.
 * Returns NULL only without memory. Release it with resolver_done(). */
struct question *resolver_ask(struct resolver *r, const char *name,
    enum dns_type type);

/* Waits until it is answered or the deadline (clock_ms()) is reached. The
 * answer is owned by q; NULL at the deadline. */
const struct answer *resolver_wait(struct question *q, int64_t deadline_ms);

void resolver_done(struct question **q);

/* As resolver_ask(), but calls then(arg, answer) once, from the collector
 * thread or, if the answer is available, immediately from this one, with no
 * lock held. It must not block. Returns -1 without memory (then is not
 * called). */
int resolver_ask_then(struct resolver *r, const char *name, enum dns_type type,
    void (*then)(void *arg, const struct answer *a), void *arg);

/* Returns true if DNS is known to be dead (the last look-ups all ended without
 * an answer). Then there is nothing worth waiting for; probing continues. */
bool resolver_is_dead(struct resolver *r);

#endif
