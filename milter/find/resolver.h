/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_RESOLVER_H
#define WAYBILL_FIND_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/*
 * DNS in one place (libunbound): one query in flight per name and type, a
 * bounded cache by TTL, bounded waits. Questions never block; answers are
 * immutable and reference counted.
 */

/* Values are those of the DNS. */
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
	ANSWER_BOGUS,		/* DNSSEC says that it is forged */
	ANSWER_BAD_NAME,	/* no such name can be asked for */
};
const char *answer_status_name(enum answer_status s);

struct rdata {
	const uint8_t *data;	/* belongs to the answer */
	size_t len;
};

/* More records of one answer than these are not kept (cut is set). */
enum { ANSWER_RECORDS_MAX = 256 };

struct answer {
	enum answer_status status;
	bool secure;		/* DNSSEC validated */
	bool cut;
	unsigned ttl_s;
	const char *canonical;	/* the name that CNAMEs led to, no final dot */
	size_t n;
	struct rdata *rdata;	/* in the order of the reply */
};

struct resolver_options {
	const struct text_list *servers;  /* "ADDR" or "ADDR@PORT"; empty: resolv_conf */
	const char *resolv_conf;	/* NULL: /etc/resolv.conf */
	const char *trust_anchor;	/* file; NULL or "": no validation */
	size_t cache_max;		/* entries; 0: the default */
	bool serve_local_zones;		/* false in all products: see resolver.c */
};

struct resolver;
struct question;

/* After the last fork. NULL with err. */
struct resolver *resolver_new(const struct resolver_options *o, struct err *err);
void resolver_free(struct resolver **r);

/* Asks, or joins who asks already, or finds it in the cache. Never blocks,
 * never NULL but without memory. resolver_done() gives it back. */
struct question *resolver_ask(struct resolver *r, const char *name,
    enum dns_type type);

/* Waits until it is answered or the deadline (clock_ms()). The answer belongs
 * to q; NULL at the deadline. */
const struct answer *resolver_wait(struct question *q, int64_t deadline_ms);

void resolver_done(struct question **q);

/* As resolver_ask(), but then(arg, answer) is called once, from the collector
 * thread or, when the answer is there, at once from this one; no lock is
 * held. It must not block. -1 without memory (then isn't called). */
int resolver_ask_then(struct resolver *r, const char *name, enum dns_type type,
    void (*then)(void *arg, const struct answer *a), void *arg);

/* Is DNS known to be dead (the last look-ups all ended without a word)? Then
 * nothing is worth waiting for; a probe goes on meanwhile. */
bool resolver_is_dead(struct resolver *r);

#endif
