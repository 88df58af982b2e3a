/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_FAKE_RESOLVER_H
#define WAYBILL_TESTS_FAKE_RESOLVER_H

#include <stdbool.h>

#include "find/resolver.h"

/*
 * resolver.h answered from a zone text; linked instead of resolver.c. Lines:
 *	NAME [TTL] A|AAAA ADDRESS
 *	NAME [TTL] MX PREFERENCE NAME	("." is the null MX)
 *	NAME [TTL] TXT "string" ...	(\" \\ \DDD inside)
 *	NAME [TTL] CNAME|PTR NAME
 *	NAME [TTL] TYPE \# HEX		(raw record data)
 *	NAME SERVFAIL|TIMEOUT|BOGUS|NODATA [TYPE]
 * "*.NAME" matches what has no records of its own; ";" begins a comment. TTL
 * is 300 without. A name that isn't there but has others below it has no data;
 * any other is NXDOMAIN. TIMEOUT is answered at once (resolver.c takes long).
 * A line that can't be read ends the test.
 */
struct resolver *fake_resolver_new(const char *zone);

/* How often name and type were asked for; type 0: all types, NULL: all names. */
unsigned fake_resolver_count(struct resolver *r, const char *name,
    enum dns_type type);

/* While it holds, no question is answered. Letting go answers those that wait
 * in the order in which they were asked, from this thread. */
void fake_resolver_hold(struct resolver *r, bool hold);

/* Questions for name (".NAME": for NAME and all below it) are never answered,
 * until the resolver is freed. */
void fake_resolver_silence(struct resolver *r, const char *name);

/* resolver_is_dead() */
void fake_resolver_kill(struct resolver *r, bool dead);

#endif
