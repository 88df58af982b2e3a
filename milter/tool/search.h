/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_SEARCH_H
#define WAYBILL_TOOL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/postfix_log.h"
#include "record/source.h"

/*
 * The messages of a person, out of the lines of a log, oldest line first. What
 * is held has bounds, whatever the log has: SEARCH_FOUND_MAX messages, the
 * newest of them, SEARCH_LIVE_MAX in the queue at once, SEARCH_RESULTS_MAX
 * results of one, and SEARCH_BYTES_MAX for all. What had to go is counted.
 */
enum {
	SEARCH_FOUND_MAX = 20000,
	SEARCH_LIVE_MAX = 50000,
	SEARCH_RESULTS_MAX = 1000,
	SEARCH_TEXT_MAX = 400,		/* bytes kept of a reply */
	SEARCH_BYTES_MAX = 128 * 1024 * 1024,
};

/* Addresses as typed: a mailbox, "@domain", a bare domain or local part, "<>";
 * NULL: anybody. They must outlive the search. */
struct search_wish {
	const char *from;
	const char *to;
	int64_t since_us;
};

/* What became of one recipient; strings owned. */
struct search_result {
	int64_t time_us;
	char *to;
	char *status;
	char *mx;
	char *ip;
	char *dsn;
	char *text;
};

struct search_message {
	struct search_message *next;	/* of its bucket */
	struct search_message *newer, *older;
	char qid[POSTFIX_QID_MAX + 1];	/* "" rejected at the door */
	int64_t time_us;
	uint64_t order;			/* of those that began at one time */
	char *from;			/* owned; NULL: not known yet */
	char *by;			/* login; owned; NULL: none */
	struct search_result *v;	/* those wished for; owned */
	size_t n;
	size_t left_out;		/* results over the bound */
	size_t bytes;			/* all that it takes, about */
	bool has_left;			/* the queue */
};

struct search;

/* NULL without memory. */
struct search *search_new(const struct search_wish *w);
void search_free(struct search **s);

void search_line(struct search *s, const struct source_line *line);

/* No more comes: what is in the queue still is taken as it is, and all is
 * sorted by time. 0; -1 without memory. */
int search_end(struct search *s);

/* What was found, after search_end(). */
size_t search_count(const struct search *s);
const struct search_message *search_at(const struct search *s, size_t i);

/* How many that were found had to go, the oldest first; and how many weren't
 * followed until they left the queue. */
size_t search_left_out(const struct search *s);
size_t search_cut_short(const struct search *s);

#endif
