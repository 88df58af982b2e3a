/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_SEEN_H
#define WAYBILL_TOOL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/domain.h"
#include "config/config.h"

/* Where our own mail goes, by the record: the destinations that got most. */

enum { SEEN_MAX = 100 };

struct seen_destination {
	char name[DOMAIN_SIZE];
	int64_t messages;
	bool over_ipv4, over_ipv6;	/* families of its attempts */
};

struct seen {
	struct seen_destination v[SEEN_MAX];	/* most messages first */
	size_t n;
	int64_t others;			/* destinations beyond these */
	int64_t other_messages;
};

/* "ipv4", "ipv6", "both", or NULL: none was reached. */
const char *seen_families(const struct seen_destination *d);

/*
 * Reads the record in a worker; this process stays what it is. To be called
 * before there are threads.
 * Returns an exit code; what is wrong was printed.
 */
int seen_read(const struct config *c, struct seen *out);

#endif
