/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_REQUEST_H
#define WAYBILL_RECORD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/text.h"
#include "record/postfix_log.h"
#include "record/source.h"

/*
 * Delivery requests under way, one for each smtp(8) process, by tag and pid:
 * which request it serves, over which TLS, and which failures it has logged
 * that wait for the request's result. The table has a fixed size; the process
 * that spoke longest ago makes room.
 */

enum { REQUEST_HELD_MAX = 24, REQUEST_TEXT_MAX = 300 };

/* A failure that waits for its request's result. */
struct held {
	int64_t time_us;
	uint64_t identity;	/* of its line */
	enum postfix_line_kind kind;
	char qid[POSTFIX_QID_MAX + 1];	/* "" where the line had none */
	char mx[256];
	struct ip ip;
	char stage[16];
	char text[REQUEST_TEXT_MAX];	/* foreign, text_len bytes */
	size_t text_len;
	bool is_cut;
};

struct request {
	uint64_t key;		/* of tag and pid; 0: free */
	int64_t used_us;	/* when its process spoke last */
	char qid[POSTFIX_QID_MAX + 1];
	char before[32];	/* "a/b" of its delays=a/b/c/d */
	uint64_t dest;		/* hashes of its first result's words */
	uint64_t relay;
	struct ip tls_ip;
	char tls[64];
	bool tls_is_new;	/* made since the last result */
	struct held *v;		/* REQUEST_HELD_MAX, owned */
	unsigned n;
};

struct request_table;

struct request_table *request_table_new(void);	/* NULL without memory */
void request_table_free(struct request_table **t);

/* The request of the process that wrote this line. Belongs to the table. */
struct request *request_of(struct request_table *t,
    const struct source_line *line);

/* The process died: what it was doing is not known. */
void request_reset(struct request *r);

/* Holds the failure that l, read from line, tells of. Several lines of one
 * failure are held once, and the oldest makes room. */
void request_hold(struct request *r, const struct source_line *line,
    uint64_t identity, const struct postfix_line *l);

/* Gives up the failure held at index i. */
void request_drop_held(struct request *r, unsigned i);

/* The process has set up TLS. */
void request_tls(struct request *r, const struct postfix_line *l);

/* Takes the result l for dest. Is it the first one of a request? Then r is
 * that request from now on. */
bool request_begins(struct request *r, const struct postfix_line *l,
    const char *dest);

/* The time of the oldest failure that waits for a result, INT64_MAX without
 * one. now_us is the latest line's. A process that was silent for long has died,
 * and its result isn't waited for. */
int64_t request_oldest(struct request_table *t, int64_t now_us);

/* Appends what is known of each request, a line each, but not the failures that
 * are held: their lines are read again. */
void request_save(const struct request_table *t, int64_t now_us,
    struct text *out);

/* Takes back what request_save() wrote; text is trusted no more than the disk
 * that it was on. */
void request_restore(struct request_table *t, const char *text);

#endif
