/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_RECEIVED_H
#define WAYBILL_TOOL_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "tool/header.h"

/*
 * A received message, judged: what our stamps foretold beside what its receiver
 * says in Authentication-Results. Pure; nothing is asked of DNS.
 */

enum received_verdict { RECEIVED_AGREES, RECEIVED_DIFFERS, RECEIVED_UNKNOWN };
/* "agrees", "differs", "unknown". */
const char *received_verdict_name(enum received_verdict v);

/* One thing compared. Strings are owned, "" where there is nothing to say (NULL
 * without memory). */
struct received_row {
	const char *what;	/* "signature", "stamps", "address", "family",
				 * "spf", "dmarc", "other" */
	char *subject;		/* of whom: a domain, a selector */
	enum ip_family family;	/* IP_NONE: of none */
	char *stamped;
	char *told;
	char *by;		/* who tells */
	enum received_verdict verdict;
	char *meaning;		/* a sentence or two */
};

enum { RECEIVED_ROWS_MAX = 64 };

struct received {
	struct received_row v[RECEIVED_ROWS_MAX];
	size_t n;
	bool has_results;	/* there is an Authentication-Results that
				 * isn't older than the stamps */
	char *by;		/* its authserv-id; "" or NULL: none. Owned */
	bool is_cut;		/* the message has more than is looked at */
	bool lost;		/* no memory, or too many rows */
};

/* prefix: of the stamps' names, "X-Waybill-". received_free() afterwards. */
void received_judge(const struct header *h, const char *prefix,
    struct received *out);
void received_free(struct received *r);

#endif
