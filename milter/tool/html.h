/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_HTML_H
#define WAYBILL_TOOL_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "record/reply.h"
#include "record/store.h"
#include "tool/report.h"

/* The report as a page: one file, without script, that loads nothing. */

/* Numbers of one thing, or of a pair. */
struct html_count {
	char *name;		/* owned, as is of; both foreign */
	char *of;		/* "" */
	int64_t n[3];
};

struct html_counts {
	struct html_count *v;	/* owned */
	size_t n;
};

struct html_page {
	const struct report *report;	/* not owned */
	const char *host;		/* "" */
	int64_t now;			/* seconds: when it is made */
	struct html_counts days;	/* name: day since 1970; attempts over
					 * IPv6, IPv4, without an address; the
					 * order is that of time */
	struct html_counts bounced;	/* provider and class: results; most
					 * first, as is what follows */
	struct html_counts bouncers;	/* provider: results */
	struct html_counts classes;	/* class: results */
	struct html_counts used;	/* provider and family that was used:
					 * predicted right, wrong, not compared */
	bool lost;			/* memory ran out: something lacks */
};

/* Asks the store for what the report hasn't got; report, host and now are set
 * already. 0, or -1 with err; html_free() in both cases. */
int html_gather(struct store *s, struct html_page *p, struct err *err);

/* The day since 1970 that one of days is. */
int64_t html_day(const struct html_count *c);

/* Writes the page. rules may be NULL. */
void html_write(const struct html_page *p, struct reply_rules *rules,
    FILE *out);

void html_free(struct html_page *p);

#endif
