/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_ZONE_H
#define WAYBILL_TESTS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/domain.h"

/*
 * What DNS has, from a text. Lines:
 *	NAME [TTL] [SECURE] A|AAAA ADDRESS
 *	NAME [TTL] [SECURE] MX PREFERENCE NAME	("." is the null MX)
 *	NAME [TTL] [SECURE] TXT "string" ...	(\" \\ \DDD inside)
 *	NAME [TTL] [SECURE] CNAME|PTR NAME
 *	NAME [TTL] [SECURE] TYPE \# HEX		(raw record data)
 *	NAME [TTL] NXDOMAIN|NODATA|SERVFAIL|REFUSED|TIMEOUT|BOGUS [TYPE]
 * "*.NAME" matches what has no records of its own; ";" begins a comment; \DDD
 * is a byte of a name. TTL is 300 without. A name without records
 * that has others below it has no data; any other is NXDOMAIN. TIMEOUT: its
 * servers do not answer, and libunbound gives up in the end. SECURE: validated
 * by DNSSEC. A line that cannot be parsed ends the test.
 */
struct zone;

/* The caller frees with zone_free(). Memory is asserted. */
struct zone *zone_parse(const char *text);
void zone_free(struct zone **z);

enum { ZONE_RECORDS_MAX = 512 };

struct zone_answer {
	int rcode;		/* of DNS: 0, 2, 3 or 5 */
	bool is_silent;		/* rcode 2, after a long time */
	bool bogus, secure;
	unsigned ttl_s;		/* 0 for failures */
	char canonical[DOMAIN_SIZE];	/* where CNAMEs lead */
	size_t n;
	const uint8_t *data[ZONE_RECORDS_MAX];	/* owned by the zone */
	size_t len[ZONE_RECORDS_MAX];
};

/* type is the number that DNS has for it. */
void zone_answer(const struct zone *z, const char *name, int type,
    struct zone_answer *out);

/* Copies name without final dot, each \DDD as its byte; out has size bytes. */
void zone_name(const char *name, char *out, size_t size);

#endif
