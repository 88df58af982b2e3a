/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_STORE_READ_H
#define WAYBILL_RECORD_STORE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/store.h"

/*
 * The questions that are asked of the record. Each hands its answers to a
 * function, one row a call; the row's strings are good during that call. The
 * function returns false when it wants no more. 0, or -1 with err.
 */

/* Which rows. NULL: any. */
struct store_query {
	int64_t from;		/* seconds since 1970; from <= time < to */
	int64_t to;
	const char *kind;
	const char *author;
	const char *dest;
	const char *provider;
	const char *family;
	const char *status;
	const char *class;
	const char *sender;	/* of rows only, and what follows */
	const char *qid;
	bool newest_first;	/* else in the order of time */
	long limit;		/* 0: none */
};

/* What a total is of. */
enum store_column {
	STORE_DAY = 1 << 0,	/* since 1970, in decimal */
	STORE_HOST = 1 << 1,
	STORE_KIND = 1 << 2,
	STORE_AUTHOR = 1 << 3,
	STORE_DEST = 1 << 4,
	STORE_PROVIDER = 1 << 5,
	STORE_FAMILY = 1 << 6,
	STORE_STATUS = 1 << 7,
	STORE_CLASS = 1 << 8,
};

struct store_total {
	const char *day;	/* "" each, where it isn't asked for */
	const char *host;
	const char *kind;
	const char *author;
	const char *dest;
	const char *provider;
	const char *family;
	const char *status;
	const char *class;
	int64_t messages;	/* pairs of message and destination */
	int64_t attempts;
	int64_t results;	/* of recipients */
	int64_t right;		/* first attempts as predicted, or not */
	int64_t wrong;
	int64_t delay_ms;	/* the longest of a result */
	int64_t first_second;
	int64_t last_second;
};

/*
 * Sums over a period, one row for each combination of the columns in by (of
 * STORE_x), in no order. Whole days are read from the daily totals, whatever
 * the number of rows behind them; a period that isn't of whole days is counted
 * from its rows.
 */
int store_totals(struct store *s, const struct store_query *q, unsigned by,
    bool (*got)(void *arg, const struct store_total *t), void *arg,
    struct err *err);

/* What happened last in each daily total of a status that isn't "sent". */
struct store_trouble {
	struct store_total total;
	const char *mx;
	const char *stage;
	const char *text;
};

/* In the order of last_second. q->from and q->to must be whole days. */
int store_troubles(struct store *s, const struct store_query *q,
    bool (*got)(void *arg, const struct store_trouble *t), void *arg,
    struct err *err);

int store_attempts(struct store *s, const struct store_query *q,
    bool (*got)(void *arg, const struct attempt *a), void *arg,
    struct err *err);

/* A message that waits for another attempt at a destination. */
struct store_queued_dest {
	const char *host;
	const char *qid;
	const char *dest;
	const char *provider;
	const char *family;	/* of the last attempt */
	const char *kind;
	const char *author;
	const char *class;
	int64_t second;		/* of the last attempt */
};

int store_queued_dests(struct store *s,
    bool (*got)(void *arg, const struct store_queued_dest *w), void *arg,
    struct err *err);

/* Lines that were kept, newest first; q: from, to, limit. */
int store_events(struct store *s, const struct store_query *q,
    bool (*got)(void *arg, int64_t second, const char *host, const char *name,
    const char *text), void *arg, struct err *err);

int store_counts(struct store *s, const char *name,
    bool (*got)(void *arg, const char *of, const char *and_of, int64_t n),
    void *arg, struct err *err);

/* The host that is furthest behind, and until when its log was read (0: never
 * said). */
int store_seen(struct store *s, char *host, size_t size, int64_t *second,
    struct err *err);

/* A number out of the store's text, 0 where there is none, within 9 * 10^12 on
 * either side of 0: the store may hold anything. */
int64_t store_number(const char *text);

#endif
