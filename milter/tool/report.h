/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_REPORT_H
#define WAYBILL_TOOL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/store.h"

/*
 * What became of mail in a period, gathered from the record: for the report on
 * a terminal, as a page, and for the digest.
 */

enum report_by {
	REPORT_DESTINATION, REPORT_PROVIDER, REPORT_FAMILY, REPORT_CLASS,
	REPORT_AUTHOR, REPORT_DAY, REPORT_BYS,
};
/* "destination", ... */
const char *report_by_name(enum report_by by);

struct report_options {
	int64_t from;		/* seconds; whole days answer at once */
	int64_t to;
	enum report_by by;
	bool with_forwarded;	/* and bounces */
};

/* One line of the table. Counts of results are of recipients. */
struct report_group {
	char *name;		/* "" unknown; owned, as are all strings here */
	char *family;		/* of destinations and providers; "" */
	int64_t messages;
	int64_t attempts;
	int64_t sent;
	int64_t queued;		/* now */
	int64_t deferred;	/* attempts that were answered "later" */
	int64_t bounced;
	int64_t expired;	/* too long in the queue, returned */
	int64_t right;		/* predictions */
	int64_t wrong;
	int64_t before;		/* messages of the period before */
};

/* What can go wrong, the worst first. */
enum report_wrong { REPORT_BOUNCED, REPORT_EXPIRED, REPORT_DEFERRED,
	REPORT_WRONGS };

/* Of an attempt's status; REPORT_WRONGS where nothing went wrong. */
enum report_wrong report_wrong_of(const char *status);

/* What went wrong in one way at one destination. */
struct report_trouble {
	char *dest;
	char *provider;
	char *family;
	char *class;
	char *mx;		/* these three of the last one */
	char *stage;
	char *text;
	enum report_wrong wrong;
	int64_t n;		/* results; of REPORT_DEFERRED attempts */
	int64_t of;		/* results of all kinds there */
	int64_t sent;		/* recipients that got it, over any family */
	int64_t delay_ms;	/* the longest that one of them waited */
	int64_t first_second;
	int64_t last_second;
};

struct report {
	struct report_options o;
	struct report_group *groups;	/* most messages first */
	size_t n_groups;
	struct report_trouble *troubles;	/* worst first, most first */
	size_t n_troubles;
	struct report_group sum;	/* of all groups, without name */
	int64_t forwarded;		/* messages, counted or not */
	int64_t bounces;
	bool lost;			/* memory ran out: counts are low */
};

/* The whole days (UTC) that end with today and hold the last ms milliseconds;
 * for less than two days exactly these. */
void report_period(int64_t now, int64_t since_ms, struct report_options *o);

/* 0, or -1 with err. report_free() in both cases. */
int report_gather(struct store *s, const struct report_options *o,
    struct report *r, struct err *err);
void report_free(struct report *r);

#endif
